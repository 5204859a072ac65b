//! Which packages a Cargo workspace is made of. Enters: the manifests of a tree. Leaves: [`Members`]. What lies below a workspace and is
//! neither a member, nor the path of a dependency, nor excluded by name, is no package of the project: tests keep such manifests to try
//! things on.

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::cargo::tables_of_dependencies;
use super::path::{Data, Value};
use crate::source::RepoPath;

/// The outermost workspaces of a tree, and the manifests that belong to them.
pub(super) struct Members<'a> {
    roots: Vec<Root<'a>>,
    inside: BTreeSet<RepoPath>,
}

struct Root<'a> {
    manifest: &'a RepoPath,
    members: GlobSet,
    excluded: Vec<String>,
}

impl<'a> Members<'a> {
    /// The members of every workspace among these manifests.
    pub(super) fn of(manifests: &BTreeMap<&'a RepoPath, &'a Data>) -> Self {
        let mut found = Self {
            roots: Vec::new(),
            inside: BTreeSet::new(),
        };
        let mut roots: Vec<(&RepoPath, &Data)> = manifests
            .iter()
            .filter_map(|(path, manifest)| Some((*path, manifest.get("workspace")?)))
            .collect();
        roots.sort_by_key(|(path, _)| path.as_str().len());
        for (manifest, workspace) in roots {
            if found.has(manifest) {
                found.roots.push(Root::of(manifest, workspace));
            }
        }
        let listed = |path: &RepoPath| {
            let root = found.governing(path);
            root.is_some_and(|root| root.manifest == path || root.lists(path))
        };
        let mut open: Vec<RepoPath> = manifests
            .keys()
            .filter(|path| listed(path))
            .map(|path| (*path).clone())
            .collect();
        while let Some(path) = open.pop() {
            let manifest = manifests.get(&path);
            open.extend(manifest.iter().flat_map(|manifest| paths(&path, manifest)));
            open.retain(|next| !found.inside.contains(next) && *next != path);
            found.inside.insert(path);
        }
        found
    }

    /// False for a manifest below a workspace that is no part of it.
    pub(super) fn has(&self, manifest: &RepoPath) -> bool {
        self.governing(manifest).is_none() || self.inside.contains(manifest)
    }

    fn governing(&self, manifest: &RepoPath) -> Option<&Root<'a>> {
        let over = |root: &&Root<'_>| {
            below(root.manifest.parent(), manifest.parent())
                .is_some_and(|rest| !root.excluded.iter().any(|out| below(out, rest).is_some()))
        };
        self.roots.iter().find(over)
    }
}

impl<'a> Root<'a> {
    fn of(manifest: &'a RepoPath, workspace: &Data) -> Self {
        let mut members = GlobSetBuilder::new();
        for text in texts(workspace, "members") {
            let glob = GlobBuilder::new(text.trim_start_matches("./").trim_end_matches('/'))
                .literal_separator(true)
                .build();
            // A pattern that Cargo would not take either names nobody.
            if let Ok(glob) = glob {
                members.add(glob);
            }
        }
        Self {
            manifest,
            members: members.build().unwrap_or_default(),
            excluded: texts(workspace, "exclude")
                .map(|text| text.trim_matches(['.', '/']).to_owned())
                .collect(),
        }
    }

    fn lists(&self, manifest: &RepoPath) -> bool {
        below(self.manifest.parent(), manifest.parent()).is_some_and(|rest| self.members.is_match(rest))
    }
}

/// What of `path` lies below `folder`.
fn below<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    match path.strip_prefix(folder)? {
        rest if folder.is_empty() || rest.is_empty() => Some(rest),
        rest => rest.strip_prefix('/'),
    }
}

fn texts<'d>(table: &'d Data, name: &str) -> impl Iterator<Item = &'d str> {
    let items = match table.get(name).map(|list| &list.value) {
        Some(Value::List(items)) => items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(Data::scalar)
}

/// The manifests of the packages that a manifest depends on by path.
fn paths(from: &RepoPath, manifest: &Data) -> Vec<RepoPath> {
    let mut found = Vec::new();
    let shared = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"));
    for table in tables_of_dependencies(manifest).into_iter().chain(shared) {
        let Value::Map(entries) = &table.value else { continue };
        let folders = entries
            .iter()
            .filter_map(|(_, data)| data.get("path").and_then(Data::scalar));
        found.extend(folders.filter_map(|folder| from.sibling(&format!("{folder}/Cargo.toml"))));
    }
    found
}
