//! Every check on its own two fixtures and on everybody else's: `fires` fires, `quiet` is quiet, and no check speaks up in a
//! `quiet` fixture at a level that blocks.
//!
//! A fixture is a folder with a project, or one with the script `make.sh` that makes a git repository in the folder `$1`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::project::{Project, checkout};

/// The findings of a fixture: check and level.
fn findings(folder: &Path) -> BTreeSet<(String, String)> {
    let (project, arguments) = open(folder);
    let arguments: Vec<&str> = std::iter::once("gate")
        .chain(arguments.iter().map(String::as_str))
        .collect();
    let answer = project.json(&arguments);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let findings = answer["findings"]
        .as_array()
        .unwrap_or_else(|| panic!("{}: {answer}", folder.display()));
    findings
        .iter()
        .map(|finding| (text(&finding["check"]), text(&finding["level"])))
        .collect()
}

/// The project of a fixture, and what `gate` is asked about it.
fn open(folder: &Path) -> (Project, Vec<String>) {
    let project = Project::copy(folder);
    let script = project.root().join("make.sh");
    if script.exists() {
        let made = Command::new("sh")
            .arg(&script)
            .current_dir(project.root())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}: {}",
            folder.display(),
            String::from_utf8_lossy(&made.stderr)
        );
    }
    let arguments = std::fs::read_to_string(project.root().join("gate.args")).unwrap_or_default();
    (project, arguments.split_whitespace().map(str::to_owned).collect())
}

#[test]
fn every_check_fires_on_its_fixture_and_is_quiet_on_its_neighbour() {
    let mut wrong = Vec::new();
    for check in flagman::check::CHECKS {
        let folder = checkout("fixtures/checks").join(check.id);
        let fires = findings(&folder.join("fires"));
        if !fires.iter().any(|(id, _)| id == check.id) {
            wrong.push(format!("{} does not fire: {fires:?}", check.id));
        }
        let quiet = findings(&folder.join("quiet"));
        if quiet.iter().any(|(id, _)| id == check.id) {
            wrong.push(format!("{} is not quiet: {quiet:?}", check.id));
        }
        let blocking: Vec<_> = quiet.iter().filter(|(_, level)| level == "error").collect();
        if !blocking.is_empty() {
            wrong.push(format!("{}/quiet is blocked by {blocking:?}", check.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fires_fixture_is_blocked_by_nothing_but_its_own_check() {
    let mut wrong = Vec::new();
    for check in flagman::check::CHECKS {
        let fires = findings(&checkout("fixtures/checks").join(check.id).join("fires"));
        let others: Vec<_> = fires
            .iter()
            .filter(|(id, level)| id != check.id && level == "error")
            .collect();
        if !others.is_empty() {
            wrong.push(format!("{}/fires is blocked by {others:?} too", check.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_has_its_page() {
    for check in flagman::check::CHECKS {
        let said = Project::new().flagman(&["explain", check.id]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.starts_with(check.id), "{}", said.out);
        assert!(said.out.len() > 200, "the page of {} is thin", check.id);
    }
    let said = Project::new().flagman(&["explain", "asumes-unset-flag"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("did you mean `assumes-unset-flag`?"), "{}", said.err);
}
