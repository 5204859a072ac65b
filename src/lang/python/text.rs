//! Literals as the program sees them. Enters: the words of a string. Leaves: its value.

use std::borrow::Cow;

/// The parts of a literal: its prefix (`rb`), and its quotes (`'`, `"""`).
pub(super) fn opening(words: &str) -> (&str, &str) {
    let quote = words.find(['\'', '"']).unwrap_or(words.len());
    let (prefix, rest) = words.split_at(quote);
    let quotes = match rest.get(..3) {
        Some(three @ ("'''" | "\"\"\"")) => three,
        _ => rest.get(..1).unwrap_or_default(),
    };
    (prefix, quotes)
}

/// True for a prefix after which backslashes are themselves.
pub(super) fn is_raw(prefix: &str) -> bool {
    prefix.contains(['r', 'R'])
}

/// Undoes escapes. What is no escape of Python's stays as it is.
pub(super) fn cooked(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return raw.into();
    }
    let (mut out, mut rest) = (String::with_capacity(raw.len()), raw);
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(escape) = rest.chars().next() else {
            out.push('\\');
            break;
        };
        let after = &rest[escape.len_utf8()..];
        let plain = match escape {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            'a' => Some('\u{7}'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'v' => Some('\u{b}'),
            '\\' | '\'' | '"' => Some(escape),
            _ => None,
        };
        rest = match (plain, escape) {
            (Some(plain), _) => {
                out.push(plain);
                after
            }
            (None, '\n') => after,
            (None, '\r') => after.strip_prefix('\n').unwrap_or(after),
            (None, 'x') => numbered(&mut out, rest, 2),
            (None, 'u') => numbered(&mut out, rest, 4),
            (None, 'U') => numbered(&mut out, rest, 8),
            _ => {
                out.push('\\');
                out.push(escape);
                after
            }
        };
    }
    out.push_str(rest);
    out.into()
}

/// `x41`, `u0041`, `U0001F600`
fn numbered<'t>(out: &mut String, escape: &'t str, width: usize) -> &'t str {
    let digits = escape
        .get(1..=width)
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
        Some(code) => {
            out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            &escape[width + 1..]
        }
        None => {
            out.push('\\');
            out.push_str(&escape[..1]);
            &escape[1..]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        let check = |raw: &str, expected: &str| assert_eq!(cooked(raw), expected, "{raw}");
        check("plain", "plain");
        check(r"a\n\t\x41\u0042\U0001F600\'", "a\n\tAB\u{1F600}'");
        check(r"\d\x4\u12", r"\d\x4\u12");
        check("a\\\nb", "ab");
        check(r"end\", r"end\");
        check(r"\uD83D", "\u{FFFD}");
    }

    #[test]
    fn a_literal_has_a_prefix_and_quotes() {
        assert_eq!(opening("'a'"), ("", "'"));
        assert_eq!(opening("rb\"\"\"a\"\"\""), ("rb", "\"\"\""));
        assert_eq!(opening("''"), ("", "'"));
        assert_eq!(opening("x"), ("x", ""));
    }
}
