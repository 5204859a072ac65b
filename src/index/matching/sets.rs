//! Whole sets of flags: a call that replaces all of them may name none. Enters: a rule and a hit. Leaves: yes or no.

use super::Matcher;
use super::hit::Hit;
use super::select::Found;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::rule::{Others, Rule, RuleKind};
use crate::rules::selector::{Selector, Start, Take};

impl<'a> Matcher<'a> {
    /// A flag of a list: a build tag is its own key, everything else is to be resolved.
    pub(super) fn listed(&self, id: NodeId) -> Found {
        match self.syntax(id) {
            Syntax::Name if self.facts.language == Language::Go => {
                Found::Text(self.facts.words(id).to_owned(), self.facts.tree.bytes(id))
            }
            _ => Found::Node(id),
        }
    }

    /// `setFlags({})`, `WithFeatures()`, where that says something of the flags that are not named: none is.
    pub(super) fn sets_all_to_nothing(&self, rule: &Rule, hit: &Hit<'a>) -> bool {
        let (RuleKind::Force(force), Some(key)) = (&rule.kind, &rule.key) else {
            return false;
        };
        if force.others == Others::Keep || key.take == Take::One {
            return false;
        }
        let whole = Selector {
            take: Take::One,
            ..key.clone()
        };
        let of = self.select(&whole, "key", hit);
        of.iter().any(|one| match one {
            Some(Found::Node(id)) => match self.syntax(self.literal(*id)) {
                Syntax::Object { entries: list, .. } | Syntax::Array(list) => list.is_empty(),
                Syntax::Call { args, .. } => takes_arguments(key) && args.is_empty(),
                _ => false,
            },
            _ => false,
        })
    }
}

/// True for a selector whose elements are the arguments of the call that matched (`enableOnly('a', 'b')`).
pub(super) fn takes_arguments(selector: &Selector) -> bool {
    selector.take == Take::Elements && selector.start == Start::Matched && selector.path.is_empty()
}

/// An item of a list; negative from the end.
pub(super) fn nth(list: &[NodeId], at: i32) -> Option<NodeId> {
    let from_end = usize::try_from(at.unsigned_abs()).ok()?;
    let at = match at < 0 {
        true => list.len().checked_sub(from_end)?,
        false => from_end,
    };
    list.get(at).copied()
}
