//! The parts of a flag's life in `flagman flags --format json` beside state, reads and tests: the defaults kept apart, the ledger, what
//! sets it for tests, what documents say, what has gone stale.

use schemars::JsonSchema;
use serde::Serialize;

use super::flags::{CertaintyWord, SupplyWord};
use super::{Place, Value, place};
use crate::analysis::Analysis;
use crate::assumption::Role;
use crate::assumption::table::FlagFacts;
use crate::flag::FlagKey;
use crate::index::{Force, ForceScope, ForcedValue};
use crate::life::{self, Life, Said, Stale};
use crate::prd::Flip;
use crate::report::text::told;

/// The five values that people all call "default".
#[derive(Debug, Serialize, JsonSchema)]
pub struct Defaults {
    /// What its definitions agree on.
    pub declared: Value,
    /// What its reads agree to fall back to.
    pub fallback: Value,
    /// What its SDK answers for a flag that it does not know; `null` where that is what the call falls back to.
    pub missing: Option<Value>,
    /// What a test sees that sets nothing.
    pub ambient: Value,
    /// Who supplies that.
    pub ambient_supply: SupplyWord,
    /// What the PRDs that ship it promise, in the order of `introduced_by`.
    pub introduced: Vec<Value>,
}

/// An entry of the flag file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Entry {
    /// The environment.
    pub environment: String,
    /// The value.
    pub value: Value,
    /// When.
    pub at: Option<String>,
    /// Who.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Where.
    pub place: Place,
}

/// A place that sets the flag for tests.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ForcePlace {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// To what.
    pub value: ForcedWord,
    /// How far it reaches.
    pub scope: ScopeWord,
    /// The title of the test, where it reaches no further than one.
    pub test: Option<String>,
    /// The rule that found it.
    pub rule: String,
}

/// What a test sets.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ForcedWord {
    /// On.
    On,
    /// Off.
    Off,
    /// Something that is not known.
    Unknown,
    /// Both, by a table.
    Both,
    /// At times, or for some.
    Partial,
    /// What was set is taken back.
    Reset,
}

/// How far a force reaches.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScopeWord {
    /// One test.
    Test,
    /// What stands within some lines: a suite, a block.
    Region,
    /// A file.
    File,
    /// Every test.
    Project,
}

/// What a document says of a flag.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Saying {
    /// The PRD.
    pub prd: String,
    /// What kind of saying it is.
    pub says: SaysWord,
    /// The value that it speaks of.
    pub value: Value,
    /// When the flip comes, in its words.
    pub when: Option<String>,
    /// Who supplies what it assumes.
    pub supply: Option<SupplyWord>,
    /// How sure it is that it assumes.
    pub certainty: Option<CertaintyWord>,
    /// Where.
    pub place: Option<Place>,
}

/// Kinds of sayings.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SaysWord {
    /// It ships something behind the flag, by default so.
    Ships,
    /// It plans that the flag becomes so.
    Flips,
    /// It needs the flag so.
    Assumes,
    /// Its tests set the flag so.
    Stubs,
    /// It states that the flag is so.
    States,
    /// It states that the flag is so by default.
    Default,
}

/// A sign that the flag is left over.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Hint {
    /// Which.
    pub kind: HintWord,
    /// Its sentence.
    pub message: String,
}

/// Kinds of hints.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HintWord {
    /// Nothing but tests reads it.
    NeverRead,
    /// On, off nowhere, and nothing runs while it is off.
    AlwaysOn,
    /// Tests set it, and nothing defines or reads it.
    DeadStubs,
}

pub(super) fn defaults(analysis: &Analysis, facts: &FlagFacts) -> Defaults {
    let (ambient, supply) = facts.ambient(analysis.settings.ambient);
    Defaults {
        declared: facts.declared.into(),
        fallback: facts.fallback.into(),
        missing: facts.missing.map(Value::from),
        ambient: ambient.into(),
        ambient_supply: supply.into(),
        introduced: facts.introduced.iter().map(|intro| intro.default.into()).collect(),
    }
}

pub(super) fn history(analysis: &Analysis, key: &FlagKey) -> Vec<Entry> {
    let entries = analysis.ledger.history(key).map(|entry| Entry {
        environment: entry.environment.clone(),
        value: entry.value.into(),
        at: entry.at.clone(),
        by: entry.by.clone(),
        reason: entry.reason.clone(),
        place: place(&analysis.sources, entry.span, Role::State, "recorded here"),
    });
    entries.collect()
}

pub(super) fn forces(analysis: &Analysis, life: &Life) -> Vec<ForcePlace> {
    life.forces
        .iter()
        .map(|at| force(analysis, &analysis.index.forces[*at]))
        .collect()
}

fn force(analysis: &Analysis, force: &Force) -> ForcePlace {
    let value = match force.value {
        ForcedValue::Is(value) => match Value::from(value) {
            Value::On => ForcedWord::On,
            Value::Off => ForcedWord::Off,
            Value::Unknown => ForcedWord::Unknown,
        },
        ForcedValue::Both => ForcedWord::Both,
        ForcedValue::Partial => ForcedWord::Partial,
        ForcedValue::Reset => ForcedWord::Reset,
    };
    let (scope, test) = match &force.scope {
        ForceScope::Test(test) => (
            ScopeWord::Test,
            analysis.index.tests.get(*test).map(|case| case.name.clone()),
        ),
        ForceScope::Region(_) => (ScopeWord::Region, None),
        ForceScope::File(_) => (ScopeWord::File, None),
        ForceScope::Project => (ScopeWord::Project, None),
    };
    ForcePlace {
        place: place(&analysis.sources, force.span, Role::Stub, "set here"),
        value,
        scope,
        test,
        rule: force.rule.clone(),
    }
}

pub(super) fn saying(analysis: &Analysis, said: &Said) -> Saying {
    let (mut when, mut supplied, mut sure) = (None, None, None);
    let (says, value) = match &said.what {
        life::Saying::Ships(value) => (SaysWord::Ships, value),
        life::Saying::Flips(value, flip) => {
            when = Some(match flip {
                Flip::Later(words) => words.clone(),
                Flip::WithPrd(other) => format!("with {other}"),
                Flip::Phase(number) => format!("in phase {number}"),
                Flip::Part(part) => format!("only {}", part.words),
            });
            (SaysWord::Flips, value)
        }
        life::Saying::Assumes {
            needs,
            supply,
            certainty,
        } => {
            (supplied, sure) = (Some((*supply).into()), Some((*certainty).into()));
            (SaysWord::Assumes, needs)
        }
        life::Saying::Stubs(value) => (SaysWord::Stubs, value),
        life::Saying::States {
            value,
            by_default: true,
        } => (SaysWord::Default, value),
        life::Saying::States { value, .. } => (SaysWord::States, value),
    };
    Saying {
        prd: said.prd.0.clone(),
        says,
        value: (*value).into(),
        when,
        supply: supplied,
        certainty: sure,
        place: said
            .span
            .map(|span| place(&analysis.sources, span, Role::Prd, "said here")),
    }
}

pub(super) fn hint(sign: &Stale) -> Hint {
    Hint {
        kind: match sign {
            Stale::NeverRead { .. } => HintWord::NeverRead,
            Stale::AlwaysOn => HintWord::AlwaysOn,
            Stale::DeadStubs { .. } => HintWord::DeadStubs,
        },
        message: told(*sign),
    }
}
