//! Where a local name comes from, as far as a shape asks: the value or type with which it was declared in this file. Enters: a name.
//! Leaves: the initialiser or the type. Lexical: of several declarations the innermost one around the use counts.

use std::collections::HashMap;

use super::Matcher;
use crate::lang::FileFacts;
use crate::lang::tree::{Key, LetKind, NodeId, Syntax};

/// A declaration of a name.
#[derive(Clone, Copy, Debug)]
struct Declared {
    /// Where it is visible: the block, loop or function around it.
    scope: Option<NodeId>,
    /// Its initialiser, where it is a constant of one name.
    value: Option<NodeId>,
    /// Its declared type.
    ty: Option<NodeId>,
}

/// The declarations of one file by name.
pub(super) struct Origins<'a>(HashMap<&'a str, Vec<Declared>>);

impl<'a> Origins<'a> {
    pub(super) fn of(facts: &'a FileFacts) -> Self {
        let mut origins = Self(HashMap::new());
        for id in facts.tree.ids() {
            match facts.tree.syntax(id) {
                Syntax::Let {
                    kind,
                    pattern,
                    ty,
                    value,
                } => {
                    let plain = matches!(facts.tree.syntax(*pattern), Syntax::Name);
                    let constant = plain && *kind == LetKind::Constant;
                    let declared = Declared {
                        scope: scope_of(facts, id),
                        value: value.filter(|_| constant),
                        ty: ty.filter(|_| plain),
                    };
                    origins.add(facts, *pattern, declared);
                }
                Syntax::Function(function) => {
                    let types = function.param_types.iter().copied().chain(std::iter::repeat(None));
                    for (param, ty) in function.params.iter().zip(types) {
                        let declared = Declared {
                            scope: Some(id),
                            value: None,
                            ty,
                        };
                        origins.add(facts, *param, declared);
                    }
                }
                _ => {}
            }
        }
        origins
    }

    /// Adds every name of a pattern.
    fn add(&mut self, facts: &'a FileFacts, pattern: NodeId, declared: Declared) {
        let mut patterns = vec![(pattern, declared)];
        while let Some((pattern, declared)) = patterns.pop() {
            let part = Declared {
                value: None,
                ty: None,
                ..declared
            };
            match facts.tree.syntax(pattern) {
                Syntax::Name => self.0.entry(facts.words(pattern)).or_default().push(declared),
                Syntax::Default { pattern, .. } => patterns.push((*pattern, declared)),
                Syntax::ObjectPattern(parts) | Syntax::ArrayPattern(parts) => {
                    patterns.extend(parts.iter().map(|id| (*id, part)));
                }
                Syntax::Entry { value, .. } => patterns.push((*value, part)),
                Syntax::Spread(rest) => patterns.push((*rest, part)),
                _ => {}
            }
        }
    }

    fn find(&self, facts: &FileFacts, name: NodeId) -> Option<Declared> {
        let candidates = self.0.get(facts.words(name))?;
        let around = |scope: NodeId| facts.tree.bytes(scope).contains(facts.tree.bytes(name));
        let visible = candidates.iter().filter(|one| one.scope.is_none_or(around));
        let size = |one: &&Declared| {
            one.scope.map_or(u32::MAX, |scope| {
                let bytes = facts.tree.bytes(scope);
                bytes.end - bytes.start
            })
        };
        visible.min_by_key(size).copied()
    }
}

/// The nearest block, loop, case or function around a declaration; `None` at the top level.
fn scope_of(facts: &FileFacts, id: NodeId) -> Option<NodeId> {
    let opens = |up: &NodeId| {
        matches!(
            facts.tree.syntax(*up),
            Syntax::Block(_) | Syntax::Function(_) | Syntax::Loop { .. } | Syntax::Module { .. }
        )
    };
    facts
        .tree
        .ancestors(id)
        .find(opens)
        .filter(|scope| Some(*scope) != facts.tree.root())
}

impl<'a> Matcher<'a> {
    /// What a name was bound to once and for all in this file.
    pub(super) fn origin(&self, id: NodeId) -> Option<NodeId> {
        let id = self.bare(id);
        match self.syntax(id) {
            Syntax::Name => self.origins().find(self.facts, id)?.value.map(|value| self.bare(value)),
            _ => None,
        }
    }

    /// The declared type of a name.
    pub(super) fn type_of(&self, id: NodeId) -> Option<&'a str> {
        let id = self.bare(id);
        let ty = match self.syntax(id) {
            Syntax::Name => self.origins().find(self.facts, id)?.ty?,
            // `this.flags`: the field of that name, where the file has only one.
            Syntax::Member { object, property } if self.facts.words(*object) == "this" => {
                self.only_field_type(self.slice(*property))?
            }
            _ => return None,
        };
        Some(self.type_text(ty))
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

    /// The literal that an expression stands for: itself, or what its name was bound to.
    pub(super) fn literal(&self, id: NodeId) -> NodeId {
        self.origin(id).unwrap_or_else(|| self.bare(id))
    }
}
