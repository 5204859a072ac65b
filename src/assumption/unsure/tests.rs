//! What may set a flag unseen, and what does not: the same test each time, which needs a flag that is off by default.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::assumption::TestVerdict;
use crate::assumption::proof::Proofs;
use crate::assumption::table::FlagTable;
use crate::assumption::tests_need::{Ground, judge_tests};
use crate::flag::Ledger;
use crate::index::store::FactsStore;
use crate::index::{Wanted, build};
use crate::rules::{RuleSet, load_builtin};
use crate::source::fixture;

const FLAGS: &str = "//- src/flags.js\nexport const FLAGS = { newTax: false, other: false };\nexport const isEnabled = (n) => FLAGS[n];\n";
const TAX: &str = "//- src/tax.js\nimport { isEnabled } from './flags.js';\nexport function tax() {\n  if (isEnabled('newTax')) {\n    return 'regional tax applied';\n  }\n  return 'flat tax applied';\n}\n";
const ENV: &str = "//- src/tax.js\nexport function tax() {\n  if (process.env.FEATURE_TAX === 'true') {\n    return 'regional tax applied';\n  }\n  return 'flat tax applied';\n}\n";
const TEST: &str = "test('the tax', () => { expect(tax()).toBe('regional tax applied'); });\n";
const IMPORT: &str = "//- test/tax.test.js\nimport { tax } from '../src/tax.js';\n";
const PACKAGE: &str = "//- package.json\n{\"scripts\": {\"test\": \"vitest\"}}\n";

/// The verdicts on the test called "the tax".
fn verdicts(files: &str) -> Vec<TestVerdict> {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let (sources, view) = fixture(files);
    let rules = RULES.get_or_init(load_builtin);
    let index = build::build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    let flags = FlagTable::build(&index, &Ledger::default(), "test", &[], &BTreeMap::new());
    let ground = Ground {
        sources: &sources,
        view: &view,
        index: &index,
        flags: &flags,
        ambient: None,
        proofs: &Proofs::default(),
    };
    let found = judge_tests(&ground, None);
    let own = found
        .iter()
        .filter(|need| need.needs.is_some() && index.tests[need.test].name == "the tax");
    own.map(|need| need.verdict).collect()
}

fn check(files: &str, expected: TestVerdict) {
    assert_eq!(verdicts(files), [expected], "{files}");
}

/// The test in its file, with this before it.
fn before(code: &str) -> String {
    let used = "import { FLAGS } from '../src/flags.js';\n";
    format!("{PACKAGE}{FLAGS}{TAX}{IMPORT}{used}{code}{TEST}")
}

#[test]
fn writes_that_are_not_followed_leave_it_unknown() {
    for code in [
        "beforeEach(() => { Object.keys(FLAGS).forEach((k) => { FLAGS[k] = true; }); });\n",
        "import on from './on.json';\nObject.assign(FLAGS, on);\n",
        "Object.defineProperty(FLAGS, 'newTax', { value: true });\n",
        "import { Ctx } from './prep.js';\nconst ctx = new Ctx(['newTax']);\nbeforeEach(() => ctx.up());\n//- test/prep.js\nimport { FLAGS } from '../src/flags.js';\nfunction flick(k, v) { FLAGS[k] = v; }\nexport class Ctx { constructor(keys) { this.keys = keys; } up() { this.keys.forEach((k) => flick(k, true)); } }\n//- test/tax.test.js\n",
    ] {
        // The file that stands between is put in front.
        let files = match code.split_once("//- test/prep.js") {
            None => before(code),
            Some((code, prep)) => {
                let prep = prep.trim_end_matches("//- test/tax.test.js\n");
                format!("//- test/prep.js{prep}{}", before(code))
            }
        };
        check(&files, TestVerdict::Unknown);
    }
}

#[test]
fn writes_that_do_not_concern_the_test_leave_it_off() {
    for code in [
        "",
        "afterEach(() => { Object.assign(FLAGS, saved); });\n",
        "test('other', () => { Object.keys(FLAGS).forEach((k) => { FLAGS[k] = true; }); });\n",
        "describe('all', () => { beforeEach(() => { Object.keys(FLAGS).forEach((k) => { FLAGS[k] = true; }); }); test('x', () => {}); });\n",
        "function all() { for (const k of Object.keys(FLAGS)) FLAGS[k] = true; }\ntest('other', () => { all(); });\n",
        "Object.assign(FLAGS, { other: true });\n",
        "expect(Object.keys(FLAGS)).toEqual([]);\n",
    ] {
        check(&before(code), TestVerdict::Blocked);
    }
}

#[test]
fn what_an_earlier_test_leaves_behind_counts() {
    let leak = "test('a', () => { FLAGS.newTax = true; });\n";
    check(&before(leak), TestVerdict::Unknown);
    let back = "test('a', () => { FLAGS.newTax = true; tax(); FLAGS.newTax = false; });\n";
    check(&before(back), TestVerdict::Blocked);
    let env = |code: &str| format!("{PACKAGE}{ENV}{IMPORT}{code}{TEST}");
    check(
        &env("test('a', () => { process.env.FEATURE_TAX = 'true'; });\n"),
        TestVerdict::Unknown,
    );
    check(
        &env("afterEach(() => { process.env = saved; });\ntest('a', () => { process.env.FEATURE_TAX = 'true'; });\n"),
        TestVerdict::Blocked,
    );
}

#[test]
fn a_look_up_with_another_way_out_is_not_its_map() {
    let with = |look_up: &str| {
        let flags = format!("//- src/flags.js\nexport const FLAGS = {{ newTax: false }};\n{look_up}\n");
        format!("{PACKAGE}{flags}{TAX}{IMPORT}{TEST}")
    };
    let overridden = [
        "export const isEnabled = (n) => process.env[`FLAG_${n}`] === '1' || FLAGS[n];",
        "export const isEnabled = (n) => (process.env.ENABLED ?? '').split(',').includes(n) || FLAGS[n];",
        "const fromEnvironment = (n) => process.env[`FLAG_${n}`];\nexport const isEnabled = (n) => fromEnvironment(n) ?? FLAGS[n];",
    ];
    for look_up in overridden {
        // An override that nothing of the tests uses leaves the default what it is.
        check(&with(look_up), TestVerdict::Blocked);
        let used = "beforeEach(() => { process.env.FLAG_newTax = '1'; process.env.ENABLED = 'newTax'; });\n";
        check(
            &with(look_up).replace(TEST, &format!("{used}{TEST}")),
            TestVerdict::Unknown,
        );
    }
    for look_up in [
        "export const isEnabled = (n) => FLAGS[n] || n.startsWith('new');",
        "export const isEnabled = (n, req) => req?.headers[n] === 'on' || FLAGS[n];",
        "const D = FLAGS;\nexport const isEnabled = (n) => FLAGS[n];\nif (process.env.NODE_ENV === 'test') FLAGS.newTax = true;",
    ] {
        check(&with(look_up), TestVerdict::Unknown);
    }
    for look_up in [
        "export function isEnabled(n) { return FLAGS[n] ?? false; }",
        "const over = {};\nexport const isEnabled = (n) => over[n] ?? FLAGS[n];",
        "const over = new Map();\nexport const isEnabled = (n) => over.has(n) ? over.get(n) : FLAGS[n];",
        "export const isEnabled = (n) => { if (!(n in FLAGS)) throw new Error(n); return FLAGS[n]; };",
    ] {
        check(&with(look_up), TestVerdict::Blocked);
    }
}

#[test]
fn what_starts_the_tests_may_set_it() {
    let of_env = format!("{ENV}{IMPORT}{TEST}");
    let of_map = format!("{FLAGS}{TAX}{IMPORT}{TEST}");
    for harness in [
        "//- .github/workflows/ci.yml\njobs:\n  t:\n    env:\n      FEATURE_TAX: 'true'\n    steps:\n      - run: npm test\n",
        "//- Makefile\ntest:\n\tFEATURE_TAX=true npm test\n",
        "//- scripts/test.sh\nexport FEATURE_TAX=true\nvitest run\n",
        "//- jest.config.js\nrequire('dotenv').config({ path: './config/unit.env' });\n//- config/unit.env\nFEATURE_TAX=true\n",
    ] {
        check(&format!("{PACKAGE}{harness}{of_env}"), TestVerdict::Unknown);
    }
    check(&format!("{PACKAGE}{of_env}"), TestVerdict::Blocked);
    let called =
        "//- package.json\n{\"scripts\": {\"test\": \"npm run unit\", \"unit\": \"FEATURE_TAX=true vitest\"}}\n";
    check(&format!("{called}{of_env}"), TestVerdict::Fragile);
    let prep = "//- tools/prep.js\nimport { FLAGS } from '../src/flags.js';\nFLAGS.newTax = true;\n";
    for harness in [
        "//- package.json\n{\"scripts\": {\"test\": \"node --import ./tools/prep.js --test\"}}\n",
        "//- package.json\n{\"scripts\": {\"test\": \"jest\"}}\n//- jest.config.js\nconst setup = ['./tools/prep.js'];\nmodule.exports = { setupFiles: setup };\n",
        "//- package.json\n{\"scripts\": {\"test\": \"vitest\"}}\n//- vitest.config.ts\nimport base from './vite.base';\nexport default mergeConfig(base, {});\n//- vite.base.ts\nexport default { test: { setupFiles: ['./tools/prep.js'] } };\n",
    ] {
        check(&format!("{harness}{prep}{of_map}"), TestVerdict::Ok);
    }
    let apart = "//- vitest.config.ts\nexport default { test: { globalSetup: './tools/prep.js' } };\n";
    assert_ne!(verdicts(&format!("{PACKAGE}{apart}{prep}{of_map}")), [TestVerdict::Ok]);
    let mapped = "//- package.json\n{\"scripts\": {\"test\": \"jest\"}, \"jest\": {\"moduleNameMapper\": {\"./flags.js\": \"<rootDir>/test/fake-flags.js\"}}}\n//- test/fake-flags.js\nexport const isEnabled = () => true;\n";
    check(&format!("{mapped}{of_map}"), TestVerdict::Unknown);
}

#[test]
fn a_method_that_the_test_puts_in_place_of_another() {
    let tax = "//- src/tax.js\nimport { isEnabled } from './flags.js';\nexport class Tax {\n  isRegional() { return isEnabled('newTax'); }\n  run() {\n    if (this.isRegional()) {\n      return 'regional tax applied';\n    }\n    return 'flat tax applied';\n  }\n}\n";
    let with = |code: &str, of: &str| {
        let test = format!("test('the tax', () => {{ expect(new {of}().run()).toBe('regional tax applied'); }});\n");
        format!("{PACKAGE}{FLAGS}{tax}//- test/tax.test.js\nimport {{ Tax }} from '../src/tax.js';\n{code}{test}")
    };
    let blocks = |files: &str| verdicts(files).contains(&TestVerdict::Blocked);
    assert!(!blocks(&with(
        "class T extends Tax { isRegional() { return true; } }\n",
        "T"
    )));
    assert!(!blocks(&with(
        "beforeEach(() => { mock.method(Tax.prototype, 'isRegional', () => true); });\n",
        "Tax"
    )));
}

#[test]
fn a_text_is_what_the_code_makes_of_it() {
    let with = |asks: &str, code: &str| {
        let tax = ENV.replace(" === 'true'", asks);
        format!(
            "{PACKAGE}{tax}{IMPORT}test('the tax', () => {{ {code} expect(tax()).toBe('regional tax applied'); }});\n"
        )
    };
    check(
        &with(" === 'true'", "process.env.FEATURE_TAX = 'true';"),
        TestVerdict::Ok,
    );
    check(
        &with(" === 'true'", "process.env.FEATURE_TAX = '1';"),
        TestVerdict::Contradiction,
    );
    check(
        &with(" === 'true'", "vi.stubEnv('FEATURE_TAX', '1');"),
        TestVerdict::Contradiction,
    );
    check(&with(" === '1'", "process.env.FEATURE_TAX = '1';"), TestVerdict::Ok);
    check(&with("", "process.env.FEATURE_TAX = 'false';"), TestVerdict::Ok);
}

#[test]
fn what_is_read_when_the_code_is_loaded_is_set_too_late() {
    let tax = "//- src/tax.js\nconst ON = process.env.FEATURE_TAX === 'true';\nexport function tax() {\n  if (ON) {\n    return 'regional tax applied';\n  }\n  return 'flat tax applied';\n}\n";
    let hook = "beforeAll(() => { process.env.FEATURE_TAX = 'true'; });\n";
    check(&format!("{PACKAGE}{tax}{IMPORT}{hook}{TEST}"), TestVerdict::Unknown);
    let anew = "//- test/tax.test.js\ntest('the tax', async () => { process.env.FEATURE_TAX = 'true'; const { tax } = await import('../src/tax.js'); expect(tax()).toBe('regional tax applied'); });\n";
    check(&format!("{PACKAGE}{tax}{anew}"), TestVerdict::Ok);
}
