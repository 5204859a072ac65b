//! TypeScript, TSX, JavaScript, JSX. Enters: the text of one file. Leaves: its neutral tree, comments and query matches. Broken text
//! gives what could be understood; its other places are counted.

mod functions;
mod items;
mod kinds;
mod markup;
mod modules;
mod spelling;
mod statements;
mod text;
mod types;
mod values;
mod walk;

#[cfg(test)]
mod tests;

use super::{CompiledQuery, FileFacts, descent};

/// Fills `facts` from its text.
pub(super) fn read(facts: &mut FileFacts, queries: &[CompiledQuery]) {
    let language = facts.language;
    descent::read(facts, queries, spelling::readable, |text, tree| {
        walk::translate(language, text, tree)
    });
}
