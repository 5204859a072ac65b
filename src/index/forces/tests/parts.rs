//! Mocks of hooks that give objects, answers that stand in variables, objects with something spread in them, configurations that ask for flags.

use super::{check, check_project};

/// A hook that gives an object, a configuration that asks the environment, and a test.
#[track_caller]
fn beside(text: &str, expected: &[&str]) {
    let project = format!(
        "
//- src/use-tax.ts
import {{ useFlag }} from './flags';
export const useTax = () => {{ const isOn = useFlag('tax'); return {{ isOn, loading: false }}; }};
//- src/config.ts
export default {{ port: 1, isTaxEnabled: process.env.FEATURE_TAX === 'true' }};
//- src/a.test.tsx
{text}
"
    );
    check_project(&project, expected);
}

#[test]
fn a_part_of_what_a_hook_gives_is_the_flag() {
    beside(
        "jest.mock('./use-tax', () => ({ useTax: () => ({ isOn: true, loading: false }) })); it('t', () => {})",
        &["tax=on in file a.test.tsx"],
    );
    beside(
        "vi.mock('./use-tax', () => ({ useTax: vi.fn(() => ({ loading: true })) })); it('t', () => {})",
        &["tax=off in file a.test.tsx"],
    );
    beside(
        "vi.mock('./use-tax', () => ({ useTax: () => ({ ...real }) })); it('t', () => {})",
        &["tax=unknown in file a.test.tsx"],
    );
    beside(
        "const mockTax = jest.fn(); jest.mock('./use-tax', () => ({ useTax: () => mockTax() }));
         it('t', () => { mockTax.mockReturnValue({ isOn: true }) }); it('u', () => { mockTax.mockReturnValue({ isOn: false }) })",
        &[
            "tax=unknown in file a.test.tsx",
            "tax=on in test t",
            "tax=off in test u",
        ],
    );
    beside(
        "const mockTax = jest.fn(); jest.mock('./use-tax', () => ({ useTax: () => ({ isOn: mockTax() }) }));
         it('t', () => { mockTax.mockReturnValue(true) })",
        &["tax=unknown in file a.test.tsx", "tax=on in test t"],
    );
    beside(
        "import { useTax } from './use-tax'; jest.mock('./use-tax');
         it('t', () => { (useTax as jest.Mock).mockReturnValue({ isOn: true }) })",
        &["tax=unknown in file a.test.tsx", "tax=on in test t"],
    );
}

#[test]
fn an_answer_may_stand_in_a_variable_or_in_a_property() {
    beside(
        "let tax = { isOn: false }; jest.mock('./use-tax', () => ({ useTax: () => tax }));
         it('t', () => { tax = { isOn: true }; expect(1).toBe(1) }); it('u', () => { tax.isOn = true; expect(1).toBe(1) })",
        &[
            "tax=off in file a.test.tsx",
            "tax=on in test t",
            "tax=on in test u",
        ],
    );
    check(
        "const state = vi.hoisted(() => ({ on: false })); vi.mock('./flags', () => ({ canShip: () => state.on }));
         it('t', () => { state.on = true; expect(total()).toBe(1) })",
        &["ship=off in file a.test.tsx", "ship=on in test t"],
    );
    check(
        "const state = { flags: { a: false } }; vi.mock('./flags', () => ({ isEnabled: (k) => state.flags[k] }));
         it('t', () => { state.flags.a = true; expect(total()).toBe(1) })",
        &["*=off in file a.test.tsx", "a=off in file a.test.tsx", "a=on in test t"],
    );
}

#[test]
fn a_name_leads_to_the_function_of_a_package() {
    let sdk = "import { useFlag, useFlagsStatus } from '@unleash/proxy-client-react';
        import * as unleash from '@unleash/proxy-client-react';";
    check(
        &format!("{sdk} const mocked = useFlag as jest.Mock; it('t', () => {{ mocked.mockReturnValue(true) }})"),
        &["*=on in test t"],
    );
    check(
        &format!(
            "{sdk} const mocked = unleash.useFlag as jest.Mock; it('t', () => {{ mocked.mockImplementation((k) => k === 'a') }})"
        ),
        &["*=off in test t", "a=on in test t"],
    );
    check(
        &format!("{sdk} const mocked = useFlagsStatus as jest.Mock; it('t', () => {{ mocked.mockReturnValue(true) }})"),
        &[],
    );
}

#[test]
fn what_is_spread_behind_an_entry_has_the_last_word() {
    let build = "const build = (o) => ({ experimental: { flags: { a: false, ...o } } });";
    check(
        &format!("{build} it('t', () => {{ start(build({{ a: true }})) }}); it('u', () => {{ start(build({{}})) }})"),
        &["a=on in test t", "a=off in test u"],
    );
    check(
        &format!("{build} it('t', () => {{ start(build({{ b: true }})) }})"),
        &["a=off in test t", "b=on in test t"],
    );
    check(
        "it('t', () => { start({ experimental: { flags: { a: false, ...more() } } }) })",
        &["a=unknown in test t"],
    );
    check(
        "const on = { a: true }; it('t', () => { start({ experimental: { flags: { a: false, ...on } } }) })",
        &["a=on in test t", "a=on in test t"],
    );
}

#[test]
fn a_configuration_that_asks_is_given_a_value() {
    beside(
        "import config from './config'; it('t', () => { config.isTaxEnabled = true }); it('u', () => { config.port = 2 })",
        &["FEATURE_TAX=on in test t"],
    );
    beside(
        "jest.mock('./config', () => ({ __esModule: true, default: { port: 1, isTaxEnabled: true } })); it('t', () => {})",
        &["FEATURE_TAX=on in file a.test.tsx"],
    );
    beside(
        "import config from './config'; it('t', () => { jest.replaceProperty(config, 'isTaxEnabled', true) })",
        &["FEATURE_TAX=on in test t"],
    );
}
