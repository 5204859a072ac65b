//! `flagman probe`, as text: what would be run, and what it came to.

use std::fmt::Write as _;

use super::{counted, table};
use crate::analysis::Analysis;
use crate::flag::FlagKey;
use crate::probe::drive::{Done, Trial};
use crate::probe::lever::{Kind, Lever};
use crate::probe::order::orders;
use crate::probe::{Answer, Cannot, Shown, ShownTest, Step};
use crate::report::json::line_of;
use crate::report::visible;
use crate::source::Span;

/// How many rows of one kind are shown.
const ROWS: usize = 40;

/// What would be run.
#[must_use]
pub fn probe_plan(analysis: &Analysis, trials: &[Trial], answer: &Answer) -> String {
    let mut text = String::new();
    for trial in trials {
        let _ = writeln!(text, "{}", heading(analysis, &trial.lever));
        for order in trial.suites.iter().flat_map(|suite| orders(suite, &trial.lever.steps)) {
            let folder = if order.folder.is_empty() { "." } else { &order.folder };
            let _ = writeln!(text, "  in {folder}: {}", order.words.join(" "));
        }
        if trial.suites.is_empty() {
            text.push_str(match answer.unrun.is_empty() {
                true => "  no test needs it or reaches a read of it (--all runs every test)\n",
                false => "  no test that can be run here needs it or reaches a read of it: see `not run`\n",
            });
        }
    }
    text.push_str(&not_tried(answer));
    if trials.is_empty() {
        text.push_str("there is no flag to try\n");
    } else {
        text.push_str("\nnothing was run; each of them would first run with every flag as it is\n");
    }
    visible(&text)
}

/// What it came to.
#[must_use]
pub fn probe(analysis: &Analysis, answer: &Answer) -> String {
    let mut text = String::new();
    if !answer.earlier.is_empty() {
        let names: Vec<&str> = answer.earlier.iter().map(FlagKey::as_str).collect();
        let _ = writeln!(
            text,
            "done by the run before, which was interrupted: {}\n",
            names.join(", ")
        );
    }
    for done in &answer.tried.flags {
        text.push_str(&flag(analysis, done));
    }
    text.push_str(&not_tried(answer));
    visible(&text)
}

fn heading(analysis: &Analysis, lever: &Lever) -> String {
    let steps: Vec<String> = lever.steps.iter().map(|step| said(analysis, step)).collect();
    format!("{}: {} → {} by {}", lever.flag, lever.from, lever.to, steps.join(", "))
}

fn said(analysis: &Analysis, step: &Step) -> String {
    let at = |span: Span| {
        format!(
            "{}:{}",
            analysis.sources.path(span.file),
            analysis.sources.start(span).line
        )
    };
    match step {
        Step::Edit { kind, path, place, .. } => match kind {
            Kind::State => format!("the flag file ({path})"),
            Kind::Fallback => format!("the fallback at {}", at(*place)),
            Kind::Feature => format!("the default features in {path}"),
            Kind::Definition | Kind::Environment => format!("the default at {}", at(*place)),
        },
        Step::Variable {
            name,
            value: Some(value),
            ..
        } => format!("{name}={value}"),
        Step::Variable { name, .. } => format!("{name} unset"),
        Step::Feature { name, folder, .. } if folder.is_empty() => format!("the feature {name}"),
        Step::Feature { name, folder, .. } => format!("the feature {name} of {folder}"),
    }
}

fn flag(analysis: &Analysis, done: &Done) -> String {
    let mut text = heading(analysis, &done.lever) + "\n";
    let telling = |test: &&ShownTest| matches!(test.shown, Shown::Proven(_) | Shown::Flaky);
    let rows: Vec<Vec<String>> = done
        .tests
        .iter()
        .filter(telling)
        .map(|test| row(analysis, test))
        .collect();
    let more = rows.len().saturating_sub(ROWS);
    text.push_str(&table(&rows[..rows.len() - more]));
    if more > 0 {
        let _ = writeln!(text, "  … and {more} more (see --format json)");
    }
    let _ = writeln!(text, "  {}", summary(done));
    for line in done.broken.iter().take(ROWS) {
        let _ = writeln!(text, "  not run: {line}");
    }
    text.push('\n');
    text
}

fn row(analysis: &Analysis, test: &ShownTest) -> Vec<String> {
    let line = line_of(analysis, &test.id).map_or(String::new(), |line| format!(":{line}"));
    let titles: Vec<&str> = test
        .id
        .suite
        .iter()
        .map(String::as_str)
        .chain([test.id.name.as_str()])
        .collect();
    let (word, words) = match test.shown {
        Shown::Proven(value) => {
            let now = if test.before == Some(crate::probe::Outcome::Passed) {
                ""
            } else {
                "; fails as it is"
            };
            ("proven", format!("needs {value}{now}"))
        }
        _ => ("flaky", "does not come to the same twice".to_owned()),
    };
    vec![
        word.to_owned(),
        format!("{}{line}", test.id.path),
        titles.join(" > "),
        words,
    ]
}

fn summary(done: &Done) -> String {
    let count = |is: fn(&Shown) -> bool| done.tests.iter().filter(|test| is(&test.shown)).count();
    let proven = count(|shown| matches!(shown, Shown::Proven(_)));
    let refuted = count(|shown| *shown == Shown::Refuted);
    let flaky = count(|shown| *shown == Shown::Flaky);
    let unknown = count(|shown| matches!(shown, Shown::Unknown(_)));
    let mut parts = vec![
        format!("{} proven", counted(proven, "test")),
        format!("{refuted} pass with both"),
    ];
    if flaky > 0 {
        parts.push(format!("{flaky} flaky"));
    }
    if unknown > 0 {
        let reasons: std::collections::BTreeMap<&str, usize> =
            done.tests.iter().fold(Default::default(), |mut all, test| {
                if let Shown::Unknown(why) = test.shown {
                    *all.entry(why.words()).or_default() += 1;
                }
                all
            });
        let reasons: Vec<String> = reasons.iter().map(|(why, count)| format!("{count} {why}")).collect();
        parts.push(format!("{unknown} show nothing ({})", reasons.join(", ")));
    }
    parts.join(", ")
}

fn not_tried(answer: &Answer) -> String {
    let mut text = String::new();
    let row = |Cannot { flag, why }: &Cannot| vec![flag.as_str().to_owned(), why.clone()];
    section(&mut text, "cannot be flipped", answer.cannot.iter().map(row).collect());
    let unrun = answer
        .unrun
        .iter()
        .map(|unrun| vec![unrun.path.as_str().to_owned(), unrun.why.clone()]);
    section(&mut text, "not run", unrun.collect());
    let broken = answer.tried.broken.iter().map(|line| vec![line.clone()]);
    section(&mut text, "could not be run with every flag as it is", broken.collect());
    if answer.tried.lost > 0 {
        let _ = writeln!(
            text,
            "\n{} in the results stand in files that could not be told",
            counted(answer.tried.lost, "test")
        );
    }
    text
}

fn section(text: &mut String, heading: &str, mut rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    let more = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    let _ = write!(text, "{heading}\n{}", table(&rows));
    if more > 0 {
        let _ = writeln!(text, "  … and {more} more (see --format json)");
    }
}
