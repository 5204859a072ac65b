//! Shapes against nodes. Enters: a node. Leaves: a [`Hit`] for each rule whose shape it has.

use super::Matcher;
use super::hit::{Hit, HitName};
use super::words::Called;
use crate::lang::tree::{Key, LetKind, NodeId, Syntax, Through};
use crate::rules::RuleRef;
use crate::rules::shape::{CallShape, ConstShape, MemberShape, Names, ObjectShape, Shape};
use crate::source::Bytes;

/// Receivers that are looked through for a `receiver_call`.
const CHAIN: usize = 32;

/// Nodes that may lie between an object literal and the call in whose arguments it stands.
const WITHIN_CALL: usize = 24;

/// Nodes of one attribute that are searched for features.
const ATTRIBUTE: usize = 1_000;

impl<'a> Matcher<'a> {
    /// Calls `found` for every rule whose shape the node has.
    pub(super) fn at_node(&self, id: NodeId, found: &mut impl FnMut(Hit<'a>)) {
        match self.syntax(id) {
            Syntax::Call {
                callee,
                type_args,
                args,
            } => self.at_call(id, *callee, type_args, args, found),
            Syntax::New {
                callee,
                type_args,
                args,
            } => self.at_new(id, *callee, type_args, args, found),
            Syntax::Member { object, property } => {
                let name = HitName::Word(self.slice(*property).to_owned(), *property);
                self.at_member(id, *object, &name, found);
            }
            Syntax::Index { object, index } => self.at_member(id, *object, &self.index_name(*index), found),
            Syntax::Element {
                name: Some(name),
                attributes,
                ..
            } => self.at_element(id, *name, attributes, found),
            Syntax::Decorator(inner) => self.at_decorator(id, *inner, found),
            Syntax::Object { type_name, entries } => self.at_object(id, *type_name, entries, found),
            Syntax::Assign { target, value } => self.at_assignment(id, *target, Some(*value), found),
            Syntax::Delete(target) => self.at_assignment(id, *target, None, found),
            Syntax::Let {
                pattern,
                ty,
                value,
                kind,
            } => {
                self.at_binding(id, *pattern, *value, *kind, found);
                self.at_destructuring(*pattern, *ty, *value, found);
            }
            Syntax::Field {
                key: Key::Name(name, bytes),
                value,
                ..
            } => {
                self.at_named_value(id, name, *bytes, *value, found);
            }
            Syntax::TypeAlias { name: (name, _), value } => self.at_union(name, *value, found),
            Syntax::Enum {
                name: (name, _),
                members,
                ..
            } => self.at_enum(name, members, found),
            Syntax::Impl {
                of: Some(of), members, ..
            } => self.at_impl(id, *of, members, found),
            Syntax::Macro { name, args } => self.at_macro(id, self.slice(*name), args, found),
            _ => {}
        }
    }

    /// The rules of a list that apply here, each with its shape.
    fn asked(&self, rules: impl Iterator<Item = RuleRef>) -> impl Iterator<Item = (RuleRef, &'a Shape)> {
        let rules = rules.filter(|rule| self.applies(*rule));
        rules.filter_map(|rule| Some((rule, self.rules.rule(rule).shape.as_ref()?)))
    }

    fn at_call(
        &self,
        id: NodeId,
        callee: NodeId,
        type_args: &'a [NodeId],
        args: &'a [NodeId],
        found: &mut impl FnMut(Hit<'a>),
    ) {
        let Some(called) = self.called(callee) else { return };
        let lookup = self.rules.lookup();
        let rules = lookup.calls.of(&called.name).chain(lookup.mocks.of(&called.name));
        for (rule, shape) in self.asked(rules) {
            let mut hit = Hit::at(rule, id);
            (hit.args, hit.type_args, hit.receiver) = (args, type_args, called.receiver);
            let fits = match shape {
                Shape::Call(call) | Shape::Scope(call) => self.fits_call(call, callee, &called, &mut hit),
                Shape::ModuleMock(mock) => {
                    let receiver = mock.receiver.as_ref();
                    let path = |arg: &NodeId| match self.bare_syntax(*arg) {
                        Syntax::Text(text) => mock.path.as_ref().is_none_or(|path| path.0.is_match(text)),
                        _ => mock.path.is_none(),
                    };
                    mock.names.accept(&called.name)
                        && receiver.is_none_or(|receiver| receiver.0.is_match(&called.receiver_words))
                        && args.first().is_some_and(path)
                }
                _ => false,
            };
            if fits && !self.belongs_to_another(rule, callee) {
                found(hit);
            }
        }
    }

    fn fits_call(&self, call: &CallShape, callee: NodeId, called: &Called, hit: &mut Hit<'a>) -> bool {
        let receiver = call.receiver.as_ref();
        if !call.names.accept(&called.name) || receiver.is_some_and(|of| !of.0.is_match(&called.receiver_words)) {
            return false;
        }
        if let Some(modules) = &call.module {
            let module = self.first_word(callee).and_then(|word| self.imports.module_of(word));
            if !module.is_some_and(|module| modules.set.is_match(module.replace("::", "/"))) {
                return false;
            }
        }
        let Some(inner) = &call.receiver_call else { return true };
        match called.receiver.and_then(|receiver| self.call_below(inner, receiver)) {
            Some(receiver) => {
                hit.receiver = Some(receiver);
                true
            }
            None => false,
        }
    }

    /// The first call of this shape down a chain of receivers.
    fn call_below(&self, shape: &CallShape, receiver: NodeId) -> Option<NodeId> {
        let mut at = receiver;
        for _ in 0..CHAIN {
            at = self.bare(at);
            let callee = match self.syntax(at) {
                Syntax::Call { callee, .. } | Syntax::New { callee, .. } => *callee,
                Syntax::Member { object, .. } => {
                    at = *object;
                    continue;
                }
                _ => return None,
            };
            let called = self.called(callee)?;
            let mut hit = Hit::at(RuleRef { file: 0, rule: 0 }, at);
            if self.fits_call(shape, callee, &called, &mut hit) {
                return Some(at);
            }
            at = called.receiver?;
        }
        None
    }

    /// True if the first word of the callee is imported from a module of another rule file, so that this rule's name is only by chance
    /// the same (`useFlag` of two SDKs).
    fn belongs_to_another(&self, rule: RuleRef, callee: NodeId) -> bool {
        let Some(when) = &self.rules.files[rule.file].when else {
            return false;
        };
        let Some(module) = self.first_word(callee).and_then(|word| self.imports.module_of(word)) else {
            return false;
        };
        let mut others = self.rules.files.iter().filter_map(|file| file.when.as_ref());
        !when.imports.set.is_match(module) && others.any(|other| other.imports.set.is_match(module))
    }

    fn at_new(
        &self,
        id: NodeId,
        callee: NodeId,
        type_args: &'a [NodeId],
        args: &'a [NodeId],
        found: &mut impl FnMut(Hit<'a>),
    ) {
        let Some(name) = self.last_word(callee) else { return };
        for (rule, shape) in self.asked(self.rules.lookup().constructions.of(&name)) {
            if accepts(shape, &name) && !self.belongs_to_another(rule, callee) {
                let mut hit = Hit::at(rule, id);
                (hit.args, hit.type_args) = (args, type_args);
                found(hit);
            }
        }
    }

    fn index_name(&self, index: NodeId) -> HitName {
        HitName::Node(self.bare(index))
    }

    /// A property read: no call of a method, no assignment.
    fn at_member(&self, id: NodeId, object: NodeId, name: &HitName, found: &mut impl FnMut(Hit<'a>)) {
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

    fn is_written_or_called(&self, id: NodeId) -> bool {
        let Some(up) = self.parent_bare(id) else { return false };
        match self.syntax(up) {
            Syntax::Call { callee: target, .. } | Syntax::Assign { target, .. } | Syntax::Delete(target) => {
                self.bare(*target) == id
            }
            _ => false,
        }
    }

    fn fits_member(&self, member: &MemberShape, object: NodeId, words: &str) -> bool {
        let by_words = |words: &str| member.object.as_ref().is_none_or(|object| object.0.is_match(words));
        let by_origin = || self.origin(object).is_some_and(|origin| by_words(&self.words(origin)));
        let by_type = || match &member.object_type {
            None => true,
            Some(wanted) => self.type_of(object).is_some_and(|ty| wanted.0.is_match(ty)),
        };
        (by_words(words) || by_origin()) && by_type()
    }

    /// `const { a, b: c = false } = object`: each entry is a read.
    fn at_destructuring(
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
                    .is_some_and(|of| declared.is_some_and(|ty| of.0.is_match(ty)))
            };
            let fits = self.fits_member(member, value, &words) || (member.object.is_none() && by_type());
            if !fits || self.belongs_to_another(rule, self.literal(value)) {
                continue;
            }
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

    fn at_element(&self, id: NodeId, name: NodeId, attributes: &'a [NodeId], found: &mut impl FnMut(Hit<'a>)) {
        let Some(word) = self.last_word(name) else { return };
        for (rule, shape) in self.asked(self.rules.lookup().elements.of(&word)) {
            let Shape::Jsx(jsx) = shape else { continue };
            let has = |wanted: &String| {
                attributes
                    .iter()
                    .any(|id| matches!(self.syntax(*id), Syntax::Attribute { name, .. } if self.slice(*name) == wanted))
            };
            if jsx.names.accept(&word) && jsx.attr.as_ref().is_none_or(has) && !self.belongs_to_another(rule, name) {
                let mut hit = Hit::at(rule, id);
                hit.attributes = attributes;
                found(hit);
            }
        }
    }

    fn at_decorator(&self, id: NodeId, inner: NodeId, found: &mut impl FnMut(Hit<'a>)) {
        let inner = self.bare(inner);
        let (callee, args): (NodeId, &'a [NodeId]) = match self.syntax(inner) {
            Syntax::Call { callee, args, .. } => (*callee, args),
            _ => (inner, &[]),
        };
        let Some(name) = self.last_word(callee) else { return };
        if matches!(name.as_str(), "cfg" | "cfg_attr") {
            let predicate = if name == "cfg" {
                args
            } else {
                args.get(..1).unwrap_or(&[])
            };
            self.at_cfg(id, predicate, found);
        }
        for (rule, shape) in self.asked(self.rules.lookup().decorators.of(&name)) {
            if accepts(shape, &name) && !self.belongs_to_another(rule, callee) {
                let mut hit = Hit::at(rule, id);
                hit.args = args;
                found(hit);
            }
        }
    }

    /// Every `feature = "…"` of a predicate is a flag of the one site; `not`, `all` and `any` are read by whoever makes guards of it.
    fn at_cfg(&self, id: NodeId, predicate: &[NodeId], found: &mut impl FnMut(Hit<'a>)) {
        let lookup = self.rules.lookup();
        if lookup.cfgs.is_empty() {
            return;
        }
        let below = predicate
            .iter()
            .flat_map(|part| self.facts.tree.below(*part))
            .take(ATTRIBUTE);
        let features = below.filter_map(|part| match self.syntax(part) {
            Syntax::Assign { target, value } if self.facts.words(*target) == "feature" => Some(*value),
            _ => None,
        });
        let features: Vec<NodeId> = features.collect();
        for (rule, _) in self.asked(lookup.cfgs.iter().copied()) {
            if !features.is_empty() {
                let mut hit = Hit::at(rule, id);
                hit.listed.clone_from(&features);
                found(hit);
            }
        }
    }

    fn at_macro(&self, id: NodeId, path: &str, args: &'a [NodeId], found: &mut impl FnMut(Hit<'a>)) {
        let name = path.rsplit("::").next().unwrap_or(path);
        if name == "cfg" {
            self.at_cfg(id, args, found);
        }
        for (rule, shape) in self.asked(self.rules.lookup().macros.of(name)) {
            if accepts(shape, name) {
                let mut hit = Hit::at(rule, id);
                hit.args = args;
                found(hit);
            }
        }
    }

    fn at_object(&self, id: NodeId, type_name: Option<NodeId>, entries: &'a [NodeId], found: &mut impl FnMut(Hit<'a>)) {
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
    fn key_above(&self, id: NodeId) -> Option<(NodeId, &'a str)> {
        let up = self.parent_bare(id)?;
        match self.syntax(up) {
            Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } if self.bare(*value) == id => Some((up, name)),
            _ => None,
        }
    }

    fn fits_object(&self, shape: &ObjectShape, id: NodeId, type_name: Option<NodeId>) -> bool {
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
        let by_type = |wanted: &crate::rules::selector::Pattern| {
            let own = type_name.map(|name| self.facts.words(name));
            let ty = own.or_else(|| self.type_of_literal(id));
            ty.is_some_and(|ty| wanted.0.is_match(ty))
        };
        shape.of_type.as_ref().is_none_or(by_type) && shape.in_call.as_ref().is_none_or(|names| self.in_call(names, id))
    }

    /// The type that the place of a literal declares: of the binding or field that it initialises, or the cast around it.
    fn type_of_literal(&self, id: NodeId) -> Option<&'a str> {
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
    fn cast_type(&self, cast: NodeId, inner: NodeId) -> &'a str {
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

    fn in_call(&self, names: &Names, id: NodeId) -> bool {
        let mut at = id;
        for up in self.facts.tree.ancestors(id).take(WITHIN_CALL) {
            match self.syntax(up) {
                Syntax::Call { callee, args, .. } | Syntax::New { callee, args, .. } if args.contains(&at) => {
                    if self.last_word(*callee).is_some_and(|name| names.accept(&name)) {
                        return true;
                    }
                }
                Syntax::Function(_) | Syntax::Block(_) => return false,
                _ => {}
            }
            at = up;
        }
        false
    }

    /// `object.name = value`, `delete object.name`, and `object = { …, name: value }`.
    fn at_assignment(&self, id: NodeId, target: NodeId, value: Option<NodeId>, found: &mut impl FnMut(Hit<'a>)) {
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
            if assign.left.0.is_match(&words) {
                let mut hit = Hit::at(rule, id);
                (hit.name, hit.value) = (Some(name.clone()), value);
                found(hit);
            } else if let (true, Some(value)) = (assign.left.0.is_match(&whole), value) {
                self.each_entry(rule, value, found);
            }
        }
    }

    /// One hit for each written entry of an object literal.
    fn each_entry(&self, rule: RuleRef, literal: NodeId, found: &mut impl FnMut(Hit<'a>)) {
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

    /// A binding outside functions.
    fn at_binding(
        &self,
        id: NodeId,
        pattern: NodeId,
        value: Option<NodeId>,
        kind: LetKind,
        found: &mut impl FnMut(Hit<'a>),
    ) {
        let Syntax::Name = self.syntax(pattern) else { return };
        let name = self.facts.words(pattern);
        if kind == LetKind::Variable || self.rules.lookup().bindings.of(name).next().is_none() {
            return;
        }
        let inside = |up: NodeId| matches!(self.syntax(up), Syntax::Function(_));
        if !self.facts.tree.ancestors(id).any(inside) {
            self.at_named_value(id, name, self.facts.tree.bytes(pattern), value, found);
        }
    }

    fn at_named_value(
        &self,
        id: NodeId,
        name: &str,
        bytes: Bytes,
        value: Option<NodeId>,
        found: &mut impl FnMut(Hit<'a>),
    ) {
        for (rule, shape) in self.asked(self.rules.lookup().bindings.of(name)) {
            let Shape::Const(binding) = shape else { continue };
            if binding.names.accept(name) && self.fits_binding(binding, value) {
                let mut hit = Hit::at(rule, id);
                hit.name = Some(HitName::Word(name.to_owned(), bytes));
                hit.value = value;
                found(hit);
            }
        }
    }

    fn fits_binding(&self, binding: &ConstShape, value: Option<NodeId>) -> bool {
        let Some(value) = value else { return false };
        match self.bare_syntax(value) {
            Syntax::Object { .. } => binding.object,
            Syntax::Call { callee, args, .. } => {
                let frozen = self.last_word(*callee).is_some_and(|name| name == "freeze");
                let object = args
                    .first()
                    .is_some_and(|arg| matches!(self.bare_syntax(*arg), Syntax::Object { .. }));
                binding.object == (frozen && object)
            }
            _ => !binding.object,
        }
    }

    fn at_union(&self, name: &str, value: NodeId, found: &mut impl FnMut(Hit<'a>)) {
        for (rule, shape) in self.asked(self.rules.lookup().unions.of(name)) {
            if !accepts(shape, name) {
                continue;
            }
            for member in self.facts.tree.below(value) {
                if let Syntax::Text(_) = self.syntax(member) {
                    let mut hit = Hit::at(rule, member);
                    hit.name = Some(HitName::Node(member));
                    found(hit);
                }
            }
        }
    }

    fn at_enum(&self, name: &str, members: &'a [NodeId], found: &mut impl FnMut(Hit<'a>)) {
        for (rule, shape) in self.asked(self.rules.lookup().unions.of(name)) {
            if !accepts(shape, name) {
                continue;
            }
            for member in members {
                if let Syntax::Field {
                    key: Key::Name(name, bytes),
                    value,
                    ..
                } = self.syntax(*member)
                {
                    let mut hit = Hit::at(rule, *member);
                    // An enum of texts is known by its texts.
                    hit.name = Some(
                        match value.filter(|value| matches!(self.syntax(*value), Syntax::Text(_))) {
                            Some(text) => HitName::Node(text),
                            None => HitName::Word(name.to_string(), *bytes),
                        },
                    );
                    hit.value = *value;
                    found(hit);
                }
            }
        }
    }

    fn at_impl(&self, id: NodeId, of: NodeId, members: &'a [NodeId], found: &mut impl FnMut(Hit<'a>)) {
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

/// True if a shape that is nothing but names accepts this one.
fn accepts(shape: &Shape, name: &str) -> bool {
    match shape {
        Shape::New(names) | Shape::Decorator(names) | Shape::Macro(names) | Shape::Union(names) => names.accept(name),
        _ => false,
    }
}
