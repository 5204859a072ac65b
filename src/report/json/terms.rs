//! What a PRD requires and provides, in `flagman prds --format json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Place, Value, spans};
use crate::analysis::Analysis;
use crate::assumption::Role;
use crate::flag::FlagValue;
use crate::terms::{Party, Term, Thing};

/// One thing that is required or provided.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TermDocument {
    /// What kind of thing: that of a touchpoint, or `flag`, or `prd`.
    pub kind: String,
    /// Its name.
    pub target: String,
    /// The state of a flag; `null` where none is asked for, and for everything else.
    pub value: Option<Value>,
    /// Required: who has it. Provided: `prds`.
    pub party: PartyWord,
    /// Required: the PRDs that make it. Provided: the PRDs that use it.
    pub prds: Vec<String>,
    /// The places that say so.
    pub because: Vec<Place>,
}

/// Who stands on the other side.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PartyWord {
    /// The code has it, or the flag is so already.
    Code,
    /// Other PRDs.
    Prds,
    /// The PRD sees to it itself.
    Itself,
    /// Nobody that is known.
    Nobody,
}

pub(super) fn document(analysis: &Analysis, term: &Term) -> TermDocument {
    let (kind, target, value) = match &term.thing {
        Thing::Target(target) => (target.kind.word(), target.name.clone(), None),
        Thing::Flag(flag, value) => {
            let value = (*value != FlagValue::Unknown).then(|| (*value).into());
            ("flag", flag.as_str().to_owned(), value)
        }
        Thing::Prd(prd) => ("prd", prd.0.clone(), None),
    };
    let (party, prds) = match &term.party {
        Party::Code => (PartyWord::Code, Vec::new()),
        Party::Prds(prds) => (PartyWord::Prds, prds.iter().map(|prd| prd.0.clone()).collect()),
        Party::Itself => (PartyWord::Itself, Vec::new()),
        Party::Nobody => (PartyWord::Nobody, Vec::new()),
    };
    TermDocument {
        kind: kind.to_owned(),
        target,
        value,
        party,
        prds,
        because: spans(&analysis.sources, &term.because, Role::Prd),
    }
}
