//! What the PRDs promise to write. Enters: the project in one work tree. Leaves: [`Promises`].
//!
//! Reading them takes an analysis of the whole project, so they are kept until a PRD, its folder or the configuration changes. What they say of
//! the code is then what it was when they were read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::super::args::Global;
use super::super::branches::{is_of, named_branch};
use super::super::cache::{Cache, Fields, Kept, Reading};
use super::super::failure::Failure;
use super::super::project::{Project, Wanted};
use crate::analysis::{analyze, documents};
use crate::config::FILE_NAME;
use crate::guard::Outside;
use crate::lang::Language;
use crate::source::RepoPath;
use crate::touchpoint::{Promise, Written, promises};

/// One PRD.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Promised {
    id: String,
    /// The branch that it names.
    branch: Option<String>,
    promise: Promise,
}

/// What every PRD promises, and what the project was then.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Promises {
    prds: Vec<Promised>,
    files: BTreeSet<RepoPath>,
    tests: BTreeSet<RepoPath>,
    /// Everything was read; else the PRDs have no more than their names.
    is_whole: bool,
}

/// The promises of the project in a folder, for who works there on this branch, at this commit. Where no PRD has the branch, nobody's promise is
/// found out.
///
/// # Errors
/// If the project cannot be read.
pub(super) fn of(
    global: &Global,
    root: &Path,
    (branch, head): (&str, &str),
    cache: &Cache,
) -> Result<Promises, Failure> {
    let name = format!(
        "promise-{}",
        &blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex()[..16]
    );
    if let Kept::Bytes(bytes) = cache.read(&name)
        && let Some(found) = kept(&bytes, root, head)
        && (found.is_whole || !found.has(branch))
    {
        return Ok(found);
    }
    let global = Global {
        project: Some(root.to_owned()),
        ..global.clone()
    };
    let project = Project::open(&global)?;
    let inputs = project.read(&global, &Wanted::default())?;
    let said = documents(&inputs.sources, &inputs.prds);
    let paths: Vec<RepoPath> = inputs
        .prds
        .iter()
        .map(|prd| inputs.sources.path(prd.file).clone())
        .collect();
    let state = state(root, &paths, head);
    let prds = said.iter().map(|prd| Promised {
        id: prd.id.0.clone(),
        branch: named_branch(&project, prd).map(str::to_owned),
        promise: Promise::default(),
    });
    let found = Promises {
        prds: prds.collect(),
        ..Promises::default()
    };
    if !found.has(branch) {
        cache.write(&name, &keep(&found, &state));
        return Ok(found);
    }
    let analysis = analyze(inputs);
    let mut by_prd = promises(&analysis.touchpoints);
    let prds = analysis.prds.iter().map(|prd| Promised {
        id: prd.id.0.clone(),
        branch: named_branch(&project, prd).map(str::to_owned),
        promise: by_prd.remove(&prd.id).unwrap_or_default(),
    });
    let found = Promises {
        prds: prds.collect(),
        files: analysis
            .base
            .files
            .keys()
            .chain(&analysis.base.unread)
            .cloned()
            .collect(),
        tests: analysis.index.test_files.iter().cloned().collect(),
        is_whole: true,
    };
    cache.write(&name, &keep(&found, &state));
    Ok(found)
}

impl Promises {
    /// True if a PRD has the branch.
    fn has(&self, branch: &str) -> bool {
        self.prds
            .iter()
            .any(|prd| is_of(&prd.id, prd.branch.as_deref(), branch))
    }

    /// Why a write of the file on this branch is outside of what its PRD says; nothing where it is not, or where no PRD has the branch.
    #[must_use]
    pub(super) fn outside(&self, branch: &str, path: &RepoPath) -> Option<Outside> {
        let own = self
            .prds
            .iter()
            .find(|prd| is_of(&prd.id, prd.branch.as_deref(), branch))?;
        let written = Written {
            is_new: !self.files.contains(path),
            is_test: self.tests.contains(path),
            is_data: Language::of(path).is_none(),
        };
        let others = self
            .prds
            .iter()
            .filter(|prd| prd.id != own.id && prd.promise.paths.contains(path));
        let owners: Vec<String> = others.map(|prd| prd.id.clone()).collect();
        // What a PRD may write without a word (a new file, a test) is somebody else's where another PRD names it.
        let is_free = owners.is_empty() || own.promise.paths.contains(path);
        if is_free && own.promise.covers(path, written) {
            return None;
        }
        Some(Outside {
            prd: own.id.clone(),
            owners,
        })
    }
}

/// What the promises hang on, as far as a look at the folder tells: one text for each file, its own.
fn state(root: &Path, documents: &[RepoPath], head: &str) -> BTreeMap<String, String> {
    let mut paths: BTreeSet<String> = documents.iter().map(|path| path.as_str().to_owned()).collect();
    paths.extend(documents.iter().map(|path| path.parent().to_owned()));
    paths.insert(FILE_NAME.to_owned());
    let mut state: BTreeMap<String, String> = paths
        .into_iter()
        .map(|path| {
            let told = stamp(&root.join(&path));
            (path, told)
        })
        .collect();
    if documents.is_empty() {
        // Where there is no PRD yet, any commit may bring one.
        state.insert("HEAD".to_owned(), head.to_owned());
    }
    state
}

/// When it was written, and how large it is.
fn stamp(path: &Path) -> String {
    let Ok(facts) = std::fs::metadata(path) else {
        return String::new();
    };
    let time = facts
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let size = if facts.is_dir() { 0 } else { facts.len() };
    format!("{} {size}", time.map_or(0, |time| time.as_nanos()))
}

fn keep(found: &Promises, state: &BTreeMap<String, String>) -> Vec<u8> {
    let mut fields = Fields::default();
    fields.number(state.len());
    for (path, told) in state {
        fields.put(path.as_bytes());
        fields.put(told.as_bytes());
    }
    fields.number(found.prds.len());
    for prd in &found.prds {
        fields.put(prd.id.as_bytes());
        fields.put(prd.branch.as_deref().unwrap_or_default().as_bytes());
        put_paths(&mut fields, &prd.promise.paths);
    }
    put_paths(&mut fields, &found.files);
    put_paths(&mut fields, &found.tests);
    fields.number(usize::from(found.is_whole));
    fields.bytes().to_vec()
}

fn put_paths(fields: &mut Fields, paths: &BTreeSet<RepoPath>) {
    fields.number(paths.len());
    paths.iter().for_each(|path| fields.put(path.as_str().as_bytes()));
}

/// What was kept, if the folder still is as it was then.
fn kept(bytes: &[u8], root: &Path, head: &str) -> Option<Promises> {
    let mut reading = Reading::of(bytes);
    for _ in 0..reading.number()? {
        let (path, told) = (reading.text()?, reading.text()?);
        let now = match path {
            "HEAD" => head.to_owned(),
            path => stamp(&root.join(path)),
        };
        if now != told {
            return None;
        }
    }
    let mut found = Promises::default();
    for _ in 0..reading.number()? {
        let id = reading.text()?.to_owned();
        let branch = Some(reading.text()?.to_owned()).filter(|branch| !branch.is_empty());
        let promise = Promise {
            paths: take_paths(&mut reading)?,
        };
        found.prds.push(Promised { id, branch, promise });
    }
    found.files = take_paths(&mut reading)?;
    found.tests = take_paths(&mut reading)?;
    found.is_whole = reading.number()? == 1;
    Some(found)
}

fn take_paths(reading: &mut Reading<'_>) -> Option<BTreeSet<RepoPath>> {
    let count = reading.number()?;
    (0..count).map(|_| RepoPath::new(reading.text()?)).collect()
}
