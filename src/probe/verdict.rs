//! What two runs show. Enters: the results of a run with the flag as it is and of one with the flag flipped, each perhaps repeated. Leaves:
//! [`ShownTest`]s. A test that fails in both states, did not run, or does not come to the same twice shows nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::assumption::proof::Seen;
use crate::flag::FlagValue;
use crate::source::RepoPath;

use super::{Lever, Outcome, Ran, TestId};

/// What one test shows of one flag.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Shown {
    /// It passes with this value and fails with the other.
    Proven(FlagValue),
    /// It passes with both.
    Refuted,
    /// The same run came to two different ends.
    Flaky,
    /// Nothing, and why.
    Unknown(Why),
}

/// Why a test shows nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Why {
    /// It fails with both values.
    FailsInBoth,
    /// It was not run in one of the states, or skipped.
    NotRun,
    /// It sets the flag itself: the flip never reached it.
    SetsItself,
    /// It passes in both, and so did every other test: nothing says that the flip reached the code at all.
    NoEffect,
}

impl Why {
    /// A few words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::FailsInBoth => "fails in both states",
            Self::NotRun => "was not run in both states",
            Self::SetsItself => "sets the flag itself",
            Self::NoEffect => "nothing shows that the flip had any effect",
        }
    }
}

impl Shown {
    /// What counts later; `None` for what shows nothing.
    #[must_use]
    pub fn seen(self) -> Option<Seen> {
        match self {
            Self::Proven(value) => Some(Seen::Needs(value)),
            Self::Refuted => Some(Seen::Neither),
            Self::Flaky | Self::Unknown(_) => None,
        }
    }
}

/// A test with what it shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownTest {
    /// The test.
    pub id: TestId,
    /// What it came to with the flag as it is; `None` if it was not run.
    pub before: Option<Outcome>,
    /// And with the flag flipped.
    pub after: Option<Outcome>,
    /// What that shows.
    pub shown: Shown,
}

/// What was run for one flag.
#[derive(Clone, Copy, Debug)]
pub struct Runs<'a> {
    /// With the flag as it is.
    pub before: &'a Ran,
    /// With the flag flipped.
    pub after: &'a Ran,
    /// Tests that did not come to the same twice.
    pub flaky: &'a BTreeSet<TestId>,
    /// The test files that were to run in both states.
    pub files: &'a BTreeSet<RepoPath>,
}

/// The tests in `files` that came to something else with the flag flipped.
#[must_use]
pub fn changed(before: &Ran, after: &Ran, files: &BTreeSet<RepoPath>) -> BTreeSet<TestId> {
    let ran = [Outcome::Passed, Outcome::Failed];
    let differs = |test: &&TestId| {
        let (before, after) = (before.tests.get(*test), after.tests.get(*test));
        matches!((before, after), (Some(a), Some(b)) if a != b && ran.contains(a) && ran.contains(b))
    };
    let ours = before.tests.keys().filter(|test| files.contains(&test.path));
    ours.filter(differs).cloned().collect()
}

/// What the tests show of the lever's flag. `sets` tells of tests that set the flag themselves.
#[must_use]
pub fn show(lever: &Lever, runs: &Runs<'_>, sets: impl Fn(&TestId) -> bool) -> Vec<ShownTest> {
    let mut outcomes: BTreeMap<&TestId, (Option<Outcome>, Option<Outcome>)> = BTreeMap::new();
    let also: BTreeSet<&RepoPath> = runs.after.tests.keys().map(|test| &test.path).collect();
    let files: BTreeSet<&RepoPath> = runs.files.iter().chain(also).collect();
    for (test, outcome) in runs.before.tests.iter().filter(|(test, _)| files.contains(&test.path)) {
        outcomes.entry(test).or_default().0 = Some(*outcome);
    }
    for (test, outcome) in &runs.after.tests {
        outcomes.entry(test).or_default().1 = Some(*outcome);
    }
    let judged = |(test, (before, after)): (&TestId, (Option<Outcome>, Option<Outcome>))| ShownTest {
        id: test.clone(),
        before,
        after,
        shown: judge(lever, before, after, runs.flaky.contains(test), || sets(test)),
    };
    let mut shown: Vec<ShownTest> = outcomes.into_iter().map(judged).collect();
    let effect = lever.sure || shown.iter().any(|test| matches!(test.shown, Shown::Proven(_)));
    for test in shown.iter_mut().filter(|test| !effect && test.shown == Shown::Refuted) {
        test.shown = Shown::Unknown(Why::NoEffect);
    }
    shown
}

fn judge(
    lever: &Lever,
    before: Option<Outcome>,
    after: Option<Outcome>,
    flaky: bool,
    sets: impl Fn() -> bool,
) -> Shown {
    use Outcome::{Failed, Passed};
    match (before, after) {
        _ if flaky => Shown::Flaky,
        (Some(Passed), Some(Failed)) => Shown::Proven(lever.from),
        (Some(Failed), Some(Passed)) => Shown::Proven(lever.to),
        (Some(Passed), Some(Passed)) if sets() => Shown::Unknown(Why::SetsItself),
        (Some(Passed), Some(Passed)) => Shown::Refuted,
        (Some(Failed), Some(Failed)) => Shown::Unknown(Why::FailsInBoth),
        _ => Shown::Unknown(Why::NotRun),
    }
}

/// A lever for tests: `k`, off, turned on.
#[cfg(test)]
pub(super) fn test_lever(sure: bool) -> Lever {
    Lever {
        flag: crate::flag::FlagKey::new("k"),
        from: FlagValue::Off,
        to: FlagValue::On,
        steps: Vec::new(),
        sure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Outcome::{Failed, Passed, Skipped};

    fn id(name: &str) -> TestId {
        TestId {
            path: RepoPath::new("a.test.ts").expect("a path"),
            suite: Vec::new(),
            name: name.to_owned(),
        }
    }

    fn ran(tests: &[(&str, Outcome)]) -> Ran {
        let mut ran = Ran::default();
        for (name, outcome) in tests {
            ran.add(id(name), *outcome);
        }
        ran
    }

    fn shown(sure: bool, before: &[(&str, Outcome)], after: &[(&str, Outcome)]) -> Vec<Shown> {
        let (before, after) = (ran(before), ran(after));
        let flaky = BTreeSet::from([id("flaky")]);
        let files = BTreeSet::from([id("").path]);
        let runs = Runs {
            before: &before,
            after: &after,
            flaky: &flaky,
            files: &files,
        };
        let shown = show(&test_lever(sure), &runs, |test| test.name == "sets");
        shown.into_iter().map(|test| test.shown).collect()
    }

    #[test]
    fn what_passes_in_one_state_alone_needs_it() {
        let needs = |value| [Shown::Proven(value)].to_vec();
        assert_eq!(shown(true, &[("a", Passed)], &[("a", Failed)]), needs(FlagValue::Off));
        assert_eq!(shown(true, &[("a", Failed)], &[("a", Passed)]), needs(FlagValue::On));
        assert_eq!(shown(true, &[("a", Passed)], &[("a", Passed)]), [Shown::Refuted]);
    }

    #[test]
    fn what_fails_anyway_or_was_not_run_or_is_flaky_shows_nothing() {
        let unknown = |why| [Shown::Unknown(why)].to_vec();
        assert_eq!(
            shown(true, &[("a", Failed)], &[("a", Failed)]),
            unknown(Why::FailsInBoth)
        );
        assert_eq!(shown(true, &[("a", Passed)], &[("a", Skipped)]), unknown(Why::NotRun));
        assert_eq!(shown(true, &[], &[("a", Failed)]), unknown(Why::NotRun));
        assert_eq!(shown(true, &[("a", Passed)], &[]), unknown(Why::NotRun));
        assert_eq!(
            shown(true, &[("sets", Passed)], &[("sets", Passed)]),
            unknown(Why::SetsItself)
        );
        assert_eq!(shown(true, &[("flaky", Passed)], &[("flaky", Failed)]), [Shown::Flaky]);
    }

    #[test]
    fn a_flip_that_nobody_may_have_asked_for_refutes_only_where_it_had_an_effect() {
        assert_eq!(
            shown(false, &[("a", Passed)], &[("a", Passed)]),
            [Shown::Unknown(Why::NoEffect)]
        );
        assert_eq!(
            shown(false, &[("a", Passed), ("b", Passed)], &[("a", Passed), ("b", Failed)]),
            [Shown::Refuted, Shown::Proven(FlagValue::Off)]
        );
    }

    #[test]
    fn of_two_tests_with_one_title_the_worst_counts() {
        let mut ran = ran(&[("a", Failed)]);
        ran.add(id("a"), Passed);
        assert_eq!(ran.tests[&id("a")], Failed);
    }
}
