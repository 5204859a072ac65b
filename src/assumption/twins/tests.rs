//! Tests that differ in one flag, and tests that differ in more.

use std::sync::OnceLock;

use super::needs;
use crate::assumption::reach::Reach;
use crate::index::store::FactsStore;
use crate::index::{Wanted, build};
use crate::rules::{RuleSet, load_builtin};
use crate::source::fixture;

/// What the tests of a Python file need of `new_tax`, as `name: on`.
#[track_caller]
fn check(tests: &str, expected: &[&str]) {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(load_builtin);
    let project = format!(
        "//- shop/flags.py\nFLAGS = {{'new_tax': False}}\ndef is_enabled(key):\n    return FLAGS.get(key, False)\n\
         //- shop/account.py\nfrom shop.flags import is_enabled\ndef login(a):\n    if is_enabled('new_tax'):\n        a.last = 1\n\
         //- tests/test_account.py\nimport os\nfrom waffle.testutils import override_switch\n{tests}"
    );
    let (sources, view) = fixture(&project);
    let index = build::build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    let tests: Vec<usize> = (0..index.tests.len()).collect();
    let mut found: Vec<String> = needs(&index, &Reach::of(&index), &tests)
        .iter()
        .map(|((test, key), need)| format!("{}: {key}={}", index.tests[*test].name, need.value))
        .collect();
    found.sort();
    assert_eq!(found, expected, "{project}");
}

const OFF: &str = "def test_off():\n    a = login(5)\n    assert a.last is None\n";

#[test]
fn who_does_the_same_and_expects_the_opposite_shows_what_both_need() {
    for expectation in [
        "assert a.last == 5",
        "assert a.last is not None",
        "assert a.last != None",
    ] {
        let on = format!(
            "def test_on():\n    with override_switch('new_tax', active=True):\n        a = login(5)\n        {expectation}\n"
        );
        check(&format!("{OFF}{on}"), &["test_off: new_tax=off", "test_on: new_tax=on"]);
    }
    let decorated =
        "@override_switch('new_tax', active=True)\ndef test_on():\n    a = login(5)\n    assert a.last == 5\n";
    check(
        &format!("{OFF}{decorated}"),
        &["test_off: new_tax=off", "test_on: new_tax=on"],
    );
}

#[test]
fn who_does_more_or_expects_the_same_shows_nothing() {
    for on in [
        // Another argument.
        "    with override_switch('new_tax', active=True):\n        a = login(6)\n        assert a.last == 5\n",
        // Something else is done as well.
        "    with override_switch('new_tax', active=True):\n        a = login(5)\n        a.pay()\n        assert a.last == 5\n",
        // Something else is looked at.
        "    with override_switch('new_tax', active=True):\n        a = login(5)\n        assert a.first == 5\n",
        // The same is expected.
        "    with override_switch('new_tax', active=True):\n        a = login(5)\n        assert a.last is None\n",
        // Two flags differ.
        "    with override_switch('new_tax', active=True), override_switch('old_tax', active=False):\n        a = login(5)\n        assert a.last == 5\n",
        // Nobody knows the value.
        "    with override_switch('new_tax', active=bool(os.environ)):\n        a = login(5)\n        assert a.last == 5\n",
        // Something else differs around it.
        "    with override_switch('new_tax', active=True), patch('rate', 7):\n        a = login(5)\n        assert a.last == 5\n",
        // What is called only sounds like what makes a setting seen.
        "    with override_switch('new_tax', active=True):\n        preload(7)\n        a = login(5)\n        assert a.last == 5\n",
        // It is looked at before and after something.
        "    with override_switch('new_tax', active=True):\n        a = login(5)\n        assert a.last is None\n        assert a.last == 5\n",
        // It need not fail.
        "    with override_switch('new_tax', active=True):\n        a = login(5)\n        if a:\n            assert a.last == 5\n",
    ] {
        check(&format!("{OFF}def test_on():\n{on}"), &[]);
    }
    let on = "@override_switch('new_tax', active=True)\n@freeze('2026')\ndef test_on():\n    a = login(5)\n    assert a.last == 5\n";
    check(&format!("{OFF}{on}"), &[]);
    // Both hold for 0.
    let on = "def test_on():\n    with override_switch('new_tax', active=True):\n        a = login(5)\n        assert a.last is not None\n";
    check(
        &format!("def test_off():\n    a = login(5)\n    assert not a.last\n{on}"),
        &[],
    );
}

/// What the tests of an ava file need, whose flags are made of a list of those that are on.
#[track_caller]
fn check_lists(tests: &str, expected: &[&str]) {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(load_builtin);
    let project = format!(
        "//- src/features.ts\nexport enum Feature {{ NewTax = 'new_tax', OldFees = 'old_fees' }}\n\
         //- src/tax.ts\nimport {{ Feature }} from './features';\n\
         export const rows = (features) => features.getValue(Feature.NewTax) ? [1] : [];\n\
         export const fees = (features) => features.getValue(Feature.OldFees) ? 1 : 2;\n\
         //- test/made.ts\nexport function createFeatures(on) {{ return {{ getValue: (feature) => on.includes(feature) }}; }}\n\
         //- src/tax.test.ts\nimport test from 'ava';\nimport {{ Feature }} from './features';\n\
         import {{ createFeatures }} from '../test/made';\nimport {{ rows }} from './tax';\n{tests}"
    );
    let (sources, view) = fixture(&project);
    let index = build::build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    let tests: Vec<usize> = (0..index.tests.len()).collect();
    let mut found: Vec<String> = needs(&index, &Reach::of(&index), &tests)
        .iter()
        .map(|((test, key), need)| format!("{}: {key}={}", index.tests[*test].name, need.value))
        .collect();
    found.sort();
    assert_eq!(found, expected, "{project}");
}

#[test]
fn lists_of_what_is_on_may_be_all_that_differs() {
    let without =
        "test('without', (t) => { const f = createFeatures([]); const all = rows(f); t.false(all.includes(1)); });";
    let with = |list: &str, claim: &str| {
        format!(
            "{without}\ntest('with', (t) => {{ const f = createFeatures([{list}]); const all = rows(f); {claim}; }});"
        )
    };
    let both = &["with: new_tax=on", "without: new_tax=off"];
    check_lists(&with("Feature.NewTax", "t.true(all.includes(1))"), both);
    check_lists(&with("Feature.NewTax", "t.truthy(all.includes(1))"), both);
    // Two flags differ, nobody knows what is on, or the same is expected.
    check_lists(&with("Feature.NewTax, Feature.OldFees", "t.true(all.includes(1))"), &[]);
    check_lists(&with("...base, Feature.NewTax", "t.true(all.includes(1))"), &[]);
    check_lists(&with("Feature.NewTax", "t.falsy(all.includes(1))"), &[]);
}

/// What React tests need of `fast_quotes`, as `title: value`.
#[track_caller]
fn check_page(tests: &str, expected: &[&str]) {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(load_builtin);
    let project = format!(
        "//- src/flags.ts\nexport const FLAG_DEFAULTS = {{ fast_quotes: false }};\nexport const useFlag = (key) => flags.isEnabled(key);\n\
         //- src/page.tsx\nimport {{ useFlag }} from './flags';\nexport const Page = ({{ send }}) => useFlag('fast_quotes') && send();\n\
         //- src/page.test.tsx\nimport {{ Page }} from './page';\nimport {{ useFlag }} from './flags';\njest.mock('./flags');\n{tests}"
    );
    let (sources, view) = fixture(&project);
    let index = build::build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    let tests: Vec<usize> = (0..index.tests.len()).collect();
    let mut found: Vec<String> = needs(&index, &Reach::of(&index), &tests)
        .iter()
        .map(|((test, _), need)| format!("{}: {}", index.tests[*test].name, need.value))
        .collect();
    found.sort();
    assert_eq!(found, expected, "{project}\n{:?}", index.forces);
}

#[test]
fn a_mock_of_all_flags_means_the_one_that_the_code_asks_for() {
    let test = |title: &str, value: &str, expects: &str| {
        format!(
            "test('{title}', () => {{\n  useFlag.mockReturnValue({value});\n  render(<Page send={{send}} />);\n  {expects}\n}});\n"
        )
    };
    for (on, off) in [
        (
            "expect(send).toHaveBeenCalled();",
            "expect(send).not.toHaveBeenCalled();",
        ),
        (
            "expect(send).toHaveBeenCalledWith('a');",
            "expect(send).not.toHaveBeenCalled();",
        ),
        (
            "expect(send).toHaveBeenCalledTimes(1);",
            "expect(send).toHaveBeenCalledTimes(0);",
        ),
        ("expect(row).toBeDisabled();", "expect(row).toBeEnabled();"),
        ("expect(row).toHaveClass('new');", "expect(row).not.toHaveClass('new');"),
        (
            "expect(state).toEqual(State.Fast);",
            "expect(state).toEqual(State.Slow);",
        ),
    ] {
        let tests = format!("{}{}", test("fast", "true", on), test("slow", "false", off));
        check_page(&tests, &["fast: on", "slow: off"]);
    }
    for (on, off) in [
        (
            "expect(send).toHaveBeenCalledTimes(1);",
            "expect(send).toHaveBeenCalled();",
        ),
        (
            "expect(send).toHaveBeenCalledOnce();",
            "expect(send).not.toHaveBeenCalledOnce();",
        ),
        ("expect(row).toHaveClass('new');", "expect(row).not.toHaveClass('old');"),
        ("expect(state).toEqual(fast);", "expect(state).toEqual(slow);"),
    ] {
        let tests = format!("{}{}", test("fast", "true", on), test("slow", "false", off));
        check_page(&tests, &[]);
    }
}

#[test]
fn what_hooks_set_is_a_difference_as_well() {
    let suite = |title: &str, value: &str, declares: &str, expects: &str| {
        format!(
            "describe('{title}', () => {{\n  {declares}\n  beforeEach(() => {{ useFlag.mockReturnValue({value}); }});\n  it('sends {title}', () => {{\n    render(<Page send={{send}} />);\n    {expects}\n  }});\n}});\n"
        )
    };
    let (called, not) = (
        "expect(send).toHaveBeenCalled();",
        "expect(send).not.toHaveBeenCalled();",
    );
    let both = |declares: &str| {
        format!(
            "{}{}",
            suite("fast", "true", declares, called),
            suite("slow", "false", "", not)
        )
    };
    check_page(&both(""), &["sends fast: on", "sends slow: off"]);
    // What they render may come from what their suites declare.
    check_page(&both("const send = jest.fn();"), &[]);
}
