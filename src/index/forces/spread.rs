//! Objects of which a part comes from elsewhere: `{ a: false, ...overrides }`. Enters: an entry of such an object, with its value. Leaves: what the
//! flag is after all that is spread behind the entry. What is spread and cannot be read may hold anything: unknown.

use super::{Ground, Passed, To, Which};
use crate::flag::FlagValue;
use crate::index::code::{At, Trail};
use crate::lang::tree::{Key, LogicOp, NodeId, Syntax};

impl Ground<'_> {
    /// What an entry sets, whose own value is `own`: what is spread behind it has the last word. `open`: the function around, whose parameters its
    /// callers fill.
    pub(super) fn after_spreads(&self, value: At, own: To, open: Option<NodeId>) -> To {
        let Some((name, later)) = self.behind_entry(value) else {
            return own;
        };
        later
            .into_iter()
            .fold(own, |own, spread| self.spread(spread, &name, own, open))
    }

    /// The name of the entry around a value, and what is spread behind it in its object.
    fn behind_entry(&self, value: At) -> Option<(String, Vec<At>)> {
        let tree = self.code.tree(value.unit);
        let mut up = tree.ancestors(value.node);
        let entry = up.find(|up| !matches!(tree.syntax(*up), Syntax::Wrap(..)))?;
        let Syntax::Entry {
            key: Key::Name(name, _),
            ..
        } = tree.syntax(entry)
        else {
            return None;
        };
        let Syntax::Object { entries, .. } = tree.syntax(up.next()?) else {
            return None;
        };
        let after = entries.iter().skip_while(|id| **id != entry).skip(1);
        let spread = after.filter_map(|id| match tree.syntax(*id) {
            Syntax::Spread(inner) => Some(value.with(*inner)),
            _ => None,
        });
        Some((name.to_string(), spread.collect()))
    }

    /// What an entry of this name and value is with something spread behind it.
    fn spread(&self, spread: At, name: &str, own: To, open: Option<NodeId>) -> To {
        let spread = self.without_fallback(spread);
        if let To::Passed(mut passed) = self.to(spread, open) {
            let otherwise = match own {
                To::Is(value) => Some(value),
                _ => None,
            };
            passed.param.path.push(name.into());
            return To::Passed(Passed {
                negative: false,
                otherwise,
                ..passed
            });
        }
        if let Some(given) = self.code.property(spread, name, &mut Trail::default()) {
            return self.to(given, None);
        }
        let object = self.code.settle(spread, &mut Trail::default());
        let is_whole = match self.code.syntax(object) {
            Syntax::Object { entries, .. } => !entries
                .iter()
                .any(|id| matches!(self.code.syntax(object.with(*id)), Syntax::Spread(_))),
            _ => false,
        };
        if is_whole { own } else { To::Is(FlagValue::Unknown) }
    }

    /// `overrides` in `...(overrides ?? {})`
    fn without_fallback(&self, at: At) -> At {
        let at = at.with(self.code.tree(at.unit).bare(at.node));
        match self.code.syntax(at) {
            Syntax::Logic {
                op: LogicOp::Coalesce | LogicOp::Or,
                left,
                ..
            } => at.with(self.code.tree(at.unit).bare(*left)),
            _ => at,
        }
    }

    /// The parameters that are spread in the object of an entry: each of their entries is one of the object.
    pub(super) fn spread_params(&self, value: At, open: Option<NodeId>) -> Vec<Which> {
        let Some((_, later)) = self.behind_entry(value) else {
            return Vec::new();
        };
        let params = later
            .into_iter()
            .filter_map(|spread| self.entries_param(self.without_fallback(spread), open));
        params.collect()
    }

    /// `overrides.isOn ?? false`: what is passed, else this.
    pub(super) fn with_fallback(&self, to: To, otherwise: To) -> Option<To> {
        match (to, otherwise) {
            (To::Passed(passed), To::Is(value)) if passed.otherwise.is_none() && !passed.negative => {
                Some(To::Passed(Passed {
                    otherwise: Some(value),
                    ..passed
                }))
            }
            _ => None,
        }
    }
}
