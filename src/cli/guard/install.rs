//! `flagman guard install` and `uninstall`. Enters: the agents. Leaves: their hook files with our hook, or as they were before.
//!
//! What a file was before is kept under git's folder, so that it comes back byte for byte as long as nobody has changed it since; where somebody
//! has, only our entry goes.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::super::args::{Agent, GuardHooks};
use super::super::cache::{Cache, Fields, Kept, Reading};
use super::super::failure::Failure;
use super::super::output::{Output, write_file};
use super::place;
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
            output.answer(&format!("{shown} would be:\n{after}"))?;
            continue;
        }
        remember(&kept, &target.path, before.as_deref(), &after);
        write(&target, &after, output)?;
        output.answer(&format!("{shown}: {} asks flagman guard\n", wants(target.hook)))?;
    }
    Ok(())
}

/// Takes the hooks away.
///
/// # Errors
/// If a file cannot be read or written.
pub(super) fn uninstall(wanted: &GuardHooks, root: &Path, output: &mut Output) -> Result<(), Failure> {
    let (repository, targets) = targets(wanted, root)?;
    let kept = Cache::beside(repository.common_dir(), "installed");
    for target in targets {
        let shown = shown(&target.path, root);
        let Some(now) = read(&target.path)? else {
            output.answer(&format!("{shown}: there is no such file\n"))?;
            continue;
        };
        let after = match remembered(&kept, &target.path, &now) {
            Some(before) => Some(before),
            None => without_hook(&target, &now).map_err(|error| Failure::usage(format!("{shown}: {error}")))?,
        };
        match after {
            None => output.answer(&format!("{shown}: there is no hook of flagman's\n"))?,
            Some(after) if wanted.dry_run => {
                output.answer(&format!(
                    "{shown} would be:\n{}",
                    after.as_deref().unwrap_or("(deleted)\n")
                ))?;
            }
            Some(Some(text)) => {
                write(&target, &text, output)?;
                output.answer(&format!("{shown}: the hook is taken away\n"))?;
            }
            Some(None) => {
                delete(&target.path)?;
                output.answer(&format!("{shown}: deleted, there was nothing else in it\n"))?;
            }
        }
    }
    Ok(())
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

/// The text without our hook, `Some(None)` where nothing else was in the file.
fn without_hook(target: &Target, now: &str) -> Result<Option<Option<String>>, SettingsError> {
    let rest = match target.form {
        Form::Json => settings::without_hook(target.hook, now)?,
        Form::Toml | Form::Script => settings::without_block(now),
    };
    let empty = |rest: &str| match target.form {
        Form::Script => rest.trim() == "#!/bin/sh",
        Form::Toml => rest.trim().is_empty(),
        Form::Json => matches!(settings::is_bare(rest), Some(true)),
    };
    Ok(rest.map(|rest| Some(rest).filter(|rest| !empty(rest))))
}

/// What a file is; nothing where there is none.
fn read(path: &Path) -> Result<Option<String>, Failure> {
    let wrong = |why: String| Failure::usage(format!("{}: {why}", path.display()));
    if std::fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink()) {
        return Err(wrong("it is a link; put the hook where it leads to by hand".to_owned()));
    }
    workspace::read_named(path, LIMIT).map_err(|reason| wrong(reason.to_string()))
}

fn write(target: &Target, text: &str, output: &mut Output) -> Result<(), Failure> {
    write_file(&target.path, text, output)?;
    if target.form == Form::Script {
        let executable = PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&target.path, executable)
            .map_err(|error| Failure::internal(format!("{}: {error}", target.path.display())))?;
    }
    Ok(())
}

/// Deletes a file, and its folder if nothing is left in that.
fn delete(path: &Path) -> Result<(), Failure> {
    std::fs::remove_file(path).map_err(|error| Failure::internal(format!("{}: {error}", path.display())))?;
    if let Some(folder) = path.parent() {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') && name != ".git" {
            // One that is not empty stays.
            let _ = std::fs::remove_dir(folder);
        }
    }
    Ok(())
}

fn remember(kept: &Cache, path: &Path, before: Option<&str>, after: &str) {
    let mut fields = Fields::default();
    fields.put(after.as_bytes());
    fields.number(usize::from(before.is_some()));
    fields.put(before.unwrap_or_default().as_bytes());
    kept.write(&name_of(path), fields.bytes());
}

/// What the file was before we wrote it, if it still is what we wrote.
fn remembered(kept: &Cache, path: &Path, now: &str) -> Option<Option<String>> {
    let Kept::Bytes(bytes) = kept.read(&name_of(path)) else {
        return None;
    };
    let mut reading = Reading::of(&bytes);
    if reading.text()? != now {
        return None;
    }
    let was_there = reading.number()? == 1;
    let before = reading.text()?.to_owned();
    Some(was_there.then_some(before))
}

fn name_of(path: &Path) -> String {
    blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex()[..32].to_owned()
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
