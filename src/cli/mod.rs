//! The commands. Enters: the command line. Leaves: output, files and an exit code. Everything is read, then analysed, then
//! said; a command is one file.

mod args;
mod asked;
mod behind;
mod branches;
mod cache;
mod collisions;
mod configured;
mod conflicts;
mod declare;
mod details;
mod diffs;
mod documents;
mod explain;
mod failure;
mod flag_meaning;
mod flags;
mod flip;
mod gate;
mod ground;
mod guard;
mod init;
mod landing;
mod likely;
mod meaning;
mod memory;
mod notes;
mod order;
mod output;
mod plan;
mod prd_conflicts;
mod prds;
mod predict;
mod probe;
mod project;
mod reader;
mod refine;
mod run;
mod schema;
mod standing;
mod suggest;
mod vanish;
mod watch;
mod what_if;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Colour, Command, Format, Global, PrdsAction};
use failure::{Failure, exit};
use output::Output;

use crate::report;

/// Runs flagman with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers; everything else is a usage error.
            let code = if error.use_stderr() { exit::USAGE } else { exit::CLEAR };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let mut output = Output::new(&arguments.global);
    match execute(&arguments, &mut output) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output.error(&failure.text());
            ExitCode::from(failure.code)
        }
    }
}

fn execute(arguments: &Arguments, output: &mut Output) -> Result<u8, Failure> {
    let global = &arguments.global;
    refuse_reports(global, &arguments.command)?;
    match &arguments.command {
        Command::Init {
            force,
            dry_run,
            suggest,
        } => {
            let how = init::How {
                force: *force,
                dry_run: *dry_run,
                suggest: *suggest,
            };
            init::run(global, how, output)
        }
        Command::Prds {
            id,
            refine,
            action: None,
        } => prds::run(global, id.as_deref(), refine.as_deref(), output),
        Command::Prds {
            action: Some(PrdsAction::Set(wanted)),
            ..
        } => declare::run(global, wanted, output),
        Command::Flags { key, all, action: None } => flags::show(global, key.as_deref(), *all, output),
        Command::Flags {
            action: Some(action), ..
        } => flags::set(global, action, output),
        Command::Flip { flip: (key, on), all } => flip::run(global, key, (*on).into(), *all, output),
        Command::Probe(wanted) => probe::run(global, wanted, output),
        Command::Conflicts(wanted) if wanted.watch => watch::run(global, wanted, output),
        Command::Conflicts(wanted) if wanted.prds => prd_conflicts::run(global, wanted, output),
        Command::Conflicts(wanted) => conflicts::run(global, wanted, output),
        Command::Plan(wanted) => plan::run(global, wanted, output),
        Command::Gate(wanted) => gate::run(global, wanted, output),
        Command::Guard(wanted) if wanted.watch => watch::run(global, &args::Conflicts::of_work_trees(), output),
        Command::Guard(wanted) => guard::run(global, wanted, output),
        Command::Explain { id } => explain::run(global, id.as_deref(), output),
        Command::Schema { name } => schema::run(global.format, name.as_deref(), output),
        Command::Completions { shell } => schema::completions(*shell, output),
        Command::Man => schema::man(output),
        Command::Run {
            agent,
            abandon_interrupted,
            without,
        } => run::run(global, agent.as_deref(), *abandon_interrupted, without, output),
        Command::Resume(wanted) => run::resume(global, wanted, output),
        Command::Status => standing::status(global, output),
        Command::Handoff => standing::handoff(global, output),
        Command::Undo { id } => standing::undo(global, id, output),
    }
}

/// What would be ignored is refused: most formats are answers of the gate or of the plan alone.
fn refuse_reports(global: &Global, command: &Command) -> Result<(), Failure> {
    if matches!(command, Command::Gate(_)) {
        return match global.format.only_by() {
            "plan" => Err(Failure::usage("only flagman plan answers in that format")
                .hint("here: --format text, json, sarif, github, markdown, html or junit")),
            _ => Ok(()),
        };
    }
    let is_plan = matches!(command, Command::Plan(_));
    if is_plan && !plan::answers_in(global.format) {
        return Err(Failure::usage("only flagman gate answers in that format")
            .hint("here: --format text, json, html, mermaid, dot, github-matrix, gitlab, buildkite or argo"));
    }
    let draws = matches!(command, Command::Conflicts(_));
    if draws
        && !matches!(
            global.format,
            Format::Text | Format::Json | Format::Html | Format::Markdown
        )
    {
        return Err(Failure::usage(format!(
            "only flagman {} answers in that format",
            global.format.only_by()
        ))
        .hint("here: --format text, json, html or markdown"));
    }
    if !is_plan && !draws && !matches!(global.format, Format::Text | Format::Json) {
        return Err(Failure::usage(format!(
            "only flagman {} answers in that format",
            global.format.only_by()
        ))
        .hint("here: --format text or json"));
    }
    let has_document = matches!(
        command,
        Command::Prds { action: None, .. }
            | Command::Flip { .. }
            | Command::Probe(_)
            | Command::Plan(_)
            | Command::Conflicts(_)
            | Command::Guard(_)
            | Command::Flags { action: None, .. }
    );
    let writes = |kind: report::Format| match kind {
        report::Format::Json => has_document,
        report::Format::Html | report::Format::Markdown => draws,
        _ => false,
    };
    match global.reports.iter().find(|(kind, _)| !writes(*kind)) {
        Some(_) if draws => Err(Failure::usage("only flagman gate writes reports of that kind")
            .hint("here: --report json=PATH, html=PATH or markdown=PATH")),
        Some(_) if has_document => {
            Err(Failure::usage("only flagman gate writes reports of that kind").hint("here: --report json=PATH"))
        }
        Some(_) => Err(Failure::usage("this command writes no reports").hint(
            "flagman gate does, and prds, flags, flip, probe, plan, guard (json) and conflicts (json, html, markdown)",
        )),
        None => Ok(()),
    }
}

/// The commands as clap knows them, for completions and the manual.
fn command() -> clap::Command {
    <Arguments as clap::CommandFactory>::command()
}

/// The colours that the arguments ask for.
fn colours(global: &Global) -> anstream::ColorChoice {
    match global.color {
        Colour::Auto => anstream::ColorChoice::Auto,
        Colour::Always => anstream::ColorChoice::Always,
        Colour::Never => anstream::ColorChoice::Never,
    }
}
