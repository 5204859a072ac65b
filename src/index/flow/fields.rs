//! Fields and methods that are named without `this` (C#, Java, Kotlin), and fields that are filled from outside. Enters: a name, or what a field is
//! filled with. Leaves: what the name gives.

use super::Pass;
use super::places::Around;
use crate::index::code::{At, Code};
use crate::index::meaning::Meaning;
use crate::lang::Language;
use crate::lang::tree::{Key, NodeId, Syntax};

impl Around {
    /// The same without `this`, where the language allows it and nothing nearer has the name.
    pub(super) fn bare_field(&self, code: &Code<'_>, unit: usize, name: NodeId) -> Option<(NodeId, Box<str>)> {
        let facts = code.facts(unit);
        let has_bare = facts.language.names_are_global() && facts.language != Language::Ruby;
        if !has_bare || !matches!(facts.tree.syntax(name), Syntax::Name) {
            return None;
        }
        let words = facts.words(name);
        let mut class = self.class.get(name.0 as usize).copied().flatten();
        while let Some(at) = class {
            let Syntax::Class { members, .. } = facts.tree.syntax(at) else {
                return None;
            };
            let is_it = |id: &NodeId| match facts.tree.syntax(*id) {
                Syntax::Field {
                    key: Key::Name(own, _), ..
                } => **own == *words,
                _ => false,
            };
            if members.iter().any(is_it) {
                return code
                    .declared(At { unit, node: name })
                    .is_none()
                    .then(|| (at, words.into()));
            }
            class = self.class.get(at.0 as usize).copied().flatten();
        }
        None
    }
}

impl Pass<'_> {
    /// A field or method of the class around it, or what another file of the package shares, named alone (C#, Java, Kotlin).
    pub(super) fn own_member(&mut self, id: NodeId) -> Option<Meaning> {
        let language = self.code.facts(self.unit).language;
        if !language.names_are_global() || language == Language::Ruby {
            return None;
        }
        if let Some(meaning) = self.own_field(id) {
            return Some(meaning);
        }
        let name = self.words(id);
        if !self.world.shared.names().contains(name) && !self.world.handles.is_named(name) {
            return None;
        }
        let at = self.code.settle(self.at(id), self.trail.restart());
        if at.node == id && at.unit == self.unit {
            return None;
        }
        match self.value_handle(id, at) {
            Some(meaning) => Some(meaning),
            None => self.behind_name(id, name, at),
        }
    }

    /// A field that is filled from outside, and set nowhere in its class.
    pub(super) fn filled_field(&mut self, id: NodeId, name: &str, meaning: Meaning) {
        let Some(class) = self.around.class.get(id.0 as usize).copied().flatten() else {
            return;
        };
        let field = (class, name.into());
        if !self.around.sets.contains_key(&field) {
            self.flow.fields.insert(field, meaning);
        }
    }
}
