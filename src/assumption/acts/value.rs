//! Values, as far as they are known. Enters: expressions as they are written. Leaves: [`Value`]s, and whether two of them are the same, one
//! has the other, one is true: yes, no, or that nobody knows.

use std::collections::BTreeMap;

use super::named;
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};

/// A value, as far as it is known.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// Anything.
    Unknown,
    /// Anything but nothing: a sum, an element, what is constructed.
    Something,
    /// A page, or a part of one, that shows these texts for certain: `Text:Row`, `TestId:row`.
    Page(Vec<String>),
    /// Nothing comes back: something is thrown.
    Thrown,
    /// This text.
    Text(String),
    /// A text with this beginning and end.
    Around(String, String),
    /// This number.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// `null`, `None`.
    Null,
    /// `undefined`.
    Undefined,
    /// An object of these keys and no others.
    Object(BTreeMap<String, Value>),
    /// An object of these keys and maybe others.
    Open(BTreeMap<String, Value>),
    /// What has a name of its own, and what it holds: `Rate::Tiered`, `Err(…)` and `None` of Rust, an error of Go.
    Variant(String, Vec<Value>),
    /// A list of these.
    List(Vec<Value>),
}

/// What is written and needs nothing else to be known.
#[must_use]
pub fn literal(facts: &FileFacts, id: NodeId) -> Option<Value> {
    let tree = &facts.tree;
    if let Some(value) = named::bare(facts, id) {
        return Some(value);
    }
    Some(match tree.syntax(id) {
        Syntax::Text(text) => Value::Text(text.to_string()),
        Syntax::Template(parts) => {
            let text = |part: Option<&NodeId>| match part.map(|part| tree.syntax(*part)) {
                Some(Syntax::Text(text)) => text.to_string(),
                _ => String::new(),
            };
            Value::Around(text(parts.first()), text(parts.last()))
        }
        Syntax::Number => facts
            .words(id)
            .replace('_', "")
            .parse()
            .map_or(Value::Unknown, Value::Number),
        Syntax::Bool(value) => Value::Bool(*value),
        Syntax::Nothing if facts.words(id) == "undefined" => Value::Undefined,
        Syntax::Nothing => Value::Null,
        Syntax::Name if facts.words(id) == "undefined" => Value::Undefined,
        _ => return None,
    })
}

/// A property of a value.
#[must_use]
pub fn part(value: &Value, name: &str) -> Value {
    match value {
        Value::Object(_) if matches!(name, "constructor" | "toString" | "valueOf" | "hasOwnProperty") => Value::Unknown,
        Value::Object(keys) => keys.get(name).cloned().unwrap_or(Value::Undefined),
        Value::Open(keys) => keys.get(name).cloned().unwrap_or(Value::Unknown),
        Value::List(list) if name == "length" => {
            Value::Number(f64::from(u32::try_from(list.len()).unwrap_or(u32::MAX)))
        }
        Value::Text(text) if name == "length" && text.is_ascii() => {
            Value::Number(f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX)))
        }
        Value::Null | Value::Undefined | Value::Thrown => Value::Thrown,
        _ => Value::Unknown,
    }
}

/// An element of a list.
#[must_use]
pub fn element(value: &Value, at: usize) -> Value {
    match value {
        Value::List(list) => list.get(at).cloned().unwrap_or(Value::Undefined),
        Value::Null | Value::Undefined | Value::Thrown => Value::Thrown,
        _ => Value::Unknown,
    }
}

/// Whether two values are the same; `None` where nobody knows, or where one language or assertion says yes and another no.
#[must_use]
pub fn same(a: &Value, b: &Value) -> Option<bool> {
    use Value::{
        Around, Bool, List, Null, Number, Object, Open, Page, Something, Text, Thrown, Undefined, Unknown, Variant,
    };
    let is_number = |text: &String| text.trim().is_empty() || text.trim().parse::<f64>().is_ok();
    match (a, b) {
        (Unknown | Thrown, _) | (_, Unknown | Thrown) => None,
        (Text(a), Text(b)) => Some(a == b),
        (Text(text), Around(begin, end)) | (Around(begin, end), Text(text)) => {
            let fits = text.len() >= begin.len() + end.len()
                && text.starts_with(begin.as_str())
                && text.ends_with(end.as_str());
            (!fits).then_some(false)
        }
        (Around(..), Around(..) | Number(_) | Bool(_)) | (Number(_) | Bool(_), Around(..)) => None,
        (Number(a), Number(b)) => Some((a - b).abs() <= 0.0),
        (Bool(a), Bool(b)) => Some(a == b),
        (Null, Null) | (Undefined, Undefined) => Some(true),
        (Null, Undefined) | (Undefined, Null) => None,
        (Null | Undefined, _) | (_, Null | Undefined) => Some(false),
        (Something | Page(_), _) | (_, Something | Page(_)) => None,
        (Variant(a, inside), Variant(b, other)) => {
            if a != b {
                return Some(false);
            }
            if inside.len() != other.len() {
                return None;
            }
            all(inside.iter().zip(other).map(|(a, b)| same(a, b)))
        }
        // What has a name may be made to equal anything else.
        (Variant(..), _) | (_, Variant(..)) => None,
        (Open(a) | Object(a), Open(b)) | (Open(a), Object(b)) => {
            let both = a.iter().filter_map(|(key, a)| Some(same(a, b.get(key)?)));
            all(both).filter(|same| !same)
        }
        (Object(a), Object(b)) => {
            let keys = a.keys().chain(b.keys());
            all(keys.map(|key| match (a.get(key), b.get(key)) {
                (Some(a), Some(b)) => same(a, b),
                // A key without a value counts for some.
                (Some(Undefined | Unknown), None) | (None, Some(Undefined | Unknown)) => None,
                _ => Some(false),
            }))
        }
        (List(a), List(b)) if a.len() != b.len() => Some(false),
        (List(a), List(b)) => all(a.iter().zip(b).map(|(a, b)| same(a, b))),
        (Text(text), Number(_) | Bool(_)) | (Number(_) | Bool(_), Text(text)) if is_number(text) => None,
        (Number(_), Bool(_)) | (Bool(_), Number(_)) => None,
        _ => Some(false),
    }
}

fn all(found: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut sure = true;
    for one in found {
        match one {
            Some(false) => return Some(false),
            None => sure = false,
            Some(true) => {}
        }
    }
    sure.then_some(true)
}

/// Whether a value has what is expected of it, and maybe more.
#[must_use]
pub fn within(got: &Value, expected: &Value) -> Option<bool> {
    match (got, expected) {
        (Value::Object(got), Value::Object(expected)) => {
            all(expected.iter().map(|(key, expected)| match got.get(key) {
                Some(got) => within(got, expected),
                None if matches!(expected, Value::Undefined | Value::Unknown) => None,
                None => Some(false),
            }))
        }
        (Value::List(_), Value::List(_)) => None,
        _ => same(got, expected),
    }
}

/// Whether a text or list has this in it.
#[must_use]
pub fn contains(got: &Value, expected: &Value) -> Option<bool> {
    match (got, expected) {
        (Value::Text(text), Value::Text(part)) => Some(text.contains(part)),
        (Value::Around(begin, end), Value::Text(part)) => (begin.contains(part) || end.contains(part)).then_some(true),
        (Value::List(list), expected) => {
            let found: Vec<Option<bool>> = list.iter().map(|one| same(one, expected)).collect();
            if found.contains(&Some(true)) {
                return Some(true);
            }
            (!found.contains(&None)).then_some(false)
        }
        _ => None,
    }
}

/// Whether a value is nothing of this kind.
#[must_use]
pub fn is_kind(got: &Value, kind: &Value) -> Option<bool> {
    match got {
        Value::Unknown | Value::Thrown => None,
        got => Some(got == kind),
    }
}

/// Whether a condition takes the value for true.
#[must_use]
pub fn is_true(value: &Value) -> Option<bool> {
    match value {
        Value::Unknown | Value::Thrown => None,
        Value::Bool(value) => Some(*value),
        Value::Null | Value::Undefined => Some(false),
        Value::Number(number) => Some(number.abs() > 0.0),
        Value::Text(text) => Some(!text.is_empty()),
        Value::Around(begin, end) => (!begin.is_empty() || !end.is_empty()).then_some(true),
        // An empty one is true in some languages.
        Value::Object(keys) | Value::Open(keys) => (!keys.is_empty()).then_some(true),
        Value::Page(_) => Some(true),
        Value::Something | Value::Variant(..) => None,
        Value::List(list) => (!list.is_empty()).then_some(true),
    }
}
