//! Enums whose constants are objects (Java, Kotlin), and what is written before a declaration. Enters: an enum, or what matched. Leaves: hits,
//! and what their selectors find.

use super::Matcher;
use super::hit::{Hit, HitName};
use super::select::Found;
use crate::flag::FlagValue;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::RuleRef;
use crate::rules::shape::{MemberKind, Names, Shape};
use crate::source::Bytes;

/// What the key among the arguments of a constant is called.
const KEYS: [&str; 6] = ["key", "id", "flagKey", "featureKey", "flag", "name"];

impl<'a> Matcher<'a> {
    /// A rule asks for the enum by its own name or by that of an interface of it. A constant is known by the text that it is given first,
    /// or, where the rule asks for constants, by its name.
    pub(super) fn at_enum_of_classes(
        &self,
        id: NodeId,
        name: &str,
        members: &'a [NodeId],
        found: &mut impl FnMut(Hit<'a>),
    ) {
        let bases = self.bases_of_enum(id, members);
        let names = std::iter::once(name).chain(bases);
        let mut rules: Vec<(RuleRef, Option<MemberKind>)> = Vec::new();
        for name in names {
            for (rule, shape) in self.asked(self.rules.lookup().unions.of(name)) {
                let Shape::Union(union) = shape else { continue };
                if union.names.accept(name) && !rules.iter().any(|(known, _)| *known == rule) {
                    rules.push((rule, union.of));
                }
            }
        }
        for (rule, of) in rules {
            for member in members {
                let Syntax::Field {
                    key: Key::Name(name, bytes),
                    ty: None,
                    value,
                    ..
                } = self.syntax(*member)
                else {
                    continue;
                };
                let args: &'a [NodeId] = match value.map(|value| self.syntax(value)) {
                    Some(Syntax::New { args, .. }) => args,
                    _ => &[],
                };
                let text = self.text_of_constant(args);
                let mut hit = Hit::at(rule, *member);
                hit.name = match (of, text) {
                    // One that is made of a key is known by its key.
                    (Some(MemberKind::Constants), None) => Some(HitName::Word(name.to_string(), *bytes)),
                    (None | Some(MemberKind::Texts), Some(text)) => Some(HitName::Node(text)),
                    _ => continue,
                };
                hit.args = args;
                found(hit);
            }
        }
    }

    /// The text that a constant is made of and that may be a key: the one that is called so, else the first one.
    fn text_of_constant(&self, args: &[NodeId]) -> Option<NodeId> {
        let is_key = |id: &NodeId| match self.bare_syntax(*id) {
            Syntax::Text(text) => !text.is_empty() && !text.contains(char::is_whitespace),
            _ => false,
        };
        let by_name = args.iter().find_map(|arg| match self.syntax(*arg) {
            Syntax::Attribute { name, value } if KEYS.contains(&self.slice(*name)) => *value,
            _ => None,
        });
        by_name.filter(is_key).or_else(|| args.iter().copied().find(is_key))
    }

    /// The names of the interfaces of an enum: the words between its head and its first constant.
    fn bases_of_enum(&self, id: NodeId, members: &[NodeId]) -> Vec<&'a str> {
        let Syntax::Enum { name: (_, name), .. } = self.syntax(id) else {
            return Vec::new();
        };
        let end = self.facts.tree.bytes(id).end;
        let head = self.slice(Bytes { start: name.end, end });
        let head = head.split('{').next().unwrap_or_default();
        // Kotlin: the parameters of the constructor come first, and are members too.
        let own = members.iter().map(|member| self.facts.tree.bytes(*member).end);
        let parameters = own
            .filter(|end| (*end as usize) <= name.end as usize + head.len())
            .max();
        let skipped = parameters.map_or(0, |end| (end - name.end) as usize);
        let rest = head.get(skipped..).unwrap_or_default();
        let bases = rest.split_once("implements ").or_else(|| rest.split_once(':'));
        let bases = bases.map_or("", |(_, bases)| bases);
        let words = bases.split(',').map(str::trim);
        let words = words.filter_map(|base| base.split(['<', '(', ' ']).next()?.rsplit('.').next());
        words.filter(|word| !word.is_empty()).collect()
    }

    /// What stands before a declaration: of the first decorator of such a name its first argument, or that it is there.
    pub(super) fn decorator_of(&self, id: NodeId, names: &Names) -> Option<Found> {
        let own = match self.syntax(id) {
            Syntax::Decorator(_) => self.parent(id)?,
            _ => id,
        };
        let decorators = self.decorators(own);
        let of_name = |id: &&NodeId| self.attribute_word(**id).is_some_and(|(word, _)| names.accept(&word));
        let Syntax::Decorator(inner) = self.syntax(*decorators.iter().find(of_name)?) else {
            return None;
        };
        match self.bare_syntax(*inner) {
            Syntax::Call { args, .. } => match self.syntax(*args.first()?) {
                Syntax::Attribute { value, .. } => value.map(Found::Node),
                _ => args.first().map(|arg| Found::Node(*arg)),
            },
            _ => Some(Found::State(FlagValue::On)),
        }
    }

    fn decorators(&self, id: NodeId) -> &'a [NodeId] {
        match self.syntax(id) {
            Syntax::Function(function) => &function.decorators,
            Syntax::Field { decorators, .. } | Syntax::Class { decorators, .. } | Syntax::Enum { decorators, .. } => {
                decorators
            }
            _ => &[],
        }
    }

    /// The name of what a decorator stands before.
    pub(super) fn decorated_name(&self, decorator: NodeId) -> Option<HitName> {
        let (name, bytes) = match self.syntax(self.parent(decorator)?) {
            Syntax::Function(function) => function.name.clone()?,
            Syntax::Field {
                key: Key::Name(name, bytes),
                ..
            } => (name.clone(), *bytes),
            Syntax::Class { name, .. } => name.clone()?,
            _ => return None,
        };
        Some(HitName::Word(name.into(), bytes))
    }
}
