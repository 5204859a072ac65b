//! `flagman plan --format json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::gate::{LeftOutDocument, left_out};
use super::why::SavedDocument;
use super::{Place, Value, spans};
use crate::analysis::Analysis;
use crate::assumption::Role;
use crate::graph::{Alone, Edge, EdgeKind, Exclusion, ExclusionKind, Meeting};
use crate::plan::Proof;
use crate::prd::PrdId;

/// The plan.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanDocument {
    /// `flagman/plan/v1`
    pub schema: &'static str,
    /// In order.
    pub phases: Vec<PhaseDocument>,
    /// The flips between phases.
    pub barriers: Vec<BarrierDocument>,
    /// Who comes before whom.
    pub edges: Vec<EdgeDocument>,
    /// Who may not share a phase.
    pub exclusions: Vec<ExclusionDocument>,
    /// Who may share a phase, at a price.
    pub overlaps: Vec<OverlapDocument>,
    /// How good the plan is.
    pub optimality: OptimalityDocument,
    /// PRDs that share a phase with nobody: nothing is known of what they change.
    pub alone: Vec<AloneDocument>,
    /// PRDs that do not say what they change, and have no branch that shows it: whom they meet is not known.
    pub unclear: Vec<String>,
    /// PRDs that wait for a cycle and are in no phase.
    pub unplanned: Vec<String>,
    /// The PRDs that wait for no flip that a document plans for later: what can go tonight. All of them where there is no such flip.
    pub tonight: Vec<String>,
    /// What the order hangs on and is not known: then the plan is none that can be relied on, and the exit code is 3.
    pub unknown: Vec<UnknownDocument>,
    /// The PRDs that this plan goes without (`--without`), and what waits for them. The others keep their phases.
    pub left_out: Vec<LeftOutDocument>,
    /// What this plan saves, if it is the one after decisions (`--what-if`, `--split`); else null.
    pub saves: Option<SavedDocument>,
}

/// PRDs that may be dispatched together.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PhaseDocument {
    /// Zero-based.
    pub number: u32,
    /// Sorted.
    pub prds: Vec<String>,
    /// The order in which their branches are best merged.
    pub merge_order: Vec<String>,
}

/// A flip between two phases.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BarrierDocument {
    /// The flip comes before this phase.
    pub before_phase: u32,
    /// The flag.
    pub flag: String,
    /// To what.
    pub to: Value,
    /// The PRDs that need it.
    pub unlocks: Vec<String>,
    /// The PRD that makes it by landing; null where somebody has to make it by hand.
    pub made_by: Option<String>,
    /// When a document plans it for, in its words, where that lies in the future; else null.
    pub later: Option<String>,
    /// Where that is said.
    pub because: Vec<Place>,
}

/// `from` comes before `to`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EdgeDocument {
    /// Earlier.
    pub from: String,
    /// Later.
    pub to: String,
    /// Why.
    pub kind: EdgeWord,
    /// The places that say so.
    pub because: Vec<Place>,
}

/// `a` and `b` may not share a phase.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExclusionDocument {
    /// The one.
    pub a: String,
    /// The other.
    pub b: String,
    /// Why.
    pub kind: ExclusionWord,
    /// What is between them; most often they both write it.
    pub target: String,
    /// The one that writes it, where the other one only uses or names it; null where both write it.
    pub written_by: Option<String>,
    /// The places that say so.
    pub because: Vec<Place>,
}

/// `a` and `b` write different parts of the same files.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OverlapDocument {
    /// The one.
    pub a: String,
    /// The other.
    pub b: String,
    /// The files.
    pub paths: Vec<String>,
}

/// A PRD that shares a phase with nobody.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AloneDocument {
    /// Who.
    pub prd: String,
    /// Its title's place.
    pub because: Vec<Place>,
}

/// Something that the order hangs on and that is not known.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnknownDocument {
    /// Whose; null for a document that cannot be read.
    pub prd: Option<String>,
    /// Why it is not known.
    pub message: String,
    /// Where.
    pub because: Vec<Place>,
}

/// How good the plan is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OptimalityDocument {
    /// The number of phases.
    pub phases: u32,
    /// No plan has fewer.
    pub lower_bound: u32,
    /// Why.
    pub proof: ProofWord,
}

/// Why one PRD comes before another.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EdgeWord {
    Declared,
    Produces,
    Flag,
    Schema,
    Foundation,
}

/// Why two PRDs may not share a phase.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExclusionWord {
    SameSymbol,
    SameSchemaObject,
    SameMigration,
    Conflict,
}

/// Why fewer phases are impossible.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProofWord {
    CriticalPath,
    Clique,
    Exhaustive,
    None,
}

impl From<EdgeKind> for EdgeWord {
    fn from(kind: EdgeKind) -> Self {
        match kind {
            EdgeKind::Declared => Self::Declared,
            EdgeKind::Produces | EdgeKind::Gone => Self::Produces,
            EdgeKind::Flag | EdgeKind::Held => Self::Flag,
            EdgeKind::Schema => Self::Schema,
            EdgeKind::Hotfix | EdgeKind::Foundation => Self::Foundation,
        }
    }
}

impl From<ExclusionKind> for ExclusionWord {
    fn from(kind: ExclusionKind) -> Self {
        match kind {
            ExclusionKind::SameSymbol => Self::SameSymbol,
            ExclusionKind::SameSchemaObject => Self::SameSchemaObject,
            ExclusionKind::SameMigration => Self::SameMigration,
            ExclusionKind::Conflict => Self::Conflict,
        }
    }
}

impl From<Proof> for ProofWord {
    fn from(proof: Proof) -> Self {
        match proof {
            Proof::CriticalPath => Self::CriticalPath,
            Proof::Clique => Self::Clique,
            Proof::Exhaustive => Self::Exhaustive,
            Proof::None => Self::None,
        }
    }
}

fn ids(prds: &[PrdId]) -> Vec<String> {
    prds.iter().map(|prd| prd.0.clone()).collect()
}

/// The document.
#[must_use]
pub fn plan(analysis: &Analysis) -> PlanDocument {
    let (plan, optimality) = (&analysis.plan, analysis.plan.optimality);
    PlanDocument {
        schema: "flagman/plan/v1",
        phases: plan
            .phases
            .iter()
            .map(|phase| PhaseDocument {
                number: phase.number,
                prds: ids(&phase.prds),
                merge_order: ids(&phase.merge_order),
            })
            .collect(),
        barriers: barriers(analysis),
        edges: edges(analysis),
        exclusions: exclusions(analysis),
        overlaps: overlaps(analysis),
        optimality: OptimalityDocument {
            phases: optimality.phases,
            lower_bound: optimality.lower_bound,
            proof: optimality.proof.into(),
        },
        alone: analysis.graph.alone.iter().map(|one| alone(analysis, one)).collect(),
        unclear: analysis.unclear().into_iter().map(|id| id.0.clone()).collect(),
        unplanned: ids(&plan.unplanned),
        tonight: analysis
            .tonight(&analysis.later())
            .into_iter()
            .map(|id| id.0.clone())
            .collect(),
        unknown: unknown(analysis),
        left_out: left_out(analysis),
        saves: None,
    }
}

fn unknown(analysis: &Analysis) -> Vec<UnknownDocument> {
    let unread = analysis.unread_prds.iter().map(|skip| UnknownDocument {
        prd: None,
        message: format!("the PRD {} cannot be read ({})", skip.path, skip.reason),
        because: Vec::new(),
    });
    let unsaid = analysis.unknown_order().into_iter().map(|finding| UnknownDocument {
        prd: finding.prd.as_ref().map(|prd| prd.0.clone()),
        message: finding.message.clone(),
        because: finding
            .places
            .iter()
            .flat_map(|place| spans(&analysis.sources, &[place.span], Role::Prd))
            .collect(),
    });
    unread.chain(unsaid).collect()
}

pub(super) fn alone(analysis: &Analysis, alone: &Alone) -> AloneDocument {
    AloneDocument {
        prd: alone.prd.0.clone(),
        because: spans(&analysis.sources, &alone.because, Role::Prd),
    }
}

fn barriers(analysis: &Analysis) -> Vec<BarrierDocument> {
    let later = analysis.later();
    let put_off = |barrier| later.iter().find(|one| one.barrier == barrier);
    let barriers = analysis.plan.barriers.iter().map(|barrier| BarrierDocument {
        before_phase: barrier.before_phase,
        flag: barrier.flag.as_str().to_owned(),
        to: barrier.to.into(),
        unlocks: ids(&barrier.unlocks),
        made_by: barrier.made.as_ref().map(|made| made.prd.0.clone()),
        later: put_off(barrier).map(|one| one.when.to_owned()),
        because: (barrier.made.iter().map(|made| made.span))
            .chain(put_off(barrier).map(|one| one.flip.span))
            .flat_map(|span| spans(&analysis.sources, &[span], Role::Prd))
            .collect(),
    });
    barriers.collect()
}

fn edges(analysis: &Analysis) -> Vec<EdgeDocument> {
    analysis.graph.edges.iter().map(|one| edge(analysis, one)).collect()
}

pub(super) fn edge(analysis: &Analysis, edge: &Edge) -> EdgeDocument {
    EdgeDocument {
        from: edge.from.0.clone(),
        to: edge.to.0.clone(),
        kind: edge.kind.into(),
        because: spans(&analysis.sources, &edge.because, Role::Prd),
    }
}

fn exclusions(analysis: &Analysis) -> Vec<ExclusionDocument> {
    let all = analysis.graph.exclusions.iter();
    all.map(|one| exclusion(analysis, one)).collect()
}

pub(super) fn exclusion(analysis: &Analysis, exclusion: &Exclusion) -> ExclusionDocument {
    ExclusionDocument {
        a: exclusion.a.0.clone(),
        b: exclusion.b.0.clone(),
        kind: exclusion.kind.into(),
        target: exclusion.target.clone(),
        written_by: match &exclusion.meeting {
            Meeting::Both | Meeting::Broken | Meeting::Untold => None,
            Meeting::Contract(by) | Meeting::Unsaid(by) => Some(by.0.clone()),
        },
        because: spans(&analysis.sources, &exclusion.because, Role::Prd),
    }
}

fn overlaps(analysis: &Analysis) -> Vec<OverlapDocument> {
    let overlaps = analysis.graph.overlaps.iter().map(|overlap| OverlapDocument {
        a: overlap.a.0.clone(),
        b: overlap.b.0.clone(),
        paths: overlap.paths.iter().map(|path| path.as_str().to_owned()).collect(),
    });
    overlaps.collect()
}
