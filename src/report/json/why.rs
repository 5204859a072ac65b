//! `flagman plan --explain --format json`, and what decisions save.

use schemars::JsonSchema;
use serde::Serialize;

use super::Value;
use super::plan::{AloneDocument, EdgeDocument, ExclusionDocument, alone, edge, exclusion};
use crate::analysis::Analysis;
use crate::graph::Alone;
use crate::plan::Barrier;
use crate::plan::compare::Saved;
use crate::plan::why::{Apart, Decision, Hold, Why};
use crate::prd::PrdId;

/// Why PRDs are in their phases.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WhyDocument {
    /// `flagman/why/v1`
    pub schema: &'static str,
    /// Those that were asked about: one or two.
    pub prds: Vec<WhyPrd>,
    /// Of two, what is between them; null of one.
    pub pair: Option<PairDocument>,
}

/// Why one PRD is in its phase.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WhyPrd {
    /// Who.
    pub id: String,
    /// Its phase; null where it waits for a cycle.
    pub phase: Option<u32>,
    /// PRDs of the phase before that it comes after.
    pub after: Vec<EdgeDocument>,
    /// What keeps it from sharing the phase before.
    pub apart: Vec<ExclusionDocument>,
    /// Who shares a phase with nobody: it, or the PRD of the phase before.
    pub alone: Vec<AloneDocument>,
    /// The phase before has as many PRDs as may run at once.
    pub full: bool,
    /// Single decisions that would bring it forward, the best first.
    pub shortcuts: Vec<ShortcutDocument>,
    /// Decisions that were not tried.
    pub untried: usize,
}

/// One decision, and what it would save.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShortcutDocument {
    /// A step of the order that is given up, with all that puts the one before the other.
    pub step: Option<EdgeDocument>,
    /// A pair that need not be apart any more.
    pub pair: Option<ExclusionDocument>,
    /// A PRD that says what it touches, and meets nobody.
    pub clear: Option<String>,
    /// Its phase then.
    pub phase: u32,
    /// The phases of the plan then.
    pub phases: u32,
}

/// What is between two PRDs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PairDocument {
    /// The one.
    pub a: String,
    /// The other.
    pub b: String,
    /// They share a phase.
    pub together: bool,
    /// The steps by which the one waits for the other; empty where neither does.
    pub way: Vec<EdgeDocument>,
    /// What keeps them apart whoever comes first.
    pub exclusions: Vec<ExclusionDocument>,
    /// Those of the two that share a phase with nobody.
    pub alone: Vec<AloneDocument>,
}

/// What decisions would save.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SavedDocument {
    /// The decisions, as they were typed.
    pub decisions: Vec<String>,
    /// The number of phases without them.
    pub phases_now: u32,
    /// The PRDs that go in another phase.
    pub moved: Vec<MovedDocument>,
    /// Flips that are no longer steps of the plan.
    pub flips_gone: Vec<FlipStep>,
    /// Flips that become steps of the plan.
    pub flips_new: Vec<FlipStep>,
}

/// A PRD that goes in another phase.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MovedDocument {
    /// Who.
    pub prd: String,
    /// Its phase as things are; null for none.
    pub from: Option<u32>,
    /// Its phase then.
    pub to: Option<u32>,
}

/// A flip between two phases.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FlipStep {
    /// The flag.
    pub flag: String,
    /// To what.
    pub to: Value,
}

/// The document for the PRDs that were asked about.
#[must_use]
pub fn why(analysis: &Analysis, asked: &[Why<'_>], pair: Option<(&PrdId, &PrdId, &Apart<'_>)>) -> WhyDocument {
    WhyDocument {
        schema: "flagman/why/v1",
        prds: asked.iter().map(|why| prd(analysis, why)).collect(),
        pair: pair.map(|(a, b, found)| PairDocument {
            a: a.0.clone(),
            b: b.0.clone(),
            together: found.phases[0].is_some() && found.phases[0] == found.phases[1],
            way: found.way.iter().map(|one| edge(analysis, one)).collect(),
            exclusions: found.exclusions.iter().map(|one| exclusion(analysis, one)).collect(),
            alone: found.alone.iter().map(|one| alone(analysis, one)).collect(),
        }),
    }
}

fn prd(analysis: &Analysis, why: &Why<'_>) -> WhyPrd {
    let after = why.holds.iter().filter_map(|hold| match hold {
        Hold::After(one) => Some(edge(analysis, one)),
        _ => None,
    });
    let apart = why.holds.iter().filter_map(|hold| match hold {
        Hold::Apart(one) => Some(exclusion(analysis, one)),
        _ => None,
    });
    let shortcuts = why.shortcuts.iter().map(|shortcut| {
        let (step, pair, clear) = match shortcut.decision {
            Decision::Step(one) => (Some(edge(analysis, one)), None, None),
            Decision::Pair(one) => (None, Some(exclusion(analysis, one)), None),
            Decision::Clear(one) => (None, None, Some(one.prd.0.clone())),
        };
        ShortcutDocument {
            step,
            pair,
            clear,
            phase: shortcut.phase,
            phases: shortcut.phases,
        }
    });
    WhyPrd {
        id: why.prd.0.clone(),
        phase: why.phase,
        after: after.collect(),
        apart: apart.collect(),
        alone: held_alone(analysis, why),
        full: why.holds.iter().any(|hold| matches!(hold, Hold::Full(_))),
        shortcuts: shortcuts.collect(),
        untried: why.untried,
    }
}

fn held_alone(analysis: &Analysis, why: &Why<'_>) -> Vec<AloneDocument> {
    let before = why.holds.iter().filter_map(|hold| match hold {
        Hold::Alone(one) => Some(*one),
        _ => None,
    });
    let mut all: Vec<&Alone> = analysis.graph.alone(&why.prd).into_iter().chain(before).collect();
    all.dedup();
    all.into_iter().map(|one| alone(analysis, one)).collect()
}

/// What `decisions` save.
#[must_use]
pub fn saved(decisions: &[String], saved: &Saved) -> SavedDocument {
    let flips = |barriers: &[Barrier]| -> Vec<FlipStep> {
        let steps = barriers.iter().map(|barrier| FlipStep {
            flag: barrier.flag.as_str().to_owned(),
            to: barrier.to.into(),
        });
        steps.collect()
    };
    let moved = saved.moved.iter().map(|moved| MovedDocument {
        prd: moved.prd.0.clone(),
        from: moved.from,
        to: moved.to,
    });
    SavedDocument {
        decisions: decisions.to_vec(),
        phases_now: saved.from,
        moved: moved.collect(),
        flips_gone: flips(&saved.flips_gone),
        flips_new: flips(&saved.flips_new),
    }
}
