//! Functions that fail in one state, and the tests that show it; beside each the neighbour that shows nothing.

use crate::assumption::acts::tests::shown as check;

const SHOP: &str = "
//- src/flags.ts
export const FLAG_DEFAULTS = { redeem: false };
export const isEnabled = (key: string) => FLAG_DEFAULTS[key];
//- src/shop.ts
import { isEnabled } from './flags';
export function redeem(code) {
  if (!isEnabled('redeem')) throw new Error('not available');
  return { code };
}
export async function pay(code) {
  if (!isEnabled('redeem')) { throw new Error('not available'); }
  return store.pay(code);
}
export function legacy(code) { if (isEnabled('redeem')) { throw new Error('gone'); } return code; }
export function some(code) { if (code && !isEnabled('redeem')) throw new Error('x'); return code; }
export function early(code) { if (!code) return null; if (!isEnabled('redeem')) throw new Error('x'); return code; }
export function inner(code) { if (code) { if (!isEnabled('redeem')) throw new Error('x'); } return code; }
export function lines(code) { if (!isEnabled('redeem')) throw new Error('x'); return parse(code); }
";

#[track_caller]
fn shop(test: &str, expected: &[&str]) {
    let head =
        "import assert from 'node:assert';\nimport { redeem, pay, legacy, some, early, inner, lines } from './shop';";
    check(&format!("{SHOP}//- src/shop.test.ts\n{head}\n{test}\n"), expected);
}

#[test]
fn what_must_not_throw_needs_the_state_that_does_not() {
    shop(
        "test('not', () => { expect(() => redeem('A')).not.toThrow(); });
         test('chai', () => { expect(() => redeem('A')).to.not.throw(); });
         test('assert', () => { assert.doesNotThrow(() => redeem('A')); });
         test('named', () => { const act = () => redeem('A'); expect(act).not.toThrow(); });
         test('promise', async () => { await expect(pay('A')).resolves.not.toThrow(); });
         test('block', () => { expect(() => { redeem('A'); }).not.toThrow(); });
         test('reject', async () => { await assert.doesNotReject(() => pay('A')); });
         test('gone', () => { expect(() => legacy('A')).not.toThrow(); });",
        &[
            "not: on",
            "chai: on",
            "assert: on",
            "named: on",
            "promise: on",
            "block: on",
            "reject: on",
            "gone: off",
        ],
    );
}

#[test]
fn a_call_that_throws_fails_its_test_whatever_is_asserted_after_it() {
    shop(
        "test('bare', () => { redeem('A'); });
         test('null', () => { expect(redeem('A')).not.toBeNull(); });
         test('falsy', () => { const got = redeem('A'); expect(got.old).toBeFalsy(); });
         test('awaited', async () => { await pay('A'); expect(store.paid).toEqual([]); });
         test('returned', () => pay('A'));
         test('member', () => { const { code } = redeem('A'); expect(code).not.toBe('B'); });",
        &[
            "bare: on",
            "null: on",
            "falsy: on",
            "awaited: on",
            "returned: on",
            "member: on",
        ],
    );
}

#[test]
fn what_may_be_caught_or_never_run_shows_nothing() {
    shop(
        "test('try', () => { try { redeem('A'); } catch (e) { log(e); } });
         test('catch', async () => { await pay('A').catch(() => null); });
         test('not awaited', () => { pay('A'); });
         test('counted', () => { expect.assertions(1); try { redeem('A'); } catch (e) { expect(e).toBeInstanceOf(Error); } });
         test('its own', () => { const redeem = (code) => code; redeem('A'); });
         test('callback', () => { later(() => redeem('A')); });
         test('sometimes', () => { if (process.env.CI) redeem('A'); });
         test('settled', async () => { await Promise.allSettled([1].map(() => pay('A'))); });
         test('settled each', async () => { await Promise.allSettled([pay('A')]); });
         test('to', async () => { const [error] = await to(pay('A')); expect(error).toBeDefined(); });
         test('lost', async () => { await expect(pay('A')).toBeDefined(); });
         test('made', async () => { await new Task(pay('A')); });
         test('decided', () => { if (process.env.CI) expect(() => redeem('A')).not.toThrow(); });
         test('inside', () => { expect(() => { if (process.env.CI) { redeem('A'); } }).not.toThrow(); });
         test('not waited', () => { expect(() => { pay('A'); }).not.toThrow(); });
         test.fails('expected', () => { redeem('A'); });
         test.skip('skipped', () => { redeem('A'); });",
        &[],
    );
}

#[test]
fn a_promise_that_is_passed_on_is_waited_for() {
    shop(
        "test('all', async () => { await Promise.all([pay('A'), pay('B')]); });
         test('resolves', async () => { await expect(pay('A')).resolves.toBeDefined(); });
         test('first', async () => { await to(await pay('A')); });",
        &["all: on", "resolves: on", "first: on"],
    );
}

#[test]
fn of_several_calls_any_one_may_be_the_one_that_throws() {
    shop(
        "test('one', () => { expect(() => { redeem('A'); }).toThrow(); });
         test('made', () => { expect(() => redeem(code('A'))).toThrow(); });
         test('two', () => { expect(() => { prepare(); redeem('A'); }).toThrow(); });
         test('around', () => { expect(() => check(redeem('A'))).toThrow(); });
         test('named', () => { const act = () => { prepare(); redeem('A'); }; expect(act).toThrow(); });
         test('none', () => { expect(() => { prepare(); redeem('A'); }).not.toThrow(); });",
        &["one: off", "made: off", "none: on"],
    );
}

#[test]
fn a_function_that_fails_only_sometimes_shows_nothing() {
    shop(
        "test('some', () => { some(''); });
         test('early', () => { expect(early('')).toBeNull(); });
         test('inner', () => { expect(() => inner('')).not.toThrow(); });",
        &[],
    );
}

#[test]
fn what_must_throw_needs_the_state_in_which_nothing_else_could() {
    shop(
        "test('throws', () => { expect(() => redeem('A')).toThrow(); });
         test('assert', () => { assert.throws(() => redeem('A')); });
         test('class', () => { expect(() => redeem('A')).toThrow(Error); });
         test('gone', () => { expect(() => legacy('A')).toThrow(); });
         test('may throw anyway', () => { expect(() => lines('')).toThrow(); });
         test('rejects anyway', async () => { await expect(pay('')).rejects.toThrow(); });
         test('of another kind', () => { expect(() => redeem('')).toThrow('empty'); });",
        &["throws: off", "assert: off", "class: off", "gone: on"],
    );
}

#[test]
fn a_function_that_is_replaced_shows_nothing() {
    shop("vi.mock('./shop');\ntest('mocked', () => { redeem('A'); });", &[]);
    shop(
        "import * as all from './shop';\ntest('spied', () => { vi.spyOn(all, 'redeem').mockReturnValue(1); redeem('A'); });",
        &[],
    );
    shop(
        "vi.mock('./mailer');\ntest('other', () => { redeem('A'); });",
        &["other: on"],
    );
}

#[test]
fn python_tests_raise() {
    check(
        "
//- app/flags.py
FEATURE_FLAGS = {'redeem': False}
//- app/shop.py
from app.flags import is_feature_enabled
class NotAvailable(Exception):
    pass
def redeem(code):
    if not is_feature_enabled('redeem'):
        raise NotAvailable('off')
    return code
//- tests/test_shop.py
import pytest
from app.shop import redeem, NotAvailable
def test_value():
    assert redeem('A') == 'A'
def test_kept():
    got = redeem('A')
    assert got != 'B'
def test_plain():
    redeem('A')
def test_raises():
    with pytest.raises(NotAvailable):
        redeem('A')
def test_any():
    with pytest.raises(Exception):
        redeem('A')
def test_other():
    with pytest.raises(ValueError):
        redeem('')
def test_several():
    with pytest.raises(Exception):
        prepare()
        redeem('A')
def test_caught():
    try:
        redeem('A')
    except NotAvailable:
        pass
",
        &[
            "test_value: on",
            "test_kept: on",
            "test_plain: on",
            "test_raises: off",
            "test_any: off",
        ],
    );
}

#[test]
fn rust_tests_take_the_value_or_the_error() {
    check(
        "
//- src/lib.rs
pub fn redeem(code: &str) -> Result<String, String> {
    if !flags::flag_enabled(\"redeem\") { return Err(\"off\".to_string()); }
    Ok(code.to_string())
}
#[cfg(test)]
mod tests {
    use super::*;
    #[test] fn is_ok() { assert!(redeem(\"A\").is_ok()); }
    #[test] fn unwrapped() { redeem(\"A\").unwrap(); }
    #[test] fn kept() { let got = redeem(\"A\"); assert_eq!(got.unwrap(), \"A\"); }
    #[test] fn matched() { assert!(matches!(redeem(\"A\"), Ok(_))); }
    #[test] fn equal() { assert_eq!(redeem(\"A\"), Ok(\"A\".to_string())); }
    #[test] fn asked() -> Result<(), String> { redeem(\"A\")?; Ok(()) }
    #[test] fn is_err() { assert!(redeem(\"A\").is_err()); }
    #[test] fn unwrapped_err() { redeem(\"A\").unwrap_err(); }
    #[test] fn dropped() { let _ = redeem(\"A\"); }
    #[test] fn caught() { let got = std::panic::catch_unwind(|| { redeem(\"A\").unwrap(); }); assert!(got.is_err()); }
    #[test] fn closure() { let act = || redeem(\"A\").unwrap(); drop(act); }
    #[test] fn inner() { let act = || -> Result<(), String> { redeem(\"A\")?; Ok(()) }; let _ = act(); }
    #[test] fn sometimes() { if std::env::var(\"CI\").is_ok() { redeem(\"A\").unwrap(); } }
    #[test] fn spawned() { let got = std::thread::spawn(|| redeem(\"A\").unwrap()).join(); drop(got); }
    #[test] fn another() { let got = redeem(\"A\"); drop(got); let got = other(); got.unwrap(); }
    #[test] fn soft() { assert!(redeem(\"A\").unwrap_or_default().is_empty()); }
}
",
        &[
            "is_ok: on",
            "unwrapped: on",
            "kept: on",
            "matched: on",
            "equal: on",
            "asked: on",
            "is_err: off",
            "unwrapped_err: off",
        ],
    );
}

const GO: &str = "
//- shop/redeem.go
package shop

func Redeem(c string) (string, error) {
\tif !flags.IsEnabled(\"redeem\") {
\t\treturn \"\", errors.New(\"off\")
\t}
\treturn c, nil
}";

#[test]
fn go_tests_look_at_the_error() {
    check(
        &format!(
            "{GO}
//- shop/redeem_test.go
package shop

import \"testing\"

func TestNoError(t *testing.T) {{
\t_, err := Redeem(\"A\")
\trequire.NoError(t, err)
}}
func TestFatal(t *testing.T) {{
\tgot, err := Redeem(\"A\")
\tif err != nil {{
\t\tt.Fatal(err)
\t}}
\t_ = got
}}
func TestError(t *testing.T) {{
\t_, err := Redeem(\"A\")
\tassert.Error(t, err)
}}
func TestReused(t *testing.T) {{
\t_, err := Redeem(\"A\")
\t_ = err
\t_, err = Prepare(\"A\")
\trequire.NoError(t, err)
}}
func TestFormer(t *testing.T) {{
\t_, err := Prepare(\"A\")
\trequire.NoError(t, err)
\t_, err = Redeem(\"A\")
\t_ = err
}}
func TestLatter(t *testing.T) {{
\t_, err := Prepare(\"A\")
\trequire.NoError(t, err)
\t_, err = Redeem(\"A\")
\trequire.NoError(t, err)
}}
func TestSometimes(t *testing.T) {{
\t_, err := Redeem(\"A\")
\tif os.Getenv(\"CI\") != \"\" {{
\t\trequire.NoError(t, err)
\t}}
}}
func TestLeft(t *testing.T) {{
\t_, _ = Redeem(\"A\")
}}
//- other/redeem_test.go
package other

import \"testing\"

func TestOther(t *testing.T) {{
\t_, err := Redeem(\"A\")
\trequire.NoError(t, err)
}}
"
        ),
        &["TestNoError: on", "TestFatal: on", "TestError: off", "TestLatter: on"],
    );
}

#[test]
fn only_what_jest_waits_with_passes_a_failure_on() {
    shop(
        "test('a', async () => { await expect(pay('A')).resolves.toBeDefined(); });
         test('b', async () => { await expect(pay('A')).returned.toBeOk(); });",
        &["a: on"],
    );
}

#[test]
fn a_name_that_is_given_anew_again_and_again_is_looked_up() {
    // Each place asks who gave `err` last: by going through all of them, this test would take minutes.
    let mut body = "\tvar err error\n".to_owned();
    for _ in 0..500 {
        body.push_str("\t_, err = Redeem(\"A\")\n\trequire.NoError(t, err)\n");
    }
    check(
        &format!("{GO}\n//- shop/redeem_test.go\npackage shop\n\nfunc TestMany(t *testing.T) {{\n{body}}}\n"),
        &["TestMany: on"],
    );
}
