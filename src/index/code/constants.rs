//! Ruby's constants, the types of C#, Java and Kotlin: global names, seen from where they are written. Enters: a name or a path of names. Leaves: what it stands for.

use super::{At, Code, Trail};
use crate::index::imports::constants::TOP;
use crate::lang::Language;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::Bytes;

impl Code<'_> {
    /// What `A` or `A::B` stands for, wherever it is defined.
    pub(super) fn constant(&self, at: At, trail: &mut Trail) -> Option<At> {
        if !self.facts(at.unit).language.names_are_global() {
            return None;
        }
        if let Some(own) = self.own_member(at, trail) {
            return Some(own);
        }
        let name = self.constant_path(at)?;
        let found = self.imported(at.unit, &self.scope_of(at), &name, trail)?;
        (found != at).then_some(found)
    }

    /// A member of a type around it that is named without `this`: a method, a constant of an enum, a field that is set once and for all.
    pub(in crate::index) fn own_member(&self, at: At, trail: &mut Trail) -> Option<At> {
        let language = self.facts(at.unit).language;
        let (Syntax::Name, false) = (self.syntax(at), language == Language::Ruby) else {
            return None;
        };
        let (tree, name) = (self.tree(at.unit), self.words(at));
        let mut below = at.node;
        for up in tree.ancestors(at.node) {
            trail.step()?;
            let from = std::mem::replace(&mut below, up);
            match tree.syntax(up) {
                // What a class extends is named outside of it: asked for its members, it would be asked for itself.
                Syntax::Class { extends, .. } if extends.contains(&from) => continue,
                Syntax::Class { .. } | Syntax::Enum { .. } => {}
                _ => continue,
            }
            if let Some(found) = self.member(at.with(up), name, trail) {
                let stays = match self.syntax(found) {
                    Syntax::Function(_) => true,
                    Syntax::Field { .. } => self.is_set_once(found),
                    _ => true,
                };
                return stays.then_some(found).filter(|found| found.node != at.node);
            }
        }
        None
    }

    /// True for a field that says so (`final`, `val`, `const`, `readonly`), and for a constant of an enum; not for what a constructor is given.
    fn is_set_once(&self, field: At) -> bool {
        let Syntax::Field {
            key: Key::Name(_, name),
            ty,
            ..
        } = self.syntax(field)
        else {
            return false;
        };
        let tree = self.tree(field.unit);
        let whole = tree.bytes(field.node);
        let before = self.slice(
            field.unit,
            Bytes {
                start: whole.start,
                end: name.start.max(whole.start),
            },
        );
        let in_enum = || {
            let up = tree.node(field.node).parent;
            ty.is_none() && up.is_some_and(|up| matches!(tree.syntax(up), Syntax::Enum { .. }))
        };
        let text = &self.facts(field.unit).text;
        let is_parameter = || text[..whole.start as usize].trim_end().ends_with(['(', ',']);
        let mut words = before.split_whitespace();
        in_enum() || (words.any(|word| matches!(word, "final" | "val" | "const" | "readonly")) && !is_parameter())
    }

    /// The words of a path of constants.
    fn constant_path(&self, at: At) -> Option<String> {
        // Kotlin has functions and properties outside of types.
        let is_kotlin = self.facts(at.unit).language == Language::Kotlin;
        let is_constant = |word: &str| is_kotlin || word.starts_with(|c: char| c.is_uppercase());
        match self.syntax(at) {
            Syntax::Name => Some(self.words(at).to_owned()).filter(|word| is_constant(word)),
            Syntax::Member { object, property } => {
                let name = Some(self.slice(at.unit, *property)).filter(|word| is_constant(word))?;
                Some(format!("{}::{name}", self.constant_path(at.with(*object))?))
            }
            _ => None,
        }
    }

    /// The classes and modules around a node, as the name of a module: `::A::B`.
    fn scope_of(&self, at: At) -> String {
        let (tree, is_ruby) = (self.tree(at.unit), self.facts(at.unit).language == Language::Ruby);
        let name = |id: NodeId| match tree.syntax(id) {
            Syntax::Module { name: (name, _), .. } if is_ruby => Some(&**name),
            Syntax::Class {
                name: Some((name, _)), ..
            } => Some(&**name),
            _ => None,
        };
        let mut names: Vec<&str> = tree.ancestors(at.node).filter_map(name).collect();
        names.reverse();
        format!("{TOP}{}", names.join("::"))
    }
}
