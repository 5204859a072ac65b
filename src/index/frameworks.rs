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
const SETUP_KEYS: [&str; 5] = [
    "setupFiles",
    "setupFilesAfterEnv",
    "setupFilesAfterEach",
    "setupTestFrameworkScriptFile",
    "supportFile",
];
/// Keys whose files run before the tests in another process: what they leave in the environment is there, what they change in memory is not.
const APART_KEYS: [&str; 1] = ["globalSetup"];
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
            "tests"
                | "e2e"
                | "__mocks__"
                | "mocks"
                | "__fixtures__"
                | "fixtures"
                | "testdata"
                | "storybook"
                | ".storybook"
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
    named_under(facts, &SETUP_KEYS)
}

/// The set-up files that a configuration names and that run in another process.
#[must_use]
pub fn setup_files_apart(facts: &FileFacts) -> BTreeSet<RepoPath> {
    named_under(facts, &APART_KEYS)
}

fn named_under(facts: &FileFacts, keys: &[&str]) -> BTreeSet<RepoPath> {
    let mut found = BTreeSet::new();
    for id in facts.tree.ids() {
        if let Syntax::Entry {
            key: Key::Name(key, _),
            value,
        } = facts.tree.syntax(id)
            && keys.contains(&&**key)
        {
            let texts = texts_behind(facts, *value);
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

/// The texts of an expression, and those of what it names in its file: `setupFiles: setup`, `[...base, './a']`.
fn texts_behind(facts: &FileFacts, value: NodeId) -> Vec<&str> {
    let tree = &facts.tree;
    let mut found = texts_below(facts, value);
    let names = tree
        .below(value)
        .into_iter()
        .filter(|id| matches!(tree.syntax(*id), Syntax::Name));
    let names: BTreeSet<&str> = names.map(|id| facts.words(id)).collect();
    for id in tree.ids() {
        if let Syntax::Let {
            pattern,
            value: Some(value),
            ..
        } = tree.syntax(id)
            && names.contains(facts.words(*pattern))
        {
            found.extend(texts_below(facts, *value));
        }
    }
    found
}

/// The paths that a module name of a configuration may stand for.
fn candidates(configuration: &RepoPath, text: &str) -> Vec<RepoPath> {
    let relative = text.trim_start_matches("<rootDir>/").trim_start_matches("./");
    let mut folders = vec![configuration.parent()];
    // A configuration in a folder of its own may say that the root is elsewhere.
    while let Some(folder) = folders
        .last()
        .copied()
        .filter(|folder| !folder.is_empty() && !text.starts_with('.'))
    {
        folders.push(folder.rsplit_once('/').map_or("", |(above, _)| above));
    }
    let in_folder = |folder: &str| {
        RepoPath::new(&format!(
            "{}{relative}",
            if folder.is_empty() {
                String::new()
            } else {
                format!("{folder}/")
            }
        ))
    };
    let endings = ["", ".ts", ".tsx", ".js", ".mjs", ".cjs"];
    let paths = folders.into_iter().filter_map(in_folder);
    paths
        .flat_map(|path| {
            endings
                .iter()
                .filter_map(move |ending| RepoPath::new(&format!("{path}{ending}")))
                .collect::<Vec<_>>()
        })
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
        assert!(setup("config/jest.config.ts", text).contains(&"test/setup".to_owned()));
        let text = "const setup = ['./tools/prep.js']; module.exports = { setupFiles: setup }";
        assert!(setup("jest.config.ts", text).contains(&"tools/prep.js".to_owned()));
        let text = "export default { test: { globalSetup: './tools/prep.js' } }";
        assert_eq!(setup("vitest.config.ts", text), Vec::<String>::new());
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
