//! The JSON of jest, which vitest writes too. Enters: its text. Leaves: [`Ran`].

use serde::Deserialize;

use super::{Place, plain};
use crate::probe::{Outcome, Ran, TestId};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    test_results: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    name: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    assertion_results: Vec<Assertion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assertion {
    #[serde(default)]
    ancestor_titles: Vec<String>,
    title: String,
    status: String,
}

/// Reads the document.
///
/// # Errors
/// If it is not one.
pub(super) fn read(place: &Place<'_>, text: &str) -> Result<Ran, String> {
    let document: Document =
        serde_json::from_str(text).map_err(|error| format!("its results could not be read: {error}"))?;
    let mut ran = Ran::default();
    for file in document.test_results {
        let Some(path) = place.path(&file.name) else {
            ran.lost += file.assertion_results.len().max(1);
            continue;
        };
        if file.assertion_results.is_empty() && file.status == "failed" {
            let why = plain(file.message.as_deref().unwrap_or("").lines().next().unwrap_or(""));
            ran.broken.push(format!("{path} could not be run: {why}"));
        }
        for test in file.assertion_results {
            let outcome = match test.status.as_str() {
                "passed" => Outcome::Passed,
                "failed" => Outcome::Failed,
                _ => Outcome::Skipped,
            };
            let suite = test.ancestor_titles.into_iter().filter(|title| !title.is_empty());
            let id = TestId {
                path: path.clone(),
                suite: suite.collect(),
                name: test.title,
            };
            ran.add(id, outcome);
        }
    }
    Ok(ran)
}
