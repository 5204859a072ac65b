//! `flagman conflicts --watch`: the picture, drawn anew whenever something changes.
//!
//! Nothing tells us of a change, so it is looked for: every two seconds, and more seldom where looking takes long (a tenth of the time at most).

use std::io::IsTerminal as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::args::{Conflicts, Format, Global};
use super::failure::Failure;
use super::output::Output;
use super::project::Project;
use super::{conflicts, prd_conflicts};
use crate::git::{Branch, GitError, Repository, WorkTree};

/// How often it is looked, at most.
const EVERY: Duration = Duration::from_secs(2);

/// How much longer than the look the wait is, at least.
const REST: u32 = 9;

/// Clears the terminal and goes to its upper left corner.
const CLEAR: &str = "\u{1b}[2J\u{1b}[H";

/// Draws until it is ended from outside.
///
/// # Errors
/// Where there is no terminal to draw on, or no repository.
pub(super) fn run(global: &Global, wanted: &Conflicts, output: &mut Output) -> Result<u8, Failure> {
    if global.format != Format::Text || global.quiet || !global.reports.is_empty() {
        return Err(Failure::usage(
            "--watch draws on a terminal: it goes with neither --format, --report nor --quiet",
        ));
    }
    if !std::io::stdout().is_terminal() {
        return Err(
            Failure::usage("--watch draws on a terminal, and standard output is none")
                .hint("without --watch the picture is printed once"),
        );
    }
    let repository = Project::open(global)?.repository()?;
    let mut drawn: Option<Result<State, String>> = None;
    loop {
        let begun = Instant::now();
        // What cannot be read now may be readable in a moment.
        let now = State::of(&repository, wanted).map_err(|error| Failure::from(error).text());
        let took = begun.elapsed();
        if drawn.as_ref() != Some(&now) {
            output.answer(CLEAR)?;
            let failed = match &now {
                Ok(_) => draw(global, wanted, output).err().map(|failure| failure.text()),
                Err(text) => Some(text.clone()),
            };
            output.answer(&failed.unwrap_or_default())?;
            output.answer("\nwatching: drawn anew when something changes; Ctrl-C ends\n")?;
            drawn = Some(now);
        }
        std::thread::sleep(EVERY.max(took * REST));
    }
}

fn draw(global: &Global, wanted: &Conflicts, output: &mut Output) -> Result<u8, Failure> {
    if wanted.prds {
        prd_conflicts::run(global, wanted, output)
    } else {
        conflicts::run(global, wanted, output)
    }
}

/// All that the picture is made of, as far as a look tells.
#[derive(PartialEq, Eq)]
struct State {
    branches: Vec<Branch>,
    trees: Vec<(WorkTree, Vec<Lying>)>,
}

/// A file that is not committed: its path, when it was written, how large it is.
type Lying = (Vec<u8>, Option<(Duration, u64)>);

impl State {
    fn of(repository: &Repository, wanted: &Conflicts) -> Result<Self, GitError> {
        let globs: Vec<&str> = wanted
            .branches
            .iter()
            .chain(&wanted.named)
            .map(String::as_str)
            .collect();
        let mut state = Self {
            branches: repository.branches(&globs)?,
            trees: Vec::new(),
        };
        if !wanted.worktrees && !wanted.prds {
            return Ok(state);
        }
        for tree in repository.work_trees()? {
            // What PRDs say is read here alone.
            let counts = wanted.worktrees || tree.folder == repository.toplevel();
            if counts && tree.lost.is_none() {
                let lying = repository.unfinished(&tree.folder)?.all();
                let lying = lying.into_iter().map(|path| {
                    let stamp = stamp(&tree.folder, &path);
                    (path, stamp)
                });
                let lying = lying.collect();
                state.trees.push((tree, lying));
            }
        }
        Ok(state)
    }
}

fn stamp(folder: &Path, path: &[u8]) -> Option<(Duration, u64)> {
    let facts = std::fs::symlink_metadata(folder.join(std::str::from_utf8(path).ok()?)).ok()?;
    let written = facts.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some((written, facts.len()))
}
