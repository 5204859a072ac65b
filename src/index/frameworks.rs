//! Which files are tests, which run before every test, and which configure the runner. Enters: a path, the framework rules, the tree of
//! a configuration. Leaves: yes or no, and the set-up files that a configuration names. Knows nothing of flags.

use std::collections::BTreeSet;

use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::RuleSet;
use crate::rules::framework::FrameworkRule;
use crate::rules::rule::RuleKind;
use crate::source::{RepoPath, Sources, View};

/// Keys of a runner's configuration whose files run before the tests.
const SETUP_KEYS: [&str; 6] = [
    "setupFiles",
    "setupFilesAfterEnv",
    "setupFilesAfterEach",
    "globalSetup",
    "setupTestFrameworkScriptFile",
    "supportFile",
];
/// Names of configuration files, before their extension.
const CONFIGURATIONS: [&str; 7] = [
    "vitest.config",
    "vitest.workspace",
    "vite.config",
    "jest.config",
    "playwright.config",
    "cypress.config",
    "jest.preset",
];
/// Segments of paths that hold what only tests use.
const SUPPORT: [&str; 22] = [
    "test",
    "tests",
    "testing",
    "__tests__",
    "__mocks__",
    "__fixtures__",
    "mock",
    "mocks",
    "fixture",
    "fixtures",
    "fake",
    "fakes",
    "stub",
    "stubs",
    "helper",
    "helpers",
    "support",
    "spec",
    "specs",
    "e2e",
    "cypress",
    "setup",
];

fn frameworks(rules: &RuleSet) -> impl Iterator<Item = &FrameworkRule> {
    rules.rules().filter_map(|(_, rule)| match &rule.kind {
        RuleKind::Framework(framework) => Some(&**framework),
        _ => None,
    })
}

/// True for a file that a framework takes for a test by its name.
#[must_use]
pub fn is_test_path(rules: &RuleSet, path: &RepoPath) -> bool {
    frameworks(rules).any(|framework| framework.files.set.is_match(path.as_str()))
}

/// True for a file whose definitions are made up for tests or show-cases: no flag of the product.
#[must_use]
pub fn is_made_up(rules: &RuleSet, path: &RepoPath) -> bool {
    let name = path.file_name();
    let shows = [".stories.", ".story.", ".mock.", ".mocks.", ".fixture.", ".fixtures."];
    let kept_apart = |segment: &str| {
        matches!(
            segment,
            "__mocks__" | "__fixtures__" | "fixtures" | "storybook" | ".storybook"
        )
    };
    is_test_path(rules, path)
        || shows.iter().any(|mark| name.contains(mark))
        || path.as_str().split('/').any(kept_apart)
}

/// True for a file that a framework runs before every test, by its name.
#[must_use]
pub fn is_setup_path(rules: &RuleSet, path: &RepoPath) -> bool {
    frameworks(rules).any(|framework| framework.setup_files.set.is_match(path.as_str()))
}

/// True for the configuration of a test runner: whoever decides what is parsed should parse it.
#[must_use]
pub fn is_configuration(path: &RepoPath) -> bool {
    let name = path.file_name();
    CONFIGURATIONS
        .iter()
        .any(|known| name.strip_prefix(known).is_some_and(|rest| rest.starts_with('.')))
}

/// True for a file that by its path holds what only tests use: fixtures, mocks, helpers.
#[must_use]
pub fn is_support_path(path: &RepoPath) -> bool {
    let words = path.as_str().split(['/', '.', '-', '_']);
    let lower = path.as_str().to_ascii_lowercase();
    let segments = lower.split('/').any(|segment| SUPPORT.contains(&segment));
    let stem = path.file_name().to_ascii_lowercase();
    segments
        || words.clone().any(|word| SUPPORT.contains(&word))
        || ["test", "mock", "fixture", "fake", "stub"]
            .iter()
            .any(|word| stem.contains(word))
}

/// The set-up files that a configuration names, as far as they are written out.
#[must_use]
pub fn setup_files_of(facts: &FileFacts) -> BTreeSet<RepoPath> {
    let mut found = BTreeSet::new();
    if !is_configuration(&facts.path) {
        return found;
    }
    for id in facts.tree.ids() {
        if let Syntax::Entry {
            key: Key::Name(key, _),
            value,
        } = facts.tree.syntax(id)
            && SETUP_KEYS.contains(&&**key)
        {
            let texts = texts_below(facts, *value);
            found.extend(texts.iter().flat_map(|text| candidates(&facts.path, text)));
        }
    }
    found
}

/// The set-up files that the manifests of a tree name.
#[must_use]
pub fn setup_files_of_manifests(sources: &Sources, view: &View) -> BTreeSet<RepoPath> {
    let manifests = view.files.iter().filter(|(path, _)| path.file_name() == "package.json");
    manifests
        .flat_map(|(path, file)| setup_files_of_manifest(path, &sources.file(*file).text))
        .collect()
}

/// The set-up files that the `jest` key of a `package.json` names.
fn setup_files_of_manifest(path: &RepoPath, text: &str) -> BTreeSet<RepoPath> {
    if path.file_name() != "package.json" || !text.contains("setupFiles") {
        return BTreeSet::new();
    }
    let Ok(manifest) = serde_json::from_str::<serde_json::Value>(text) else {
        return BTreeSet::new();
    };
    let lists = SETUP_KEYS.iter().filter_map(|key| manifest.get("jest")?.get(key));
    let texts = lists.flat_map(|list| match list {
        serde_json::Value::String(text) => vec![text.as_str()],
        serde_json::Value::Array(items) => items.iter().filter_map(serde_json::Value::as_str).collect(),
        _ => Vec::new(),
    });
    texts.flat_map(|text| candidates(path, text)).collect()
}

fn texts_below(facts: &FileFacts, value: NodeId) -> Vec<&str> {
    let below = facts.tree.below(value).into_iter();
    let text = |id| match facts.tree.syntax(id) {
        Syntax::Text(text) => Some(&**text),
        _ => None,
    };
    below.filter_map(text).collect()
}

/// The paths that a module name of a configuration may stand for.
fn candidates(configuration: &RepoPath, text: &str) -> Vec<RepoPath> {
    let relative = text.trim_start_matches("<rootDir>/").trim_start_matches("./");
    let Some(path) = configuration.sibling(relative) else {
        return Vec::new();
    };
    let with = |ending: &str| RepoPath::new(&format!("{path}{ending}"));
    let endings = [".ts", ".tsx", ".js", ".mjs", ".cjs"];
    std::iter::once(path.clone())
        .chain(endings.iter().filter_map(|ending| with(ending)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::{Language, read};
    use crate::source::FileId;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).expect("a path")
    }

    fn setup(at: &str, text: &str) -> Vec<String> {
        let facts = read(FileId(0), &path(at), &text.into(), Language::TypeScript, &[]);
        setup_files_of(&facts).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_configuration_names_its_set_up_files() {
        let text = "export default defineConfig({ test: { setupFiles: ['./src/setup.ts'], globals: true } })";
        assert!(setup("web/vitest.config.ts", text).contains(&"web/src/setup.ts".to_owned()));
        let text = "module.exports = { setupFilesAfterEnv: ['<rootDir>/test/setup'] }";
        assert!(setup("jest.config.ts", text).contains(&"test/setup.ts".to_owned()));
        assert_eq!(setup("src/other.ts", text), Vec::<String>::new());
    }

    #[test]
    fn a_manifest_names_its_set_up_files() {
        let text = r#"{ "name": "x", "jest": { "setupFiles": ["<rootDir>/setup.js"] } }"#;
        assert!(setup_files_of_manifest(&path("api/package.json"), text).contains(&path("api/setup.js")));
        assert!(setup_files_of_manifest(&path("api/package.json"), "{ setupFiles").is_empty());
        assert!(setup_files_of_manifest(&path("api/other.json"), text).is_empty());
    }

    #[test]
    fn what_only_tests_use_is_known_by_its_path() {
        for support in [
            "test/app.ts",
            "src/__mocks__/flags.ts",
            "src/lib/fakes/store.ts",
            "src/testUtils.ts",
            "e2e/a.ts",
        ] {
            assert!(is_support_path(&path(support)), "{support}");
        }
        for other in ["src/flags.ts", "src/server-dev.ts", "src/config.ts"] {
            assert!(!is_support_path(&path(other)), "{other}");
        }
    }
}
