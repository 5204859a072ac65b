//! What the configuration names although git ignores it. Enters: the globs of the configuration. Leaves: the files that they match, added to
//! the [`View`]: who names a file means it, and `.gitignore` is about what is committed, not about what is true.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use globset::GlobSet;
use ignore::WalkBuilder;

use super::{Entry, NEVER, Step, look, read_entry};
use crate::source::{RepoPath, SkipReason, Skipped, Sources, View};

/// What opens a pattern in a glob.
const WILD: [char; 4] = ['*', '?', '[', '{'];

/// Adds the files that one of `globs` names (`matching` is all of them) and that the view lacks because git ignores them.
///
/// A glob that begins with a pattern (`**/*.prd.md`) names no folder: it is looked for in the topmost one alone, because what lies in ignored
/// folders elsewhere is mostly made or fetched. Links are recorded and not followed, as everywhere.
pub fn add_named(root: &Path, globs: &[String], matching: &GlobSet, sources: &mut Sources, view: &mut View) {
    let mut found: BTreeSet<(RepoPath, u64)> = BTreeSet::new();
    for glob in globs {
        let glob = glob.trim_start_matches("./");
        let fixed = glob
            .find(WILD)
            .map(|at| glob[..at].rsplit_once('/').map_or("", |(base, _)| base));
        let base = fixed.unwrap_or(glob).trim_end_matches('/');
        if let Some(link) = link_above(root, base) {
            add_folder(view, link);
            continue;
        }
        let depth = if base.is_empty() { Some(1) } else { None };
        let walker = WalkBuilder::new(root.join(base))
            .standard_filters(false)
            .follow_links(false)
            .max_depth(depth)
            .filter_entry(|entry| {
                entry.depth() == 0 || !entry.file_name().to_str().is_some_and(|name| NEVER.contains(&name))
            })
            .build();
        for step in walker.filter_map(|entry| look(root, entry)) {
            match step {
                Step::File(path, size) if matching.is_match(path.as_str()) => _ = found.insert((path, size)),
                Step::Skipped(skip) if matching.is_match(skip.path.as_str()) => add_skipped(view, skip),
                // What cannot be listed where files are meant may hide them. That there is no such folder hides nothing.
                Step::Folder(folder) if root.join(folder.path.as_str()).symlink_metadata().is_ok() => {
                    add_folder(view, folder);
                }
                _ => {}
            }
        }
    }
    for (path, size) in found {
        if view.exists(&path) || view.skipped.iter().any(|skip| skip.path == path) {
            continue;
        }
        match read_entry(root, path, size) {
            Entry::Text(path, text) => {
                let id = sources.add(path.clone(), text);
                view.files.insert(path, id);
            }
            Entry::Unread(path) => _ = view.unread.insert(path),
            Entry::Skipped(skip) => {
                view.unread.insert(skip.path.clone());
                add_skipped(view, skip);
            }
        }
    }
    view.skipped.sort();
    view.folders.sort();
}

/// The first folder on the way to `base` that is a symbolic link.
fn link_above(root: &Path, base: &str) -> Option<Skipped> {
    let parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    // A file that is a link is told by the walk.
    (1..=parts.len()).find_map(|count| {
        let path = RepoPath::new(&parts[..count].join("/"))?;
        let at = root.join(path.as_str());
        let is_link = fs::symlink_metadata(&at).is_ok_and(|found| found.is_symlink());
        let reason = SkipReason::Symlink;
        is_link.then_some(Skipped { path, reason })
    })
}

fn add_folder(view: &mut View, folder: Skipped) {
    if !view.folders.contains(&folder) && !view.skipped.contains(&folder) {
        view.folders.push(folder);
    }
}

fn add_skipped(view: &mut View, skip: Skipped) {
    if !view.skipped.iter().any(|known| known.path == skip.path) {
        view.skipped.push(skip);
    }
}
