//! Tests that are known by the names of functions (pytest, unittest). Enters: a function or class. Leaves: its [`TestSite`]: a test, a
//! class of tests, a hook, a fixture that runs by itself. Which words they are is data of the framework's rule.

use super::Matcher;
use super::framework::blank;
use crate::index::site::{TestCondition, TestRole, TestSite};
use crate::lang::tree::{Function, NodeId, Syntax};
use crate::rules::RuleRef;
use crate::rules::framework::{FrameworkRule, HookKind, Signs};

impl Matcher<'_> {
    /// The test, class of tests or hook that a function or class is.
    pub(super) fn named_site(&self, rule: RuleRef, data: &FrameworkRule, id: NodeId) -> Option<TestSite> {
        let (mut site, decorators) = match self.syntax(id) {
            Syntax::Class {
                members, decorators, ..
            } => {
                let is_suite = members
                    .iter()
                    .any(|member| self.is_named_test(data, *member) || self.is_called_test(data, *member));
                (is_suite.then(|| blank(rule, TestRole::Suite, id))?, decorators)
            }
            Syntax::Function(function) => {
                let role = self.named_role(data, id, function)?;
                (blank(rule, role, id), &function.decorators)
            }
            _ => return None,
        };
        site.body = Some(id);
        for decorator in decorators {
            self.read_decorator(data, *decorator, &mut site);
        }
        if site.role == TestRole::Test {
            self.read_body(data, id, &mut site);
        }
        Some(site)
    }

    fn named_role(&self, data: &FrameworkRule, id: NodeId, function: &Function) -> Option<TestRole> {
        let (name, _) = function.name.as_ref()?;
        if let Some(fixture) = self.fixture(data, function) {
            return fixture.then_some(TestRole::Hook(HookKind::BeforeEach));
        }
        let hook = data
            .hooks
            .iter()
            .find(|(_, names)| names.iter().any(|hook| **hook == **name));
        if let Some((kind, _)) = hook {
            return Some(TestRole::Hook(*kind));
        }
        (self.is_named_test(data, id) && self.stands_free(id)).then_some(TestRole::Test)
    }

    /// For a fixture, whether it runs by itself.
    fn fixture(&self, data: &FrameworkRule, function: &Function) -> Option<bool> {
        let is_fixture = |decorator: &&NodeId| {
            let word = self.attribute_word(**decorator);
            word.is_some_and(|(word, _)| fits_attribute(&data.fixture, &word))
        };
        let decorator = function.decorators.iter().find(is_fixture)?;
        let Syntax::Decorator(inner) = self.syntax(*decorator) else {
            return None;
        };
        let Syntax::Call { args, .. } = self.bare_syntax(*inner) else {
            return Some(false);
        };
        Some(args.iter().any(|arg| match self.syntax(*arg) {
            Syntax::Attribute {
                name,
                value: Some(value),
            } => self.slice(*name) == "autouse" && matches!(self.syntax(*value), Syntax::Bool(true)),
            _ => false,
        }))
    }

    fn is_named_test(&self, data: &FrameworkRule, id: NodeId) -> bool {
        let Syntax::Function(Function {
            name: Some((name, _)),
            decorators,
            ..
        }) = self.syntax(id)
        else {
            return false;
        };
        let by_name = |prefix: &String| name.starts_with(prefix.as_str());
        let is_property = |id: &NodeId| self.attribute_word(*id).is_some_and(|(word, _)| word == "property");
        data.test.functions.iter().any(by_name) && !decorators.iter().any(is_property)
    }

    /// Ruby: `test "adds" do … end` in a class.
    fn is_called_test(&self, data: &FrameworkRule, id: NodeId) -> bool {
        match self.syntax(id) {
            Syntax::Call { callee, args, .. } => {
                let is_block = |arg: &NodeId| matches!(self.syntax(*arg), Syntax::Function(_));
                args.last().is_some_and(is_block)
                    && data.test.calls.iter().any(|call| call == self.facts.words(*callee))
            }
            _ => false,
        }
    }

    /// A function in a function is no test; a method of a class is one.
    fn stands_free(&self, id: NodeId) -> bool {
        let mut up = self.facts.tree.ancestors(id);
        !up.any(|up| matches!(self.syntax(up), Syntax::Function(_)))
    }

    /// `@pytest.mark.skipif(cond)`, `@skipUnless(cond, why)`, `@expectedFailure`, `@pytest.mark.parametrize(…)`
    fn read_decorator(&self, data: &FrameworkRule, decorator: NodeId, site: &mut TestSite) {
        let Some((word, _)) = self.attribute_word(decorator) else {
            return;
        };
        let is = |words: &[String]| words.contains(&word);
        site.skipped |= is(&data.skip.attributes);
        site.expect_fail |= is(&data.expect_fail.attributes);
        if is(&data.table.attributes) {
            site.table = Some(decorator);
        }
        if (is(&data.skip.conditions) || is(&data.run.conditions))
            && let Syntax::Decorator(inner) = self.syntax(decorator)
            && let Syntax::Call { args, .. } = self.bare_syntax(*inner)
            && let Some(test) = args.first().filter(|arg| !self.is_text(**arg))
        {
            site.conditions.push(TestCondition {
                test: *test,
                runs_if: is(&data.run.conditions),
            });
        }
    }

    fn is_text(&self, id: NodeId) -> bool {
        matches!(self.syntax(id), Syntax::Text(_) | Syntax::Attribute { .. })
    }
}

/// True for the word of an attribute that says so.
pub(super) fn fits_attribute(signs: &Signs, word: &str) -> bool {
    signs.attributes.iter().any(|known| known == word)
        || signs
            .attribute_suffix
            .as_ref()
            .is_some_and(|suffix| word.ends_with(suffix.as_str()))
}
