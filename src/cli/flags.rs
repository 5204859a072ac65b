//! `flagman flags [KEY]` and `flagman flags set KEY on|off`.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::args::{FlagsAction, Format, Global, Switch};
use super::failure::{Failure, exit};
use super::notes::{idle_rules, ledger_note, notes, unknown_calls};
use super::output::{Output, write_file, write_reports};
use super::project::{Project, Wanted, check_supposed};
use crate::analysis::{Analysis, analyze};
use crate::flag::ledger::append;
use crate::flag::{FlagKey, FlagValue, Ledger, NewState};
use crate::index::{ForcedKey, ForcedValue};
use crate::nearest::did_you_mean;
use crate::report::{json, text};

/// So many places are named where a name is no flag.
const PLACES: usize = 3;

pub(super) fn show(global: &Global, key: Option<&str>, all: bool, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let analysis = analyze(project.read(
        global,
        &Wanted {
            branches: key.is_some(),
            ..Wanted::default()
        },
    )?);
    check_supposed(global, &analysis)?;
    let only = key.map(|key| find(&analysis, key)).transpose()?;
    output.aside(&notes(global, &project, &analysis));
    output.aside(&ledger_note(&analysis));
    if only.is_none() {
        output.aside(&unknown_calls(&analysis));
        output.aside(&idle_rules(&analysis));
    }
    let document = || json::text(&json::flags(&analysis, only.as_ref()));
    write_reports(global, output, document)?;
    match (global.format, &only) {
        (Format::Json, _) => output.document(&document())?,
        (_, None) => output.answer(&text::flags(&analysis))?,
        (_, Some(key)) => {
            let facts = analysis.flags.get(key);
            output.answer(&facts.map_or(String::new(), |facts| text::flag(&analysis, key, facts, length(all))))?;
        }
    }
    Ok(if analysis.ledger.unread {
        exit::UNKNOWN
    } else {
        exit::CLEAR
    })
}

/// How much of long lists is shown.
pub(super) fn length(all: bool) -> text::Length {
    if all { text::Length::All } else { text::Length::Screen }
}

/// The flag of this name or alias.
///
/// # Errors
/// If there is none.
pub(super) fn find(analysis: &Analysis, name: &str) -> Result<FlagKey, Failure> {
    let key = FlagKey::new(name);
    if analysis.flags.get(&key).is_some() {
        return Ok(key);
    }
    let by_alias = analysis
        .flags
        .flags
        .iter()
        .find(|(_, facts)| facts.aliases.contains(name));
    by_alias
        .map(|(key, _)| key.clone())
        .ok_or_else(|| unknown(analysis, name))
}

fn unknown(analysis: &Analysis, name: &str) -> Failure {
    Failure::usage(no_flag(analysis, name)).hint("flagman flags lists them")
}

/// What is known of a name that is no flag: tests may set what nothing defines or reads.
#[must_use]
pub(super) fn no_flag(analysis: &Analysis, name: &str) -> String {
    let near = did_you_mean(name, analysis.flags.flags.keys().map(FlagKey::as_str));
    let branches = analysis.branches.iter().map(|branch| &branch.index);
    let forces = std::iter::once(&analysis.index)
        .chain(branches)
        .flat_map(|index| &index.forces);
    let places: BTreeSet<String> = forces
        .filter(|force| matches!(&force.key, ForcedKey::Key(key) if key.as_str() == name))
        .map(|force| {
            let line = analysis.sources.start(force.span).line;
            let to = match force.value {
                ForcedValue::Is(value) if value != FlagValue::Unknown => format!(" to {value}"),
                _ => String::new(),
            };
            format!("{}:{line}{to}", analysis.sources.path(force.span.file))
        })
        .collect();
    if places.is_empty() {
        return format!("there is no flag `{name}`{near}");
    }
    let more = match places.len().saturating_sub(PLACES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown: Vec<String> = places.into_iter().take(PLACES).collect();
    format!(
        "`{name}` has no definition and no read that flagman knows, only tests that set it ({}{more}){near}",
        shown.join(", ")
    )
}

pub(super) fn set(global: &Global, setting: &FlagsAction, output: &mut Output) -> Result<u8, Failure> {
    let FlagsAction::Set {
        key,
        value,
        reason,
        new,
    } = setting;
    let project = Project::open(global)?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Failure::usage(
            "--reason is empty: the next reader of the ledger wants to know why",
        ));
    }
    let analysis = analyze(project.read(global, &Wanted::default())?);
    let key = match find(&analysis, key) {
        Ok(key) => key,
        Err(_) if *new => FlagKey::new(key),
        Err(failure) => return Err(failure.hint("to record it all the same: --new")),
    };
    let file = project.config.flags.file();
    let path = file_to_write(
        &project,
        file,
        "name a file of the project as `flags.file` in flagman.toml",
    )?;
    let _held = lock(&path)?;
    let old = match crate::workspace::read_named(&path, crate::workspace::SIZE_LIMIT) {
        Ok(text) => text.unwrap_or_default(),
        Err(reason) => {
            return Err(Failure::unknown(format!("{file} cannot be read ({reason})")));
        }
    };
    let environment = analysis.settings.environment.clone();
    let value = FlagValue::from(*value == Switch::On);
    let at = jiff::Timestamp::now()
        .round(jiff::Unit::Second)
        .unwrap_or_default()
        .to_string();
    let state = NewState {
        flag: &key,
        environment: &environment,
        value,
        at: &at,
        by: &author(&project),
        reason,
    };
    let text = append(&old, &state).map_err(|error| {
        Failure::unknown(format!("{} is no flag file: {error}", project.config.flags.file()))
            .hint("mend it by hand, then try again")
    })?;
    write_file(&path, &text, output)?;
    let before = Ledger::parse(crate::source::FileId(0), &old).ok();
    let was = before
        .as_ref()
        .and_then(|ledger| ledger.state(&key, &environment))
        .map(|entry| entry.value);
    match global.format {
        Format::Json => output.document(&json::text(&document(&project, &state, was)))?,
        _ => output.answer(&said(&project, &state, was))?,
    }
    Ok(exit::CLEAR)
}

/// A file of the project. What lies outside of the project is not ours to write, and a link would not be read.
///
/// # Errors
/// If it is a link, or in a folder that is one; `hint` says what to do.
pub(super) fn file_to_write(project: &Project, name: &str, hint: &str) -> Result<PathBuf, Failure> {
    let path = project.root.join(name);
    let below = path.ancestors().take_while(|above| *above != project.root);
    let is_link = below.into_iter().any(Path::is_symlink);
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    let outside = folder.is_some_and(|folder| !folder.starts_with(&project.root));
    if outside || is_link {
        return Err(Failure::usage(format!("{name} is a link, and links are not followed")).hint(hint));
    }
    Ok(path)
}

/// Two that write at the same time do so one after the other: each adds to what the other has written.
///
/// # Errors
/// If the folder cannot be made or locked.
pub(super) fn lock(path: &Path) -> Result<File, Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed =
        |error: std::io::Error| Failure::internal(format!("{} cannot be written to: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let held = File::open(folder).map_err(failed)?;
    held.lock().map_err(failed)?;
    Ok(held)
}

fn document(project: &Project, state: &NewState<'_>, was: Option<FlagValue>) -> json::FlagsSetDocument {
    json::FlagsSetDocument {
        schema: "flagman/flags-set/v1",
        flag: state.flag.as_str().to_owned(),
        environment: state.environment.to_owned(),
        value: state.value.to_string(),
        was: was.map(|value| value.to_string()),
        at: state.at.to_owned(),
        by: state.by.to_owned(),
        reason: state.reason.to_owned(),
        path: project.config.flags.file().to_owned(),
    }
}

fn said(project: &Project, state: &NewState<'_>, was: Option<FlagValue>) -> String {
    let was = was.map_or(String::new(), |value| format!(" (was {value})"));
    format!(
        "{} is {} in environment {}{was}; recorded in {}\nnext: flagman gate{}\n",
        state.flag,
        state.value,
        state.environment,
        project.config.flags.file(),
        project.invocation
    )
}

/// Who records it: git's user, else the system's.
fn author(project: &Project) -> String {
    let git = project
        .repository
        .as_ref()
        .and_then(|repository| repository.user_name().ok().flatten());
    git.or_else(|| std::env::var("USER").ok())
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}
