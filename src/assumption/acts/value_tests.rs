//! What a function may give in each state decides what an assertion on it needs: each with the neighbour that needs nothing.

use crate::assumption::acts::tests::shown as check;

/// A function, and one test with these assertions.
#[track_caller]
fn code(function: &str, test: &str, expected: &[&str]) {
    let flags = "//- src/flags.ts
export const FLAGS = { newTax: false, eu: false };
export const isEnabled = (name: string) => FLAGS[name];
";
    let imports = "import { isEnabled } from './flags';\nimport { old } from './old';\n";
    let head = "import assert from 'node:assert/strict';\nimport { f, Kind } from './tax';\n";
    let old = "//- src/old.ts\nexport const old = (n) => ['Total', n].join(': ');\n";
    check(
        &format!(
            "\n{flags}{old}//- src/tax.ts\n{imports}{function}\n//- src/tax.test.ts\n{head}test('a', async () => {{ {test} }});\n"
        ),
        expected,
    );
}

#[test]
fn what_the_other_side_computes_may_be_anything() {
    for other in [
        "`Total: ${n}`",
        "'Total: ' + n",
        "n",
        "n.label",
        "n.label()",
        "fmt(n)",
        "T[n]",
        "old(n)",
        "['Total', n].join(': ')",
        "'Total: X'.replace('X', n)",
        "MAP[n ? 'y' : 'n']",
    ] {
        let f = format!("export function f(n) {{ if (isEnabled('newTax')) {{ return 'Total: 5'; }} return {other}; }}");
        code(&f, "assert.equal(f(5), 'Total: 5');", &[]);
        let f = format!(
            "export function f(n) {{ if (isEnabled('newTax')) return {{ ok: true, status: 'saved' }}; return {other}; }}"
        );
        code(
            &f,
            "assert.equal(f(5).ok, true); assert.equal(f(5).status, 'saved');",
            &[],
        );
    }
    for other in ["'Sum: 5'", "`Sum: ${n}`", "null", "OLD", "{ total: 5 }", "sum()"] {
        let f = format!(
            "const OLD = 'Sum: 5';\nfunction sum() {{ return 'Sum'; }}\nexport function f(n) {{ if (isEnabled('newTax')) {{ return 'Total: 5'; }} return {other}; }}"
        );
        code(&f, "assert.equal(f(5), 'Total: 5');", &["a: on"]);
        code(&f, "assert.notEqual(f(5), 'Total: 5');", &["a: off"]);
        code(&f, "assert.equal(f(5), 'Total: 5' || n);", &["a: on"]);
    }
}

#[test]
fn what_is_changed_on_the_way_is_not_known() {
    let kept = "export function f() { const r = { kind: isEnabled('newTax') ? 'fast' : 'slow' }; return r; }";
    code(kept, "assert.equal(f().kind, 'fast');", &["a: on"]);
    code(kept, "assert.equal(f().kind, 'slow');", &["a: off"]);
    let changed = "export function f() { const r = { kind: isEnabled('newTax') ? 'fast' : 'slow' }; r.kind = 'fa' + 'st'; return r; }";
    code(changed, "assert.equal(f().kind, 'fast');", &[]);
    let set = "export function f() { let k = 'slow'; if (isEnabled('newTax')) k = 'fast'; return k; }";
    code(set, "assert.equal(f(), 'fast');", &["a: on"]);
    let later = "export function f() { let k = 'slow'; if (isEnabled('newTax')) k = 'fast'; k = k.replace('slow', 'fast'); return k; }";
    code(later, "assert.equal(f(), 'fast');", &[]);
    let grown = "export function f(n) { let s = ''; for (const c of n) s += c; if (isEnabled('newTax')) return 'ab'; return s; }";
    code(grown, "assert.equal(f('ab'), 'ab');", &[]);
    let caught = "export function f() { try { if (isEnabled('newTax')) return 'spare'; return old(); } catch (e) { return e.message; } }";
    code(caught, "assert.equal(f(), 'spare');", &[]);
}

#[test]
fn what_is_spread_under_a_condition_is_what_one_side_adds() {
    for spread in [
        "...(isEnabled('newTax') ? { regionCode: 'DE' } : {})",
        "...(isEnabled('newTax') && { regionCode: 'DE' })",
    ] {
        let f = format!("export function f() {{ return {{ n: 1, {spread} }}; }}");
        code(&f, "assert.deepEqual(f(), { n: 1 });", &["a: off"]);
        code(&f, "assert.deepEqual(f(), { n: 1, regionCode: 'DE' });", &["a: on"]);
        code(&f, "assert.equal(f().n, 1);", &[]);
        code(&f, "assert.equal(f().regionCode, undefined);", &["a: off"]);
        code(&f, "expect(f()).toHaveProperty('regionCode', 'DE');", &["a: on"]);
        code(&f, "expect(f()).not.toHaveProperty('regionCode');", &["a: off"]);
        code(&f, "assert.ok('regionCode' in f());", &["a: on"]);
        code(&f, "assert.ok(!('regionCode' in f()));", &["a: off"]);
        code(
            &f,
            "assert.deepEqual(Object.keys(f()), ['n', 'regionCode']);",
            &["a: on"],
        );
        code(
            &f,
            "const { regionCode } = f(); assert.equal(regionCode, 'DE');",
            &["a: on"],
        );
    }
    let list = "export function f() { return ['alpha', 'beta', ...(isEnabled('newTax') ? ['gamma'] : [])]; }";
    code(list, "assert.deepEqual(f(), ['alpha', 'beta']);", &["a: off"]);
    code(list, "assert.equal(f().length, 2);", &["a: off"]);
    code(list, "expect(f()).toHaveLength(3);", &["a: on"]);
    code(list, "assert.equal(f()[0], 'alpha');", &[]);
    code(list, "assert.ok(!f().includes('gamma'));", &["a: off"]);
    // What is added need not be known to be there.
    let mixed = "export function f(u) { return { n: 1, ...(isEnabled('newTax') && u.beta && { regionCode: 'DE' }) }; }";
    code(mixed, "assert.deepEqual(f({}), { n: 1 });", &[]);
    code(mixed, "assert.equal(f({ beta: true }).regionCode, 'DE');", &["a: on"]);
}

#[test]
fn patterns_and_parts_are_tried_on_what_is_given() {
    let f = "export function f() { return isEnabled('newTax') ? '<b>Regional rates apply</b>' : '<i>One flat levy applies</i>'; }";
    for (test, expected) in [
        ("assert.match(f(), /flat levy/);", "a: off"),
        ("assert.doesNotMatch(f(), /Regional/);", "a: off"),
        ("assert.ok(f().includes('One flat levy applies'));", "a: off"),
        ("assert.ok(!f().includes('flat levy'));", "a: on"),
        ("expect(f()).toMatch(/^<b>regional/i);", "a: on"),
        ("expect(f()).not.toContain('Regional');", "a: off"),
        ("assert.strictEqual(f().includes('Regional'), false);", "a: off"),
        (
            "expect(f()).toMatchInlineSnapshot(`\"<b>Regional rates apply</b>\"`);",
            "a: on",
        ),
    ] {
        code(f, test, &[expected]);
    }
    code(
        f,
        "assert.ok(f().startsWith('<')); assert.match(f(), /Regional|flat/);",
        &[],
    );
    code(
        f,
        "assert.ok(f() === '<b>Regional rates apply</b>' || f().length > 3);",
        &[],
    );
    let same = "export function f() { return isEnabled('newTax') ? 'hello there' : 'HELLO THERE'; }";
    code(same, "assert.equal(f().toLowerCase(), 'hello there');", &[]);
    code(same, "assert.equal(f(), 'hello there');", &["a: on"]);
}

#[test]
fn numbers_constants_and_members_of_enums_are_values() {
    let number = "export const f = () => (isEnabled('newTax') ? 1973 : 4421);";
    code(number, "assert.equal(f(), 1973);", &["a: on"]);
    code(number, "assert.equal(f(), 4421);", &["a: off"]);
    let kind = "export const Kind = { RICH: 'rich', PLAIN: 'plain' };\nexport function f() { return isEnabled('newTax') ? Kind.RICH : Kind.PLAIN; }";
    code(kind, "assert.equal(f(), 'rich');", &["a: on"]);
    code(kind, "assert.equal(Kind.RICH, 'rich'); f();", &[]);
}

#[test]
fn two_flags_in_one_condition_are_both_needed() {
    let f = "export function f() { if (isEnabled('newTax') && isEnabled('eu')) { return 'regional'; } return 'flat'; }";
    code(f, "assert.equal(f(), 'regional');", &["a: on", "a: on"]);
    // Either of them may be what is off.
    code(f, "assert.equal(f(), 'flat');", &[]);
    let either =
        "export function f() { if (isEnabled('newTax') || isEnabled('eu')) { return 'regional'; } return 'flat'; }";
    code(either, "assert.equal(f(), 'regional');", &[]);
    code(either, "assert.equal(f(), 'flat');", &["a: off", "a: off"]);
}

#[test]
fn what_the_test_hands_over_in_place_of_the_flag_decides() {
    let f = "export function f(on = isEnabled('newTax')) { if (on) { return 'regional'; } return 'flat'; }";
    code(f, "assert.equal(f(), 'regional');", &["a: on"]);
    code(f, "assert.equal(f(true), 'regional');", &[]);
}

#[test]
fn helpers_of_the_file_and_hooks_assert_as_well() {
    let f =
        "export function f() { if (isEnabled('newTax')) { return { kind: 'regional' }; } return { kind: 'flat' }; }";
    code(
        f,
        "expectRegional(f()); }); function expectRegional(r) { expect(r.kind).toBe('regional'); } test('b', () => { ",
        &["a: on"],
    );
    code(
        f,
        "expectRegional(other()); f(); }); function expectRegional(r) { expect(r.kind).toBe('regional'); } test('b', () => { ",
        &[],
    );
    code(
        f,
        "}); describe('s', () => { let r; beforeEach(() => { r = f(); }); test('b', () => { expect(r.kind).toBe('regional'); }); ",
        &["b: on"],
    );
}

#[test]
fn what_is_not_asserted_or_meant_to_fail_proves_nothing() {
    let f = "export function f() { if (isEnabled('newTax')) { return 'regional'; } return 'flat'; }";
    for test in [
        "assert.throws(() => assert.equal(f(), 'regional'));",
        "expect(() => { expect(f()).toBe('regional'); }).toThrow();",
        "expect(f()).toEqual(expect.not.stringContaining('regional'));",
        "if (f().startsWith('r')) { assert.equal(f(), 'regional'); }",
        "if (process.version) return; assert.equal(f(), 'regional');",
        "const check = () => assert.equal(f(), 'regional'); assert.ok(check);",
        "assert.ok(f(), 'regional');",
        "assert.equal(f() === 'regional', process.env.ON === '1');",
    ] {
        code(f, test, &[]);
    }
    code(f, "assert(f() !== 'regional');", &["a: off"]);
    code(f, "assert.strictEqual(f() === 'regional', false);", &["a: off"]);
    code(f, "expect(f() === 'regional').toBe(true);", &["a: on"]);
}

/// Files, with a test of the last one.
#[track_caller]
fn files(code: &str, test: &str, expected: &[&str]) {
    let flags = "//- src/flags.ts
export const FLAGS = { newTax: false, eu: false };
export const isEnabled = (name: string) => FLAGS[name];
";
    check(&format!("\n{flags}{code}\n//- src/quote.test.ts\n{test}\n"), expected);
}

const LABEL: &str = "//- src/tax.ts
import { isEnabled } from './flags';
export function label() { return isEnabled('newTax') ? 'incl.' : 'excl.'; }
export const taxLabel = () => (isEnabled('newTax') ? 'incl.' : 'excl.');
";

#[test]
fn what_a_function_of_another_file_gives_counts() {
    let test = "import { quote } from './quote';\nit('a', () => { expect(quote()).toBe('incl.'); });";
    for code in [
        "//- src/quote.ts\nimport { label } from './tax';\nexport function quote() { return label(); }",
        "//- src/quote.ts\nimport { label as of } from './tax';\nexport const quote = () => of();",
        "//- src/quote.ts\nimport * as tax from './tax';\nexport const quote = () => tax.label();",
        "//- src/index.ts\nexport { taxLabel } from './tax';\n//- src/quote.ts\nimport { taxLabel } from './index';\nexport const quote = () => taxLabel();",
        "//- src/all.ts\nexport * from './tax';\n//- src/quote.ts\nimport { taxLabel } from './all';\nexport const quote = () => taxLabel();",
    ] {
        files(&format!("{LABEL}{code}"), test, &["a: on"]);
    }
}

#[test]
fn what_may_be_another_function_is_not_followed() {
    let test = "import { quote } from './quote';\nit('a', () => { expect(quote()).toBe('incl.'); });";
    let plain = "//- src/quote.ts\nimport { label } from './tax';\nexport function quote() { return label(); }";
    for code in [
        // A parameter, and a name of the function's own.
        "//- src/quote.ts\nimport { label } from './tax';\nexport function quote(label) { return label(); }",
        "//- src/quote.ts\nimport { label } from './tax';\nexport function quote() { const label = pick(); return label(); }",
        // Two of the name.
        "//- src/vat.ts\nexport const taxLabel = () => 'incl.';\n//- src/all.ts\nexport * from './tax';\nexport * from './vat';\n//- src/quote.ts\nimport { taxLabel } from './all';\nexport const quote = () => taxLabel();",
        "//- src/quote.ts\nimport { tax } from './tax';\nexport const quote = () => tax.label();",
    ] {
        files(&format!("{LABEL}{code}"), test, &[]);
    }
    // What the test, or the set-up of all tests, puts in its place.
    for mock in [
        "vi.mock('./tax', () => ({ label: () => 'incl.' }));",
        "vi.spyOn(tax, 'label').mockReturnValue('incl.');",
    ] {
        files(&format!("{LABEL}{plain}"), &format!("{mock}\n{test}"), &[]);
    }
    let set_up = "//- vitest.config.ts\nexport default { test: { setupFiles: ['./test/setup.ts'] } };\n//- test/setup.ts\nvi.mock('../src/tax', () => ({ label: () => 'incl.' }));\n";
    files(&format!("{set_up}{LABEL}{plain}"), test, &[]);
}
