//! What is set and put back again.

use super::{check, check_project, index};
use crate::assumption::RunsWith;
use crate::assumption::supply::supplied;
use crate::flag::{FlagKey, FlagValue};

/// A helper and a test that uses it.
#[track_caller]
fn with(helper: &str, test: &str, expected: &[&str]) {
    check(&format!("{helper}\nit('t', {test})"), expected);
}

const USE: &str = "() => { withOne('a', true, () => { expect(total()).toBe(1) }); expect(total()).toBe(2) }";
const IN_FORCE: [&str; 1] = ["a=on in region () => { expect(total()).toBe(1) }"];

#[test]
fn a_helper_that_restores_sets_for_what_it_runs() {
    for helper in [
        "function withOne(k, v, fn) { const old = isEnabled(k); setFlag(k, v); try { return fn() } finally { setFlag(k, old) } }",
        "async function withOne(k, v, fn) { const old = isEnabled(k); setFlag(k, v); try { return await fn() } finally { setFlag(k, old) } }",
        "const withOne = (k, v, fn) => { setFlag(k, v); try { fn() } finally { setFlag(k, false) } };",
        "const withOne = (k, v, fn) => { setFlag(k, v); fn(); setFlag(k, false); };",
        "const withOne = (k, v, fn) => { const was = isEnabled(k); setFlag(k, v); const got = fn(); setFlag(k, was); return got; };",
        "const withOne = (k, v, run) => { setFlag(k, v); return Promise.resolve(run()).finally(() => setFlag(k, false)); };",
        "function withOne(k, v, fn) { try { setFlag(k, v); fn(); } finally { setFlag(k, !v); } }",
        "function withOne(k, v, fn) { const old = isEnabled(k); try { setFlag(k, v); fn(); } finally { if (old) setFlag(k, true); else setFlag(k, false); } }",
        "function lower(k, v, fn) { setFlag(k, v); try { fn() } finally { setFlag(k, false) } } const withOne = (k, v, fn) => lower(k, v, fn);",
    ] {
        let expected: &[&str] = if helper.contains("lower") {
            &["a=on in region () => { expect(total()).toBe(1) }"]
        } else {
            &IN_FORCE
        };
        with(helper, USE, expected);
    }
}

#[test]
fn a_helper_that_sets_both_in_turn_restores_nothing() {
    with(
        "function both(k, fn) { setFlag(k, true); fn(); setFlag(k, false); fn(); }",
        "() => { both('a', () => { expect(total()).toBeDefined() }) }",
        &[
            "a=off in region both('a', () => { expect(total()).to…",
            "a=on in test t",
        ],
    );
}

#[test]
fn a_test_that_restores_sets_for_what_it_asserts() {
    check(
        "it('t', () => { setFlag('a', true); try { expect(total()).toBe(1) } finally { setFlag('a', false) } })",
        &["a=on in region { setFlag('a', true); try { expect(t…"],
    );
    check(
        "it('t', () => { const old = isEnabled('a'); setFlag('a', true); const got = total(); setFlag('a', old); expect(got).toBe(1) })",
        &["a=on in test t"],
    );
    check(
        "it('t', () => { setFlag('a', true); onTestFinished(() => setFlag('a', false)); expect(total()).toBe(1) })",
        &["a=on in region it('t', () => { setFlag('a', true); …"],
    );
}

#[test]
fn a_second_setting_is_no_restore() {
    check(
        "it('t', () => { setFlag('a', true); expect(total()).toBe(1); setFlag('a', false); expect(total()).toBe(2) })",
        &[
            "a=on in region { setFlag('a', true); expect(total()…",
            "a=off in region setFlag('a', false); expect(total())…",
        ],
    );
    with(
        "function off(k) { setFlag(k, true); refresh(); setFlag(k, false); }",
        "() => { off('a'); expect(total()).toBe(2) }",
        &["a=off in region off('a'); expect(total()).toBe(2) }", "a=on in test t"],
    );
}

#[test]
fn fixtures_and_context_managers_put_back_what_they_set() {
    let project = |helper: &str, test: &str| {
        format!("//- tests/test_a.py\nimport pytest\nfrom contextlib import contextmanager\n{helper}\n{test}\n")
    };
    for helper in [
        "@pytest.fixture\ndef on():\n    set_flag('a', True)\n    yield\n    set_flag('a', False)",
        "@pytest.fixture\ndef on():\n    set_flag('a', True)\n    try:\n        yield 1\n    finally:\n        set_flag('a', False)",
        "@pytest.fixture\ndef on(request):\n    set_flag('a', True)\n    request.addfinalizer(lambda: set_flag('a', False))",
    ] {
        check_project(
            &project(helper, "def test_t(on):\n    assert total() == 1"),
            &["a=on in test test_t"],
        );
    }
    check_project(
        &project(
            "@contextmanager\ndef on(key):\n    set_flag(key, True)\n    yield\n    set_flag(key, False)",
            "def test_t():\n    with on('a'):\n        assert total() == 1\n    assert total() == 2",
        ),
        &["a=on in region assert total() == 1"],
    );
}

#[test]
fn who_sets_every_entry_of_the_definitions_may_have_set_any() {
    check(
        "import { FLAGS } from './flags';
         beforeEach(() => { for (const key of Object.keys(FLAGS)) FLAGS[key] = true; }); it('t', () => {})",
        &["*=partial in file a.test.tsx"],
    );
    check(
        "const FLAGS = { x: [] }; beforeEach(() => { for (const key of Object.keys(FLAGS)) FLAGS[key] = true; }); it('t', () => {})",
        &[],
    );
}

#[test]
fn a_constant_that_names_the_flag_is_no_value_that_was_kept() {
    let both = [
        "a=on in region { setFlag(KEY, true); expect(total()…",
        "a=off in region setFlag(KEY, false); expect(total())…",
    ];
    for key in ["'a'", "FLAGS.a", "names.a"] {
        check(
            &format!(
                "import {{ FLAGS }} from './flags'; const names = {{ a: 'a' }}; const KEY = {key};
                 it('t', () => {{ setFlag(KEY, true); expect(total()).toBe(1); setFlag(KEY, false); expect(total()).toBe(2) }})"
            ),
            &both,
        );
    }
    // A name with the letter in it, and a state that is written out.
    check(
        "const state = false; it('t', () => { setFlag('a', true); expect(total()).toBe(1); setFlag('a', state); expect(total()).toBe(2) })",
        &[
            "a=on in region { setFlag('a', true); expect(total()…",
            "a=off in region setFlag('a', state); expect(total())…",
        ],
    );
    // What was asked before it was set is put back.
    check(
        "const KEY = 'a'; it('t', () => { const old = isEnabled(KEY); setFlag(KEY, true); expect(total()).toBe(1); setFlag(KEY, old) })",
        &["a=on in region { const old = isEnabled(KEY); setFla…"],
    );
}

#[test]
fn a_comment_or_a_callback_runs_nothing_at_the_end() {
    let both = [
        "a=on in region { setFlag('a', true); expect(total()…",
        "a=off in region setFlag('a', false); expect(total())…",
    ];
    check(
        "it('t', () => { setFlag('a', true); expect(total()).toBe(1); /* finally */ setFlag('a', false); expect(total()).toBe(2) })",
        &both,
    );
    check(
        "it('t', () => { setFlag('a', true); expect(total()).toBe(1); callback(() => setFlag('a', false)); expect(total()).toBe(2) })",
        &[
            "a=on in region { setFlag('a', true); expect(total()…",
            "a=off in region setFlag('a', false)); expect(total()…",
        ],
    );
}

#[test]
fn what_a_hook_puts_back_comes_after_the_tests() {
    check(
        "beforeEach(() => { setFlag('a', true); onTestFinished(() => setFlag('a', false)) }); it('t', () => { expect(total()).toBe(1) })",
        &["a=on in file a.test.tsx"],
    );
    check(
        "let old; beforeEach(() => { old = isEnabled('a'); setFlag('a', true) }); afterEach(() => setFlag('a', old)); it('t', () => {})",
        &["a=on in file a.test.tsx"],
    );
}

#[test]
fn what_is_held_ends_with_its_block() {
    check(
        "describe('s', () => { withFlags({ a: true }, () => { it('t', () => {}) }); it('u', () => {}) })",
        &["a=on in region () => { it('t', () => {}) }"],
    );
    check(
        "import { total } from './quotes'; it('t', () => { withFlags({ a: true }, () => { warm() }); expect(total()).toBe(2) })",
        &[
            "a=on in region { withFlags({ a: true }, () => { war…",
            "a=partial in region ); expect(total()).toBe(2) }",
        ],
    );
    // What the block did may be what is asserted.
    check(
        "it('t', () => { withFlags({ a: true }, () => { render(page) }); expect(screen.getByText('x')).toBeTruthy() })",
        &["a=on in test t"],
    );
    // What is computed within is what is asserted after it.
    check(
        "import { total } from './quotes'; it('t', () => { let got; withFlags({ a: true }, () => { got = total() }); expect(got).toBe(1) })",
        &["a=on in test t"],
    );
    check(
        "it('t', () => { const got = withFlags({ a: true }, () => total()); expect(got).toBe(1) })",
        &["a=on in test t"],
    );
    check(
        "beforeEach(() => { withFlags({ a: true }, () => seed()) }); it('t', () => {})",
        &["a=partial in file a.test.tsx"],
    );
}

#[test]
fn what_a_hook_puts_back_itself_is_gone_before_the_tests() {
    let sees = |hook: &str| {
        let project = format!("//- src/a.test.tsx\n{hook}\nit('t', () => {{ expect(total()).toBe(1) }})\n");
        let (_, index) = index(&project);
        supplied(&index, 0, &FlagKey::new("a"), None, Some(FlagValue::Unknown), None).runs_with
    };
    let ambient = sees("");
    for hook in [
        "beforeEach(() => { setFlag('a', true); try { seed() } finally { setFlag('a', false) } })",
        "beforeEach(() => { const old = isEnabled('a'); setFlag('a', true); seed(); setFlag('a', old) })",
        "beforeAll(async () => { setFlag('a', true); await seed().finally(() => setFlag('a', false)) })",
    ] {
        assert_eq!(sees(hook), ambient, "{hook}");
    }
    for hook in [
        "beforeEach(() => { setFlag('a', true); onTestFinished(() => setFlag('a', false)) })",
        "beforeEach((t) => { setFlag('a', true); t.after(() => setFlag('a', false)) })",
    ] {
        assert_eq!(sees(hook), RunsWith::Is(FlagValue::On), "{hook}");
    }
}

#[test]
fn a_page_that_a_hook_is_given_runs_no_tests() {
    for hook in [
        "beforeEach(async ({ page }) => { await withFlags({ a: true }, async () => { await page.goto('/') }) })",
        "beforeEach((done) => { withFlags({ a: true }, () => { seed(); done() }) })",
        "beforeEach(() => { withFlags({ a: true }, (flags) => { flags.run() }) })",
    ] {
        check(
            &format!("{hook}; it('t', () => {{}})"),
            &["a=partial in file a.test.tsx"],
        );
    }
}
