//! `flagman gate --format json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Place, places};
use crate::analysis::Analysis;
use crate::check::{Level, RemedyKind};
use crate::gate::{GateAnswer, Verdict};
use crate::plan::LeftOut;

/// The gate's answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GateDocument {
    /// `flagman/gate/v1`
    pub schema: &'static str,
    /// The verdict on what was asked about.
    pub verdict: VerdictWord,
    /// The phase that was asked about, or that of the PRD.
    pub phase: Option<u32>,
    /// The verdict on each PRD by itself.
    pub prds: Vec<PrdVerdict>,
    /// What was found, most serious first.
    pub findings: Vec<FindingDocument>,
    /// Files that could not be read or parsed.
    pub skipped: Vec<Skip>,
    /// The PRDs that this answer goes without (`--without`), and what waits for them.
    pub left_out: Vec<LeftOutDocument>,
}

/// A PRD that stays behind.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LeftOutDocument {
    /// The PRD.
    pub id: String,
    /// The PRD that it waits for and that stays behind, too; null for one that was named.
    pub waits_for: Option<String>,
}

/// The PRDs that stay behind.
pub(super) fn left_out(analysis: &Analysis) -> Vec<LeftOutDocument> {
    let document = |left: &LeftOut| LeftOutDocument {
        id: left.prd.0.clone(),
        waits_for: left.waits_for.as_ref().map(|prd| prd.0.clone()),
    };
    analysis.left_out.iter().map(document).collect()
}

/// A PRD and its verdict.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PrdVerdict {
    /// The PRD.
    pub id: String,
    /// Its verdict.
    pub verdict: VerdictWord,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingDocument {
    /// The check.
    pub check: String,
    /// How serious.
    pub level: LevelWord,
    /// The PRD that it is about.
    pub prd: Option<String>,
    /// The flag that it is about.
    pub flag: Option<String>,
    /// One sentence that stands alone.
    pub message: String,
    /// The places that led to it.
    pub places: Vec<Place>,
    /// The ways out.
    pub remedies: Vec<RemedyDocument>,
    /// Stable when unrelated lines come or go.
    pub fingerprint: String,
}

/// A way out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RemedyDocument {
    /// Its kind.
    pub kind: RemedyWord,
    /// What to do, and what it costs.
    pub detail: String,
    /// The command to type.
    pub command: Option<String>,
}

/// A file that could not be read or parsed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Skip {
    /// The file.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// The verdict.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VerdictWord {
    Clear,
    Blocked,
    Unknown,
}

/// The level of a finding.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LevelWord {
    Error,
    Warning,
    Note,
}

/// The kind of a way out.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RemedyWord {
    Flip,
    Stub,
    Reorder,
    Drop,
    Coordinate,
    Declare,
    Rebase,
}

impl From<Verdict> for VerdictWord {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Clear => Self::Clear,
            Verdict::Unknown => Self::Unknown,
            Verdict::Blocked => Self::Blocked,
        }
    }
}

impl From<Level> for LevelWord {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::Warning => Self::Warning,
            Level::Note => Self::Note,
        }
    }
}

impl From<RemedyKind> for RemedyWord {
    fn from(kind: RemedyKind) -> Self {
        match kind {
            RemedyKind::Flip => Self::Flip,
            RemedyKind::Stub => Self::Stub,
            RemedyKind::Reorder => Self::Reorder,
            RemedyKind::Drop => Self::Drop,
            RemedyKind::Coordinate => Self::Coordinate,
            RemedyKind::Declare => Self::Declare,
            RemedyKind::Rebase => Self::Rebase,
        }
    }
}

/// The document.
#[must_use]
pub fn gate(analysis: &Analysis, answer: &GateAnswer) -> GateDocument {
    let prds = answer.prds.iter().map(|(id, verdict)| PrdVerdict {
        id: id.0.clone(),
        verdict: (*verdict).into(),
    });
    GateDocument {
        schema: "flagman/gate/v1",
        verdict: answer.verdict.into(),
        phase: answer.phase,
        prds: prds.collect(),
        findings: answer.findings.iter().map(|at| finding(analysis, *at)).collect(),
        skipped: skips(analysis),
        left_out: left_out(analysis),
    }
}

fn finding(analysis: &Analysis, at: usize) -> FindingDocument {
    let finding = &analysis.findings[at];
    let remedies = finding.remedies.iter().map(|remedy| RemedyDocument {
        kind: remedy.kind.into(),
        detail: remedy.detail.clone(),
        command: remedy.command.clone(),
    });
    FindingDocument {
        check: finding.check.to_owned(),
        level: finding.level.into(),
        prd: finding.prd.as_ref().map(|prd| prd.0.clone()),
        flag: finding.flag.as_ref().map(|flag| flag.as_str().to_owned()),
        message: finding.message.clone(),
        places: places(&analysis.sources, &finding.places),
        remedies: remedies.collect(),
        fingerprint: analysis.fingerprints[at].clone(),
    }
}

/// Everything that could not be read or parsed, sorted.
pub(super) fn skips(analysis: &Analysis) -> Vec<Skip> {
    analysis.skipped().into_iter().map(skip).collect()
}

/// What could not be read, and why.
pub(super) fn skip(skip: &crate::source::Skipped) -> Skip {
    Skip {
        path: skip.path.as_str().to_owned(),
        reason: skip.reason.to_string(),
    }
}
