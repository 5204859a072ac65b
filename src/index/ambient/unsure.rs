//! What every test may see instead of a default, where nobody can tell. Enters: the parsed files, the harness. Leaves: by flag, the place that
//! says so: a look-up with another way out, product code that overwrites a default when it is loaded, a configuration that puts a fake in the
//! place of a module or names a file that sets flags, a script or workflow that sets a variable.
//!
//! None of them says that a test runs with something else. They take away the ground on which a test could be blocked.

use std::collections::{BTreeMap, BTreeSet};

use super::Ground;
use super::writes::{Write, writes};
use crate::flag::{FlagKey, FlagValue};
use crate::index::code::Code;
use crate::index::harness::{self, Harness};
use crate::index::{CodeIndex, frameworks, homes};
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::RuleSet;
use crate::source::{Bytes, RepoPath, Sources, Span, View, is_script};

/// Files beside scripts that set variables for tests.
const SETTING_FILES: [&str; 6] = [
    "pytest.ini",
    "tox.ini",
    "setup.cfg",
    "pyproject.toml",
    "noxfile.py",
    "turbo.json",
];
/// Keys of configurations under which modules get other files.
const REPLACING: [&str; 2] = ["moduleNameMapper", "alias"];
/// How far behind such a key its entries are looked for.
const REACH: usize = 4_000;
/// Longer configurations are not looked through.
const LONGEST: usize = 200_000;

/// What tests may see, where nobody can tell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unsure {
    /// By flag, the place that makes it so for every test.
    pub flags: BTreeMap<FlagKey, Span>,
    /// By file, the places that write into what holds flags.
    pub writes: BTreeMap<RepoPath, Vec<Write>>,
}

/// Finds what is unsure in a tree.
pub(super) fn unsure(ground: &Ground<'_>, index: &CodeIndex) -> Unsure {
    let mut found = Unsure::default();
    for write in writes(ground.sources, index) {
        found.writes.entry(write.path.clone()).or_default().push(write);
    }
    let project = Project {
        sources: ground.sources,
        view: ground.view,
        rules: ground.rules,
        index,
        harness: ground.harness,
    };
    let mut all = project.looked_up_otherwise(ground.code);
    all.extend(project.overwritten(&found));
    all.extend(project.named(&found));
    all.extend(project.replaced());
    all.extend(project.set());
    for (key, span) in all {
        found.flags.entry(key).or_insert(span);
    }
    found
}

/// Words by which tests speak of the environment.
const ENVIRONMENT: &[&str] = &[
    "process.env",
    "import.meta.env",
    "environ",
    "stubEnv",
    "setenv",
    "set_var",
    "Setenv",
];

/// Words of what a request brings, or a browser keeps: any test may bring it without a word of the flag.
const BROUGHT: &[&str] = &["headers", "cookie", "localStorage", "sessionStorage"];

/// True for what leads to the environment, or into a function of the project's own.
fn is_override(words: &str) -> bool {
    let callee = words.split('(').next().unwrap_or_default();
    let own = words.contains('(') && !callee.contains(['.', ':', '[']);
    let of_environment = ENVIRONMENT
        .iter()
        .chain(&["getenv", "env::var"])
        .any(|word| words.contains(word));
    (own || of_environment) && !BROUGHT.iter().any(|word| words.contains(word))
}

/// The letters and digits of a text, in lower case.
fn letters(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

struct Project<'a> {
    sources: &'a Sources,
    view: &'a View,
    rules: &'a RuleSet,
    index: &'a CodeIndex,
    harness: &'a Harness,
}

impl Project<'_> {
    /// The flags that are looked up by a function which has another way out than their map. Where that way leads to the environment or
    /// into a function of the project's own, most often to the same place, it counts only for flags that something of the tests names
    /// together with the environment: an override that nobody uses leaves the default what it is.
    fn looked_up_otherwise(&self, code: &Code<'_>) -> Vec<(FlagKey, Span)> {
        let defined = self.index.definitions.iter();
        let defined: BTreeMap<Span, &FlagKey> = defined.filter_map(|of| Some((of.value_span?, &of.key))).collect();
        let (mut found, mut overridable) = (Vec::new(), Vec::new());
        for unit in 0..code.units().len() {
            if defined.is_empty() || frameworks::is_made_up(self.rules, &code.facts(unit).path) {
                continue;
            }
            for home in homes::homes(code, unit) {
                let Some(other) = home.other else { continue };
                let place = code.tree(unit).bytes(other).in_file(code.file(unit));
                let flags = if is_override(code.slice(unit, code.tree(unit).bytes(other))) {
                    &mut overridable
                } else {
                    &mut found
                };
                for entry in &home.entries {
                    let tree = code.tree(entry.value.unit);
                    let span = tree.bytes(entry.value.node).in_file(code.file(entry.value.unit));
                    flags.extend(defined.get(&span).map(|key| (FlagKey::clone(key), place)));
                }
            }
        }
        if !overridable.is_empty() {
            let lines = self.lines_of_environment();
            overridable.retain(|(key, _)| lines.iter().any(|line| line.contains(&letters(key.as_str()))));
        }
        found.extend(overridable);
        found
    }

    /// The lines of tests, set-ups, configurations and manifests that speak of the environment, in letters and digits alone.
    fn lines_of_environment(&self) -> Vec<String> {
        let of_tests = self.view.files.iter().filter(|(path, _)| {
            self.is_of_tests(path)
                || self.harness.configurations.contains(*path)
                || self.harness.setup.contains(*path)
                || path.file_name() == "package.json"
        });
        let texts = of_tests.map(|(path, file)| (path.file_name() == "package.json", &self.sources.file(*file).text));
        let speaks = |is_manifest: bool, line: &str| {
            (is_manifest && line.contains('=')) || ENVIRONMENT.iter().any(|word| line.contains(word))
        };
        texts
            .flat_map(|(is_manifest, text)| {
                text.lines()
                    .filter(|line| speaks(is_manifest, line))
                    .map(letters)
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    fn is_of_tests(&self, path: &RepoPath) -> bool {
        frameworks::is_support_path(path)
            || self.index.test_files.contains(path)
            || frameworks::is_made_up(self.rules, path)
    }

    /// Product code that writes when it is loaded: `if (process.env.NODE_ENV === 'test') FLAGS.k = true`.
    fn overwritten(&self, unsure: &Unsure) -> Vec<(FlagKey, Span)> {
        let product = unsure.writes.iter().filter(|(path, _)| {
            !self.is_of_tests(path)
                && !self.harness.configurations.contains(*path)
                && !self.harness.setup.contains(*path)
        });
        let writes = product.flat_map(|(_, writes)| writes).filter(|write| write.loaded);
        let keys = |write: &Write| {
            write
                .keys
                .iter()
                .map(|key| (key.clone(), write.span))
                .collect::<Vec<_>>()
        };
        writes.flat_map(keys).collect()
    }

    /// Files that a configuration names in another way than as set-up, and that write what flags are read from.
    fn named(&self, unsure: &Unsure) -> Vec<(FlagKey, Span)> {
        let mut found = Vec::new();
        let facts = self.index.files.values();
        let facts = facts.filter(|facts| self.harness.configurations.contains(&facts.path));
        // What runs in another process changes nothing in this one.
        let apart: BTreeSet<RepoPath> = facts.flat_map(|facts| frameworks::setup_files_apart(facts)).collect();
        for (path, text) in self.configurations() {
            for quoted in harness::quoted(text) {
                let Some(file) = harness::named(self.view, path, quoted.text).filter(|file| !apart.contains(file))
                else {
                    continue;
                };
                for write in unsure.writes.get(&file).into_iter().flatten() {
                    found.extend(write.keys.iter().map(|key| (key.clone(), write.span)));
                }
            }
        }
        found
    }

    /// The configurations of runners, with their texts; manifests, too.
    fn configurations(&self) -> impl Iterator<Item = (&RepoPath, &str)> {
        let is_one = |path: &RepoPath| {
            let name = path.file_name();
            name == "package.json"
                || name.starts_with(".mocharc.")
                || name.starts_with("karma.conf")
                || self.harness.configurations.contains(path)
        };
        let files = self.view.files.iter().filter(move |(path, _)| is_one(path));
        let texts = files.map(|(path, file)| (path, &*self.sources.file(*file).text));
        texts.filter(|(_, text)| text.len() <= LONGEST)
    }

    /// `moduleNameMapper: { '/flags$': '<rootDir>/test/fake-flags.js' }`
    fn replaced(&self) -> Vec<(FlagKey, Span)> {
        let mut found = Vec::new();
        for (path, text) in self.configurations() {
            let Some(at) = REPLACING.iter().filter_map(|key| text.find(key)).min() else {
                continue;
            };
            let file = self.view.files[path];
            let quoted = harness::quoted(text);
            let mut key = "";
            for one in quoted.iter().filter(|one| (at..at + REACH).contains(&one.at)) {
                match harness::named(self.view, path, one.text) {
                    // A key may look like a path, too: what it is replaced by comes after it.
                    Some(target) if !key.is_empty() => {
                        let place = Bytes::new(one.at, one.at + one.text.len()).in_file(file);
                        let flags = self.flags_of_module(key, &target);
                        found.extend(flags.into_iter().map(|flag| (flag, place)));
                        key = "";
                    }
                    _ => key = one.text,
                }
            }
        }
        found
    }

    /// The flags that are defined in a module of this name, or read from it.
    fn flags_of_module(&self, key: &str, target: &RepoPath) -> BTreeSet<FlagKey> {
        let name = last_word(key);
        let mut found = BTreeSet::new();
        if name.is_empty() || REPLACING.contains(&key) {
            return found;
        }
        let is_it = |path: &RepoPath| path != target && last_word(path.as_str()) == name;
        let path = |span: Span| self.sources.path(span.file);
        let defined = self.index.definitions.iter().filter(|of| is_it(path(of.span)));
        found.extend(defined.map(|of| of.key.clone()));
        let imports: BTreeSet<&RepoPath> = self
            .index
            .files
            .values()
            .filter(|facts| imports(facts, &name))
            .map(|facts| &facts.path)
            .collect();
        let of_tests = self.is_of_tests(target);
        let read = self.index.reads.iter().filter(|read| {
            let reads = path(read.span);
            is_it(reads) || (of_tests && imports.contains(reads))
        });
        found.extend(read.map(|read| read.key.clone()));
        found
    }

    /// What scripts, workflows and other files set for the runs that they start.
    fn set(&self) -> Vec<(FlagKey, Span)> {
        let names = super::names(self.index);
        let mut found = Vec::new();
        let mut files: BTreeMap<&RepoPath, bool> = BTreeMap::new();
        for path in self.view.files.keys() {
            if is_script(path) || SETTING_FILES.contains(&path.file_name()) {
                files.insert(path, false);
            }
        }
        for (path, text) in self.configurations().filter(|(_, text)| text.contains("dotenv")) {
            let read = harness::quoted(text).into_iter();
            let read = read.filter_map(|quoted| harness::named(self.view, path, quoted.text));
            let read = read.filter_map(|path| self.view.files.get_key_value(&path));
            files.extend(
                read.filter(|(path, _)| path.file_name().contains("env"))
                    .map(|(path, _)| (path, true)),
            );
        }
        found.extend(self.unread());
        for (path, of_tests) in files {
            let file = self.view.files[path];
            let text = &*self.sources.file(file).text;
            if text.len() > LONGEST || !(of_tests || text.contains("test")) {
                continue;
            }
            for (name, key) in &names {
                for (value, span) in harness::sets(text, file, name) {
                    if FlagValue::parse(value) != FlagValue::Off {
                        found.push((FlagKey::clone(key), span));
                    }
                }
            }
        }
        found
    }
}

impl Project<'_> {
    /// `dotenv.config({ path: './unit.env' })` of a file that is not among those that are read: it may set any variable.
    fn unread(&self) -> Vec<(FlagKey, Span)> {
        let mut found = Vec::new();
        for (path, text) in self.configurations().filter(|(_, text)| text.contains("dotenv")) {
            let is_unread = |text: &str| {
                text.ends_with("env")
                    && text.len() > 3
                    && text != "dotenv"
                    && harness::named(self.view, path, text).is_none()
            };
            for quoted in harness::quoted(text)
                .into_iter()
                .filter(|quoted| is_unread(quoted.text))
            {
                let place = Bytes::new(quoted.at, quoted.at + quoted.text.len()).in_file(self.view.files[path]);
                let flags = super::stores::environment(self.index).flags;
                found.extend(flags.into_values().map(|key| (key, place)));
            }
        }
        found
    }
}

/// The last name of a module or a pattern of one: `flags` of `^.*/flags(\\.js)?$`.
fn last_word(key: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let stem = key.trim_end_matches(['$', '?', ')', '/', '"', '\'']);
    let endings = [
        ".tsx", ".jsx", ".mjs", ".cjs", ".ts", ".js", ".py", "\\.js", "\\.ts", "(\\.js", "(.*",
    ];
    let stem = endings
        .iter()
        .find_map(|ending| stem.strip_suffix(ending))
        .unwrap_or(stem);
    let stem = stem.trim_end_matches(['(', '\\', '$', '/']);
    let start = stem
        .rfind(|c| !is_word(c))
        .map_or(0, |at| at + stem[at..].chars().next().map_or(1, char::len_utf8));
    stem[start..].to_owned()
}

fn imports(facts: &crate::lang::FileFacts, name: &str) -> bool {
    let from = |id: NodeId| match facts.tree.syntax(id) {
        Syntax::Import { from, .. } => Some(&**from),
        _ => None,
    };
    facts.text.contains(name) && facts.tree.ids().filter_map(from).any(|from| last_word(from) == name)
}
