//! Which documents are read. Enters: the tree, and the globs of the configuration. Leaves: [`Documents`]: the [`PrdFile`]s, what is done, and what
//! should be one and cannot be read.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use super::project::{Project, fits, path_globs};
use crate::analysis::{PrdFile, documents};
use crate::prd::places::{self, Document};
use crate::prd::tasks::{self, NoTasks};
use crate::prd::{PrdId, Within, discover};
use crate::source::{RepoPath, SkipReason, Skipped, Sources, View};

/// The documents of a tree.
pub(super) struct Documents {
    /// Those of the wave.
    pub(super) files: Vec<PrdFile>,
    /// The PRDs of which the layout says that they are done: who waits for one waits no more.
    pub(super) done: BTreeSet<PrdId>,
    /// Those that exist, or may, and could not be read.
    pub(super) unread: Vec<Skipped>,
}

impl Project {
    /// The documents of a tree.
    pub(super) fn prd_files(&self, sources: &mut Sources, view: &View) -> Result<Documents, Failure> {
        let globs = &self.config.prds.paths;
        let found = if globs.is_empty() {
            discover::usual(view)
        } else {
            discover::matching(view, &path_globs(globs)?)
        };
        let (mut files, mut done, mut unread) = (Vec::new(), Vec::new(), BTreeSet::new());
        let plans = Plans::of(sources, view, &found);
        for document in found {
            let path = document.path.clone();
            let is_done = is_done(sources, view, &document);
            let within = plans.within(&document);
            match prds_of(sources, view, document) {
                Ok(more) => {
                    let more = more.into_iter().map(|file| PrdFile {
                        within: within.clone(),
                        ..file
                    });
                    if is_done { &mut done } else { &mut files }.extend(more);
                }
                // Nobody said that it lists tasks: JSON of that name may be anything.
                Err(NoTasks::NoList) if globs.is_empty() => {}
                Err(why) => drop(unread.insert(Skipped {
                    path,
                    reason: SkipReason::Unreadable(why.to_string()),
                })),
            }
        }
        let named = path_globs(globs)?;
        let is_prd = |path: &RepoPath| fits(path, globs, &named);
        let hidden = |folder: &&Skipped| match folder.reason {
            SkipReason::NotAFile(_) => is_prd(&folder.path) && !view.has_folder(folder.path.as_str()),
            _ if globs.is_empty() => discover::usual_behind(view, &folder.path),
            _ => globs.iter().any(|glob| discover::behind(glob, folder)),
        };
        let skipped = view.skipped.iter().filter(|skip| is_prd(&skip.path));
        unread.extend(skipped.chain(view.folders.iter().filter(hidden)).cloned());
        for document in places::finished(view) {
            done.extend(prds_of(sources, view, document).unwrap_or_default());
        }
        let ids = |files: &[PrdFile]| -> BTreeSet<PrdId> {
            documents(sources, files).into_iter().map(|prd| prd.id).collect()
        };
        let mut done = ids(&done);
        if !done.is_empty() {
            let open = ids(&files);
            done.retain(|id| !open.contains(id));
        }
        Ok(Documents {
            files,
            done,
            unread: unread.into_iter().collect(),
        })
    }
}

/// The text of a path of the tree.
fn text(sources: &Sources, view: &View, path: &RepoPath) -> Option<String> {
    Some(sources.file(*view.files.get(path)?).text.to_string())
}

fn is_done(sources: &Sources, view: &View, document: &Document) -> bool {
    let place = document.place;
    place.is_some_and(|place| place.is_done(&document.path, |path| text(sources, view, path)))
}

/// The ids of each plan, where several have ids of their own; else none.
struct Plans(BTreeMap<String, BTreeSet<String>>);

impl Plans {
    fn of(sources: &Sources, view: &View, found: &[Document]) -> Self {
        let mut plans: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for document in found {
            let (Some(plan), Some(&file)) = (&document.group, view.files.get(&document.path)) else {
                continue;
            };
            let ids = documents(sources, &[PrdFile::alone(file)]).into_iter();
            plans
                .entry(plan.clone())
                .or_default()
                .extend(ids.map(|prd| prd.id.0.to_lowercase()));
        }
        Self(if plans.len() > 1 { plans } else { BTreeMap::new() })
    }

    fn within(&self, document: &Document) -> Option<Within> {
        let (name, ids) = self.0.get_key_value(document.group.as_ref()?)?;
        Some(Within {
            name: name.clone(),
            ids: ids.clone(),
        })
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
            within: None,
        }]);
    }
    let read = |path: &str| text(sources, view, &RepoPath::new(path)?);
    let current = document.tasks.iter().find_map(|list| list.current(read));
    let text = sources.file(file).text.clone();
    let tasks = tasks::read(&text, &document.tasks, current.as_deref())?;
    let prd = |(task, own)| PrdFile {
        file: sources.add(document.path.clone(), own),
        with: Vec::new(),
        id: None,
        task: Some(task),
        within: None,
    };
    Ok(tasks.into_iter().map(prd).collect())
}
