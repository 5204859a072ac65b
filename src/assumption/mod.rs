//! Who needs which flag state, and who supplies it. Enters: PRDs, the [`CodeIndex`](crate::index::CodeIndex), the states of the
//! flags. Leaves: [`TestNeed`]s and [`Assumption`]s.

pub mod acts;
pub mod atoms;
mod behind;
mod brought;
pub mod builds_on;
pub mod criteria;
pub mod documents;
pub mod elsewhere;
pub mod evidence;
mod exclusive;
pub mod flips;
pub mod gather;
mod mounted;
pub mod names;
pub mod proof;
pub mod reach;
pub mod reached;
mod resembles;
mod short;
pub mod singled;
mod snapshots;
pub mod supply;
pub mod sure;
pub mod table;
pub mod tests_need;
pub mod title;
pub mod touched;
mod twins;
pub mod unsure;
pub mod verdict;
pub mod words;

use crate::flag::{FlagKey, FlagValue};
use crate::prd::PrdId;
use crate::source::{RepoPath, Skipped, Span, View};

/// Who sees to it that the needed value is there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Supply {
    /// The test forces it.
    Stub,
    /// The test harness has it so.
    Ambient,
    /// The recorded state of the flag.
    State,
    /// The PRD that needs it, which turns the flag itself.
    Flip,
    /// Nobody.
    Nobody,
}

/// What a test runs with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum RunsWith {
    /// One value.
    Is(FlagValue),
    /// Both, by a table.
    Both,
    /// Only sometimes.
    Partial,
}

/// The judgement on a test and a flag (section 5 of the rule format; the words of the contract).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum TestVerdict {
    /// Runs with what it needs, and sees to it itself.
    Ok,
    /// Runs with what it needs only by a default: a flip breaks it.
    Fragile,
    /// Needs what it does not run with, and does not force it.
    Blocked,
    /// Forces the opposite of what it says that it needs.
    Contradiction,
    /// Skipped, or runs only where the flag is so: proves nothing.
    Vacuous,
    /// What it runs with is not known.
    Unknown,
    /// Needs nothing that we know of.
    Info,
}

/// How sure a need is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum NeedCertainty {
    /// It may be so; never blocks.
    Possible,
    /// Direct evidence: a title, or what only one branch yields.
    Likely,
    /// Said in so many words, or seen by running.
    Proven,
}

/// What one test needs of one flag.
#[derive(Clone, PartialEq, Debug)]
pub struct TestNeed {
    /// Which test (index into the tests of the index it was found in).
    pub test: usize,
    /// The flag.
    pub flag: FlagKey,
    /// The value that it needs; `None` where there is no evidence for either.
    pub needs: Option<FlagValue>,
    /// The value that it runs with.
    pub runs_with: RunsWith,
    /// Who supplies that value.
    pub supply: Supply,
    /// The judgement.
    pub verdict: TestVerdict,
    /// How sure the need is.
    pub certainty: NeedCertainty,
    /// The evidence: the assertion or title, the code that only one branch runs, the guard, the force.
    pub because: Vec<Evidence>,
}

/// What a place proves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Words of a PRD.
    Prd,
    /// Where the flag is defined.
    Definition,
    /// Where it is read.
    Read,
    /// The condition or the code under it.
    Guard,
    /// Where a test sets it.
    Stub,
    /// The test.
    Test,
    /// What it asserts.
    Assertion,
    /// Where its state is recorded.
    State,
    /// A branch's change.
    Branch,
    /// A migration.
    Migration,
}

/// A place, what it proves, and a few words for people.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Evidence {
    /// What it proves.
    pub role: Role,
    /// Where.
    pub span: Span,
    /// A few words ("said to be off here").
    pub note: String,
}

/// A PRD needs a flag to be in a state.
#[derive(Clone, PartialEq, Debug)]
pub struct Assumption {
    /// Who.
    pub prd: PrdId,
    /// The flag; a PRD that says "the snapshot read path" is matched to the flag behind which another ships it.
    pub flag: FlagKey,
    /// The value that it needs.
    pub needs: FlagValue,
    /// Who supplies it.
    pub supply: Supply,
    /// How sure.
    pub certainty: NeedCertainty,
    /// The evidence.
    pub because: Vec<Evidence>,
    /// The file of the test, for an assumption that a test of the PRD's branch makes.
    pub test: Option<(RepoPath, String)>,
    /// What it rests on, where no words of the PRD and no test say it.
    pub why: Option<Why>,
}

/// What a possible need rests on that nobody tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// A criterion of the PRD expects this, and only code under the flag yields it.
    Criterion(String),
    /// The PRD comes after the one that ships the flag, and names this.
    Named {
        /// What it names.
        text: String,
        /// The PRD that ships the flag.
        shipper: PrdId,
        /// It is a function that asks for the flag; else what runs under the flag alone.
        decides: bool,
    },
}

/// The tests that a PRD's branch adds or changes, and what they need.
#[derive(Debug)]
pub struct BranchTests {
    /// Whose branch it is; `None` for a head that belongs to no PRD.
    pub prd: Option<PrdId>,
    /// The branch or revision, as people name it.
    pub branch: String,
    /// The tree as it is with the branch merged.
    pub view: View,
    /// The code as it is with the branch merged.
    pub index: crate::index::CodeIndex,
    /// What each flag is with the branch merged: by its definitions and its flag file.
    pub flags: table::FlagTable,
    /// Why its flag file could not be read, where it could not.
    pub ledger_problem: Option<Skipped>,
    /// The files that could not be merged with the base, sorted by path: what the branch would leave of them is not known.
    pub unmerged: Vec<Skipped>,
    /// The files that the branch adds, changes or removes, sorted.
    pub changed: Vec<RepoPath>,
    /// What the tests in changed files need; their `test` is an index into this `index`.
    pub needs: Vec<TestNeed>,
    /// What tests in other files need of the flags that the branch turns, and no longer have: `test` as in `needs`.
    pub broken: Vec<TestNeed>,
}

impl BranchTests {
    /// The files of its tree that could not be read, as far as it changes them, and those that could not be understood.
    pub fn skipped(&self) -> impl Iterator<Item = &Skipped> {
        let changed = |skip: &&Skipped| self.changed.binary_search(&skip.path).is_ok();
        let unread = self.view.skipped.iter().filter(changed);
        unread.chain(&self.index.skipped)
    }
}
