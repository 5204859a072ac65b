//! Object literals and assignments against their shapes. Enters: a node. Leaves: hits. Also tells what type and which call a literal
//! stands in, and what its values are.

use super::Matcher;
use super::hit::{Hit, HitName};
use crate::lang::tree::{Key, NodeId, Syntax, Through};
use crate::rules::RuleRef;
use crate::rules::selector::Pattern;
use crate::rules::shape::{Names, ObjectShape, Shape, ValueKind};
use crate::source::Bytes;

/// Nodes that may lie between an object literal and the call in whose arguments it stands.
const WITHIN_CALL: usize = 24;

/// Entries that make an object literal a description of a flag.
const DESCRIBES: [&str; 17] = [
    "default",
    "defaultEnabled",
    "defaultOn",
    "defaultState",
    "defaultValue",
    "defaultVariant",
    "enabled",
    "enabledByDefault",
    "fallback",
    "initial",
    "initialValue",
    "isEnabled",
    "isEnabledByDefault",
    "on",
    "readyForRelease",
    "state",
    "value",
];

/// Entries that make an object literal a description of one thing.
const TELLS: [&str; 11] = [
    "default",
    "defaultValue",
    "description",
    "displayName",
    "id",
    "key",
    "label",
    "name",
    "owner",
    "title",
    "type",
];

impl<'a> Matcher<'a> {
    pub(super) fn at_object(
        &self,
        id: NodeId,
        type_name: Option<NodeId>,
        entries: &'a [NodeId],
        found: &mut impl FnMut(Hit<'a>),
    ) {
        let lookup = self.rules.lookup();
        let by_key = self.key_above(id).map(|(_, key)| lookup.objects.of(key));
        let rules = by_key.into_iter().flatten().chain(lookup.loose_objects.iter().copied());
        for (rule, shape) in self.asked(rules) {
            let Shape::Object(object) = shape else { continue };
            if self.fits_object(object, id, type_name) {
                let mut hit = Hit::at(rule, id);
                hit.members = entries;
                found(hit);
            }
        }
    }

    /// The entry that an expression is the value of, and its key.
    pub(super) fn key_above(&self, id: NodeId) -> Option<(NodeId, &'a str)> {
        let up = self.parent_bare(id)?;
        match self.syntax(up) {
            Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } if self.bare(*value) == id => Some((up, name)),
            _ => None,
        }
    }

    pub(super) fn fits_object(&self, shape: &ObjectShape, id: NodeId, type_name: Option<NodeId>) -> bool {
        let mut at = id;
        for wanted in shape.path.iter().rev() {
            let Some((entry, key)) = self.key_above(at) else {
                return false;
            };
            let Some(up) = self.parent(entry) else { return false };
            if key != wanted {
                return false;
            }
            at = up;
        }
        let by_type = |wanted: &Pattern| {
            let own = type_name.map(|name| self.type_of_impl(self.facts.words(name), id));
            let ty = own.or_else(|| self.type_of_literal(id));
            ty.is_some_and(|ty| wanted.regex().is_match(ty))
        };
        shape.of_type.as_ref().is_none_or(by_type)
            && shape.in_call.as_ref().is_none_or(|names| self.in_call(names, id))
            && shape.in_const.as_ref().is_none_or(|names| self.in_const(names, id))
            && shape.has.as_ref().is_none_or(|names| self.has_function(names, id))
            && (!shape.whole || self.is_whole(id))
            && shape.values.is_none_or(|kind| self.all_values(kind, id))
    }

    /// Rust: the type that `Self` is.
    fn type_of_impl(&self, name: &'a str, id: NodeId) -> &'a str {
        let target = |up| match self.syntax(up) {
            Syntax::Impl { target, .. } => Some(self.facts.words(*target)),
            _ => None,
        };
        match name {
            "Self" => self.facts.tree.ancestors(id).find_map(target).unwrap_or(name),
            _ => name,
        }
    }

    /// The type that the place of a literal declares: of the binding or field that it initialises, or the cast around it.
    pub(super) fn type_of_literal(&self, id: NodeId) -> Option<&'a str> {
        let mut at = id;
        while let Some(up) = self.parent(at) {
            match self.syntax(up) {
                Syntax::Wrap(Through::Cast, _) => return Some(self.cast_type(up, at)),
                Syntax::Wrap(..) => at = up,
                Syntax::Let { ty: Some(ty), .. } | Syntax::Field { ty: Some(ty), .. } => {
                    return Some(self.type_text(*ty));
                }
                _ => return None,
            }
        }
        None
    }

    /// What stands around the value of a cast: `as T`, `satisfies T`, `<T>`.
    pub(super) fn cast_type(&self, cast: NodeId, inner: NodeId) -> &'a str {
        let (all, inner) = (self.facts.tree.bytes(cast), self.facts.tree.bytes(inner));
        let after = self
            .slice(Bytes {
                start: inner.end,
                end: all.end,
            })
            .trim();
        let after = after.strip_prefix("as ").or_else(|| after.strip_prefix("satisfies "));
        let before = self
            .slice(Bytes {
                start: all.start,
                end: inner.start,
            })
            .trim();
        after.unwrap_or_else(|| before.trim_matches(['<', '>'])).trim()
    }

    /// The words of a type, without the colon of its annotation.
    pub(super) fn type_text(&self, ty: NodeId) -> &'a str {
        self.facts.words(ty).trim_start_matches(':').trim()
    }

    /// `boolean`, `bool`, and what holds one that others set (Rust's `AtomicBool`).
    pub(super) fn is_boolean_type(&self, ty: NodeId) -> bool {
        let text = self.type_text(ty);
        text.contains("bool") || text.contains("AtomicBool")
    }

    /// `declare var a: boolean`: there is no more of it in any file.
    pub(super) fn is_declared_only(&self, id: NodeId) -> bool {
        let start = self.facts.tree.bytes(id).start as usize;
        let line = self.facts.text[..start].rsplit('\n').next().unwrap_or_default();
        line.trim_start().starts_with("declare ")
    }

    pub(super) fn in_call(&self, names: &Names, id: NodeId) -> bool {
        let mut at = id;
        for up in self.facts.tree.ancestors(id).take(WITHIN_CALL) {
            match self.syntax(up) {
                Syntax::Call { callee, args, .. } | Syntax::New { callee, args, .. }
                    if args.contains(&at) && self.last_word(*callee).is_some_and(|name| names.accept(&name)) =>
                {
                    return true;
                }
                Syntax::Function(_) | Syntax::Block(_) => return false,
                _ => {}
            }
            at = up;
        }
        false
    }

    /// True if it stands in the value of a top-level binding of such a name.
    fn in_const(&self, names: &Names, id: NodeId) -> bool {
        let mut above = self.facts.tree.ancestors(id).take(WITHIN_CALL);
        let binding = above.find_map(|up| match self.syntax(up) {
            Syntax::Let { pattern, .. } => Some((up, *pattern)),
            _ => None,
        });
        let Some((up, pattern)) = binding else { return false };
        let inside = |up: NodeId| matches!(self.syntax(up), Syntax::Function(_));
        matches!(self.syntax(pattern), Syntax::Name)
            && names.accept(self.facts.words(pattern))
            && !self.facts.tree.ancestors(id).take_while(|at| *at != up).any(inside)
            && !self.facts.tree.ancestors(up).any(inside)
    }

    /// True if a literal, or the top-level binding that it makes, is all that the file gives out.
    fn is_whole(&self, id: NodeId) -> bool {
        let mut at = id;
        while let Some(up) = self.parent(at) {
            match self.syntax(up) {
                Syntax::Wrap(..) => at = up,
                Syntax::Call { callee, args, .. } if args.len() == 1 && self.words(*callee) == "Object.freeze" => {
                    at = up;
                }
                Syntax::Let { pattern, .. } => return self.is_given_out(up, self.facts.words(*pattern)),
                syntax => return self.gives_out(syntax, at),
            }
        }
        false
    }

    /// `export default value`, `module.exports = value`
    fn gives_out(&self, syntax: &Syntax, value: NodeId) -> bool {
        match syntax {
            Syntax::Export {
                item: Some(item),
                default: true,
                ..
            } => *item == value,
            Syntax::Assign { target, value: of } => *of == value && self.words(*target) == "module.exports",
            _ => false,
        }
    }

    /// True if a statement of the top level gives out this name, and nothing else.
    fn is_given_out(&self, binding: NodeId, name: &str) -> bool {
        let Some(Syntax::Block(statements)) = self.facts.tree.root().map(|root| self.syntax(root)) else {
            return false;
        };
        let named =
            |id: NodeId| matches!(self.bare_syntax(id), Syntax::Name) && self.facts.words(self.bare(id)) == name;
        let is_top = |at: &NodeId| *at == binding || self.facts.tree.children(*at).contains(&binding);
        statements.iter().any(is_top)
            && statements.iter().any(|at| match self.syntax(*at) {
                Syntax::Export {
                    item: Some(item),
                    default: true,
                    ..
                } => named(*item),
                syntax @ Syntax::Assign { value, .. } => named(*value) && self.gives_out(syntax, *value),
                _ => false,
            })
    }

    /// `object.name = value`, `delete object.name`, and `object = { …, name: value }`.
    pub(super) fn at_assignment(
        &self,
        id: NodeId,
        target: NodeId,
        value: Option<NodeId>,
        found: &mut impl FnMut(Hit<'a>),
    ) {
        let lookup = self.rules.lookup();
        if lookup.assignments.is_empty() {
            return;
        }
        let target = self.bare(target);
        let (object, name) = match self.syntax(target) {
            Syntax::Member { object, property } => {
                (*object, HitName::Word(self.slice(*property).to_owned(), *property))
            }
            Syntax::Index { object, index } => (*object, self.index_name(*index)),
            _ => return,
        };
        let (words, whole) = (self.words(object), self.words(target));
        for (rule, shape) in self.asked(lookup.assignments.iter().copied()) {
            let Shape::Assign(assign) = shape else { continue };
            if assign.left.regex().is_match(&words) {
                let mut hit = Hit::at(rule, id);
                (hit.name, hit.value) = (Some(name.clone()), value);
                found(hit);
            } else if let (true, Some(value)) = (assign.left.regex().is_match(&whole), value) {
                self.each_entry(rule, value, found);
            }
        }
    }

    /// One hit for each written entry of an object literal.
    pub(super) fn each_entry(&self, rule: RuleRef, literal: NodeId, found: &mut impl FnMut(Hit<'a>)) {
        let Syntax::Object { entries, .. } = self.bare_syntax(literal) else {
            return;
        };
        for entry in entries {
            if let Syntax::Entry { key, value } = self.syntax(*entry) {
                let mut hit = Hit::at(rule, *entry);
                hit.name = Some(match self.key_name(key) {
                    Some((name, bytes)) => HitName::Word(name.to_owned(), bytes),
                    None => continue,
                });
                hit.value = Some(*value);
                found(hit);
            }
        }
    }

    /// True if it has a function of such a name.
    fn has_function(&self, names: &Names, id: NodeId) -> bool {
        let Syntax::Object { entries, .. } = self.syntax(id) else {
            return false;
        };
        entries.iter().any(|entry| match self.syntax(*entry) {
            Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } => names.accept(name) && matches!(self.bare_syntax(*value), Syntax::Function(_) | Syntax::Call { .. }),
            Syntax::Function(function) => function.name.as_ref().is_some_and(|(name, _)| names.accept(name)),
            _ => false,
        })
    }

    /// True if every written entry of an object literal has a value of this kind, and at least one of them surely has.
    pub(super) fn all_values(&self, kind: ValueKind, id: NodeId) -> bool {
        let Syntax::Object { entries, .. } = self.syntax(id) else {
            return false;
        };
        let mut sure = false;
        for entry in entries {
            match self.syntax(*entry) {
                Syntax::Spread(_) => {}
                Syntax::Entry { value, .. } => match self.is_of_kind(kind, *value) {
                    Some(this) => sure |= this,
                    None => return false,
                },
                _ => return false,
            }
        }
        sure
    }

    /// True for an object of texts that does not describe one thing.
    pub(super) fn is_group_of_texts(&self, id: NodeId) -> bool {
        let id = self.bare(id);
        let Syntax::Object { entries, .. } = self.syntax(id) else {
            return false;
        };
        !TELLS.iter().any(|name| self.entry(entries, name).is_some()) && self.all_values(ValueKind::Text, id)
    }

    /// Surely of this kind, perhaps, or (`None`) not.
    fn is_of_kind(&self, kind: ValueKind, value: NodeId) -> Option<bool> {
        match (kind, self.bare_syntax(value)) {
            (ValueKind::Boolean, Syntax::Bool(_) | Syntax::Not(_) | Syntax::Compare { .. }) => Some(true),
            (ValueKind::Boolean, Syntax::Object { entries, .. }) => {
                let has = |names: &[&str]| names.iter().any(|name| self.entry(entries, name).is_some());
                match has(&DESCRIBES) {
                    true => Some(true),
                    // One of a list of flags that says nothing of its state.
                    false => has(&TELLS).then_some(false),
                }
            }
            (ValueKind::Boolean, Syntax::Logic { left, right, .. }) => {
                let sides = [self.is_of_kind(kind, *left), self.is_of_kind(kind, *right)];
                Some(sides.contains(&Some(true)))
            }
            (ValueKind::Boolean, Syntax::Choose { yes, no, .. }) => {
                let sides = [self.is_of_kind(kind, *yes)?, self.is_of_kind(kind, *no)?];
                Some(sides.contains(&true))
            }
            (ValueKind::Boolean, Syntax::Call { args, .. }) => {
                Some(args.iter().any(|arg| matches!(self.bare_syntax(*arg), Syntax::Bool(_))))
            }
            (ValueKind::Boolean, Syntax::Name) => Some(self.is_declared_boolean(value)),
            (ValueKind::Boolean, Syntax::Member { .. } | Syntax::Nothing) => Some(false),
            (ValueKind::Text, Syntax::Text(_)) => Some(true),
            (ValueKind::Text, Syntax::Object { .. }) => self.is_group_of_texts(value).then_some(true),
            _ => None,
        }
    }
}
