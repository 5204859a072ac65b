//! Rust. Enters: the text of one file. Leaves: its neutral tree, comments and query matches. Knows nothing of Cargo, flags or other
//! files.
//!
//! `syn` reads a file exactly as the compiler does, macros' tokens included, but refuses the whole of it for one syntax error and
//! aborts the process on deep nesting. So a scan bounds the nesting first, the parser runs on a thread with a stack of its own, and
//! what `syn` refuses is cut into pieces along tree-sitter's tree; the pieces that `syn` does read are translated by the same code.
//!
//! What a reader of the tree should know:
//! - an attribute on something that has no slot for it (a statement, a constant, a match arm) is a [`Syntax::Other`] of
//!   the [`Syntax::Decorator`]s and the thing: the region of an attribute is always its parent node;
//! - lint and documentation attributes leave no node;
//! - `pub` items stand in a [`Syntax::Export`]; `pub use` leaves an import and an export;
//! - in patterns the path of `Some(x)` or `Point { x }` stands in a [`Syntax::Type`], so that names outside of it are bound or compared;
//! - a guard of a match arm is an `if` around the arm's body;
//! - `cfg_if! { if #[cfg(…)] {…} }` is an `if cfg!(…) {…}`.

mod build;
mod expressions;
mod formats;
mod imports;
mod items;
mod macros;
mod members;
mod patterns;
mod recover;
mod scan;
mod statements;
mod tokens;
mod types;

#[cfg(test)]
mod tests;

use build::Build;
use scan::Scan;

use super::{CompiledQuery, FileFacts, Language, ParseHealth, parse, queries};
use crate::lang::tree::Syntax;
use crate::source::{Bytes, SkipReason};

/// `syn` and the translation use less than 16 KiB of stack for each level; see the tests.
const STACK_BYTES: usize = 64 << 20;

/// Text that may nest deeper is not shown to `syn`.
const NESTING_LIMIT: usize = 2000;

/// Text with deeper brackets is not even cut into pieces.
const BRACKET_LIMIT: usize = 10_000;

/// Fills `facts` from its text.
pub(super) fn read(facts: &mut FileFacts, compiled: &[CompiledQuery]) {
    let mut scan = scan::scan(&facts.text);
    facts.comments = std::mem::take(&mut scan.comments);
    if scan.brackets > BRACKET_LIMIT {
        facts.health = ParseHealth::Failed(SkipReason::TooDeep);
        return;
    }
    let text = facts.text.clone();
    match on_own_stack(|| build_tree(&text, &scan)) {
        Ok((tree, health)) => (facts.tree, facts.health) = (tree, health),
        Err(reason) => facts.health = ParseHealth::Failed(reason),
    }
    if compiled.iter().any(|query| query.language() == Language::Rust) {
        run_queries(facts, compiled);
    }
}

/// A thread of its own also forgets the texts that `proc_macro2` keeps for its spans.
fn on_own_stack<T: Send>(work: impl FnOnce() -> Result<T, SkipReason> + Send) -> Result<T, SkipReason> {
    let failed = |why: &str| SkipReason::Syntax(why.into());
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
        let thread = builder
            .spawn_scoped(scope, work)
            .map_err(|_| failed("no thread to parse it on"))?;
        thread.join().map_err(|_| failed("the parser panicked"))?
    })
}

fn build_tree(text: &str, scan: &Scan) -> Result<(crate::lang::tree::Tree, ParseHealth), SkipReason> {
    let mut build = Build::default();
    let whole = Bytes::new(0, text.len());
    let skipped = scan::preamble(text);
    let file = (scan.nesting <= NESTING_LIMIT)
        .then(|| build.piece::<syn::File>(text, skipped))
        .flatten();
    let items = match file {
        Some(file) => build.file(&file),
        None => recover::file(&mut build, text)?,
    };
    let root = build.add(whole, Syntax::Block(items));
    build.tree.set_root(root);
    let health = match build.lost {
        0 => ParseHealth::Whole,
        lost => ParseHealth::Partial(lost),
    };
    Ok((build.tree, health))
}

/// Runs the raw queries. The grammar keeps the tokens of a macro unread, so what stands in a macro is looked at a second time.
fn run_queries(facts: &mut FileFacts, compiled: &[CompiledQuery]) {
    let lost = match parse::parse(Language::Rust, &facts.text) {
        Err(_) => true,
        Ok(tree) => {
            let (matches, whole) = queries::run(Language::Rust, &tree, &facts.text, compiled);
            facts.matches = matches;
            macros::add_matches(&tree, &facts.text, compiled, &mut facts.matches);
            !whole
        }
    };
    if lost && facts.health == ParseHealth::Whole {
        facts.health = ParseHealth::Partial(1);
    }
}
