//! `flagman plan`, as text: the phases, the flips between them, why, and the proof.

use std::fmt::Write as _;

use super::{counted, set_command, table};
use crate::analysis::Analysis;
use crate::flag::shell_word;
use crate::graph::{Alone, Edge, EdgeKind, Exclusion, ExclusionKind, FlipMade, Meeting, Overlap, cheapest};
use crate::plan::{Barrier, Phase, Proof};
use crate::prd::{Prd, PrdId};
use crate::report::{left_out, visible};
use crate::source::Span;

/// The plan as text.
#[must_use]
pub fn plan(analysis: &Analysis) -> String {
    let mut text = String::new();
    for phase in &analysis.plan.phases {
        for barrier in analysis
            .plan
            .barriers
            .iter()
            .filter(|barrier| barrier.before_phase == phase.number)
        {
            text.push_str(&barrier_line(analysis, barrier));
        }
        text.push_str(&phase_block(analysis, phase));
    }
    if !analysis.plan.unplanned.is_empty() {
        let names: Vec<&str> = analysis.plan.unplanned.iter().map(|prd| prd.0.as_str()).collect();
        let _ = writeln!(
            text,
            "no phase: {} wait for each other, or for one that does (flagman explain dependency-cycle)",
            names.join(", ")
        );
        for cycle in &analysis.graph.cycles {
            text.push_str(&cycle_block(analysis, cycle));
        }
        text.push('\n');
    }
    let left = left_out(&analysis.left_out);
    if !left.is_empty() {
        let _ = writeln!(text, "{left}; the others keep their phases\n");
    }
    text.push_str(&tonight(analysis));
    text.push_str(&exclusions(analysis));
    text.push_str(&proof(analysis));
    text.push_str(&unclear(analysis));
    visible(&text)
}

fn barrier_line(analysis: &Analysis, barrier: &Barrier) -> String {
    let unlocks: Vec<&str> = barrier.unlocks.iter().map(|prd| prd.0.as_str()).collect();
    let (flag, to, unlocks) = (&barrier.flag, barrier.to, unlocks.join(", "));
    let Some(made) = &barrier.made else {
        let command = set_command(analysis, flag, to);
        let later = analysis.later().into_iter().find(|one| one.barrier == barrier);
        let later = later.map_or(String::new(), |one| {
            let place = at(analysis, one.flip.span);
            format!("   {} plans it for later (\"{}\", {place})\n", one.flip.by, one.when)
        });
        return format!("── flip {flag} {to} ── unlocks {unlocks}\n{later}   {command}\n\n");
    };
    let place = at(analysis, made.span);
    let said = if made.by == made.prd {
        format!("{} makes it ({place})", made.prd)
    } else {
        format!("it comes with {}, as {} says ({place})", made.prd, made.by)
    };
    format!("── {flag} {to} ── unlocks {unlocks}\n   {said}\n\n")
}

/// What can go before the flips that documents put off, and what waits for these.
fn tonight(analysis: &Analysis) -> String {
    let later = analysis.later();
    if later.is_empty() {
        return String::new();
    }
    let names = |prds: &mut dyn Iterator<Item = &PrdId>| -> String {
        let names: Vec<&str> = prds.map(|prd| prd.0.as_str()).collect();
        names.join(", ")
    };
    let first = names(&mut analysis.tonight(&later).into_iter());
    let first = if first.is_empty() { "nothing".to_owned() } else { first };
    let mut text = format!("tonight: {first}\n");
    for one in &later {
        let (flag, to) = (&one.barrier.flag, one.barrier.to);
        let waits = names(&mut one.waits.iter());
        let _ = writeln!(text, "later:   {waits}, once {flag} is {to} (\"{}\")", one.when);
    }
    text.push('\n');
    text
}

fn phase_block(analysis: &Analysis, phase: &Phase) -> String {
    let alone = phase.prds.iter().any(|prd| analysis.graph.alone(prd).is_some()) && analysis.prds.len() > 1;
    let alone = if alone {
        ", by itself: what it changes is not known"
    } else {
        ""
    };
    let mut text = format!("phase {}: {}{alone}\n", phase.number, counted(phase.prds.len(), "PRD"));
    let rows: Vec<Vec<String>> = phase.merge_order.iter().map(|prd| row(analysis, prd)).collect();
    text.push_str(&table(&rows));
    text.push('\n');
    text
}

/// The PRD, its title, and why it is not earlier.
fn row(analysis: &Analysis, prd: &PrdId) -> Vec<String> {
    let title = analysis
        .prds
        .iter()
        .find(|one| one.id == *prd)
        .map_or(String::new(), |one| shortened(&one.title));
    vec![prd.0.clone(), title, why(analysis, prd)]
}

/// Each step of a cycle with the places that ask for it, and the one that is cheapest to give up.
fn cycle_block(analysis: &Analysis, cycle: &[PrdId]) -> String {
    let steps = analysis.graph.steps(cycle);
    let cut = cheapest(&steps);
    let rows: Vec<Vec<String>> = steps
        .iter()
        .map(|step| {
            let why: Vec<String> = step.reasons.iter().map(|edge| reason(analysis, edge)).collect();
            let cut = cut.is_some_and(|cut| (cut.from, cut.to) == (step.from, step.to));
            let advice = if cut { "← the cheapest to give up" } else { "" };
            vec![
                format!("{} before {}", step.from, step.to),
                why.join("; "),
                advice.into(),
            ]
        })
        .collect();
    table(&rows)
}

fn shortened(title: &str) -> String {
    const WIDEST: usize = 44;
    if title.chars().count() <= WIDEST {
        return title.to_owned();
    }
    let kept: String = title.chars().take(WIDEST - 1).collect();
    format!("{}…", kept.trim_end())
}

/// The edge from the latest phase before this one, with its place.
pub(in crate::report) fn why(analysis: &Analysis, prd: &PrdId) -> String {
    let phase = |prd: &PrdId| {
        analysis
            .plan
            .phases
            .iter()
            .find(|phase| phase.prds.contains(prd))
            .map(|phase| phase.number)
    };
    let edges = analysis.graph.edges.iter().filter(|edge| edge.to == *prd);
    let last = edges.max_by_key(|edge| (phase(&edge.from), std::cmp::Reverse(edge.kind)));
    last.map_or(String::new(), |edge| {
        format!("after {} {}", edge.from, reason(analysis, edge))
    })
}

pub(super) fn reason(analysis: &Analysis, edge: &Edge) -> String {
    let told = |flip: &&FlipMade| edge.because.contains(&flip.span);
    let turns = |prd: &PrdId| analysis.graph.made.iter().filter(told).find(|flip| flip.prd == *prd);
    if let (EdgeKind::Flag, Some(flip)) = (edge.kind, turns(&edge.from)) {
        return format!("which turns a flag that it needs ({})", at(analysis, flip.span));
    }
    let why = match edge.kind {
        EdgeKind::Flag if turns(&edge.to).is_some() => "which ships the flag that it turns",
        EdgeKind::Declared => "as it says",
        EdgeKind::Produces => "which makes what it uses",
        EdgeKind::Flag => "which ships a flag that it needs",
        EdgeKind::Schema => "which migrates for it",
        EdgeKind::Held => "which needs the flag as it is before it is turned",
        EdgeKind::Gone => "which uses what it takes away",
        EdgeKind::Hotfix => "which is a hotfix",
        EdgeKind::Foundation => "which ships before all",
    };
    match edge.words() {
        Some(span) => format!("{why} ({})", at(analysis, span)),
        None => why.to_owned(),
    }
}

fn at(analysis: &Analysis, span: Span) -> String {
    format!(
        "{}:{}",
        analysis.sources.path(span.file),
        analysis.sources.start(span).line
    )
}

fn exclusions(analysis: &Analysis) -> String {
    if analysis.graph.exclusions.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = analysis
        .graph
        .exclusions
        .iter()
        .map(|exclusion| vec![exclusion.a.0.clone(), exclusion.b.0.clone(), apart(exclusion)])
        .collect();
    format!("never in one phase:\n{}\n", table(&rows))
}

/// What keeps two PRDs apart.
pub(in crate::report) fn apart(exclusion: &Exclusion) -> String {
    let target = &exclusion.target;
    match &exclusion.meeting {
        Meeting::Contract(by) => return format!("{by} changes how {target} is used, and the other one uses it"),
        Meeting::Unsaid(by) => {
            return format!("{by} changes {target}, and the other one names it without saying what it changes");
        }
        Meeting::Broken => return format!("their branches merge cleanly and do not go together: {target}"),
        Meeting::Untold => return format!("whether their branches conflict cannot be told: {target}"),
        Meeting::Both => {}
    }
    match exclusion.kind {
        ExclusionKind::SameSymbol => format!("both change {target}"),
        ExclusionKind::SameSchemaObject => format!("both change the schema object {target}"),
        ExclusionKind::SameMigration if exclusion.is_script() => format!("both change the script {target}"),
        ExclusionKind::SameMigration => format!("both take the migration slot {target}"),
        ExclusionKind::Conflict => format!("their branches conflict in {target}"),
    }
}

/// So many PRDs that do not say what they change are named.
const MOST_UNCLEAR: usize = 6;

/// Who goes by himself, and who shares a phase with others, though nobody can know whom he meets.
fn unclear(analysis: &Analysis) -> String {
    let several = analysis.prds.len() > 1;
    let (alone, unclear): (Vec<&PrdId>, Vec<&PrdId>) = analysis
        .unclear()
        .into_iter()
        .partition(|prd| analysis.graph.alone(prd).is_some());
    let shared = |id: &&PrdId| {
        let mut phases = analysis.plan.phases.iter();
        phases.any(|phase| phase.prds.len() > 1 && phase.prds.contains(id))
    };
    let unclear: Vec<&PrdId> = unclear.into_iter().filter(shared).collect();
    let mut text = String::new();
    if let Some(first) = alone.first().filter(|_| several) {
        let (one, go) = if alone.len() == 1 {
            ("does", "goes by itself")
        } else {
            ("do", "go by themselves")
        };
        let _ = writeln!(
            text,
            "{} {one} not say what is changed, and {go}: {}\n  {}",
            counted(alone.len(), "PRD"),
            some(&alone),
            ways_to_say(analysis, first)
        );
    }
    if let Some(first) = unclear.first() {
        let word = if unclear.len() == 1 { "does" } else { "do" };
        let _ = writeln!(
            text,
            "{} {word} not say what is changed, and may collide with any other of the phase: {}\n  {}",
            counted(unclear.len(), "PRD"),
            some(&unclear),
            ways_to_say(analysis, first)
        );
    }
    text
}

fn some(prds: &[&PrdId]) -> String {
    let names: Vec<&str> = prds.iter().take(MOST_UNCLEAR).map(|id| id.0.as_str()).collect();
    let more = match prds.len().saturating_sub(MOST_UNCLEAR) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", names.join(", "))
}

fn ways_to_say(analysis: &Analysis, prd: &PrdId) -> String {
    let invocation = &analysis.settings.invocation;
    let word = shell_word(&prd.0);
    format!(
        "what it may change: flagman prds {word}{invocation}; {}",
        say_touched(analysis, prd)
    )
}

/// How to say what a PRD touches, or that it does not matter.
pub(super) fn say_touched(analysis: &Analysis, prd: &PrdId) -> String {
    let invocation = &analysis.settings.invocation;
    let alone = analysis.graph.alone(prd).is_some();
    let together = "`unclear = \"together\"` below `[plan]` in flagman.toml lets those that do not say it share phases";
    // A task of a list in JSON has no head.
    let is_task = |one: &Prd| one.id == *prd && one.path.extension() == "json";
    match analysis.prds.iter().any(is_task) {
        true => format!("a task has no head to say it in: {together}"),
        false => format!(
            "to say it: flagman prds set {} touches+=PATH{invocation} (or `touches: []` in its head, if it touches nothing{})",
            shell_word(&prd.0),
            // Who names something shares phases already.
            if alone { format!("; {together}") } else { String::new() }
        ),
    }
}

/// Why a PRD shares a phase with nobody.
pub(super) fn by_itself(analysis: &Analysis, alone: &Alone) -> String {
    let place = alone
        .because
        .first()
        .map_or(String::new(), |span| format!(" ({})", at(analysis, *span)));
    format!("it does not say what it changes, so that nobody can know whom it meets{place}")
}

/// How many phases, and why not fewer.
pub(in crate::report) fn proof(analysis: &Analysis) -> String {
    let optimality = analysis.plan.optimality;
    let phases = counted(optimality.phases as usize, "phase");
    let overlaps = analysis.graph.overlaps.len();
    let unsaid = |overlap: &&Overlap| !overlap.unnamed.is_empty();
    let open = analysis.graph.overlaps.iter().filter(unsaid).count();
    let because = match optimality.proof {
        _ if optimality.phases == 0 => "none of them can go".to_owned(),
        Proof::CriticalPath => "proven fewest: the longest chain has as many PRDs".to_owned(),
        Proof::Clique => "proven fewest: as many PRDs exclude each other".to_owned(),
        Proof::Exhaustive => "proven fewest: every shorter plan was tried".to_owned(),
        Proof::None => format!(
            "at least {} are needed; fewer than these may be possible",
            optimality.lower_bound
        ),
    };
    let all = counted(analysis.prds.len(), "PRD");
    let planned = match analysis.plan.unplanned.len() {
        0 => all,
        out => format!("{} of {all}", analysis.prds.len() - out),
    };
    let known = if analysis.unknown_order().is_empty() && analysis.unread_prds.is_empty() {
        ""
    } else {
        "as far as is known, "
    };
    let mut text = format!("{planned} in {phases} ({known}{because})\n");
    if overlaps > open {
        let _ = writeln!(
            text,
            "{} of PRDs with different parts of one file to change: merge each phase in the order shown",
            counted(overlaps - open, "pair")
        );
    }
    if open > 0 {
        let _ = writeln!(
            text,
            "{} of PRDs with one file to change and no word on which part: they may collide there; merge each phase in the order shown",
            counted(open, "pair")
        );
    }
    text
}
