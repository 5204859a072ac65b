//! `flagman flags`, as text: all in a table, or one flag's whole life on one screen.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{counted, table};
use crate::analysis::Analysis;
use crate::assumption::table::{FlagFacts, StateSource};
use crate::assumption::{TestNeed, TestVerdict};
use crate::flag::FlagKey;
use crate::index::CodeIndex;
use crate::report::visible;
use crate::source::Span;

/// How many rows of one kind a single flag shows.
const ROWS: usize = 20;

/// Every flag in a table.
#[must_use]
pub fn flags(analysis: &Analysis) -> String {
    if analysis.flags.flags.is_empty() {
        return "no flags found; if there are some, tell flagman how they are read: flagman init\n".to_owned();
    }
    let header = ["flag", "default", "state", "defined", "read", "tests"]
        .map(str::to_owned)
        .to_vec();
    let mut rows = vec![header];
    rows.extend(
        analysis
            .flags
            .flags
            .iter()
            .map(|(key, facts)| row(analysis, key, facts)),
    );
    let mut text = table(&rows);
    let dynamic = analysis.index.dynamic.len();
    let _ = writeln!(
        text,
        "\n{}, environment {}",
        counted(rows.len() - 1, "flag"),
        analysis.settings.environment
    );
    if dynamic > 0 {
        let _ = writeln!(
            text,
            "{} of a flag whose name is not known (see --format json)",
            counted(dynamic, "read")
        );
    }
    visible(&text)
}

fn row(analysis: &Analysis, key: &FlagKey, facts: &FlagFacts) -> Vec<String> {
    let (state, source) = facts.served();
    let state = match source {
        StateSource::Default => String::new(),
        StateSource::File => format!("{state}"),
        StateSource::Override => format!("{state} (supposed)"),
    };
    let tests = analysis.needs.iter().filter(|need| need.flag == *key).count();
    let number = |count: usize| if count == 0 { "-".to_owned() } else { count.to_string() };
    vec![
        key.as_str().to_owned(),
        facts.default_value().word().to_owned(),
        if state.is_empty() { "-".to_owned() } else { state },
        number(facts.definitions.len()),
        number(facts.reads.len()),
        number(tests),
    ]
}

/// One flag: state with its history, definitions, reads with what they guard, tests.
#[must_use]
pub fn flag(analysis: &Analysis, key: &FlagKey, facts: &FlagFacts) -> String {
    let (value, _) = facts.served();
    let mut text = format!(
        "{key}: {value} in environment {} (default {})\n",
        analysis.settings.environment,
        facts.default_value()
    );
    text.push_str(&history(analysis, key));
    let introduced = facts.introduced.iter().map(|intro| {
        vec![
            intro.prd.0.clone(),
            format!("default {}", intro.default),
            at(analysis, intro.span),
        ]
    });
    section(&mut text, "shipped by", introduced.collect());
    let definitions = facts.definitions.iter().map(|at| &analysis.index.definitions[*at]);
    let definitions = definitions.map(|one| {
        vec![
            at(analysis, one.span),
            format!("declared {}", one.declared),
            one.rule.clone(),
        ]
    });
    section(&mut text, "defined", definitions.collect());
    section(
        &mut text,
        "read",
        facts.reads.iter().map(|at| read_row(analysis, *at)).collect(),
    );
    let ours = analysis.needs.iter().filter(|need| need.flag == *key);
    section(
        &mut text,
        "tests",
        ours.filter_map(|need| test_row(analysis, &analysis.index, need))
            .collect(),
    );
    for branch in &analysis.branches {
        let ours = branch.needs.iter().filter(|need| need.flag == *key);
        let rows = ours
            .filter_map(|need| test_row(analysis, &branch.index, need))
            .collect();
        section(&mut text, &format!("tests of {}", branch.branch), rows);
    }
    visible(&text)
}

fn section(text: &mut String, heading: &str, mut rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    let more = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    let _ = write!(text, "\n{heading}\n{}", table(&rows));
    if more > 0 {
        let _ = writeln!(text, "  … and {more} more (see --format json)");
    }
}

fn history(analysis: &Analysis, key: &FlagKey) -> String {
    let rows: Vec<Vec<String>> = analysis
        .ledger
        .history(key)
        .map(|entry| {
            // A reason of several lines is told on one.
            let part = |part: &Option<String>| {
                let words = part.as_deref().unwrap_or_default().split_whitespace();
                words.collect::<Vec<_>>().join(" ")
            };
            vec![
                part(&entry.at),
                format!("{} in {}", entry.value, entry.environment),
                part(&entry.by),
                part(&entry.reason),
            ]
        })
        .collect();
    if rows.is_empty() {
        String::new()
    } else {
        format!("\nhistory\n{}", table(&rows))
    }
}

fn read_row(analysis: &Analysis, index: usize) -> Vec<String> {
    let read = &analysis.index.reads[index];
    let mut regions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for guard in analysis
        .index
        .guards
        .iter()
        .filter(|guard| guard.reads.contains(&index))
    {
        let Some(literal) = guard.when.iter().find(|literal| literal.key == read.key) else {
            continue;
        };
        let (from, to) = (
            analysis.sources.start(guard.region).line,
            analysis.sources.end(guard.region).line,
        );
        let lines = if from == to {
            format!("{from}")
        } else {
            format!("{from}-{to}")
        };
        regions.entry(literal.value.word()).or_default().push(lines);
    }
    let guards: Vec<String> = regions
        .iter()
        .map(|(value, lines)| format!("{value}: {}", lines.join(", ")))
        .collect();
    let symbol = if read.via.is_empty() {
        read.symbol.clone()
    } else {
        format!("{} via {}", read.symbol, read.via.join(", "))
    };
    vec![at(analysis, read.key_span), symbol, guards.join("; ")]
}

fn test_row(analysis: &Analysis, index: &CodeIndex, need: &TestNeed) -> Option<Vec<String>> {
    let case = index.tests.get(need.test)?;
    let needs = need
        .needs
        .map_or_else(|| "sets it".to_owned(), |value| format!("needs {value}"));
    let verdict = match need.verdict {
        TestVerdict::Ok => "ok",
        TestVerdict::Fragile => "fragile: only by a default",
        TestVerdict::Blocked => "blocked: runs with the opposite",
        TestVerdict::Contradiction => "contradiction: sets the opposite",
        TestVerdict::Vacuous => "vacuous: does not run",
        TestVerdict::Unknown => "unknown",
        TestVerdict::Info => "",
    };
    Some(vec![
        at(analysis, case.span),
        case.name.clone(),
        needs,
        verdict.to_owned(),
    ])
}

fn at(analysis: &Analysis, span: Span) -> String {
    format!(
        "{}:{}",
        analysis.sources.path(span.file),
        analysis.sources.start(span).line
    )
}
