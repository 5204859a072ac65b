//! Tests of small files, outlined: suites, hooks, tables, what is skipped.

use std::sync::{Arc, OnceLock};

use super::*;
use crate::index::matching::{ImportContext, test_sites};
use crate::index::store;
use crate::lang::Language;
use crate::rules::{RuleSet, load_builtin};
use crate::source::{FileId, RepoPath};

/// Each test as `suite > test`, with `*` for a table, and the words of its bodies.
fn outlined(path: &str, text: &str) -> Vec<(String, Vec<String>)> {
    let path = RepoPath::new(path).expect("a path");
    let language = Language::of(&path).expect("a language");
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(load_builtin);
    let asked = rules.asked(language, text);
    let facts = store::facts(FileId(0), &path, &Arc::from(text), language, (rules, &asked));
    let sites = test_sites(rules, &facts, &ImportContext::default());
    let bindings = Bindings::of(&facts);
    let outline = Outline::new(&facts, &bindings, &sites);
    let words = |span: &Span| {
        facts
            .slice(span.bytes)
            .trim_matches(['{', '}', ' ', ';', '\n'])
            .to_owned()
    };
    tests(&outline, rules)
        .into_iter()
        .map(|(_, test)| {
            assert_eq!(test.suite.len(), test.suite_spans.len());
            let path = [test.suite.as_slice(), &[test.name]].concat().join(" > ");
            let title = facts.slice(test.title_span.bytes);
            assert!(test.span.contains(test.title_span), "{title}");
            let path = if test.table { format!("{path} *") } else { path };
            (path, test.bodies.iter().map(words).collect())
        })
        .collect()
}

#[track_caller]
fn check(text: &str, expected: &[(&str, &[&str])]) {
    check_in("src/a.test.ts", text, expected);
}

#[track_caller]
fn check_in(path: &str, text: &str, expected: &[(&str, &[&str])]) {
    let found = outlined(path, text);
    let found: Vec<(&str, Vec<&str>)> = found
        .iter()
        .map(|(name, bodies)| (name.as_str(), bodies.iter().map(String::as_str).collect()))
        .collect();
    let expected: Vec<(&str, Vec<&str>)> = expected.iter().map(|(name, bodies)| (*name, bodies.to_vec())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn a_test_runs_its_function_and_the_hooks_before_it() {
    check(
        "beforeEach(() => { top() });
         describe('a', () => {
           beforeAll(async () => { inner() });
           afterEach(() => { after() });
           describe('b', () => { beforeEach(() => { other() }) });
           it('c', () => { run() });
         });
         test('d', () => run2());",
        &[("a > c", &["top()", "inner()", "run()"]), ("d", &["top()", "run2()"])],
    );
}

#[test]
fn a_hook_or_test_may_be_given_by_name() {
    check(
        "function setup() { prepare() }
         const body = () => { run() };
         beforeEach(setup);
         it('a', body);
         it('b', imported);",
        &[("a", &["prepare()", "run()"]), ("b", &["prepare()"])],
    );
}

#[test]
fn a_suite_may_be_given_by_name() {
    check(
        "const suite = () => { it('b', () => { run() }) };
         describe('a', suite);",
        &[("a > b", &["run()"])],
    );
}

#[test]
fn tables_are_rows_loops_and_callbacks_for_each() {
    check(
        "it.each([true, false])('a %s', (on) => { run() })",
        &[("a %s *", &["run()"])],
    );
    check(
        "describe.each([1])('s', () => { it('a', () => { run() }) })",
        &[("s > a *", &["run()"])],
    );
    check(
        "for (const on of [true]) { it(`a ${on}`, () => { run() }) }",
        &[("a ${on} *", &["run()"])],
    );
    check(
        "[1].forEach((n) => { it('a', () => { run() }) })",
        &[("a *", &["run()"])],
    );
    check(
        "[1].forEach(() => { describe('s', () => { it('a', () => { run() }) }) })",
        &[("s > a *", &["run()"])],
    );
    check(
        "describe('s', () => { for (const x of y) use(x); it('a', () => { run() }) })",
        &[("s > a", &["run()"])],
    );
}

#[test]
fn odd_forms_are_no_tests() {
    check(
        "const d = describe; it.weird('a', () => {}); pattern.test('x'); describe(() => {})",
        &[],
    );
}
