//! Why a phase is held. Enters: the gate's answers. Leaves: what it would have dispatched, each error with the places that show it and the other
//! ways out, and in one line each what was noted beside it.

use super::super::oracle::{GateAnswer, GateFinding, GateVerdict};
use super::super::state::{RunState, Stage};
use super::page::{Page, code, list, prose};
use super::steps::holds;
use crate::prd::PrdId;

/// What is noted and holds nothing is not listed without end.
const MOST: usize = 10;

pub(super) fn write(page: &mut Page, state: &RunState) {
    let closed = state
        .answers
        .iter()
        .filter(|(phase, answer)| answer.verdict != GateVerdict::Clear && holds(state, **phase));
    for (phase, answer) in closed {
        phase_held(page, state, *phase, answer);
    }
}

fn phase_held(page: &mut Page, state: &RunState, phase: u32, answer: &GateAnswer) {
    page.heading(&format!("Why phase {phase} is held"));
    let planned = state.setup.plan.phases.get(phase as usize).into_iter().flatten();
    let held = |id: &&PrdId| state.prds.get(*id).is_some_and(|prd| prd.stage == Stage::Held);
    let held = planned.map(|prd| &prd.id).filter(held);
    page.line(&format!("It would have dispatched {}.", list(held)));
    for flip in state
        .setup
        .plan
        .barriers
        .iter()
        .filter(|flip| flip.before_phase == phase)
    {
        let who = flip.made_by.as_ref().map_or("The plan".to_owned(), |prd| code(&prd.0));
        page.line(&format!(
            "{who} turns {} {} before it, for {}.",
            code(&flip.flag),
            prose(&flip.to),
            list(flip.unlocks.iter())
        ));
    }
    let (errors, notes): (Vec<&GateFinding>, Vec<&GateFinding>) =
        answer.findings.iter().partition(|finding| finding.level == "error");
    for finding in errors {
        error(page, finding);
    }
    let skipped = answer.skipped.iter();
    let skipped: Vec<String> = skipped
        .map(|(path, reason)| format!("{}: {}", code(path), prose(reason)))
        .collect();
    let notes: Vec<String> = notes.into_iter().map(note).collect();
    short_list(page, "Could not be read:", &skipped);
    short_list(page, "Noted, and holding nothing:", &notes);
}

fn error(page: &mut Page, finding: &GateFinding) {
    let about = finding.prd.as_ref().map(|prd| format!("{}: ", code(&prd.0)));
    page.gap();
    page.line(&format!(
        "{}{} ({})",
        about.unwrap_or_default(),
        prose(&finding.message),
        code(&finding.check)
    ));
    page.gap();
    for at in &finding.places {
        page.line(&format!("- {}", place(at)));
    }
    // The first way out is among the things to do first.
    for remedy in finding.remedies.iter().skip(1) {
        let detail = remedy.detail.strip_prefix("or ").unwrap_or(&remedy.detail);
        let command = remedy.command.as_ref().map(|command| format!(": {}", code(command)));
        page.line(&format!("- or: {}{}", prose(detail), command.unwrap_or_default()));
    }
}

fn note(finding: &GateFinding) -> String {
    let at = finding.places.first().map(|at| format!(", at {}", place(at)));
    format!(
        "{}{} ({})",
        prose(&finding.message),
        at.unwrap_or_default(),
        code(&finding.check)
    )
}

/// `path:line:column` as code, and what is there as words.
fn place(text: &str) -> String {
    let digit = |before: &str| before.ends_with(|c: char| c.is_ascii_digit());
    match text.split_once(" (").filter(|(at, _)| digit(at)) {
        Some((at, words)) => format!("{} {}", code(at), prose(words.strip_suffix(')').unwrap_or(words))),
        None => code(text),
    }
}

fn short_list(page: &mut Page, title: &str, rows: &[String]) {
    if rows.is_empty() {
        return;
    }
    page.gap();
    page.line(title);
    page.gap();
    rows.iter().take(MOST).for_each(|row| page.line(&format!("- {row}")));
    if rows.len() > MOST {
        page.line(&format!("- and {} more", rows.len() - MOST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_code_and_what_is_there_is_words() {
        assert_eq!(place("a b.md:3:1 (said off here)"), "`a b.md:3:1` said off here");
        assert_eq!(place("a (x).md"), "`a (x).md`");
        assert_eq!(place("a.ts:1:2 (needs `f` (on))"), "`a.ts:1:2` needs `f` (on)");
    }
}
