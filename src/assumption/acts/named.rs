//! Values that have a name: variants of Rust's enums, errors of Go. Enters: expressions, and patterns as they are written. Leaves: [`Value`]s, what
//! a method makes of them, and whether a pattern fits.

use super::value::Value;
use super::yields::last_word;
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};

/// Variants that need no type before them.
const OF_ALL: [&str; 4] = ["Ok", "Err", "Some", "None"];
/// Methods that keep what `Option` and `Result` hold, as far as it is told apart here.
const KEEP: [&str; 8] = [
    "as_ref", "as_deref", "as_mut", "cloned", "copied", "clone", "as_str", "to_owned",
];

/// What is named without holding anything: `None`, `Rate::Tiered`, `ErrFrozen`.
pub(super) fn bare(facts: &FileFacts, id: NodeId) -> Option<Value> {
    let words = facts.words(id);
    let name = match (facts.language, facts.tree.syntax(id)) {
        (Language::Rust, Syntax::Nothing) if last_word(words) == "None" => "None",
        (Language::Rust, Syntax::Name) => variant(words)?,
        (Language::Go, Syntax::Name | Syntax::Member { .. }) if is_sentinel(words) => last_word(words),
        _ => return None,
    };
    Some(Value::Variant(name.to_owned(), Vec::new()))
}

/// The variant that a call makes, `Err` of `Err(e)`, and the error that Go's functions make.
pub(super) fn made(facts: &FileFacts, callee: NodeId) -> Option<&str> {
    let words = facts.words(callee);
    match (facts.language, facts.tree.syntax(callee)) {
        (Language::Rust, Syntax::Name) => variant(words),
        (Language::Go, _) if matches!(words, "errors.New" | "fmt.Errorf") => Some("error"),
        _ => None,
    }
}

/// `Tiered` of `Rate::Tiered`. Constants are in capitals and functions in small letters.
fn variant(path: &str) -> Option<&str> {
    let (before, name) = path
        .rsplit_once("::")
        .map_or(("", path), |(before, name)| (before, name));
    let kind = before.rsplit("::").next().unwrap_or_default();
    let is_type = |name: &str| {
        let name = name.split('<').next().unwrap_or(name);
        name.starts_with(char::is_uppercase)
            && name.contains(char::is_lowercase)
            && name.chars().all(char::is_alphanumeric)
    };
    (is_type(name) && (is_type(kind) || (before.is_empty() && OF_ALL.contains(&name)))).then_some(name)
}

/// `ErrFrozen`, `tax.ErrFrozen`
fn is_sentinel(words: &str) -> bool {
    let name = last_word(words);
    let own = name
        .strip_prefix("Err")
        .is_some_and(|rest| rest.starts_with(char::is_uppercase));
    own && words.chars().all(|c| c.is_alphanumeric() || c == '.')
}

/// What a method of Rust makes of an `Option`, a `Result` or another variant; `None` where it is no such method.
pub(super) fn method(value: &Value, name: &str) -> Option<Value> {
    let Value::Variant(variant, inside) = value else {
        return None;
    };
    let held = || inside.first().cloned().unwrap_or(Value::Unknown);
    let is = |one: &str| Some(Value::Bool(variant == one));
    let known = OF_ALL.contains(&variant.as_str());
    match name {
        name if KEEP.contains(&name) => Some(value.clone()),
        "is_some" | "is_none" | "is_ok" | "is_err" | "unwrap" | "expect" | "unwrap_err" | "expect_err" if !known => {
            None
        }
        "is_some" => is("Some"),
        "is_none" => is("None"),
        "is_ok" => is("Ok"),
        "is_err" => is("Err"),
        "unwrap" | "expect" => Some(match variant.as_str() {
            "Ok" | "Some" => held(),
            _ => Value::Thrown,
        }),
        "unwrap_err" | "expect_err" => Some(if variant == "Err" { held() } else { Value::Thrown }),
        "ok" if variant == "Ok" => Some(Value::Variant("Some".into(), inside.clone())),
        "ok" if variant == "Err" => Some(Value::Variant("None".into(), Vec::new())),
        "err" if variant == "Err" => Some(Value::Variant("Some".into(), inside.clone())),
        "err" if variant == "Ok" => Some(Value::Variant("None".into(), Vec::new())),
        _ => Some(Value::Unknown),
    }
}

/// What `?` makes of a value: it leaves the function on nothing and on an error.
pub(super) fn tried(value: &Value) -> Value {
    match value {
        Value::Variant(..) => method(value, "unwrap").unwrap_or(Value::Unknown),
        _ => Value::Unknown,
    }
}

/// Whether a value fits a pattern as it is written in `matches!`: `Err(TaxError::Frozen)`, `Some(_) | None`.
pub(super) fn fits(value: &Value, pattern: &str) -> Option<bool> {
    let (pattern, guarded) = match pattern.split_once(" if ") {
        Some((pattern, _)) => (pattern, true),
        None => (pattern, false),
    };
    let mut sure = true;
    for one in alternatives(pattern) {
        match fits_one(value, one.trim()) {
            Some(true) if !guarded => return Some(true),
            Some(false) => {}
            _ => sure = false,
        }
    }
    sure.then_some(false)
}

fn fits_one(value: &Value, pattern: &str) -> Option<bool> {
    let pattern = pattern.trim_start_matches('&').trim();
    if let ("true" | "false", value) = (pattern, value) {
        return match value {
            Value::Bool(is) => Some(*is == (pattern == "true")),
            _ => None,
        };
    }
    if pattern == "_"
        || (!pattern.is_empty() && pattern.chars().all(|c| c.is_lowercase() || c == '_' || c.is_numeric()))
    {
        return pattern.starts_with(|c: char| !c.is_numeric()).then_some(true);
    }
    let end = pattern.find(['(', '{']).unwrap_or(pattern.len());
    let name = variant(pattern[..end].trim())?;
    let Value::Variant(of, inside) = value else {
        return None;
    };
    if of != name {
        return Some(false);
    }
    match (
        pattern[end..].strip_prefix('(').and_then(|rest| rest.strip_suffix(')')),
        inside.as_slice(),
    ) {
        (Some(inner), [held]) if !inner.contains(',') => fits(held, inner),
        (None, _) if end == pattern.len() => Some(true),
        _ => None,
    }
}

/// The patterns between `|`, those in parentheses left whole.
fn alternatives(pattern: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, c) in pattern.char_indices() {
        match c {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth -= 1,
            '|' if depth == 0 => {
                found.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&pattern[start..]);
    found
}

/// Whether `errors.Is(got, wanted)` holds.
pub(super) fn is_error(got: &Value, wanted: &Value) -> Option<bool> {
    match (got, wanted) {
        (Value::Null, Value::Variant(..)) => Some(false),
        (Value::Variant(got, _), Value::Variant(wanted, _)) if got == wanted && got != "error" => Some(true),
        // `fmt.Errorf("…: %w", err)` holds another one, which is seen in its text.
        (Value::Variant(got, inside), Value::Variant(..)) if got == "error" => match inside.as_slice() {
            [Value::Text(text)] if !text.contains("%w") => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The text of an error of Go.
pub(super) fn text_of_error(error: &Value) -> Value {
    match error {
        Value::Null => Value::Thrown,
        Value::Variant(name, inside) if name == "error" => match inside.as_slice() {
            [Value::Text(text)] if !text.contains('%') => Value::Text(text.clone()),
            [Value::Text(text)] => {
                let begin = text.split('%').next().unwrap_or_default();
                Value::Around(begin.to_owned(), String::new())
            }
            _ => Value::Unknown,
        },
        _ => Value::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, fits, is_error, method, variant};

    fn of(name: &str, inside: &[Value]) -> Value {
        Value::Variant(name.into(), inside.to_vec())
    }

    #[test]
    fn variants_are_in_camel_case_behind_a_type() {
        for (path, expected) in [
            ("Rate::Tiered", Some("Tiered")),
            ("tax::Rate::Flat", Some("Flat")),
            ("Self::Flat", Some("Flat")),
            ("None", Some("None")),
            ("Err", Some("Err")),
            ("Tiered", None),
            ("Rate::DEFAULT", None),
            ("Rate::new", None),
            ("rates::Flat", None),
        ] {
            assert_eq!(variant(path), expected, "{path}");
        }
    }

    #[test]
    fn patterns_fit_what_they_name() {
        let frozen = of("Err", &[of("Frozen", &[])]);
        for (pattern, expected) in [
            ("Err(TaxError::Frozen)", Some(true)),
            ("Err(TaxError::Negative(_))", Some(false)),
            ("Err(_)", Some(true)),
            ("Err(e)", Some(true)),
            ("Ok(_)", Some(false)),
            ("Ok(_) | Err(TaxError::Frozen)", Some(true)),
            ("Err(e) if e.is_frozen()", None),
            ("Err(TaxError::Frozen { .. })", None),
            ("3", None),
        ] {
            assert_eq!(fits(&frozen, pattern), expected, "{pattern}");
        }
        assert_eq!(fits(&Value::Unknown, "Err(_)"), None);
    }

    #[test]
    fn methods_open_what_is_there_and_fail_on_the_rest() {
        let (some, none) = (of("Some", &[Value::Number(3.0)]), of("None", &[]));
        assert_eq!(method(&some, "unwrap"), Some(Value::Number(3.0)));
        assert_eq!(method(&none, "unwrap"), Some(Value::Thrown));
        assert_eq!(method(&none, "is_none"), Some(Value::Bool(true)));
        assert_eq!(method(&of("Tiered", &[]), "is_none"), None);
        assert_eq!(method(&some, "map"), Some(Value::Unknown));
    }

    #[test]
    fn errors_are_told_by_their_names() {
        let made = |text: &str| of("error", &[Value::Text(text.into())]);
        let frozen = of("ErrFrozen", &[]);
        assert_eq!(is_error(&frozen, &frozen), Some(true));
        assert_eq!(is_error(&Value::Null, &frozen), Some(false));
        assert_eq!(is_error(&made("bad"), &frozen), Some(false));
        assert_eq!(is_error(&made("bad: %w"), &frozen), None);
        assert_eq!(is_error(&of("ErrOther", &[]), &frozen), None);
    }
}
