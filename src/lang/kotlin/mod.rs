//! Kotlin. Enters: the text of one file. Leaves: its neutral tree, comments and query matches. Broken text gives what could be
//! understood; its other places are counted.

use super::tree::Syntax;
use super::{CompiledQuery, FileFacts, ParseHealth, parse, queries};
use crate::source::Bytes;

/// Fills `facts` from its text.
pub(super) fn read(facts: &mut FileFacts, queries: &[CompiledQuery]) {
    let tree = match parse::parse(facts.language, &facts.text) {
        Ok(tree) => tree,
        Err(reason) => {
            facts.health = ParseHealth::Failed(reason);
            return;
        }
    };
    let root = facts
        .tree
        .add(Bytes::new(0, facts.text.len()), Syntax::Block(Vec::new()));
    facts.tree.set_root(root);
    let (matches, all_matches) = queries::run(facts.language, &tree, &facts.text, queries);
    if !all_matches {
        facts.health = ParseHealth::Partial(1);
    }
    facts.matches = matches;
}
