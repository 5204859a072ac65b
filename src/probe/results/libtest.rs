//! The lines of libtest. Enters: what `cargo test` printed. Leaves: [`Ran`]: each line `test a::b::name ... ok` belongs to the binary that was
//! announced last, and the file is found from the root of that binary and the modules in the name.

use super::{Place, last_words};
use crate::probe::{Outcome, Ran, TestId};
use crate::source::RepoPath;

/// Reads the lines.
pub(super) fn read(place: &Place<'_>, printed: &str) -> Ran {
    let mut ran = Ran::default();
    let mut root: Option<RepoPath> = None;
    for line in printed.lines() {
        if let Some(binary) = line.trim_start().strip_prefix("Running ") {
            let named = binary.strip_prefix("unittests ").unwrap_or(binary);
            root = place.path(named.split(" (").next().unwrap_or(named));
        } else if line.trim_start().starts_with("Doc-tests ") {
            root = None;
        } else if let Some((name, outcome)) = test_line(line) {
            match root.as_ref().map(|root| id(place, root, name)) {
                Some(id) => ran.add(id, outcome),
                None if line.contains("(line ") => {}
                None => ran.lost += 1,
            }
        }
    }
    let failed_to_build = printed.lines().any(|line| line.starts_with("error: could not compile"));
    if failed_to_build || (ran.tests.is_empty() && ran.lost == 0 && !printed.contains("test result:")) {
        let errors: Vec<&str> = printed
            .lines()
            .filter(|line| line.starts_with("error"))
            .take(2)
            .collect();
        ran.broken
            .push(last_words(&errors.join("\n"), "it did not come to run tests"));
    }
    ran
}

fn test_line(line: &str) -> Option<(&str, Outcome)> {
    let (name, outcome) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let outcome = match outcome.split([',', ' ']).next()? {
        "ok" => Outcome::Passed,
        "FAILED" | "failed" => Outcome::Failed,
        "ignored" => Outcome::Skipped,
        _ => return None,
    };
    Some((name.split(" - should panic").next().unwrap_or(name).trim(), outcome))
}

/// The file of `a::b::tests::name` below the root of its binary: the deepest module that is a file.
fn id(place: &Place<'_>, root: &RepoPath, name: &str) -> TestId {
    let parts: Vec<&str> = name.split("::").collect();
    let (title, modules) = parts.split_last().unwrap_or((&"", &[]));
    let is_file = |count: usize| {
        let below = modules[..count].join("/");
        let tries = [format!("{below}.rs"), format!("{below}/mod.rs")];
        let mut paths = tries.iter().filter_map(|path| root.sibling(path));
        paths.find(|path| place.view.exists(path)).map(|path| (path, count))
    };
    let (path, depth) = (1..=modules.len()).rev().find_map(is_file).unwrap_or((root.clone(), 0));
    TestId {
        path,
        suite: modules[depth..].iter().map(|module| (*module).to_owned()).collect(),
        name: (*title).to_owned(),
    }
}
