//! Which documents are read. Enters: the tree, and the globs of the configuration. Leaves: [`PrdFile`]s, and what should be one and cannot be
//! read.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::project::{Project, fits, glob_set};
use crate::analysis::PrdFile;
use crate::prd::discover;
use crate::prd::places::Document;
use crate::prd::tasks::{self, NoTasks};
use crate::source::{RepoPath, SkipReason, Skipped, Sources, View};

impl Project {
    /// The PRD files of a tree, and those that exist, or may, and could not be read.
    pub(super) fn prd_files(
        &self,
        sources: &mut Sources,
        view: &View,
    ) -> Result<(Vec<PrdFile>, Vec<Skipped>), Failure> {
        let globs = &self.config.prds.paths;
        let found = if globs.is_empty() {
            discover::usual(view)
        } else {
            discover::matching(view, &glob_set(globs)?)
        };
        let (mut files, mut unread) = (Vec::new(), BTreeSet::new());
        for document in found {
            let path = document.path.clone();
            match prds_of(sources, view, document) {
                Ok(more) => files.extend(more),
                // Nobody said that it lists tasks: JSON of that name may be anything.
                Err(NoTasks::NoList) if globs.is_empty() => {}
                Err(why) => drop(unread.insert(Skipped {
                    path,
                    reason: SkipReason::Unreadable(why.to_string()),
                })),
            }
        }
        let named = glob_set(globs)?;
        let is_prd = |path: &RepoPath| fits(path, globs, &named);
        let hidden = |folder: &&Skipped| match folder.reason {
            SkipReason::NotAFile(_) => is_prd(&folder.path) && !view.has_folder(folder.path.as_str()),
            _ if globs.is_empty() => discover::usual_behind(view, &folder.path),
            _ => globs.iter().any(|glob| discover::behind(glob, folder)),
        };
        let skipped = view.skipped.iter().filter(|skip| is_prd(&skip.path));
        unread.extend(skipped.chain(view.folders.iter().filter(hidden)).cloned());
        Ok((files, unread.into_iter().collect()))
    }
}

/// The PRDs of a document: itself, or the tasks that it lists, each with a text of its own.
fn prds_of(sources: &mut Sources, view: &View, document: Document) -> Result<Vec<PrdFile>, NoTasks> {
    let Some(&file) = view.files.get(&document.path) else {
        return Ok(Vec::new());
    };
    if document.tasks.is_empty() {
        let with = document.with.iter().filter_map(|path| view.files.get(path));
        return Ok(vec![PrdFile {
            file,
            with: with.copied().collect(),
            id: document.id,
            task: None,
        }]);
    }
    let text = sources.file(file).text.clone();
    let tasks = tasks::read(&text, &document.tasks)?;
    let prd = |(task, own)| PrdFile {
        file: sources.add(document.path.clone(), own),
        with: Vec::new(),
        id: None,
        task: Some(task),
    };
    Ok(tasks.into_iter().map(prd).collect())
}
