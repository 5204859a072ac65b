//! `flagman gate`.

use super::args::{FailOn, Gate, Global};
use super::branches::unknown_prd;
use super::failure::{Failure, exit};
use super::notes::notes;
use super::output::{Output, write_report};
use super::project::{Project, Wanted, check_supposed};
use crate::analysis::{Analysis, PrdFile, analyze, documents};
use crate::check::{Finding, Level};
use crate::config::{FailOn as ConfiguredFailOn, Hold};
use crate::gate::{GateAnswer, Strictness, Subject, Verdict, ask};
use crate::prd::PrdId;
use crate::report::{self, github, html, json, junit, left_out, markdown, sarif, text};
use crate::source::Sources;
use crate::touchpoint::References;

pub(super) fn run(global: &Global, question: &Gate, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let head = question.head.clone().map(|head| (head, question.prd.clone()));
    let wanted = Wanted {
        base: question.base.clone(),
        head,
        branches: question.head.is_none(),
        at_wave: false,
        without: question.without.clone(),
    };
    let analysis = analyze(project.read(global, &wanted)?);
    check_supposed(global, &analysis)?;
    let decides = |finding: &Finding| finding.undecided || finding.level == Level::Error;
    if analysis.prds.is_empty() && question.head.is_none() && !analysis.findings.iter().any(decides) {
        if !analysis.left_out.is_empty() || !question.without.is_empty() {
            return Err(Failure::usage("no PRD is left to judge: --without names all of them"));
        }
        return Err(nothing_to_judge(&project.config.prds.paths));
    }
    let subject = subject(question, &analysis)?;
    let answer = ask(
        &analysis.plan,
        &analysis.findings,
        &subject,
        strictness(&project, question.fail_on),
    );
    if let Some(branch) = analysis.branches.first().filter(|_| question.head.is_some())
        && branch.changed.is_empty()
    {
        let base = question.base.as_deref().unwrap_or("the base");
        output.aside(&format!(
            "note: {} changes nothing against {base}: there was nothing to judge\n",
            branch.branch
        ));
    }
    if subject == Subject::Branch {
        output
            .aside("note: no PRD claims this branch, so its tests alone were judged; say whose it is with --prd ID\n");
    }
    output.aside(&notes(global, &project, &analysis));
    for (format, path) in &global.reports {
        write_report(path, &rendered(*format, &analysis, &answer), output)?;
    }
    match global.format.report() {
        Some(format) => output.document(&rendered(format, &analysis, &answer))?,
        None => output.answer(&text::gate(&analysis, &answer, &subject))?,
    }
    Ok(code(answer.verdict))
}

/// A gate that no PRD can be held by would be open for the sake of a slip of the pen.
fn nothing_to_judge(paths: &[String]) -> Failure {
    let failure = if paths.is_empty() {
        Failure::usage("no PRDs were found, so there is nothing to judge")
            .hint("name their folder in flagman.toml: [prds] paths = [\"docs/prds/*.md\"]")
    } else {
        Failure::usage(format!(
            "`prds.paths` in flagman.toml fits no Markdown file: {}",
            paths.join(", ")
        ))
        .hint("`*` stays within a folder and `**` does not; without the line, the usual places are looked at")
    };
    failure.hint("or judge a branch: flagman gate --base main --head BRANCH")
}

fn rendered(format: report::Format, analysis: &Analysis, answer: &GateAnswer) -> String {
    match format {
        report::Format::Json => json::text(&json::gate(analysis, answer)),
        report::Format::Github => github::annotations(analysis, answer),
        report::Format::Markdown => markdown::summary(analysis, answer),
        report::Format::Sarif => sarif::log(analysis, answer),
        report::Format::Html => html::page(analysis, answer),
        report::Format::Junit => junit::report(analysis, answer),
    }
}

/// The exit code of a verdict.
pub(super) fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Clear => exit::CLEAR,
        Verdict::Blocked => exit::BLOCKED,
        Verdict::Unknown => exit::UNKNOWN,
    }
}

fn subject(question: &Gate, analysis: &Analysis) -> Result<Subject, Failure> {
    if let Some(named) = &question.phase {
        let nobody = |number: u32| {
            let phase = analysis.plan.phases.iter().find(|phase| phase.number == number);
            phase.is_none_or(|phase| phase.prds.is_empty())
        };
        let last = analysis.plan.phases.len();
        let number = named
            .trim()
            .parse::<u32>()
            .ok()
            .filter(|number| (*number as usize) < last);
        let Some(number) = number else {
            let has = if last == 0 {
                "the plan has no phases".to_owned()
            } else {
                match last {
                    1 => "the plan has phase 0 alone".to_owned(),
                    _ => format!("the plan has phases 0 to {}", last - 1),
                }
            };
            return Err(Failure::usage(format!("there is no phase {named}: {has}")).hint("flagman plan shows them"));
        };
        if nobody(number) {
            return Err(
                Failure::usage(format!("phase {number} has nobody left: all of its PRDs are left out"))
                    .hint(left_out(&analysis.left_out)),
            );
        }
        return Ok(Subject::Phase(number));
    }
    if let Some(name) = &question.prd {
        if let Some(left) = analysis.left_out.iter().find(|left| left.prd.0 == *name) {
            return Err(Failure::usage(format!("PRD {} is left out", left.prd)).hint(left_out(&analysis.left_out)));
        }
        return match References::new(&analysis.prds).find(name) {
            Ok(found) => Ok(Subject::Prd(found.clone())),
            Err(near) => unread(name, analysis)
                .map(Subject::Prd)
                .ok_or_else(|| unknown_prd(name, &near)),
        };
    }
    // A branch that a PRD claims is judged as that PRD.
    match analysis.branches.first().filter(|_| question.head.is_some()) {
        Some(branch) => Ok(branch.prd.clone().map_or(Subject::Branch, Subject::Prd)),
        None => Ok(Subject::Everything),
    }
}

/// The PRD of this name, if its file is there and cannot be read: its path says how it is called.
fn unread(name: &str, analysis: &Analysis) -> Option<PrdId> {
    let mut sources = Sources::default();
    let files = analysis
        .unread_prds
        .iter()
        .map(|skip| PrdFile::alone(sources.add(skip.path.clone(), "")));
    let files: Vec<PrdFile> = files.collect();
    let prds = documents(&sources, &files);
    References::new(&prds).find(name).ok().cloned()
}

/// How strict the project wants the gate, but for what this run asks.
pub(super) fn strictness(project: &Project, asked: Option<FailOn>) -> Strictness {
    let fail_on = match (asked, project.config.gate.fail_on) {
        (Some(FailOn::Warning), _) | (None, ConfiguredFailOn::Warning) => Level::Warning,
        _ => Level::Error,
    };
    Strictness {
        fail_on,
        hold_wave: project.config.gate.hold == Hold::Wave,
    }
}
