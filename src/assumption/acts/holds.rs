//! Does an assertion hold? Enters: an assertion of a test, a call in it, and a [`Value`] that the call may give. Leaves: yes, no, or that
//! nobody knows. What is not understood is never a no.

use std::collections::BTreeMap;

use regex::RegexBuilder;

use super::calls;
use super::file::TestFile;
use super::value::{Value, contains, element, is_kind, is_true, literal, part, same, within};
use super::yields::callee_name;
use crate::index::bindings::{Binding, Step};
use crate::lang::Language;
use crate::lang::tree::{CompareOp, Key, LogicOp, NodeId, Syntax};
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

/// An assertion on values.
#[derive(Clone, Debug)]
pub struct Claim<'f> {
    /// Where it stands.
    pub node: NodeId,
    /// How it compares.
    matcher: &'f str,
    /// What is looked at.
    got: NodeId,
    /// What is expected.
    expected: Vec<NodeId>,
    /// Turned around by `not`.
    negated: bool,
}

/// The claims in a region that fail the test where they do not hold, in the order of the text.
#[must_use]
pub fn claims(file: TestFile<'_>, region: Bytes) -> Vec<Claim<'_>> {
    let found = file.nodes(region).filter_map(|id| claim(file, id));
    found
        .filter(|claim| crate::assumption::sure::fails_its_test(file.facts, claim.node, region))
        .collect()
}

fn claim(file: TestFile<'_>, id: NodeId) -> Option<Claim<'_>> {
    let (facts, tree) = (file.facts, &file.facts.tree);
    let plain = |matcher, args: &[NodeId]| {
        Some(Claim {
            node: id,
            matcher,
            got: *args.first()?,
            expected: args.get(1..)?.to_vec(),
            negated: false,
        })
    };
    match tree.syntax(id) {
        Syntax::Macro { name, args } => {
            let name = facts.slice(*name);
            matches!(name, "assert" | "assert_eq" | "assert_ne").then(|| plain(name, args))?
        }
        Syntax::Call { callee, args, .. } => {
            let (name, path) = (callee_name(facts, *callee), facts.words(*callee));
            if facts.language == Language::Ruby {
                let of = calls::assertion(facts, id).filter(|of| !of.negated && !of.failing)?;
                return Some(Claim {
                    node: id,
                    matcher: if of.matcher == "be" { "eq" } else { of.matcher },
                    got: of.got,
                    expected: of.expected,
                    negated: false,
                });
            }
            if path.contains("expect(") {
                let got = calls::expected_of(facts, *callee)?;
                let start = tree.bytes(got).end.saturating_sub(tree.bytes(*callee).start) as usize;
                let between = path.get(start..).unwrap_or(path);
                let has = |word: &str| between.split('.').any(|part| part == word);
                if has("rejects") || name.to_lowercase().contains("throw") {
                    return None;
                }
                return Some(Claim {
                    node: id,
                    matcher: name,
                    got,
                    expected: args.clone(),
                    negated: has("not") || has("never"),
                });
            }
            let asserts = ["assert", "t.", "self.assert", "chai.", "test."]
                .iter()
                .any(|word| path.starts_with(word));
            asserts.then(|| plain(name, args))?
        }
        _ => None,
    }
}

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
        let id = tree.bare(id);
        if id == self.call {
            return self.value.clone();
        }
        if depth > 12 {
            return Value::Unknown;
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
                let mut keys = BTreeMap::new();
                for entry in entries {
                    match tree.syntax(*entry) {
                        Syntax::Entry {
                            key: Key::Name(key, _),
                            value,
                        } => keys.insert(key.to_string(), look(value)),
                        _ => return Value::Unknown,
                    };
                }
                Value::Object(keys)
            }
            Syntax::Call { callee, args, .. } => self.called(*callee, args, depth),
            _ => Value::Unknown,
        }
    }

    fn named(&self, id: NodeId, depth: u32) -> Value {
        let tree = &self.file.facts.tree;
        let Some(declaration) = self.file.bindings().declaration(id) else {
            return Value::Unknown;
        };
        let place = match declaration.binding {
            Binding::Let(place) => place,
            Binding::Param { function, at } if self.to == Some((function, at)) => {
                let whole = declaration.path.is_empty() && declaration.is_constant();
                return if whole { self.value.clone() } else { Value::Unknown };
            }
            _ => return Value::Unknown,
        };
        let value = match (tree.syntax(place), declaration.assignments.as_slice()) {
            (Syntax::Let { value: Some(value), .. }, []) => *value,
            (Syntax::Let { value: None, .. }, [one]) => match tree.syntax(*one) {
                Syntax::Assign { value, .. } => *value,
                _ => return Value::Unknown,
            },
            _ => return Value::Unknown,
        };
        let looped = tree
            .node(place)
            .parent
            .is_some_and(|up| matches!(tree.syntax(up), Syntax::Loop { .. }));
        let mut found = self.look(value, depth + 1);
        // What the test's own objects hold may be changed by what they are handed to.
        let own =
            matches!(found, Value::Object(_) | Value::List(_)) && !tree.bytes(value).contains(tree.bytes(self.call));
        if looped || own || declaration.default.is_some() {
            return Value::Unknown;
        }
        for step in &declaration.path {
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
        let first = args.first().map(|arg| self.look(*arg, depth + 1));
        if facts.words(callee) == "Object.keys" {
            return match first {
                Some(Value::Object(keys)) => Value::List(keys.into_keys().map(Value::Text).collect()),
                _ => Value::Unknown,
            };
        }
        match (facts.words(callee), &first) {
            ("Ok" | "Some" | "String::from", Some(first)) => return first.clone(),
            ("String" | "str", Some(Value::Text(text))) => return Value::Text(text.clone()),
            ("String", Some(Value::Null)) => return Value::Text("null".into()),
            ("String", Some(Value::Undefined)) => return Value::Text("undefined".into()),
            _ => {}
        }
        let Syntax::Member { object, .. } = tree.syntax(tree.bare(callee)) else {
            return Value::Unknown;
        };
        let object = self.look(*object, depth + 1);
        match (name, &object, first) {
            (_, Value::Thrown | Value::Null | Value::Undefined, _) if facts.language != Language::Rust => Value::Thrown,
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
            ) if facts.language == Language::Rust => object,
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
