//! Spellings that the grammar does not know yet. Enters: the text of a file. Leaves: a text of the same length for the parser;
//! everybody else sees the original.
//!
//! `new(true)`, a value's address since Go 1.26: the grammar takes only a type for the argument of `new`. Any other function may be given
//! either.

use std::borrow::Cow;

/// Begins of types that are no expressions.
const TYPES: [&str; 6] = ["[", "map[", "chan ", "struct", "interface", "func("];

/// The text for the parser.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    let mut patched: Option<String> = None;
    for (at, word) in text.match_indices("new(") {
        let argument = &text[at + word.len()..];
        if TYPES.iter().any(|ty| argument.starts_with(ty)) {
            continue;
        }
        let before = text[..at].chars().next_back();
        if before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '.'))) {
            let patched = patched.get_or_insert_with(|| text.to_owned());
            patched.replace_range(at..at + 3, "neu");
        }
    }
    patched.map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_stay() {
        let check = |text: &str| assert_eq!(readable(text), text);
        check("new([]int); new(map[string]bool); new(struct{ a int })");
    }

    #[test]
    fn only_the_function_is_replaced() {
        let check = |text: &str, expected: &str| assert_eq!(readable(text), expected);
        check("x := new(true); new(T)", "x := neu(true); neu(T)");
        check(
            "renew(a); b.new(c); _new(d); new (e)",
            "renew(a); b.new(c); _new(d); new (e)",
        );
        check("é new(a)", "é neu(a)");
    }
}
