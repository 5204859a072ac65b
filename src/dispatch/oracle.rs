//! The question before each wave, and its answer. The dispatcher never analyses, it asks: [`GateOracle`] is what it asks, and the answer is
//! plain text that goes into the journal and the handoff as it is.

use crate::git::Oid;
use crate::prd::PrdId;
use serde::{Deserialize, Serialize};

/// May these PRDs go?
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GateQuestion<'a> {
    /// The phase, counted from zero.
    pub phase: u32,
    /// Those of its PRDs that would be dispatched now.
    pub prds: &'a [PrdId],
    /// The release branch as it is now.
    pub release: &'a Oid,
    /// The PRDs that the plan goes without.
    pub without: &'a [PrdId],
}

/// Whoever can answer.
pub trait GateOracle {
    /// Answers. Whatever it could not find out makes the verdict *unknown*, never *clear*.
    fn gate(&self, question: &GateQuestion<'_>) -> GateAnswer;
}

impl<F: Fn(&GateQuestion<'_>) -> GateAnswer> GateOracle for F {
    fn gate(&self, question: &GateQuestion<'_>) -> GateAnswer {
        self(question)
    }
}

/// May it go?
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateVerdict {
    /// Yes.
    Clear,
    /// Nobody can tell, so no.
    Unknown,
    /// No.
    Blocked,
}

impl GateVerdict {
    /// The word used in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
        }
    }
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GateAnswer {
    /// For the phase as a whole.
    pub verdict: GateVerdict,
    /// For each PRD of the question.
    #[serde(default)]
    pub prds: Vec<(PrdId, GateVerdict)>,
    /// Why, most important first.
    #[serde(default)]
    pub findings: Vec<GateFinding>,
    /// What could not be read: a path and the reason.
    #[serde(default)]
    pub skipped: Vec<(String, String)>,
}

impl GateAnswer {
    /// Clear, with nothing to say.
    #[must_use]
    pub fn clear() -> Self {
        Self {
            verdict: GateVerdict::Clear,
            prds: Vec::new(),
            findings: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// The verdict for one PRD. Where the gate did not speak of it, the whole phase's verdict counts.
    #[must_use]
    pub fn of(&self, prd: &PrdId) -> GateVerdict {
        let found = self.prds.iter().find(|(id, _)| id == prd);
        found.map_or(self.verdict, |(_, verdict)| *verdict)
    }
}

/// A finding, as text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GateFinding {
    /// The check's id.
    pub check: String,
    /// `error`, `warning` or `note`.
    pub level: String,
    /// The PRD that it is about.
    #[serde(default)]
    pub prd: Option<PrdId>,
    /// One sentence.
    pub message: String,
    /// Where, for people: `apps/api/tax.spec.ts:41:5` and perhaps what is there.
    #[serde(default)]
    pub places: Vec<String>,
    /// The ways out.
    #[serde(default)]
    pub remedies: Vec<GateRemedy>,
}

/// A way out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GateRemedy {
    /// `flip`, `stub`, `reorder`, `drop`, …
    pub kind: String,
    /// What it means.
    pub detail: String,
    /// What to type, if typing does it.
    #[serde(default)]
    pub command: Option<String>,
}
