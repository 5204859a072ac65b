//! Needs by what a test sets and its neighbours do not, on real source text.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::needs;
use crate::assumption::table::FlagTable;
use crate::flag::Ledger;
use crate::index::store::FactsStore;
use crate::index::{Wanted, build};
use crate::rules::{RuleSet, load_builtin};
use crate::source::fixture;

const FLAGS: &str = "
//- src/flags.ts
export const FLAG_DEFAULTS = { fast_quotes: false, tax: false };
//- src/quotes.ts
export const total = (flags) => flags.isEnabled('fast_quotes') && flags.isEnabled('tax');
//- src/start.ts
export const start = (options) => options;
";

/// The needs of a test file, as `title: flag=value certainty`.
fn check(test: &str, expected: &[&str]) {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(load_builtin);
    let (sources, view) = fixture(&format!(
        "{FLAGS}//- src/quotes.test.ts\nimport {{ total }} from './quotes';\n{test}"
    ));
    let index = build::build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    let flags = FlagTable::build(&index, &Ledger::default(), "default", &[], &BTreeMap::new());
    let tests: Vec<usize> = (0..index.tests.len()).collect();
    let mut shown: Vec<String> = needs(&sources, &index, &flags, &tests)
        .into_iter()
        .map(|((test, flag), need)| format!("{}: {flag}={} {:?}", index.tests[test].name, need.value, need.certainty))
        .collect();
    shown.dedup_by_key(|line| line.rsplit_once(' ').map(|(need, _)| need.to_owned()));
    assert_eq!(shown, expected, "{test}");
}

#[test]
fn the_flag_of_a_title_is_the_one_that_is_set() {
    check(
        "test('adds when the flag is on', () => { start({ flags: { fast_quotes: true } }); });
         test('does nothing when the flag is disabled', () => { start({}); });
         test('rests', () => { start({}); });",
        &[
            "adds when the flag is on: fast_quotes=on Likely",
            "does nothing when the flag is disabled: fast_quotes=off Likely",
        ],
    );
}

#[test]
fn where_two_flags_may_be_meant_the_title_says_nothing() {
    check(
        "test('does nothing when the flag is disabled', () => { start({}); });
         test('a', () => { start({ flags: { fast_quotes: true, tax: true } }); });
         test('b', () => { start({ flags: { fast_quotes: true, tax: true } }); });
         test('c', () => { start({ flags: { fast_quotes: true, tax: true } }); });",
        &[],
    );
}

#[test]
fn what_few_tests_of_a_file_set_may_be_needed() {
    check(
        "test('a', () => { start({ flags: { fast_quotes: true } }); });
         test('b', () => { start({}); });",
        &["a: fast_quotes=on Possible"],
    );
    check(
        "beforeEach(() => { start({ flags: { fast_quotes: true } }); });
         test('a', () => { start({ flags: { fast_quotes: true } }); });
         test('b', () => { start({}); });",
        &[],
    );
    check(
        "test('a', () => { start({ flags: { fast_quotes: true } }); });
         test('b', () => { start({ flags: { fast_quotes: true } }); });
         test('c', () => { start({}); });",
        &[],
    );
}

#[test]
fn a_test_that_sets_both_values_says_nothing_of_either() {
    check(
        "test('a', () => { flags.set('fast_quotes', false); expect(total()).toBe(1); flags.set('fast_quotes', true); expect(total()).toBe(2); });
         test('b', () => { start({}); });",
        &[],
    );
}

#[test]
fn a_title_that_says_which_flag_is_meant_speaks_of_no_other() {
    let on = "test('adds when the flag is on', () => { start({ flags: { fast_quotes: true } }); });";
    let need = "adds when the flag is on: fast_quotes=on Likely";
    for other in [
        "when the old totals flag is off",
        "when the ${name} totals feature flag is disabled",
    ] {
        check(
            &format!("{on} test(`stays {other}`, () => {{ start({{}}); }});"),
            &[need],
        );
    }
    for same in [
        "when the quotes flag is off",
        "if FF is disabled",
        "but feature flag off",
    ] {
        check(
            &format!("{on} test('stays {same}', () => {{ start({{}}); }});"),
            &[need, &format!("stays {same}: fast_quotes=off Likely")],
        );
    }
}

#[test]
fn a_title_names_the_flag_by_a_word_of_what_sets_it() {
    check(
        "test('adds up if quotes are enabled', () => { start({ flags: { fast_quotes: true } }); });
         test('rests with quotes off', () => { start({ flags: { fast_quotes: false } }); });
         test('adds up', () => { start({ flags: { fast_quotes: true } }); });
         test('sends quotes that are enabled', () => { start({ flags: { fast_quotes: true } }); });",
        &[
            "adds up if quotes are enabled: fast_quotes=on Likely",
            "rests with quotes off: fast_quotes=off Likely",
            "adds up: fast_quotes=on Possible",
            "sends quotes that are enabled: fast_quotes=on Possible",
        ],
    );
    // It sets the opposite of what it says: who says so speaks of something else.
    check(
        "test('adds up if quotes are enabled', () => { start({ flags: { fast_quotes: false } }); });
         test('b', () => { start({ flags: { fast_quotes: false } }); });
         test('c', () => { start({}); });",
        &[],
    );
}

#[test]
fn the_feature_or_the_toggle_is_the_flag_that_the_test_sets() {
    check(
        "test('redirects if the feature toggle is disabled', () => { start({ flags: { fast_quotes: false } }); });
         test('shows a feature that is enabled', () => { start({}); });
         test('c', () => { start({}); });",
        &["redirects if the feature toggle is disabled: fast_quotes=off Likely"],
    );
}
