//! What stands around a call decides whether an assertion on it says anything: each with the neighbour that does.

use crate::assumption::acts::tests::shown as check;

const SHOP: &str = "
//- src/flags.ts
export const FLAG_DEFAULTS = { receipts: false };
export const isEnabled = (key: string) => FLAG_DEFAULTS[key];
//- src/shop.ts
import { isEnabled } from './flags';
export function receipt() {
  if (!isEnabled('receipts')) return null;
  return { total: 7 };
}
export function items() {
  if (!isEnabled('receipts')) return [];
  return load();
}
export function gone() {
  if (!isEnabled('receipts')) return;
  return load();
}
export function label() {
  if (!isEnabled('receipts')) return null;
  return 'shiny';
}
";

#[track_caller]
fn shop(test: &str, expected: &[&str]) {
    let head = "import assert from 'node:assert';\nimport { receipt, items, gone, label } from './shop';";
    check(&format!("{SHOP}//- src/shop.test.ts\n{head}\n{test}\n"), expected);
}

#[test]
fn what_is_made_of_a_value_may_hold_of_nothing() {
    shop(
        "test('compared', () => { expect(receipt() === null).toBe(true); });
         test('not', () => { expect(!receipt()).toBe(true); });
         test('bound', () => { const v = receipt(); expect(v === null).toBe(true); });
         test('bound compared', () => { const v = receipt() === null; expect(v).toBe(true); });
         test('compared later', () => { const v = receipt(); const w = v === null; expect(w).toBe(true); });
         test('fallback', () => { expect(receipt() ?? 'none').toBe('none'); });
         test('bound fallback', () => { const v = receipt() ?? 'none'; expect(v).toBe('none'); });
         test('or', () => { expect(receipt() || 'x').toBe('x'); });
         test('brought', () => { expect(label() || 'shiny').toBe('shiny'); });
         test('type', () => { expect(typeof receipt()).toBe('object'); });
         test('typed', () => { expect(receipt()).toBeTypeOf('object'); });
         test('string', () => { expect(String(receipt())).toBe('null'); });
         test('list', () => { expect([receipt()]).toHaveLength(1); });
         test('object', () => { expect({ r: receipt() }).toEqual({ r: null }); });
         test('defined', () => { expect(receipt()).toBeDefined(); });
         test('first', () => { const v = receipt(); assert.equal(null, v); });
         test('named', () => { const none = null; expect(receipt()).toBe(none); });
         test('snapshot', () => { expect(receipt()).toMatchSnapshot(); });
         test('if', () => { const v = receipt(); if (v) { expect(v.total).toBe(7); } });
         test('loop', () => { for (const one of items()) { expect(one.price).toBe(7); } });
         test('each', () => { items().forEach((one) => { expect(one.price).toBe(7); }); });
         test('short', () => { expect(items().length).toBeLessThan(5); });
         test('member', () => { expect(receipt()?.total === undefined).toBe(true); });
         test('true', () => { receipt(); expect(true).toBe(true); });
         test('asked', () => { receipt(); expect(store.isEmpty()).toBe(true); });",
        &[
            "compared: off",
            "not: off",
            "bound: off",
            "bound compared: off",
            "compared later: off",
            "fallback: off",
            "bound fallback: off",
            "or: off",
            "object: off",
            "first: off",
            "named: off",
            "member: off",
        ],
    );
}

#[test]
fn what_the_call_gave_itself_must_be_there() {
    shop(
        "test('call', () => { expect(receipt()).toEqual({ total: 7 }); });
         test('bound', async () => { const v = await receipt(); expect(v.total).toBe(7); });
         test('paren', () => { expect((receipt())!.total).toBe(7); });
         test('truthy', () => { expect(receipt()).toBeTruthy(); });
         test('defined', () => { expect(gone()).toBeDefined(); });
         test('index', () => { expect(items()[0]).toBe(3); });
         test('mapped', () => { const v = items(); expect(v.map((one) => one.name)).toEqual(['a']); });
         test('turned', () => { assert.equal('shiny', label()); });
         test('text', () => { expect(String(label())).toBe('shiny'); });",
        &[
            "call: on",
            "bound: on",
            "paren: on",
            "truthy: on",
            "defined: on",
            "index: on",
            "mapped: on",
            "turned: on",
            "text: on",
        ],
    );
}

#[test]
fn rust_asks_for_some_and_for_none() {
    check(
        "
//- src/lib.rs
pub fn lookup(code: &str) -> Option<String> {
    if !flags::flag_enabled(\"receipts\") { return None; }
    codes().get(code)
}
#[cfg(test)]
mod tests {
    use super::*;
    #[test] fn is_none() { assert!(lookup(\"a\").is_none()); }
    #[test] fn not_some() { assert!(!lookup(\"a\").is_some()); }
    #[test] fn matched() { assert!(matches!(lookup(\"a\"), None)); }
    #[test] fn matched_either() { assert!(matches!(lookup(\"a\"), Some(_) | None)); }
    #[test] fn bound() { let x = lookup(\"a\"); assert!(matches!(x, None)); }
    #[test] fn bound_none() { let x = lookup(\"a\").is_none(); assert!(x); }
    #[test] fn compared() { assert!(lookup(\"a\") == None); }
    #[test] fn said() { assert!(lookup(\"a\") == None, \"a message\"); }
    #[test] fn equal() { assert_eq!(lookup(\"a\"), None, \"a message\"); }
    #[test] fn turned() { let x = lookup(\"a\"); assert_eq!(None, x); }
    #[test] fn is_some() { assert!(lookup(\"a\").is_some()); }
    #[test] fn some() { assert!(matches!(lookup(\"a\"), Some(_))); }
    #[test] fn unwrapped() { assert_eq!(lookup(\"a\").unwrap(), \"b\"); }
}
",
        &["is_some: on", "some: on", "unwrapped: on"],
    );
}

#[test]
fn python_compares_what_was_compared() {
    check(
        "
//- app/flags.py
FEATURE_FLAGS = {'receipts': False}
//- app/shop.py
from app.flags import is_feature_enabled
def lookup(code):
    if not is_feature_enabled('receipts'):
        return None
    return codes.get(code)
//- tests/test_shop.py
from app.shop import lookup
def test_compared():
    assert (lookup('a') is None) == True
def test_none():
    assert None == lookup('a')
def test_bound():
    got = lookup('a')
    assert None is got
def test_in():
    assert lookup('a') in (None, 'b')
def test_or():
    assert (lookup('a') or 'x') == 'x'
def test_value():
    assert lookup('a') == 'b'
",
        &["test_value: on"],
    );
}

#[test]
fn a_list_of_all_is_no_question() {
    let test = |asked: &str| format!("test('a', () => {{ gone(); expect({asked}).toBe(7); }});");
    for plain in [
        "screen.getAllByText('a').length",
        "store.findAll().total",
        "store.everyOther()",
    ] {
        shop(&test(plain), &["a: on"]);
    }
    for asked in ["store.all(isOld)", "rows.every(isOld)"] {
        shop(&test(asked), &[]);
    }
}

#[test]
fn less_than_nothing_is_something() {
    shop(
        "test('a', () => { expect(receipt()?.total).toBe(-5); });
         test('b', () => { expect(receipt()?.total).toBe(0); });",
        &["a: on"],
    );
}
