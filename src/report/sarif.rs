//! SARIF 2.1.0, as GitHub's code scanning ingests it. Enters: the analysis and the gate's answer. Leaves: one log with one run.
//!
//! Only the first location of a result is shown by GitHub; the other places are related locations. Notes of places become their
//! messages. Rules carry both descriptions and a help text, without which the ingestion complains.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::analysis::Analysis;
use crate::assumption::Evidence;
use crate::check::{Finding, Level};
use crate::gate::GateAnswer;
use crate::rules::checks;

/// The log as text.
#[must_use]
pub fn log(analysis: &Analysis, answer: &GateAnswer) -> String {
    let used: BTreeSet<&str> = answer.findings.iter().map(|at| analysis.findings[*at].check).collect();
    let rules: Vec<Value> = used.iter().map(|id| rule(id)).collect();
    let ids: Vec<&str> = used.into_iter().collect();
    let results: Vec<Value> = answer.findings.iter().map(|at| result(analysis, *at, &ids)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "flagman",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "automationDetails": {"id": "flagman/gate/"},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    super::json::text(&log)
}

fn rule(id: &str) -> Value {
    let page = checks::page(id);
    let summary = page.map_or(id, |page| page.summary.as_str());
    let body = page.map_or("", |page| page.body.as_str());
    json!({
        "id": id,
        "name": id,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": summary},
        "help": {"text": body, "markdown": body},
    })
}

fn result(analysis: &Analysis, at: usize, rules: &[&str]) -> Value {
    let finding: &Finding = &analysis.findings[at];
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let mut message = finding.message.clone();
    for remedy in &finding.remedies {
        message.push_str("\n- ");
        message.push_str(&remedy.line());
    }
    let mut result = json!({
        "ruleId": finding.check,
        "ruleIndex": rules.iter().position(|rule| *rule == finding.check),
        "level": level,
        // In SARIF's message strings brackets make links.
        "message": {"text": message.replace('[', "\\[").replace(']', "\\]")},
        "partialFingerprints": {"primaryLocationLineHash": analysis.fingerprints[at]},
    });
    let mut places = finding.places.iter();
    if let Some(first) = places.next() {
        result["locations"] = json!([location(analysis, first, None)]);
    }
    let related: Vec<Value> = places
        .enumerate()
        .map(|(id, place)| location(analysis, place, Some(id + 1)))
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    result
}

fn location(analysis: &Analysis, place: &Evidence, id: Option<usize>) -> Value {
    let (start, end) = (analysis.sources.start(place.span), analysis.sources.end(place.span));
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(analysis.sources.path(place.span.file).as_str())},
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        },
    });
    if let Some(id) = id {
        location["id"] = json!(id);
        location["message"] = json!({"text": place.note.replace('[', "\\[").replace(']', "\\]")});
    }
    location
}

/// A relative path as a URI reference: everything but unreserved characters and `/` is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("src/a b/ü%.ts"), "src/a%20b/%C3%BC%25.ts");
    }
}
