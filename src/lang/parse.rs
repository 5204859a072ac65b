//! tree-sitter, bounded. Enters: one text and its language. Leaves: a concrete syntax tree, or the reason why there is none. Shared
//! by the front ends and the raw queries; knows nothing of what the nodes mean.

use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser};

use super::Language;
use crate::source::SkipReason;

/// How many bytes of text earn one more report of the parser (it makes one for every hundred steps; ordinary text needs one for 70
/// bytes). Counting reports instead of seconds keeps the outcome the same on every machine.
const BYTES_PER_REPORT: usize = 8;

/// What every text may use, so that short ones are never cut off.
const REPORTS_AT_LEAST: usize = 2_000;

/// How many `a <` may wait for their `>`. Each may be a comparison or the begin of type arguments; the parser follows both ways at
/// once, and its memory grows with the square of their number.
const OPEN_ANGLES: usize = 500;

/// The same, if every `;` is in a string and ends nothing.
const OPEN_ANGLES_IN_ALL: usize = 5_000;

/// The grammar for a language. JavaScript is read as TSX: it allows JSX, and Flow's type annotations are near enough to it.
/// `None` if this build has none.
pub(super) fn grammar(language: Language) -> Option<tree_sitter::Language> {
    Some(match language {
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Language::Tsx | Language::JavaScript => tree_sitter_typescript::LANGUAGE_TSX.into(),
        Language::Rust => tree_sitter_rust::LANGUAGE.into(),
        Language::Python => tree_sitter_python::LANGUAGE.into(),
        Language::Go => tree_sitter_go::LANGUAGE.into(),
        #[cfg(feature = "ruby")]
        Language::Ruby => tree_sitter_ruby::LANGUAGE.into(),
        #[cfg(feature = "java")]
        Language::Java => tree_sitter_java::LANGUAGE.into(),
        #[cfg(feature = "kotlin")]
        Language::Kotlin => tree_sitter_kotlin_ng::LANGUAGE.into(),
        #[cfg(feature = "csharp")]
        Language::CSharp => tree_sitter_c_sharp::LANGUAGE.into(),
        #[cfg(not(all(feature = "ruby", feature = "csharp", feature = "java", feature = "kotlin")))]
        _ => return None,
    })
}

/// Parses `text`. Fails only where the budget ends: broken text gives a tree with error nodes.
pub(super) fn parse(language: Language, text: &str) -> Result<tree_sitter::Tree, SkipReason> {
    if !matches!(language, Language::Python | Language::Go) && is_tangled(text) {
        return Err(SkipReason::TooDeep);
    }
    let grammar = grammar(language).ok_or(SkipReason::NotBuilt(language.word()))?;
    let mut parser = Parser::new();
    parser
        .set_language(&grammar)
        .expect("BUG: a grammar of another tree-sitter version");
    let mut reports_left = REPORTS_AT_LEAST + text.len() / BYTES_PER_REPORT;
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

/// True for a text that has too many open `a <`.
fn is_tangled(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut open, mut open_in_all, mut before) = (0usize, 0usize, b' ');
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' if (before.is_ascii_alphanumeric() || matches!(before, b'_' | b'$'))
                && !matches!(bytes.get(at + 1), Some(b'=' | b'<')) =>
            {
                open += 1;
                open_in_all += 1;
            }
            b'>' if before != b'=' => {
                open = open.saturating_sub(1);
                open_in_all = open_in_all.saturating_sub(1);
            }
            b';' => open = 0,
            _ => {}
        }
        if open > OPEN_ANGLES || open_in_all > OPEN_ANGLES_IN_ALL {
            return true;
        }
        if !byte.is_ascii_whitespace() {
            before = *byte;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tangles_are_refused() {
        let check = |text: &str, tangled: bool| assert_eq!(is_tangled(text), tangled, "{text:.20}");
        check(&"a<b,".repeat(501), true);
        check(&"a <\n b | ".repeat(501), true);
        check(&"a<\";\",".repeat(5_001), true);
        check(&"a<b,".repeat(500), false);
        check(&"if (a < b) { c() }; ".repeat(4_000), false);
        check(&"f<A<B>>(x), ".repeat(10_000), false);
        check(&"a <= b, c << d, ".repeat(10_000), false);
        check(&"return <div><b>x</b></div>".repeat(10_000), false);
        assert_eq!(
            parse(Language::TypeScript, &"a<b,".repeat(100_000)).err(),
            Some(SkipReason::TooDeep)
        );
    }
}
