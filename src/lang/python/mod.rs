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

use super::{CompiledQuery, FileFacts, descent};

/// Fills `facts` from its text.
pub(super) fn read(facts: &mut FileFacts, queries: &[CompiledQuery]) {
    descent::read(facts, queries, descent::as_written, walk::translate);
}
