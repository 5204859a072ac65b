//! Programs in the copy. Enters: an [`Order`]. Leaves: what came of it: the file of results and the end of what was printed, both of bounded size.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Scratch, ScratchError};
use crate::probe::drive::Carried;
use crate::probe::order::{Order, RESULTS};
use crate::probe::results::LIMIT;
use crate::process::{Ended, Job, Patience, Spec, environment, tail};

/// Between the request to stop and the end.
const GRACE: Duration = Duration::from_secs(2);
/// More output than this is a flood.
const FLOOD: u64 = 64 << 20;

/// Where tools keep themselves; without these, those who moved them have none.
const TOOLS: [&str; 15] = [
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "RUSTFLAGS",
    "NVM_*",
    "VOLTA_*",
    "PNPM_HOME",
    "VIRTUAL_ENV",
    "GOPATH",
    "GOROOT",
    "GOCACHE",
    "GOMODCACHE",
    "GOFLAGS",
    "GOPROXY",
    "GOTOOLCHAIN",
];

/// Runs a program to its end.
pub(super) fn carry_out(scratch: &Scratch<'_>, order: &Order) -> Result<Carried, ScratchError> {
    let results = scratch.folder.join("results").join(format!("{}.results", scratch.runs));
    let log = scratch.folder.join("results").join(format!("{}.log", scratch.runs));
    let folder = Path::new(&scratch.root).join(&order.folder);
    let words = order.words.iter().map(|word| {
        let (before, after) = word.split_once(RESULTS)?;
        let mut whole = OsString::from(before);
        whole.push(&results);
        whole.push(after);
        Some(whole)
    });
    let arguments = words
        .zip(&order.words)
        .map(|(filled, word)| filled.unwrap_or_else(|| word.into()));
    let spec = Spec {
        arguments: arguments.collect(),
        folder: &folder,
        log: log.clone(),
        environment: surroundings(scratch, order, &folder, &results),
        mark: scratch.mark.clone(),
        patience: Patience {
            total: scratch.settings.timeout,
            silence: None,
            grace: GRACE,
            log_bytes: FLOOD,
        },
    };
    let job = match Job::start(spec) {
        Ok(job) => job,
        Err(error) => {
            let program = order.words.first().map_or("", String::as_str);
            return Ok(Carried {
                stopped: Some(format!("{program} could not be started ({error})")),
                ..Carried::default()
            });
        }
    };
    let stopped = match job.to_its_end() {
        Ok(Ended::Exit(_)) => None,
        Ok(Ended::Stopped(why)) => Some(why),
        Err(error) => Some(error.to_string()),
    };
    Ok(Carried {
        results: bounded(&results),
        printed: tail(&log, FLOOD),
        stopped,
    })
}

/// The environment of a program: the ordinary variables, those that the user names, those of the order, and the programs that are installed
/// around its folder first in the path.
fn surroundings(scratch: &Scratch<'_>, order: &Order, folder: &Path, results: &Path) -> Vec<(OsString, OsString)> {
    let tools = TOOLS.iter().map(|name| (*name).to_owned());
    let wanted: Vec<String> = tools.chain(scratch.settings.pass_env.iter().cloned()).collect();
    let mut variables = environment(&wanted);
    let mut set = |name: &str, value: Option<OsString>| {
        variables.retain(|(known, _)| known != name);
        variables.extend(value.map(|value| (name.into(), value)));
    };
    let text = |word: &str| Some(OsString::from(word));
    set("CI", text("true"));
    set("NO_COLOR", text("1"));
    set("FORCE_COLOR", text("0"));
    set("CARGO_TERM_COLOR", text("never"));
    set("CARGO_TARGET_DIR", Some(scratch.folder.join("target").into()));
    for name in ["TMPDIR", "TMP", "TEMP"] {
        set(name, Some(scratch.folder.join("tmp").into()));
    }
    set("FLAGMAN_RESULTS", Some(results.into()));
    // The copy's own modules come before those that are installed, which may lead to the user's files.
    set(
        "PYTHONPATH",
        std::env::join_paths([folder.to_owned(), folder.join("src")]).ok(),
    );
    set("PYTHONDONTWRITEBYTECODE", text("1"));
    let around = || folder.ancestors().take_while(|folder| folder.starts_with(&scratch.top));
    // A virtual environment is used where the user has it: it cannot be moved.
    let there = |folder: &Path| {
        scratch
            .original
            .join(folder.strip_prefix(&scratch.top).unwrap_or(Path::new("")))
    };
    let environments = around().flat_map(|folder| [".venv/bin", "venv/bin"].map(|inner| there(folder).join(inner)));
    let environments = environments.filter(|folder| folder.is_dir());
    let installed = around()
        .map(|folder| folder.join("node_modules/.bin"))
        .chain(environments);
    let known = std::env::var_os("PATH").unwrap_or_default();
    let path: Vec<PathBuf> = installed.chain(std::env::split_paths(&known)).collect();
    set("PATH", std::env::join_paths(path).ok());
    for (name, value) in &order.variables {
        set(name, value.as_ref().map(OsString::from));
    }
    variables
}

/// A file that others wrote, if it is one and not larger than we read.
fn bounded(path: &Path) -> Option<Vec<u8>> {
    let found = std::fs::symlink_metadata(path).ok()?;
    if !found.is_file() || found.len() > LIMIT {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(LIMIT).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
