//! What a value says of flags, and how operators change it. Enters: conditions made from reads. Leaves: [`Meaning`], and [`Shared`] for
//! what other code can call or import. Knows nothing of syntax trees; who walks them is [`super::flow`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::code::Part;
use super::condition::{Atom, Condition, Formula, KeyTerm, ReadRef};
use crate::flag::FlagValue;
use crate::lang::tree::NodeId;
use crate::rules::rule::{ResultShape, ResultTest};
use crate::rules::selector::PathStep;
use crate::rules::{Confidence, RuleRef};
use crate::source::{Bytes, FileId};

/// More wrappers between a read and its use are not followed.
const MAX_WRAPPERS: usize = 2;
/// Properties that carry a flag's value, where a rule does not name them.
const VALUE_PROPERTIES: [&str; 8] = [
    "value",
    "enabled",
    "isEnabled",
    "on",
    "current",
    "data",
    "feature_enabled",
    "featureEnabled",
];

/// What a wrapper's read falls back to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fallback {
    /// This value.
    Is(FlagValue),
    /// What the caller of the function passes as this parameter, else this value.
    Param((FileId, NodeId), usize, Option<FlagValue>),
}

/// A read as it is found in one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LocalRead {
    /// The flag; `None` where it could not be resolved.
    pub key: Option<KeyTerm>,
    /// Where the flag is named, in the file of the read.
    pub key_bytes: Option<Bytes>,
    /// The rule that found it.
    pub rule: RuleRef,
    /// Wrappers between here and the SDK, outermost first.
    pub via: Vec<String>,
    /// What it falls back to.
    pub fallback: Option<Fallback>,
    /// The value is the opposite of the flag.
    pub negative: bool,
    /// How sure.
    pub confidence: Confidence,
    /// Counts only if something is made of it: one of many that a call would give.
    pub lazy: bool,
}

/// What a value says of flags.
#[derive(Clone, PartialEq, Debug)]
pub enum Meaning {
    /// It is true or false.
    Condition(Condition),
    /// A condition comes out of it by these steps.
    Result(Condition, ResultShape),
    /// An object or a list with such values.
    Parts(Arc<BTreeMap<Part, Meaning>>),
    /// Calling it gives a value.
    Function(Arc<Shared>),
}

/// What other code can use: what a function gives when it is called, or what a constant is.
#[derive(Clone, PartialEq, Debug)]
pub struct Shared {
    /// Its name, for people.
    pub name: String,
    /// The function, or the constant's value: a node of a text of the pool.
    pub node: (FileId, NodeId),
    /// What it gives; keys may be its parameters.
    pub gives: Meaning,
    /// The reads that `gives` rests on.
    pub reads: BTreeMap<ReadRef, LocalRead>,
    /// What is certain where an element of this component shows its children.
    pub children: Formula,
}

impl Meaning {
    /// The value of a flag, out of which a boolean comes by `shape`.
    #[must_use]
    pub fn of(condition: Condition, shape: &ResultShape) -> Self {
        match &shape.test {
            ResultTest::Truth | ResultTest::Includes if shape.path.is_empty() => Self::Condition(condition),
            _ => Self::Result(condition, shape.clone()),
        }
    }

    /// What is certain where the value is true or false.
    #[must_use]
    pub fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Condition(condition) => Some(condition),
            // An environment variable that is set is truthy.
            Self::Result(condition, shape) if shape.path.is_empty() => Some(condition),
            _ => None,
        }
    }

    /// A part of the value.
    #[must_use]
    pub fn part(&self, part: &Part) -> Option<Self> {
        match self {
            Self::Parts(parts) => parts.get(part).cloned(),
            Self::Result(condition, shape) => {
                let (first, rest) = shape.path.split_first()?;
                let taken = match (first, part) {
                    (PathStep::Property(name), Part::Property(own)) => **name == **own,
                    (PathStep::Nth(nth), Part::Nth(own)) => usize::try_from(*nth) == Ok(*own),
                    _ => false,
                };
                let rest = ResultShape {
                    path: rest.to_vec(),
                    test: shape.test.clone(),
                };
                taken.then(|| Self::of(condition.clone(), &rest))
            }
            Self::Condition(condition) => match part {
                Part::Property(name) if VALUE_PROPERTIES.contains(&&**name) => Some(self.clone()),
                Part::Property(name) if &**name == "off" => Some(Self::Condition(condition.negated())),
                Part::Property(_) => None,
                Part::Nth(nth) => (*nth == 0).then(|| self.clone()),
            },
            Self::Function(_) => None,
        }
    }

    /// Several parts, one after the other.
    #[must_use]
    pub fn parts(&self, parts: &[Part]) -> Option<Self> {
        let mut meaning = self.clone();
        for part in parts {
            meaning = meaning.part(part)?;
        }
        Some(meaning)
    }

    /// `value === word`
    #[must_use]
    pub fn equals(&self, word: &str) -> Option<Condition> {
        let condition = self.condition()?;
        if let Self::Result(_, shape) = self
            && let ResultTest::Equals(text) = &shape.test
            && text == word
        {
            return Some(condition.clone());
        }
        match FlagValue::parse(word) {
            FlagValue::On => Some(condition.clone()),
            FlagValue::Off => Some(condition.negated()),
            FlagValue::Unknown => None,
        }
    }

    /// The same seen by a caller: keys that are parameters become what is passed, reads become those of the call.
    #[must_use]
    pub fn bound(&self, binder: &Binder<'_>) -> Self {
        match self {
            Self::Condition(condition) => Self::Condition(binder.condition(condition)),
            Self::Result(condition, shape) => Self::Result(binder.condition(condition), shape.clone()),
            Self::Parts(parts) => {
                let parts = parts
                    .iter()
                    .map(|(part, meaning)| (part.clone(), meaning.bound(binder)));
                Self::Parts(Arc::new(parts.collect()))
            }
            Self::Function(shared) => Self::Function(Arc::new(shared.bound_inside(binder))),
        }
    }

    /// True if it is a condition that says nothing, or has no part that says anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Condition(condition) | Self::Result(condition, _) => condition.is_empty(),
            Self::Parts(parts) => parts.values().all(Self::is_empty),
            Self::Function(shared) => shared.gives.is_empty(),
        }
    }

    /// The reads that it rests on.
    pub fn reads(&self, found: &mut Vec<ReadRef>) {
        match self {
            Self::Condition(condition) | Self::Result(condition, _) => found.extend(condition.reads()),
            Self::Parts(parts) => parts.values().for_each(|meaning| meaning.reads(found)),
            Self::Function(shared) => found.extend(shared.reads.keys().copied()),
        }
    }
}

/// How a caller sees what a function gives.
pub struct Binder<'a> {
    /// What a key becomes; `None` where it cannot be resolved.
    pub key: &'a dyn Fn(&KeyTerm) -> Option<KeyTerm>,
    /// What a read becomes; `None`: reads stay what they are.
    pub reads: Option<&'a BTreeMap<ReadRef, ReadRef>>,
}

impl Binder<'_> {
    fn atom(&self, atom: &Atom) -> Option<Atom> {
        let read = match self.reads {
            Some(reads) => *reads.get(&atom.read)?,
            None => atom.read,
        };
        Some(Atom {
            key: (self.key)(&atom.key)?,
            on: atom.on,
            read,
        })
    }

    fn condition(&self, condition: &Condition) -> Condition {
        Condition {
            yes: self.formula(&condition.yes),
            no: self.formula(&condition.no),
        }
    }

    /// The formula as the caller sees it.
    #[must_use]
    pub fn formula(&self, formula: &Formula) -> Formula {
        formula.map(&mut |atom| self.atom(atom))
    }
}

impl Shared {
    /// A function that a call gives back: what was passed to the call is known inside it; its own reads stay its own.
    fn bound_inside(&self, binder: &Binder<'_>) -> Self {
        let inner = Binder {
            key: binder.key,
            reads: None,
        };
        let reads = self.reads.iter().map(|(at, read)| {
            let key = read.key.as_ref().and_then(|key| (binder.key)(key));
            (*at, LocalRead { key, ..read.clone() })
        });
        Self {
            name: self.name.clone(),
            node: self.node,
            gives: self.gives.bound(&inner),
            reads: reads.collect(),
            children: inner.formula(&self.children),
        }
    }
}

impl LocalRead {
    /// The same read seen by a caller of `wrapper`; `None` if there are too many wrappers between.
    #[must_use]
    pub fn through(&self, wrapper: &str) -> Option<Self> {
        if self.via.len() == MAX_WRAPPERS {
            return None;
        }
        let mut via = vec![wrapper.to_owned()];
        via.extend(self.via.iter().cloned());
        Some(Self { via, ..self.clone() })
    }
}
