//! `flagman conflicts`, as text: a matrix of everybody against everybody, then who collides where.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{counted, table};
use crate::conflict::{FileCollision, Prediction, PredictionVerdict};
use crate::report::visible;

/// A matrix of more items is no longer read.
const WIDEST: usize = 30;

/// How many files of a pair are named.
const NAMED: usize = 5;

/// The predictions as text; `all` names every file, and the pairs that merge cleanly, too.
#[must_use]
pub fn conflicts(items: &[&str], predictions: &[Prediction], all: bool) -> String {
    let mut text = format!("{}\n", headline(items, predictions));
    if (3..=WIDEST).contains(&items.len()) {
        text.push('\n');
        text.push_str(&matrix(items, predictions));
    }
    for prediction in predictions {
        let clean = matches!(
            prediction.verdict,
            PredictionVerdict::Clean | PredictionVerdict::Overlap
        );
        if all || !clean {
            text.push_str(&pair(items, prediction, all));
        }
    }
    visible(&text)
}

fn headline(items: &[&str], predictions: &[Prediction]) -> String {
    let count = |verdict| predictions.iter().filter(|one| one.verdict == verdict).count();
    let parts = [
        (PredictionVerdict::Conflict, "conflict"),
        (
            PredictionVerdict::Overlap,
            "overlap (merge cleanly, with files in common)",
        ),
        (PredictionVerdict::Clean, "merge cleanly"),
        (PredictionVerdict::Unknown, "cannot be told"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(verdict, _)| count(*verdict) > 0)
        .map(|(verdict, word)| format!("{} {word}", count(*verdict)))
        .collect();
    match items.len() {
        0 | 1 => format!("{}: nothing to compare", counted(items.len(), "branch")),
        _ => format!("{}: {}", counted(predictions.len(), "pair"), told.join(", ")),
    }
}

fn sign(verdict: PredictionVerdict) -> char {
    match verdict {
        PredictionVerdict::Conflict => 'X',
        PredictionVerdict::Overlap => 'o',
        PredictionVerdict::Clean => '·',
        PredictionVerdict::Unknown => '?',
    }
}

/// A lower triangle: a row for each item, a column for each that stands above it.
fn matrix(items: &[&str], predictions: &[Prediction]) -> String {
    let signs: BTreeMap<(usize, usize), char> = predictions.iter().map(|one| (one.pair, sign(one.verdict))).collect();
    let widest = items.iter().map(|item| item.chars().count()).max().unwrap_or(0).min(44);
    let mut text = String::new();
    for (row, item) in items.iter().enumerate() {
        let name: String = item.chars().take(widest).collect();
        let _ = write!(text, "{:>3} {name:<widest$}", row + 1);
        for column in 0..row {
            let _ = write!(text, " {}", signs.get(&(column, row)).copied().unwrap_or(' '));
        }
        text.push('\n');
    }
    text + "    X conflict  o overlap  · clean  ? cannot be told; columns are numbered as the rows\n"
}

fn pair(items: &[&str], prediction: &Prediction, all: bool) -> String {
    let (a, b) = prediction.pair;
    let word = match prediction.verdict {
        PredictionVerdict::Conflict => "conflict",
        PredictionVerdict::Overlap => "overlap",
        PredictionVerdict::Clean => "clean",
        PredictionVerdict::Unknown => "cannot be told",
    };
    let mut text = format!("\n{word}: {} × {}\n", items[a], items[b]);
    if let Some(why) = &prediction.why {
        let _ = writeln!(text, "   {why}");
    }
    let shown = if all { prediction.files.len() } else { NAMED };
    let rows: Vec<Vec<String>> = prediction.files.iter().take(shown).map(row).collect();
    text.push_str(&table(&rows));
    if all && !prediction.shared.is_empty() {
        let shared = prediction.shared.iter().map(|path| String::from_utf8_lossy(path));
        let _ = writeln!(text, "   both changed: {}", shared.collect::<Vec<_>>().join(", "));
    }
    if prediction.files.len() > shown {
        let _ = writeln!(text, "   and {} more (--all)", prediction.files.len() - shown);
    }
    text
}

fn row(file: &FileCollision) -> Vec<String> {
    let lines: Vec<String> = file
        .clashes
        .iter()
        .take(3)
        .map(|clash| format!("{} × {}", range(clash.ours), range(clash.theirs)))
        .collect();
    vec![
        String::from_utf8_lossy(&file.path).into_owned(),
        file.kind.clone(),
        lines.join(", "),
    ]
}

fn range(range: crate::conflict::LineRange) -> String {
    match range.count {
        0 => format!("before {}", range.start),
        1 => range.start.to_string(),
        count => format!("{}-{}", range.start, range.start + count - 1),
    }
}
