//! What is a home and what only looks like one: `fixtures/flags/home-*.txt`, run by `tests/it/flags.rs`. Here the parts.

use super::*;
use crate::source::RepoPath;

#[test]
fn a_folder_of_features_says_nothing_of_its_files() {
    let of = |path: &str| of_path(&RepoPath::new(path).expect("a path"));
    assert_eq!(of("src/features/cart/columns.ts"), "cart/columns");
    assert_eq!(of("src/features/columns.ts"), "columns");
    assert_eq!(of("src/features/index.ts"), "features/index");
    assert_eq!(of("src/rollout/rollout.service.ts"), "rollout/rollout.service");
}

/// A rule for homes that no name tells from others.
const ASKED: &str = r#"
schema = 1
id = "ours/asked"
languages = ["ts"]
needles = ["false", "true"]
demand = '(const|function)'

[flags]
missing = "off"
ambient = "declared"

[[define]]
id = "entry"
lookup = { about = '.', unless = 'locale', asked = '^(lit|on)$' }
key = { name = true }
declared = { value = true }
handle = "property"
example = ["// file: src/a.ts\nconst all = { tax: false, fees: true }; export function lit(k) { return all[k]; } if (lit('tax')) x(); if (lit('fees')) y(); // => tax = false, fees = true"]

[[read]]
id = "function"
lookup = { about = '.', unless = 'locale', asked = '^(lit|on)$' }
key = { name = true }
example = ["// file: src/a.ts\nconst all = { tax: false, fees: true }; export function lit(k) { return all[k]; } if (lit('tax')) x(); if (lit('fees')) y(); // => k"]
"#;

/// The flags that are defined in a project with the rule above.
fn asked(home: &str, uses: &str) -> Vec<String> {
    let mut rules = RuleSet::default();
    rules.add_project(ASKED, "flags.toml").expect("correct rules");
    let text = format!("//- src/x.ts\n{home}\n//- src/shop.ts\nimport {{ lit, name }} from './x';\n{uses}\n");
    let (sources, view) = crate::source::fixture(&text);
    let store = FactsStore::default();
    let index = crate::index::build::build(&sources, &view, &rules, &crate::index::Wanted::default(), &store);
    index.definitions.iter().map(|of| of.key.to_string()).collect()
}

#[test]
fn a_home_without_a_telling_name_is_known_by_who_asks_it() {
    let home = "const all = { tax: false, fees: true }; export function lit(k) { return all[k]; }";
    let twice = "if (lit('tax')) x(); const f = lit('fees');";
    assert_eq!(asked(home, twice), ["fees", "tax"]);
    // Once is as likely a detail of its module, and so is what decides nothing.
    assert!(asked(home, "if (lit('tax')) x();").is_empty());
    assert!(asked(home, "const t = lit('tax'); const f = lit('fees');").is_empty());
    // Keys that the map does not have.
    assert!(asked(home, "if (lit('a')) x(); if (lit('b')) y();").is_empty());
    // Its name does not fit; it holds something else than plain booleans; the words speak against it.
    let other = home.replace("lit", "name");
    assert!(asked(&other, "if (name('tax')) x(); if (name('fees')) y();").is_empty());
    let mixed = home.replace("fees: true", "fees: !old");
    assert!(asked(&mixed, twice).is_empty());
    let against = home.replace("all", "localeOf");
    assert!(asked(&against, twice).is_empty());
}
