//! A runner for composite actions, as small as it can be: the steps of `action.yml` under bash with the files and variables that GitHub's
//! runner gives them. It knows `inputs.x` and `steps.x.outputs.y` and no other expression; anything else is an error, never a guess.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The part of `action.yml` that is run.
#[derive(Debug, Deserialize)]
pub(crate) struct Action {
    pub(crate) inputs: BTreeMap<String, Input>,
    pub(crate) outputs: BTreeMap<String, Output>,
    pub(crate) runs: Runs,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) default: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    pub(crate) description: String,
    pub(crate) value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Runs {
    pub(crate) using: String,
    pub(crate) steps: Vec<Step>,
}

/// A step of another kind (`uses`, `if`) does not parse.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) shell: String,
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) run: String,
}

/// What a job of one action step came to.
#[derive(Debug, Default)]
pub(crate) struct Job {
    /// The exit code of the first step that failed, or 0.
    pub(crate) code: i32,
    pub(crate) outputs: BTreeMap<String, String>,
    /// The workflow commands that the runner would obey, as `level properties::message`.
    pub(crate) commands: Vec<String>,
    pub(crate) summary: String,
    pub(crate) log: String,
}

/// Where a job runs.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) path: String,
    pub(crate) action: PathBuf,
}

type Outputs = BTreeMap<String, BTreeMap<String, String>>;

impl Action {
    /// The one of this repository.
    pub(crate) fn ours() -> Self {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")).expect("action.yml");
        serde_saphyr::from_str(&text).expect("an action")
    }

    /// Runs it with these inputs.
    pub(crate) fn run(&self, place: &Place, inputs: &[(&str, &str)]) -> Result<Job, String> {
        let mut values: BTreeMap<String, String> = self
            .inputs
            .iter()
            .map(|(name, input)| (name.clone(), input.default.clone()))
            .collect();
        for (name, value) in inputs {
            let known = values.get_mut(*name).ok_or_else(|| format!("unknown input {name}"))?;
            *known = (*value).to_owned();
        }
        let (mut job, mut outputs) = (Job::default(), Outputs::new());
        let summary = place.folder.path().join("summary");
        fs::write(&summary, "").expect("a file");
        for step in &self.runs.steps {
            let code = run_step(step, place, &values, &mut outputs, &mut job)?;
            if code != 0 {
                job.code = code;
                break;
            }
        }
        job.summary = fs::read_to_string(&summary).expect("a summary");
        for step in &self.runs.steps {
            // A step that was not reached has no outputs, which is no error.
            outputs.entry(step.id.clone()).or_default();
        }
        for (name, output) in &self.outputs {
            job.outputs
                .insert(name.clone(), evaluate(&output.value, &values, &outputs)?);
        }
        Ok(job)
    }
}

fn run_step(
    step: &Step,
    place: &Place,
    inputs: &BTreeMap<String, String>,
    outputs: &mut Outputs,
    job: &mut Job,
) -> Result<i32, String> {
    if step.run.contains("${{") || step.shell != "bash" {
        return Err(format!(
            "{}: scripts are bash, and expressions belong into env",
            step.name
        ));
    }
    let file = place.folder.path().join("output");
    fs::write(&file, "").expect("a file");
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", &step.run]);
    command
        .env_clear()
        .env("PATH", &place.path)
        .env("HOME", place.folder.path())
        .env("CI", "true")
        .env("GITHUB_ACTIONS", "true");
    command
        .env("GITHUB_OUTPUT", &file)
        .env("GITHUB_STEP_SUMMARY", place.folder.path().join("summary"));
    command
        .env("GITHUB_ACTION_PATH", &place.action)
        .env("GITHUB_WORKSPACE", place.workspace());
    command
        .env("RUNNER_TEMP", place.folder.path())
        .current_dir(place.workspace());
    for (name, value) in &step.env {
        command.env(name, evaluate(value, inputs, outputs)?);
    }
    let output = command.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    job.commands.extend(workflow_commands(&text));
    job.log += &text;
    job.log += &String::from_utf8_lossy(&output.stderr);
    outputs.insert(
        step.id.clone(),
        read_outputs(&fs::read_to_string(&file).expect("outputs"))?,
    );
    output.status.code().ok_or_else(|| "a step was killed".to_owned())
}

impl Place {
    /// The checked out repository.
    pub(crate) fn workspace(&self) -> PathBuf {
        self.folder.path().join("workspace")
    }
}

/// `${{ inputs.x }}` and `${{ steps.x.outputs.y }}` in a text.
pub(crate) fn evaluate(text: &str, inputs: &BTreeMap<String, String>, outputs: &Outputs) -> Result<String, String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").ok_or("an expression without an end")?;
        let expression = expression.trim();
        let parts: Vec<&str> = expression.split('.').collect();
        let value = match parts[..] {
            ["inputs", name] => inputs.get(name).cloned(),
            // An output that a step did not write is empty, as it is on GitHub.
            ["steps", step, "outputs", name] => outputs
                .get(step)
                .map(|step| step.get(name).cloned().unwrap_or_default()),
            _ => None,
        };
        result += before;
        result += &value.ok_or_else(|| format!("unknown expression `{expression}`"))?;
        rest = after;
    }
    Ok(result + rest)
}

/// `name=value` and `name<<END` … `END`.
fn read_outputs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let heredoc = line.split_once("<<").filter(|(name, _)| !name.contains('='));
        let (name, value) = match heredoc {
            Some((name, end)) => {
                let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
                (name, value.join("\n"))
            }
            None => line
                .split_once('=')
                .map(|(name, value)| (name, value.to_owned()))
                .ok_or_else(|| format!("not an output: {line}"))?,
        };
        outputs.insert(name.to_owned(), value);
    }
    Ok(outputs)
}

/// The commands that the runner obeys: lines that begin with `::`, unless commands are stopped.
fn workflow_commands(text: &str) -> Vec<String> {
    let mut stopped: Option<String> = None;
    let mut commands = Vec::new();
    for line in text.lines() {
        let Some(command) = line.trim_start().strip_prefix("::") else {
            continue;
        };
        match (&stopped, command.strip_prefix("stop-commands::")) {
            (Some(token), _) if command == format!("{token}::") => stopped = None,
            (Some(_), _) => {}
            (None, Some(token)) => stopped = Some(token.to_owned()),
            (None, None) => commands.push(command.to_owned()),
        }
    }
    commands
}
