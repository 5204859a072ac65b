//! `flagman plan`, as text: the phases, the flips between them, why, and the proof.

use std::fmt::Write as _;

use super::{counted, set_command, table};
use crate::analysis::Analysis;
use crate::graph::{Edge, EdgeKind, Exclusion, ExclusionKind, FlipMade, Overlap, cheapest};
use crate::plan::{Barrier, Phase, Proof};
use crate::prd::PrdId;
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
        return format!("── flip {flag} {to} ── unlocks {unlocks}\n   {command}\n\n");
    };
    let place = at(analysis, made.span);
    let said = if made.by == made.prd {
        format!("{} makes it ({place})", made.prd)
    } else {
        format!("it comes with {}, as {} says ({place})", made.prd, made.by)
    };
    format!("── {flag} {to} ── unlocks {unlocks}\n   {said}\n\n")
}

fn phase_block(analysis: &Analysis, phase: &Phase) -> String {
    let mut text = format!("phase {}: {}\n", phase.number, counted(phase.prds.len(), "PRD"));
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
    match exclusion.kind {
        ExclusionKind::SameSymbol => format!("both change {target}"),
        ExclusionKind::SameSchemaObject => format!("both change the schema object {target}"),
        ExclusionKind::SameMigration => format!("both take the migration slot {target}"),
        ExclusionKind::Conflict => format!("their branches conflict in {target}"),
    }
}

/// So many PRDs that do not say what they change are named.
const MOST_UNCLEAR: usize = 6;

/// Who shares a phase with others though nobody can know whom he meets there.
fn unclear(analysis: &Analysis) -> String {
    let unclear = analysis.unclear();
    let shared = |id: &&&PrdId| {
        let mut phases = analysis.plan.phases.iter();
        phases.any(|phase| phase.prds.len() > 1 && phase.prds.contains(id))
    };
    let names: Vec<&str> = unclear.iter().filter(shared).map(|id| id.0.as_str()).collect();
    let Some(first) = names.first() else {
        return String::new();
    };
    let more = match names.len().saturating_sub(MOST_UNCLEAR) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let word = if names.len() == 1 { "does" } else { "do" };
    format!(
        "{} {word} not say what is changed, and may collide with any other of the phase: {}{more}\n  what it may change: flagman prds {first}; to say it: flagman prds set {first} touches+=PATH\n",
        counted(names.len(), "PRD"),
        names[..names.len().min(MOST_UNCLEAR)].join(", "),
    )
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
    let mut text = format!("{} in {phases} ({because})\n", counted(analysis.prds.len(), "PRD"));
    if overlaps > open {
        let _ = writeln!(
            text,
            "{} of PRDs change different parts of one file: merge each phase in the order shown",
            counted(overlaps - open, "pair")
        );
    }
    if open > 0 {
        let _ = writeln!(
            text,
            "{} of PRDs change one file without saying which part: they may collide there; merge each phase in the order shown",
            counted(open, "pair")
        );
    }
    text
}
