//! `flagman guard --format json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::conflicts::{ClashDocument, clash};
use crate::guard::{Answer, Reason};

/// May it be written or moved?
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct GuardDocument {
    /// `flagman/guard/v1`
    schema: &'static str,
    /// `allow`, `warn` (it may go, and something is to be said), `ask` (a person decides) or `deny`
    decision: &'static str,
    /// False if something that the answer needs could not be read or told.
    sure: bool,
    /// Why, the gravest first. Reasons of level `allow` speak against nothing.
    reasons: Vec<ReasonDocument>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct ReasonDocument {
    /// `allow`, `warn`, `ask` or `deny`
    level: &'static str,
    /// `protected`, `conflict`, `still-conflicts`, `overlap`, `elsewhere`, `outside`, `unknown` or `note`
    kind: &'static str,
    /// The file or ref; empty where the reason is of neither.
    subject: String,
    /// The branch or work tree of the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<String>,
    /// The lines that meet, where they are known: `a` as they will be here, `b` on the other side.
    lines: Vec<ClashDocument>,
    /// One sentence.
    message: String,
}

/// The document.
#[must_use]
pub fn guard(answer: &Answer) -> GuardDocument {
    GuardDocument {
        schema: "flagman/guard/v1",
        decision: answer.decision.word(),
        sure: !answer.is_unsure(),
        reasons: answer.reasons.iter().map(reason).collect(),
    }
}

fn reason(reason: &Reason) -> ReasonDocument {
    ReasonDocument {
        level: reason.level.word(),
        kind: reason.kind.word(),
        subject: reason.subject.clone(),
        side: reason.side.clone(),
        lines: reason.clashes.iter().map(clash).collect(),
        message: reason.message.clone(),
    }
}
