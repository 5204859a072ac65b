//! The words between the name of a function and its body. Enters: these words as they stand there. Leaves: the same without comments.

use crate::lang::Language;

/// A signature without the comments in it: nobody calls it otherwise for them.
pub(super) fn uncommented(language: Language, mut rest: &str) -> String {
    let hash = matches!(language, Language::Python | Language::Ruby);
    let mut quote: Option<char> = None;
    let mut found = String::new();
    while let Some(c) = rest.chars().next() {
        let end = match quote {
            None if rest.starts_with(if hash { "#" } else { "//" }) => Some(rest.find('\n').unwrap_or(rest.len())),
            None if !hash && rest.starts_with("/*") => Some(rest.find("*/").map_or(rest.len(), |end| end + 2)),
            _ => None,
        };
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            // Rust: `'a` opens no text.
            (None, '"' | '`') => quote = Some(c),
            (None, '\'') if language != Language::Rust => quote = Some(c),
            _ => {}
        }
        if end.is_none() {
            found.push(c);
        }
        rest = &rest[end.unwrap_or(c.len_utf8())..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_no_parameter() {
        let script = |words| uncommented(Language::TypeScript, words);
        assert_eq!(
            script("(\n  // one, and two\n  a: A, /* b, c */\n)"),
            "(\n  \n  a: A, \n)"
        );
        assert_eq!(script("(a = 'http://x', b = \"/*\")"), "(a = 'http://x', b = \"/*\")");
        assert_eq!(uncommented(Language::Python, "(a='#f', # x, y\n b)"), "(a='#f', \n b)");
        assert_eq!(uncommented(Language::Rust, "<'a>(a: &'a u8 // a, b"), "<'a>(a: &'a u8 ");
    }
}
