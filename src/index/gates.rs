//! What stands between a test and running. Enters: an outline, what is known of conditions, the regions that run only under a flag.
//! Leaves: for each test its [`TestGate`], if it has one. A test behind a gate proves nothing where the gate is shut.

use super::code::At;
use super::condition::{Condition, KeyTerm};
use super::site::{KeySource, Site, TestCondition};
use super::tests::Outline;
use super::{Guard, Literal, TestCase, TestGate};
use crate::flag::{FlagKey, FlagValue};
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::RuleSet;
use crate::rules::rule::{GateRule, RuleKind};
use crate::source::Bytes;

/// What gates may look at in one file.
pub struct Gates<'a> {
    /// The tests, suites and hooks.
    pub outline: &'a Outline<'a>,
    /// The number of the file.
    pub unit: usize,
    /// What a condition says of flags.
    pub condition: &'a dyn Fn(At) -> Option<Condition>,
    /// Regions of this file that run only under a flag.
    pub guards: &'a [&'a Guard],
    /// The sites of the file's rules.
    pub sites: &'a [Site],
    /// The rules.
    pub rules: &'a RuleSet,
}

impl Gates<'_> {
    /// Sets the gate of each test; `tests` carry their numbers in the outline.
    pub fn set(&self, tests: &mut [(usize, TestCase)]) {
        let has_only = self.outline.sites.iter().any(|site| site.only);
        for (at, test) in tests.iter_mut() {
            test.gate = self.of(*at, test, has_only);
        }
        for (test, gate) in self.ruled() {
            if let Some((_, case)) = tests.iter_mut().find(|(at, _)| *at == test) {
                case.gate = strongest(case.gate.take(), Some(gate));
            }
        }
    }

    fn of(&self, at: usize, test: &TestCase, has_only: bool) -> Option<TestGate> {
        let chain: Vec<usize> = std::iter::once(at).chain(self.outline.parents(at)).collect();
        let sites = || chain.iter().map(|at| &self.outline.sites[*at]);
        let skipped = sites().any(|site| site.skipped || site.expect_fail);
        if skipped || (has_only && !sites().any(|site| site.only)) {
            return Some(TestGate::Skipped);
        }
        let conditions = sites()
            .flat_map(|site| &site.conditions)
            .map(|condition| self.condition(condition));
        let guards = self
            .guards
            .iter()
            .filter(|guard| guard.region.contains(test.span))
            .map(|guard| of_guard(guard));
        conditions
            .chain(guards)
            .chain(self.early_exit(at))
            .fold(None, |gate, next| strongest(gate, Some(next)))
    }

    fn condition(&self, condition: &TestCondition) -> TestGate {
        let known = (self.condition)(At {
            unit: self.unit,
            node: condition.test,
        });
        let single = known.as_ref().and_then(Condition::single);
        match single {
            Some((KeyTerm::Known(key), negative)) => on(key, negative != condition.runs_if),
            _ => TestGate::Conditional,
        }
    }

    /// A test that asserts only under a flag: all of its assertions stand in one guarded region of its body.
    fn early_exit(&self, at: usize) -> Option<TestGate> {
        let bodies = self.outline.bodies(at);
        let [body] = bodies.as_slice() else { return None };
        let within: Vec<&&Guard> = self
            .guards
            .iter()
            .filter(|guard| body.contains(guard.region) && body.bytes != guard.region.bytes)
            .collect();
        if within.is_empty() {
            return None;
        }
        let assertions = assertions(self.outline, body.bytes);
        let first = assertions.first()?;
        let literal = within.iter().find_map(|guard| {
            let here = guard.region.bytes.contains(*first);
            (here && !guard.any && guard.when.len() == 1).then(|| guard.when[0].clone())
        })?;
        let covered = |bytes: &Bytes| {
            within
                .iter()
                .any(|guard| guard.region.bytes.contains(*bytes) && guard.needs(&literal.key) == Some(literal.value))
        };
        assertions.iter().all(covered).then_some(TestGate::On(literal))
    }

    /// The gates that rules find: attributes, and pragmas above a test.
    fn ruled(&self) -> Vec<(usize, TestGate)> {
        let mut found = Vec::new();
        for site in self.sites {
            let RuleKind::Gate(rule) = &self.rules.rule(site.rule).kind else {
                continue;
            };
            let gate = gate_of(site, rule);
            let comment = site
                .captures
                .iter()
                .find(|(name, _)| name == "comment")
                .map(|(_, bytes)| *bytes);
            let tests = match comment {
                Some(comment) => self.outline.meant_by(comment),
                None => self.decorated(site.node),
            };
            found.extend(tests.into_iter().map(|test| (test, gate.clone())));
        }
        found
    }

    /// The tests of the item that an attribute stands on.
    fn decorated(&self, decorator: NodeId) -> Vec<usize> {
        let tree = &self.outline.facts.tree;
        let items: Vec<NodeId> = tree.ancestors(decorator).take(2).collect();
        let is_it = |at: &usize| items.contains(&self.outline.sites[*at].node);
        let Some(item) = (0..self.outline.sites.len()).find(is_it) else {
            return Vec::new();
        };
        let within = |at: &usize| *at == item || self.outline.parents(*at).any(|parent| parent == item);
        (0..self.outline.sites.len())
            .filter(|at| self.outline.is_test(*at))
            .filter(within)
            .collect()
    }
}

/// The calls of a body that assert something, by their places.
pub(super) fn assertions(outline: &Outline<'_>, body: Bytes) -> Vec<Bytes> {
    let facts = outline.facts;
    let asserts = |id: &NodeId| {
        let word = match facts.tree.syntax(*id) {
            Syntax::Call { callee, .. } => facts.words(*callee),
            Syntax::Macro { name, .. } => facts.slice(*name),
            _ => return false,
        };
        let first = word.split(['.', ':', '(']).next().unwrap_or(word);
        let of_go = || matches!(word, "t.Error" | "t.Errorf" | "t.Fatal" | "t.Fatalf") || word.starts_with("require.");
        matches!(first, "expect" | "assert" | "should" | "chai")
            || first.starts_with("assert")
            || (facts.language == Language::Go && of_go())
    };
    let inside = facts.tree.ids().filter(|id| body.contains(facts.tree.bytes(*id)));
    let mut found: Vec<Bytes> = inside.filter(asserts).map(|id| facts.tree.bytes(id)).collect();
    found.sort_unstable();
    found
}

fn on(key: &FlagKey, value: bool) -> TestGate {
    TestGate::On(Literal {
        key: key.clone(),
        value: FlagValue::from(value),
    })
}

fn of_guard(guard: &Guard) -> TestGate {
    match guard.when.as_slice() {
        [only] => TestGate::On(only.clone()),
        _ => TestGate::Conditional,
    }
}

/// Without a flag the effect comes always; with one where the flag has the other value.
fn gate_of(site: &Site, rule: &GateRule) -> TestGate {
    let keys: Vec<&str> = site
        .entries
        .iter()
        .filter_map(|entry| match &entry.key {
            KeySource::Known(key, _) => Some(key.as_str()),
            _ => None,
        })
        .collect();
    match keys.as_slice() {
        [] if site.entries.is_empty() => TestGate::Skipped,
        [key] => on(&FlagKey::new(key), !rule.negative),
        _ => TestGate::Conditional,
    }
}

/// Of two gates the one that says more.
fn strongest(a: Option<TestGate>, b: Option<TestGate>) -> Option<TestGate> {
    let rank = |gate: &Option<TestGate>| match gate {
        Some(TestGate::Skipped) => 3,
        Some(TestGate::On(_)) => 2,
        Some(TestGate::Conditional) => 1,
        None => 0,
    };
    if rank(&b) > rank(&a) { b } else { a }
}
