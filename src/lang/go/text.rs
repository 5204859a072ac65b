//! String literals as the program sees them. Enters: the words of a literal. Leaves: its value.

use crate::source::Bytes;

/// The value of a string literal of either form; a missing closing quote is forgiven.
pub(super) fn string(literal: &str) -> Box<str> {
    match literal.strip_prefix('`') {
        Some(raw) => raw.strip_suffix('`').unwrap_or(raw).replace('\r', "").into(),
        None => cooked(inside_quotes(literal)),
    }
}

/// A literal without its quotes.
fn inside_quotes(literal: &str) -> &str {
    let rest = literal.strip_prefix('"').unwrap_or(literal);
    rest.strip_suffix('"').unwrap_or(rest)
}

/// The bytes inside the quotes of a literal.
pub(super) fn inside(literal: &str, bytes: Bytes) -> Bytes {
    let quote = literal.chars().next().filter(|first| matches!(first, '"' | '`'));
    let Some(quote) = quote else { return bytes };
    let closed = literal.len() > 1 && literal.ends_with(quote);
    Bytes {
        start: bytes.start + 1,
        end: bytes.end - u32::from(closed),
    }
}

/// Undoes escapes. What is no valid escape stays as it is.
fn cooked(raw: &str) -> Box<str> {
    if !raw.contains('\\') {
        return raw.into();
    }
    let (mut out, mut rest) = (Vec::with_capacity(raw.len()), raw);
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        let Some(escape) = rest.chars().next() else { break };
        let after = &rest[escape.len_utf8()..];
        let plain = match escape {
            'a' => Some(7),
            'b' => Some(8),
            'f' => Some(12),
            'n' => Some(b'\n'),
            'r' => Some(b'\r'),
            't' => Some(b'\t'),
            'v' => Some(11),
            '\\' | '"' | '\'' => Some(escape as u8),
            _ => None,
        };
        rest = match (plain, escape) {
            (Some(byte), _) => {
                out.push(byte);
                after
            }
            (None, 'x') => numbered(&mut out, after, 2, 16, true),
            (None, 'u') => numbered(&mut out, after, 4, 16, false),
            (None, 'U') => numbered(&mut out, after, 8, 16, false),
            (None, '0'..='7') => numbered(&mut out, rest, 3, 8, true),
            _ => rest,
        };
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&out).into()
}

/// A byte or a character by its number.
fn numbered<'t>(out: &mut Vec<u8>, digits: &'t str, width: usize, radix: u32, is_byte: bool) -> &'t str {
    let number = digits
        .get(..width)
        .and_then(|digits| u32::from_str_radix(digits, radix).ok());
    let Some(number) = number else { return digits };
    match u8::try_from(number) {
        Ok(byte) if is_byte => out.push(byte),
        _ => {
            let character = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    &digits[width..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        let check = |literal: &str, expected: &str| assert_eq!(&*string(literal), expected, "{literal}");
        check(r#""plain""#, "plain");
        check(r#""a\"b\\c""#, "a\"b\\c");
        check(r#""a\n\t\x41\u0042\U00000043\104""#, "a\n\tABCD");
        check(r#""\xc3\xa9""#, "\u{e9}");
        check("`a\\n\r\nb`", "a\\n\nb");
        check(r#""open"#, "open");
        check("\"", "");
        check("`", "");
        check("", "");
        check(r#""end\"#, "end");
        check(r#""\q\xg""#, "qg");
        check("\"\\u\u{e9}\"", "\u{e9}");
    }

    #[test]
    fn quotes_are_left_out() {
        let check = |literal: &str, start: usize, end: usize| {
            let all = Bytes::new(10, 10 + literal.len());
            assert_eq!(inside(literal, all), Bytes::new(start, end), "{literal}");
        };
        check("\"a\"", 11, 12);
        check("`a`", 11, 12);
        check("\"a", 11, 12);
        check("\"", 11, 11);
        check("a", 10, 11);
    }
}
