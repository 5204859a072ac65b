//! Shapes against nodes. Enters: a node. Leaves: a [`Hit`] for each rule whose shape it has.

use super::Matcher;
use super::hit::{Hit, HitName};
use super::words::Called;
use crate::index::{build_tags, homes};
use crate::lang::Language;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::RuleRef;
use crate::rules::selector::Pattern;
use crate::rules::shape::{CallShape, Globs, Shape};

/// Receivers that are looked through for a `receiver_call`.
const CHAIN: usize = 32;

/// Arguments that one call gives at most.
const LISTED: usize = 100;

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
            Syntax::TypeAlias { name: (name, _), value } => self.at_type(name, std::slice::from_ref(value), found),
            Syntax::Interface {
                name: (name, _),
                members,
            } => self.at_type(name, members, found),
            Syntax::Class {
                name: Some((name, _)),
                members,
                ..
            } if self.facts.language == Language::Go => self.at_type(name, members, found),
            Syntax::Enum {
                name: (name, _),
                members,
                ..
            } if self.facts.language.is_jvm() => self.at_enum_of_classes(id, name, members, found),
            // C#: the bits of a number.
            Syntax::Enum { decorators, .. } if self.has_decorator(decorators, "Flags") => {}
            Syntax::Enum {
                name: (name, _),
                members,
                ..
            } => self.at_enum(name, members, found),
            Syntax::Class {
                name: Some((name, _)),
                extends,
                members,
                ..
            } if matches!(
                self.facts.language,
                Language::Python | Language::Rust | Language::TypeScript | Language::Tsx | Language::JavaScript
            ) =>
            {
                self.at_class(name, extends, members, found);
            }
            Syntax::Impl {
                of: Some(of), members, ..
            } => self.at_impl(id, *of, members, found),
            Syntax::Macro { name, args } => self.at_macro(id, self.slice(*name), args, found),
            _ => {}
        }
    }

    /// The rules of a list that apply here, each with its shape.
    pub(super) fn asked(&self, rules: impl Iterator<Item = RuleRef>) -> impl Iterator<Item = (RuleRef, &'a Shape)> {
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
            hit.name = Some(HitName::Word(called.name.clone(), called.at));
            let fits = match shape {
                Shape::Call(call) | Shape::Scope(call) => self.fits_call(call, callee, &called, &mut hit),
                Shape::ModuleMock(mock) => {
                    let receiver = mock.receiver.as_ref();
                    let path = |arg: &NodeId| match self.bare_syntax(*arg) {
                        Syntax::Text(text) => mock.path.as_ref().is_none_or(|path| path.regex().is_match(text)),
                        _ => mock.path.is_none(),
                    };
                    mock.names.accept(&called.name)
                        && receiver.is_none_or(|receiver| receiver.regex().is_match(&called.receiver_words))
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
        // `const client = useUnleashClient()`: the words of what the receiver was bound to count as its own.
        let by_origin = |of: &Pattern| {
            let words = called.receiver.and_then(|receiver| self.origin_words(receiver));
            words.is_some_and(|words| of.regex().is_match(&words))
        };
        let fits = |of: &Pattern| of.regex().is_match(&called.receiver_words) || by_origin(of);
        let few = hit.args.len() < call.least_args;
        let is_first = |of: &Pattern| {
            hit.args
                .first()
                .is_some_and(|arg| of.regex().is_match(self.facts.words(*arg)))
        };
        if few
            || call.first.as_ref().is_some_and(|of| !is_first(of))
            || !call.names.accept(&called.name)
            || call
                .unless
                .as_ref()
                .is_some_and(|unless| unless.regex().is_match(&called.name))
            || (call.decides && !homes::decides(&self.facts.tree, hit.node))
            || receiver.is_some_and(|of| !fits(of))
        {
            return false;
        }
        if let Some(modules) = &call.module
            && !self.is_from(modules, callee)
        {
            return false;
        }
        if let Some(any) = &call.any {
            hit.chosen = self.chosen(any, hit.args);
            if hit.chosen.is_empty() {
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

    /// The arguments, and elements of lists among them, whose words match.
    fn chosen(&self, any: &Pattern, args: &[NodeId]) -> Vec<NodeId> {
        let elements = args.iter().flat_map(|arg| match self.bare_syntax(*arg) {
            Syntax::Array(elements) => elements.as_slice(),
            _ => std::slice::from_ref(arg),
        });
        let is_one = |id: &NodeId| {
            let named = matches!(self.bare_syntax(*id), Syntax::Name | Syntax::Member { .. });
            named && any.regex().is_match(self.facts.words(*id))
        };
        elements.copied().filter(is_one).take(LISTED).collect()
    }

    /// The first call of this shape down a chain of receivers.
    fn call_below(&self, shape: &CallShape, receiver: NodeId) -> Option<NodeId> {
        let mut at = receiver;
        for _ in 0..CHAIN {
            at = self.bare(at);
            let (callee, args) = match self.syntax(at) {
                Syntax::Call { callee, args, .. } | Syntax::New { callee, args, .. } => (*callee, args),
                Syntax::Member { object, .. } => {
                    at = *object;
                    continue;
                }
                _ => return None,
            };
            let called = self.called(callee)?;
            let mut hit = Hit::at(RuleRef { file: 0, rule: 0 }, at);
            hit.args = args;
            if self.fits_call(shape, callee, &called, &mut hit) {
                return Some(at);
            }
            at = called.receiver?;
        }
        None
    }

    /// True if the first word of an expression is imported from one of these modules.
    pub(super) fn is_from(&self, modules: &Globs, id: NodeId) -> bool {
        let module = self.module_of(id);
        module.is_some_and(|module| modules.allow(&module.replace("::", "/")))
    }

    /// True if the first word of the callee is imported from a module of another rule file, so that this rule's name is only by chance
    /// the same (`useFlag` of two SDKs).
    pub(super) fn belongs_to_another(&self, rule: RuleRef, callee: NodeId) -> bool {
        let Some(when) = &self.rules.files[rule.file].when else {
            return false;
        };
        let Some(module) = self.module_of(callee) else {
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
        if name == "go:build" {
            self.at_build_tags(id, args, found);
        }
        for (rule, shape) in self.asked(self.rules.lookup().decorators.of(&name)) {
            if accepts(shape, &name) && !self.belongs_to_another(rule, callee) {
                let mut hit = Hit::at(rule, id);
                (hit.args, hit.name) = (args, self.decorated_name(id));
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

    /// `//go:build a && !b`: every tag that a person gives is a flag. What decides which tests are built is no flag of the product.
    fn at_build_tags(&self, id: NodeId, constraint: &[NodeId], found: &mut impl FnMut(Hit<'a>)) {
        if self.facts.path.file_name().ends_with("_test.go") {
            return;
        }
        let below = constraint.iter().flat_map(|part| self.facts.tree.below(*part));
        let is_tag =
            |part: &NodeId| matches!(self.syntax(*part), Syntax::Name) && build_tags::is_given(self.facts.words(*part));
        let tags: Vec<NodeId> = below.take(ATTRIBUTE).filter(is_tag).collect();
        for (rule, _) in self.asked(self.rules.lookup().cfgs.iter().copied()) {
            if !tags.is_empty() {
                let mut hit = Hit::at(rule, id);
                hit.listed.clone_from(&tags);
                found(hit);
            }
        }
    }

    /// True for `[Flags]`, the word alone.
    fn has_decorator(&self, decorators: &[NodeId], word: &str) -> bool {
        let words = |id: &NodeId| match self.syntax(*id) {
            Syntax::Decorator(inner) => self.facts.words(*inner),
            _ => "",
        };
        decorators
            .iter()
            .any(|id| words(id).trim_end_matches("()").rsplit('.').next() == Some(word))
    }

    /// True for `#[cfg(word)]`.
    pub(super) fn has_cfg(&self, decorators: &[NodeId], word: &str) -> bool {
        decorators.iter().any(|decorator| {
            let Syntax::Decorator(inner) = self.syntax(*decorator) else {
                return false;
            };
            let Syntax::Call { callee, args, .. } = self.bare_syntax(*inner) else {
                return false;
            };
            self.facts.words(*callee) == "cfg" && args.iter().any(|arg| self.facts.words(*arg) == word)
        })
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
}

/// True if a shape that is nothing but names accepts this one.
pub(super) fn accepts(shape: &Shape, name: &str) -> bool {
    match shape {
        Shape::New(names) | Shape::Decorator(names) | Shape::Macro(names) => names.accept(name),
        Shape::Union(union) => union.names.accept(name),
        _ => false,
    }
}
