//! `flagman probe --format json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Place, Value, place};
use crate::analysis::Analysis;
use crate::assumption::Role;
use crate::assumption::proof::same_test;
use crate::probe::drive::{Done, Trial};
use crate::probe::lever::{Kind, Lever};
use crate::probe::order::orders;
use crate::probe::suites::Unrun;
use crate::probe::{Answer, Cannot, Outcome, Shown, ShownTest, Step, TestId};

/// What running the tests in both states showed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProbeDocument {
    /// `flagman/probe/v1`
    pub schema: &'static str,
    /// The flags that were tried, by key.
    pub flags: Vec<Probed>,
    /// Flags that cannot be flipped.
    pub cannot: Vec<CannotFlip>,
    /// Candidate test files that nobody is known to run.
    pub unrun: Vec<UnrunFile>,
    /// What kept tests from running with every flag as it is.
    pub broken: Vec<String>,
    /// Tests in the results whose file could not be told.
    pub lost: usize,
    /// Flags that a run of the same had done when it was interrupted: what they showed is in the record, and not here.
    pub earlier: Vec<String>,
}

/// What `flagman probe --dry-run` would run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProbePlanDocument {
    /// `flagman/probe-plan/v1`
    pub schema: &'static str,
    /// The flags that would be tried, by key.
    pub flags: Vec<PlannedTrial>,
    /// Flags that cannot be flipped.
    pub cannot: Vec<CannotFlip>,
    /// Candidate test files that nobody is known to run.
    pub unrun: Vec<UnrunFile>,
    /// Flags that a run of the same had done when it was interrupted.
    pub earlier: Vec<String>,
}

/// One flag that would be tried.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlannedTrial {
    /// The flag.
    pub flag: String,
    /// What it is.
    pub from: Value,
    /// What it would be made.
    pub to: Value,
    /// How.
    pub how: Vec<How>,
    /// The programs that would be run, once with every flag as it is and once with this one flipped.
    pub runs: Vec<PlannedRun>,
}

/// A program that would be run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlannedRun {
    /// In which folder of the project; empty for its root.
    pub folder: String,
    /// The program and its arguments; `{results}` stands for the file of its results.
    pub words: Vec<String>,
}

/// One flag.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Probed {
    /// The flag.
    pub flag: String,
    /// What it is.
    pub from: Value,
    /// What it was made.
    pub to: Value,
    /// How.
    pub how: Vec<How>,
    /// The tests, by path and title.
    pub tests: Vec<ProbedTest>,
    /// What kept tests from running with the flag flipped.
    pub broken: Vec<String>,
}

/// One step of a flip.
#[derive(Debug, Serialize, JsonSchema)]
pub struct How {
    /// What was changed.
    pub kind: HowKind,
    /// The variable or the feature; the new text of an edit.
    pub value: Option<String>,
    /// Where.
    pub place: Place,
}

/// What a step changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HowKind {
    /// The declared default.
    Definition,
    /// What a read falls back to.
    Fallback,
    /// The flag file.
    State,
    /// The environment.
    Environment,
    /// A Cargo feature.
    Feature,
}

/// One test.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProbedTest {
    /// Its file.
    pub path: String,
    /// Its line, where the code has a test of that name.
    pub line: Option<u32>,
    /// The titles around it.
    pub suite: Vec<String>,
    /// Its title.
    pub name: String,
    /// What that shows.
    pub verdict: ProbeVerdict,
    /// The value that it passes with, alone.
    pub needs: Option<Value>,
    /// With the flag as it is.
    pub before: Option<ProbeOutcome>,
    /// With the flag flipped.
    pub after: Option<ProbeOutcome>,
    /// Why nothing is shown.
    pub why: Option<&'static str>,
}

/// What a test shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProbeVerdict {
    /// It passes with one value and fails with the other.
    Proven,
    /// It passes with both.
    Refuted,
    /// The same run came to two different ends.
    Flaky,
    /// Nothing.
    Unknown,
}

/// What a test came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProbeOutcome {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It was not run on purpose.
    Skipped,
}

/// A flag that cannot be flipped.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CannotFlip {
    /// The flag.
    pub flag: String,
    /// Why.
    pub why: String,
}

/// A test file that was not run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnrunFile {
    /// Its path.
    pub path: String,
    /// Why.
    pub why: String,
}

/// The document.
#[must_use]
pub fn probe(analysis: &Analysis, answer: &Answer) -> ProbeDocument {
    ProbeDocument {
        schema: "flagman/probe/v1",
        flags: answer.tried.flags.iter().map(|done| probed(analysis, done)).collect(),
        cannot: cannot(answer),
        unrun: unrun(answer),
        broken: answer.tried.broken.clone(),
        lost: answer.tried.lost,
        earlier: earlier(answer),
    }
}

/// What would be run.
#[must_use]
pub fn probe_plan(analysis: &Analysis, trials: &[Trial], answer: &Answer) -> ProbePlanDocument {
    let planned = |trial: &Trial| {
        let orders = trial.suites.iter().flat_map(|suite| orders(suite, &trial.lever.steps));
        PlannedTrial {
            flag: trial.lever.flag.as_str().to_owned(),
            from: trial.lever.from.into(),
            to: trial.lever.to.into(),
            how: how(analysis, &trial.lever),
            runs: orders
                .map(|order| PlannedRun {
                    folder: order.folder,
                    words: order.words,
                })
                .collect(),
        }
    };
    ProbePlanDocument {
        schema: "flagman/probe-plan/v1",
        flags: trials.iter().map(planned).collect(),
        cannot: cannot(answer),
        unrun: unrun(answer),
        earlier: earlier(answer),
    }
}

fn cannot(answer: &Answer) -> Vec<CannotFlip> {
    let one = |cannot: &Cannot| CannotFlip {
        flag: cannot.flag.as_str().to_owned(),
        why: cannot.why.clone(),
    };
    answer.cannot.iter().map(one).collect()
}

fn unrun(answer: &Answer) -> Vec<UnrunFile> {
    let one = |unrun: &Unrun| UnrunFile {
        path: unrun.path.as_str().to_owned(),
        why: unrun.why.clone(),
    };
    answer.unrun.iter().map(one).collect()
}

fn earlier(answer: &Answer) -> Vec<String> {
    answer.earlier.iter().map(|flag| flag.as_str().to_owned()).collect()
}

fn probed(analysis: &Analysis, done: &Done) -> Probed {
    Probed {
        flag: done.lever.flag.as_str().to_owned(),
        from: done.lever.from.into(),
        to: done.lever.to.into(),
        how: how(analysis, &done.lever),
        tests: done.tests.iter().map(|test| probed_test(analysis, test)).collect(),
        broken: done.broken.clone(),
    }
}

fn how(analysis: &Analysis, lever: &Lever) -> Vec<How> {
    let one = |step: &Step| {
        let (kind, value, span) = match step {
            Step::Edit { kind, place, text, .. } => {
                let kind = match kind {
                    Kind::Definition => HowKind::Definition,
                    Kind::Fallback => HowKind::Fallback,
                    Kind::State => HowKind::State,
                    Kind::Environment => HowKind::Environment,
                    Kind::Feature => HowKind::Feature,
                };
                // A flag file is written anew; its text is no news.
                (kind, (kind != HowKind::State).then(|| text.clone()), *place)
            }
            Step::Variable { name, value, place } => {
                let words = value
                    .as_ref()
                    .map_or(format!("{name} unset"), |value| format!("{name}={value}"));
                (HowKind::Environment, Some(words), *place)
            }
            Step::Feature { name, place, .. } => (HowKind::Feature, Some(name.clone()), *place),
        };
        let role = if kind == HowKind::State {
            Role::State
        } else {
            Role::Definition
        };
        How {
            kind,
            value,
            place: place(&analysis.sources, span, role, ""),
        }
    };
    lever.steps.iter().map(one).collect()
}

fn probed_test(analysis: &Analysis, test: &ShownTest) -> ProbedTest {
    let (verdict, needs, why) = match test.shown {
        Shown::Proven(value) => (ProbeVerdict::Proven, Some(value.into()), None),
        Shown::Refuted => (ProbeVerdict::Refuted, None, None),
        Shown::Flaky => (ProbeVerdict::Flaky, None, None),
        Shown::Unknown(why) => (ProbeVerdict::Unknown, None, Some(why.words())),
    };
    ProbedTest {
        path: test.id.path.as_str().to_owned(),
        line: line_of(analysis, &test.id),
        suite: test.id.suite.clone(),
        name: test.id.name.clone(),
        verdict,
        needs,
        before: test.before.map(outcome),
        after: test.after.map(outcome),
        why,
    }
}

fn outcome(outcome: Outcome) -> ProbeOutcome {
    match outcome {
        Outcome::Passed => ProbeOutcome::Passed,
        Outcome::Failed => ProbeOutcome::Failed,
        Outcome::Skipped => ProbeOutcome::Skipped,
    }
}

/// The line of a test, where the code has one of that name.
#[must_use]
pub fn line_of(analysis: &Analysis, id: &TestId) -> Option<u32> {
    let tests = &analysis.index.tests;
    // Sorted by path.
    let first = tests.partition_point(|test| test.path < id.path);
    let ours = tests[first..].iter().take_while(|test| test.path == id.path);
    let case = ours.into_iter().find(|test| same_test(test, &id.suite, &id.name))?;
    Some(analysis.sources.start(case.span).line)
}
