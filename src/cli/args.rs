//! The command line. Enters: the arguments. Leaves: [`Arguments`]. The words of the contract; clap offers "did you mean".

mod guard;
mod options;

pub(super) use guard::{Agent, Guard, GuardAction, GuardHooks};
pub(super) use options::{Conflicts, Declare, FlagsAction, Gate, Plan, PrdsAction, Probe, Resume};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Static analyzer and CI gate for cross-PRD assumptions.
#[derive(Debug, Parser)]
#[command(
    name = "flagman",
    version,
    about,
    max_term_width = 100,
    infer_subcommands = false,
    arg_required_else_help = true
)]
#[command(
    after_help = "Exit codes: 0 clear · 1 blocked · 2 usage or configuration · 3 cannot tell · 70 internal error\n\
    Start with: flagman init, then flagman plan, then flagman gate"
)]
pub(super) struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(super) struct Global {
    /// The project's folder [default: the nearest folder upwards with a flagman.toml or a .git]
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// The environment whose flag states count [default: `flags.environment`]
    #[arg(long, global = true, value_name = "NAME", value_parser = name)]
    pub env: Option<String>,
    /// Suppose this value for this run (KEY=on or KEY=off); repeatable
    #[arg(long = "suppose", global = true, value_name = "KEY=V", value_parser = supposition)]
    pub suppose: Vec<(String, bool)>,
    /// What is printed: text or json; by gate also sarif, github, markdown, html, junit; by conflicts also markdown and html; by plan also html, mermaid, dot, github-matrix,
    /// gitlab, buildkite, argo
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    pub format: Format,
    /// Also write a report to a file (json, sarif, github, markdown, html, junit), whose folder is made if need be; repeatable
    #[arg(long = "report", global = true, value_name = "KIND=PATH", value_parser = report)]
    pub reports: Vec<(crate::report::Format, PathBuf)>,
    /// Print nothing but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Colour
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
}

/// What is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For programs: the documents of `flagman schema`.
    Json,
    /// The gate's answer for code scanning.
    Sarif,
    /// The gate's answer as annotations of a GitHub workflow.
    Github,
    /// The gate's answer as a summary for people.
    Markdown,
    /// The gate's answer as a page.
    Html,
    /// The gate's answer for CI servers.
    Junit,
    /// The plan as a flowchart of Mermaid.
    Mermaid,
    /// The plan for Graphviz.
    Dot,
    /// The plan as matrices of GitHub Actions.
    GithubMatrix,
    /// The plan as a child pipeline of GitLab.
    Gitlab,
    /// The plan as a pipeline of Buildkite.
    Buildkite,
    /// The plan for Argo Workflows.
    Argo,
}

impl Format {
    /// The command that answers in it where others do not.
    #[must_use]
    pub(super) fn only_by(self) -> &'static str {
        match self {
            Self::Text | Self::Json | Self::Sarif | Self::Github | Self::Junit => "gate",
            Self::Markdown => "gate or conflicts",
            Self::Html => "gate, plan or conflicts",
            Self::Mermaid | Self::Dot | Self::GithubMatrix | Self::Gitlab | Self::Buildkite | Self::Argo => "plan",
        }
    }

    /// The report that is printed; `None` for text and for what only the plan has.
    #[must_use]
    pub(super) fn report(self) -> Option<crate::report::Format> {
        use crate::report::Format as Report;
        match self {
            Self::Text | Self::Mermaid | Self::Dot => None,
            Self::GithubMatrix | Self::Gitlab | Self::Buildkite | Self::Argo => None,
            Self::Json => Some(Report::Json),
            Self::Sarif => Some(Report::Sarif),
            Self::Github => Some(Report::Github),
            Self::Markdown => Some(Report::Markdown),
            Self::Html => Some(Report::Html),
            Self::Junit => Some(Report::Junit),
        }
    }
}

/// Colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Look at the repository and write a commented flagman.toml
    Init {
        /// Write it even if there is one
        #[arg(long)]
        force: bool,
        /// Print it and write nothing
        #[arg(long)]
        dry_run: bool,
        /// Write the suggested rules, too: .flagman/rules/suggested.toml
        #[arg(long)]
        suggest: bool,
    },
    /// Each PRD with what it touches, assumes and ships
    #[command(args_conflicts_with_subcommands = true)]
    Prds {
        /// One PRD: its id or its number
        id: Option<String>,
        /// Ask a program what they touch: it gets the candidates as JSON, answers `{"touches": […]}`, and each answer is looked up
        #[arg(long, value_name = "COMMAND")]
        refine: Option<String>,
        /// Write front matter
        #[command(subcommand)]
        action: Option<PrdsAction>,
    },
    /// Each flag: its state, where it is defined and read, the tests that need it
    #[command(args_conflicts_with_subcommands = true)]
    Flags {
        /// One flag
        key: Option<String>,
        /// Every row of one flag, however long its lists are
        #[arg(long, requires = "key")]
        all: bool,
        /// Record a state
        #[command(subcommand)]
        action: Option<FlagsAction>,
    },
    /// What turning a flag would break, unlock and leave dark
    Flip {
        /// The flag and its other state
        #[arg(value_name = "KEY=on|off", value_parser = supposition)]
        flip: (String, bool),
        /// Every row, however long the lists are
        #[arg(long)]
        all: bool,
    },
    /// Run the candidate tests with a flag in both states, in a copy of the project: likely becomes proven or refuted
    Probe(Probe),
    /// The phases, the flips between them, and why
    Plan(Plan),
    /// Who will collide: every pair of branches, as git would decide it
    Conflicts(Conflicts),
    /// May this phase, PRD or branch go? Without a choice: everything
    Gate(Gate),
    /// Dispatch the phases: agents, tests, squash-merges onto the release branch, never onto a protected one
    Run {
        /// The agent's command [default: `dispatch.agent`]
        #[arg(long, value_name = "COMMAND")]
        agent: Option<String>,
        /// Begin anew although the last run was interrupted and could be resumed
        #[arg(long)]
        abandon_interrupted: bool,
        /// Go without this PRD and all that waits for it; the others keep their phases; repeatable, or ID,ID
        #[arg(long, value_name = "ID", value_delimiter = ',')]
        without: Vec<String>,
    },
    /// Where the last run stands
    Status,
    /// Go on with the last run, where it was killed or stopped
    Resume(Resume),
    /// Print the handoff of the last run: who is done, who is stuck on what, what to do first
    Handoff,
    /// Take the landing of a PRD back, by a new commit on the release branch
    Undo {
        /// The PRD: its id or its number
        id: String,
    },
    /// May this file be written, this ref be moved? A hook for agents and git
    #[command(args_conflicts_with_subcommands = true)]
    Guard(Guard),
    /// The page of a check
    Explain {
        /// The check's id; without it, the list of checks
        id: Option<String>,
    },
    /// The JSON schema of a document
    Schema {
        /// conflicts, flags, flip, gate, guard, plan, prds, probe or why; without it, the list
        name: Option<String>,
    },
    /// Completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// The manual page
    Man,
}

/// On or off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Switch {
    /// On for everybody.
    On,
    /// Off for everybody.
    Off,
}

/// From which level on a finding blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum FailOn {
    /// Errors block.
    Error,
    /// Warnings block too.
    Warning,
}

/// A name that can stand on one line of a table: not empty, no white space around it, no control characters.
pub(super) fn name(text: &str) -> Result<String, String> {
    match text {
        "" => Err("it is empty".to_owned()),
        text if text.trim() != text => Err("it has white space around it".to_owned()),
        text if text.contains(char::is_control) => Err("it has control characters in it".to_owned()),
        text => Ok(text.to_owned()),
    }
}

fn supposition(text: &str) -> Result<(String, bool), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=on or KEY=off")?;
    match value {
        "on" => Ok((key.to_owned(), true)),
        "off" => Ok((key.to_owned(), false)),
        other => Err(format!("`{other}` is neither on nor off")),
    }
}

fn report(text: &str) -> Result<(crate::report::Format, PathBuf), String> {
    let (kind, path) = text
        .split_once('=')
        .ok_or("expected KIND=PATH, for example json=gate.json")?;
    let words = crate::report::Format::WORDS;
    let format = crate::report::Format::parse(kind).ok_or_else(|| {
        format!(
            "`{kind}` is no kind of report ({}){}",
            words.join(", "),
            crate::nearest::did_you_mean(kind, words.iter().copied())
        )
    })?;
    if path.trim().is_empty() {
        return Err(format!("say where the {kind} report goes: {kind}=PATH"));
    }
    let printed = ["/dev/stdout", "/dev/stderr", "/dev/tty"].contains(&path);
    if path == "-" || printed || path.starts_with("/dev/fd/") || path.starts_with("/proc/") {
        return Err(format!("`{path}` is no file; `--format {kind}` prints it"));
    }
    Ok((format, PathBuf::from(path)))
}
