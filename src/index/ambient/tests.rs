//! Ambient states, on small projects.

use crate::index::store::FactsStore;
use crate::index::{Wanted, build};
use crate::rules::load_builtin;
use crate::source::fixture;

const FLAGS: &str = "
//- src/flags.ts
export const FLAG_DEFAULTS = { fast_quotes: process.env.FAST_QUOTES === 'true', tax: false };
export const on = process.env.FEATURE_X === 'true';
if (process.env.FEATURE_X) { start(); }
if (flags.isEnabled('tax')) { start(); }
";

/// What is ambient in a project with these files and rules.
fn check(files: &str, rules: &str, expected: &[&str]) {
    let mut all = load_builtin();
    if !rules.is_empty() {
        all.add_project(rules, "flags.toml").expect("correct rules");
    }
    let (sources, view) = fixture(&format!("{FLAGS}{files}"));
    let index = build::build(&sources, &view, &all, &Wanted::default(), &FactsStore::default());
    let flags = index.ambient.flags.iter().map(|(key, value)| format!("{key}={value}"));
    let files = index
        .ambient
        .files
        .iter()
        .map(|(path, value)| format!("{path}: {value}"));
    assert_eq!(
        flags.chain(files).collect::<Vec<_>>(),
        expected,
        "{files:?}",
        files = index.ambient
    );
}

#[test]
fn settings_of_the_test_environment_are_ambient() {
    check("//- .env.test\nFEATURE_X=true\nOTHER=1\n", "", &["FEATURE_X=on"]);
    check(
        "//- vitest.config.ts\nexport default { test: { env: { FEATURE_X: 'false' } } };\n",
        "",
        &["FEATURE_X=off"],
    );
    check(
        "//- package.json\n{ \"scripts\": { \"test\": \"FEATURE_X=1 vitest run\", \"start\": \"FEATURE_X=0 node .\" } }\n",
        "",
        &["FEATURE_X=on"],
    );
}

#[test]
fn settings_that_disagree_leave_it_unknown() {
    check(
        "//- a/.env.test\nFEATURE_X=true\n//- b/.env.test\nFEATURE_X=false\n",
        "",
        &["FEATURE_X=unknown"],
    );
}

#[test]
fn settings_of_another_environment_are_not() {
    check(
        "//- .env.production\nFEATURE_X=true\n//- .env\nFEATURE_X=true\n",
        "",
        &[],
    );
    check(
        "//- vite.config.ts\nexport default { build: { env: { FEATURE_X: 'true' } } };\n",
        "",
        &[],
    );
}

#[test]
fn rules_say_what_is_ambient() {
    let test = "//- e2e/a.test.ts\nimport '../src/flags';\nit('a', () => {});\n//- src/b.test.ts\nimport './flags';\nit('b', () => {});\n";
    check(
        test,
        "schema = 1\nid = \"ours/harness\"\nlanguages = [\"ts\"]\nneedles = [\"flags\"]\n[[ambient]]\nid = \"all\"\nfiles = [\"e2e/**\"]\nvalue = \"on\"\n",
        &["e2e/a.test.ts: on"],
    );
}
