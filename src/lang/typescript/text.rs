//! Literals as the program sees them. Enters: the words of a string, a template part or a text between tags. Leaves: its value.

/// The value of a string literal with its quotes; a missing closing quote is forgiven.
pub(super) fn string(literal: &str) -> Box<str> {
    cooked(inside_quotes(literal))
}

/// A literal without its quotes.
pub(super) fn inside_quotes(literal: &str) -> &str {
    let Some(quote) = literal.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) else {
        return literal;
    };
    let rest = &literal[1..];
    rest.strip_suffix(quote).unwrap_or(rest)
}

/// The text between two tags: white space folded.
pub(super) fn folded(text: &str) -> Box<str> {
    text.split_whitespace().collect::<Vec<_>>().join(" ").into()
}

/// Undoes escapes. What is no valid escape stays as it is.
pub(super) fn cooked(raw: &str) -> Box<str> {
    if !raw.contains('\\') {
        return raw.into();
    }
    let (mut out, mut rest) = (String::with_capacity(raw.len()), raw);
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(escape) = rest.chars().next() else { break };
        let after = &rest[escape.len_utf8()..];
        rest = match escape {
            'n' => plain(&mut out, '\n', after),
            't' => plain(&mut out, '\t', after),
            'r' => plain(&mut out, '\r', after),
            'b' => plain(&mut out, '\u{8}', after),
            'f' => plain(&mut out, '\u{c}', after),
            'v' => plain(&mut out, '\u{b}', after),
            '0' if !after.starts_with(|c: char| c.is_ascii_digit()) => plain(&mut out, '\0', after),
            'x' | 'u' => numbered(&mut out, rest),
            '\r' => after.strip_prefix('\n').unwrap_or(after),
            '\n' | '\u{2028}' | '\u{2029}' => after,
            other => plain(&mut out, other, after),
        };
    }
    out.push_str(rest);
    out.into()
}

fn plain<'t>(out: &mut String, c: char, after: &'t str) -> &'t str {
    out.push(c);
    after
}

/// `x41`, `u0041`, `u{1F600}`, and two halves of a pair (`uD83D\uDE00`).
fn numbered<'t>(out: &mut String, escape: &'t str) -> &'t str {
    let Some((high, after)) = code(escape) else {
        let mut chars = escape.chars();
        out.extend(chars.next());
        return chars.as_str();
    };
    if (0xD800..0xDC00).contains(&high)
        && let Some((low, after)) = after.strip_prefix('\\').and_then(code)
        && (0xDC00..0xE000).contains(&low)
    {
        out.extend(char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
        return after;
    }
    out.push(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
    after
}

fn code(escape: &str) -> Option<(u32, &str)> {
    let (digits, after) = if let Some(rest) = escape.strip_prefix("u{") {
        rest.split_once('}')?
    } else {
        let width = if escape.starts_with('x') { 2 } else { 4 };
        (escape.get(1..=width)?, &escape[width + 1..])
    };
    let valid = !digits.is_empty() && digits.len() <= 8 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    valid
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
        .map(|code| (code, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        let check = |literal: &str, expected: &str| assert_eq!(&*string(literal), expected, "{literal}");
        check(r"'plain'", "plain");
        check(r#""a\"b""#, "a\"b");
        check(r"'a\n\t\x41\u0042\u{43}'", "a\n\tABC");
        check(r"'\uD83D\uDE00'", "\u{1F600}");
        check(r"'\uD83D'", "\u{FFFD}");
        check("'a\\\nb'", "ab");
        check(r"'\q\u{zz}\xg'", "qu{zz}xg");
        check(r"'open", "open");
        check("'", "");
        check("", "");
        check(r"'end\", "end");
        check(r"'\x4'", "x4");
        check("'\\u\u{e9}'", "u\u{e9}");
    }
}
