//! What a mocked function answers, flag by flag: `() => true`, `(key) => key === 'x'`, `vi.fn().mockReturnValue(on)`, a `switch`, a look-up in
//! an object. Enters: the expression of the function. Leaves: [`Answers`]. What cannot be said is *unknown*, never a guess.

mod asking;

use std::collections::{BTreeMap, BTreeSet};

use super::To;
use crate::flag::{FlagKey, FlagValue};
use crate::index::condition::Param;
use crate::lang::tree::{LogicOp, NodeId};

/// One answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    /// A value.
    To(To),
    /// Nothing: `undefined`, which is not on.
    Absent,
    /// What the real function answers.
    Kept,
}

impl Answer {
    fn unknown() -> Self {
        Self::To(To::Is(FlagValue::Unknown))
    }

    fn is(value: bool) -> Self {
        Self::To(To::Is(FlagValue::from(value)))
    }

    /// The value, where it is certain.
    fn certain(&self) -> Option<bool> {
        match self {
            Self::To(To::Is(FlagValue::On)) => Some(true),
            Self::To(To::Is(FlagValue::Off)) | Self::Absent => Some(false),
            _ => None,
        }
    }

    fn flipped(self) -> Self {
        match self {
            Self::To(to) => Self::To(to.flipped()),
            Self::Absent => Self::is(true),
            Self::Kept => Self::unknown(),
        }
    }

    /// What is set; nothing where the real function answers.
    pub(super) fn to(self) -> Option<To> {
        match self {
            Self::To(to) => Some(to),
            Self::Absent => Some(To::Is(FlagValue::Off)),
            Self::Kept => None,
        }
    }
}

/// A variable that a mocked function looks its answer up in: to change it is to set flags.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Source {
    /// The name where the function uses it.
    pub(super) name: NodeId,
    /// The properties of it that lead there: `state.flags`.
    pub(super) path: Vec<String>,
    /// Flags are its properties; else it is the answer for every flag.
    pub(super) by_key: bool,
}

/// What a function answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Answers {
    /// For these flags.
    pub(super) keys: BTreeMap<FlagKey, Answer>,
    /// For every other.
    pub(super) rest: Answer,
    /// Variables that it looks them up in.
    pub(super) sources: BTreeSet<Source>,
    /// On are those, and no others, of a list that a caller of the function around passes (`keys` and `rest` say nothing then).
    pub(super) listed: Option<Param>,
}

impl Answers {
    fn all(rest: Answer) -> Self {
        Self {
            keys: BTreeMap::new(),
            rest,
            sources: BTreeSet::new(),
            listed: None,
        }
    }

    fn unknown() -> Self {
        Self::all(Answer::unknown())
    }

    fn of(&self, key: &FlagKey) -> &Answer {
        self.keys.get(key).unwrap_or(&self.rest)
    }

    /// Flag by flag.
    fn map(self, change: impl Fn(Answer) -> Answer) -> Self {
        Self {
            keys: self
                .keys
                .into_iter()
                .map(|(key, answer)| (key, change(answer)))
                .collect(),
            rest: change(self.rest),
            sources: self.sources,
            listed: None,
        }
    }

    /// Two of them, flag by flag.
    fn with(&self, other: &Self, join: impl Fn(&Answer, &Answer) -> Answer) -> Self {
        let keys = self.keys.keys().chain(other.keys.keys());
        Self {
            keys: keys
                .map(|key| (key.clone(), join(self.of(key), other.of(key))))
                .collect(),
            rest: join(&self.rest, &other.rest),
            sources: self.sources.union(&other.sources).cloned().collect(),
            listed: None,
        }
    }

    /// `self ? yes : no`
    fn choose(&self, yes: &Self, no: &Self) -> Self {
        let either = |yes: &Answer, no: &Answer| if yes == no { yes.clone() } else { Answer::unknown() };
        let pick = |key: Option<&FlagKey>| {
            let of = |answers: &Self| key.map_or(answers.rest.clone(), |key| answers.of(key).clone());
            match of(self).certain() {
                Some(true) => of(yes),
                Some(false) => of(no),
                None => either(&of(yes), &of(no)),
            }
        };
        let all = [self, yes, no];
        let keys: BTreeSet<&FlagKey> = all.iter().flat_map(|answers| answers.keys.keys()).collect();
        Self {
            keys: keys.into_iter().map(|key| (key.clone(), pick(Some(key)))).collect(),
            rest: pick(None),
            sources: all.iter().flat_map(|answers| answers.sources.iter().cloned()).collect(),
            listed: yes_and_no(self, yes, no),
        }
    }
}

/// `list.includes(key) ? true : false`: the list is what is on.
fn yes_and_no(test: &Answers, yes: &Answers, no: &Answers) -> Option<Param> {
    let says =
        |of: &Answers, value: bool| of.keys.is_empty() && of.listed.is_none() && of.rest.certain() == Some(value);
    test.listed.clone().filter(|_| says(yes, true) && says(no, false))
}

/// What an operator makes of two answers.
fn joined(op: LogicOp, left: &Answer, right: &Answer) -> Answer {
    match (op, left.certain(), right.certain()) {
        (LogicOp::Coalesce, _, _) if *left == Answer::Absent => right.clone(),
        (LogicOp::Coalesce, _, _) => left.clone(),
        (LogicOp::Or, Some(true), _) | (LogicOp::Or, _, Some(true)) => Answer::is(true),
        (LogicOp::Or, Some(false), _) => right.clone(),
        (LogicOp::Or, _, Some(false)) => left.clone(),
        (LogicOp::And, Some(false), _) | (LogicOp::And, _, Some(false)) => Answer::is(false),
        (LogicOp::And, Some(true), _) => right.clone(),
        (LogicOp::And, _, Some(true)) => left.clone(),
        _ => Answer::unknown(),
    }
}
