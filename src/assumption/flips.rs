//! The flips that are planned. Enters: what documents say, what the branches of PRDs do, what each flag is. Leaves: [`PlannedFlip`]s:
//! who turns which flag to what, when, and where it says so.

use super::documents::{Shipped, means, shipped};
use super::table::FlagTable;
use super::{BranchTests, Supply};
use crate::flag::{FlagKey, FlagValue};
use crate::index::CodeIndex;
use crate::prd::{Claim, Flip, Prd, PrdId, Statement};
use crate::source::Span;
use crate::touchpoint::References;

/// A flip that somebody plans.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedFlip {
    /// Which flag.
    pub flag: FlagKey,
    /// What it becomes.
    pub to: FlagValue,
    /// When.
    pub when: Flip,
    /// The PRD that comes with it, where `when` names one that is known.
    pub with: Option<PrdId>,
    /// Who plans it.
    pub by: PrdId,
    /// Where that is said; a definition of its branch, where nothing but that shows it.
    pub span: Span,
}

impl PlannedFlip {
    /// True if `prd` makes this flip with its own work.
    #[must_use]
    pub fn is_made_by(&self, prd: &PrdId) -> bool {
        self.with.as_ref() == Some(prd)
    }
}

/// Every planned flip, by the document that plans it and the place. What is said by a document comes before what its branch shows. A
/// flip for one environment is a whole one where `environment` is that one.
#[must_use]
pub fn planned_flips(prds: &[Prd], flags: &FlagTable, branches: &[BranchTests], environment: &str) -> Vec<PlannedFlip> {
    let (references, shipped) = (References::new(prds), shipped(flags));
    let mut all: Vec<PlannedFlip> = Vec::new();
    for prd in prds {
        let said = prd.statements.iter().filter_map(|statement| {
            let (flag, to, when) = said(statement, flags, &shipped)?;
            let when = whole_in(environment, when);
            let with = match &when {
                Flip::WithPrd(reference) if *reference == prd.id.0 => Some(prd.id.clone()),
                Flip::WithPrd(reference) => references.find(reference).ok().cloned(),
                Flip::Phase(_) | Flip::Later(_) | Flip::Part(_) => None,
            };
            Some(PlannedFlip {
                flag,
                to,
                when,
                with,
                by: prd.id.clone(),
                span: statement.span,
            })
        });
        all.extend(said);
    }
    for branch in branches {
        for seen in observed(branch, flags) {
            let same = |known: &PlannedFlip| known.flag == seen.flag && known.to == seen.to && known.with == seen.with;
            if !all.iter().any(same) {
                all.push(seen);
            }
        }
    }
    all
}

/// The flip as it is for who asks about one environment: "in staging" is everywhere there.
fn whole_in(environment: &str, when: Flip) -> Flip {
    match when {
        Flip::Part(part) if part.environments.iter().any(|one| same_environment(one, environment)) => *part.when,
        when => when,
    }
}

/// True for two words for one environment.
fn same_environment(one: &str, other: &str) -> bool {
    let plain = |name: &str| match name.to_lowercase().as_str() {
        "stage" => "staging".to_owned(),
        "dev" => "development".to_owned(),
        "locally" => "local".to_owned(),
        "testing" => "test".to_owned(),
        name => name.to_owned(),
    };
    plain(one) == plain(other)
}

/// The flip that a statement plans.
fn said(statement: &Statement, flags: &FlagTable, shipped: &[Shipped<'_>]) -> Option<(FlagKey, FlagValue, Flip)> {
    let (key, phrase, to, when) = match &statement.claim {
        Claim::PlansFlip { key, phrase, to, when } => (key, phrase, *to, when),
        Claim::Introduces {
            key,
            phrase,
            default,
            flips: Some(when),
        } if *default != FlagValue::Unknown => (key, phrase, default.flipped(), when),
        _ => return None,
    };
    let flag = means(key.as_ref(), phrase, &statement.sentence, flags, shipped)?;
    Some((flag, to, when.clone()))
}

/// The flips that the branch of a PRD makes.
fn observed(branch: &BranchTests, flags: &FlagTable) -> Vec<PlannedFlip> {
    let Some(prd) = &branch.prd else { return Vec::new() };
    let turned = turned(flags, &branch.flags, &branch.index).into_iter();
    let planned = turned.map(|Turned { flag, to, span }| PlannedFlip {
        flag,
        to,
        when: Flip::WithPrd(prd.0.clone()),
        with: Some(prd.clone()),
        by: prd.clone(),
        span,
    });
    planned.collect()
}

/// A flag that is the opposite once a branch is merged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turned {
    /// Which flag.
    pub flag: FlagKey,
    /// What it becomes.
    pub to: FlagValue,
    /// The branch's record, definition or read that makes it so.
    pub span: Span,
}

/// What a branch turns: the flags whose state is known in `base` and is the opposite in `head`, whose code is `index`; by key.
#[must_use]
pub fn turned(base: &FlagTable, head: &FlagTable, index: &CodeIndex) -> Vec<Turned> {
    let turned = base.flags.iter().filter_map(|(flag, was)| {
        let (is, (now, _)) = (head.get(flag)?, was.served());
        let to = now.flipped();
        if to == FlagValue::Unknown || is.served().0 != to {
            return None;
        }
        let recorded = is.state.as_ref().map(|entry| entry.span);
        let defined = is.definitions.first().map(|at| &index.definitions[*at]);
        let defined = defined.map(|one| one.value_span.unwrap_or(one.span));
        let read = is.reads.first().map(|at| index.reads[*at].span);
        Some(Turned {
            flag: flag.clone(),
            to,
            span: recorded.or(defined).or(read)?,
        })
    });
    turned.collect()
}

/// Who needs what it turns itself has it from its own flip: its tests run with that.
pub(super) fn supply_own(flips: &[PlannedFlip], assumption: &mut super::Assumption) {
    let own = |flip: &PlannedFlip| {
        flip.is_made_by(&assumption.prd) && flip.flag == assumption.flag && flip.to == assumption.needs
    };
    if assumption.supply == Supply::Nobody && flips.iter().any(own) {
        assumption.supply = Supply::Flip;
    }
}
