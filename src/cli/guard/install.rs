//! `flagman guard install` and `uninstall`. Enters: the agents. Leaves: their hook files with our hook, or as they were before.
//!
//! What a file was before is kept under git's folder, so that it comes back byte for byte as long as nobody has changed it since; where somebody
//! has, only the entry goes that was written. What a person wrote stays, also if it calls us.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::super::args::{Agent, GuardHooks};
use super::super::cache::Cache;
use super::super::failure::Failure;
use super::super::output::{Output, write_file};
use super::place;
use super::record::Record;
use crate::git::Repository;
use crate::guard::settings::{self, SettingsError};
use crate::guard::{Hook, LIMIT};
use crate::workspace;

/// A hook file.
struct Target {
    hook: Hook,
    path: PathBuf,
    form: Form,
}

/// How our hook stands in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Toml,
    Script,
}

/// Writes the hooks.
///
/// # Errors
/// If a file is there and cannot be added to; then none is written.
pub(super) fn install(wanted: &GuardHooks, root: &Path, output: &mut Output) -> Result<(), Failure> {
    let (repository, targets) = targets(wanted, root)?;
    let kept = Cache::beside(repository.common_dir(), "installed");
    let mut made = Vec::new();
    for target in targets {
        let before = read(&target.path)?;
        let after = with_hook(&target, before.as_deref(), &wanted.program)
            .map_err(|error| Failure::usage(format!("{}: {error}", shown(&target.path, root))))?;
        made.push((target, before, after));
    }
    for (target, before, after) in made {
        let shown = shown(&target.path, root);
        let Some(after) = after else {
            output.answer(&format!("{shown}: the hook is there already\n"))?;
            continue;
        };
        if wanted.dry_run {
            output.answer(&format!("{shown} would be:\n{after}{}", ended(&after)))?;
            continue;
        }
        let facts = std::fs::metadata(&target.path).ok();
        let record = Record {
            after,
            before,
            mode: facts.map(|facts| facts.permissions().mode()),
            made_folder: target.path.parent().is_some_and(|folder| !folder.exists()),
            command: settings::command_of(&wanted.program, target.hook),
        };
        record.keep(&kept, &target.path)?;
        write_file(&target.path, &record.after, output)?;
        if target.form == Form::Script {
            let mode = record.mode.map_or(0o755, |mode| mode | 0o111);
            set_mode(&target.path, mode)?;
            if record.mode.is_some_and(|mode| mode & 0o111 == 0) {
                output.aside(&format!("note: {shown} was not executable; git runs it from now on\n"));
            }
        }
        output.answer(&format!("{shown}: {} asks flagman guard\n", wants(target.hook)))?;
    }
    Ok(())
}

/// Takes the hooks away that were installed.
///
/// # Errors
/// If a file cannot be read or written.
pub(super) fn uninstall(wanted: &GuardHooks, root: &Path, output: &mut Output) -> Result<(), Failure> {
    let repository = Repository::discover(&place::folder(root.to_str())?)?;
    let kept = Cache::beside(repository.common_dir(), "installed");
    let mut nothing = true;
    for target in installed(wanted, &repository)? {
        let shown = shown(&target.path, root);
        let record = Record::of(&kept, &target.path);
        let Some(now) = read(&target.path)? else {
            if !wanted.agent.is_empty() && target.form != Form::Toml {
                nothing = false;
                output.answer(&format!("{shown}: there is no such file\n"))?;
            }
            continue;
        };
        let after = match &record {
            Some(record) if record.after == now => Some(record.before.clone()),
            _ => without_hook(&target, &now, record.as_ref())
                .map_err(|error| Failure::usage(format!("{shown}: {error}")))?,
        };
        let Some(after) = after else {
            if target.form != Form::Toml {
                nothing = false;
                let own = target.form == Form::Json && settings::calls_us(target.hook, &now);
                let why = match own {
                    true => "the hook there was not written by `flagman guard install` here, and stays",
                    false => "there is no hook of flagman's",
                };
                output.answer(&format!("{shown}: {why}\n"))?;
            }
            continue;
        };
        nothing = false;
        if wanted.dry_run {
            let text = after.as_deref().unwrap_or("(deleted)\n");
            output.answer(&format!("{shown} would be:\n{text}{}", ended(text)))?;
            continue;
        }
        restore(&target.path, after.as_deref(), record.as_ref(), output)?;
        Record::forget(&kept, &target.path);
        let told = match after {
            Some(_) => "the hook is taken away",
            None => "deleted, there was nothing else in it",
        };
        output.answer(&format!("{shown}: {told}\n"))?;
    }
    if nothing {
        output.answer("there is no hook of flagman's here\n")?;
    }
    Ok(())
}

/// The files in which hooks may have been installed: of the agents that are named, else of all.
fn installed(wanted: &GuardHooks, repository: &Repository) -> Result<Vec<Target>, Failure> {
    let top = repository.toplevel();
    let all = [&Agent::ALL[..], &[Agent::Git, Agent::GitRefs]].concat();
    let agents = if wanted.agent.is_empty() { &all } else { &wanted.agent };
    let mut targets = Vec::new();
    for hook in agents.iter().map(|agent| agent.hook()) {
        let (path, form) = match settings::file_of(hook) {
            Some(file) => (top.join(file), Form::Json),
            None => (repository.hooks_folder()?.join(hook.word()), Form::Script),
        };
        if wanted.agent.is_empty() && !path.exists() && hook != Hook::Codex {
            continue;
        }
        targets.push(Target { hook, path, form });
        // Where Codex keeps its hooks may be another file by now.
        if hook == Hook::Codex {
            let path = top.join(".codex/config.toml");
            targets.push(Target {
                hook,
                path,
                form: Form::Toml,
            });
        }
    }
    Ok(targets)
}

/// Gives a file what it was, and no more than it had.
fn restore(path: &Path, text: Option<&str>, record: Option<&Record>, output: &mut Output) -> Result<(), Failure> {
    match text {
        Some(text) => write_file(path, text, output)?,
        None => delete(path, record.is_some_and(|record| record.made_folder))?,
    }
    match (text, record.and_then(|record| record.mode)) {
        (Some(_), Some(mode)) => set_mode(path, mode),
        _ => Ok(()),
    }
}

/// The files of the agents that are meant.
fn targets(wanted: &GuardHooks, root: &Path) -> Result<(Repository, Vec<Target>), Failure> {
    let folder = place::folder(root.to_str())?;
    let repository = Repository::discover(&folder)?;
    let top = repository.toplevel().to_owned();
    let agents = match &wanted.agent[..] {
        [] => Agent::ALL.into_iter().filter(|agent| agent.is_used_in(&top)).collect(),
        agents => agents.to_vec(),
    };
    if agents.is_empty() {
        return Err(Failure::usage("no agent keeps its settings here yet").hint("say which: --agent claude"));
    }
    let targets = agents.into_iter().map(|agent| target(agent.hook(), &repository, &top));
    let targets = targets.collect::<Result<Vec<_>, Failure>>()?;
    Ok((repository, targets))
}

fn target(hook: Hook, repository: &Repository, top: &Path) -> Result<Target, Failure> {
    let Some(file) = settings::file_of(hook) else {
        return Ok(Target {
            hook,
            path: repository.hooks_folder()?.join(hook.word()),
            form: Form::Script,
        });
    };
    let path = top.join(file);
    let toml = top.join(".codex/config.toml");
    if hook == Hook::Codex && !path.exists() {
        let holds = read(&toml)?.is_some_and(|text| settings::holds_hooks(&text));
        if holds {
            return Ok(Target {
                hook,
                path: toml,
                form: Form::Toml,
            });
        }
    }
    Ok(Target {
        hook,
        path,
        form: Form::Json,
    })
}

fn with_hook(target: &Target, before: Option<&str>, program: &str) -> Result<Option<String>, SettingsError> {
    match target.form {
        Form::Json => settings::with_hook(target.hook, before.unwrap_or_default(), program),
        Form::Toml => settings::with_toml_block(before.unwrap_or_default(), program),
        Form::Script => settings::with_script_block(target.hook, before, program),
    }
}

/// The text without what was installed, `Some(None)` where there was no file before and nothing else is in it now. An entry in JSON is ours only where
/// it is on record.
fn without_hook(target: &Target, now: &str, record: Option<&Record>) -> Result<Option<Option<String>>, SettingsError> {
    let rest = match (target.form, record) {
        (Form::Json, None) => None,
        (Form::Json, Some(record)) => {
            let before = record.before.as_deref().unwrap_or_default();
            settings::without_hook(target.hook, now, (&record.command, before))?
        }
        (Form::Toml | Form::Script, _) => settings::without_block(now),
    };
    let made = record.is_none_or(|record| record.before.is_none());
    let empty = |rest: &str| match target.form {
        Form::Script => rest.trim() == "#!/bin/sh",
        Form::Toml => rest.trim().is_empty(),
        Form::Json => matches!(settings::is_bare(rest), Some(true)),
    };
    Ok(rest.map(|rest| Some(rest).filter(|rest| !(made && empty(rest)))))
}

/// What a file is; nothing where there is none.
fn read(path: &Path) -> Result<Option<String>, Failure> {
    let wrong = |why: String| Failure::usage(format!("{}: {why}", path.display()));
    if std::fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink()) {
        return Err(wrong("it is a link; put the hook where it leads to by hand".to_owned()));
    }
    workspace::read_named(path, LIMIT).map_err(|reason| wrong(reason.to_string()))
}

fn set_mode(path: &Path, mode: u32) -> Result<(), Failure> {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode))
        .map_err(|error| Failure::internal(format!("{}: {error}", path.display())))
}

/// Deletes a file, and its folder if that was made for it and nothing is left in it.
fn delete(path: &Path, made_folder: bool) -> Result<(), Failure> {
    std::fs::remove_file(path).map_err(|error| Failure::internal(format!("{}: {error}", path.display())))?;
    if let Some(folder) = path.parent().filter(|_| made_folder) {
        // One that is not empty stays.
        let _ = std::fs::remove_dir(folder);
    }
    Ok(())
}

fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

fn wants(hook: Hook) -> &'static str {
    match hook {
        Hook::Claude => "Claude Code",
        Hook::Codex => "Codex (once you trust the hook there: /hooks)",
        Hook::Gemini => "Gemini CLI",
        Hook::Cursor => "Cursor",
        Hook::PrePush => "git push",
        Hook::ReferenceTransaction => "git, before any ref moves,",
    }
}

/// What a text lacks to end with a line break.
fn ended(text: &str) -> &'static str {
    if text.ends_with('\n') { "" } else { "\n" }
}
