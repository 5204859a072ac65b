//! The events of `go test -json`. Enters: what it printed. Leaves: [`Ran`]: the tests are those of the one file of the order, and
//! what `t.Run` runs is named behind the function (`TestTotal/with_a_discount`).

use serde::Deserialize;

use super::{Place, last_words};
use crate::probe::{Outcome, Ran, TestId};

/// One line.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Action")]
    action: String,
    #[serde(rename = "Test", default)]
    test: Option<String>,
    #[serde(rename = "Output", default)]
    output: Option<String>,
}

/// Reads the lines; what is none (the tool's own complaints) is kept for the message where nothing ran.
pub(super) fn read(place: &Place<'_>, printed: &str) -> Ran {
    let mut ran = Ran::default();
    let (mut said, mut failed) = (String::new(), false);
    for line in printed.lines() {
        let event: Event = match serde_json::from_str(line) {
            Ok(event) => event,
            Err(_) => {
                said.push_str(line);
                said.push('\n');
                continue;
            }
        };
        if event.test.is_none() {
            said.push_str(event.output.as_deref().unwrap_or(""));
            failed |= event.action.ends_with("fail");
        }
        let (Some(test), Some(outcome)) = (event.test, outcome(&event.action)) else {
            continue;
        };
        match place.order.files.as_slice() {
            [file] => ran.add(id(file, &test), outcome),
            _ => ran.lost += 1,
        }
    }
    let nothing = ran.tests.is_empty() && ran.lost == 0;
    if nothing && (failed || !said.contains("no tests to run")) {
        let errors: Vec<&str> = said
            .lines()
            .filter(|line| !line.starts_with(['#', '?']))
            .take(3)
            .collect();
        ran.broken
            .push(last_words(&errors.join("\n"), "it did not come to run tests"));
    }
    ran
}

fn outcome(action: &str) -> Option<Outcome> {
    match action {
        "pass" => Some(Outcome::Passed),
        "fail" => Some(Outcome::Failed),
        "skip" => Some(Outcome::Skipped),
        _ => None,
    }
}

fn id(file: &crate::source::RepoPath, test: &str) -> TestId {
    let mut parts: Vec<String> = test.split('/').map(str::to_owned).collect();
    let name = parts.pop().unwrap_or_default();
    TestId {
        path: file.clone(),
        suite: parts,
        name,
    }
}
