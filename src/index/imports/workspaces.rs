//! Packages of one repository that import each other by name. Enters: the manifests of a view. Leaves: which folder a package name
//! stands for, below which folder. Only what a workspace (npm, yarn, pnpm, lerna) or a `file:` dependency names counts: a fixture that
//! happens to be called `react` does not.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde_json::Value;

use super::files::joined;
use crate::source::{RepoPath, Sources, View};

/// A package of the repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Package {
    /// Where it lies; empty for the root.
    pub folder: String,
    /// Where its code begins, as its manifest says: `main`, `module`, `types`, the strings below `exports`, each with its subpath.
    pub entries: Vec<(String, String)>,
}

/// The packages of a view.
#[derive(Debug, Default)]
pub(super) struct Workspaces {
    /// For each folder that has packages by name: the name and the package.
    pub by_name: BTreeMap<String, Package>,
    /// `folder/node_modules/name` and the package's folder.
    pub links: BTreeMap<String, String>,
}

impl Workspaces {
    /// Reads the manifests.
    pub(super) fn new(sources: &Sources, view: &View) -> Self {
        let manifests = manifests(sources, view);
        let mut found = Self::default();
        for (folder, globs) in workspace_globs(sources, view, &manifests) {
            let below = manifests.iter().filter_map(|(path, manifest)| {
                let relative = below(&folder, path)?;
                (relative.is_empty() || globs.matches(relative)).then_some((path, manifest))
            });
            for (path, manifest) in below {
                found.add(&folder, path, manifest);
            }
        }
        for (path, manifest) in &manifests {
            found.add_local_dependencies(path, manifest, &manifests);
        }
        found
    }

    fn add(&mut self, root: &str, folder: &str, manifest: &Value) {
        let Some(name) = manifest
            .get("name")
            .and_then(Value::as_str)
            .filter(|name| !name.is_empty())
        else {
            return;
        };
        let link = joined(root, &format!("node_modules/{name}"));
        self.links.entry(link).or_insert_with(|| folder.to_owned());
        let package = Package {
            folder: folder.to_owned(),
            entries: entries(manifest),
        };
        self.by_name.entry(name.to_owned()).or_insert(package);
    }

    /// `"shared": "file:../shared"`, `link:`, `portal:`.
    fn add_local_dependencies(&mut self, folder: &str, manifest: &Value, manifests: &BTreeMap<String, Value>) {
        let lists = ["dependencies", "devDependencies", "peerDependencies"];
        let all = lists
            .iter()
            .filter_map(|list| manifest.get(*list)?.as_object())
            .flatten();
        for (name, version) in all {
            let target = ["file:", "link:", "portal:"]
                .iter()
                .find_map(|prefix| version.as_str()?.strip_prefix(prefix));
            let target = target.and_then(|target| RepoPath::new(&joined(folder, target)));
            if let Some((target, manifest)) = target.and_then(|target| manifests.get_key_value(target.as_str())) {
                let link = joined(folder, &format!("node_modules/{name}"));
                self.links.entry(link).or_insert_with(|| target.clone());
                let package = Package {
                    folder: target.clone(),
                    entries: entries(manifest),
                };
                self.by_name.entry(name.clone()).or_insert(package);
            }
        }
    }

    /// The package that a specifier names, and what follows the name.
    pub(super) fn find<'s>(&self, specifier: &'s str) -> Option<(&Package, &'s str)> {
        let slash = if specifier.starts_with('@') { 1 } else { 0 };
        let end = specifier
            .match_indices('/')
            .nth(slash)
            .map_or(specifier.len(), |(at, _)| at);
        let package = self.by_name.get(&specifier[..end])?;
        Some((package, specifier[end..].trim_start_matches('/')))
    }
}

/// Every `package.json` by its folder.
fn manifests(sources: &Sources, view: &View) -> BTreeMap<String, Value> {
    let named = view.files.iter().filter(|(path, _)| path.file_name() == "package.json");
    named
        .filter_map(|(path, id)| {
            let value = serde_json::from_str(sources.file(*id).text.trim_start_matches('\u{feff}')).ok()?;
            Some((path.parent().to_owned(), value))
        })
        .collect()
}

struct Globs {
    wanted: GlobSet,
    unwanted: GlobSet,
}

impl Globs {
    fn new(patterns: &[String]) -> Self {
        let build = |negated: bool| {
            let mut set = GlobSetBuilder::new();
            for pattern in patterns.iter().filter(|pattern| pattern.starts_with('!') == negated) {
                let pattern = pattern
                    .trim_start_matches('!')
                    .trim_start_matches("./")
                    .trim_end_matches('/');
                // A pattern that is none matches nothing; the package manager would refuse it.
                if let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() {
                    set.add(glob);
                }
            }
            set.build().unwrap_or_else(|_| GlobSet::empty())
        };
        Self {
            wanted: build(false),
            unwanted: build(true),
        }
    }

    fn matches(&self, folder: &str) -> bool {
        self.wanted.is_match(folder) && !self.unwanted.is_match(folder)
    }
}

/// The folders that are roots of workspaces, and what their members are called.
fn workspace_globs(sources: &Sources, view: &View, manifests: &BTreeMap<String, Value>) -> Vec<(String, Globs)> {
    let mut patterns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (folder, manifest) in manifests {
        let list = match manifest.get("workspaces") {
            Some(Value::Object(object)) => object.get("packages"),
            list => list,
        };
        let words = strings(list);
        if !words.is_empty() {
            patterns.entry(folder.clone()).or_default().extend(words);
        }
    }
    for (path, id) in &view.files {
        let text = &sources.file(*id).text;
        let words = match path.file_name() {
            "pnpm-workspace.yaml" => serde_saphyr::from_str::<Value>(text).ok(),
            "lerna.json" => serde_json::from_str::<Value>(text).ok(),
            _ => None,
        };
        let words = strings(words.as_ref().and_then(|value| value.get("packages")));
        if !words.is_empty() {
            patterns.entry(path.parent().to_owned()).or_default().extend(words);
        }
    }
    patterns
        .into_iter()
        .map(|(folder, words)| (folder, Globs::new(&words)))
        .collect()
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

/// `path` as seen from `folder`, if it lies below.
fn below<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    if folder.is_empty() || folder == path {
        return Some(path.strip_prefix(folder).unwrap_or(path));
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// The files that a manifest names as entries, each with the subpath that leads to it.
fn entries(manifest: &Value) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    for field in ["source", "types", "typings", "module", "main"] {
        if let Some(file) = manifest.get(field).and_then(Value::as_str) {
            entries.push((String::new(), file.to_owned()));
        }
    }
    let mut open = vec![(".".to_owned(), manifest.get("exports").unwrap_or(&Value::Null), 0)];
    while let Some((subpath, value, depth)) = open.pop() {
        match value {
            Value::String(file) => entries.push((subpath[1..].trim_start_matches('/').to_owned(), file.clone())),
            Value::Object(object) if depth < 8 => {
                for (key, value) in object.iter().rev() {
                    let inner = if key.starts_with('.') { key } else { &subpath };
                    open.push((inner.clone(), value, depth + 1));
                }
            }
            Value::Array(list) if depth < 8 => {
                open.extend(list.iter().rev().map(|value| (subpath.clone(), value, depth + 1)));
            }
            _ => {}
        }
    }
    entries
}
