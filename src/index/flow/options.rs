//! Rust: what the methods of `Option`, `Result` and texts make of a flag's value. Enters: a call or a macro. Leaves: what it says of flags.

use super::Pass;
use crate::index::condition::Condition;
use crate::index::meaning::Meaning;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};

/// Methods whose result is true, or there, where the value is.
const SAME: [&str; 18] = [
    "is_ok",
    "is_some",
    "ok",
    "as_deref",
    "as_ref",
    "as_str",
    "copied",
    "cloned",
    "flatten",
    "unwrap",
    "unwrap_or",
    "unwrap_or_default",
    "unwrap_or_else",
    "expect",
    "parse",
    "trim",
    "to_lowercase",
    "to_ascii_lowercase",
];
/// Methods whose result is true where it is not there.
const OPPOSITE: [&str; 2] = ["is_err", "is_none"];
/// Methods that hand what is in it to the function in their last argument, and give what that gives.
pub(super) const HANDS: [&str; 7] = [
    "map",
    "and_then",
    "is_some_and",
    "is_ok_and",
    "map_or",
    "map_or_else",
    "filter",
];

impl Pass<'_> {
    /// `env::var("X").map(|v| v == "1").unwrap_or(false)`
    pub(super) fn optional(&mut self, callee: NodeId, args: &[NodeId]) -> Option<Meaning> {
        let (Language::Rust, Syntax::Member { object, property }) =
            (self.code.facts(self.unit).language, self.syntax(callee))
        else {
            return None;
        };
        let (object, method) = (self.meaning(*object)?.clone(), self.slice(*property));
        match method {
            _ if SAME.contains(&method) => Some(object),
            _ if OPPOSITE.contains(&method) => Some(Meaning::Condition(object.condition()?.negated())),
            "eq" | "eq_ignore_ascii_case" => Some(Meaning::Condition(self.equal_to(&object, *args.first()?)?)),
            _ if HANDS.contains(&method) => match self.meaning(*args.last()?)? {
                Meaning::Function(shared) => Some(shared.gives.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// `matches!(env::var("X").as_deref(), Ok("1") | Ok("true"))`
    pub(super) fn matched(&mut self, args: &[NodeId]) -> Option<Meaning> {
        let (first, patterns) = args.split_first()?;
        let value = self.meaning(*first)?.clone();
        let condition = value.condition()?.clone();
        let words = self.words(*patterns.first()?);
        if words.starts_with("Err") || words.starts_with("None") {
            return Some(Meaning::Condition(condition.negated()));
        }
        let below = patterns.iter().flat_map(|pattern| self.tree.below(*pattern));
        let texts = below.filter_map(|id| match self.syntax(id) {
            Syntax::Text(text) => Some(text.to_string()),
            _ => None,
        });
        let texts: Vec<String> = texts.collect();
        if texts.is_empty() {
            return Some(Meaning::Condition(condition));
        }
        let mut any = Condition::constant(false);
        for text in &texts {
            any = any.or(&value.equals(text)?);
        }
        Some(Meaning::Condition(any))
    }
}
