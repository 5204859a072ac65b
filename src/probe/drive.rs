//! The order of the runs. Enters: [`Trial`]s and a [`Bench`]. Leaves: [`Done`]. All candidates run once with every flag as it is; then, flag
//! by flag, its own with it flipped, and what changed once more in both states, so that what comes and goes by itself proves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::source::{RepoPath, View};

use super::lever::{Lever, Step};
use super::manifest::{Named, Runner};
use super::order::{Order, orders};
use super::results::{Place, last_words, read};
use super::suites::Suite;
use super::verdict::{Runs, Shown, ShownTest, changed, show};
use super::{Ran, TestId};

/// What came of an order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Carried {
    /// The file of results, if it was written.
    pub results: Option<Vec<u8>>,
    /// The end of what was printed.
    pub printed: String,
    /// Why it was stopped, if it was.
    pub stopped: Option<String>,
}

/// A copy of the project in which programs can be run.
pub trait Bench {
    /// Why it cannot go on.
    type Error;

    /// The project's folder in the copy.
    fn root(&self) -> &str;

    /// Makes the copy what it was, and then takes these steps.
    ///
    /// # Errors
    /// If a file cannot be written.
    fn set(&mut self, steps: &[Step]) -> Result<(), Self::Error>;

    /// Runs a program to its end, or to the limit of time.
    ///
    /// # Errors
    /// If the machine gives out. A program that cannot be started is [`Carried::stopped`].
    fn carry_out(&mut self, order: &Order) -> Result<Carried, Self::Error>;

    /// Says what is going on.
    fn tell(&mut self, line: &str);
}

/// A flag to try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trial {
    /// How it is flipped.
    pub lever: Lever,
    /// Its candidates, by the program that runs them.
    pub suites: Vec<Suite>,
}

impl Trial {
    fn files(&self) -> BTreeSet<RepoPath> {
        self.suites
            .iter()
            .flat_map(|suite| suite.files.iter().cloned())
            .collect()
    }
}

/// A flag that was tried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// How it was flipped.
    pub lever: Lever,
    /// What each test showed, sorted.
    pub tests: Vec<ShownTest>,
    /// What kept tests from running with the flag flipped.
    pub broken: Vec<String>,
}

/// Everything that was tried.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tried {
    /// By flag.
    pub flags: Vec<Done>,
    /// What kept tests from running with everything as it is.
    pub broken: Vec<String>,
    /// Tests whose file could not be told.
    pub lost: usize,
}

/// Tries all flags, one after the other, and hands each to `finished` as soon as it is known what it shows.
///
/// # Errors
/// If the bench cannot go on. What was handed over until then holds.
pub fn drive<B: Bench>(
    view: &View,
    trials: &[Trial],
    bench: &mut B,
    sets: impl Fn(&Lever, &TestId) -> bool,
    mut finished: impl FnMut(&Done) -> ControlFlow<()>,
) -> Result<Tried, B::Error> {
    let all = joined(trials.iter().flat_map(|trial| &trial.suites));
    bench.set(&[])?;
    bench.tell(&format!("as it is: {}", counted(&all)));
    let before = run(view, bench, &all, &[])?;
    let mut tried = Tried {
        broken: before.broken.clone(),
        lost: before.lost,
        flags: Vec::new(),
    };
    let mut as_it_is = AsItIs {
        all,
        before,
        seen: BTreeSet::new(),
        unsteady: BTreeSet::new(),
    };
    for (at, trial) in trials.iter().enumerate() {
        let turn = format!(
            "{} of {}: {} {}",
            at + 1,
            trials.len(),
            trial.lever.flag,
            trial.lever.to
        );
        let done = try_one(view, trial, bench, &turn, &mut as_it_is, &sets)?;
        bench.tell(&format!("{turn}: {}", came_to(&done.tests)));
        let flow = finished(&done);
        tried.flags.push(done);
        if flow.is_break() {
            break;
        }
    }
    Ok(tried)
}

/// The run with every flag as it is, and what is known of how steady it is.
struct AsItIs {
    all: Vec<Suite>,
    before: Ran,
    /// The files that were run twice.
    seen: BTreeSet<RepoPath>,
    /// Tests that did not come to the same then.
    unsteady: BTreeSet<TestId>,
}

impl AsItIs {
    /// Runs these files once more with every flag as it is, but for those that were already.
    fn look_again<B: Bench>(&mut self, view: &View, bench: &mut B, files: &BTreeSet<RepoPath>) -> Result<(), B::Error> {
        let files: BTreeSet<RepoPath> = files.difference(&self.seen).cloned().collect();
        if files.is_empty() {
            return Ok(());
        }
        bench.set(&[])?;
        let some = narrowed(&self.all, &files);
        bench.tell(&format!("as it is once more: {}", counted(&some)));
        let again = run(view, bench, &some, &[])?;
        // Cargo runs more than it is asked for: so much the better.
        let mut ran: BTreeSet<RepoPath> = again.tests.keys().map(|test| test.path.clone()).collect();
        ran.extend(files);
        let known = self.before.tests.keys();
        let ours = known.filter(|test| ran.contains(&test.path)).cloned().collect();
        self.unsteady.extend(unsteady(&self.before, &again, &ours));
        self.seen.extend(ran);
        Ok(())
    }
}

/// One flag: flipped, what changed once more, and that once more as it is.
fn try_one<B: Bench>(
    view: &View,
    trial: &Trial,
    bench: &mut B,
    turn: &str,
    as_it_is: &mut AsItIs,
    sets: &impl Fn(&Lever, &TestId) -> bool,
) -> Result<Done, B::Error> {
    let (lever, files) = (&trial.lever, trial.files());
    bench.set(&lever.steps)?;
    bench.tell(&format!("{turn}: {}", counted(&trial.suites)));
    let after = run(view, bench, &trial.suites, &lever.steps)?;
    let differs = changed(&as_it_is.before, &after, &files);
    let mut flaky = BTreeSet::new();
    if !differs.is_empty() {
        let differing: BTreeSet<RepoPath> = differs.iter().map(|test| test.path.clone()).collect();
        let some = narrowed(&trial.suites, &differing);
        bench.tell(&format!("{turn} once more: {}", counted(&some)));
        let again = run(view, bench, &some, &lever.steps)?;
        flaky = unsteady(&after, &again, &differs);
        as_it_is.look_again(view, bench, &differing)?;
    }
    let before = &as_it_is.before;
    flaky.extend(as_it_is.unsteady.iter().cloned());
    let runs = Runs {
        before,
        after: &after,
        flaky: &flaky,
        files: &files,
    };
    let tests = show(lever, &runs, |test| sets(lever, test));
    // What could not be run before either says nothing of the flag.
    let broken = after.broken.into_iter().filter(|line| !before.broken.contains(line));
    Ok(Done {
        lever: lever.clone(),
        tests,
        broken: broken.collect(),
    })
}

/// `2 proven, 17 pass with both, 1 shows nothing`
fn came_to(tests: &[ShownTest]) -> String {
    let count = |is: fn(&Shown) -> bool| tests.iter().filter(|test| is(&test.shown)).count();
    let proven = count(|shown| matches!(shown, Shown::Proven(_)));
    let refuted = count(|shown| *shown == Shown::Refuted);
    format!(
        "{proven} proven, {refuted} refuted, {} show nothing",
        tests.len() - proven - refuted
    )
}

/// The tests that came to something else the second time, or were not run again.
fn unsteady(first: &Ran, second: &Ran, tests: &BTreeSet<TestId>) -> BTreeSet<TestId> {
    let differs = |test: &&TestId| first.tests.get(*test) != second.tests.get(*test);
    tests.iter().filter(differs).cloned().collect()
}

fn run<B: Bench>(view: &View, bench: &mut B, suites: &[Suite], steps: &[Step]) -> Result<Ran, B::Error> {
    let mut ran = Ran::default();
    for order in suites.iter().flat_map(|suite| orders(suite, steps)) {
        let carried = bench.carry_out(&order)?;
        let root = bench.root().to_owned();
        let place = Place {
            view,
            root: &root,
            order: &order,
        };
        let mut one = read(&place, carried.results.as_deref(), &carried.printed);
        if let Some(why) = carried.stopped {
            // One sentence is enough: that it wrote no results is no news then.
            one.broken = vec![last_words(
                &carried.printed,
                &format!("{} was stopped: {why}", name(&order)),
            )];
        }
        ran.join(one);
    }
    Ok(ran)
}

fn name(order: &Order) -> String {
    match order.folder.as_str() {
        "" => order.runner.word().to_owned(),
        folder => format!("{} in {folder}", order.runner.word()),
    }
}

/// All suites, those of one program as one.
#[must_use]
pub fn joined<'a>(suites: impl Iterator<Item = &'a Suite>) -> Vec<Suite> {
    let mut found: BTreeMap<&Named, BTreeSet<RepoPath>> = BTreeMap::new();
    for suite in suites {
        found
            .entry(&suite.named)
            .or_default()
            .extend(suite.files.iter().cloned());
    }
    let suite = |(named, files): (&Named, BTreeSet<RepoPath>)| Suite {
        named: named.clone(),
        files,
    };
    found.into_iter().map(suite).collect()
}

fn narrowed(suites: &[Suite], files: &BTreeSet<RepoPath>) -> Vec<Suite> {
    let narrow = |suite: &Suite| Suite {
        named: suite.named.clone(),
        files: suite.files.intersection(files).cloned().collect(),
    };
    // Cargo is told packages and not files: a module of a test may be a file that no test was found in.
    let keeps = |suite: &Suite| !suite.files.is_empty();
    let cargo = suites
        .iter()
        .filter(|suite| suite.named.runner == Runner::Cargo)
        .cloned();
    let others = suites.iter().filter(|suite| suite.named.runner != Runner::Cargo);
    others.map(narrow).filter(keeps).chain(cargo).collect()
}

fn counted(suites: &[Suite]) -> String {
    let files: usize = suites.iter().map(|suite| suite.files.len()).sum();
    let names: BTreeSet<&str> = suites.iter().map(|suite| suite.named.runner.word()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    format!(
        "{} ({files} test file{})",
        names.join(", "),
        if files == 1 { "" } else { "s" }
    )
}

#[cfg(test)]
mod tests;
