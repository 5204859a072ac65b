//! `flag-contradiction`: two documents, or a document and the code, state different defaults or states for one flag, or one document needs
//! what another one takes away.
//!
//! A default and a state are two things: "off by default" and "on now" do not contradict each other. What is said of one environment
//! says nothing of another.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::flips::PlannedFlip;
use crate::assumption::table::{FlagFacts, StateSource};
use crate::assumption::words::speaks_of;
use crate::assumption::{Assumption, NeedCertainty, Role, Supply};
use crate::flag::{FlagKey, FlagValue};
use crate::prd::{Claim, Flip, PrdId, Statement};
use crate::source::Span;

/// What one document states.
struct Stated<'a> {
    prd: &'a PrdId,
    value: FlagValue,
    by_default: bool,
    span: Span,
}

impl Stated<'_> {
    fn words(&self) -> String {
        if self.by_default {
            format!("{} by default", self.value)
        } else {
            self.value.to_string()
        }
    }
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts
        .flags
        .flags
        .iter()
        .filter_map(|(flag, known)| {
            let stated = stated(facts, flag);
            between_documents(facts, flag, &stated).or_else(|| with_the_code(facts, flag, known, &stated))
        })
        .chain(taken_away(facts))
        .collect()
}

/// Documents that need a state which the flag has now, and which another PRD turns it from.
fn taken_away(facts: &Facts<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for need in facts.assumptions {
        let (prd, flag) = (&need.prd, &need.flag);
        let has_it = matches!(need.supply, Supply::State | Supply::Ambient) && need.test.is_none();
        let has_it = has_it && need.certainty != NeedCertainty::Possible;
        let said = |finding: &Finding| finding.prd.as_ref() == Some(prd) && finding.flag.as_ref() == Some(flag);
        // Where somebody turns it back, the order of the three is told elsewhere.
        if !has_it || found.iter().any(said) || facts.planned(flag, need.needs).next().is_some() {
            continue;
        }
        let mut turned = facts.planned(flag, need.needs.flipped()).filter_map(|flip| {
            let with = flip.with.as_ref().filter(|with| *with != prd)?;
            (!matches!(flip.when, Flip::Part(_)) && !facts.landed.contains(with)).then_some((flip, with))
        });
        if let Some((flip, with)) = turned.next() {
            found.push(turns_away(facts, need, (flip, with)));
        }
    }
    found
}

fn turns_away(facts: &Facts<'_>, need: &Assumption, (flip, with): (&PlannedFlip, &PrdId)) -> Finding {
    let (prd, flag, to) = (&need.prd, &need.flag, flip.to);
    // Who has landed had it while it was made; who waits in a circle has no phase that could be an earlier one.
    let landed = facts.landed.contains(prd);
    let first = landed || matches!((facts.phase(prd), facts.phase(with)), (Some(first), Some(then)) if first < then);
    let later = if landed { "" } else { " in a later phase" };
    let (level, order) = match first {
        true => (
            Level::Note,
            format!("{later}: from then on it is {to} for what {prd} made, too"),
        ),
        false => (Level::Error, String::new()),
    };
    let message = format!(
        "PRD {prd} needs `{flag}` {}, and PRD {with} turns it {to}{order}",
        need.needs
    );
    let finding = Finding::new("flag-contradiction", level, message)
        .with([with.clone()])
        .because(need.because.iter().take(2).cloned())
        .at(facts.flip_role(flip.span), flip.span, format!("turned {to} here"));
    let finding = with_help(facts, finding, prd, flag);
    if first {
        return finding;
    }
    let waits = format!(
        "or let PRD {with} wait for PRD {prd}, if it is only to be {} until then",
        need.needs
    );
    finding.help(Remedy::new(RemedyKind::Reorder, waits).with_command(facts.wait(with, prd)))
}

/// Two documents that state different defaults, or different states.
fn between_documents(facts: &Facts<'_>, flag: &FlagKey, stated: &[Stated<'_>]) -> Option<Finding> {
    let against = |one: &Stated<'_>, other: &Stated<'_>| {
        other.by_default == one.by_default && other.value != one.value && other.prd != one.prd
    };
    let (first, other) = stated
        .iter()
        .find_map(|one| Some((one, stated.iter().find(|other| against(one, other))?)))?;
    let message = format!(
        "PRD {} says that `{flag}` is {}, and PRD {} says that it is {}",
        first.prd,
        first.words(),
        other.prd,
        other.words()
    );
    let finding = Finding::new("flag-contradiction", Level::Error, message)
        .with([first.prd.clone()])
        .at(Role::Prd, other.span, format!("{} here", other.words()))
        .at(Role::Prd, first.span, format!("{} here", first.words()));
    Some(with_help(facts, finding, other.prd, flag))
}

/// A document that states another default than the code declares, or a state that the flag has neither by default nor by record.
fn with_the_code(facts: &Facts<'_>, flag: &FlagKey, known: &FlagFacts, stated: &[Stated<'_>]) -> Option<Finding> {
    let (served, source) = known.served();
    let differs = |stated: &&Stated<'_>| {
        let declared = known.declared != FlagValue::Unknown && stated.value != known.declared;
        declared && (stated.by_default || served == FlagValue::Unknown || stated.value != served)
    };
    let wrong = stated.iter().find(differs)?;
    let is = match source {
        StateSource::Default => String::new(),
        _ if wrong.by_default => String::new(),
        StateSource::File => format!(" and the flag file has it {served}"),
        StateSource::Override => format!(" and this run supposes it {served}"),
    };
    let message = format!(
        "PRD {} says that `{flag}` is {}, and the code declares it {}{is}",
        wrong.prd,
        wrong.words(),
        known.declared
    );
    let of_code = |role| role == Role::Definition || (role == Role::State && !wrong.by_default);
    let places = known.state_evidence(facts.index).into_iter();
    let finding = Finding::new("flag-contradiction", Level::Error, message)
        .at(Role::Prd, wrong.span, format!("{} here", wrong.words()))
        .because(places.filter(|place| of_code(place.role)));
    Some(with_help(facts, finding, wrong.prd, flag))
}

fn with_help(facts: &Facts<'_>, finding: Finding, prd: &PrdId, flag: &FlagKey) -> Finding {
    let detail = "decide which of the two holds, and change the other; all that is said of the flag";
    let all = facts.command(&format!("flags {}", flag.word()));
    finding
        .about(prd)
        .on(flag)
        .help(Remedy::new(RemedyKind::Declare, detail).with_command(all))
}

/// What documents say of this flag, in the order of their ids.
fn stated<'a>(facts: &'a Facts<'_>, flag: &FlagKey) -> Vec<Stated<'a>> {
    let mut stated = Vec::new();
    for prd in facts.prds {
        for statement in &prd.statements {
            let (key, value, by_default) = match &statement.claim {
                Claim::Introduces {
                    key: Some(key),
                    default,
                    ..
                } => (key, *default, true),
                Claim::States { key, value, by_default }
                    if is_meant(facts, statement) && !comes_with_it(facts, &prd.id, key, *value) =>
                {
                    (key, *value, *by_default)
                }
                _ => continue,
            };
            if key == flag && value != FlagValue::Unknown {
                stated.push(Stated {
                    prd: &prd.id,
                    value,
                    by_default,
                    span: statement.span,
                });
            }
        }
    }
    stated
}

/// True if the document turns the flag to that state itself: it tells how things are once it has landed.
fn comes_with_it(facts: &Facts<'_>, prd: &PrdId, flag: &FlagKey, value: FlagValue) -> bool {
    facts.planned(flag, value).any(|flip| flip.is_made_by(prd))
}

/// True unless the sentence speaks of another environment than the one that this run asks about.
fn is_meant(facts: &Facts<'_>, statement: &Statement) -> bool {
    speaks_of(&statement.sentence, &facts.settings.environment)
}
