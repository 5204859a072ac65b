//! The plan for an engine that is already there. Enters: [`Analysis`]. Leaves: its phases as the jobs of GitHub Actions, GitLab, Buildkite or
//! Argo Workflows, one for each PRD.
//!
//! Each job asks the gate about its PRD and then runs the agent's command, which the engine keeps in `FLAGMAN_AGENT`. Between two phases
//! the engine waits for somebody to merge the branches and to make the flips: what the dispatcher does by itself, an engine does not.
//! No text of a document stands in a script; it is handed over in variables, past what the engine would expand in them.

mod argo;
mod buildkite;
mod github;
mod gitlab;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use thiserror::Error;

use super::text::set_command;
use super::visible;
use crate::analysis::Analysis;
use crate::plan::Phase;

/// An engine that runs jobs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The `strategy.matrix` of a GitHub Actions job; on one line, as an output of a job has to be.
    GithubMatrix,
    /// A child pipeline of GitLab.
    Gitlab,
    /// A pipeline for `buildkite-agent pipeline upload`.
    Buildkite,
    /// A `Workflow` for Argo Workflows.
    Argo,
}

/// Why a plan cannot be handed to an engine.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Refused {
    /// There is no such phase, or nobody in it.
    #[error("there is nobody in phase {0}")]
    NoPhase(u32),
    /// More jobs than the engine takes at once.
    #[error("{engine} takes {limit} jobs {unit}, and these are {jobs}")]
    TooMany {
        /// Whose limit.
        engine: &'static str,
        /// How many it takes.
        limit: usize,
        /// Of what.
        unit: &'static str,
        /// How many there are.
        jobs: usize,
    },
    /// The engine would read something else out of a value.
    #[error("{engine} would expand `{{{{` in the value {value}")]
    Expanded {
        /// Which engine.
        engine: &'static str,
        /// The value.
        value: String,
    },
}

/// The plan, or one phase of it, for `engine`.
///
/// # Errors
/// If the phase is empty or the engine's limits do not allow it.
pub fn plan(analysis: &Analysis, engine: Engine, only: Option<u32>) -> Result<String, Refused> {
    let waves = waves(analysis, only)?;
    let script = script(analysis);
    match engine {
        Engine::GithubMatrix => github::matrix(&waves, only),
        Engine::Gitlab => Ok(gitlab::pipeline(&waves, &script)),
        Engine::Buildkite => buildkite::pipeline(&waves, &script),
        Engine::Argo => argo::workflow(&waves, &script),
    }
}

/// What a job does, in the words of a POSIX shell: hold what the gate holds, else let the agent work. The gate is asked about the project
/// that this plan is of.
fn script(analysis: &Analysis) -> [String; 2] {
    let invocation = &analysis.settings.invocation;
    [
        format!(r#"flagman gate --prd "$FLAGMAN_PRD"{invocation}"#),
        r#"sh -c "$FLAGMAN_AGENT""#.to_owned(),
    ]
}

/// A phase as jobs.
#[derive(Debug)]
struct Wave {
    number: u32,
    /// What somebody has to do before it; nothing before the first.
    before: Vec<String>,
    jobs: Vec<Job>,
}

/// A PRD as a job.
#[derive(Debug)]
struct Job {
    /// Lower-case letters, digits and hyphens; no two jobs have the same.
    name: String,
    prd: String,
    path: String,
}

fn waves(analysis: &Analysis, only: Option<u32>) -> Result<Vec<Wave>, Refused> {
    let mut taken = BTreeSet::new();
    let mut earlier: Option<&Phase> = None;
    let mut waves = Vec::new();
    for phase in analysis.plan.phases.iter().filter(|phase| !phase.prds.is_empty()) {
        let jobs: Vec<Job> = phase.prds.iter().map(|prd| job(analysis, &prd.0, &mut taken)).collect();
        let before = before(analysis, earlier, phase);
        earlier = Some(phase);
        if only.is_none_or(|only| only == phase.number) {
            let number = phase.number;
            waves.push(Wave { number, before, jobs });
        }
    }
    match only {
        Some(number) if waves.is_empty() => Err(Refused::NoPhase(number)),
        _ => Ok(waves),
    }
}

fn job(analysis: &Analysis, id: &str, taken: &mut BTreeSet<String>) -> Job {
    let path = analysis.prds.iter().find(|prd| prd.id.0 == id);
    let plain = plain(id);
    let mut name = plain.clone();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{plain}-{number}");
        number += 1;
    }
    Job {
        name,
        prd: id.to_owned(),
        path: path.map_or(String::new(), |prd| prd.path.as_str().to_owned()),
    }
}

/// An id in the letters that every engine takes for a name: at most 40 of them.
fn plain(id: &str) -> String {
    let mut name = String::from("prd");
    for word in id
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        name.push('-');
        name.push_str(&word.to_ascii_lowercase());
    }
    name.truncate(40);
    name.trim_end_matches('-').to_owned()
}

/// What has to be done between two phases, a sentence each.
fn before(analysis: &Analysis, earlier: Option<&Phase>, phase: &Phase) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(earlier) = earlier {
        let order: Vec<&str> = earlier.merge_order.iter().map(|prd| prd.0.as_str()).collect();
        all.push(format!(
            "Merge phase {} in this order: {}.",
            earlier.number,
            order.join(", ")
        ));
    }
    let barriers = analysis.plan.barriers.iter();
    for barrier in barriers.filter(|barrier| barrier.before_phase == phase.number && barrier.made.is_none()) {
        let mut text = String::new();
        let command = set_command(analysis, &barrier.flag, barrier.to);
        let _ = write!(text, "Turn {} {}, then record it: {command}", barrier.flag, barrier.to);
        all.push(text);
    }
    all.iter().map(|text| visible(text)).collect()
}

/// A document of an engine that reads YAML.
fn yaml(head: &str, document: &serde_json::Value) -> String {
    let text = serde_saphyr::to_string(document).unwrap_or_else(|_| document.to_string());
    format!("{head}{text}")
}
