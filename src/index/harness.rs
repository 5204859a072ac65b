//! How the tests of a project are started. Enters: the texts of a tree: manifests with their scripts, make files and workflows, the
//! configurations of runners. Leaves: [`Harness`]: which files configure a runner, which run before the tests, which files of settings
//! are read for them, and what commands set. Knows nothing of flags. What is not written out stays out.

use std::collections::{BTreeMap, BTreeSet};

use super::frameworks;
use crate::lang::Language;
use crate::source::{Bytes, FileId, RepoPath, Sources, Span, View, is_script};

/// Options that name a file which runs before the tests.
const PRELOADS: [&str; 8] = [
    "-r",
    "--require",
    "--import",
    "--file",
    "--preload",
    "--setupFiles",
    "--setupFilesAfterEnv",
    "--setup-files",
];
/// Options that name a configuration.
const CONFIGS: [&str; 2] = ["-c", "--config"];
/// Options that name a file of settings.
const SETTINGS: [&str; 4] = ["--env-file", "--env-file-if-exists", "-e", "-f"];
/// Words of commands that run tests.
const RUNNERS: [&str; 9] = [
    "vitest", "jest", "mocha", "ava", "karma", "--test", "tap", "jasmine", "bun",
];
/// Keys of configurations in plain text whose files run before the tests.
const KEYS: [&str; 3] = ["require", "file", "files"];
/// How many configurations may stand behind one.
const MOST_BASES: usize = 3;
/// Scripts that call scripts.
const MOST_CALLS: usize = 8;

/// How the tests of a project are started.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Harness {
    /// The configurations of runners, with those that they build on.
    pub configurations: BTreeSet<RepoPath>,
    /// Files that run before the tests, as far as commands, manifests and plain configurations name them.
    pub setup: BTreeSet<RepoPath>,
    /// Files of settings that commands read for tests.
    pub settings: BTreeSet<RepoPath>,
    /// What commands that run tests set, with the text of the value.
    pub set: Vec<(String, String)>,
}

/// A quoted text of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quoted<'t> {
    /// What stands between the quotes.
    pub text: &'t str,
    /// Where it stands.
    pub at: usize,
}

/// The quoted texts of a file, each on one line. Escapes end nothing: they do not stand in paths.
#[must_use]
pub fn quoted(text: &str) -> Vec<Quoted<'_>> {
    let mut found = Vec::new();
    let mut open: Option<(char, usize)> = None;
    for (at, c) in text.char_indices() {
        match (open, c) {
            (Some((quote, start)), c) if c == quote => {
                found.push(Quoted {
                    text: &text[start..at],
                    at: start,
                });
                open = None;
            }
            (Some(_), '\n') => open = None,
            (None, '\'' | '"' | '`') => open = Some((c, at + 1)),
            _ => {}
        }
    }
    found
}

/// The file of the tree that a text of a configuration names, seen from the folder of `from` or, with `<rootDir>/`, any folder above.
#[must_use]
pub fn named(view: &View, from: &RepoPath, text: &str) -> Option<RepoPath> {
    let relative = text.trim_start_matches("<rootDir>/").trim_start_matches('/');
    if relative.is_empty() || relative.len() > 256 || relative.contains(['*', ' ', '\n']) {
        return None;
    }
    let has = |path: RepoPath| view.files.contains_key(&path).then_some(path);
    let at = |folder: &str| {
        let path = if folder.is_empty() {
            relative.to_owned()
        } else {
            format!("{folder}/{relative}")
        };
        let endings = [
            "",
            ".ts",
            ".js",
            ".mjs",
            ".cjs",
            ".mts",
            ".cts",
            ".tsx",
            ".json",
            "/index.ts",
            "/index.js",
        ];
        endings
            .iter()
            .find_map(|ending| has(RepoPath::new(&format!("{path}{ending}"))?))
    };
    let mut folder = from.parent();
    if let Some(found) = at(folder) {
        return Some(found);
    }
    // What is relative to the project, seen from a configuration in a folder of its own.
    while !folder.is_empty() && !text.starts_with('.') {
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        if let Some(found) = at(folder) {
            return Some(found);
        }
    }
    None
}

impl Harness {
    /// Reads it off the texts of a tree.
    #[must_use]
    pub fn of(sources: &Sources, view: &View) -> Self {
        let mut found = Self::default();
        for (path, file) in &view.files {
            let text = || &*sources.file(*file).text;
            match path.file_name() {
                "package.json" => found.manifest(view, path, text()),
                name if name.starts_with(".mocharc.")
                    || name.starts_with("karma.conf")
                    || name.starts_with("ava.config") =>
                {
                    found.plain(view, path, text());
                }
                _ if is_script(path) => text().lines().for_each(|line| found.command(view, path, line)),
                _ if frameworks::is_configuration(path) => {
                    found.configurations.insert(path.clone());
                }
                _ => {}
            }
        }
        found.follow(sources, view);
        found
    }

    /// The configurations that configurations import.
    fn follow(&mut self, sources: &Sources, view: &View) {
        let mut open: Vec<RepoPath> = self.configurations.iter().cloned().collect();
        for _ in 0..MOST_BASES {
            let mut more = Vec::new();
            for path in &open {
                let Some(file) = view.files.get(path) else { continue };
                for base in imported(&sources.file(*file).text) {
                    let base = named(view, path, base).filter(|base| Language::of(base).is_some());
                    more.extend(base.filter(|base| self.configurations.insert(base.clone())));
                }
            }
            open = more;
        }
    }

    /// The scripts of a `package.json` that run tests, and its own keys of runners.
    fn manifest(&mut self, view: &View, path: &RepoPath, text: &str) {
        let Ok(manifest) = serde_json::from_str::<serde_json::Value>(text) else {
            return;
        };
        for key in ["ava", "mocha"] {
            for name in KEYS {
                let texts = manifest.get(key).and_then(|of| of.get(name));
                let texts = texts.into_iter().flat_map(texts_of);
                self.setup.extend(texts.filter_map(|text| named(view, path, text)));
            }
        }
        let Some(scripts) = manifest.get("scripts").and_then(serde_json::Value::as_object) else {
            return;
        };
        let scripts: BTreeMap<&str, &str> = scripts
            .iter()
            .filter_map(|(name, script)| Some((name.as_str(), script.as_str()?)))
            .collect();
        for name in of_tests(&scripts) {
            self.command(view, path, scripts[name]);
            self.set.extend(assignments(scripts[name]));
        }
    }

    /// A configuration that is read by its words: `require: ./prep.js`, `files: ['prep.js']`.
    fn plain(&mut self, view: &View, path: &RepoPath, text: &str) {
        let mut under = false;
        for line in text.lines() {
            let bare = line.trim_start_matches([' ', '\t', '{', '-', '"', '\'']);
            let names = |key: &&str| {
                let at = line.find(*key);
                let before = |at: usize| line[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
                at.is_some_and(|at| {
                    before(at) && line[at + key.len()..].trim_start_matches(['"', '\'']).starts_with(':')
                })
            };
            let is_item =
                bare.len() < line.len() && line.trim_start().starts_with(['-', '\'', '"']) && !line.contains(':');
            under = KEYS.iter().any(names) || (under && is_item);
            if under {
                let texts = quoted(line).into_iter().map(|quoted| quoted.text);
                let words = line
                    .split([' ', ',', '[', ']', '\t'])
                    .map(|word| word.trim_matches(['"', '\'']));
                let files = texts.chain(words).filter_map(|text| named(view, path, text));
                self.setup.extend(files.filter(|file| Language::of(file).is_some()));
            }
        }
    }

    /// What a line that runs tests names.
    fn command(&mut self, view: &View, path: &RepoPath, line: &str) {
        if !RUNNERS.iter().any(|runner| line.contains(runner)) {
            return;
        }
        let words = shlex::split(line).unwrap_or_else(|| line.split_whitespace().map(str::to_owned).collect());
        // Scripts in folders of their own are run from above.
        let of_root = RepoPath::new("package.json");
        let file = |text: &str| named(view, path, text).or_else(|| named(view, of_root.as_ref()?, text));
        for (at, word) in words.iter().enumerate() {
            let (option, value) = match word.split_once('=') {
                Some((option, value)) => (option, Some(value)),
                None => (word.as_str(), words.get(at + 1).map(String::as_str)),
            };
            let Some(value) = value else { continue };
            if PRELOADS.contains(&option) {
                self.setup
                    .extend(file(value).filter(|file| Language::of(file).is_some()));
            } else if CONFIGS.contains(&option) {
                self.configurations
                    .extend(file(value).filter(|file| Language::of(file).is_some()));
            }
            if SETTINGS.contains(&option) {
                self.settings
                    .extend(file(value).filter(|file| file.file_name().contains("env")));
            }
        }
    }
}

/// The scripts that run tests: those called so, those they call, and those that start a runner.
fn of_tests<'m>(scripts: &BTreeMap<&'m str, &'m str>) -> BTreeSet<&'m str> {
    let is_first = |name: &&&str| name.split(':').next() == Some("test");
    let mut found: BTreeSet<&str> = scripts.keys().filter(is_first).copied().collect();
    for _ in 0..MOST_CALLS {
        let mut called = BTreeSet::new();
        for name in &found {
            let words = scripts[name].split_whitespace();
            called
                .extend(words.filter_map(|word| scripts.get_key_value(word.trim_matches('"')).map(|(name, _)| *name)));
        }
        let before = found.len();
        found.extend(called);
        if found.len() == before {
            break;
        }
    }
    found
}

/// `NAME=value` in a command.
fn assignments(command: &str) -> impl Iterator<Item = (String, String)> + '_ {
    let set = command.split_whitespace().filter_map(|word| word.split_once('='));
    let is_name = |name: &str| {
        let of_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        !name.is_empty() && name.chars().all(of_name)
    };
    set.filter(move |(name, _)| is_name(name))
        .map(|(name, value)| (name.to_owned(), value.trim_matches(['"', '\'']).to_owned()))
}

fn texts_of(value: &serde_json::Value) -> Vec<&str> {
    match value {
        serde_json::Value::String(text) => vec![text.as_str()],
        serde_json::Value::Array(items) => items.iter().filter_map(serde_json::Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// What a file imports by a relative path.
fn imported(text: &str) -> Vec<&str> {
    let before = |at: usize| text[..at].trim_end_matches(['\'', '"', '`']).trim_end();
    let imports = |quoted: &Quoted<'_>| {
        let before = before(quoted.at);
        ["require(", "from", "import", "import(", "extends:", "preset:"]
            .iter()
            .any(|word| before.ends_with(word))
    };
    quoted(text)
        .into_iter()
        .filter(|quoted| quoted.text.starts_with('.') && imports(quoted))
        .map(|quoted| quoted.text)
        .collect()
}

/// The places of a text that set a variable: `NAME=value`, `NAME: 'value'`, `NAME ?= value`, with the text of the value.
#[must_use]
pub fn sets<'t>(text: &'t str, file: FileId, name: &str) -> Vec<(&'t str, Span)> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '{');
    let mut found = Vec::new();
    for (at, _) in text.match_indices(name) {
        let rest = &text[at + name.len()..];
        let line = text[..at].rsplit('\n').next().unwrap_or("");
        if line.trim_start().starts_with('#') || line.ends_with(is_word) || line.ends_with('.') {
            continue;
        }
        let rest = rest.trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
        let signs = [":=", "?=", "=", ":"];
        let Some(value) = signs.iter().find_map(|sign| rest.strip_prefix(sign)) else {
            continue;
        };
        if value.starts_with('=') {
            continue;
        }
        let value = value.trim_start_matches([' ', '\t']);
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = match quote {
            Some(quote) => value[1..].split(quote).next().unwrap_or(""),
            None => value
                .split([' ', '\t', '\n', '\r', ';', ',', '\\'])
                .next()
                .unwrap_or(""),
        };
        found.push((value, Bytes::new(at, at + name.len()).in_file(file)));
    }
    found
}

#[cfg(test)]
mod tests;
