//! `flagman plan`.

use super::args::{Format, Global, Plan};
use super::failure::{Failure, exit};
use super::notes::{ledger_note, notes, unknown_note, unread_note};
use super::output::{Output, write_reports};
use super::project::{Project, Wanted, check_supposed};
use super::what_if;
use crate::analysis::{Analysis, analyze};
use crate::report::handover::{self, Engine};
use crate::report::{diagram, html, json, text};

pub(super) fn run(global: &Global, asked: &Plan, output: &mut Output) -> Result<u8, Failure> {
    if asked.phase.is_some() && engine(global.format).is_none() {
        return Err(Failure::usage("--phase is for a plan that is handed over")
            .hint("flagman plan --format github-matrix --phase 0 (also gitlab, buildkite, argo)")
            .hint("what holds a phase: flagman gate --phase N"));
    }
    if !matches!(global.format, Format::Text | Format::Json) && (what_if::is_asked(asked) || !asked.explain.is_empty())
    {
        return Err(Failure::usage(
            "--what-if, --split and --explain are answered as text or json",
        ));
    }
    let project = Project::open(global)?;
    let wanted = Wanted {
        branches: true,
        without: asked.without.clone(),
        ..Wanted::default()
    };
    let inputs = project.read(global, &wanted)?;
    let (analysis, decided) = if what_if::is_asked(asked) {
        let decided = what_if::decide(global, asked, inputs)?;
        (decided.after, Some((decided.decisions, decided.saved)))
    } else {
        (analyze(inputs), None)
    };
    check_supposed(global, &analysis)?;
    output.aside(&notes(global, &project, &analysis));
    let unread = unread_note(&analysis);
    output.aside(&unread);
    output.aside(&ledger_note(&analysis));
    output.aside(&unknown_note(&analysis));
    let plain = || {
        let mut document = json::plan(&analysis);
        document.saves = decided.as_ref().map(|(decisions, saved)| json::saved(decisions, saved));
        json::text(&document)
    };
    if !asked.explain.is_empty() {
        what_if::explain(global, asked, &analysis, output)?;
        return Ok(code(&analysis));
    }
    write_reports(global, output, plain)?;
    match global.format {
        Format::Text if analysis.prds.is_empty() => {
            // The only PRDs cannot be read, which was said: "none found" would be wrong.
            if unread.is_empty() {
                output.answer(&text::prds(&analysis))?;
            }
        }
        Format::Text => match &decided {
            Some((decisions, saved)) => output.answer(&text::what_if(&analysis, decisions, saved))?,
            None => output.answer(&text::plan(&analysis))?,
        },
        Format::Json => output.document(&plain())?,
        format => {
            let document = document(&analysis, format, asked.phase, output)?;
            output.document(&document)?;
        }
    }
    Ok(code(&analysis))
}

/// PRDs that no phase can take are a finding of the gate; here the plan as far as there is one is the answer. Without the flag file
/// nobody can tell which flips are still to come, and without a document, or what its head declares, which order is right.
fn code(analysis: &Analysis) -> u8 {
    if analysis.ledger.unread || !analysis.unread_prds.is_empty() || !analysis.unknown_order().is_empty() {
        exit::UNKNOWN
    } else {
        exit::CLEAR
    }
}

/// True for the formats that a plan is printed in.
pub(super) fn answers_in(format: Format) -> bool {
    let drawn = matches!(format, Format::Html | Format::Mermaid | Format::Dot);
    drawn || matches!(format, Format::Text | Format::Json) || engine(format).is_some()
}

fn engine(format: Format) -> Option<Engine> {
    match format {
        Format::GithubMatrix => Some(Engine::GithubMatrix),
        Format::Gitlab => Some(Engine::Gitlab),
        Format::Buildkite => Some(Engine::Buildkite),
        Format::Argo => Some(Engine::Argo),
        _ => None,
    }
}

fn document(analysis: &Analysis, format: Format, phase: Option<u32>, output: &mut Output) -> Result<String, Failure> {
    let Some(engine) = engine(format) else {
        return Ok(match format {
            Format::Mermaid => diagram::mermaid(analysis),
            Format::Dot => diagram::dot(analysis),
            _ => html::plan(analysis),
        });
    };
    let handed = handover::plan(analysis, engine, phase);
    let handed = handed.map_err(|refused| Failure::usage(refused.to_string()).hint("flagman plan shows the phases"))?;
    let nowhere: Vec<&str> = analysis.plan.unplanned.iter().map(|prd| prd.0.as_str()).collect();
    if !nowhere.is_empty() {
        let named = crate::report::visible(&nowhere.join(", "));
        output.aside(&format!(
            "note: in no phase, and not handed over: {named} (flagman explain dependency-cycle)\n"
        ));
    }
    Ok(handed)
}
