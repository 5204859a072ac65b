//! The rules by what they match, so that one walk over a tree asks each node only for the rules that its kind and name can satisfy.
//! Enters: a rule set. Leaves: tables of [`RuleRef`]s.

use std::collections::HashMap;

use super::rule::RuleKind;
use super::shape::{Names, Shape};
use super::{RuleRef, RuleSet};

/// Rules by the name that they match.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByName {
    words: HashMap<String, Vec<RuleRef>>,
    patterns: Vec<RuleRef>,
}

impl ByName {
    fn add(&mut self, names: &Names, rule: RuleRef) {
        match names {
            Names::Words(words) => words.iter().for_each(|word| self.add_word(word, rule)),
            Names::Pattern(_) => self.patterns.push(rule),
        }
    }

    fn add_word(&mut self, word: &str, rule: RuleRef) {
        self.words.entry(word.to_owned()).or_default().push(rule);
    }

    /// The rules that may match this name; those with a pattern must still be asked.
    pub(crate) fn of(&self, name: &str) -> impl Iterator<Item = RuleRef> + '_ {
        let words = self.words.get(name).map_or(&[][..], Vec::as_slice);
        words.iter().chain(&self.patterns).copied()
    }
}

/// The rules by shape, and where the shape has a name, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    /// `call` and `scope`.
    pub(crate) calls: ByName,
    pub(crate) constructions: ByName,
    pub(crate) elements: ByName,
    pub(crate) decorators: ByName,
    pub(crate) macros: ByName,
    pub(crate) mocks: ByName,
    pub(crate) bindings: ByName,
    pub(crate) unions: ByName,
    /// By the trait.
    pub(crate) impls: ByName,
    /// Object literals by the last key of their path.
    pub(crate) objects: ByName,
    /// Object literals without a path.
    pub(crate) loose_objects: Vec<RuleRef>,
    pub(crate) members: Vec<RuleRef>,
    pub(crate) assignments: Vec<RuleRef>,
    pub(crate) cfgs: Vec<RuleRef>,
    pub(crate) lookups: Vec<RuleRef>,
    pub(crate) comments: Vec<RuleRef>,
    pub(crate) frameworks: Vec<RuleRef>,
}

impl Lookup {
    pub(super) fn new(rules: &RuleSet) -> Self {
        let mut lookup = Self::default();
        for (at, rule) in rules.rules() {
            if let RuleKind::Framework(_) = rule.kind {
                lookup.frameworks.push(at);
            }
            if let Some(shape) = &rule.shape {
                lookup.add(shape, at);
            }
        }
        lookup
    }

    fn add(&mut self, shape: &Shape, at: RuleRef) {
        match shape {
            Shape::Call(call) | Shape::Scope(call) => self.calls.add(&call.names, at),
            Shape::New(names) => self.constructions.add(names, at),
            Shape::Member(_) => self.members.push(at),
            Shape::Jsx(jsx) => self.elements.add(&jsx.names, at),
            Shape::Decorator(names) => self.decorators.add(names, at),
            Shape::Object(object) => match object.path.last() {
                Some(key) => self.objects.add_word(key, at),
                None => self.loose_objects.push(at),
            },
            Shape::Assign(_) => self.assignments.push(at),
            Shape::Const(binding) => self.bindings.add(&binding.names, at),
            Shape::Union(union) => self.unions.add(&union.names, at),
            Shape::Impl { of, .. } => self.impls.add_word(of, at),
            Shape::Macro(names) => self.macros.add(names, at),
            Shape::Cfg => self.cfgs.push(at),
            Shape::ModuleMock(mock) => self.mocks.add(&mock.names, at),
            Shape::Comment(_) => self.comments.push(at),
            Shape::Lookup(_) => self.lookups.push(at),
            Shape::Data(_) | Shape::Query(_) => {}
        }
    }
}
