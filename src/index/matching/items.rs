//! Bindings, types and implementations against their shapes. Enters: a node. Leaves: hits.

use std::collections::BTreeSet;

use super::Matcher;
use super::hit::{Hit, HitName};
use super::shapes::accepts;
use crate::flag::FlagValue;
use crate::index::keys::{auto_text, renamed};
use crate::lang::Language;
use crate::lang::tree::{Key, LetKind, NodeId, Syntax};
use crate::rules::RuleRef;
use crate::rules::shape::{ConstShape, MemberKind, Shape, ValueKind};
use crate::source::Bytes;

/// Nodes of one type that are searched for members.
const TYPE: usize = 20_000;

/// The ends of functions that look a variable up.
const LOOKS_UP: [&str; 2] = ["get", "getenv"];
/// Generic types that are made of the members of what they are given; what others are given are names of something else.
const MADE_OF: [&str; 12] = [
    "Array",
    "Exclude",
    "Extract",
    "NonNullable",
    "Omit",
    "Partial",
    "Pick",
    "Readonly",
    "ReadonlyArray",
    "Record",
    "Required",
    "Set",
];

/// Members of an enum that, together, are the states of one thing.
const OPPOSITES: [(&str, &str); 6] = [
    ("active", "inactive"),
    ("allow", "deny"),
    ("disabled", "enabled"),
    ("false", "true"),
    ("off", "on"),
    ("no", "yes"),
];

impl<'a> Matcher<'a> {
    /// A binding outside functions.
    pub(super) fn at_binding(
        &self,
        id: NodeId,
        pattern: NodeId,
        value: Option<NodeId>,
        kind: LetKind,
        found: &mut impl FnMut(Hit<'a>),
    ) {
        let Syntax::Name = self.syntax(pattern) else { return };
        let name = self.facts.words(pattern);
        // What is given out as a plain boolean is a switch, although something may turn it (`export let enableTax = false`).
        let is_switch = || {
            let is_bool = value.is_some_and(|value| matches!(self.bare_syntax(value), Syntax::Bool(_)));
            is_bool && self.is_exported(id, name)
        };
        // `declare var ENABLE_TAX: boolean`: what a build puts a value for.
        let is_ambient = || value.is_none() && self.is_declared_only(id);
        if (kind == LetKind::Variable && self.facts.language != Language::Go && !is_switch() && !is_ambient())
            || self.rules.lookup().bindings.of(name).next().is_none()
        {
            return;
        }
        let inside = |up: NodeId| matches!(self.syntax(up), Syntax::Function(_));
        if !self.facts.tree.ancestors(id).any(inside) {
            self.at_named_value(id, name, self.facts.tree.bytes(pattern), value, found);
        }
    }

    pub(super) fn at_named_value(
        &self,
        id: NodeId,
        name: &str,
        bytes: Bytes,
        value: Option<NodeId>,
        found: &mut impl FnMut(Hit<'a>),
    ) {
        for (rule, shape) in self.asked(self.rules.lookup().bindings.of(name)) {
            let Shape::Const(binding) = shape else { continue };
            let fits = binding.names.accept(name) && self.fits_binding(binding, value);
            if fits && (!binding.exported || self.is_seen(id, name, bytes)) {
                let mut hit = Hit::at(rule, id);
                hit.name = Some(HitName::Word(name.to_owned(), bytes));
                hit.value = value;
                found(hit);
            }
        }
    }

    /// True for a binding or field that other files see.
    fn is_seen(&self, id: NodeId, name: &str, bytes: Bytes) -> bool {
        match self.syntax(id) {
            Syntax::Let { .. } => self.is_exported(id, name),
            _ => !self.is_hidden(id, name, bytes),
        }
    }

    /// `export`, `pub`, or a name in what the file gives out.
    fn is_exported(&self, id: NodeId, name: &str) -> bool {
        let mut above = std::iter::once(id).chain(self.facts.tree.ancestors(id));
        if above.any(|up| matches!(self.syntax(up), Syntax::Export { .. })) {
            return true;
        }
        self.given_out.get_or_init(|| self.names_given_out()).contains(name)
    }

    /// What the statements of a file give out by name: `export { A }`, `export default { A }`, `module.exports = { A }`.
    fn names_given_out(&self) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let Some(Syntax::Block(statements)) = self.facts.tree.root().map(|root| self.syntax(root)) else {
            return found;
        };
        for at in statements {
            let mut open = match self.syntax(*at) {
                Syntax::Export {
                    from: None,
                    names,
                    item,
                    ..
                } => {
                    found.extend(names.iter().map(|given| &*given.local));
                    Vec::from_iter(*item)
                }
                Syntax::Assign { target, value } if self.facts.words(*target).contains("exports") => vec![*value],
                _ => continue,
            };
            while let Some(id) = open.pop() {
                match self.syntax(id) {
                    Syntax::Name => _ = found.insert(self.facts.words(id)),
                    // What code names it does not give out.
                    Syntax::Function(_) | Syntax::Class { .. } => {}
                    _ => open.extend(self.facts.tree.children(id)),
                }
            }
        }
        found
    }

    /// A map of flags is told from a single flag by the shape of its value.
    fn fits_binding(&self, binding: &ConstShape, value: Option<NodeId>) -> bool {
        let Some(value) = value.map(|value| self.thawed(value)) else {
            return false;
        };
        let object = matches!(self.syntax(value), Syntax::Object { .. });
        let of_kind = |kind| match object {
            true => self.all_values(kind, value),
            false => match self.bare_syntax(value) {
                _ if kind == ValueKind::Switch => self.may_be_switch(value),
                Syntax::Bool(_) => kind == ValueKind::Boolean,
                Syntax::Text(text) => kind == ValueKind::Text && !text.is_empty(),
                _ => false,
            },
        };
        binding.object == object && binding.values.is_none_or(of_kind)
    }

    /// False for a text, a number or a list, and for what is looked up with a text to fall back to (`environ.get("POLICY", "")`).
    fn may_be_switch(&self, value: NodeId) -> bool {
        let is_word = |text: &str| FlagValue::parse(text) != FlagValue::Unknown;
        match self.bare_syntax(value) {
            Syntax::Text(text) => is_word(text),
            // Who is given something tells of it.
            Syntax::Function(function) => function.params.is_empty(),
            Syntax::Number | Syntax::Array(_) | Syntax::Template(_) | Syntax::Object { .. } => false,
            Syntax::Call { callee, args, .. } if args.len() > 1 && self.looks_up_by_name(*callee) => {
                let last = args.last().map(|last| self.bare_syntax(*last));
                !matches!(last, Some(Syntax::Text(text)) if !is_word(text))
            }
            _ => true,
        }
    }

    fn looks_up_by_name(&self, callee: NodeId) -> bool {
        let words = self.facts.words(callee);
        LOOKS_UP.iter().any(|end| words.ends_with(end))
    }

    /// Members of a type: the texts of a union, the fields of an object type; not what stands in the type of a field.
    pub(super) fn at_type(&self, name: &str, parts: &[NodeId], found: &mut impl FnMut(Hit<'a>)) {
        let rules: Vec<RuleRef> = self.unions(name).collect();
        if rules.is_empty() {
            return;
        }
        let has_others = parts.iter().any(|part| self.has_other_fields(*part));
        let mut stack: Vec<NodeId> = parts.iter().rev().copied().collect();
        for _ in 0..TYPE {
            let Some(member) = stack.pop() else { break };
            let (kind, name) = match self.syntax(member) {
                Syntax::Text(_) if self.looks_up(member) => continue,
                Syntax::Text(_) => (MemberKind::Texts, HitName::Node(member)),
                // A service that is asked for flags has methods, and its type may be called like a map of them.
                Syntax::Field { ty: Some(ty), .. } if self.type_text(*ty).contains("=>") => continue,
                Syntax::Field {
                    key: Key::Name(name, bytes),
                    ..
                } => (MemberKind::Fields, HitName::Word(name.to_string(), *bytes)),
                Syntax::Field { .. } | Syntax::Function(_) => continue,
                _ => {
                    let mut below = self.facts.tree.children(member);
                    let takes_away = |name: &&str| self.facts.words(member).starts_with(*name);
                    if ["Omit<", "Exclude<"].iter().any(takes_away) {
                        // The last argument names what is left out.
                        below.pop();
                    }
                    if self.is_made_of_others(member) {
                        below.retain(|part| !matches!(self.syntax(*part), Syntax::Text(_)));
                    }
                    stack.extend(below.into_iter().rev());
                    continue;
                }
            };
            for rule in &rules {
                if !self.is_member_of(*rule, kind)
                    || (self.asks_for_booleans(*rule) && !self.is_boolean_field(member))
                    || (has_others && self.asks_for_nothing_else(*rule))
                {
                    continue;
                }
                let mut hit = Hit::at(*rule, member);
                hit.name = Some(name.clone());
                found(hit);
            }
        }
    }

    /// `Extension<'console.flag', Properties>`: the texts say which one it is.
    fn is_made_of_others(&self, ty: NodeId) -> bool {
        let Syntax::Type(_) = self.syntax(ty) else { return false };
        let words = self.facts.words(ty);
        let Some((name, _)) = words.split_once('<') else {
            return false;
        };
        let is_name = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.'));
        is_name && !MADE_OF.contains(&name)
    }

    /// `Config['flags']`: the text asks for a part of a type.
    fn looks_up(&self, text: NodeId) -> bool {
        let before = &self.facts.text[..self.facts.tree.bytes(text).start as usize];
        before.trim_end().ends_with('[')
    }

    fn is_member_of(&self, rule: RuleRef, kind: MemberKind) -> bool {
        let shape = self.rules.rule(rule).shape.as_ref();
        let is_part = |of| matches!(of, MemberKind::Booleans | MemberKind::OnlyBooleans) && kind == MemberKind::Fields;
        let other = |of| of != kind && !is_part(of);
        !matches!(shape, Some(Shape::Union(union)) if union.of.is_some_and(other))
    }

    fn asks_for_booleans(&self, rule: RuleRef) -> bool {
        let shape = self.rules.rule(rule).shape.as_ref();
        matches!(shape, Some(Shape::Union(union)) if union.of == Some(MemberKind::Booleans))
    }

    fn asks_for_nothing_else(&self, rule: RuleRef) -> bool {
        let shape = self.rules.rule(rule).shape.as_ref();
        matches!(shape, Some(Shape::Union(union)) if union.of == Some(MemberKind::OnlyBooleans))
    }

    /// True for a field that is not plainly true or false, or a type with such a field.
    fn has_other_fields(&self, part: NodeId) -> bool {
        match self.syntax(part) {
            Syntax::Field { .. } => !self.is_boolean_field(part),
            Syntax::Function(_) => true,
            _ => {
                let below = self.facts.tree.children(part).into_iter();
                let fields = below.filter(|id| matches!(self.syntax(*id), Syntax::Field { .. } | Syntax::Function(_)));
                fields.into_iter().any(|field| self.has_other_fields(field))
            }
        }
    }

    /// `tax?: boolean`
    fn is_boolean_field(&self, field: NodeId) -> bool {
        match self.syntax(field) {
            Syntax::Field { ty: Some(ty), .. } => self.is_boolean_type(*ty),
            _ => false,
        }
    }

    fn unions(&self, name: &str) -> impl Iterator<Item = RuleRef> {
        let rules = self.asked(self.rules.lookup().unions.of(name));
        rules
            .filter(move |(_, shape)| accepts(shape, name))
            .map(|(rule, _)| rule)
    }

    /// An enum of texts is known by its texts; a Rust variant by its name.
    pub(super) fn at_enum(&self, name: &str, members: &'a [NodeId], found: &mut impl FnMut(Hit<'a>)) {
        if self.are_states(members) {
            return;
        }
        for rule in self
            .unions(name)
            .filter(|rule| self.is_member_of(*rule, MemberKind::Texts))
        {
            for member in members {
                let Syntax::Field {
                    key: Key::Name(name, bytes),
                    value,
                    decorators,
                    ..
                } = self.syntax(*member)
                else {
                    continue;
                };
                let value = value.or_else(|| renamed(self.facts, decorators));
                let text = value.filter(|value| matches!(self.syntax(*value), Syntax::Text(_)));
                let name = match text {
                    Some(text) => HitName::Node(text),
                    None if self.is_named_by_itself(value) => {
                        HitName::Word(auto_text(self.facts, *member, name), *bytes)
                    }
                    None => continue,
                };
                let mut hit = Hit::at(rule, *member);
                (hit.name, hit.value) = (Some(name), value);
                found(hit);
            }
        }
    }

    /// Rust's variants, C#'s constants without a number, Python's `X = auto()`.
    fn is_named_by_itself(&self, value: Option<NodeId>) -> bool {
        match self.facts.language {
            Language::Rust => true,
            Language::CSharp => value.is_none(),
            Language::Python => value.is_some_and(|value| self.facts.words(value).ends_with("auto()")),
            _ => false,
        }
    }

    /// True for an enum that says how one thing stands (`Enabled`, `Disabled`), and names no flags.
    fn are_states(&self, members: &[NodeId]) -> bool {
        let has = |word: &str| {
            members.iter().any(|member| match self.syntax(*member) {
                Syntax::Field {
                    key: Key::Name(name, _),
                    ..
                } => name.eq_ignore_ascii_case(word),
                _ => false,
            })
        };
        OPPOSITES.iter().any(|(one, other)| has(one) && has(other))
    }

    /// A Python class is what other languages have enums and interfaces for: the texts of an enum, the fields that are `bool`. In other
    /// languages a field is one only where the class gives it its value for others to read.
    pub(super) fn at_class(
        &self,
        name: &str,
        extends: &[NodeId],
        members: &'a [NodeId],
        found: &mut impl FnMut(Hit<'a>),
    ) {
        let is_typed = matches!(self.facts.language, Language::Python | Language::Rust);
        if is_typed && extends.iter().any(|base| self.facts.words(*base).ends_with("Enum")) {
            return self.at_enum(name, members, found);
        }
        let kind = if is_typed {
            MemberKind::Fields
        } else {
            MemberKind::Values
        };
        let has_others = members
            .iter()
            .any(|member| matches!(self.syntax(*member), Syntax::Field { .. }) && !self.is_boolean_field(*member));
        for rule in self.unions(name).filter(|rule| match kind {
            MemberKind::Fields => self.is_member_of(*rule, kind) && !(has_others && self.asks_for_nothing_else(*rule)),
            // Only a rule that asks for them.
            _ => matches!(&self.rules.rule(*rule).shape, Some(Shape::Union(union)) if union.of == Some(kind)),
        }) {
            for member in members {
                let Syntax::Field {
                    key: Key::Name(name, bytes),
                    ty,
                    value,
                    ..
                } = self.syntax(*member)
                else {
                    continue;
                };
                let by_type = ty.is_some_and(|ty| self.is_boolean_type(ty));
                let by_value = value.is_some_and(|value| matches!(self.bare_syntax(value), Syntax::Bool(_)));
                let is_one = match kind {
                    MemberKind::Fields => by_type || by_value,
                    _ => by_value && !self.is_hidden(*member, name, *bytes),
                };
                if is_one {
                    let mut hit = Hit::at(rule, *member);
                    hit.name = Some(HitName::Word(name.to_string(), *bytes));
                    hit.value = *value;
                    found(hit);
                }
            }
        }
    }

    /// TypeScript: a field that only its own class sees.
    fn is_hidden(&self, member: NodeId, name: &str, bytes: Bytes) -> bool {
        let start = self.facts.tree.bytes(member).start.min(bytes.start);
        let before = Bytes {
            start,
            end: bytes.start,
        };
        self.facts
            .slice(before)
            .split_whitespace()
            .any(|word| matches!(word, "private" | "protected"))
            || name.starts_with('#')
    }

    pub(super) fn at_impl(&self, id: NodeId, of: NodeId, members: &'a [NodeId], found: &mut impl FnMut(Hit<'a>)) {
        let path = self.facts.words(of);
        let name = path
            .split('<')
            .next()
            .unwrap_or(path)
            .rsplit("::")
            .next()
            .unwrap_or(path)
            .trim();
        for (rule, shape) in self.asked(self.rules.lookup().impls.of(name)) {
            let Shape::Impl { constant, .. } = shape else { continue };
            if constant
                .as_ref()
                .is_none_or(|constant| self.constant(members, constant).is_some())
            {
                let mut hit = Hit::at(rule, id);
                hit.members = members;
                found(hit);
            }
        }
    }
}
