//! Tests that are known by their names and by what they are given: `func TestX(t *testing.T)`, methods of a suite. Enters: a function.
//! Leaves: a [`TestSite`]. For languages whose frameworks have neither calls nor attributes (Go).

use super::Matcher;
use super::framework::blank;
use crate::index::site::{TestRole, TestSite};
use crate::lang::tree::{Function, NodeId};
use crate::rules::RuleRef;
use crate::rules::framework::FrameworkRule;

impl Matcher<'_> {
    /// The test or hook that a function is.
    pub(super) fn typed_site(
        &self,
        rule: RuleRef,
        data: &FrameworkRule,
        id: NodeId,
        function: &Function,
    ) -> Option<TestSite> {
        let (name, _) = function.name.as_ref()?;
        let is_given = data
            .test
            .param
            .as_ref()
            .is_some_and(|wanted| self.is_given(function, wanted));
        let begins = if function.method {
            &data.test.methods
        } else {
            &data.test.functions
        };
        let is_test = begins.iter().any(|begin| begins_with(name, begin));
        let of_suite = function.method && !data.test.methods.is_empty();
        let hook = data
            .hooks
            .iter()
            .find(|(_, names)| names.iter().any(|hook| **hook == **name));
        let role = match hook {
            Some((kind, _)) if function.method == of_suite && function.params.len() < 2 => TestRole::Hook(*kind),
            _ if is_test && (is_given || (of_suite && function.params.is_empty())) => TestRole::Test,
            _ => return None,
        };
        let mut site = TestSite {
            body: Some(id),
            ..blank(rule, role, id)
        };
        if role == TestRole::Test {
            self.read_body(data, id, &mut site);
        }
        Some(site)
    }

    /// True if the only parameter is of this type, or points to it.
    fn is_given(&self, function: &Function, wanted: &str) -> bool {
        let [Some(ty)] = function.param_types[..] else {
            return false;
        };
        self.facts.words(ty).trim_start_matches('*') == wanted
    }
}

/// `TestX` and `Test_x` begin with `Test`; `Testify` does not.
fn begins_with(name: &str, begin: &str) -> bool {
    let rest = name.strip_prefix(begin);
    rest.is_some_and(|rest| !rest.starts_with(char::is_lowercase))
}
