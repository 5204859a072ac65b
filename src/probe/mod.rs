//! The proof by running: which flag to set how, which tests to run with which program, and what two runs of them show. Enters: the
//! [`Analysis`](crate::analysis::Analysis), the results of runs. Leaves: [`Lever`]s, `Order`s and [`Shown`]. Pure: who copies,
//! edits and runs stands behind [`drive::Bench`].

pub mod candidates;
pub mod drive;
mod golang;
pub mod lever;
pub mod literal;
pub mod manifest;
pub mod order;
mod python;
pub mod record;
pub mod results;
pub mod suites;
pub mod verdict;

pub use lever::{Cannot, Lever, Step};
pub use verdict::{Shown, ShownTest};

use std::collections::BTreeMap;

use drive::Tried;
use suites::Unrun;

use crate::flag::FlagKey;
use crate::source::RepoPath;

/// What a test came to in one run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// It was not run on purpose.
    Skipped,
    /// It passed.
    Passed,
    /// It failed.
    Failed,
}

/// A test as its runner tells it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct TestId {
    /// Its file.
    pub path: RepoPath,
    /// The titles around it, outermost first.
    pub suite: Vec<String>,
    /// Its title.
    pub name: String,
}

/// What a run came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ran {
    /// Each test that the runner told of.
    pub tests: BTreeMap<TestId, Outcome>,
    /// What kept tests from running (a file that could not be loaded, a limit of time), in the runner's words.
    pub broken: Vec<String>,
    /// Tests whose file could not be told from the results.
    pub lost: usize,
}

impl Ran {
    /// Adds one test. Of several with the same titles the worst counts.
    pub fn add(&mut self, test: TestId, outcome: Outcome) {
        let known = self.tests.entry(test).or_insert(outcome);
        *known = (*known).max(outcome);
    }

    /// Adds the tests of another run.
    pub fn join(&mut self, other: Self) {
        for (test, outcome) in other.tests {
            self.add(test, outcome);
        }
        self.broken.extend(other.broken);
        self.lost += other.lost;
    }
}

/// What a probe came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// What was tried.
    pub tried: Tried,
    /// Flags that cannot be flipped, by key.
    pub cannot: Vec<Cannot>,
    /// Candidates that nobody is known to run, by path.
    pub unrun: Vec<Unrun>,
    /// Flags that a run of the same had done when it was interrupted: what they showed is in the record. Sorted.
    pub earlier: Vec<FlagKey>,
}

impl Answer {
    /// True if something that was to be run was not, so that the answer is not whole.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let broken = |done: &drive::Done| !done.broken.is_empty();
        !self.tried.broken.is_empty()
            || self.tried.lost > 0
            || !self.unrun.is_empty()
            || self.tried.flags.iter().any(broken)
    }
}
