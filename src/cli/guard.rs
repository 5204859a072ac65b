//! `flagman guard`. Enters: a hook's message on standard input, or a file or ref on the command line. Leaves: the answer in the hook's own form.
//!
//! A guard that fails stops nobody in silence: whatever goes wrong after it is known who asks becomes an answer that says what could not be
//! read. Only a hook that nobody knows gets an exit code that is neither consent nor refusal (3).

mod asked;
mod facts;
mod install;
mod merge;
mod picture;
mod place;
mod promise;
mod record;
mod reply;
mod versions;

use super::args::{Format, Global, Guard, GuardAction};
use super::configured::read_config;
use super::failure::{Failure, exit};
use super::output::{Output, write_reports};
use super::project::nearest_project;
use crate::config::{Config, Response};
use crate::guard::{Answer, Asked, Decision, Facts, Policy, decide};
use crate::report::{json, text};

pub(super) fn run(global: &Global, wanted: &Guard, output: &mut Output) -> Result<u8, Failure> {
    if let Some(action) = &wanted.action {
        let root = match &global.project {
            Some(root) => root.clone(),
            None => nearest_project(&place::folder(None)?),
        };
        match action {
            GuardAction::Install(hooks) => install::install(hooks, &root, output)?,
            GuardAction::Uninstall(hooks) => install::uninstall(hooks, &root, output)?,
        }
        return Ok(exit::CLEAR);
    }
    let (asked, answer) = match asked::asked(wanted) {
        Ok(asked) => {
            let answer = answer(global, &asked);
            match (answer, asked.hook) {
                (Ok(answer), _) => (Some(asked), answer),
                (Err(failure), Some(_)) => (Some(asked), unread(&failure)),
                (Err(failure), None) => return Err(failure),
            }
        }
        Err(failure) if wanted.hook.is_some() => (None, unread(&failure)),
        Err(failure) => return Err(failure),
    };
    let hook = asked.and_then(|asked| asked.hook).or(wanted.hook);
    write_reports(global, output, || json::text(&json::guard(&answer)))?;
    match (hook, global.format) {
        (_, Format::Json) => output.document(&json::text(&json::guard(&answer)))?,
        (Some(hook), _) => return reply::to(hook, &answer, output),
        (None, _) => output.answer(&text::guard(&answer))?,
    }
    Ok(match answer.decision {
        Decision::Deny => exit::BLOCKED,
        _ if answer.is_unsure() => exit::UNKNOWN,
        _ => exit::CLEAR,
    })
}

/// The answer, from what is in the repository around the folder that the question is asked in.
fn answer(global: &Global, asked: &Asked) -> Result<Answer, Failure> {
    let folder = place::folder(asked.folder.as_deref())?;
    let root = match &global.project {
        Some(root) => root.clone(),
        None => nearest_project(&folder),
    };
    // What nobody can configure away holds where the configuration cannot be read, too; the rest is not known then.
    let (config, broken) = match read_config(&root) {
        Ok((config, _)) => (config, None),
        Err(failure) => (Config::default(), Some(failure)),
    };
    let ground = facts::Ground {
        global,
        folder: &folder,
        root: &root,
        config: &config,
    };
    let facts = facts::gather(asked, &ground)?;
    let answer = decide(&facts, policy(&config));
    match broken {
        Some(failure) if answer.decision != Decision::Deny => Err(failure),
        _ => Ok(answer),
    }
}

fn policy(config: &Config) -> Policy {
    let decision = |response| match response {
        Response::Off => Decision::Allow,
        Response::Warn => Decision::Warn,
        Response::Ask => Decision::Ask,
        Response::Deny => Decision::Deny,
    };
    Policy {
        conflict: decision(config.guard.conflict),
        outside: decision(config.guard.outside),
        unknown: decision(config.guard.unknown),
    }
}

/// The answer where the job itself could not be done.
fn unread(failure: &Failure) -> Answer {
    let why = crate::probe::results::plain(failure.message.lines().next().unwrap_or_default());
    let facts = Facts {
        unread: vec![format!("nothing was checked: {why}")],
        ..Facts::default()
    };
    let usual = Policy {
        conflict: Decision::Ask,
        outside: Decision::Warn,
        unknown: Decision::Warn,
    };
    decide(&facts, usual)
}
