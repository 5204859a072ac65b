//! Property reads against `member` shapes: `object.name`, `object['name']`, `const { name } = object`. Enters: a node. Leaves: hits.

use super::Matcher;
use super::hit::{Hit, HitName};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::RuleRef;
use crate::rules::shape::{MemberShape, Shape};

impl<'a> Matcher<'a> {
    pub(super) fn index_name(&self, index: NodeId) -> HitName {
        HitName::Node(self.bare(index))
    }

    /// A property read: no call of a method, no assignment.
    pub(super) fn at_member(&self, id: NodeId, object: NodeId, name: &HitName, found: &mut impl FnMut(Hit<'a>)) {
        let lookup = self.rules.lookup();
        if lookup.members.is_empty() || self.is_written_or_called(id) {
            return;
        }
        let mut words = None;
        for (rule, shape) in self.asked(lookup.members.iter().copied()) {
            let Shape::Member(member) = shape else { continue };
            let words = words.get_or_insert_with(|| self.words(object));
            if self.fits_member(member, object, words) && !self.belongs_to_another(rule, self.literal(object)) {
                let mut hit = Hit::at(rule, id);
                (hit.name, hit.receiver) = (Some(name.clone()), Some(object));
                found(hit);
            }
        }
    }

    pub(super) fn is_written_or_called(&self, id: NodeId) -> bool {
        let Some(up) = self.parent_bare(id) else { return false };
        match self.syntax(up) {
            Syntax::Call { callee: target, .. } | Syntax::Assign { target, .. } | Syntax::Delete(target) => {
                self.bare(*target) == id
            }
            _ => false,
        }
    }

    pub(super) fn fits_member(&self, member: &MemberShape, object: NodeId, words: &str) -> bool {
        let by_words = |words: &str| {
            member
                .object
                .as_ref()
                .is_none_or(|object| object.regex().is_match(words))
        };
        let by_origin = || self.origin_words(object).is_some_and(|words| by_words(&words));
        let by_type = || match &member.object_type {
            None => true,
            Some(wanted) => self.type_of(object).is_some_and(|ty| wanted.regex().is_match(ty)),
        };
        let by_module = || {
            member
                .module
                .as_ref()
                .is_none_or(|modules| self.is_from(modules, object))
        };
        (by_words(words) || by_origin()) && by_type() && by_module()
    }

    /// `const { a, b: c = false } = object`: each entry is a read.
    pub(super) fn at_destructuring(
        &self,
        pattern: NodeId,
        ty: Option<NodeId>,
        value: Option<NodeId>,
        found: &mut impl FnMut(Hit<'a>),
    ) {
        let lookup = self.rules.lookup();
        let (Syntax::ObjectPattern(entries), Some(value)) = (self.syntax(pattern), value) else {
            return;
        };
        let words = self.words(value);
        for (rule, shape) in self.asked(lookup.members.iter().copied()) {
            let Shape::Member(member) = shape else { continue };
            let declared = ty.map(|ty| self.type_text(ty));
            let by_type = || {
                member
                    .object_type
                    .as_ref()
                    .is_some_and(|of| declared.is_some_and(|ty| of.regex().is_match(ty)))
            };
            let fits = self.fits_member(member, value, &words) || (member.object.is_none() && by_type());
            if !fits || self.belongs_to_another(rule, self.literal(value)) {
                continue;
            }
            self.each_taken(rule, entries, found);
        }
        self.at_inner_patterns(entries, &words, found);
    }

    /// `const { config: { flags: { a } } } = useConfig()`: the words of what an inner pattern takes apart lengthen by a name each.
    fn at_inner_patterns(&self, entries: &[NodeId], words: &str, found: &mut impl FnMut(Hit<'a>)) {
        let mut open: Vec<(NodeId, String)> = entries.iter().map(|entry| (*entry, words.to_owned())).collect();
        while let Some((entry, words)) = open.pop() {
            let Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } = self.syntax(entry)
            else {
                continue;
            };
            let inner = match self.syntax(*value) {
                Syntax::Default { pattern, .. } => *pattern,
                _ => *value,
            };
            let Syntax::ObjectPattern(entries) = self.syntax(inner) else {
                continue;
            };
            let words = format!("{words}.{name}");
            for (rule, shape) in self.asked(self.rules.lookup().members.iter().copied()) {
                let Shape::Member(member) = shape else { continue };
                let by_words = member
                    .object
                    .as_ref()
                    .is_some_and(|object| object.regex().is_match(&words));
                if by_words && member.module.is_none() && member.object_type.is_none() {
                    self.each_taken(rule, entries, found);
                }
            }
            open.extend(entries.iter().map(|entry| (*entry, words.clone())));
        }
    }

    /// One hit for each entry of a pattern; what an inner pattern takes apart further is no value of a flag.
    fn each_taken(&self, rule: RuleRef, entries: &[NodeId], found: &mut impl FnMut(Hit<'a>)) {
        for entry in entries {
            let Syntax::Entry { key, value } = self.syntax(*entry) else {
                continue;
            };
            let mut hit = Hit::at(rule, *entry);
            hit.name = Some(match key {
                Key::Name(name, bytes) => HitName::Word(name.to_string(), *bytes),
                Key::Computed(id) => self.index_name(*id),
            });
            if let Syntax::Default { default, .. } = self.syntax(*value) {
                hit.value = Some(*default);
            }
            found(hit);
        }
    }
}
