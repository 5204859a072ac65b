//! What tests set, on real source text: the expected lines stand in the text, as comments `//= …` before the place.

use std::sync::OnceLock;

use crate::flag::FlagKey;
use crate::index::store::FactsStore;
use crate::index::{CodeIndex, ForceScope, ForcedKey, ForcedValue, Wanted, build};
use crate::rules::{RuleSet, load_builtin};
use crate::source::{Sources, fixture};

mod golang;
mod lists;
mod others;
mod parts;
mod restores;
mod told;

/// A small flag library, and the rules that a project would write for it.
const LIBRARY: &str = "
//- src/flags.ts
export const FLAGS = { a: false, b: false };
const overrides = new Map();
export function isEnabled(key) { return overrides.get(key) ?? FLAGS[key]; }
export const isOff = (key) => !isEnabled(key);
export const useFlag = (key) => isEnabled(key);
export const canShip = () => isEnabled('ship');
export function setFlag(key, value) { overrides.set(key, value); }
export function resetFlags() { overrides.clear(); }
export function withFlags(values, fn) { return fn(); }
//- src/quotes.ts
import { isEnabled } from './flags';
export function total() { return isEnabled('a') ? 1 : 2; }
";

const RULES: &str = r#"
schema = 1
id = "project/flags"
languages = ["ts", "tsx", "js"]
needles = ["lag"]

[[define]]
id = "defaults"
const = { name = ["FLAGS"], object = true }
key = { value = true, entries = "key" }
declared = { value = true, entries = "value" }
example = ["const FLAGS = { a: false }"]

[[read]]
id = "is-enabled"
call = { name = ["isEnabled"], receiver = '^$|(?i)(flags|resolver)$' }
key = { arg = 0 }
example = ["isEnabled('a')"]
not = ["button.isEnabled('a')"]

[[read]]
id = "use-flags"
member = { object = '^useFlags\(\)$' }
key = { name = true }
example = ["useFlags().a"]

[[force]]
id = "set"
call = { name = ["setFlag"] }
key = { arg = 0 }
value = { arg = 1 }
reset = ["resetFlags"]
example = ["setFlag('a', true)"]

[[force]]
id = "reset"
call = { name = ["resetFlags"] }
key = "*"
covers = "reset"
example = ["resetFlags()"]

[[force]]
id = "with"
scope = { name = ["withFlags"] }
key = { arg = 0, entries = "key" }
value = { arg = 0, entries = "value" }
example = ["withFlags({ a: true }, () => {})"]

[[force]]
id = "config"
object = { path = "experimental.flags" }
key = { entries = "key" }
value = { entries = "value" }
example = ["x({ experimental: { flags: { a: true } } })"]

[[force]]
id = "provider"
jsx = { name = ["FlagProvider"], attr = "flags" }
key = { attr = "flags", entries = "key" }
value = { attr = "flags", entries = "value" }
example = ["<FlagProvider flags={{ a: true }} />"]
"#;

/// The rules, loaded once: that takes longer than all the tests.
fn rules() -> &'static RuleSet {
    static LOADED: OnceLock<RuleSet> = OnceLock::new();
    LOADED.get_or_init(|| {
        let mut rules = load_builtin();
        rules.add_project(RULES, "flags.toml").expect("correct rules");
        rules
    })
}

fn index(project: &str) -> (Sources, CodeIndex) {
    let (sources, view) = fixture(&format!("{LIBRARY}{project}"));
    let index = build::build(&sources, &view, rules(), &Wanted::default(), &FactsStore::default());
    (sources, index)
}

/// A force in one line: `a=on in test 'title'`.
fn line(sources: &Sources, index: &CodeIndex, at: usize) -> String {
    let force = &index.forces[at];
    let key = match &force.key {
        ForcedKey::Key(key) => key.to_string(),
        ForcedKey::Every(_) => "*".into(),
        ForcedKey::Others { but, .. } => {
            let but: Vec<&str> = but.iter().map(FlagKey::as_str).collect();
            format!("all but {}", but.join(" "))
        }
    };
    let value = match force.value {
        ForcedValue::Is(value) => value.word(),
        ForcedValue::Both => "both",
        ForcedValue::Partial => "partial",
        ForcedValue::Reset => "reset",
    };
    let scope = match &force.scope {
        ForceScope::Test(test) => format!("test {}", index.tests[*test].name),
        ForceScope::Region(span) => {
            let words: String = sources.text(*span).split_whitespace().collect::<Vec<_>>().join(" ");
            match words.chars().count() {
                0..=36 => format!("region {words}"),
                _ => format!("region {}…", words.chars().take(36).collect::<String>()),
            }
        }
        ForceScope::File(path) => format!("file {}", path.file_name()),
        ForceScope::Project => "project".into(),
    };
    format!("{key}={value} in {scope}")
}

/// Every force of a project, in order.
#[track_caller]
fn check_project(project: &str, expected: &[&str]) {
    let (sources, index) = index(project);
    let found: Vec<String> = (0..index.forces.len()).map(|at| line(&sources, &index, at)).collect();
    assert_eq!(found, expected, "{project}");
}

/// Every force of one test file, which imports the library.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    check_project(&format!("//- src/a.test.tsx\n{text}\n"), expected);
}

#[test]
fn where_it_stands_decides_how_far_it_reaches() {
    check(
        "it('t', () => { setFlag('a', true); expect(total()).toBe(1) })",
        &["a=on in test t"],
    );
    check(
        "beforeEach(() => { setFlag('a', true) }); it('t', () => {})",
        &["a=on in file a.test.tsx"],
    );
    check("setFlag('a', false); it('t', () => {})", &["a=off in file a.test.tsx"]);
    check(
        "describe('s', () => { beforeAll(async () => { await setFlag('a', true) }); it('t', () => {}) })",
        &["a=on in region describe('s', () => { beforeAll(asyn…"],
    );
    check(
        "describe('s', () => { setFlag('a', true); it('t', () => {}) })",
        &["a=on in region describe('s', () => { setFlag('a', t…"],
    );
}

#[test]
fn what_is_set_after_a_test_sets_nothing() {
    check(
        "afterEach(() => { setFlag('a', false); resetFlags() }); afterAll(resetFlags); it('t', () => {})",
        &[],
    );
    check(
        "beforeEach(() => { resetFlags(); setFlag('a', true) }); it('t', () => {})",
        &["a=on in file a.test.tsx"],
    );
}

#[test]
fn within_a_test_the_order_counts() {
    check(
        "it('t', () => { setFlag('a', true); expect(total()).toBe(1); setFlag('a', false); expect(total()).toBe(2) })",
        &[
            "a=on in region { setFlag('a', true); expect(total()…",
            "a=off in region setFlag('a', false); expect(total())…",
        ],
    );
    check(
        "it('t', () => { setFlag('a', true); expect(total()).toBe(1); resetFlags() })",
        &["a=on in region { setFlag('a', true); expect(total()…"],
    );
    check(
        "it('t', () => { expect(total()).toBe(2); setFlag('a', true); expect(total()).toBe(1) })",
        &["a=on in region setFlag('a', true); expect(total()).…"],
    );
    check(
        "it('t', () => { expect(1).toBe(1) }); it('u', () => { setFlag('a', true); expect(total()).toBe(1) })",
        &["a=on in test u"],
    );
}

#[test]
fn a_block_is_limited_only_if_it_asserts() {
    check(
        "it('t', () => { withFlags({ a: true }, () => { expect(total()).toBe(1) }); expect(total()).toBe(2) })",
        &["a=on in region () => { expect(total()).toBe(1) }"],
    );
    check(
        "it('t', () => { const view = withFlags({ a: true }, () => total()); expect(view).toBe(1) })",
        &["a=on in test t"],
    );
    check(
        "it('t', () => {
           const on = withFlags({ a: true }, () => total());
           expect(on).toBe(1);
           const off = withFlags({ a: false }, () => total());
           expect(off).toBe(2);
         })",
        &[
            "a=on in region { const on = withFlags({ a: true }, …",
            "a=off in region withFlags({ a: false }, () => total(…",
        ],
    );
}

#[test]
fn a_table_over_both_forces_both() {
    check(
        "describe.each([true, false])('s', (on) => { beforeEach(() => { setFlag('a', on) }); it('t', () => {}) })",
        &["a=both in region describe.each([true, false])('s', (o…"],
    );
    check(
        "it.each([[true, 1], [false, 2]])('t', (on, total) => { withFlags({ a: on }, () => run()); expect(1).toBe(total) })",
        &["a=both in test t"],
    );
    check(
        "it.each([{ on: true }, { on: false }])('t', ({ on }) => { setFlag('a', on) })",
        &["a=both in test t"],
    );
    check(
        "it.each`on | n\n${true} | ${1}\n${false} | ${2}`('t', ({ on, n }) => { setFlag('a', on) })",
        &["a=both in test t"],
    );
    check(
        "for (const on of [true, false]) { it('t', () => { setFlag('a', on) }) }",
        &["a=both in test t"],
    );
    check(
        "[true, false].forEach((on) => { it('t', () => { setFlag('a', !on) }) })",
        &["a=both in test t"],
    );
    check(
        "it('t', () => { for (const on of [true, false]) { setFlag('a', on) } })",
        &["a=both in test t"],
    );
    check(
        "it.each([true])('t', (on) => { setFlag('a', on) })",
        &["a=on in test t"],
    );
    check(
        "const ROWS = [{ on: false }]; it.each(ROWS)('t', (row) => { setFlag('a', row.on) })",
        &["a=off in test t"],
    );
    check(
        "function suite(on) { it('t', () => { setFlag('a', on) }) } suite(true); suite(false);",
        &["a=both in test t"],
    );
}

#[test]
fn what_is_not_certain_is_not_guessed() {
    check("it('t', () => { setFlag('a', value()) })", &["a=unknown in test t"]);
    check(
        "it('t', () => { if (ci) { setFlag('a', true) } })",
        &["a=partial in test t"],
    );
    check("it('t', () => { setFlag(key(), true) })", &[]);
}

#[test]
fn a_function_that_sets_counts_where_it_is_called() {
    check(
        "function setup(on) { setFlag('a', on) } it('t', () => { setup(true) }); it('u', () => { setup(false) })",
        &["a=on in test t", "a=off in test u"],
    );
    check(
        "const setup = (on = true) => { setFlag('a', on) }; beforeEach(() => setup()); it('t', () => {})",
        &["a=on in file a.test.tsx"],
    );
    check(
        "const setup = () => setFlag('a', true); beforeEach(setup); it('t', () => {})",
        &["a=on in file a.test.tsx"],
    );
    check("const setup = () => setFlag('a', true); it('t', () => {})", &[]);
    check(
        "const inner = (on) => setFlag('a', on); const setup = (on) => inner(!on); it('t', () => { setup(true) })",
        &["a=off in test t"],
    );
    check(
        "const enable = (key) => setFlag(key, true); it('t', () => { enable('b') })",
        &["b=on in test t"],
    );
    check(
        "const setup = ({ on, key = 'a' }) => setFlag('a', on); it('t', () => { setup({ on: false }) })",
        &["a=off in test t"],
    );
    check(
        "const Wrapper = ({ on, children }) => <FlagProvider flags={{ a: on }}>{children}</FlagProvider>;
         it('t', () => { render(<Wrapper on={true}><App /></Wrapper>) })",
        &["a=on in test t"],
    );
    check(
        "const wrapper = ({ children }) => <FlagProvider flags={{ a: true }}>{children}</FlagProvider>;
         it('t', () => { render(<App />, { wrapper }) })",
        &["a=on in test t"],
    );
}

#[test]
fn a_helper_of_another_file_counts_too() {
    check_project(
        "
//- test/helpers.ts
import { setFlag } from '../src/flags';
export function enable(key) { setFlag(key, true) }
export default function setup(on) { setFlag('a', on) }
//- src/a.test.ts
import start, { enable } from '../test/helpers';
it('t', () => { enable('b') });
it('u', () => { start(false) });
",
        &["b=on in test t", "a=off in test u"],
    );
}

#[test]
fn a_configuration_counts_where_it_is_used() {
    check(
        "const on = createConfig({ experimental: { flags: { a: true } } });
         const off = createConfig({ experimental: { flags: { a: false } } });
         it('t', () => { new App(on) });
         it('u', () => { new App(off) });
         it('v', () => {});",
        &["a=on in test t", "a=off in test u"],
    );
    check(
        "let app; beforeAll(async () => { app = await setup({ experimental: { flags: { a: true } } }) }); it('t', () => {})",
        &["a=on in file a.test.tsx"],
    );
    check(
        "export const config = { experimental: { flags: { a: true } } }; it('t', () => {})",
        &["a=on in file a.test.tsx"],
    );
    check(
        "it('t', () => { run({ experimental: { flags: { a: true, b: false } } }) })",
        &["a=on in test t", "b=off in test t"],
    );
    check("it('t', () => { run({ experimental: { other: { a: true } } }) })", &[]);
}

#[test]
fn a_mocked_module_that_serves_flags() {
    check(
        "vi.mock('./flags', () => ({ isEnabled: () => true })); it('t', () => {})",
        &["*=on in file a.test.tsx"],
    );
    check(
        "vi.mock('./flags', async (importOriginal) => ({
           ...(await importOriginal()),
           isEnabled: (key) => key === 'a',
         })); it('t', () => {})",
        &["*=off in file a.test.tsx", "a=on in file a.test.tsx"],
    );
    check(
        "vi.mock('./flags', () => ({ isOff: () => true })); it('t', () => {})",
        &["*=off in file a.test.tsx"],
    );
    check(
        "jest.mock('./flags', () => ({ canShip: () => true })); it('t', () => {})",
        &["ship=on in file a.test.tsx"],
    );
    check(
        "vi.mock('./flags', () => ({ isEnabled: vi.fn().mockReturnValue(false) })); it('t', () => {})",
        &["*=off in file a.test.tsx"],
    );
    check(
        "vi.mock('./flags', () => ({ isEnabled: vi.fn(() => true) })); it('t', () => {})",
        &["*=on in file a.test.tsx"],
    );
    check(
        "it('t', () => { vi.doMock('./flags', () => ({ isEnabled: () => true })) })",
        &["*=on in test t"],
    );
    check(
        "it('t', () => { vi.mock('./flags', () => ({ isEnabled: () => true })) })",
        &["*=on in file a.test.tsx"],
    );
}

#[test]
fn a_mocked_module_that_only_contains_flags_is_no_force() {
    check(
        "vi.mock('./flags', () => ({ resetFlags: () => {} })); it('t', () => {})",
        &[],
    );
    check(
        "vi.mock('./quotes', () => ({ total: () => 1 })); it('t', () => {})",
        &[],
    );
    check(
        "vi.mock('./api', () => ({ fetchUser: () => true })); it('t', () => {})",
        &[],
    );
}

#[test]
fn a_mocked_function_answers_flag_by_flag() {
    let mock = |body: &str| format!("vi.mock('./flags', () => ({{ isEnabled: {body} }})); it('t', () => {{}})");
    let check = |body: &str, expected: &[&str]| {
        let expected: Vec<String> = expected
            .iter()
            .map(|line| format!("{line} in file a.test.tsx"))
            .collect();
        check(&mock(body), &expected.iter().map(String::as_str).collect::<Vec<_>>());
    };
    check("(k) => k !== 'a'", &["*=on", "a=off"]);
    check("(k) => k === 'a' || k === 'b'", &["*=off", "a=on", "b=on"]);
    check("(k) => ['a', 'b'].includes(k)", &["*=off", "a=on", "b=on"]);
    check("(k) => new Set(['a']).has(k)", &["*=off", "a=on"]);
    check("(k) => ({ a: true, b: false })[k] ?? true", &["*=on", "a=on", "b=off"]);
    check("(k) => ({ a: true })[k]", &["*=off", "a=on"]);
    check(
        "(k) => { switch (k) { case 'a': return true; default: return false } }",
        &["*=off", "a=on"],
    );
    check(
        "(k) => { if (k === 'a') { return true } return false }",
        &["*=off", "a=on"],
    );
    check("(k) => k === 'a' ? true : actual.isEnabled(k)", &["a=on"]);
    check("(k) => { const on = k === 'a'; return on }", &["*=off", "a=on"]);
    check("(k) => other(k)", &["*=unknown"]);
    check("(flag) => flag.id === 'a'", &["*=off", "a=on"]);
}

#[test]
fn a_mocked_function_by_itself() {
    check(
        "import { isEnabled } from './flags'; jest.mock('./flags');
         it('t', () => { jest.mocked(isEnabled).mockReturnValue(true) })",
        &[
            "*=unknown in file a.test.tsx",
            "ship=unknown in file a.test.tsx",
            "*=on in test t",
        ],
    );
    check(
        "import { useFlag } from './flags'; it('t', () => { (useFlag as Mock).mockReturnValue({ value: true }) })",
        &["*=on in test t"],
    );
    check(
        "import { useFlag } from './flags'; beforeEach(() => { vi.mocked(useFlag).mockImplementation((k) => k === 'a') }); it('t', () => {})",
        &["*=off in file a.test.tsx", "a=on in file a.test.tsx"],
    );
    check(
        "import { useFlag } from './flags'; it('t', () => { vi.mocked(useFlag).mockReturnValueOnce(true) })",
        &["*=partial in test t"],
    );
    check(
        "import { fetchUser } from './api'; it('t', () => { vi.mocked(fetchUser).mockReturnValue(true) })",
        &[],
    );
    check(
        "import * as flags from './flags'; it('t', () => { vi.spyOn(flags, 'isEnabled').mockReturnValue(true) })",
        &["*=on in test t"],
    );
    check(
        "it('t', () => { vi.spyOn(button, 'isEnabled').mockReturnValue(true) })",
        &[],
    );
    check(
        "it('t', () => { sinon.stub(flags, 'isEnabled').withArgs('a').returns(true) })",
        &["a=on in test t"],
    );
}

#[test]
fn a_mock_by_the_name_of_a_variable() {
    check(
        "const mockEnabled = vi.fn(); vi.mock('./flags', () => ({ isEnabled: (...args) => mockEnabled(...args) }));
         it('t', () => { mockEnabled.mockReturnValue(true) })",
        &["*=unknown in file a.test.tsx", "*=on in test t"],
    );
    check(
        "const mocks = vi.hoisted(() => ({ isEnabled: vi.fn() })); vi.mock('./flags', () => ({ isEnabled: mocks.isEnabled }));
         it('t', () => { mocks.isEnabled.mockReturnValue(false) })",
        &["*=unknown in file a.test.tsx", "*=off in test t"],
    );
    check(
        "let enabled = false; vi.mock('./flags', () => ({ isEnabled: () => enabled }));
         it('t', () => { enabled = true; expect(total()).toBe(1) }); it('u', () => {})",
        &["*=off in file a.test.tsx", "*=on in test t"],
    );
    check(
        "const mockFlags = { a: false }; vi.mock('./flags', () => ({ isEnabled: (k) => mockFlags[k] }));
         it('t', () => { mockFlags.a = true; expect(total()).toBe(1) }); it('u', () => { mockFlags['b'] = true })",
        &[
            "*=off in file a.test.tsx",
            "a=off in file a.test.tsx",
            "a=on in test t",
            "b=on in test u",
        ],
    );
}

#[test]
fn a_fake_object_that_reads_flags() {
    check(
        "it('t', () => { run({ flagResolver: { isEnabled: () => true } }) })",
        &["*=on in test t"],
    );
    check(
        "it('t', () => { run({ flagResolver: { isEnabled(key) { return key === 'a' } } }) })",
        &["*=off in test t", "a=on in test t"],
    );
    check(
        "it('t', () => { run({ emailService: { isEnabled: () => true } }) })",
        &[],
    );
    check(
        "const alwaysOn = { isEnabled: () => true }; it('t', () => { run({ flagResolver: alwaysOn }) }); it('u', () => {})",
        &["*=on in test t"],
    );
    check(
        "it('t', () => { run({ isEnabled: () => false } as FlagResolver) })",
        &["*=off in test t"],
    );
}

#[test]
fn a_configuration_may_take_its_flags_from_elsewhere() {
    check(
        "const on = { a: true }; it('t', () => { start({ flags: on }) })",
        &["a=on in test t"],
    );
    check(
        "const on = { a: true }; it('t', () => { start({ flags: { ...on, b: false } }) })",
        &["a=on in test t", "b=off in test t"],
    );
    check(
        "const startWith = (flags) => start({ flags }); it('t', () => { startWith({ a: true }) })",
        &["a=on in test t"],
    );
    check_project(
        "//- test/fixtures.ts
export const allOn = { a: true };
export const featureFlags = { b: true };
//- src/a.test.ts
import { allOn } from '../test/fixtures';
import { FLAGS } from './flags';
it('t', () => { start({ flags: allOn }) });
it('defaults', () => { start({ flags: FLAGS }) });
it('words', () => { const flags = 'gi'; start({ flags: flags }) });
",
        &["a=on in test t"],
    );
}

#[test]
fn a_table_of_booleans_gives_a_configuration_its_flags() {
    check(
        "it.each([true, false])('t', (on) => { start({ flags: { a: on } }) })",
        &["a=both in test t"],
    );
    check(
        "it.each([{ on: true }, { on: false }])('t', ({ on }) => { start({ flags: { a: on } }) })",
        &["a=both in test t"],
    );
    check(
        "for (const on of [true, false]) { it('t', () => { start({ flags: { a: on } }) }) }",
        &["a=both in test t"],
    );
    check(
        "it.each(['x', 'y'])('t', (mode) => { start({ flags: { mode } }) })",
        &[],
    );
}

#[test]
fn a_fake_object_is_known_by_the_parameter_that_it_becomes() {
    let delta = |parameter: &str| {
        format!(
            "class Delta {{ constructor(model, {parameter}) {{}} }}
             it('t', () => {{ new Delta(m, {{ isEnabled: (key) => key === 'a' }} as any) }})"
        )
    };
    check(&delta("flagResolver"), &["*=off in test t", "a=on in test t"]);
    check(&delta("resolver: FlagResolver"), &["*=off in test t", "a=on in test t"]);
    check(&delta("mailer"), &[]);
    check(
        "const on = { isEnabled: () => true }; const start = (flags) => flags; it('t', () => { start(on) })",
        &["*=on in test t"],
    );
}

#[test]
fn a_bag_of_flags_is_mocked_by_its_entries() {
    check(
        "import { useFlags } from 'sdk'; vi.mock('sdk', () => ({ useFlags: () => ({ a: true }) })); it('t', () => {})",
        &["a=on in file a.test.tsx"],
    );
    check(
        "import { useFlags } from 'sdk'; it('t', () => { vi.mocked(useFlags).mockReturnValue({ a: true, b: false }) })",
        &["a=on in test t", "b=off in test t"],
    );
}

#[test]
fn the_object_that_defines_flags_is_changed() {
    check(
        "import { FLAGS } from './flags'; it('t', () => { FLAGS.a = true }); it('u', () => { Object.assign(FLAGS, { b: true }) })",
        &["a=on in test t", "b=on in test u"],
    );
    check("const OTHER = { a: false }; it('t', () => { OTHER.a = true })", &[]);
}

#[test]
fn the_environment() {
    check(
        "it('t', () => { process.env.FEATURE_X = 'true' })",
        &["FEATURE_X=on in test t"],
    );
    check(
        "beforeEach(() => { vi.stubEnv('FEATURE_X', 'false') }); it('t', () => {})",
        &["FEATURE_X=off in file a.test.tsx"],
    );
    check(
        "beforeEach(() => { delete process.env.FEATURE_X }); it('t', () => {})",
        &["FEATURE_X=reset in file a.test.tsx"],
    );
    check(
        "it('t', () => { vi.stubEnv('FEATURE_X', '1'); expect(1).toBe(1); vi.unstubAllEnvs(); expect(2).toBe(2) })",
        &["FEATURE_X=on in region { vi.stubEnv('FEATURE_X', '1'); expe…"],
    );
    check("it('t', () => { process.env.HOME = '/tmp' })", &[]);
}

#[test]
fn set_up_files_reach_the_whole_project() {
    check_project(
        "
//- vitest.config.ts
export default { test: { setupFiles: ['./test/flags-on.ts'] } };
//- test/flags-on.ts
import { setFlag } from '../src/flags';
setFlag('a', true);
beforeEach(() => { setFlag('b', true) });
//- src/a.test.ts
it('t', () => {});
",
        &["a=on in project", "b=on in project"],
    );
}

#[test]
fn a_file_that_sets_when_it_is_imported() {
    check_project(
        "
//- test/all-on.ts
import { setFlag } from '../src/flags';
setFlag('a', true);
//- src/a.test.ts
import '../test/all-on';
it('t', () => {});
//- src/b.test.ts
it('t', () => {});
",
        &["a=on in file a.test.ts"],
    );
}

#[test]
fn keys_may_be_constants() {
    check(
        "const KEY = 'a'; it('t', () => { setFlag(KEY, true) })",
        &["a=on in test t"],
    );
    check(
        "it.each(['a', 'b'])('t %s', (key) => { setFlag(key, true) })",
        &["a=partial in test t %s", "b=partial in test t %s"],
    );
}

#[test]
fn a_flag_is_known_to_the_index() {
    let (_, index) = index("//- src/a.test.ts\nit('t', () => { setFlag('a', true) })\n");
    assert!(
        index
            .definitions
            .iter()
            .any(|definition| definition.key == FlagKey::new("a"))
    );
    assert_eq!(index.test_files.len(), 1);
}

const RUST_LIBRARY: &str = "
//- src/lib.rs
use crate::flags::TAX;
pub fn total() -> u8 { if flags.is_enabled(TAX) { 1 } else { 2 } }
//- src/flags.rs
pub static TAX: FeatureFlag = FeatureFlag::new(\"tax\", false);
pub static FEES: FeatureFlag = FeatureFlag::new(\"fees\", true);
";

/// Every force of a Rust test file beside two flags.
#[track_caller]
fn check_rust(text: &str, expected: &[&str]) {
    check_project(&format!("{RUST_LIBRARY}//- src/tests.rs\n{text}\n"), expected);
}

#[test]
fn an_attribute_of_a_rust_test_sets_the_flag_that_it_names() {
    check_rust(
        "#[test]\n#[exp(crate::flags::TAX)]\nfn t() { total(); }",
        &["tax=on in test t"],
    );
    check_rust(
        "use crate::flags::TAX;\n#[exp(TAX)]\n#[test]\nfn t() {}",
        &["tax=on in test t"],
    );
    check_rust(
        "use crate::flags::*;\n#[test]\n#[exp(TAX)]\nfn t() {}",
        &["tax=on in test t"],
    );
    check_rust(
        "#[tokio::test]\n#[flags(crate::flags::TAX, crate::flags::FEES = false)]\nasync fn t() {}",
        &["fees=off in test t", "tax=on in test t"],
    );
    check_rust(
        "#[test]\n#[exp(crate::flags::TAX = true)]\nfn t() {}",
        &["tax=on in test t"],
    );
    check_rust(
        "#[test]\n#[without(crate::flags::TAX)]\nfn t() {}",
        &["tax=off in test t"],
    );
    check_rust(
        "#[test]\n#[skip_if(crate::flags::TAX)]\nfn t() {}",
        &["tax=partial in test t"],
    );
    check_rust(
        "#[test]\n#[exp(crate::flags::TAX = mode())]\nfn t() {}",
        &["tax=partial in test t"],
    );
    check_rust("#[exp(crate::flags::TAX)]\nfn helper() {}\n#[test]\nfn t() {}", &[]);
    check_rust("#[test]\n#[exp(crate::colours::RED)]\nfn t() {}", &[]);
    check_rust("#[test]\n#[ignore]\nfn t() {}", &[]);
}

#[test]
fn what_the_product_gives_is_no_force_and_a_setter_for_tests_is_known_by_its_name() {
    check_project(
        "//- src/lib.rs
pub struct FeatureFlags { pub tax: bool }
pub struct Config { feature_flags: FeatureFlags }
impl Config {
    pub fn of_version(version: u8) -> Config { let mut config = blank(); config.feature_flags.tax = true; config }
    pub fn set_tax_for_testing(&mut self, value: bool) { self.feature_flags.tax = value }
    pub fn tax(&self) -> bool { self.feature_flags.tax }
}
//- tests/a.rs
use shop::Config;
#[test]
fn t() { apply(|mut config| { config.set_tax_for_testing(false); config }); }
#[test]
fn u() { assert!(Config::of_version(1).tax()); }
//- Cargo.toml
[package]
name = \"shop\"
version = \"0.1.0\"
",
        &["tax=off in test t"],
    );
}

#[test]
fn files_of_tests_by_their_names_in_every_dialect() {
    let body = "it('t', () => { setFlag('a', true) })";
    for path in [
        "test/ui/Tabs-test.tsx",
        "test/ui/tabs_test.jsx",
        "tests/ui/tabs-spec.mts",
        "spec/ui/tabs_spec.cts",
        "app/ui/__tests__/tabs.jsx",
        "app/ui/tabs-test.ts",
        "app/ui/tabs.spec.cts",
        "test/ui/tabs.tsx",
    ] {
        check_project(&format!("//- {path}\n{body}\n"), &["a=on in test t"]);
    }
}
