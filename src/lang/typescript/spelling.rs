//! Spellings of types that the grammar misreads, with consequences for the code around them. Enters: the text of a file. Leaves: a
//! text of the same length for the parser, in which they are replaced by plain names; everybody else sees the original.
//!
//! `f<typeof import('m')>()` is read as a comparison, or breaks the object around it: every second mocked module is written so.
//! `(string) => void` is read as a type in parentheses.

use std::borrow::Cow;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

const WORDS: [&str; 10] = [
    "typeof",
    "(any)",
    "(string)",
    "(boolean)",
    "(number)",
    "(unknown)",
    "(object)",
    "(never)",
    "(void)",
    "(symbol)",
];

/// How long the name of a module may be.
const LONGEST_MODULE: usize = 300;

/// The text for the parser.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    static AUTOMATON: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let automaton = AUTOMATON.get_or_init(|| AhoCorasick::new(WORDS).ok());
    let mut patched: Option<Vec<u8>> = None;
    for found in automaton.iter().flat_map(|automaton| automaton.find_iter(text)) {
        let rest = &text[found.end()..];
        let patch = if found.pattern().as_usize() == 0 {
            imported_module(rest).map(|length| (found.start(), found.end() + length))
        } else {
            let is_function = rest.trim_start().starts_with("=>");
            is_function.then(|| (found.start() + 1, found.end() - 1))
        };
        if let Some((start, end)) = patch {
            let bytes = patched.get_or_insert_with(|| text.as_bytes().to_vec());
            blank(&mut bytes[start..end], found.pattern().as_usize() == 0);
        }
    }
    let patched = patched.and_then(|bytes| String::from_utf8(bytes).ok());
    patched.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// How long ` import('m')` is, if that is what `rest` begins with.
fn imported_module(rest: &str) -> Option<usize> {
    let bytes = rest.trim_start().strip_prefix("import")?;
    let inside = bytes.trim_start().strip_prefix('(')?.trim_start();
    let quote = inside.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let name = &inside.as_bytes()[1..];
    let end = name.iter().take(LONGEST_MODULE).position(|byte| *byte == quote as u8)?;
    let after = inside.get(end + 2..)?.trim_start().strip_prefix(')')?;
    Some(rest.len() - after.len())
}

/// Writes a plain name over `bytes`: as long as they are for a module, the same word with another first letter for a keyword.
fn blank(bytes: &mut [u8], whole: bool) {
    let line = bytes
        .iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .unwrap_or(bytes.len());
    let name = if whole { line } else { 1 };
    bytes[..name].fill(b'_');
    for byte in bytes[name.max(line)..]
        .iter_mut()
        .filter(|byte| whole && !matches!(byte, b'\n' | b'\r'))
    {
        *byte = b' ';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_misread_is_replaced() {
        let check = |text: &str, expected: &str| assert_eq!(readable(text), expected);
        check("f<typeof import('./m')>()", "f<____________________>()");
        check(
            "f<\n  typeof  import( \"m\" )['a']\n>",
            "f<\n  _____________________['a']\n>",
        );
        check(
            "typeof x; typeof import(m); typeof import('a",
            "typeof x; typeof import(m); typeof import('a",
        );
        check("f<typeof\nimport('a')>()", "f<______\n           >()");
        check("a: (string) => void", "a: (_tring) => void");
        check("(any)\n=> 1; (any) + 1; f(string)", "(_ny)\n=> 1; (any) + 1; f(string)");
        check("typeof import('ü')ü", "___________________ü");
    }
}
