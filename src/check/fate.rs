//! What becomes of the flip that a PRD needs: what documents plan of it, and why that does not open the gate, or on what condition it
//! does. Enters: [`Facts`]. Leaves: words, places and findings of `assumes-unset-flag`.

use std::collections::BTreeMap;

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::flips::PlannedFlip;
use crate::assumption::{Assumption, Evidence, Role, Supply};
use crate::flag::{FlagKey, FlagValue};
use crate::graph::FlipMade;
use crate::prd::{Flip, PrdId};

/// What becomes of the flip that a PRD needs and does not have.
pub(super) enum Fate<'a> {
    /// Nobody plans it.
    Unplanned,
    /// Somebody plans it for a time that no PRD of the plan stands for.
    ByHand(&'a PlannedFlip),
    /// The PRD that was to make it has landed, and it is not made.
    Missed(&'a PlannedFlip, &'a PrdId),
    /// The PRD that makes it was to land before, and has not.
    Behind(&'a PlannedFlip, &'a PrdId),
    /// It is made, and taken back by another PRD before it is needed.
    TakenBack(&'a PlannedFlip, &'a PrdId, &'a PrdId),
    /// The PRD that makes it has no phase before that of who needs it.
    NoWait(&'a PrdId),
}

impl<'a> Fate<'a> {
    /// What becomes of the flip of `flag` to `needs`, for `prd`.
    pub(super) fn of(facts: &'a Facts<'_>, prd: &PrdId, flag: &FlagKey, needs: FlagValue) -> Self {
        let used = facts.phase(prd);
        let in_time = |with: &PrdId| facts.phase(with) < used && facts.phase(with).is_some();
        let with = facts
            .planned(flag, needs)
            .filter_map(|flip| Some((flip, flip.with.as_ref()?)));
        let with = with.filter(|(_, with)| *with != prd);
        // The last one before it counts.
        let Some((flip, with)) = with.max_by_key(|(_, with)| (in_time(with), facts.phase(with))) else {
            let other = facts
                .planned(flag, needs)
                .filter(|flip| flip.by != *prd || flip.with.is_some());
            // One for everybody tells more than one for some.
            let other = other
                .filter(|flip| !flip.is_made_by(prd))
                .min_by_key(|flip| matches!(flip.when, Flip::Part(_)));
            return other.map_or(Self::Unplanned, Self::ByHand);
        };
        let back = |later: &&PrdId| in_time(later) && facts.phase(later) >= facts.phase(with) && *later != with;
        let back = facts
            .planned(flag, needs.flipped())
            .filter_map(|flip| flip.with.as_ref())
            .find(back);
        match back {
            _ if !in_time(with) => Self::NoWait(with),
            Some(back) => Self::TakenBack(flip, with, back),
            None if facts.landed.contains(with) => Self::Missed(flip, with),
            None => Self::Behind(flip, with),
        }
    }

    /// What is to be said beside what the flag is.
    pub(super) fn told(&self, needs: FlagValue) -> String {
        match self {
            Self::Missed(_, with) => format!(", though PRD {with}, which was to turn it {needs}, has landed"),
            Self::Behind(_, with) => format!(": PRD {with}, which turns it {needs}, has not landed"),
            Self::TakenBack(_, with, back) => {
                let again = needs.flipped();
                format!(": PRD {with} turns it {needs}, and PRD {back} turns it {again} again before")
            }
            Self::ByHand(PlannedFlip {
                by,
                when: Flip::Part(part),
                ..
            }) => format!(": PRD {by} turns it {needs} only {}", part.words),
            Self::Unplanned | Self::ByHand(_) | Self::NoWait(_) => String::new(),
        }
    }

    /// Where the flip is planned.
    pub(super) fn place(&self) -> Option<Evidence> {
        let (Self::Missed(flip, _) | Self::Behind(flip, _) | Self::TakenBack(flip, ..) | Self::ByHand(flip)) = self
        else {
            return None;
        };
        Some(planned_here(flip))
    }

    /// What makes the PRD wait for the flip, in words and as a command; `None` where waiting is no way out.
    pub(super) fn wait(
        &self,
        facts: &Facts<'_>,
        prd: &PrdId,
        flag: &FlagKey,
        needs: FlagValue,
    ) -> Option<(String, Option<String>)> {
        let name_it = format!("name it under `depends_on` in the front matter of PRD {prd}");
        let made = || facts.wait_for_flip(prd, flag, needs);
        match self {
            Self::Missed(..) | Self::TakenBack(..) => None,
            Self::Behind(_, with) | Self::NoWait(with) => Some((
                format!("add `depends_on: [{with}]` to its front matter"),
                Some(facts.wait(prd, with)),
            )),
            Self::Unplanned => Some((
                format!("no document turns `{flag}` {needs} yet; make one that does, and {name_it}"),
                made(),
            )),
            Self::ByHand(PlannedFlip { by, when, .. }) => {
                let planned = |when: String| format!("PRD {by} plans it {when}, and no PRD makes it; let one do so");
                let so = match when {
                    Flip::Part(part) => format!(
                        "PRD {by} turns `{flag}` {needs} only {}, and no PRD does for everybody; make one that does",
                        part.words
                    ),
                    Flip::Phase(number) => planned(format!("in phase {number}")),
                    Flip::WithPrd(other) => planned(format!("with {other}, which is no PRD here")),
                    Flip::Later(words) => planned(format!("later (\"{words}\")")),
                };
                Some((format!("{so}, and {name_it}"), made()))
            }
        }
    }
}

fn planned_here(flip: &PlannedFlip) -> Evidence {
    Evidence {
        role: Role::Prd,
        span: flip.span,
        note: match &flip.when {
            Flip::Part(part) => format!("turns it {} only {}", flip.to, part.words),
            _ => "the flip is planned here".to_owned(),
        },
    }
}

/// A PRD of an earlier phase makes the flip: this one may go when that is so. It holds nobody, and is asked again by then.
pub(super) fn conditional(facts: &Facts<'_>, prd: &PrdId, made: &FlipMade, group: &[&Assumption]) -> Finding {
    let FlipMade {
        prd: with,
        by,
        flag,
        to,
        span,
    } = made;
    let place = |prd: &PrdId| {
        facts
            .phase(prd)
            .map_or(String::new(), |phase| format!(" in phase {phase}"))
    };
    let turns = if with == by {
        format!("PRD {with} turns it {to} before that{}", place(with))
    } else {
        format!(
            "PRD {by} says that it is turned {to} before that, with PRD {with}{}",
            place(with)
        )
    };
    let message = format!(
        "PRD {prd} needs `{flag}` {to}{}, and {turns}: it may go once that is done",
        place(prd)
    );
    let known = facts
        .known_to(prd, flag)
        .map(|(known, index)| known.state_evidence(index));
    let state = known.into_iter().flatten().filter(|place| place.role != Role::Prd);
    let needed = group.iter().flat_map(|assumption| assumption.because.first().cloned());
    let ask = facts.phase(prd).map(|phase| facts.again_of_phase(prd, phase));
    let again = format!("ask again when PRD {with} has landed; `flagman run` does so before the wave goes");
    let mut again = Remedy::new(RemedyKind::Flip, again);
    again.command = ask;
    Finding::new("assumes-unset-flag", Level::Note, message)
        .about(prd)
        .on(flag)
        .because(needed.take(2))
        .at(facts.flip_role(*span), *span, format!("turned {to} here"))
        .because(state.take(2))
        .help(again)
}

/// PRDs that turn a flag themselves and whose branch tests what needs that, while its code has the flag as it was.
pub(super) fn not_yet(facts: &Facts<'_>) -> Vec<Finding> {
    let mut groups: BTreeMap<(&PrdId, &FlagKey, FlagValue), Vec<&Assumption>> = BTreeMap::new();
    for need in facts
        .assumptions
        .iter()
        .filter(|need| need.supply == Supply::Flip && need.test.is_some())
    {
        let key = (&need.prd, &need.flag, need.needs);
        groups.entry(key).or_default().push(need);
    }
    let unturned = |(prd, flag, needs): &(&PrdId, &FlagKey, FlagValue)| {
        let branch = facts.branches.iter().find(|branch| branch.prd.as_ref() == Some(*prd));
        let recorded = facts
            .known_to(prd, flag)
            .is_some_and(|(known, _)| known.state.is_some());
        let mut there = branch
            .iter()
            .flat_map(|branch| &branch.index.definitions)
            .filter(|one| one.key == **flag)
            .peekable();
        !recorded && there.peek().is_some() && there.all(|one| one.declared == needs.flipped())
    };
    let groups = groups.into_iter().filter(|(key, _)| unturned(key));
    groups
        .map(|((prd, flag, needs), group)| {
            let message = format!(
                "PRD {prd} tests what runs only with `{flag}` {needs} and turns it {needs} itself, and its branch does not do so yet"
            );
            let flip = facts.planned(flag, needs).find(|flip| flip.is_made_by(prd));
            Finding::new("assumes-unset-flag", Level::Note, message)
                .about(prd)
                .on(flag)
                .because(group.iter().flat_map(|need| need.because.first().cloned()).take(2))
                .because(flip.map(planned_here))
        })
        .collect()
}
