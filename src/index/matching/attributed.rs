//! Tests that are methods with attributes (C#, Java, Kotlin). Enters: a class or a method. Leaves: the suite, test or hook that it is. Which words they are
//! is data of the framework's rule.

use super::Matcher;
use super::framework::blank;
use super::named::fits_attribute;
use crate::index::site::{TestRole, TestSite};
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::RuleRef;
use crate::rules::framework::FrameworkRule;

/// Classes of tests in classes of tests beyond this depth are nobody's.
const NESTED: usize = 4;

impl Matcher<'_> {
    /// The test, class of tests or hook that a method or class is by its attributes.
    pub(super) fn attributed_site(&self, rule: RuleRef, data: &FrameworkRule, id: NodeId) -> Option<TestSite> {
        let decorators = match self.syntax(id) {
            Syntax::Class {
                members, decorators, ..
            } => self.holds_tests(data, members, NESTED).then_some(decorators)?,
            Syntax::Function(function) => &function.decorators,
            _ => return None,
        };
        let words: Vec<(String, NodeId)> = decorators.iter().filter_map(|id| self.attribute_word(*id)).collect();
        let has = |names: &[String]| words.iter().any(|(word, _)| names.contains(word));
        let hook = data.hooks.iter().find(|(_, names)| has(names));
        let role = match (self.syntax(id), hook) {
            (Syntax::Class { .. }, _) => TestRole::Suite,
            (_, Some((kind, _))) => TestRole::Hook(*kind),
            _ => self.is_marked(data, decorators).then_some(TestRole::Test)?,
        };
        let mut site = blank(rule, role, id);
        site.body = Some(id);
        site.skipped = has(&data.skip.attributes) || self.has_option(&data.skip.options, decorators);
        let table = words.iter().find(|(word, _)| fits_attribute(&data.table, word));
        site.table = table
            .map(|(_, decorator)| *decorator)
            .filter(|_| role == TestRole::Test);
        if role == TestRole::Test {
            self.read_body(data, id, &mut site);
        }
        Some(site)
    }

    /// True for a class with a test, or with a class in it that has one (JUnit's `@Nested`).
    fn holds_tests(&self, data: &FrameworkRule, members: &[NodeId], depth: usize) -> bool {
        members.iter().any(|member| match self.syntax(*member) {
            Syntax::Function(function) => self.is_marked(data, &function.decorators),
            Syntax::Class { members, .. } => depth > 0 && self.holds_tests(data, members, depth - 1),
            _ => false,
        })
    }

    fn is_marked(&self, data: &FrameworkRule, decorators: &[NodeId]) -> bool {
        let mut words = decorators.iter().filter_map(|id| self.attribute_word(*id));
        words.any(|(word, _)| fits_attribute(&data.test, &word))
    }

    /// `[Fact(Skip = "later")]`
    fn has_option(&self, options: &[String], decorators: &[NodeId]) -> bool {
        let is_option = |id: &NodeId| match self.syntax(*id) {
            Syntax::Attribute { name, .. } => options.iter().any(|option| option == self.slice(*name)),
            _ => false,
        };
        decorators.iter().any(|decorator| match self.syntax(*decorator) {
            Syntax::Decorator(inner) => match self.syntax(*inner) {
                Syntax::Call { args, .. } => args.iter().any(is_option),
                _ => false,
            },
            _ => false,
        })
    }
}
