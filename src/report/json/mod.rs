//! The JSON documents, as the contract fixes them. Enters: [`Analysis`](crate::analysis::Analysis). Leaves: values with a stable shape, of which `flagman schema`
//! prints the schemas. The domain types are free to change; these are not: fields may be added, none renamed.

mod acts;
mod conflicts;
mod drift;
mod flags;
mod flip;
mod gate;
mod guard;
mod life;
mod plan;
mod prds;
mod probe;
mod status;
mod terms;
mod why;

pub use acts::{
    CheckDocument, CheckPage, ChecksDocument, FlagsSetDocument, InitDocument, InitFlags, InitPrds, InitSuggestion,
    InitTests, PrdsSetDocument, RefineDocument, Refined, RefinedNot, SchemasDocument,
};
pub use conflicts::{ConflictsDocument, OrderDocument, PairDocument, conflicts, order, pair};
pub use flags::{FlagsDocument, flags};
pub use flip::{FlipDocument, flip};
pub use gate::{GateDocument, gate};
pub use guard::{GuardDocument, guard};
pub use plan::{PlanDocument, plan};
pub use prds::{PrdsDocument, prds};
pub use probe::{ProbeDocument, ProbePlanDocument, line_of, probe, probe_plan};
pub use status::{RunLife, StatusDocument, StatusHeld, StatusPrd};
pub use why::{SavedDocument, WhyDocument, saved, why};

use schemars::JsonSchema;
use serde::Serialize;

use crate::assumption::{Evidence, Role};
use crate::source::{Sources, Span};

/// The names that `flagman schema NAME` takes.
pub const SCHEMAS: &[&str] = &[
    "check",
    "checks",
    "conflicts",
    "flags",
    "flags-set",
    "flip",
    "gate",
    "guard",
    "init",
    "plan",
    "prds",
    "prds-set",
    "probe",
    "probe-plan",
    "refine",
    "schemas",
    "status",
    "why",
];

/// The schema of one kind of document; `None` for an unknown name.
#[must_use]
pub fn schema(name: &str) -> Option<schemars::Schema> {
    match name {
        "check" => Some(schemars::schema_for!(CheckDocument)),
        "checks" => Some(schemars::schema_for!(ChecksDocument)),
        "conflicts" => Some(schemars::schema_for!(ConflictsDocument)),
        "flags" => Some(schemars::schema_for!(FlagsDocument)),
        "flags-set" => Some(schemars::schema_for!(FlagsSetDocument)),
        "flip" => Some(schemars::schema_for!(FlipDocument)),
        "gate" => Some(schemars::schema_for!(GateDocument)),
        "guard" => Some(schemars::schema_for!(GuardDocument)),
        "init" => Some(schemars::schema_for!(InitDocument)),
        "plan" => Some(schemars::schema_for!(PlanDocument)),
        "prds" => Some(schemars::schema_for!(PrdsDocument)),
        "prds-set" => Some(schemars::schema_for!(PrdsSetDocument)),
        "probe" => Some(schemars::schema_for!(ProbeDocument)),
        "probe-plan" => Some(schemars::schema_for!(ProbePlanDocument)),
        "refine" => Some(schemars::schema_for!(RefineDocument)),
        "schemas" => Some(schemars::schema_for!(SchemasDocument)),
        "status" => Some(schemars::schema_for!(StatusDocument)),
        "why" => Some(schemars::schema_for!(WhyDocument)),
        _ => None,
    }
}

/// A document as text, indented, with a line break at its end.
#[must_use]
pub fn text(document: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(document).expect("BUG: our documents have text keys and finite numbers");
    text + "\n"
}

/// A document, or a part of one, as a value.
#[must_use]
pub fn value(document: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(document).expect("BUG: our documents have text keys and finite numbers")
}

/// What a place proves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlaceRole {
    /// Words of a PRD.
    Prd,
    /// Where a flag is defined.
    Definition,
    /// Where it is read.
    Read,
    /// The condition or the code under it.
    Guard,
    /// Where a test sets it.
    Stub,
    /// The test.
    Test,
    /// What it asserts.
    Assertion,
    /// Where the state is recorded.
    State,
    /// A branch's change.
    Branch,
    /// A migration.
    Migration,
}

/// A place in a file. Lines and columns are one-based; the end is one past the last character.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Place {
    /// Relative to the repository, with `/`.
    pub path: String,
    /// First line.
    pub line: u32,
    /// First column, in characters.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// One past the last column.
    pub end_column: u32,
    /// What it proves.
    pub role: PlaceRole,
    /// A few words for people.
    pub note: String,
}

/// On, off or unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// On for everybody.
    On,
    /// Off for everybody.
    Off,
    /// Not known, or not the same for everybody.
    Unknown,
}

impl From<crate::flag::FlagValue> for Value {
    fn from(value: crate::flag::FlagValue) -> Self {
        match value {
            crate::flag::FlagValue::On => Self::On,
            crate::flag::FlagValue::Off => Self::Off,
            crate::flag::FlagValue::Unknown => Self::Unknown,
        }
    }
}

impl From<Role> for PlaceRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Prd => Self::Prd,
            Role::Definition => Self::Definition,
            Role::Read => Self::Read,
            Role::Guard => Self::Guard,
            Role::Stub => Self::Stub,
            Role::Test => Self::Test,
            Role::Assertion => Self::Assertion,
            Role::State => Self::State,
            Role::Branch => Self::Branch,
            Role::Migration => Self::Migration,
        }
    }
}

/// A span as a place.
#[must_use]
pub fn place(sources: &Sources, span: Span, role: Role, note: &str) -> Place {
    let (start, end) = (sources.start(span), sources.end(span));
    Place {
        path: sources.path(span.file).as_str().to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        role: role.into(),
        note: note.to_owned(),
    }
}

/// Evidence as places.
pub(super) fn places(sources: &Sources, evidence: &[Evidence]) -> Vec<Place> {
    evidence
        .iter()
        .map(|one| place(sources, one.span, one.role, &one.note))
        .collect()
}

/// Spans of one role as places.
pub(super) fn spans(sources: &Sources, spans: &[Span], role: Role) -> Vec<Place> {
    spans.iter().map(|span| place(sources, *span, role, "")).collect()
}
