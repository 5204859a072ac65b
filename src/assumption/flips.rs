//! The flips that are planned. Enters: what documents say, what the branches of PRDs do, what each flag is. Leaves: [`PlannedFlip`]s:
//! who turns which flag to what, when, and where it says so.

use super::documents::{Shipped, means, shipped};
use super::table::{FlagTable, StateSource};
use super::{BranchTests, Supply};
use crate::flag::{FlagKey, FlagValue};
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

/// Every planned flip, by the document that plans it and the place. What is said by a document comes before what its branch shows.
#[must_use]
pub fn planned_flips(prds: &[Prd], flags: &FlagTable, branches: &[BranchTests]) -> Vec<PlannedFlip> {
    let (references, shipped) = (References::new(prds), shipped(flags));
    let mut all: Vec<PlannedFlip> = Vec::new();
    for prd in prds {
        let said = prd.statements.iter().filter_map(|statement| {
            let (flag, to, when) = said(statement, flags, &shipped)?;
            let with = match &when {
                Flip::WithPrd(reference) if *reference == prd.id.0 => Some(prd.id.clone()),
                Flip::WithPrd(reference) => references.find(reference).ok().cloned(),
                Flip::Phase(_) | Flip::Later(_) => None,
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
        let seen = observed(branch, flags);
        all.extend(
            seen.filter(|seen| {
                let same =
                    |known: &PlannedFlip| known.flag == seen.flag && known.to == seen.to && known.with == seen.with;
                !all.iter().any(same)
            })
            .collect::<Vec<_>>(),
        );
    }
    all
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

/// The flips that the branch of a PRD makes in code: every definition there says the opposite of what the flag is by default now.
fn observed<'a>(branch: &'a BranchTests, flags: &'a FlagTable) -> impl Iterator<Item = PlannedFlip> + 'a {
    let owner = branch.prd.iter();
    owner.flat_map(move |prd| {
        flags.flags.iter().filter_map(move |(flag, facts)| {
            let (now, StateSource::Default) = facts.served() else {
                return None;
            };
            let definitions = || branch.index.definitions.iter().filter(|one| one.key == *flag);
            let to = now.flipped();
            let first = definitions().next().filter(|_| to != FlagValue::Unknown)?;
            definitions().all(|one| one.declared == to).then(|| PlannedFlip {
                flag: flag.clone(),
                to,
                when: Flip::WithPrd(prd.0.clone()),
                with: Some(prd.clone()),
                by: prd.clone(),
                span: first.value_span.unwrap_or(first.span),
            })
        })
    })
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
