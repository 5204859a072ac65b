//! The pairs of `flagman conflicts` as a summary for a pull request. Enters: its JSON document. Leaves: Markdown: a table of the pairs that meet, and below it
//! what merges cleanly and breaks.

use std::fmt::Write as _;

use serde_json::Value;

use super::{LIMIT, code, escaped};

/// So many files of a pair are named.
const NAMED: usize = 5;

/// The summary of a document of the schema `flagman/conflicts/v1`.
#[must_use]
pub fn conflicts(document: &Value) -> String {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pairs = list(&document["pairs"]);
    let count = |verdict: &str| pairs.iter().filter(|pair| pair["verdict"] == verdict).count();
    let mut text = format!(
        "## flagman: {} in conflict, {} that meet and merge cleanly, {} that cannot be told\n\n",
        count("conflict"),
        count("overlap"),
        count("unknown")
    );
    if !pairs.is_empty() {
        text.push_str("| | | verdict | where |\n|---|---|---|---|\n");
    }
    let mut below = String::new();
    for (at, pair) in pairs.iter().enumerate() {
        let mut files: Vec<String> = list(&pair["files"])
            .iter()
            .map(|file| code(&word(&file["path"])))
            .collect();
        files.extend(list(&pair["shared"]).iter().map(|path| code(&word(path))));
        let more = files.len().saturating_sub(NAMED);
        files.truncate(NAMED);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let why = escaped(&word(&pair["why"]));
        let (a, b) = (code(&word(&pair["a"])), code(&word(&pair["b"])));
        let row = format!(
            "| {a} | {b} | {} | {}{more}{why} |\n",
            word(&pair["verdict"]),
            files.join(", ")
        );
        for finding in list(&pair["findings"]) {
            let level = word(&finding["level"]);
            let _ = writeln!(below, "- {level}: {}", escaped(&word(&finding["message"])));
        }
        if text.len() + row.len() + below.len() > LIMIT {
            let _ = writeln!(below, "\n… and {} more pairs: see the JSON report.", pairs.len() - at);
            break;
        }
        text.push_str(&row);
    }
    if !below.is_empty() {
        let _ = write!(text, "\nMerges cleanly and breaks:\n\n{below}");
    }
    text + &order(&document["order"]) + &drift(&document["drift"])
}

/// The words of a list, each as code.
fn codes(value: &Value) -> String {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    let each = list.iter().map(|one| code(one.as_str().unwrap_or_default()));
    each.collect::<Vec<_>>().join(", ")
}

/// Which merge cleanly one after the other, and who collides with several.
fn order(order: &Value) -> String {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut text = String::new();
    if order.is_null() {
        return text;
    }
    text.push_str("\nIn this order they merge:\n\n");
    for group in list(&order["groups"]) {
        let members = list(&group)
            .into_iter()
            .map(|member| code(member["item"].as_str().unwrap_or_default()));
        let _ = writeln!(text, "1. {}", members.collect::<Vec<_>>().join(", "));
    }
    for one in list(&order["together"]) {
        let item = code(one["item"].as_str().unwrap_or_default());
        let (with, files) = (codes(&one["with"]), codes(&one["files"]));
        let _ = writeln!(
            text,
            "- {item} collides with {with} together, and with none of them alone: {files}"
        );
    }
    text
}

/// What each PRD promised, and what its branch touches.
fn drift(drift: &Value) -> String {
    let mut text = String::new();
    for one in drift.as_array().map_or(&[][..], Vec::as_slice) {
        let prd = code(one["prd"].as_str().unwrap_or_default());
        for (name, said) in [
            ("outside", "touches what it did not promise"),
            ("untouched", "has not touched yet"),
        ] {
            let paths = codes(&one[name]);
            if !paths.is_empty() {
                let _ = writeln!(text, "- {prd} {said}: {paths}");
            }
        }
    }
    if text.is_empty() {
        text
    } else {
        format!("\nPromised and touched:\n\n{text}")
    }
}
