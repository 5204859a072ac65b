//! Does an assertion hold? Enters: an assertion of a test, a call in it, and a [`Value`] that the call may give. Leaves: yes, no, or that
//! nobody knows. What is not understood is never a no.

use std::collections::BTreeMap;

use regex::RegexBuilder;

use super::claims::Claim;
use super::file::TestFile;
use super::golang;
use super::named;
use super::value::{Value, contains, element, is_kind, is_true, literal, part, same, within};
use super::yields::callee_name;
use crate::index::bindings::{Binding, Step};
use crate::lang::Language;
use crate::lang::tree::{CompareOp, Key, LogicOp, NodeId, Syntax, Through};
use crate::source::Bytes;

/// Assertions that two values are the same.
const SAME: &[&str] = &[
    "equal",
    "strictEqual",
    "deepEqual",
    "deepStrictEqual",
    "assertEqual",
    "assertEquals",
    "assert_eq",
    "is",
    "eq",
    "eql",
    "toBe",
    "toEqual",
    "toStrictEqual",
];
/// Assertions that they are not.
const OTHER: &[&str] = &[
    "notEqual",
    "notStrictEqual",
    "notDeepEqual",
    "notDeepStrictEqual",
    "assertNotEqual",
    "assert_ne",
    "not",
];
/// Assertions that a value is true.
const TRUE: &[&str] = &[
    "assert",
    "ok",
    "isTrue",
    "true",
    "truthy",
    "assertTrue",
    "toBeTruthy",
    "toBeTrue",
];
/// Assertions that it is not.
const FALSE: &[&str] = &[
    "isFalse",
    "false",
    "falsy",
    "notOk",
    "assertFalse",
    "toBeFalsy",
    "toBeFalse",
];

/// A call under test, as one value.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The test file.
    pub file: TestFile<'a>,
    /// The call.
    pub call: NodeId,
    /// What it gives.
    pub value: &'a Value,
    /// The function of the file that is handed it, and as which parameter.
    pub to: Option<(NodeId, usize)>,
    /// The function of the file in which the call stands, where the test calls it, and with what.
    pub with: Option<(NodeId, &'a [NodeId])>,
    /// The row of a table that a loop has come to.
    pub row: usize,
}

impl Given<'_> {
    /// Whether a claim holds; `None` where nobody knows.
    #[must_use]
    pub fn holds(&self, claim: &Claim<'_>) -> Option<bool> {
        let got = self.look(claim.got, 0);
        let expected = |at: usize| claim.expected.get(at).map(|id| self.look(*id, 0));
        if got == Value::Thrown || expected(0) == Some(Value::Thrown) {
            return Some(false);
        }
        let name = claim.matcher;
        let found = match name {
            name if SAME.contains(&name) => {
                let expected = expected(0)?;
                let whole = |value: &Value| matches!(value, Value::Object(_) | Value::List(_));
                // Two that look the same need not be one.
                let same = same(&got, &expected)?;
                if same && name == "toBe" && whole(&got) {
                    return None;
                }
                Some(same)
            }
            name if OTHER.contains(&name) => same(&got, &expected(0)?).map(|same| !same),
            name if TRUE.contains(&name) => is_true(&got),
            name if FALSE.contains(&name) => is_true(&got).map(|is| !is),
            "toMatchObject" | "like" => within(&got, &expected(0)?),
            "toContain" | "toContainEqual" | "include" | "contain" => contains(&got, &expected(0)?),
            "assertIn" => contains(&expected(0)?, &got),
            "assertNotIn" => contains(&expected(0)?, &got).map(|is| !is),
            "match" | "toMatch" | "regex" => self.matches(&got, *claim.expected.first()?),
            "doesNotMatch" | "notRegex" => self.matches(&got, *claim.expected.first()?).map(|is| !is),
            "toHaveProperty" => {
                let Value::Text(key) = expected(0)? else { return None };
                let (Value::Object(keys), false) = (&got, key.contains(['.', '['])) else {
                    return None;
                };
                match (keys.get(&key), expected(1)) {
                    (None, _) => Some(false),
                    (Some(_), None) => Some(true),
                    (Some(value), Some(expected)) => same(value, &expected),
                }
            }
            "toHaveLength" | "lengthOf" => same(&part(&got, "length"), &expected(0)?),
            "toBeUndefined" | "isUndefined" => is_kind(&got, &Value::Undefined),
            "toBeDefined" | "isDefined" => is_kind(&got, &Value::Undefined).map(|is| !is),
            "toBeNull" | "isNull" | "assertIsNone" => is_kind(&got, &Value::Null),
            "toBeInTheDocument" | "toBeVisible" => match got {
                Value::Page(_) => Some(true),
                Value::Null | Value::Undefined => Some(false),
                _ => None,
            },
            "toBeEmptyDOMElement" => match part(&got, "firstChild") {
                Value::Page(_) => Some(false),
                Value::Null => Some(true),
                _ => None,
            },
            "isNotNull" | "assertIsNotNone" => is_kind(&got, &Value::Null).map(|is| !is),
            "errorIs" => named::is_error(&got, &expected(0)?),
            "errorText" => contains(&named::text_of_error(&got), &expected(0)?),
            "toMatchInlineSnapshot" => match (&got, expected(0)?) {
                (Value::Text(text), Value::Text(seen)) => Some(seen.trim() == format!("\"{text}\"")),
                _ => None,
            },
            _ => None,
        };
        found.map(|found| found != claim.negated)
    }

    /// What an expression of the test is, if the call gives this value.
    fn look(&self, id: NodeId, depth: u32) -> Value {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        if depth > 16 {
            return Value::Unknown;
        }
        match tree.syntax(id) {
            Syntax::Wrap(Through::Assert, inner) if facts.language == Language::Rust => {
                return named::tried(&self.look(*inner, depth + 1));
            }
            Syntax::Wrap(_, inner) => return self.look(*inner, depth + 1),
            _ if id == self.call => return self.value.clone(),
            _ => {}
        }
        if let Some(value) = literal(facts, id) {
            return value;
        }
        let look = |id: &NodeId| self.look(*id, depth + 1);
        match tree.syntax(id) {
            Syntax::Name => self.named(id, depth),
            Syntax::Member { object, property } => {
                let object = look(object);
                let optional = facts.words(id).contains("?.") && matches!(object, Value::Undefined | Value::Null);
                if optional {
                    Value::Undefined
                } else {
                    part(&object, facts.slice(*property))
                }
            }
            Syntax::Index { object, index } => match (look(object), look(index)) {
                (object, Value::Text(key)) => part(&object, &key),
                (object @ Value::List(_), Value::Number(at)) => {
                    at.to_string().parse().map_or(Value::Unknown, |at| element(&object, at))
                }
                (Value::Undefined | Value::Null | Value::Thrown, _) => Value::Thrown,
                _ => Value::Unknown,
            },
            Syntax::Not(inner) => is_true(&look(inner)).map_or(Value::Unknown, |is| Value::Bool(!is)),
            Syntax::Compare { op, left, right } => {
                let (a, b) = (look(left), look(right));
                if a == Value::Thrown || b == Value::Thrown {
                    return Value::Thrown;
                }
                let found = match op {
                    CompareOp::Equal => same(&a, &b),
                    CompareOp::NotEqual => same(&a, &b).map(|same| !same),
                    CompareOp::Other => {
                        let (start, end) = (tree.bytes(*left).end, tree.bytes(*right).start);
                        let between = facts.slice(Bytes {
                            start: start.min(end),
                            end,
                        });
                        match (between.trim(), &a, &b) {
                            ("in", Value::Text(key), Value::Object(keys)) => Some(keys.contains_key(key)),
                            ("<", Value::Number(a), Value::Number(b)) => Some(a < b),
                            ("<=", Value::Number(a), Value::Number(b)) => Some(a <= b),
                            (">", Value::Number(a), Value::Number(b)) => Some(a > b),
                            (">=", Value::Number(a), Value::Number(b)) => Some(a >= b),
                            _ => None,
                        }
                    }
                };
                found.map_or(Value::Unknown, Value::Bool)
            }
            Syntax::Logic { op, left, right } => {
                let first = look(left);
                let takes_second = match op {
                    LogicOp::And => is_true(&first),
                    LogicOp::Or => is_true(&first).map(|is| !is),
                    LogicOp::Coalesce => is_kind(&first, &Value::Null).map(|is| is || first == Value::Undefined),
                };
                match takes_second {
                    Some(true) => look(right),
                    Some(false) => first,
                    None => Value::Unknown,
                }
            }
            Syntax::Array(list) if !list.iter().any(|id| matches!(tree.syntax(*id), Syntax::Spread(_))) => {
                Value::List(list.iter().map(look).collect())
            }
            Syntax::Object { entries, .. } => {
                let (mut keys, mut open) = (BTreeMap::new(), facts.language == Language::Go);
                for entry in entries {
                    match tree.syntax(*entry) {
                        Syntax::Entry {
                            key: Key::Name(key, _),
                            value,
                        } => {
                            keys.insert(key.to_string(), look(value));
                        }
                        Syntax::Spread(_) if facts.language == Language::Rust => open = true,
                        _ => return Value::Unknown,
                    }
                }
                if open { Value::Open(keys) } else { Value::Object(keys) }
            }
            Syntax::Macro { name, args } => self.in_macro(id, facts.slice(*name), args, depth),
            Syntax::Call { callee, args, .. } => self.called(*callee, args, depth),
            _ => Value::Unknown,
        }
    }

    /// `matches!(x, Some(_))`, `vec![1, 2]`
    fn in_macro(&self, whole: NodeId, name: &str, args: &[NodeId], depth: u32) -> Value {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        match (name, args) {
            ("matches", [of, pattern, ..]) => {
                let pattern = Bytes {
                    start: tree.bytes(*pattern).start,
                    end: tree.bytes(whole).end,
                };
                let pattern = facts.slice(pattern).trim_end().trim_end_matches([')', ',']);
                let open = pattern
                    .matches('(')
                    .count()
                    .saturating_sub(pattern.matches(')').count());
                let pattern = format!("{pattern}{}", ")".repeat(open));
                named::fits(&self.look(*of, depth + 1), &pattern).map_or(Value::Unknown, Value::Bool)
            }
            ("vec", all) if !facts.words(whole).contains(';') => {
                Value::List(all.iter().map(|id| self.look(*id, depth + 1)).collect())
            }
            _ => Value::Unknown,
        }
    }

    fn named(&self, id: NodeId, depth: u32) -> Value {
        let tree = &self.file.facts.tree;
        let Some(declaration) = self.file.bindings().declaration(id) else {
            return Value::Unknown;
        };
        let whole = || declaration.path.is_empty() && declaration.is_constant();
        let place = match declaration.binding {
            Binding::Let(place) => place,
            Binding::Param { function, at } if self.to == Some((function, at)) => {
                return if whole() { self.value.clone() } else { Value::Unknown };
            }
            Binding::Param { function, at } => {
                let given = self.with.filter(|(of, _)| *of == function && whole());
                let given = given.and_then(|(_, args)| args.get(at));
                return given.map_or(Value::Unknown, |arg| self.look(*arg, depth + 1));
            }
            _ => return Value::Unknown,
        };
        let looped = tree
            .node(place)
            .parent
            .filter(|up| matches!(tree.syntax(*up), Syntax::Loop { .. }));
        if let Some(up) = looped {
            let row = self.file.row(up, place, declaration, self.row);
            return row.map_or(Value::Unknown, |(row, path)| {
                Self::step(self.look(row, depth + 1), path)
            });
        }
        let value = match (tree.syntax(place), declaration.assignments.as_slice()) {
            (Syntax::Let { value: Some(value), .. }, []) => *value,
            (Syntax::Let { value: None, .. }, [one]) => match tree.syntax(*one) {
                Syntax::Assign { value, .. } => *value,
                _ => return Value::Unknown,
            },
            _ => return Value::Unknown,
        };
        let found = self.look(value, depth + 1);
        // What the test's own objects hold may be changed by what they are handed to.
        let own = matches!(found, Value::Object(_) | Value::Open(_) | Value::List(_))
            && !tree.bytes(value).contains(tree.bytes(self.call))
            && !self.file.only_compares(declaration);
        if own || declaration.default.is_some() {
            return Value::Unknown;
        }
        Self::step(found, &declaration.path)
    }

    fn step(mut found: Value, path: &[Step]) -> Value {
        for step in path {
            found = match step {
                Step::Property(name) => part(&found, name),
                Step::Element(at) => element(&found, *at),
                Step::Rest | Step::Unknown => Value::Unknown,
            };
        }
        found
    }

    fn called(&self, callee: NodeId, args: &[NodeId], depth: u32) -> Value {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        let name = callee_name(facts, callee);
        let look = |arg: &NodeId| self.look(*arg, depth + 1);
        if let Some(value) = self.on_page(callee, args) {
            return value;
        }
        if let Some(variant) = named::made(facts, callee) {
            return Value::Variant(variant.to_owned(), args.iter().map(look).collect());
        }
        if facts.language == Language::Go {
            return golang::called(facts, callee, args, &look);
        }
        let first = args.first().map(look);
        if facts.words(callee) == "Object.keys" {
            return match first {
                Some(Value::Object(keys)) => Value::List(keys.into_keys().map(Value::Text).collect()),
                _ => Value::Unknown,
            };
        }
        match (facts.words(callee), &first) {
            ("String::from", Some(first)) => return first.clone(),
            ("String" | "str", Some(Value::Text(text))) => return Value::Text(text.clone()),
            ("String", Some(Value::Null)) => return Value::Text("null".into()),
            ("String", Some(Value::Undefined)) => return Value::Text("undefined".into()),
            _ => {}
        }
        let Syntax::Member { object, .. } = tree.syntax(tree.bare(callee)) else {
            return Value::Unknown;
        };
        let object = self.look(*object, depth + 1);
        let is_rust = facts.language == Language::Rust;
        if let Some(value) = named::method(&object, name).filter(|_| is_rust) {
            return value;
        }
        match (name, &object, first) {
            (_, Value::Thrown, _) => Value::Thrown,
            (_, Value::Null | Value::Undefined, _) if !is_rust => Value::Thrown,
            ("len", Value::List(_) | Value::Text(_), _) if is_rust => part(&object, "length"),
            ("is_empty", Value::List(_) | Value::Text(_), _) if is_rust => {
                is_true(&part(&object, "length")).map_or(Value::Unknown, |is| Value::Bool(!is))
            }
            ("in", Value::Object(keys), Some(Value::Text(key))) => Value::Bool(keys.contains_key(&key)),
            ("includes" | "contains" | "in", _, Some(first)) => {
                contains(&object, &first).map_or(Value::Unknown, Value::Bool)
            }
            ("startsWith" | "starts_with" | "startswith", Value::Text(text), Some(Value::Text(begin))) => {
                Value::Bool(text.starts_with(&begin))
            }
            ("endsWith" | "ends_with" | "endswith", Value::Text(text), Some(Value::Text(end))) => {
                Value::Bool(text.ends_with(&end))
            }
            ("toLowerCase" | "to_lowercase" | "lower", Value::Text(text), _) => Value::Text(text.to_lowercase()),
            ("toUpperCase" | "to_uppercase" | "upper", Value::Text(text), _) => Value::Text(text.to_uppercase()),
            ("trim" | "strip", Value::Text(text), _) => Value::Text(text.trim().to_owned()),
            ("indexOf", Value::Text(text), Some(Value::Text(part))) if text.is_ascii() => {
                let at = text
                    .find(&part)
                    .map_or(-1.0, |at| f64::from(u32::try_from(at).unwrap_or(u32::MAX)));
                Value::Number(at)
            }
            (
                "unwrap" | "expect" | "as_str" | "as_deref" | "as_ref" | "to_string" | "to_owned" | "into" | "clone",
                _,
                _,
            ) if is_rust => object,
            _ => Value::Unknown,
        }
    }

    fn matches(&self, got: &Value, pattern: NodeId) -> Option<bool> {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        let Value::Text(text) = got else { return None };
        if let Value::Text(words) = self.look(pattern, 0) {
            return Some(text.contains(&words));
        }
        let pattern = tree.bare(pattern);
        if !matches!(tree.syntax(pattern), Syntax::Other(inside) if inside.is_empty()) {
            return None;
        }
        let (body, flags) = facts.words(pattern).strip_prefix('/')?.rsplit_once('/')?;
        let known = flags.chars().all(|flag| "gimsu".contains(flag));
        let body = body.replace("\\/", "/");
        let pattern = RegexBuilder::new(&body)
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .dot_matches_new_line(flags.contains('s'))
            .size_limit(1 << 18)
            .build();
        pattern.ok().filter(|_| known).map(|pattern| pattern.is_match(text))
    }
}
