//! The tests of a file. Enters: the facts of one file and the tests, suites and hooks that the matcher found in it. Leaves: [`Outline`],
//! which says what stands in which of them, and [`TestCase`]s with titles, spans and the bodies that run. Knows nothing of flags.

use std::collections::HashMap;

use super::TestCase;
use super::bindings::{Binding, Bindings};
use super::site::{TestRole, TestSite};
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::RuleSet;
use crate::rules::framework::HookKind;
use crate::source::{Bytes, Span};

/// Methods that call a function for each row: tests in it form a table.
const EACH: [&str; 3] = ["forEach", "map", "flatMap"];

/// The tests, suites and hooks of one file, and what stands in which.
#[derive(Debug)]
pub struct Outline<'a> {
    /// The facts of the file.
    pub facts: &'a FileFacts,
    /// In the order of the text, outer ones first.
    pub sites: &'a [TestSite],
    /// The test or suite that each of them stands in.
    parents: Vec<Option<usize>>,
    /// The functions that each of them runs.
    functions: Vec<Vec<NodeId>>,
    /// What runs as the body of a site.
    openers: HashMap<NodeId, usize>,
}

impl<'a> Outline<'a> {
    /// The outline of a file.
    #[must_use]
    pub fn new(facts: &'a FileFacts, bindings: &Bindings, sites: &'a [TestSite]) -> Self {
        let mut outline = Self {
            facts,
            sites,
            parents: Vec::new(),
            functions: Vec::new(),
            openers: HashMap::new(),
        };
        for (at, site) in sites.iter().enumerate() {
            let functions: Vec<NodeId> = site.body.map_or_else(Vec::new, |body| outline.run(bindings, body));
            outline.openers.extend(site.body.map(|body| (body, at)));
            if !matches!(site.role, TestRole::Hook(_)) {
                for function in &functions {
                    outline.openers.entry(*function).or_insert(at);
                }
            }
            outline.functions.push(functions);
        }
        for (at, site) in sites.iter().enumerate() {
            // A function or class that is a site by its name is its own body: what it stands in begins above it.
            let around = match outline.openers.get(&site.node) {
                Some(own) if *own == at => facts.tree.node(site.node).parent.and_then(|up| outline.around(up)),
                _ => outline.around(site.node),
            };
            let parent = around.filter(|parent| *parent != at);
            outline.parents.push(parent);
        }
        outline
    }

    /// The functions that run where `body` is given: itself, those in a wrapper around it, or the one that it names.
    fn run(&self, bindings: &Bindings, body: NodeId) -> Vec<NodeId> {
        let tree = &self.facts.tree;
        let body = tree.bare(body);
        match tree.syntax(body) {
            Syntax::Call { args, .. } => {
                let args = args.iter().map(|arg| tree.bare(*arg));
                args.filter(|arg| matches!(tree.syntax(*arg), Syntax::Function(_)))
                    .collect()
            }
            Syntax::Name => {
                let declared = bindings
                    .declaration(body)
                    .and_then(|declaration| match declaration.binding {
                        Binding::Item(node) => Some(node),
                        Binding::Let(node) => match tree.syntax(node) {
                            Syntax::Let { value: Some(value), .. } => Some(tree.bare(*value)),
                            _ => None,
                        },
                        _ => None,
                    });
                let function = declared.filter(|node| matches!(tree.syntax(*node), Syntax::Function(_)));
                function.into_iter().collect()
            }
            _ => vec![body],
        }
    }

    /// The innermost test, suite or hook in whose body a node stands: its number in [`Self::sites`].
    #[must_use]
    pub fn around(&self, node: NodeId) -> Option<usize> {
        let mut up = std::iter::once(node).chain(self.facts.tree.ancestors(node));
        up.find_map(|id| self.openers.get(&id).copied())
    }

    /// The site whose body a node is.
    #[must_use]
    pub fn opened_by(&self, node: NodeId) -> Option<usize> {
        self.openers.get(&node).copied()
    }

    /// The test or suite around a site.
    #[must_use]
    pub fn parent(&self, site: usize) -> Option<usize> {
        self.parents.get(site).copied().flatten()
    }

    /// The tests and suites around a site, the innermost first.
    pub fn parents(&self, site: usize) -> impl Iterator<Item = usize> + '_ {
        // A site never stands in itself, and sites stand in earlier ones or in functions that name them: the number of steps is bounded
        // by their count all the same.
        std::iter::successors(self.parent(site), |at| self.parent(*at)).take(self.sites.len())
    }

    /// The functions that a site runs.
    #[must_use]
    pub fn functions(&self, site: usize) -> &[NodeId] {
        self.functions.get(site).map_or(&[], Vec::as_slice)
    }

    /// True for a test.
    #[must_use]
    pub fn is_test(&self, site: usize) -> bool {
        self.sites[site].role == TestRole::Test
    }

    /// True for a suite.
    #[must_use]
    pub fn is_suite(&self, site: usize) -> bool {
        self.sites[site].role == TestRole::Suite
    }

    /// What a site covers.
    #[must_use]
    pub fn span(&self, site: usize) -> Span {
        self.facts.tree.bytes(self.sites[site].node).in_file(self.facts.file)
    }

    /// The bodies of the functions that a site runs.
    #[must_use]
    pub fn bodies(&self, site: usize) -> Vec<Span> {
        let tree = &self.facts.tree;
        let body = |id: &NodeId| match tree.syntax(*id) {
            Syntax::Function(function) => function.body.unwrap_or(*id),
            _ => *id,
        };
        let nodes = self.functions(site).iter().map(body);
        nodes.map(|id| tree.bytes(id).in_file(self.facts.file)).collect()
    }

    /// The tests that a comment which ends at `end` speaks of: the next test, or those of the next suite, if only comments and
    /// attributes stand between; else the test that it stands in.
    #[must_use]
    pub fn meant_by(&self, comment: Bytes) -> Vec<usize> {
        let starts = |at: &usize| self.facts.tree.bytes(self.statement(*at)).start;
        let next = (0..self.sites.len())
            .filter(|at| starts(at) >= comment.end)
            .min_by_key(starts);
        if let Some(next) = next
            && self.only_comments(comment.end, starts(&next))
        {
            let within = |at: &usize| *at == next || self.parents(*at).any(|parent| parent == next);
            return (0..self.sites.len())
                .filter(|at| self.is_test(*at))
                .filter(within)
                .collect();
        }
        let holds = |at: &usize| self.is_test(*at) && self.span(*at).bytes.contains(comment);
        (0..self.sites.len()).rev().find(holds).into_iter().collect()
    }

    /// The whole of the statement that a site is, with its attributes.
    fn statement(&self, site: usize) -> NodeId {
        self.sites[site].node
    }

    fn only_comments(&self, from: u32, to: u32) -> bool {
        let mut at = from;
        let between = self
            .facts
            .comments
            .iter()
            .filter(|comment| comment.bytes.start >= from && comment.bytes.end <= to);
        for comment in between {
            if !self
                .facts
                .slice(Bytes {
                    start: at,
                    end: comment.bytes.start,
                })
                .trim()
                .is_empty()
            {
                return false;
            }
            at = comment.bytes.end;
        }
        self.facts.slice(Bytes { start: at, end: to }).trim().is_empty()
    }
}

/// The tests of a file without their gates, with their numbers in the outline, in the order of the text.
#[must_use]
pub fn tests(outline: &Outline<'_>, rules: &RuleSet) -> Vec<(usize, TestCase)> {
    let sites = (0..outline.sites.len()).filter(|at| outline.is_test(*at));
    sites.map(|at| (at, test(outline, rules, at))).collect()
}

fn test(outline: &Outline<'_>, rules: &RuleSet, at: usize) -> TestCase {
    let facts = outline.facts;
    let suites: Vec<usize> = {
        let mut suites: Vec<usize> = outline.parents(at).collect();
        suites.reverse();
        suites
    };
    let (name, title) = title(facts, &outline.sites[at]);
    let mut bodies = hooks_before(outline, &suites);
    bodies.extend(outline.bodies(at));
    TestCase {
        path: facts.path.clone(),
        span: outline.span(at),
        title_span: title.in_file(facts.file),
        suite: suites
            .iter()
            .map(|suite| self::title(facts, &outline.sites[*suite]).0)
            .collect(),
        suite_spans: suites.iter().map(|suite| outline.span(*suite)).collect(),
        name,
        bodies,
        gate: None,
        table: is_table(outline, at) || suites.iter().any(|suite| is_table(outline, *suite)),
        rule: rules.name(outline.sites[at].rule),
    }
}

/// The bodies of the hooks that run before a test of these suites, those of the file first.
fn hooks_before(outline: &Outline<'_>, suites: &[usize]) -> Vec<Span> {
    let runs_before = |at: &usize| {
        let before = matches!(
            outline.sites[*at].role,
            TestRole::Hook(HookKind::BeforeAll | HookKind::BeforeEach)
        );
        before && outline.parent(*at).is_none_or(|parent| suites.contains(&parent))
    };
    let hooks = (0..outline.sites.len()).filter(runs_before);
    hooks.flat_map(|hook| outline.bodies(hook)).collect()
}

/// The title of a test or suite and where it stands; the name of a function or module where it has none.
fn title(facts: &FileFacts, site: &TestSite) -> (String, Bytes) {
    if let Some(title) = site.title {
        let bytes = facts.tree.bytes(title);
        let text = match facts.tree.syntax(facts.tree.bare(title)) {
            Syntax::Text(text) => text.to_string(),
            _ => facts.slice(bytes).trim_matches('`').to_owned(),
        };
        return (text, bytes);
    }
    match facts.tree.syntax(site.node) {
        Syntax::Function(function) => function.name.as_ref().map(|(name, bytes)| (name.to_string(), *bytes)),
        Syntax::Module {
            name: (name, bytes), ..
        }
        | Syntax::Class {
            name: Some((name, bytes)),
            ..
        } => Some((name.to_string(), *bytes)),
        _ => None,
    }
    .unwrap_or_else(|| (String::new(), facts.tree.bytes(site.node)))
}

/// True if a site runs once for each row: by its framework, in a loop, or in a callback for each element.
fn is_table(outline: &Outline<'_>, at: usize) -> bool {
    let tree = &outline.facts.tree;
    let site = &outline.sites[at];
    if site.table.is_some() {
        return true;
    }
    for up in tree.ancestors(site.node) {
        if outline.opened_by(up).is_some() {
            return false;
        }
        match tree.syntax(up) {
            Syntax::Loop { .. } => return true,
            Syntax::Call { callee, .. } => {
                if let Syntax::Member { property, .. } = tree.syntax(*callee)
                    && EACH.contains(&outline.facts.slice(*property))
                {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod check;
#[cfg(test)]
mod python;
