//! What PRDs may change by their words. Enters: the analysis, the repository. Leaves: a [`Likely`] for each PRD that was asked for.
//! The guess stands beside the analysis: nothing that is decided there knows of it.

use std::collections::BTreeMap;

use super::project::Project;
use crate::analysis::Analysis;
use crate::git::Past;
use crate::index::frameworks::is_made_up;
use crate::lang::Language;
use crate::prd::{Prd, PrdId, is_test_path};
use crate::report::visible;
use crate::source::{RepoPath, is_generated};
use crate::touchpoint::likely::{Ground, History, Likely, MOST_PRDS, PastCommit, Source, likely};

/// So many commits are looked at.
const COMMITS: usize = 2_000;

/// Endings of files of code that no front end reads.
const UNREAD_CODE: [&str; 12] = [
    "vue", "svelte", "astro", "php", "swift", "scala", "dart", "c", "cc", "cpp", "h", "hpp",
];

/// Folders of code that is there to show, to measure or to test with, that a program wrote, or that is history: work adds to migrations and
/// rewrites none.
const BESIDE: [&str; 17] = [
    "bench",
    "benches",
    "benchmarks",
    "cypress",
    "dist",
    "example",
    "examples",
    "fixture",
    "generated",
    "migrations",
    "node_modules",
    "playground",
    "snapshots",
    "testdata",
    "testing",
    "testsuite",
    "vendor",
];

/// The guess for every PRD, or for one, and what to say beside it.
pub(super) fn guesses(
    project: &Project,
    analysis: &Analysis,
    only: Option<&PrdId>,
) -> (BTreeMap<PrdId, Likely>, String) {
    let asked = analysis
        .prds
        .iter()
        .filter(|prd| only.is_none_or(|only| prd.id == *only));
    let asked: Vec<&Prd> = asked.collect();
    if asked.is_empty() {
        return (BTreeMap::new(), String::new());
    }
    let (history, note) = match asked.len() > MOST_PRDS {
        // Of so many nothing is told.
        true => (History::default(), String::new()),
        false => history(project),
    };
    let source = |path: &RepoPath, text: &str| source(analysis, path, text);
    let found = likely(
        &asked,
        &Ground {
            view: &analysis.base,
            sources: &analysis.sources,
            history: &history,
            source: &source,
        },
    );
    let not_asked = found.values().filter(|likely| **likely == Likely::NotAsked).count();
    let more = match not_asked {
        0 => String::new(),
        count => {
            format!("note: of {count} PRDs it is not told what they may change by their words; ask for one of them\n")
        }
    };
    (found, note + &more)
}

/// The history of what is checked out; empty where there is none, with a line where it cannot be read.
fn history(project: &Project) -> (History, String) {
    let Some((repository, head)) = project
        .repository
        .as_ref()
        .and_then(|repository| Some((repository, repository.head().ok()?)))
    else {
        return (History::default(), String::new());
    };
    match repository.history(&head, COMMITS) {
        Ok(commits) => {
            let commit = |Past { message, files }| PastCommit { message, files };
            let commits = commits.into_iter().map(commit).collect();
            (History { commits }, String::new())
        }
        Err(error) => {
            let note = format!("note: what PRDs may change is told without the history ({error})\n");
            (History::default(), visible(&note))
        }
    }
}

/// Whether it is code that is no test, and who wrote it.
fn source(analysis: &Analysis, path: &RepoPath, text: &str) -> Source {
    let is_code = Language::of(path).is_some() || UNREAD_CODE.contains(&path.extension());
    let folders = path.parent().split('/');
    let is_asked = is_code
        && !is_test_path(path.as_str())
        && !is_made_up(&analysis.rules, path)
        && !folders.into_iter().any(|folder| BESIDE.contains(&folder))
        && !path.file_name().ends_with(".d.ts");
    match is_asked {
        false => Source::Other,
        true if is_generated(path, text.as_bytes()) => Source::Made,
        true => Source::Written,
    }
}
