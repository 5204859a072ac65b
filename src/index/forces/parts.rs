//! What stands in for a function that serves flags, and for one that gives an object of which some parts are flags: `useTax: () => ({ isOn:
//! true, loading: false })`. Enters: what the function serves, and the expression that is there in its place. Leaves: what that sets. What
//! cannot be read is unknown.

use super::answers::Answers;
use super::mocks::{MAX_DEPTH, Mocks, from_answers};
use super::serves::{Served, Serves};
use super::sources::source_of;
use super::{Ground, To, Which};
use crate::flag::FlagValue;
use crate::index::code::{At, Part, Trail};
use crate::lang::tree::{NodeId, Syntax};

/// Calls that are given what a mock answers, or what computes it.
const MOCKS: [&str; 12] = [
    "fn",
    "fake",
    "stub",
    "mockFn",
    "mockReturnValue",
    "mockResolvedValue",
    "mockImplementation",
    "returns",
    "resolves",
    "callsFake",
    "resolve",
    "hoisted",
];

impl Ground<'_> {
    /// What a function sets that stands in for one that serves flags.
    pub(super) fn replaced(
        &self,
        mocks: &mut Mocks,
        serves: &Serves,
        value: At,
        open: Option<NodeId>,
    ) -> Vec<(Which, To)> {
        mocks.note(self, value, serves);
        if let Some(to) = self.passes_on(value) {
            mocks.note(self, to, serves);
        }
        if let Served::Parts(parts) = &serves.what {
            return self.parts_given(mocks, parts, value, open);
        }
        let bag = self.bag(value, open);
        match serves.what {
            Served::Bag => {
                if let Some(source) = source_of(self, self.answer_of(value), true) {
                    mocks.sources.insert(source, serves.clone());
                }
                bag
            }
            // A rule that knows the name does not know this hook: it gives an object of flags.
            Served::Any { .. } if !bag.is_empty() && bag.iter().all(|(_, to)| *to != To::Is(FlagValue::Unknown)) => bag,
            _ => match self.answers(value, open) {
                Some(answers) => self.noted(mocks, serves, answers),
                None => serves.settings(&To::Is(FlagValue::Unknown)),
            },
        }
    }

    fn noted(&self, mocks: &mut Mocks, serves: &Serves, answers: Answers) -> Vec<(Which, To)> {
        for source in &answers.sources {
            mocks.sources.insert(source.clone(), serves.clone());
        }
        from_answers(serves, answers)
    }

    /// What an object sets of which these parts are flags; it may be what a function or a mock gives.
    pub(super) fn parts_given(
        &self,
        mocks: &mut Mocks,
        parts: &[(Part, Serves)],
        value: At,
        open: Option<NodeId>,
    ) -> Vec<(Which, To)> {
        let unknown = || {
            let each = parts.iter();
            each.flat_map(|(_, serves)| serves.settings(&To::Is(FlagValue::Unknown)))
                .collect()
        };
        let answer = self.answer_of(value);
        if let Some(source) = source_of(self, answer, false) {
            let serves = Serves {
                what: Served::Parts(parts.to_vec()),
                module: None,
                rule: parts.first().and_then(|(_, serves)| serves.rule),
            };
            mocks.sources.insert(source, serves);
        }
        let object = match self.held(answer) {
            Some((_, Some(first))) => self.code.settle(first, &mut Trail::default()),
            _ => self.settle_first(answer),
        };
        let list: Vec<NodeId> = match self.code.syntax(object) {
            Syntax::Object { entries: list, .. } | Syntax::Array(list) => list.clone(),
            _ => return unknown(),
        };
        let more = list
            .iter()
            .any(|id| matches!(self.code.syntax(object.with(*id)), Syntax::Spread(_)));
        let members = self.members(object);
        let mut found = Vec::new();
        for (part, serves) in parts {
            let member = match part {
                Part::Property(name) => members.iter().find(|(of, _)| **of == **name).map(|(_, at)| *at),
                Part::Nth(nth) => list.get(*nth).filter(|_| !more).map(|id| object.with(*id)),
            };
            found.extend(match member {
                Some(member) => self.part_given(mocks, serves, member, open),
                // What is spread may hold it.
                None if more => serves.settings(&To::Is(FlagValue::Unknown)),
                None => serves.settings(&To::Is(FlagValue::Off)),
            });
        }
        found
    }

    /// A part: a value, a function that is asked, or an object again.
    fn part_given(&self, mocks: &mut Mocks, serves: &Serves, member: At, open: Option<NodeId>) -> Vec<(Which, To)> {
        let bare = member.with(self.code.tree(member.unit).bare(member.node));
        if matches!(serves.what, Served::Parts(_)) || self.answers(member, open).is_some() {
            return self.replaced(mocks, serves, member, open);
        }
        // `{ isOn: mockTax() }`
        if let Syntax::Call { callee, .. } = self.code.syntax(bare) {
            mocks.note(self, bare.with(*callee), serves);
        }
        let answers = self.answered(bare, open);
        self.noted(mocks, serves, answers)
    }

    /// What a function, or a mock of one, gives in the end, as it is written there.
    fn answer_of(&self, value: At) -> At {
        let mut at = value;
        for _ in 0..MAX_DEPTH {
            at = at.with(self.code.tree(at.unit).bare(at.node));
            let settled = self.code.settle(at, &mut Trail::default());
            at = match self.code.syntax(settled) {
                Syntax::Function(_) => match self.answer_in(settled) {
                    Some(answer) => answer,
                    None => return settled,
                },
                Syntax::Call { callee, args, .. } if self.is_mock(settled.with(*callee)) => match args.first() {
                    Some(first) => settled.with(*first),
                    None => return settled,
                },
                _ => return at,
            };
        }
        at
    }

    fn is_mock(&self, callee: At) -> bool {
        let words = self.code.words(callee);
        MOCKS.contains(&words.rsplit('.').next().unwrap_or(words))
    }

    /// The expression that a function returns, where it returns one alone.
    fn answer_in(&self, function: At) -> Option<At> {
        let Syntax::Function(of) = self.code.syntax(function) else {
            return None;
        };
        let body = of.body?;
        let mut returned = self.code.tree(function.unit).below(body).into_iter().filter_map(|id| {
            match self.code.syntax(function.with(id)) {
                Syntax::Return(value) => Some(*value),
                _ => None,
            }
        });
        let value = match self.code.syntax(function.with(body)) {
            Syntax::Block(_) => {
                let only = returned.next()?;
                if returned.next().is_some() {
                    return None;
                }
                only?
            }
            Syntax::Return(value) => (*value)?,
            _ => body,
        };
        Some(function.with(value))
    }

    /// What a variable holds at first; other expressions are followed to what they stand for.
    fn settle_first(&self, at: At) -> At {
        use crate::index::code::Declared;
        let settled = self.code.settle(at, &mut Trail::default());
        match self.code.declared(settled) {
            Some(Declared::Value { node, parts, .. }) if parts.is_empty() => {
                self.code.settle(settled.with(node), &mut Trail::default())
            }
            _ => settled,
        }
    }
}
