//! Tests, suites and hooks, recognised by the framework rules. Enters: one file's tree. Leaves: a [`TestSite`] for each. What the bodies
//! mean is not decided here.

use super::Matcher;
use super::named::fits_attribute;
use crate::index::site::{TestCondition, TestRole, TestSite};
use crate::lang::Language;
use crate::lang::tree::{Function, Key, NodeId, Syntax};
use crate::rules::framework::{FrameworkRule, Signs};
use crate::rules::rule::RuleKind;
use crate::rules::{Confidence, RuleRef};

/// Words between the name and the call (`it.concurrent.skip.each`) beyond which it is no test.
const WORDS: usize = 8;

/// A framework that applies to the file.
pub(super) struct Framework<'a> {
    rule: RuleRef,
    data: &'a FrameworkRule,
    confidence: Confidence,
}

/// One word of a callee: `each(rows)` in `it.each(rows)('…', f)`.
struct Link<'a> {
    word: &'a str,
    /// The arguments, where it is called before the last call.
    args: Option<&'a [NodeId]>,
}

impl<'a> Matcher<'a> {
    /// The frameworks that apply, the surest first. A test file is one by its name, or because it imports the framework.
    pub(super) fn frameworks(&self) -> Vec<Framework<'a>> {
        let path = self.facts.path.as_str();
        let mut found = Vec::new();
        for rule in self
            .rules
            .lookup()
            .frameworks
            .iter()
            .filter(|rule| self.applies(**rule))
        {
            let of = self.rules.rule(*rule);
            let RuleKind::Framework(data) = &of.kind else { continue };
            let imported = self.imported[rule.file];
            if imported == Some(false) && of.require_import {
                continue;
            }
            if !data.files.texts.is_empty() && !data.files.allow(path) && !self.imported_here(*rule) {
                continue;
            }
            found.push(Framework {
                rule: *rule,
                data,
                confidence: if imported == Some(false) {
                    of.confidence.lowered()
                } else {
                    of.confidence
                },
            });
        }
        found.sort_by_key(|framework| {
            (
                std::cmp::Reverse(self.imported_here(framework.rule)),
                std::cmp::Reverse(framework.confidence),
            )
        });
        found
    }

    pub(super) fn imported_here(&self, rule: RuleRef) -> bool {
        let when = self.rules.files[rule.file].when.as_ref();
        when.is_some_and(|when| self.imports.satisfy_here(when))
    }

    /// The test, suite or hook that a node is, by the first framework that knows it.
    pub(super) fn test_site(&self, frameworks: &[Framework<'a>], id: NodeId) -> Option<TestSite> {
        match self.syntax(id) {
            Syntax::Call { callee, args, .. } => {
                let links = self.links(*callee)?;
                frameworks
                    .iter()
                    .find_map(|framework| self.call_site(framework, id, &links, args))
            }
            Syntax::Function(function) if self.facts.language == Language::Rust => frameworks
                .iter()
                .find_map(|framework| self.function_site(framework, id, function)),
            Syntax::Function(function) if self.facts.language == Language::Go => frameworks
                .iter()
                .find_map(|framework| self.typed_site(framework.rule, framework.data, id, function)),
            Syntax::Function(_) | Syntax::Class { .. }
                if self.facts.language == Language::CSharp || self.facts.language.is_jvm() =>
            {
                frameworks
                    .iter()
                    .find_map(|framework| self.attributed_site(framework.rule, framework.data, id))
            }
            Syntax::Function(_) | Syntax::Class { .. }
                if matches!(self.facts.language, Language::Python | Language::Ruby) =>
            {
                frameworks
                    .iter()
                    .find_map(|framework| self.named_site(framework.rule, framework.data, id))
            }
            Syntax::Module { decorators, .. } => {
                let is_suite = |framework: &&Framework<'_>| {
                    framework
                        .data
                        .suite
                        .module_cfg
                        .as_ref()
                        .is_some_and(|word| self.has_cfg(decorators, word))
                };
                let framework = frameworks.iter().find(is_suite)?;
                Some(TestSite {
                    body: Some(id),
                    ..blank(framework.rule, TestRole::Suite, id)
                })
            }
            _ => None,
        }
    }

    /// The words of a callee from the left, with the arguments of calls in between; `None` for anything else.
    fn links(&self, callee: NodeId) -> Option<Vec<Link<'a>>> {
        let (mut links, mut at, mut args) = (Vec::new(), self.bare(callee), None);
        while links.len() < WORDS {
            match self.syntax(at) {
                Syntax::Member { object, property } => {
                    links.push(Link {
                        word: self.slice(*property),
                        args: args.take(),
                    });
                    at = self.bare(*object);
                }
                Syntax::Call {
                    callee, args: inner, ..
                } if args.is_none() => {
                    args = Some(inner.as_slice());
                    at = self.bare(*callee);
                }
                // `(condition ? it : it.skip)('…', f)`, also by a name: the side that is longer says more.
                Syntax::Choose { yes, no, .. } => at = self.longer(*yes, *no),
                Syntax::Name => {
                    if let Some(chosen) = self
                        .origin(at)
                        .filter(|id| matches!(self.syntax(*id), Syntax::Choose { .. }))
                    {
                        at = chosen;
                        continue;
                    }
                    let word = self.facts.words(at);
                    let word = self.original(at).unwrap_or(word);
                    links.push(Link {
                        word,
                        args: args.take(),
                    });
                    links.reverse();
                    return Some(links);
                }
                _ => return None,
            }
        }
        None
    }

    fn longer(&self, a: NodeId, b: NodeId) -> NodeId {
        let length = |id: NodeId| self.facts.words(id).len();
        self.bare(if length(a) >= length(b) { a } else { b })
    }

    fn call_site(
        &self,
        framework: &Framework<'a>,
        id: NodeId,
        links: &[Link<'a>],
        args: &'a [NodeId],
    ) -> Option<TestSite> {
        let data = framework.data;
        for (kind, calls) in &data.hooks {
            if named(calls, links) == Some(links.len()) {
                let body = args.iter().rev().copied().find(|arg| self.runs(*arg));
                return body.map(|body| TestSite {
                    body: Some(body),
                    ..blank(framework.rule, TestRole::Hook(*kind), id)
                });
            }
        }
        let suite = named(&data.suite.calls, links).map(|length| (length, TestRole::Suite));
        let test = named(&data.test.calls, links).map(|length| (length, TestRole::Test));
        let (length, role) = [suite, test].into_iter().flatten().max_by_key(|(length, _)| *length)?;
        let mut site = blank(framework.rule, role, id);
        self.read_links(data, links, length, &mut site)?;
        self.read_args(data, args, &mut site)?;
        self.read_condition_of_callee(data, id, &mut site);
        if let Some(body) = site.body {
            self.read_body(data, body, &mut site);
        }
        Some(site)
    }

    /// `(condition ? it : it.skip)`: the condition under which it runs.
    fn read_condition_of_callee(&self, data: &FrameworkRule, call: NodeId, site: &mut TestSite) {
        let Syntax::Call { callee, .. } = self.syntax(call) else {
            return;
        };
        let callee = self.bare(*callee);
        let chosen = self.origin(callee).unwrap_or(callee);
        let Syntax::Choose { test, yes, no } = self.syntax(chosen) else {
            return;
        };
        let skips = |side: NodeId| {
            let links = self.links(side).unwrap_or_default();
            let skip = &data.skip;
            links
                .iter()
                .any(|link| skip.modifiers.iter().chain(&skip.calls).any(|word| word == link.word))
        };
        if skips(*yes) != skips(*no) {
            site.skipped = false;
            site.conditions.push(TestCondition {
                test: *test,
                runs_if: skips(*no),
            });
        }
    }

    /// What the words after the name say; `None` if one of them is not known, or if this is only the inner call of `it.each(rows)(…)`.
    fn read_links(&self, data: &FrameworkRule, links: &[Link<'a>], length: usize, site: &mut TestSite) -> Option<()> {
        let dotted = links[..length]
            .iter()
            .map(|link| link.word)
            .collect::<Vec<_>>()
            .join(".");
        let has = |signs: &Signs| signs.calls.contains(&dotted);
        site.skipped = has(&data.skip) || has(&data.todo);
        site.only = has(&data.only);
        site.expect_fail = has(&data.expect_fail);
        if links[..length].iter().any(|link| link.args.is_some()) {
            return None;
        }
        for link in &links[length..] {
            let is = |words: &[String]| words.iter().any(|word| word == link.word);
            let first = link.args.and_then(|args| args.first().copied());
            if is(&data.table.modifiers) {
                site.table = Some(first?);
            } else if is(&data.skip.conditions) || is(&data.run.conditions) {
                site.conditions.push(TestCondition {
                    test: first?,
                    runs_if: is(&data.run.conditions),
                });
            } else if is(&data.skip.modifiers) || is(&data.todo.modifiers) {
                site.skipped = true;
            } else if is(&data.only.modifiers) {
                site.only = true;
            } else if is(&data.expect_fail.modifiers) {
                site.expect_fail = true;
            } else if !is(&data.neutral) {
                return None;
            }
        }
        Some(())
    }

    /// Title, body and options; `None` if the arguments are not those of a test.
    fn read_args(&self, data: &FrameworkRule, args: &'a [NodeId], site: &mut TestSite) -> Option<()> {
        let title = *args.first()?;
        if matches!(
            self.bare_syntax(title),
            Syntax::Function(_) | Syntax::Object { .. } | Syntax::Bool(_)
        ) {
            return None;
        }
        site.title = Some(title);
        let rest = &args[1..];
        site.body = rest.iter().rev().copied().find(|arg| self.runs(*arg));
        // A title alone: `it('later')`, `it.todo('later')`. With a reason instead of a body it is a statement (`test.skip(c, 'why')`).
        if site.body.is_none() {
            let is_title = matches!(self.bare_syntax(title), Syntax::Text(_) | Syntax::Template(_));
            if !rest.is_empty() || !is_title {
                return None;
            }
            site.skipped = true;
        }
        for arg in rest {
            if let Syntax::Object { entries, .. } = self.bare_syntax(*arg) {
                self.read_options(data, entries, site);
            }
        }
        Some(())
    }

    /// `{ skip: true }`, `{ skip: !process.env.X }`
    fn read_options(&self, data: &FrameworkRule, entries: &[NodeId], site: &mut TestSite) {
        for entry in entries {
            let Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } = self.syntax(*entry)
            else {
                continue;
            };
            let is = |signs: &Signs| signs.options.iter().any(|option| **option == **name);
            if !(is(&data.skip) || is(&data.todo) || is(&data.only) || is(&data.expect_fail)) {
                continue;
            }
            match self.bare_syntax(*value) {
                Syntax::Bool(false) | Syntax::Nothing => {}
                Syntax::Bool(true) | Syntax::Text(_) => {
                    site.skipped |= is(&data.skip) || is(&data.todo);
                    site.only |= is(&data.only);
                    site.expect_fail |= is(&data.expect_fail);
                }
                _ if is(&data.skip) => site.conditions.push(TestCondition {
                    test: *value,
                    runs_if: false,
                }),
                _ => {}
            }
        }
    }

    /// A function value, or a name that may stand for one.
    fn runs(&self, arg: NodeId) -> bool {
        match self.bare_syntax(arg) {
            Syntax::Function(_) | Syntax::Name | Syntax::Member { .. } => true,
            // `fakeAsync(() => …)`, `test.extend(…)`: a wrapper around the body.
            Syntax::Call { args, .. } => args
                .iter()
                .any(|arg| matches!(self.bare_syntax(*arg), Syntax::Function(_))),
            _ => false,
        }
    }

    /// `this.skip()` and the like among the statements of the body.
    pub(super) fn read_body(&self, data: &FrameworkRule, body: NodeId, site: &mut TestSite) {
        let Syntax::Function(Function { body: Some(block), .. }) = self.bare_syntax(body) else {
            return;
        };
        let Syntax::Block(statements) = self.syntax(*block) else {
            return;
        };
        for statement in statements {
            if let Some(args) = self.skip_call(&data.skip, *statement) {
                match args.first().filter(|arg| !self.is_reason(**arg)) {
                    Some(test) => site.conditions.push(TestCondition {
                        test: *test,
                        runs_if: false,
                    }),
                    None => site.skipped = true,
                }
            } else if let Syntax::If { test, yes, .. } = self.syntax(*statement) {
                let inner: &[NodeId] = match self.syntax(*yes) {
                    Syntax::Block(inner) => inner,
                    _ => std::slice::from_ref(yes),
                };
                if inner.iter().any(|inner| self.skip_call(&data.skip, *inner).is_some()) {
                    site.conditions.push(TestCondition {
                        test: *test,
                        runs_if: false,
                    });
                }
            }
        }
    }

    /// A text, or the name of one, is why something is skipped; a title with a function is a test of its own.
    fn is_reason(&self, arg: NodeId) -> bool {
        matches!(self.bare_syntax(arg), Syntax::Text(_) | Syntax::Template(_))
    }

    fn skip_call(&self, skip: &Signs, statement: NodeId) -> Option<&'a [NodeId]> {
        let call = match self.syntax(statement) {
            Syntax::Return(Some(value)) => self.bare(*value),
            _ => self.bare(statement),
        };
        let Syntax::Call { callee, args, .. } = self.syntax(call) else {
            return None;
        };
        let words = self.words(*callee);
        let has_body = args
            .iter()
            .skip(1)
            .any(|arg| matches!(self.bare_syntax(*arg), Syntax::Function(_)));
        (skip.inside.contains(&words) && !has_body).then_some(args)
    }

    /// A function with attributes (`#[test]`, `#[ignore]`).
    fn function_site(&self, framework: &Framework<'a>, id: NodeId, function: &Function) -> Option<TestSite> {
        let data = framework.data;
        let words: Vec<(String, NodeId)> = function
            .decorators
            .iter()
            .filter_map(|decorator| self.attribute_word(*decorator))
            .collect();
        let has = |signs: &Signs| words.iter().any(|(word, _)| fits_attribute(signs, word));
        if !has(&data.test) {
            return None;
        }
        let rows = words.iter().find(|(word, _)| fits_attribute(&data.table, word));
        Some(TestSite {
            body: function.body,
            skipped: has(&data.skip),
            expect_fail: has(&data.expect_fail),
            table: rows.map(|(_, decorator)| *decorator),
            ..blank(framework.rule, TestRole::Test, id)
        })
    }

    /// The last word of an attribute's path. An attribute of another attribute (`cfg_attr(x, test)`) is not looked into.
    pub(super) fn attribute_word(&self, decorator: NodeId) -> Option<(String, NodeId)> {
        let Syntax::Decorator(inner) = self.syntax(decorator) else {
            return None;
        };
        let inner = self.bare(*inner);
        let callee = match self.syntax(inner) {
            Syntax::Call { callee, .. } => *callee,
            Syntax::Assign { target, .. } => *target,
            _ => inner,
        };
        Some((self.last_word(callee)?, decorator))
    }
}

/// How many of the first words are one of these dotted names; the longest counts.
fn named(calls: &[String], links: &[Link<'_>]) -> Option<usize> {
    let fits = |call: &String| {
        let words: Vec<&str> = call.split('.').collect();
        let same = words.len() <= links.len() && words.iter().zip(links).all(|(word, link)| *word == link.word);
        same.then_some(words.len())
    };
    calls.iter().filter_map(fits).max()
}

pub(super) fn blank(rule: RuleRef, role: TestRole, node: NodeId) -> TestSite {
    TestSite {
        rule,
        role,
        node,
        title: None,
        body: None,
        skipped: false,
        expect_fail: false,
        only: false,
        table: None,
        conditions: Vec::new(),
    }
}
