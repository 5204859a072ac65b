//! Ruby's constants and C#'s types: global names, seen from where they are written. Enters: a name or a path of names. Leaves: what it stands for.

use super::{At, Code, Trail};
use crate::index::imports::constants::TOP;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};

impl Code<'_> {
    /// What `A` or `A::B` stands for, wherever it is defined.
    pub(super) fn constant(&self, at: At, trail: &mut Trail) -> Option<At> {
        if !matches!(self.facts(at.unit).language, Language::Ruby | Language::CSharp) {
            return None;
        }
        let name = self.constant_path(at)?;
        let found = self.imported(at.unit, &self.scope_of(at), &name, trail)?;
        (found != at).then_some(found)
    }

    /// The words of a path of constants.
    fn constant_path(&self, at: At) -> Option<String> {
        let is_constant = |word: &str| word.starts_with(|c: char| c.is_uppercase());
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
