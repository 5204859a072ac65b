//! Go. Enters: the text of one file. Leaves: its neutral tree, comments and query matches. Broken text gives what could be understood;
//! its other places are counted.
//!
//! What a reader of the tree should know:
//! - an import gives out the whole package (`*`) under the package's name; what a file of the package declares is seen by its other
//!   files without an import, which is for [`crate::index`] to know;
//! - a method is a [`Syntax::Impl`](super::tree::Syntax::Impl) of its own: the receiver as a `let` in a
//!   [`Syntax::Other`](super::tree::Syntax::Other), then the function;
//! - `if x := f(); x {…}` is a block of the statement and the `if`; a `switch` without a subject has `true` for one;
//! - `a, err := f()` takes a list apart; `return a, nil` gives one;
//! - the keys of a map literal are expressions, those of a struct literal are names; a struct literal without keys is a construction, or has
//!   the names of the fields where the file declares them; `[]T{…}` is a list in a cast;
//! - each `key:"text"` of a struct tag is a decorator of the field: `key("text")`, with the texts that state a default beside it;
//! - `//go:build a && !b` is a decorator `go:build(a && !b)` at the head of the file.

mod build;
mod expressions;
mod items;
mod literals;
mod spelling;
mod statements;
mod tags;
mod text;
mod types;

#[cfg(test)]
mod tests;

use super::{CompiledQuery, FileFacts, descent};

/// Fills `facts` from its text.
pub(super) fn read(facts: &mut FileFacts, queries: &[CompiledQuery]) {
    descent::read(facts, queries, spelling::readable, build::translate);
}
