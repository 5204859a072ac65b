//! Python. Enters: the text of one file. Leaves: its neutral tree, comments and query matches. Broken text gives what could be
//! understood; its other places are counted.

mod comprehensions;
mod functions;
mod items;
mod modules;
mod statements;
mod text;
mod values;
mod walk;

#[cfg(test)]
mod tests;

use super::{CompiledQuery, FileFacts, ParseHealth, parse, queries};

/// Fills `facts` from its text.
pub(super) fn read(facts: &mut FileFacts, queries: &[CompiledQuery]) {
    let tree = match parse::parse(facts.language, &facts.text) {
        Ok(tree) => tree,
        Err(reason) => {
            facts.health = ParseHealth::Failed(reason);
            return;
        }
    };
    let translated = walk::translate(&facts.text, &tree);
    let (matches, all_matches) = queries::run(facts.language, &tree, &facts.text, queries);
    let gaps = translated.gaps + u32::from(!all_matches);
    if gaps > 0 {
        facts.health = ParseHealth::Partial(gaps);
    }
    facts.tree = translated.tree;
    facts.comments = translated.comments;
    facts.matches = matches;
}
