//! Where a local name comes from, as far as a shape asks: the value, the type or the import with which it was declared in this file.
//! Enters: a name. Leaves: the initialiser, the type, or the module and the name there.

use super::Matcher;
use crate::index::bindings::{Binding, Bindings, Declaration, Step};
use crate::lang::tree::{Key, NodeId, Syntax};

/// Names bound to names bound to names: further than this nobody looks.
const HOPS: usize = 4;

impl<'a> Matcher<'a> {
    fn bindings(&self) -> &Bindings {
        self.bindings.get_or_init(|| Bindings::of(self.facts))
    }

    pub(super) fn declaration(&self, id: NodeId) -> Option<&Declaration> {
        match self.syntax(id) {
            Syntax::Name => self.bindings().declaration(id),
            _ => None,
        }
    }

    /// What a name was bound to once and for all in this file.
    pub(super) fn origin(&self, id: NodeId) -> Option<NodeId> {
        let mut at = self.bare(id);
        for _ in 0..HOPS {
            let value = self.declaration(at).and_then(|declared| match declared.binding {
                Binding::Let(node) if declared.is_constant() && declared.path.is_empty() => match self.syntax(node) {
                    Syntax::Let { value, .. } => *value,
                    _ => None,
                },
                _ => None,
            });
            match value {
                Some(value) => at = self.bare(value),
                None => break,
            }
        }
        (at != self.bare(id)).then_some(at)
    }

    /// The words of what a name was bound to, also where it was taken out of an object (`const { flags } = config`).
    pub(super) fn origin_words(&self, id: NodeId) -> Option<String> {
        let (mut at, mut parts) = (self.bare(id), Vec::new());
        for _ in 0..HOPS {
            let Some(declared) = self.declaration(at).filter(|declared| declared.is_constant()) else {
                break;
            };
            let Binding::Let(node) = declared.binding else { break };
            let Syntax::Let { value: Some(value), .. } = self.syntax(node) else {
                break;
            };
            for step in declared.path.iter().rev() {
                let Step::Property(name) = step else { return None };
                parts.push(&**name);
            }
            at = self.made_of(self.bare(*value));
        }
        if at == self.bare(id) {
            return None;
        }
        let mut words = self.words(at);
        for part in parts.iter().rev() {
            words.push('.');
            words.push_str(part);
        }
        Some(words)
    }

    /// `new Set(list)` has the members of the list.
    fn made_of(&self, id: NodeId) -> NodeId {
        match self.syntax(id) {
            Syntax::New { callee, args, .. } if self.facts.words(*callee) == "Set" => match args[..] {
                [only] => self.bare(only),
                _ => id,
            },
            _ => id,
        }
    }

    /// The literal that an expression stands for: itself, or what its name was bound to, also when frozen.
    pub(super) fn literal(&self, id: NodeId) -> NodeId {
        self.thawed(self.origin(id).unwrap_or(id))
    }

    /// The argument of `Object.freeze(…)`; anything else as it is, bare.
    pub(super) fn thawed(&self, id: NodeId) -> NodeId {
        let id = self.bare(id);
        match self.syntax(id) {
            Syntax::Call { callee, args, .. } if self.facts.words(*callee) == "Object.freeze" => {
                args.first().map_or(id, |arg| self.bare(*arg))
            }
            _ => id,
        }
    }

    /// The module from which a name is imported, and what it is called there.
    pub(super) fn import_of(&self, id: NodeId) -> Option<(&'a str, &'a str)> {
        let name = self.facts.words(id);
        let import = self.imports.name(name.split("::").next().unwrap_or(name))?;
        match self.declaration(id).map(|declared| declared.binding) {
            Some(Binding::Import { .. }) | None => Some(import),
            Some(_) => None,
        }
    }

    /// True for a word in lower case that nothing declares and nothing imports: what a macro makes a flag of (`features! { (stable, edition) }`)
    /// is the flag's own name, and no constant that holds one.
    pub(super) fn is_bare_word(&self, id: NodeId) -> bool {
        let word = self.facts.words(id);
        matches!(self.syntax(id), Syntax::Name)
            && word.starts_with(|first: char| first.is_lowercase())
            && !word.contains("::")
            && self.declaration(id).is_none()
            && self.import_of(id).is_none()
    }

    /// The module from which the first word of an expression is imported, also by way of a local name.
    pub(super) fn module_of(&self, id: NodeId) -> Option<&'a str> {
        let first = self.first_name(id)?;
        if let Some((module, _)) = self.import_of(first) {
            return Some(module);
        }
        let origin = self.first_name(self.origin(first)?)?;
        self.import_of(origin).map(|(module, _)| module)
    }

    /// The declared type of a name.
    pub(super) fn type_of(&self, id: NodeId) -> Option<&'a str> {
        let id = self.bare(id);
        let ty = match self.syntax(id) {
            Syntax::Name => self.declared_type(id)?,
            // `this.flags`: the field of that name, where the file has only one.
            Syntax::Member { object, property } if self.facts.words(*object) == "this" => {
                self.only_field_type(self.slice(*property))?
            }
            _ => return None,
        };
        Some(self.type_text(ty))
    }

    /// `(on: boolean) =>`, `(on = true) =>`, `({ on = false }) =>`, and what a table of booleans gives to each of its rows.
    pub(super) fn is_declared_boolean(&self, name: NodeId) -> bool {
        let name = self.bare(name);
        let by_type = self
            .type_of(name)
            .is_some_and(|ty| ty.split('|').any(|one| one.trim() == "boolean"));
        by_type || {
            let default = self.declaration(name).and_then(|declared| declared.default);
            let default = default.is_some_and(|default| matches!(self.bare_syntax(default), Syntax::Bool(_)));
            default || self.is_row_boolean(name)
        }
    }

    /// `it.each([true, false])('…', (on) => …)`, `[{ on: true }].forEach(({ on }) => …)`, `for (const on of [true, false])`
    fn is_row_boolean(&self, name: NodeId) -> bool {
        let Some(declared) = self.declaration(name) else {
            return false;
        };
        let (rows, at) = match declared.binding {
            Binding::Param { function, at } => (self.rows_for(function), at),
            Binding::Let(node) => (self.rows_of_loop(node), 0),
            _ => return false,
        };
        let is_boolean = |row: &NodeId| match (self.bare_syntax(*row), declared.path.as_slice()) {
            (Syntax::Bool(_), []) => at == 0,
            (Syntax::Array(cells), []) => cells
                .get(at)
                .is_some_and(|cell| matches!(self.bare_syntax(*cell), Syntax::Bool(_))),
            (Syntax::Object { entries, .. }, [Step::Property(name)]) => self
                .entry(entries, name)
                .is_some_and(|value| matches!(self.bare_syntax(value), Syntax::Bool(_))),
            _ => false,
        };
        rows.is_some_and(|rows| rows.iter().any(is_boolean))
    }

    /// The rows of the table for each of which a function runs.
    fn rows_for(&self, function: NodeId) -> Option<&'a [NodeId]> {
        let parent = self
            .facts
            .tree
            .ancestors(function)
            .find(|up| !matches!(self.syntax(*up), Syntax::Wrap(..)))?;
        let Syntax::Call { callee, .. } = self.syntax(parent) else {
            return None;
        };
        let list = match self.bare_syntax(*callee) {
            Syntax::Call { callee, args, .. } => {
                let words = self.facts.words(*callee);
                let table = words.ends_with(".each") || words.ends_with(".for");
                args.first().copied().filter(|_| table)?
            }
            Syntax::Member { object, property } if matches!(self.slice(*property), "forEach" | "map") => *object,
            _ => return None,
        };
        self.written_list(list)
    }

    fn rows_of_loop(&self, node: NodeId) -> Option<&'a [NodeId]> {
        match self.syntax(self.facts.tree.ancestors(node).next()?) {
            Syntax::Loop { head, .. } if head.contains(&node) => head
                .iter()
                .filter(|part| **part != node)
                .find_map(|list| self.written_list(*list)),
            _ => None,
        }
    }

    fn written_list(&self, id: NodeId) -> Option<&'a [NodeId]> {
        match self.bare_syntax(id) {
            Syntax::Array(list) => Some(list),
            _ => None,
        }
    }

    fn declared_type(&self, name: NodeId) -> Option<NodeId> {
        let declared = self.declaration(name).filter(|declared| declared.path.is_empty())?;
        match declared.binding {
            Binding::Let(node) => match self.syntax(node) {
                Syntax::Let { ty, .. } => *ty,
                _ => None,
            },
            Binding::Param { function, at } => match self.syntax(function) {
                Syntax::Function(function) => *function.param_types.get(at)?,
                _ => None,
            },
            _ => None,
        }
    }

    fn only_field_type(&self, wanted: &str) -> Option<NodeId> {
        let mut fields = self.facts.tree.ids().filter_map(|id| match self.syntax(id) {
            Syntax::Field {
                key: Key::Name(name, _),
                ty,
                ..
            } if **name == *wanted => Some(*ty),
            _ => None,
        });
        let first = fields.next()??;
        fields.next().is_none().then_some(first)
    }
}
