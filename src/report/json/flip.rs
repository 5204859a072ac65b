//! `flagman flip --format json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::flags::{Test, test};
use super::gate::Skip;
use super::life::{Saying, saying};
use super::{Place, Value, place};
use crate::analysis::Analysis;
use crate::assumption::Role;
use crate::flip::{self, Doubt, TestHit};
use crate::gate::Verdict;

/// What a flip would change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FlipDocument {
    /// `flagman/flip/v1`
    pub schema: &'static str,
    /// The environment whose states count.
    pub environment: String,
    /// The flag.
    pub flag: String,
    /// What it is now.
    pub from: Value,
    /// What it would be.
    pub to: Value,
    /// Blocked if it breaks or holds something, unknown if that cannot be told.
    pub verdict: VerdictWord,
    /// The tests that it breaks: they pass only by the present default or record. The surest first.
    pub breaks: Vec<Test>,
    /// The PRDs that the gate does not let go now, and then would.
    pub unlocks: Vec<String>,
    /// The code that no longer runs.
    pub dark: Vec<CodeRegion>,
    /// The code that begins to run.
    pub live: Vec<CodeRegion>,
    /// The code that would begin to run, but waits for another flag too.
    pub waits: Vec<CodeRegion>,
    /// Reads whose value is passed on to where it is not followed.
    pub unfollowed: Vec<Place>,
    /// The tests that begin to pass.
    pub fixes: Vec<Test>,
    /// The tests of which it cannot be told whether they break, or which break at most possibly.
    pub unknown: Vec<DoubtfulTest>,
    /// How many tests set the flag themselves and stay as they are.
    pub forced: usize,
    /// How many other tests import the code that it decides about and set nothing: what they need is not known.
    pub near: usize,
    /// How many tests need the state that goes and keep it by what the project says of its tests.
    pub kept: usize,
    /// The PRDs that the gate lets go now, and then would not.
    pub held: Vec<HeldPrd>,
    /// The phases before which the plan has this flip.
    pub barriers: Vec<BarrierPlace>,
    /// What documents say of flips of this flag.
    pub planned: Vec<Saying>,
    /// What the answer needs and could not be read.
    pub unread: Vec<Skip>,
}

/// The verdict on a flip.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VerdictWord {
    /// It breaks nothing that is known.
    Clear,
    /// It breaks or holds something.
    Blocked,
    /// It cannot be told.
    Unknown,
}

/// A region of code that a flag decides about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CodeRegion {
    /// The code.
    #[serde(flatten)]
    pub place: Place,
    /// The function or class around it; empty at the top level.
    pub symbol: String,
    /// The condition that decides.
    pub guard: Place,
    /// What else must hold for it to run.
    pub others: Vec<OtherCondition>,
}

/// Another condition of a region: one of these.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OtherCondition {
    /// Flags and the values that they must have; one of them is enough.
    pub any: Vec<FlagIs>,
    /// On if it holds now, off if it does not.
    pub holds: Value,
}

/// A flag and a value.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FlagIs {
    /// The flag.
    pub flag: String,
    /// The value.
    pub value: Value,
}

/// A test that may break.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DoubtfulTest {
    /// The test.
    #[serde(flatten)]
    pub test: Test,
    /// Why it cannot be told.
    pub doubt: DoubtWord,
}

/// Why it cannot be told whether a test breaks.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DoubtWord {
    /// What it runs with is not known.
    RunsWith,
    /// The test harness sets it, which the flip may leave as it is.
    Harness,
    /// It may not need the state at all.
    Need,
}

/// A PRD that the flip holds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HeldPrd {
    /// Who.
    pub prd: String,
    /// The check that then speaks against it.
    pub check: Option<String>,
    /// Its sentence.
    pub message: String,
}

/// A step of the plan.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BarrierPlace {
    /// The flip comes before this phase.
    pub before_phase: u32,
    /// The PRDs that need it.
    pub unlocks: Vec<String>,
}

/// The document.
#[must_use]
pub fn flip(analysis: &Analysis, flip: &flip::Flip) -> FlipDocument {
    let regions = |regions: &[flip::Region]| regions.iter().map(|one| region(analysis, one)).collect();
    let tests = |hits: &[TestHit]| hits.iter().filter_map(|hit| hit_test(analysis, hit)).collect();
    let doubtful = flip.tests.unknown.iter().filter_map(|hit| doubtful(analysis, hit));
    let reads = flip.unfollowed.iter().map(|at| &analysis.index.reads[*at]);
    let held = flip.held.iter().map(|held| HeldPrd {
        prd: held.prd.0.clone(),
        check: held.check.map(str::to_owned),
        message: held.message.clone(),
    });
    let names = |ids: &[crate::prd::PrdId]| ids.iter().map(|id| id.0.clone()).collect();
    let barriers = flip.barriers.iter().map(|barrier| BarrierPlace {
        before_phase: barrier.before_phase,
        unlocks: names(&barrier.unlocks),
    });
    FlipDocument {
        schema: "flagman/flip/v1",
        environment: analysis.settings.environment.clone(),
        flag: flip.flag.as_str().to_owned(),
        from: flip.from.into(),
        to: flip.to.into(),
        verdict: match flip.verdict() {
            Verdict::Clear => VerdictWord::Clear,
            Verdict::Blocked => VerdictWord::Blocked,
            Verdict::Unknown => VerdictWord::Unknown,
        },
        breaks: tests(&flip.tests.breaks),
        unlocks: names(&flip.unlocks),
        dark: regions(&flip.dark),
        live: regions(&flip.live),
        waits: regions(&flip.waits),
        unfollowed: reads
            .map(|read| place(&analysis.sources, read.span, Role::Read, &read.rule))
            .collect(),
        fixes: tests(&flip.tests.fixes),
        unknown: doubtful.collect(),
        forced: flip.tests.forced,
        near: flip.tests.near,
        kept: flip.tests.kept,
        held: held.collect(),
        barriers: barriers.collect(),
        planned: flip.said.iter().map(|said| saying(analysis, said)).collect(),
        unread: flip.unread.iter().map(super::gate::skip).collect(),
    }
}

fn hit_test(analysis: &Analysis, hit: &TestHit) -> Option<Test> {
    let branch = hit.branch.map(|at| analysis.branches[at].branch.as_str());
    test(analysis, hit.code(analysis), branch, &hit.need)
}

fn doubtful(analysis: &Analysis, hit: &TestHit) -> Option<DoubtfulTest> {
    let doubt = match hit.doubt? {
        Doubt::RunsWith => DoubtWord::RunsWith,
        Doubt::Harness => DoubtWord::Harness,
        Doubt::Need => DoubtWord::Need,
    };
    let test = hit_test(analysis, hit)?;
    Some(DoubtfulTest { test, doubt })
}

fn region(analysis: &Analysis, region: &flip::Region) -> CodeRegion {
    let line = analysis.sources.start(region.condition).line;
    let others = region.others.iter().map(|other| OtherCondition {
        any: other
            .any
            .iter()
            .map(|(flag, value)| FlagIs {
                flag: flag.as_str().to_owned(),
                value: (*value).into(),
            })
            .collect(),
        holds: other.holds.into(),
    });
    CodeRegion {
        place: place(
            &analysis.sources,
            region.span,
            Role::Guard,
            &format!("decided at line {line}"),
        ),
        symbol: region.symbol.clone(),
        guard: place(&analysis.sources, region.condition, Role::Guard, "decides"),
        others: others.collect(),
    }
}
