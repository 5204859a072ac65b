//! What stands for a flag from its definition on: the binding, the type or the entry that a `define` rule matched. Enters: a rule and a
//! hit. Leaves: the name that later code uses.

use super::Matcher;
use super::hit::Hit;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::rule::{Handle, Rule, RuleKind};
use crate::rules::selector::Take;
use crate::rules::shape::Shape;
use crate::source::Bytes;

impl<'a> Matcher<'a> {
    /// The name that stands for the flag of a hit, and where it stands.
    pub(super) fn handle(&self, rule: &Rule, hit: &Hit<'a>) -> Option<(String, Bytes)> {
        let RuleKind::Define(define) = &rule.kind else {
            return None;
        };
        // Java, Kotlin: a constant of an enum is an object, and nothing but its definition says which key it has.
        let is_constant = self.facts.language.is_jvm() && matches!(rule.shape, Some(Shape::Union(_)));
        let handle = define.handle.or(is_constant.then_some(Handle::Binding))?;
        let named = |id: NodeId| (self.facts.words(id).to_owned(), self.facts.tree.bytes(id));
        let around = || match self.syntax(hit.node) {
            // The binding itself was matched.
            own @ (Syntax::Let { .. } | Syntax::Field { .. }) => Some(own),
            _ => self.parent_bare(hit.node).map(|up| self.syntax(up)),
        };
        match handle {
            Handle::Type => match self.syntax(hit.node) {
                Syntax::Impl { target, .. } => Some(named(*target)),
                _ => None,
            },
            Handle::Binding | Handle::Called | Handle::Store => match around()? {
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

/// True for a rule by which every entry of an object stands for the flag that it names.
pub(super) fn is_map_of_handles(rule: &Rule) -> bool {
    let is_property = matches!(&rule.kind, RuleKind::Define(define) if define.handle == Some(Handle::Property));
    is_property && rule.key.as_ref().is_some_and(|key| key.take == Take::EntryKeys)
}
