//! Lists of the flags that are on, handed to what makes a fake or a mock of them; mocks that look up an object, and those that are taken back.

use super::{check, check_project};

#[test]
fn a_fake_made_of_a_list_says_what_every_flag_is() {
    let helper = "
//- src/resolver.ts
import { isEnabled } from './flags';
export const flags = { isEnabled };
export const rate = () => flags.isEnabled('a') ? 1 : 2;
//- test/helpers.ts
export function createFeatures(enabled) { return { isEnabled: (key) => enabled.includes(key) }; }
export const allowed = (list) => ({ isEnabled: (key) => list.includes(key) });
export function createFeaturesBut(off) { return { isEnabled: (key) => !off.includes(key) }; }
//- src/a.test.ts
import { createFeatures, createFeaturesBut, allowed } from '../test/helpers';
";
    let project = |tests: &str| format!("{helper}{tests}\n");
    check_project(
        &project("it('t', () => { rate(createFeatures(['a'])) }); it('u', () => { rate(createFeatures([])) });"),
        &["a=on in test t", "all but a=off in test t", "all but =off in test u"],
    );
    check_project(
        &project("it('t', () => { const one = createFeatures(['a', 'b']); rate(one) });"),
        &["a=on in test t", "b=on in test t", "all but a b=off in test t"],
    );
    // Nobody knows what is on.
    check_project(
        &project("it('t', () => { rate(createFeatures(read())) });"),
        &["all but =partial in test t"],
    );
    check_project(
        &project("it('t', () => { rate(createFeatures([...base, 'a'])) });"),
        &["all but =partial in test t"],
    );
    // Whoever makes it does not speak of flags.
    check_project(&project("it('t', () => { rate(allowed(['a'])) });"), &[]);
    // What the list holds is off: that is not read.
    check_project(&project("it('t', () => { rate(createFeaturesBut(['a'])) });"), &[]);
}

#[test]
fn a_helper_may_mock_by_a_list() {
    let helper = "import * as flags from './flags';
         const enable = (names) => { vi.spyOn(flags, 'isEnabled').mockImplementation((key) => names.includes(key) || false) };";
    check(
        &format!(
            "{helper} it('t', () => {{ enable(['a']); expect(total()).toBe(1) }}); it('u', () => {{ enable([]) }});"
        ),
        &["a=on in test t", "all but a=off in test t", "all but =off in test u"],
    );
    check(
        &format!("{helper} it('t', () => {{ enable(names()); expect(total()).toBe(1) }});"),
        &["all but =partial in test t"],
    );
    // The other way round nobody reads it.
    check(
        "import * as flags from './flags';
         const disable = (names) => { vi.spyOn(flags, 'isEnabled').mockImplementation((key) => !names.includes(key)) };
         it('t', () => { disable(['a']) });",
        &["*=unknown in test t"],
    );
}

#[test]
fn an_object_that_a_mock_looks_up_says_what_every_flag_is() {
    check(
        "import * as flags from './flags'; let settings = {};
         beforeEach(() => { settings = { a: true }; vi.spyOn(flags, 'isEnabled').mockImplementation((key) => settings[key]) });
         it('t', () => {}); it('u', () => { settings['a'] = false; expect(total()).toBe(2) });",
        &["*=off in file a.test.tsx", "a=on in file a.test.tsx", "a=off in test u"],
    );
    check(
        "import * as flags from './flags'; let settings = {};
         beforeEach(() => { settings = made(); vi.spyOn(flags, 'isEnabled').mockImplementation((key) => settings[key]) });
         it('t', () => {});",
        &["*=unknown in file a.test.tsx"],
    );
}

#[test]
fn what_a_hook_takes_back_itself_is_not_set() {
    let spy = "import * as flags from './flags';";
    check(
        &format!(
            "{spy} beforeEach(() => {{ vi.spyOn(flags, 'isEnabled').mockReturnValue(false); start();
              vi.spyOn(flags, 'isEnabled').mockRestore() }}); it('t', () => {{}})"
        ),
        &[],
    );
    // Taken back before, or something else.
    check(
        &format!(
            "{spy} beforeEach(() => {{ vi.spyOn(flags, 'isEnabled').mockRestore();
              vi.spyOn(flags, 'isEnabled').mockReturnValue(false) }}); it('t', () => {{}})"
        ),
        &["*=off in file a.test.tsx"],
    );
    check(
        &format!(
            "{spy} beforeEach(() => {{ vi.spyOn(flags, 'isEnabled').mockReturnValue(false);
              vi.spyOn(log, 'error').mockRestore() }}); it('t', () => {{}})"
        ),
        &["*=off in file a.test.tsx"],
    );
}

#[test]
fn a_method_of_a_mocked_object_is_that_of_the_object() {
    check(
        "import * as flags from './flags'; it('t', () => { mocked(flags).isEnabled.mockReturnValue(true) });
         it('u', () => { mocked(other).isVisible.mockReturnValue(true) });",
        &["*=on in test t"],
    );
}
