//! `flagman flags --format json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::life::{Defaults, Entry, ForcePlace, Hint, Saying, defaults, forces, hint, history, saying};
use super::{Place, Value, place, places};
use crate::analysis::Analysis;
use crate::assumption::table::{FlagFacts, StateSource};
use crate::assumption::{BranchTests, NeedCertainty, Role, RunsWith, Supply, TestNeed, TestVerdict};
use crate::flag::FlagKey;
use crate::index::{CodeIndex, FlagRead};
use crate::life::Life;

/// Every flag, or one.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FlagsDocument {
    /// `flagman/flags/v1`
    pub schema: &'static str,
    /// The environment whose states count.
    pub environment: String,
    /// Sorted by key.
    pub flags: Vec<Flag>,
    /// Reads whose key could not be resolved: counted and listed, never guessed.
    pub dynamic: Vec<Place>,
    /// Files that could not be read or parsed.
    pub skipped: Vec<super::gate::Skip>,
}

/// One flag.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Flag {
    /// Its name.
    pub key: String,
    /// Other names by which it is read.
    pub aliases: Vec<String>,
    /// Its value where nothing is recorded.
    pub default: Value,
    /// What people all call its default, kept apart.
    pub defaults: Defaults,
    /// Its value in this environment.
    pub state: State,
    /// What the flag file says of it in any environment, oldest first.
    pub history: Vec<Entry>,
    /// Where it is defined.
    pub definitions: Vec<Place>,
    /// The PRDs that ship it.
    pub introduced_by: Vec<String>,
    /// Where it is read.
    pub reads: Vec<Read>,
    /// What sets it for tests.
    pub forces: Vec<ForcePlace>,
    /// The tests that need it or set it; where one flag is asked for, those that reach it and say nothing of it (`info`) too.
    pub tests: Vec<Test>,
    /// How many tests reach it and say nothing of it.
    pub reached_by: usize,
    /// What documents say of it.
    pub prds: Vec<Saying>,
    /// Signs that it is left over.
    pub hints: Vec<Hint>,
}

/// A value and who says so.
#[derive(Debug, Serialize, JsonSchema)]
pub struct State {
    /// The value.
    pub value: Value,
    /// Who says so.
    pub source: Source,
    /// Where.
    pub place: Option<Place>,
}

/// Who says what a flag is.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The default.
    Default,
    /// The flag file.
    File,
    /// A provider.
    Provider,
    /// This run's command line.
    Override,
}

/// A place that reads a flag.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Read {
    /// The file.
    pub path: String,
    /// One-based.
    pub line: u32,
    /// One-based.
    pub column: u32,
    /// The function or class around it; empty at the top level.
    pub symbol: String,
    /// The rule that found it.
    pub rule: String,
    /// Wrappers between the read and the SDK.
    pub via: Vec<String>,
    /// The regions that the read decides about.
    pub guards: Vec<GuardRegion>,
}

/// A region that runs in one state only.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GuardRegion {
    /// The state.
    pub when: Value,
    /// The file.
    pub path: String,
    /// First line.
    pub start_line: u32,
    /// Last line.
    pub end_line: u32,
}

/// A test and what it needs of the flag.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Test {
    /// The file.
    pub path: String,
    /// One-based.
    pub line: u32,
    /// The branch whose test it is; `null` for the base tree.
    pub branch: Option<String>,
    /// Titles of the suites around it.
    pub suite: Vec<String>,
    /// Its title.
    pub name: String,
    /// What it needs.
    pub needs: NeedWord,
    /// What it runs with.
    pub runs_with: RunsWord,
    /// Who supplies that.
    pub supply: SupplyWord,
    /// The judgement.
    pub verdict: VerdictWord,
    /// How sure the need is.
    pub certainty: CertaintyWord,
    /// The evidence.
    pub because: Vec<Place>,
}

/// What a test needs.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NeedWord {
    On,
    Off,
    Either,
    Unknown,
}

/// What a test runs with.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunsWord {
    On,
    Off,
    Both,
    Partial,
    Unknown,
}

/// Who supplies a value.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SupplyWord {
    Stub,
    Ambient,
    State,
    Nobody,
}

/// The judgement on a test.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VerdictWord {
    Ok,
    Fragile,
    Blocked,
    Contradiction,
    Vacuous,
    Unknown,
    Info,
}

/// How sure a need is.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CertaintyWord {
    Proven,
    Likely,
    Possible,
}

impl From<Supply> for SupplyWord {
    fn from(supply: Supply) -> Self {
        match supply {
            Supply::Stub => Self::Stub,
            Supply::Ambient => Self::Ambient,
            // What the PRD turns itself is the flag's state by then.
            Supply::State | Supply::Flip => Self::State,
            Supply::Nobody => Self::Nobody,
        }
    }
}

impl From<NeedCertainty> for CertaintyWord {
    fn from(certainty: NeedCertainty) -> Self {
        match certainty {
            NeedCertainty::Proven => Self::Proven,
            NeedCertainty::Likely => Self::Likely,
            NeedCertainty::Possible => Self::Possible,
        }
    }
}

impl From<TestVerdict> for VerdictWord {
    fn from(verdict: TestVerdict) -> Self {
        match verdict {
            TestVerdict::Ok => Self::Ok,
            TestVerdict::Fragile => Self::Fragile,
            TestVerdict::Blocked => Self::Blocked,
            TestVerdict::Contradiction => Self::Contradiction,
            TestVerdict::Vacuous => Self::Vacuous,
            TestVerdict::Unknown => Self::Unknown,
            TestVerdict::Info => Self::Info,
        }
    }
}

impl From<RunsWith> for RunsWord {
    fn from(runs_with: RunsWith) -> Self {
        match runs_with {
            RunsWith::Both => Self::Both,
            RunsWith::Partial => Self::Partial,
            RunsWith::Is(crate::flag::FlagValue::On) => Self::On,
            RunsWith::Is(crate::flag::FlagValue::Off) => Self::Off,
            RunsWith::Is(crate::flag::FlagValue::Unknown) => Self::Unknown,
        }
    }
}

/// The document; `only` narrows it to one flag.
#[must_use]
pub fn flags(analysis: &Analysis, only: Option<&FlagKey>) -> FlagsDocument {
    let chosen = analysis
        .flags
        .flags
        .iter()
        .filter(|(key, _)| only.is_none_or(|only| *key == only));
    let dynamic = analysis.index.dynamic.iter().filter(|_| only.is_none());
    let reached = analysis.reached(only);
    FlagsDocument {
        schema: "flagman/flags/v1",
        environment: analysis.settings.environment.clone(),
        flags: chosen
            .map(|(key, facts)| {
                let reached = reached.get(key).map_or(&[][..], Vec::as_slice);
                flag(analysis, key, facts, (reached, only.is_some()))
            })
            .collect(),
        dynamic: dynamic
            .map(|read| place(&analysis.sources, read.span, Role::Read, &read.rule))
            .collect(),
        skipped: super::gate::skips(analysis),
    }
}

/// `reached` are the tests that reach the flag and say nothing of it, and whether they are listed: for all flags they would be most of the
/// code base many times over.
fn flag(analysis: &Analysis, key: &FlagKey, facts: &FlagFacts, (reached, listed): (&[TestNeed], bool)) -> Flag {
    let (value, source) = facts.served();
    let evidence = facts.state_evidence(&analysis.index);
    let source = match source {
        StateSource::Default => Source::Default,
        StateSource::File => Source::File,
        StateSource::Override => Source::Override,
    };
    let definitions = facts.definitions.iter().map(|at| &analysis.index.definitions[*at]);
    let life = Life::of(analysis, key, facts);
    let ours = |need: &&TestNeed| need.flag == *key;
    let base = analysis.needs.iter().filter(ours);
    let base = base.filter_map(|need| test(analysis, &analysis.index, None, need));
    let branch = |branch: &BranchTests| {
        let needs = branch.needs.iter().filter(ours);
        let tests = needs.filter_map(|need| test(analysis, &branch.index, Some(&branch.branch), need));
        tests.collect::<Vec<_>>()
    };
    let silent = reached.iter().filter(|_| listed);
    let silent = silent.filter_map(|need| test(analysis, &analysis.index, None, need));
    let tests = base.chain(silent).chain(analysis.branches.iter().flat_map(branch));
    Flag {
        key: key.as_str().to_owned(),
        aliases: facts.aliases.iter().cloned().collect(),
        default: facts.default_value().into(),
        defaults: defaults(analysis, facts),
        state: State {
            value: value.into(),
            source,
            place: places(&analysis.sources, &evidence).into_iter().next(),
        },
        history: history(analysis, key),
        definitions: definitions
            .map(|definition| {
                let note = format!("{} ({})", definition.declared, definition.rule);
                place(&analysis.sources, definition.span, Role::Definition, &note)
            })
            .collect(),
        introduced_by: facts.introduced.iter().map(|intro| intro.prd.0.clone()).collect(),
        reads: facts
            .reads
            .iter()
            .map(|at| read(analysis, *at, &analysis.index.reads[*at]))
            .collect(),
        forces: forces(analysis, &life),
        tests: tests.collect(),
        reached_by: reached.len(),
        prds: life.said.iter().map(|said| saying(analysis, said)).collect(),
        hints: life.stale.iter().map(hint).collect(),
    }
}

fn read(analysis: &Analysis, at: usize, read: &FlagRead) -> Read {
    let start = analysis.sources.start(read.key_span);
    let decided = analysis.index.guards.iter().filter(|guard| guard.reads.contains(&at));
    let guards = decided.filter_map(|guard| {
        let when = guard.needs(&read.key)?;
        let (from, to) = (analysis.sources.start(guard.region), analysis.sources.end(guard.region));
        let path = analysis.sources.path(guard.region.file).as_str().to_owned();
        Some(GuardRegion {
            when: when.into(),
            path,
            start_line: from.line,
            end_line: to.line,
        })
    });
    Read {
        path: analysis.sources.path(read.span.file).as_str().to_owned(),
        line: start.line,
        column: start.column,
        symbol: read.symbol.clone(),
        rule: read.rule.clone(),
        via: read.via.clone(),
        guards: guards.collect(),
    }
}

pub(super) fn test(analysis: &Analysis, index: &CodeIndex, branch: Option<&str>, need: &TestNeed) -> Option<Test> {
    let case = index.tests.get(need.test)?;
    let needs = match need.needs.map(Value::from) {
        Some(Value::On) => NeedWord::On,
        Some(Value::Off) => NeedWord::Off,
        Some(Value::Unknown) | None => NeedWord::Unknown,
    };
    Some(Test {
        path: case.path.as_str().to_owned(),
        line: analysis.sources.start(case.span).line,
        branch: branch.map(str::to_owned),
        suite: case.suite.clone(),
        name: case.name.clone(),
        needs,
        runs_with: need.runs_with.into(),
        supply: need.supply.into(),
        verdict: need.verdict.into(),
        certainty: need.certainty.into(),
        because: places(&analysis.sources, &need.because),
    })
}
