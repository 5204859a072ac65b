//! The order of the runs. Enters: [`Trial`]s and a [`Bench`]. Leaves: [`Done`]. All candidates run once with every flag as it is; then those of each
//! flag with it flipped; and what changed runs once more in both states, so that what comes and goes by itself proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{RepoPath, View};

use super::lever::{Lever, Step};
use super::manifest::{Named, Runner};
use super::order::{Order, orders};
use super::results::{Place, last_words, read};
use super::suites::Suite;
use super::verdict::{Runs, ShownTest, changed, show};
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

/// Tries all flags.
///
/// # Errors
/// If the bench cannot go on.
pub fn drive<B: Bench>(
    view: &View,
    trials: &[Trial],
    bench: &mut B,
    sets: impl Fn(&Lever, &TestId) -> bool,
) -> Result<Tried, B::Error> {
    let all = joined(trials.iter().flat_map(|trial| &trial.suites));
    bench.set(&[])?;
    bench.tell(&format!("as it is: {}", counted(&all)));
    let before = run(view, bench, &all, &[])?;
    let mut runs: Vec<(&Trial, Ran, BTreeSet<TestId>)> = Vec::new();
    let mut differing: BTreeSet<RepoPath> = BTreeSet::new();
    for trial in trials {
        let lever = &trial.lever;
        bench.set(&lever.steps)?;
        bench.tell(&format!("{} {}: {}", lever.flag, lever.to, counted(&trial.suites)));
        let after = run(view, bench, &trial.suites, &lever.steps)?;
        let differs = changed(&before, &after, &trial.files());
        let files: BTreeSet<RepoPath> = differs.iter().map(|test| test.path.clone()).collect();
        let mut flaky = BTreeSet::new();
        if !files.is_empty() {
            let some = narrowed(&trial.suites, &files);
            bench.tell(&format!("{} {} once more: {}", lever.flag, lever.to, counted(&some)));
            let again = run(view, bench, &some, &lever.steps)?;
            flaky = unsteady(&after, &again, &differs);
        }
        differing.extend(files);
        runs.push((trial, after, flaky));
    }
    bench.set(&[])?;
    let mut unsteady_before = BTreeSet::new();
    if !differing.is_empty() {
        let some = narrowed(&all, &differing);
        bench.tell(&format!("as it is once more: {}", counted(&some)));
        let again = run(view, bench, &some, &[])?;
        let ours: BTreeSet<TestId> = before
            .tests
            .keys()
            .filter(|test| differing.contains(&test.path))
            .cloned()
            .collect();
        unsteady_before = unsteady(&before, &again, &ours);
    }
    let mut tried = Tried {
        broken: before.broken.clone(),
        lost: before.lost,
        flags: Vec::new(),
    };
    for (trial, after, mut flaky) in runs {
        flaky.extend(unsteady_before.iter().cloned());
        let files = trial.files();
        let runs = Runs {
            before: &before,
            after: &after,
            flaky: &flaky,
            files: &files,
        };
        let tests = show(&trial.lever, &runs, |test| sets(&trial.lever, test));
        // What could not be run before either says nothing of the flag.
        let broken = after.broken.into_iter().filter(|line| !before.broken.contains(line));
        tried.flags.push(Done {
            lever: trial.lever.clone(),
            tests,
            broken: broken.collect(),
        });
    }
    Ok(tried)
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
