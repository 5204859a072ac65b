//! `flagman gate`, as text: every finding drawn, then the verdict in one line and the next command.

use std::fmt::Write as _;

use super::{counted, finding};
use crate::analysis::Analysis;
use crate::check::{Finding, Level};
use crate::gate::{GateAnswer, Subject, Verdict};
use crate::prd::PrdId;
use crate::report::{left_out, visible};
use crate::source::RepoPath;

/// How many notes are drawn; the rest is counted.
const NOTES: usize = 3;

/// The answer as text.
#[must_use]
pub fn gate(analysis: &Analysis, answer: &GateAnswer, subject: &Subject) -> String {
    let mut text = String::new();
    let mut notes = 0;
    for at in &answer.findings {
        let one = &analysis.findings[*at];
        if one.level == Level::Note {
            notes += 1;
            if notes > NOTES {
                continue;
            }
        }
        let one = Finding {
            message: told(one, answer, subject),
            ..one.clone()
        };
        let _ = writeln!(text, "{}", finding(&one, &analysis.sources));
    }
    if notes > NOTES {
        let _ = writeln!(
            text,
            "… and {} more (see --format json)\n",
            counted(notes - NOTES, "note")
        );
    }
    text.push_str(&left_line(analysis));
    text.push_str(&visible(&verdict_line(analysis, answer, subject)));
    text
}

fn left_line(analysis: &Analysis) -> String {
    match left_out(&analysis.left_out) {
        line if line.is_empty() => line,
        line => format!("{}\n", visible(&line)),
    }
}

/// The sentence of a finding; where phases are asked about, with the phase that its PRD holds.
fn told(finding: &Finding, answer: &GateAnswer, subject: &Subject) -> String {
    let of_phases = matches!(subject, Subject::Everything | Subject::Phase(_));
    let holds = finding.level == Level::Error && answer.verdict == Verdict::Blocked && of_phases;
    match finding.phase {
        Some(phase) if holds && finding.message.starts_with("PRD ") => {
            format!("phase {phase} is held: {}", finding.message)
        }
        _ => finding.message.clone(),
    }
}

/// That PRDs do not say what they change: nothing is known to be wrong, and not much is known.
fn unclear(analysis: &Analysis, answer: &GateAnswer, subject: &Subject) -> String {
    let asked = |id: &&PrdId| *subject == Subject::Everything || answer.prds.iter().any(|(prd, _)| prd == *id);
    let shares = |id: &PrdId| {
        let mut phases = analysis.plan.phases.iter();
        phases.any(|phase| phase.prds.len() > 1 && phase.prds.contains(id))
    };
    if answer.verdict != Verdict::Clear || analysis.prds.len() < 2 {
        return String::new();
    }
    let (shared, own): (Vec<&PrdId>, Vec<&PrdId>) =
        analysis.unclear().into_iter().filter(asked).partition(|id| shares(id));
    let mut text = String::new();
    for (prds, more) in [
        (shared, "may collide with any other of {its} phase"),
        (own, "{have} a phase of {its} own"),
    ] {
        if prds.is_empty() {
            continue;
        }
        let words = if prds.len() == 1 {
            ["does", "its", "has"]
        } else {
            ["do", "their", "have"]
        };
        let more = more.replace("{its}", words[1]).replace("{have}", words[2]);
        let _ = writeln!(
            text,
            "{} {} not say what is changed, and {more}: flagman plan{}",
            counted(prds.len(), "PRD"),
            words[0],
            analysis.settings.invocation
        );
    }
    text
}

fn verdict_line(analysis: &Analysis, answer: &GateAnswer, subject: &Subject) -> String {
    let what = match subject {
        Subject::Everything => format!(
            "the plan ({} in {})",
            counted(analysis.prds.len(), "PRD"),
            counted(analysis.plan.phases.len(), "phase")
        ),
        Subject::Phase(number) => format!("phase {number} ({})", counted(answer.prds.len(), "PRD")),
        Subject::Prd(id) => format!("PRD {id}"),
        Subject::Wave(prds) => format!("the wave ({})", counted(prds.len(), "PRD")),
        Subject::Branch => "the branch, which no PRD claims,".to_owned(),
    };
    let count = |level: Level| {
        answer
            .findings
            .iter()
            .filter(|at| analysis.findings[**at].level == level)
            .count()
    };
    let counts: Vec<String> = [
        (Level::Error, "error"),
        (Level::Warning, "warning"),
        (Level::Note, "note"),
    ]
    .into_iter()
    .filter_map(|(level, noun)| Some(counted(count(level), noun)).filter(|_| count(level) > 0))
    .collect();
    let found = if counts.is_empty() {
        String::new()
    } else {
        format!(": {}", counts.join(", "))
    };
    let mut text = match answer.verdict {
        Verdict::Clear => format!("clear: {what} may go{found}\n"),
        Verdict::Blocked => format!("blocked: {what} is held{}{found}\n", held_by(answer, subject)),
        Verdict::Unknown => format!("unknown: it cannot be told whether {what} may go{found}\n"),
    };
    // PRDs and the flag file are told as findings.
    let told = |path: &RepoPath| {
        let told = analysis.unread_prds.iter().chain(&analysis.ledger_problem);
        told.into_iter().any(|skip| skip.path == *path)
    };
    let skipped = analysis.skipped().iter().filter(|skip| !told(&skip.path)).count();
    if skipped > 0 {
        let _ = writeln!(
            text,
            "{}not read, or understood in part: {} (see --format json)",
            if analysis.skipped().len() > skipped {
                "also "
            } else {
                ""
            },
            counted(skipped, "file")
        );
    }
    text.push_str(&unclear(analysis, answer, subject));
    if let Some(check) = first_check(analysis, answer) {
        let _ = writeln!(text, "for the reason behind a finding: flagman explain {check}");
    }
    text
}

/// Who holds it; nothing where that is who was asked about.
fn held_by(answer: &GateAnswer, subject: &Subject) -> String {
    if matches!(subject, Subject::Prd(_)) {
        return String::new();
    }
    let held: Vec<&str> = answer
        .prds
        .iter()
        .filter(|(_, verdict)| *verdict == Verdict::Blocked)
        .map(|(id, _)| id.0.as_str())
        .collect();
    if held.is_empty() || held.len() > 6 {
        String::new()
    } else {
        format!(" by {}", held.join(", "))
    }
}

fn first_check<'a>(analysis: &'a Analysis, answer: &GateAnswer) -> Option<&'a str> {
    let finding: &Finding = &analysis.findings[*answer.findings.first()?];
    (finding.level != Level::Note).then_some(finding.check)
}
