//! What a flip does to the tests. Enters: what each test needs as things are and with the other state supposed. Leaves: [`TestHits`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Analysis;
use crate::assumption::reach::Reach;
use crate::assumption::supply::supplied;
use crate::assumption::table::FlagFacts;
use crate::assumption::{NeedCertainty, RunsWith, Supply, TestNeed, TestVerdict};
use crate::flag::{FlagKey, FlagValue};
use crate::index::CodeIndex;
use crate::source::{FileId, RepoPath};

/// Why it cannot be told whether the flip breaks a test.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Doubt {
    /// What it runs with is not known.
    RunsWith,
    /// What it runs with comes from the test harness, which the flip may leave as it is.
    Harness,
    /// It may not need the state at all.
    Need,
}

/// A test that the flip concerns.
#[derive(Clone, PartialEq, Debug)]
pub struct TestHit {
    /// The branch whose test it is (index into [`Analysis::branches`]); `None` for the base tree.
    pub branch: Option<usize>,
    /// What it needs and runs with as things are.
    pub need: TestNeed,
    /// Why it cannot be told.
    pub doubt: Option<Doubt>,
}

impl TestHit {
    /// The code in which the test's number counts.
    #[must_use]
    pub fn code<'a>(&self, analysis: &'a Analysis) -> &'a CodeIndex {
        match self.branch {
            Some(branch) => &analysis.branches[branch].index,
            None => &analysis.index,
        }
    }
}

/// What a flip does to the tests.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TestHits {
    /// They pass now, and only by the present default or record: the surest first.
    pub breaks: Vec<TestHit>,
    /// They lack the state now.
    pub fixes: Vec<TestHit>,
    /// It cannot be told, or is merely possible.
    pub unknown: Vec<TestHit>,
    /// How many set the flag themselves and stay as they are.
    pub forced: usize,
    /// How many others import the code that it decides about and set nothing: what they need is not known.
    pub near: usize,
    /// How many need the state that goes and keep it, because the project states what tests see.
    pub kept: usize,
}

enum Fate {
    Breaks,
    Fixed,
    Unknown(Doubt),
    Forced,
    Kept,
    Untouched,
}

/// A test and what is known of it, so that it is told once.
type Told<'a> = (
    &'a RepoPath,
    &'a Vec<String>,
    &'a String,
    Option<FlagValue>,
    TestVerdict,
);

/// What happens to each test when `flag` becomes `to`.
pub(super) fn hits(before: &Analysis, after: &Analysis, flag: &FlagKey, facts: &FlagFacts, to: FlagValue) -> TestHits {
    let mut hits = TestHits::default();
    let harness = before.settings.ambient.is_none() && facts.ambient.is_some();
    let mut of_base: BTreeSet<Told<'_>> = BTreeSet::new();
    let base = (None, &before.index, &before.needs, &after.needs);
    let branches = before.branches.iter().zip(&after.branches).enumerate();
    let branches = branches.map(|(at, (was, becomes))| (Some(at), &was.index, &was.needs, &becomes.needs));
    for (branch, index, was, becomes) in std::iter::once(base).chain(branches) {
        let then: BTreeMap<usize, &TestNeed> = of_flag(becomes, flag).map(|need| (need.test, need)).collect();
        for need in of_flag(was, flag) {
            let (Some(case), Some(then)) = (index.tests.get(need.test), then.get(&need.test)) else {
                continue;
            };
            // A branch has the tests of the files that it changes once more, most of them as they were.
            let told = (&case.path, &case.suite, &case.name, need.needs, need.verdict);
            if branch.is_some() && of_base.contains(&told) {
                continue;
            }
            of_base.insert(told);
            let hit = |doubt| TestHit {
                branch,
                need: need.clone(),
                doubt,
            };
            match fate(need, then, to, harness) {
                Fate::Breaks => hits.breaks.push(hit(None)),
                Fate::Fixed => hits.fixes.push(hit(None)),
                Fate::Unknown(doubt) => hits.unknown.push(hit(Some(doubt))),
                Fate::Forced => hits.forced += 1,
                Fate::Kept => hits.kept += 1,
                Fate::Untouched => {}
            }
        }
    }
    // Within one certainty the order of the tests stays.
    hits.breaks.sort_by_key(|hit| (Reverse(hit.need.certainty), hit.branch));
    hits.unknown
        .sort_by_key(|hit| (Reverse(hit.need.certainty), hit.doubt, hit.branch));
    hits
}

fn of_flag<'a>(needs: &'a [TestNeed], flag: &'a FlagKey) -> impl Iterator<Item = &'a TestNeed> {
    needs.iter().filter(move |need| need.flag == *flag)
}

fn fate(now: &TestNeed, then: &TestNeed, to: FlagValue, harness: bool) -> Fate {
    if now.supply == Supply::Stub
        && matches!(
            now.runs_with,
            RunsWith::Both | RunsWith::Is(FlagValue::On | FlagValue::Off)
        )
    {
        return Fate::Forced;
    }
    let sure = now.certainty != NeedCertainty::Possible;
    match (now.needs, now.verdict, then.verdict) {
        (None, ..) | (_, TestVerdict::Vacuous, _) => Fate::Untouched,
        (Some(needs), TestVerdict::Blocked, TestVerdict::Fragile | TestVerdict::Ok)
            if needs == to && sure && !harness =>
        {
            Fate::Fixed
        }
        (Some(needs), ..) if needs == to => Fate::Untouched,
        (_, TestVerdict::Unknown, _) => Fate::Unknown(if sure { Doubt::RunsWith } else { Doubt::Need }),
        (_, TestVerdict::Fragile, _) if harness => Fate::Unknown(Doubt::Harness),
        (_, TestVerdict::Fragile, TestVerdict::Blocked) if sure => Fate::Breaks,
        (_, TestVerdict::Fragile, TestVerdict::Blocked) => Fate::Unknown(Doubt::Need),
        (_, TestVerdict::Fragile, TestVerdict::Fragile) => Fate::Kept,
        _ => Fate::Untouched,
    }
}

/// How many tests of the base tree import one of these files, do not set the flag, and are known to need nothing of it.
pub(super) fn near(analysis: &Analysis, flag: &FlagKey, facts: &FlagFacts, files: &BTreeSet<FileId>) -> usize {
    let index = &analysis.index;
    let reach = Reach::of(index);
    let known: BTreeSet<usize> = of_flag(&analysis.needs, flag).map(|need| need.test).collect();
    let mut by_path: BTreeMap<&RepoPath, bool> = BTreeMap::new();
    let mut imports = |path| {
        let any = || files.iter().any(|file| reach.distance(path, *file).is_some());
        *by_path.entry(path).or_insert_with(any)
    };
    let sets = |test: usize| supplied(index, test, flag, Some(facts), None, None).supply == Supply::Stub;
    let tests = index.tests.iter().enumerate();
    tests
        .filter(|(at, case)| case.gate.is_none() && imports(&case.path) && !known.contains(at) && !sets(*at))
        .count()
}
