//! `flagman plan --explain` and `--what-if`, as text.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::plan::{apart, by_itself, plan, reason, say_touched};
use super::{counted, set_command, table};
use crate::analysis::Analysis;
use crate::graph::{Edge, EdgeKind, Exclusion, ExclusionKind};
use crate::plan::Barrier;
use crate::plan::compare::{Moved, Saved};
use crate::plan::why::{Apart, Decision, Hold, Shortcut, Why};
use crate::prd::PrdId;
use crate::report::visible;

/// Why one PRD is in its phase, and what would bring it forward.
#[must_use]
pub fn why(analysis: &Analysis, why: &Why<'_>) -> String {
    let title = analysis.prds.iter().find(|prd| prd.id == why.prd);
    let mut text = format!("{}: {}\n", why.prd, title.map_or("", |prd| prd.title.as_str()));
    let last = analysis.plan.phases.len().saturating_sub(1);
    match why.phase {
        Some(0) => text.push_str("phase 0: nothing holds it\n"),
        Some(phase) => {
            let _ = writeln!(text, "phase {phase} of 0 to {last}");
        }
        None => text.push_str("in no phase: it waits for a cycle (flagman explain dependency-cycle)\n"),
    }
    if let Some(alone) = analysis.graph.alone(&why.prd) {
        let _ = writeln!(text, "  {}", by_itself(analysis, alone));
    }
    let holds: Vec<Vec<String>> = why.holds.iter().map(|one| vec![hold(analysis, why, one)]).collect();
    text.push_str(&table(&holds));
    let barriers = analysis.plan.barriers.iter();
    for barrier in barriers.filter(|barrier| barrier.unlocks.contains(&why.prd)) {
        let _ = writeln!(text, "  {}", flip(analysis, barrier));
    }
    if why.phase != Some(0) {
        text.push_str(&shortcuts(analysis, why));
    }
    visible(&text)
}

fn hold(analysis: &Analysis, why: &Why<'_>, hold: &Hold<'_>) -> String {
    let before = why.phase.map_or(0, |phase| phase.saturating_sub(1));
    match hold {
        Hold::After(edge) => format!("after {} in phase {before}, {}", edge.from, reason(analysis, edge)),
        Hold::Apart(pair) => {
            let other = if pair.a == why.prd { &pair.b } else { &pair.a };
            format!("not with {other} in phase {before}: {}", apart(pair))
        }
        Hold::Alone(alone) if alone.prd == why.prd => format!("not with the PRDs of phase {before}"),
        Hold::Alone(alone) => format!(
            "not with {} in phase {before}: {}",
            alone.prd,
            by_itself(analysis, alone)
        ),
        Hold::Full(phase) => format!("phase {phase} is full: as many run at once as `dispatch.max_parallel` allows"),
    }
}

fn flip(analysis: &Analysis, barrier: &Barrier) -> String {
    let (flag, to, phase) = (&barrier.flag, barrier.to, barrier.before_phase);
    match &barrier.made {
        Some(made) => format!("needs {flag} {to}, which {} makes before phase {phase}", made.prd),
        None => format!(
            "needs {flag} {to}, a flip before phase {phase}: {}",
            set_command(analysis, flag, to)
        ),
    }
}

fn shortcuts(analysis: &Analysis, why: &Why<'_>) -> String {
    let untried = match why.untried {
        0 => String::new(),
        more => format!(" ({} more were not tried)", counted(more, "decision")),
    };
    if why.shortcuts.is_empty() {
        return format!("no single decision would bring it forward{untried}\n");
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in why.shortcuts.iter().map(|one| shortcut(analysis, one)) {
        // To split a symbol frees every pair of it: once is enough.
        if !rows
            .iter()
            .any(|told| told[1..] == row[1..] && row[2].contains(" --split "))
        {
            rows.push(row);
        }
    }
    format!("what would bring it forward{untried}:\n{}", table(&rows))
}

fn shortcut(analysis: &Analysis, shortcut: &Shortcut<'_>) -> Vec<String> {
    let invocation = &analysis.settings.invocation;
    let (decision, command) = match shortcut.decision {
        Decision::Step(edge) => (
            format!("{} no longer after {}", edge.to, edge.from),
            decided_step(analysis, edge).unwrap_or_else(|| reason(analysis, edge)),
        ),
        Decision::Pair(pair) => (
            format!("{} and {} no longer apart", pair.a, pair.b),
            match shared_symbols(analysis, pair) {
                Some(symbols) => {
                    let each: Vec<String> = symbols
                        .iter()
                        .map(|symbol| format!("--split {}", shlex_word(symbol)))
                        .collect();
                    format!("flagman plan {}{invocation}", each.join(" "))
                }
                None => apart(pair),
            },
        ),
        Decision::Clear(alone) => (
            format!("{} says what it touches", alone.prd),
            say_touched(analysis, &alone.prd),
        ),
    };
    let phases = counted(shortcut.phases as usize, "phase");
    vec![decision, format!("phase {} ({phases} in all)", shortcut.phase), command]
}

/// The symbols of which each keeps the two apart, if nothing else does: to split one of several would free nobody.
fn shared_symbols<'a>(analysis: &'a Analysis, pair: &Exclusion) -> Option<BTreeSet<&'a str>> {
    let both = analysis
        .graph
        .exclusions
        .iter()
        .filter(|one| (&one.a, &one.b) == (&pair.a, &pair.b));
    let symbol = |one: &'a Exclusion| (one.kind == ExclusionKind::SameSymbol).then_some(one.target.as_str());
    both.map(symbol).collect()
}

/// The command that takes back what the later document declares.
fn decided_step(analysis: &Analysis, edge: &Edge) -> Option<String> {
    let later = analysis.prds.iter().find(|prd| prd.id == edge.to)?;
    let mut reasons = analysis.graph.edges.iter();
    let alone = reasons.all(|one| (&one.from, &one.to) != (&edge.from, &edge.to) || one.kind == EdgeKind::Declared);
    let said = edge.words()?;
    let its_own = analysis.sources.path(said.file) == &later.path && said.bytes.range().end <= later.body as usize;
    (alone && its_own).then(|| {
        let invocation = &analysis.settings.invocation;
        format!("flagman prds set {} depends_on-={}{invocation}", edge.to, edge.from)
    })
}

fn shlex_word(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), Into::into)
}

/// Why two PRDs are in one phase, or not.
#[must_use]
pub fn pair(analysis: &Analysis, a: &PrdId, b: &PrdId, found: &Apart<'_>) -> String {
    let mut text = match found.phases {
        [Some(first), Some(second)] if first == second => format!("{a} and {b}: together in phase {first}\n"),
        [Some(first), Some(second)] => format!("{a} in phase {first}, {b} in phase {second}\n"),
        [first, second] => {
            let told = |phase: Option<u32>| phase.map_or("no phase".to_owned(), |phase| format!("phase {phase}"));
            format!("{a} in {}, {b} in {}\n", told(first), told(second))
        }
    };
    let steps: Vec<Vec<String>> = found.way.iter().map(|edge| step(analysis, edge)).collect();
    text.push_str(&table(&steps));
    let apart_by: Vec<Vec<String>> = found.exclusions.iter().map(|one| vec![never(one)]).collect();
    text.push_str(&table(&apart_by));
    for alone in &found.alone {
        let _ = writeln!(
            text,
            "  {} shares a phase with nobody: {}",
            alone.prd,
            by_itself(analysis, alone)
        );
    }
    let bound = !found.way.is_empty() || !found.exclusions.is_empty() || !found.alone.is_empty();
    if !bound && found.phases[0] != found.phases[1] {
        text.push_str("nothing keeps them apart: what the one waits for comes later than what the other waits for\n");
    }
    visible(&text)
}

fn step(analysis: &Analysis, edge: &Edge) -> Vec<String> {
    vec![format!("{} before {}", edge.from, edge.to), reason(analysis, edge)]
}

fn never(pair: &Exclusion) -> String {
    format!("never in one phase: {}", apart(pair))
}

/// What decisions would save, and the plan after them.
#[must_use]
pub fn what_if(after: &Analysis, decisions: &[String], saved: &Saved) -> String {
    let decisions = decisions.join(" and ");
    if saved.is_nothing() {
        return visible(&format!("{decisions}: nothing in the plan changes\n"));
    }
    let phases = match (saved.from, saved.to) {
        (from, to) if from == to => format!("{}, as before", counted(to as usize, "phase")),
        (from, to) => format!("{} instead of {from}", counted(to as usize, "phase")),
    };
    let mut text = format!("{decisions}: {phases}\n");
    let rows: Vec<Vec<String>> = saved.moved.iter().map(moved).collect();
    text.push_str(&table(&rows));
    for (barriers, word) in [
        (&saved.flips_gone, "no longer a step"),
        (&saved.flips_new, "a new step"),
    ] {
        for barrier in barriers {
            let _ = writeln!(text, "  {word}: {} {}", barrier.flag, barrier.to);
        }
    }
    text.push('\n');
    visible(&text) + &plan(after)
}

fn moved(moved: &Moved) -> Vec<String> {
    let phase = |phase: Option<u32>| phase.map_or("none".to_owned(), |phase| phase.to_string());
    vec![
        moved.prd.0.clone(),
        format!("phase {} → {}", phase(moved.from), phase(moved.to)),
    ]
}
