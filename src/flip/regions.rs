//! What a flip does to the code. Enters: the guards of the base tree and what each flag is. Leaves: [`Regions`] that go live or dark.
//!
//! A region runs where every guard around it holds, so the other conditions count: what waits for two flags does not go live by one.
//! Conditions are true, false or unknown, as flags are.

use std::collections::BTreeSet;

use crate::analysis::Analysis;
use crate::flag::{FlagKey, FlagValue};
use crate::index::guards::guards_at;
use crate::index::test_code::TestCode;
use crate::index::{Guard, Literal};
use crate::source::Span;

/// Another condition of the same region.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Other {
    /// One of these must hold; one alone must hold.
    pub any: Vec<(FlagKey, FlagValue)>,
    /// Whether it holds now: on, off (it does not), or unknown.
    pub holds: FlagValue,
}

/// A region of code that the flip concerns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Region {
    /// The code.
    pub span: Span,
    /// The condition that decides about it.
    pub condition: Span,
    /// The function or class around the read.
    pub symbol: String,
    /// What else must hold for it to run.
    pub others: Vec<Other>,
}

/// The code that a flip concerns, by path and place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Regions {
    pub(super) live: Vec<Region>,
    pub(super) dark: Vec<Region>,
    pub(super) waits: Vec<Region>,
}

/// The code outside of tests that begins to run, that no longer runs, and that would run but for another flag.
pub(super) fn regions(analysis: &Analysis, flag: &FlagKey, from: FlagValue, to: FlagValue) -> Regions {
    let (mut found, mut seen) = (Regions::default(), BTreeSet::new());
    let tests = TestCode::of(&analysis.index);
    // In `a && b` the read of `b` runs only with `a` on; what it decides is told by itself.
    let reads: BTreeSet<Span> = analysis.index.reads.iter().map(|read| read.span).collect();
    for guard in &analysis.index.guards {
        let concerns = guard.when.iter().any(|literal| literal.key == *flag);
        let told = tests.holds(guard.region) || reads.contains(&guard.region);
        if !concerns || told || !seen.insert(guard.region) {
            continue;
        }
        let around = guards_at(&analysis.index, guard.region);
        let now = |key: &FlagKey| {
            analysis
                .flags
                .get(key)
                .map(|facts| facts.served().0)
                .unwrap_or_default()
        };
        let runs = |value: FlagValue| {
            let holds = around
                .iter()
                .map(|guard| holds(guard, &|key| if key == flag { value } else { now(key) }));
            holds.fold(FlagValue::On, and)
        };
        let list = match (runs(from), runs(to)) {
            (was, becomes) if was == becomes && becomes == FlagValue::Off && guard.needs(flag) == Some(to) => {
                &mut found.waits
            }
            (was, becomes) if was == becomes => continue,
            (was, becomes) if rank(becomes) > rank(was) => &mut found.live,
            _ => &mut found.dark,
        };
        // What stands inside of what is told already goes with it.
        if !list.iter().any(|outer| outer.span.contains(guard.region)) {
            list.push(region(analysis, guard, flag, others(&around, flag, &now)));
        }
    }
    found
}

fn region(analysis: &Analysis, guard: &Guard, flag: &FlagKey, others: Vec<Other>) -> Region {
    let reads = guard.reads.iter().map(|at| &analysis.index.reads[*at]);
    let read = reads.clone().find(|read| read.key == *flag);
    Region {
        span: guard.region,
        condition: guard.condition,
        symbol: read.map_or(String::new(), |read| read.symbol.clone()),
        others,
    }
}

/// The conditions that rest on other flags, each once.
fn others(around: &[&Guard], flag: &FlagKey, now: &dyn Fn(&FlagKey) -> FlagValue) -> Vec<Other> {
    let mut found = BTreeSet::new();
    let mut add = |literals: &[&Literal]| {
        let any: Vec<(FlagKey, FlagValue)> = literals.iter().map(|one| (one.key.clone(), one.value)).collect();
        let holds = literals
            .iter()
            .map(|one| literal(one, now(&one.key)))
            .fold(FlagValue::Off, or);
        found.insert(Other { any, holds });
    };
    for guard in around {
        let rest: Vec<&Literal> = guard.when.iter().filter(|literal| literal.key != *flag).collect();
        match guard.any {
            // A choice in which the flag itself stands is no further condition once it holds.
            true if rest.len() == guard.when.len() => add(&rest),
            true => {}
            false => rest.iter().for_each(|one| add(&[one])),
        }
    }
    found.into_iter().collect()
}

fn holds(guard: &Guard, value: &dyn Fn(&FlagKey) -> FlagValue) -> FlagValue {
    let each = guard.when.iter().map(|one| literal(one, value(&one.key)));
    if guard.any {
        each.fold(FlagValue::Off, or)
    } else {
        each.fold(FlagValue::On, and)
    }
}

/// On if the flag is as the literal says, off if it is not.
fn literal(literal: &Literal, is: FlagValue) -> FlagValue {
    match is {
        FlagValue::Unknown => FlagValue::Unknown,
        is => FlagValue::from(is == literal.value),
    }
}

fn and(a: FlagValue, b: FlagValue) -> FlagValue {
    match (a, b) {
        (FlagValue::Off, _) | (_, FlagValue::Off) => FlagValue::Off,
        (FlagValue::On, FlagValue::On) => FlagValue::On,
        _ => FlagValue::Unknown,
    }
}

fn or(a: FlagValue, b: FlagValue) -> FlagValue {
    and(a.flipped(), b.flipped()).flipped()
}

/// Does not run, may run, runs.
fn rank(runs: FlagValue) -> u8 {
    match runs {
        FlagValue::Off => 0,
        FlagValue::Unknown => 1,
        FlagValue::On => 2,
    }
}
