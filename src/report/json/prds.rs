//! `flagman prds --format json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::flags::{CertaintyWord, SupplyWord};
use super::terms::{self, TermDocument};
use super::{Place, Value, place, places, spans};
use crate::analysis::Analysis;
use crate::assumption::Role;
use crate::flag::FlagValue;
use crate::prd::{Access, Claim, Flip, Prd, PrdId};
use crate::touchpoint::likely::Likely;
use crate::touchpoint::{Certainty, TargetKind, Touchpoint};

/// Every PRD, or one.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PrdsDocument {
    /// `flagman/prds/v1`
    pub schema: &'static str,
    /// Sorted by id.
    pub prds: Vec<PrdDocument>,
}

/// One PRD.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PrdDocument {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its file.
    pub path: String,
    /// Its branch, if it has one.
    pub branch: Option<String>,
    /// What it touches; at the end what it may change too by its words, the likeliest first.
    pub touchpoints: Vec<TouchpointDocument>,
    /// Whether its words were enough to tell what it may change.
    pub likely: LikelyWord,
    /// The flag states that it needs.
    pub assumptions: Vec<AssumptionDocument>,
    /// The flags that it ships.
    pub introduces: Vec<IntroductionDocument>,
    /// The flips that it makes with its own work, or plans.
    pub flips: Vec<PlannedFlipDocument>,
    /// What must be there for it: things, states of flags, the work of others.
    pub requires: Vec<TermDocument>,
    /// What is there once it has landed.
    pub provides: Vec<TermDocument>,
}

/// One PRD touches one thing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TouchpointDocument {
    /// What kind of thing.
    pub kind: KindWord,
    /// Its name.
    pub target: String,
    /// The file it is in.
    pub path: Option<String>,
    /// How.
    pub access: AccessWord,
    /// How we know.
    pub certainty: TouchCertaintyWord,
    /// How likely, 0 to 1.
    pub score: f64,
    /// The places that say so.
    pub because: Vec<Place>,
}

/// A flag state that a PRD needs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AssumptionDocument {
    /// The flag.
    pub flag: String,
    /// The value.
    pub needs: Value,
    /// Who supplies it.
    pub supply: SupplyWord,
    /// How sure.
    pub certainty: CertaintyWord,
    /// The places that say so.
    pub because: Vec<Place>,
}

/// A flag that a PRD ships.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IntroductionDocument {
    /// The flag; the words for what is behind it where it has no name.
    pub flag: String,
    /// Its default.
    pub default: Value,
    /// When it flips, in the document's words.
    pub flips: Option<String>,
    /// The place that says so.
    pub because: Vec<Place>,
}

/// A flip that a PRD makes or plans.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlannedFlipDocument {
    /// The flag.
    pub flag: String,
    /// What it becomes.
    pub to: Value,
    /// When, in words: "with 003-live", "in phase 2", or the document's own.
    pub when: String,
    /// The PRD with whose landing it comes; often the one that says so.
    pub with: Option<String>,
    /// The place that says so, or the branch's line that shows it.
    pub because: Vec<Place>,
}

/// What kind of thing is touched.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KindWord {
    File,
    Symbol,
    Table,
    Column,
    Constraint,
    Enum,
    Route,
    Flag,
    Config,
    Event,
}

/// How it is touched.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccessWord {
    Create,
    Write,
    Read,
}

/// What the words of a PRD told of the files that it may change.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LikelyWord {
    /// They are among the touchpoints.
    Told,
    /// It says too little to tell.
    TooLittleText,
    /// Too many PRDs were asked for at once.
    NotAsked,
}

/// How we know.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TouchCertaintyWord {
    Declared,
    Observed,
    Mentioned,
    Inferred,
}

impl From<TargetKind> for KindWord {
    fn from(kind: TargetKind) -> Self {
        match kind {
            TargetKind::File => Self::File,
            TargetKind::Symbol => Self::Symbol,
            TargetKind::Table => Self::Table,
            TargetKind::Column => Self::Column,
            TargetKind::Constraint => Self::Constraint,
            TargetKind::Enum => Self::Enum,
            TargetKind::Route => Self::Route,
            TargetKind::Flag => Self::Flag,
            TargetKind::Config => Self::Config,
            TargetKind::Event => Self::Event,
        }
    }
}

impl From<Access> for AccessWord {
    fn from(access: Access) -> Self {
        match access {
            Access::Create => Self::Create,
            Access::Write => Self::Write,
            Access::Read => Self::Read,
        }
    }
}

impl From<Certainty> for TouchCertaintyWord {
    fn from(certainty: Certainty) -> Self {
        match certainty {
            Certainty::Declared => Self::Declared,
            Certainty::Observed => Self::Observed,
            Certainty::Mentioned => Self::Mentioned,
            Certainty::Inferred => Self::Inferred,
        }
    }
}

/// The document; `likely` is what they may change by their words, `only` narrows it to one PRD.
#[must_use]
pub fn prds(analysis: &Analysis, likely: &BTreeMap<PrdId, Likely>, only: Option<&PrdId>) -> PrdsDocument {
    let chosen = analysis
        .prds
        .iter()
        .filter(|prd| only.is_none_or(|only| prd.id == *only));
    PrdsDocument {
        schema: "flagman/prds/v1",
        prds: chosen
            .map(|prd| document(analysis, likely.get(&prd.id).unwrap_or(&Likely::NotAsked), prd))
            .collect(),
    }
}

fn document(analysis: &Analysis, likely: &Likely, prd: &Prd) -> PrdDocument {
    let touchpoints = analysis.touchpoints.iter().filter(|touch| touch.prd == prd.id);
    let touchpoints = touchpoints.chain(likely.beside(&prd.id, &analysis.touchpoints));
    let assumptions = analysis
        .assumptions
        .iter()
        .filter(|assumption| assumption.prd == prd.id);
    let terms = crate::terms::terms(analysis, prd);
    PrdDocument {
        id: prd.id.0.clone(),
        title: prd.title.clone(),
        path: prd.path.as_str().to_owned(),
        branch: analysis.branch_of(prd),
        touchpoints: touchpoints.map(|touch| touchpoint(analysis, likely, touch)).collect(),
        likely: match likely {
            Likely::Files(_) => LikelyWord::Told,
            Likely::TooLittleText => LikelyWord::TooLittleText,
            Likely::NotAsked => LikelyWord::NotAsked,
        },
        assumptions: assumptions
            .map(|assumption| AssumptionDocument {
                flag: assumption.flag.as_str().to_owned(),
                needs: assumption.needs.into(),
                supply: assumption.supply.into(),
                certainty: assumption.certainty.into(),
                because: places(&analysis.sources, &assumption.because),
            })
            .collect(),
        introduces: introductions(analysis, prd),
        flips: planned(analysis, prd),
        requires: terms
            .requires
            .iter()
            .map(|one| terms::document(analysis, one))
            .collect(),
        provides: terms
            .provides
            .iter()
            .map(|one| terms::document(analysis, one))
            .collect(),
    }
}

fn touchpoint(analysis: &Analysis, likely: &Likely, touch: &Touchpoint) -> TouchpointDocument {
    let role = |span: crate::source::Span| {
        if analysis.is_prd(span.file) {
            Role::Prd
        } else {
            Role::Branch
        }
    };
    TouchpointDocument {
        kind: touch.target.kind.into(),
        target: touch.target.name.clone(),
        path: touch.target.path.as_ref().map(|path| path.as_str().to_owned()),
        access: touch.access.into(),
        certainty: touch.certainty.into(),
        // Four decimals: who ranks by the score needs them, and its bytes must not depend on how numbers are rounded on the way.
        score: (likely.score(touch) * 10_000.0).round() / 10_000.0,
        because: touch
            .because
            .iter()
            .map(|span| place(&analysis.sources, *span, role(*span), ""))
            .collect(),
    }
}

fn introductions(analysis: &Analysis, prd: &Prd) -> Vec<IntroductionDocument> {
    let introductions = prd.statements.iter().filter_map(|statement| {
        let Claim::Introduces {
            key,
            phrase,
            default,
            flips,
        } = &statement.claim
        else {
            return None;
        };
        Some(IntroductionDocument {
            flag: key
                .as_ref()
                .map_or_else(|| phrase.clone(), |key| key.as_str().to_owned()),
            default: default_word(*default),
            flips: flips.as_ref().map(flip_words),
            because: spans(&analysis.sources, &[statement.span], Role::Prd),
        })
    });
    introductions.collect()
}

fn planned(analysis: &Analysis, prd: &Prd) -> Vec<PlannedFlipDocument> {
    let flips = analysis.flips.iter().filter(|flip| {
        // A name that only a time stands beside may be anything's.
        flip.by == prd.id && (flip.with.is_some() || analysis.flags.get(&flip.flag).is_some())
    });
    flips
        .map(|flip| {
            let role = if analysis.is_prd(flip.span.file) {
                Role::Prd
            } else {
                Role::Branch
            };
            PlannedFlipDocument {
                flag: flip.flag.as_str().to_owned(),
                to: flip.to.into(),
                when: flip_words(&flip.when),
                with: flip.with.as_ref().map(ToString::to_string),
                because: spans(&analysis.sources, &[flip.span], role),
            }
        })
        .collect()
}

fn default_word(default: FlagValue) -> Value {
    default.into()
}

/// When a flip comes, in words.
#[must_use]
fn flip_words(flip: &Flip) -> String {
    match flip {
        Flip::Later(words) => words.clone(),
        Flip::WithPrd(prd) => format!("with {prd}"),
        Flip::Phase(phase) => format!("in phase {phase}"),
        Flip::Part(part) => format!("only {}", part.words),
    }
}
