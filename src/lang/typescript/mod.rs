//! TypeScript, TSX, JavaScript, JSX. Enters: the text of one file. Leaves: its neutral tree, comments and query matches. Broken text
//! gives what could be understood; its other places are counted.

use super::{CompiledQuery, FileFacts, ParseHealth, parse, queries};

/// Fills `facts` from its text.
pub(super) fn read(facts: &mut FileFacts, queries: &[CompiledQuery]) {
    match parse::parse(facts.language, &facts.text) {
        Err(reason) => facts.health = ParseHealth::Failed(reason),
        Ok(tree) => {
            let (matches, _whole) = queries::run(facts.language, &tree, &facts.text, queries);
            facts.matches = matches;
        }
    }
}
