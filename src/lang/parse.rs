//! tree-sitter, bounded. Enters: one text and its language. Leaves: a concrete syntax tree, or the reason why there is none. Shared
//! by the front ends and the raw queries; knows nothing of what the nodes mean.

use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser};

use super::Language;
use crate::source::SkipReason;

/// How often the parser reports per byte of ordinary text is far below 1; recovery from hostile text can be quadratic. Counting
/// reports instead of seconds keeps the outcome the same on every machine.
const REPORTS_PER_BYTE: usize = 2;

/// What every text may use, so that short ones are never cut off.
const REPORTS_AT_LEAST: usize = 100_000;

/// The grammar for a language. JavaScript is read as TSX: it allows JSX, and Flow's type annotations are near enough to it.
pub(super) fn grammar(language: Language) -> tree_sitter::Language {
    match language {
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Language::Tsx | Language::JavaScript => tree_sitter_typescript::LANGUAGE_TSX.into(),
        Language::Rust => tree_sitter_rust::LANGUAGE.into(),
    }
}

/// Parses `text`. Fails only where the budget ends: broken text gives a tree with error nodes.
pub(super) fn parse(language: Language, text: &str) -> Result<tree_sitter::Tree, SkipReason> {
    let mut parser = Parser::new();
    parser
        .set_language(&grammar(language))
        .expect("BUG: a grammar of another tree-sitter version");
    let mut reports_left = REPORTS_AT_LEAST.max(text.len().saturating_mul(REPORTS_PER_BYTE));
    let mut budget = |_: &ParseState| match reports_left.checked_sub(1) {
        Some(left) => {
            reports_left = left;
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    };
    let bytes = text.as_bytes();
    parser
        .parse_with_options(
            &mut |at, _| bytes.get(at..).unwrap_or_default(),
            None,
            Some(ParseOptions::new().progress_callback(&mut budget)),
        )
        .ok_or_else(|| SkipReason::Syntax("the parser did not come to an end".into()))
}
