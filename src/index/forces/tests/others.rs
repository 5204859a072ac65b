//! What happens to the flags that a force does not name.

use super::{check, check_project, index};
use crate::assumption::RunsWith;
use crate::assumption::supply::supplied;
use crate::flag::{FlagKey, FlagValue};

#[test]
fn a_whole_set_turns_the_others_off() {
    let set = [
        ("enableOnly('a')", "a", "test"),
        ("enableOnly(['a'])", "a", "test"),
        ("setOnlyFlags({ a: true })", "a", "test"),
        ("replaceFlags({ a: true })", "a", "test"),
        ("enableOnlyFeatures(KEY)", "a", "test"),
    ];
    for (call, but, _) in set {
        check(
            &format!("const KEY = 'a'; it('t', () => {{ {call}; expect(total()).toBe(1) }})"),
            &["a=on in test t", &format!("all but {but}=off in test t")],
        );
    }
    check(
        "it('t', () => { enableOnly(); expect(total()).toBe(2) })",
        &["all but =off in test t"],
    );
    check(
        "beforeEach(() => setAllFlags({})); it('t', () => {})",
        &["all but =off in file a.test.tsx"],
    );
}

#[test]
fn what_may_name_more_leaves_the_others_open() {
    for call in [
        "enableOnly(...keys)",
        "enableOnly('a', other)",
        "setOnlyFlags({ a: true, ...base })",
        "setOnlyFlags({ a: true, [name]: true })",
        "if (process.env.CI) enableOnly('a')",
    ] {
        let (_, index) = index(&format!(
            "//- src/a.test.tsx\nit('t', () => {{ {call}; expect(total()).toBe(1) }})\n"
        ));
        let b = supplied(&index, 0, &FlagKey::new("b"), None, Some(FlagValue::On), None);
        assert_ne!(b.runs_with, RunsWith::Is(FlagValue::Off), "{call}");
    }
}

/// What the first test of a file sees of a flag whose ambient state is on.
#[track_caller]
fn sees(body: &str, key: &str, expected: RunsWith) {
    let (_, index) = index(&format!("//- src/a.test.tsx\nit('t', () => {{ {body} }})\n"));
    let found = supplied(&index, 0, &FlagKey::new(key), None, Some(FlagValue::On), None);
    assert_eq!(found.runs_with, expected, "{key}: {body}");
}

#[test]
fn a_test_runs_with_every_other_flag_off() {
    let (on, off) = (RunsWith::Is(FlagValue::On), RunsWith::Is(FlagValue::Off));
    sees("enableOnly('a'); expect(total()).toBe(1)", "a", on);
    sees("enableOnly('a'); expect(total()).toBe(1)", "b", off);
    sees("enableOnly('a'); expect(total()).toBe(1)", "ship", off);
    sees("enableOnly('a'); setFlag('b', true); expect(total()).toBe(1)", "b", on);
    sees("setFlag('b', true); enableOnly('a'); expect(total()).toBe(1)", "b", off);
    sees("enableOnly('a'); enableOnly('b'); expect(total()).toBe(1)", "a", off);
    // Nothing is known of a flag of a library that the helper is not for.
    sees("enableOnly('a'); expect(total()).toBe(1)", "elsewhere", on);
    // What keeps the others says nothing of them.
    sees("setFlag('a', true); expect(total()).toBe(1)", "b", on);
}

#[test]
fn a_library_turns_off_its_own_flags_alone() {
    let project = "
//- shop/views.py
from flags.state import flag_enabled
import waffle
def total():
    if flag_enabled('A') or flag_enabled('B'):
        return 1
    return 3 if waffle.switch_is_active('w') else 2
//- tests/test_total.py
from django.test import override_settings
from flags.state import flag_state
from shop.views import total
@override_settings(FLAGS={'A': [('boolean', True)]})
def test_a():
    assert total() == 1
";
    let (_, index) = index(project);
    let sees = |key: &str| supplied(&index, 0, &FlagKey::new(key), None, Some(FlagValue::On), None).runs_with;
    assert_eq!(
        sees("B"),
        RunsWith::Is(FlagValue::Off),
        "{:#?} {:?} {:?} {:?}",
        index.forces,
        index.libraries,
        index.tests.len(),
        index.files.keys()
    );
    assert_eq!(sees("w"), RunsWith::Is(FlagValue::On));
    check_project(
        "
//- a.go
package a

var standardFeatureFlags = []FeatureFlag{{Name: \"x\", Expression: \"true\"}}

func total(f Features) bool { return f.IsEnabled(ctx, \"x\") }
//- a_test.go
package a

import \"testing\"

func TestNone(t *testing.T) {
\tf := featuremgmt.WithFeatures()
\tif total(f) { t.Fatal() }
}
",
        &["all but =off in test TestNone"],
    );
}

#[test]
fn a_helper_turns_no_constant_off() {
    let project = "
//- src/feature-flags.ts
export const NEW_TOTALS = true;
//- src/shop.ts
import { NEW_TOTALS } from './feature-flags';
export const sum = () => (NEW_TOTALS ? 1 : 2);
//- src/a.test.tsx
it('t', () => { enableOnly('a'); expect(sum()).toBe(1) })
";
    let (_, index) = index(project);
    let sees = |key: &str| supplied(&index, 0, &FlagKey::new(key), None, Some(FlagValue::On), None).runs_with;
    assert!(index.definitions.iter().any(|of| of.key.as_str() == "NEW_TOTALS"));
    assert_eq!(sees("NEW_TOTALS"), RunsWith::Is(FlagValue::On));
    assert_eq!(sees("b"), RunsWith::Is(FlagValue::Off));
}

#[test]
fn what_replaces_something_else_sets_no_flags() {
    for call in [
        "layer.replaceFeatures({ a: true })",
        "map.setAllFeatures({ a: true })",
        "geo.source().onlyFeatures('a')",
    ] {
        check(&format!("it('t', () => {{ {call}; expect(total()).toBe(1) }})"), &[]);
    }
    check(
        "it('t', () => { flags.replaceFeatures({ a: true }); expect(total()).toBe(1) })",
        &["a=on in test t", "all but a=off in test t"],
    );
}
