//! What stands for a flag that is defined: the name or type that its definition is given. Enters: a hit of a `define` rule. Leaves: the
//! handle's name and place.

use super::Matcher;
use super::hit::Hit;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::rule::{Handle, RuleKind};
use crate::source::Bytes;

impl<'a> Matcher<'a> {
    /// The handle of a definition.
    pub(super) fn handle(&self, kind: &RuleKind, hit: &Hit<'a>) -> Option<(String, Bytes)> {
        let RuleKind::Define(define) = kind else { return None };
        let handle = define.handle.as_ref()?;
        let named = |id: NodeId| (self.facts.words(id).to_owned(), self.facts.tree.bytes(id));
        let around = || self.parent_bare(hit.node).map(|up| self.syntax(up));
        match handle {
            Handle::Type => match self.syntax(hit.node) {
                Syntax::Impl { target, .. } => Some(named(*target)),
                _ => None,
            },
            Handle::Binding | Handle::Called => match around()? {
                Syntax::Let { pattern, .. } if matches!(self.syntax(*pattern), Syntax::Name) => Some(named(*pattern)),
                Syntax::Field {
                    key: Key::Name(name, bytes),
                    ..
                } => Some((name.to_string(), *bytes)),
                Syntax::Entry {
                    key: Key::Name(name, bytes),
                    ..
                } => Some((name.to_string(), *bytes)),
                _ => None,
            },
            Handle::Property => match around()? {
                Syntax::Entry {
                    key: Key::Name(name, bytes),
                    ..
                }
                | Syntax::Field {
                    key: Key::Name(name, bytes),
                    ..
                } => Some((name.to_string(), *bytes)),
                _ => None,
            },
        }
    }
}
