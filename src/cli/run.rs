//! `flagman run`, `resume`, `status`, `handoff`, `undo`: the dispatcher with the real gate. Before each wave the release branch is read anew,
//! as it is by then, and the gate is asked about the PRDs of that wave.

use std::collections::BTreeSet;

use super::args::{self, Global};
use super::behind;
use super::branches::unknown_prd;
use super::failure::{Failure, exit};
use super::output::Output;
use super::project::{Project, Wanted};
use crate::analysis::{Analysis, analyze};
use crate::assumption::{Evidence, NeedCertainty};
use crate::check::{Finding, Level};
use crate::config::Hold as ConfiguredHold;
use crate::dispatch::{
    self, CheckCommand, DispatchError, GateAnswer, GateFinding, GateQuestion, GateRemedy, GateVerdict, PlanSummary,
    PlannedFlip, PlannedPrd, RealWorld, Resume, RunConfig, RunOutcome, UpstreamFact, policy,
};
use crate::gate::{Strictness, Subject, Verdict, ask};
use crate::prd::{Prd, PrdId};
use crate::report::{left_out, visible};
use crate::touchpoint::References;

pub(super) fn run(
    global: &Global,
    agent: Option<&str>,
    anew: bool,
    without: &[String],
    output: &mut Output,
) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let mut config = configuration(&project, agent);
    config.abandon_interrupted = anew;
    config.ready()?;
    let mut world = RealWorld::open(&config)?;
    let analysis = read_release(&project, global, without)?;
    if !analysis.left_out.is_empty() {
        output.aside(&format!("note: {}\n", visible(&left_out(&analysis.left_out))));
    }
    let missing = behind::missing(&project, &analysis)?;
    let told = visible(&behind::told(&missing, &config.release_branch));
    let bring = format!("commit them, and merge that commit into {}", config.release_branch);
    if analysis.prds.is_empty() && analysis.left_out.is_empty() {
        let failure = Failure::usage("no PRDs found on the release branch");
        return Err(match missing.is_empty() {
            true => failure.hint("name their folder as `prds.paths` in flagman.toml"),
            false => failure.hint(format!("{told}: {bring}")),
        });
    }
    if !missing.is_empty() {
        output.aside(&format!(
            "note: {told}; they do not run\nhelp: {bring}, before you run\n"
        ));
    }
    let plan = summary(&analysis);
    let oracle = |question: &GateQuestion<'_>| answer(&project, global, question);
    let outcome = dispatch::run(&config, plan, &oracle, &mut world)?;
    said(&project, &outcome, output)
}

pub(super) fn resume(global: &Global, wanted: &args::Resume, output: &mut Output) -> Result<u8, Failure> {
    let (retry, landed) = (&wanted.retry, &wanted.landed);
    let project = Project::open(global)?;
    let config = configuration(&project, wanted.agent.as_deref());
    // Without a run there is nothing to go on with, and no branch to make.
    dispatch::latest(&project.root)?;
    let mut world = RealWorld::open(&config)?;
    let (retry, landed) = if retry.is_empty() && landed.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        let analysis = read_release(&project, global, &[])?;
        (named(&analysis, retry)?, named(&analysis, landed)?)
    };
    let oracle = |question: &GateQuestion<'_>| answer(&project, global, question);
    let choice = Resume {
        accept_tip: wanted.accept_tip,
        retry,
        landed,
    };
    let outcome = dispatch::resume(&config, &choice, &oracle, &mut world)?;
    said(&project, &outcome, output)
}

pub(super) fn status(global: &Global, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    output.answer(&dispatch::status::render(&dispatch::status(&project.root)?))?;
    Ok(exit::CLEAR)
}

pub(super) fn handoff(global: &Global, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    output.document(&dispatch::handoff(&project.root)?)?;
    Ok(exit::CLEAR)
}

pub(super) fn undo(global: &Global, id: &str, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let prds = named(&read_release(&project, global, &[])?, &[id.to_owned()])?;
    let Some(prd) = prds.first() else {
        return Err(unknown_prd(id, &[]));
    };
    let config = RunConfig {
        protected: project.config.project.protected.clone(),
        ..base_configuration(&project, "undo")
    };
    match dispatch::undo(&config, prd)? {
        dispatch::Undone::Done { left, untold } => {
            output.answer(&format!(
                "{prd} was taken back by a new commit on {}\n",
                config.release_branch
            ))?;
            if !left.is_empty() {
                let names: Vec<String> = left.iter().map(ToString::to_string).collect();
                output.aside(&visible(&format!(
                    "warning: still there, and made to come after it: {}\n",
                    names.join(", ")
                )));
            }
            match untold {
                Some(why) => output.aside(&visible(&format!(
                    "warning: the journal of the last run does not know of it: {why}\n"
                ))),
                None => output.aside(&format!(
                    "help: flagman resume --retry {prd} does it anew, and so does a new run\n"
                )),
            }
            Ok(exit::CLEAR)
        }
        dispatch::Undone::Moved => Err(Failure::unknown(
            "somebody else moved the release branch meanwhile; nothing was done",
        )),
        dispatch::Undone::Conflicts { conflicts, later } => {
            let paths: Vec<String> = conflicts
                .iter()
                .flat_map(|conflict| &conflict.paths)
                .map(ToString::to_string)
                .collect();
            let failure = Failure::usage(format!("what landed after {prd} is in the way: {}", paths.join(", ")));
            let first = later.first().map(|first| format!("flagman undo {first}"));
            Err(failure.hint(match first {
                Some(command) => format!("take the later ones back first: {command}"),
                None => "take it back by hand: git revert".to_owned(),
            }))
        }
    }
}

fn named(analysis: &Analysis, names: &[String]) -> Result<Vec<PrdId>, Failure> {
    let references = References::new(&analysis.prds);
    names
        .iter()
        .map(|name| references.find(name).cloned().map_err(|near| unknown_prd(name, &near)))
        .collect()
}

fn base_configuration(project: &Project, agent: &str) -> RunConfig {
    RunConfig::new(project.root.clone(), &project.config.project.release_branch, agent)
}

/// What `flagman.toml` says, as the dispatcher wants it told.
fn configuration(project: &Project, agent: Option<&str>) -> RunConfig {
    let configured = &project.config;
    let mut config = base_configuration(project, configured.dispatch.agent.as_deref().unwrap_or_default());
    config.agent_of_run = agent.map(str::to_owned);
    config.flag_file = Some(configured.flags.file().to_owned());
    config.protected.clone_from(&configured.project.protected);
    let tests = configured
        .tests
        .command
        .iter()
        .map(|command| (dispatch::handoff::TESTS.to_owned(), command));
    let reviews = configured
        .reviewers
        .commands
        .iter()
        .enumerate()
        .map(|(at, command)| (format!("review-{}", at + 1), command));
    config.checks = tests
        .chain(reviews)
        .map(|(name, command)| CheckCommand {
            name,
            command: command.clone(),
        })
        .collect();
    if let Some(minutes) = configured.dispatch.timeout_minutes {
        (config.agent_seconds, config.check_seconds) = (minutes * 60, minutes * 60);
    }
    config.pass_env.clone_from(&configured.dispatch.pass_env);
    config.policy = policy::Policy {
        parallel: configured.dispatch.max_parallel.unwrap_or(4).max(1),
        retries_per_mode: configured.budget.retries,
        same_cause: configured.stop.same_cause,
        hold: match configured.gate.hold {
            ConfiguredHold::Wave => policy::Hold::Wave,
            ConfiguredHold::Prd => policy::Hold::Prd,
        },
        attempts: configured.budget.attempts,
        minutes: configured.budget.minutes,
        ..policy::Policy::default()
    };
    config
}

/// The analysis of the release branch as it is now.
fn read_release(project: &Project, global: &Global, without: &[String]) -> Result<Analysis, Failure> {
    let base = format!("refs/heads/{}", project.config.project.release_branch);
    Ok(analyze(project.read(
        global,
        &Wanted {
            base: Some(base),
            without: without.to_vec(),
            ..Wanted::default()
        },
    )?))
}

/// The plan as the dispatcher follows it.
fn summary(analysis: &Analysis) -> PlanSummary {
    let planned = |id: &PrdId| {
        analysis
            .prds
            .iter()
            .find(|prd| prd.id == *id)
            .map(|prd| planned_prd(analysis, prd))
    };
    let phases = analysis
        .plan
        .phases
        .iter()
        .map(|phase| phase.merge_order.iter().filter_map(planned).collect())
        .collect();
    let barriers = analysis.plan.barriers.iter().map(|barrier| PlannedFlip {
        before_phase: barrier.before_phase,
        flag: barrier.flag.to_string(),
        to: barrier.to.word().to_owned(),
        unlocks: barrier.unlocks.clone(),
        made_by: barrier.made.as_ref().map(|made| made.prd.clone()),
    });
    PlanSummary {
        phases,
        barriers: barriers.collect(),
        unplanned: analysis.plan.unplanned.clone(),
        without: analysis.settings.without.clone(),
    }
}

fn planned_prd(analysis: &Analysis, prd: &Prd) -> PlannedPrd {
    let after: BTreeSet<PrdId> = analysis
        .graph
        .edges
        .iter()
        .filter(|edge| edge.to == prd.id)
        .map(|edge| edge.from.clone())
        .collect();
    let needs = analysis
        .assumptions
        .iter()
        .filter(|need| need.prd == prd.id && need.certainty != NeedCertainty::Possible);
    let facts: BTreeSet<UpstreamFact> = needs
        .map(|need| UpstreamFact {
            fact: format!("flag {} is {}", need.flag, need.needs),
            words: vec![need.flag.to_string()],
            places: need.because.iter().map(|evidence| place(analysis, evidence)).collect(),
            command: Some(format!(
                "flagman flags set {} {} --reason \"…\"{}",
                need.flag.word(),
                need.needs,
                analysis.settings.invocation
            )),
        })
        .collect();
    PlannedPrd {
        id: prd.id.clone(),
        title: prd.title.clone(),
        path: prd.path.to_string(),
        branch: prd.branch.clone(),
        after: after.into_iter().collect(),
        facts: facts.into_iter().collect(),
    }
}

fn place(analysis: &Analysis, evidence: &Evidence) -> String {
    let at = analysis.sources.start(evidence.span);
    let note = if evidence.note.is_empty() {
        String::new()
    } else {
        format!(" ({})", evidence.note)
    };
    format!(
        "{}:{}:{}{note}",
        analysis.sources.path(evidence.span.file),
        at.line,
        at.column
    )
}

/// The gate's answer for a wave, on the release branch as it is now. What fails here makes it *unknown*.
fn answer(project: &Project, global: &Global, question: &GateQuestion<'_>) -> GateAnswer {
    let wanted = Wanted {
        base: Some(question.release.to_string()),
        at_wave: true,
        without: question.without.iter().map(|prd| prd.0.clone()).collect(),
        ..Wanted::default()
    };
    let analysis = match project.read(global, &wanted) {
        Ok(inputs) => analyze(inputs),
        Err(failure) => {
            let finding = GateFinding {
                check: "unreadable".into(),
                level: "warning".into(),
                prd: None,
                message: failure.message,
                places: Vec::new(),
                remedies: Vec::new(),
            };
            return GateAnswer {
                verdict: GateVerdict::Unknown,
                findings: vec![finding],
                ..GateAnswer::clear()
            };
        }
    };
    let strictness = Strictness {
        fail_on: Level::Error,
        hold_wave: true,
    };
    let subject = Subject::Wave(question.prds.iter().cloned().collect());
    let found = ask(&analysis.plan, &analysis.findings, &subject, strictness);
    GateAnswer {
        verdict: verdict(found.verdict),
        prds: found.prds.iter().map(|(id, one)| (id.clone(), verdict(*one))).collect(),
        findings: found
            .findings
            .iter()
            .map(|at| finding(&analysis, &analysis.findings[*at]))
            .collect(),
        skipped: analysis
            .skipped()
            .iter()
            .map(|skip| (skip.path.to_string(), skip.reason.to_string()))
            .collect(),
    }
}

fn verdict(verdict: Verdict) -> GateVerdict {
    match verdict {
        Verdict::Clear => GateVerdict::Clear,
        Verdict::Unknown => GateVerdict::Unknown,
        Verdict::Blocked => GateVerdict::Blocked,
    }
}

fn finding(analysis: &Analysis, finding: &Finding) -> GateFinding {
    let remedies = finding.remedies.iter().map(|remedy| GateRemedy {
        kind: remedy.kind.word().to_owned(),
        detail: remedy.detail.clone(),
        command: remedy.command.clone().filter(|_| !remedy.shows),
    });
    GateFinding {
        check: finding.check.to_owned(),
        level: finding.level.word().to_owned(),
        prd: finding.prd.clone(),
        message: finding.message.clone(),
        places: finding
            .places
            .iter()
            .map(|evidence| place(analysis, evidence))
            .collect(),
        remedies: remedies.collect(),
    }
}

fn said(project: &Project, outcome: &RunOutcome, output: &mut Output) -> Result<u8, Failure> {
    let headline = dispatch::handoff::headline(&outcome.state);
    let numbers = dispatch::handoff::numbers(&outcome.state);
    let handoff = outcome.handoff.strip_prefix(&project.root).unwrap_or(&outcome.handoff);
    output.answer(&format!("{headline} {numbers}\nhandoff: {}\n", handoff.display()))?;
    Ok(match outcome.verdict() {
        GateVerdict::Clear => exit::CLEAR,
        GateVerdict::Blocked => exit::BLOCKED,
        GateVerdict::Unknown => exit::UNKNOWN,
    })
}

impl From<DispatchError> for Failure {
    fn from(error: DispatchError) -> Self {
        let failure = Self::usage(error.to_string());
        match error {
            DispatchError::File { .. } | DispatchError::Nothing => Self {
                code: exit::INTERNAL,
                ..failure
            },
            DispatchError::Journal(_) => Self {
                code: exit::INTERNAL,
                ..failure
            },
            DispatchError::NoRun => failure.hint("flagman run begins one"),
            _ => failure,
        }
    }
}
