//! Operators and literals: what a value made of values says of flags.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Pass;
use crate::flag::FlagValue;
use crate::index::code::Part;
use crate::index::condition::{Condition, ReadRef};
use crate::index::keys;
use crate::index::meaning::{Fallback, Meaning};
use crate::index::variables;
use crate::lang::tree::{CompareOp, Key, LogicOp, NodeId, Syntax};
use crate::rules::{Ambient, Missing};

/// Records in records beyond this depth are not followed.
const MAX_DEPTH: usize = 4;

impl Pass<'_> {
    pub(super) fn not(&self, inner: NodeId) -> Option<Meaning> {
        let condition = self.meaning(inner)?.condition()?.negated();
        Some(Meaning::Condition(condition))
    }

    pub(super) fn logic(&mut self, op: LogicOp, left: NodeId, right: NodeId) -> Option<Meaning> {
        if op != LogicOp::And
            && let Some(meaning) = self.meaning(left).cloned()
            && let Some(default) = self.constant(right)
        {
            self.fall_back(&meaning, default);
            // `x ?? true` and `x || false` are x; `x || true` is true.
            if op == LogicOp::Coalesce || default != FlagValue::On {
                return Some(meaning);
            }
        }
        if self.meaning(left).is_none() && self.meaning(right).is_none() {
            return None;
        }
        // `overrides.get(key) ?? defaults[key]`: what somebody else sets, else the flag.
        if op == LogicOp::Coalesce && self.meaning(left).is_none() {
            return self.meaning(right).cloned();
        }
        let (left, right) = (self.condition(left), self.condition(right));
        match op {
            LogicOp::And => Some(Meaning::Condition(left.and(&right))),
            LogicOp::Or => Some(Meaning::Condition(left.or(&right))),
            LogicOp::Coalesce => None,
        }
    }

    /// The value of an expression that is a literal (or stands for one).
    pub(super) fn constant(&mut self, node: NodeId) -> Option<FlagValue> {
        let at = self.code.settle(self.at(node), self.trail.restart());
        match self.code.syntax(at) {
            Syntax::Bool(value) => Some(FlagValue::from(*value)),
            Syntax::Nothing => Some(FlagValue::Off),
            Syntax::Text(text) => Some(FlagValue::parse(text)),
            _ => None,
        }
    }

    /// Notes what the reads behind a value fall back to.
    fn fall_back(&mut self, meaning: &Meaning, default: FlagValue) {
        let Some((_, negative)) = meaning.condition().and_then(Condition::single) else {
            return;
        };
        let mut reads = Vec::new();
        meaning.reads(&mut reads);
        for read in reads {
            if let Some(read) = self.flow.reads.get_mut(&read) {
                let value = if negative == read.negative {
                    default
                } else {
                    default.flipped()
                };
                read.fallback.get_or_insert(Fallback::Is(value));
            }
        }
    }

    pub(super) fn compare(&mut self, op: CompareOp, left: NodeId, right: NodeId) -> Option<Meaning> {
        let (value, of, other) = match (self.meaning(left).cloned(), self.meaning(right).cloned()) {
            (Some(value), None) => (value, left, right),
            (None, Some(value)) => (value, right, left),
            _ => return None,
        };
        let equal = self.equal_to(&value, other)?;
        if op != CompareOp::Other && variables::is_unset(self.code, self.at(of), self.at(other)) {
            self.unset(&value, other);
        }
        match op {
            CompareOp::Equal => Some(Meaning::Condition(equal)),
            CompareOp::NotEqual => Some(Meaning::Condition(equal.negated())),
            CompareOp::Other => None,
        }
    }

    /// `process.env.X === 'true'`: a variable that nobody sets is no text, so that the flag is what it is where this is not so.
    fn unset(&mut self, value: &Meaning, other: NodeId) {
        let mut reads = Vec::new();
        value.reads(&mut reads);
        let of_environment = |read: &ReadRef| {
            let read = self.flow.reads.get(read);
            let traits = read.map(|read| &self.world.rules.files[read.rule.file].flags);
            traits.is_some_and(|of| of.missing == Missing::Undefined && of.ambient == Ambient::Declared)
        };
        if reads.is_empty() || !reads.iter().all(of_environment) {
            return;
        }
        let at = self.code.settle(self.at(other), self.trail.restart());
        let asked = match self.code.syntax(at) {
            Syntax::Text(text) => FlagValue::parse(text),
            Syntax::Number => FlagValue::parse(self.code.words(at)),
            _ => FlagValue::Unknown,
        };
        if asked != FlagValue::Unknown {
            self.fall_back(value, asked.flipped());
        }
    }

    /// What is certain where `value` equals the constant `other`.
    pub(super) fn equal_to(&mut self, value: &Meaning, other: NodeId) -> Option<Condition> {
        let at = self.code.settle(self.at(other), self.trail.restart());
        match self.code.syntax(at) {
            Syntax::Bool(true) => value.condition().cloned(),
            Syntax::Bool(false) => value.condition().map(Condition::negated),
            Syntax::Text(text) => value.equals(text),
            Syntax::Number => value.equals(self.code.words(at)),
            _ => None,
        }
    }

    pub(super) fn choose(&mut self, test: NodeId, yes: NodeId, no: NodeId) -> Option<Meaning> {
        let known = [test, yes, no].iter().any(|id| self.meaning(*id).is_some());
        if !known {
            return None;
        }
        let (test, yes, no) = (self.condition(test), self.condition(yes), self.condition(no));
        let value = yes.reached(&test.yes).either(&no.reached(&test.no));
        Some(Meaning::Condition(value))
    }

    pub(super) fn list(&self, list: &[NodeId]) -> Option<Meaning> {
        let parts = list.iter().enumerate();
        let parts = parts.filter_map(|(nth, id)| Some((Part::Nth(nth), self.part_value(*id)?)));
        record(parts.collect())
    }

    pub(super) fn object(&self, entries: &[NodeId]) -> Option<Meaning> {
        let mut parts = BTreeMap::new();
        for entry in entries {
            match self.syntax(*entry) {
                Syntax::Entry {
                    key: Key::Name(name, _),
                    value,
                } => match self.part_value(*value) {
                    Some(meaning) => {
                        parts.insert(Part::Property(name.clone()), meaning);
                    }
                    None => {
                        parts.remove(&Part::Property(name.clone()));
                    }
                },
                Syntax::Function(function) => {
                    if let (Some((name, _)), Some(meaning)) = (&function.name, self.part_value(*entry)) {
                        parts.insert(Part::Property(name.clone()), meaning);
                    }
                }
                Syntax::Spread(inner) => {
                    if let Some(Meaning::Parts(more)) = self.meaning(*inner) {
                        let more = more.iter().map(|(part, meaning)| (part.clone(), meaning.clone()));
                        parts.extend(more);
                    }
                }
                _ => {}
            }
        }
        record(parts)
    }

    fn part_value(&self, node: NodeId) -> Option<Meaning> {
        let meaning = self.meaning(node)?;
        (depth(meaning, MAX_DEPTH) < MAX_DEPTH).then(|| meaning.clone())
    }

    pub(super) fn index(&mut self, id: NodeId, object: NodeId, index: NodeId) -> Option<Meaning> {
        let at = self.code.settle(self.at(index), self.trail.restart());
        let part = match self.code.syntax(at) {
            Syntax::Text(name) => return self.member(id, object, name),
            Syntax::Number => Part::Nth(self.code.words(at).parse().ok()?),
            _ => return self.looked_up(id, object, index),
        };
        self.meaning(object)?.part(&part)
    }

    /// `defaults[key]`, where the object holds the values of flags: a read of the flag that the key names.
    fn looked_up(&mut self, id: NodeId, object: NodeId, index: NodeId) -> Option<Meaning> {
        let parent = self.tree.node(id).parent.map(|parent| self.syntax(parent));
        let is_set = matches!(parent, Some(Syntax::Assign { target, .. } | Syntax::Delete(target)) if *target == id);
        if is_set || self.world.handles.is_empty() {
            return None;
        }
        let owner = self.code.settle(self.at(object), self.trail.restart());
        let Syntax::Object { entries, .. } = self.code.syntax(owner) else {
            return None;
        };
        let tree = self.code.tree(owner.unit);
        let mut values = entries.iter().filter_map(|entry| match tree.syntax(*entry) {
            Syntax::Entry { value, .. } => Some(owner.with(tree.bare(*value))),
            _ => None,
        });
        let handle = values.find_map(|at| self.world.handles.at(self.code, at).filter(|handle| handle.is_value))?;
        let (rule, confidence) = (handle.rule, handle.confidence);
        let key = keys::key_of(self.code, self.world.handles, self.at(index), self.trail.restart())?;
        Some(self.read_of(id, key.term, rule, confidence))
    }
}

fn record(parts: BTreeMap<Part, Meaning>) -> Option<Meaning> {
    (!parts.is_empty()).then(|| Meaning::Parts(Arc::new(parts)))
}

/// How deep a value is, as far as `most`.
fn depth(meaning: &Meaning, most: usize) -> usize {
    if most == 0 {
        return 0;
    }
    match meaning {
        Meaning::Parts(parts) => 1 + parts.values().map(|part| depth(part, most - 1)).max().unwrap_or(0),
        Meaning::Function(shared) => 1 + depth(&shared.gives, most - 1),
        Meaning::Condition(_) | Meaning::Result(..) => 0,
    }
}
