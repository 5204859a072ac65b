//! Everybody against everybody, as a triangle of signs that fits on 100 columns. Enters: names and predictions. Leaves: text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::conflict::{Prediction, PredictionVerdict};

/// More items are no longer read; of more, those are shown that meet somebody, if they are no more than this.
const WIDEST: usize = 30;

/// So many columns a line may have.
const COLUMNS: usize = 100;

/// The matrix of the pairs, each with whether it breaks although it merges cleanly; nothing where there are too few items for one, or too many.
pub(super) fn matrix(items: &[&str], told: &[(&Prediction, bool)]) -> String {
    let signs: BTreeMap<(usize, usize), char> = told
        .iter()
        .map(|(one, breaks)| (one.pair, sign(one, *breaks)))
        .collect();
    let mut rows: Vec<usize> = (0..items.len()).collect();
    let mut text = String::new();
    if items.len() > WIDEST {
        let met = signs
            .iter()
            .filter(|(_, sign)| **sign != '·')
            .flat_map(|((a, b), _)| [*a, *b]);
        rows = met.collect::<BTreeSet<_>>().into_iter().collect();
        let _ = writeln!(text, "{} of {} meet somebody", rows.len(), items.len());
    }
    if !(3..=WIDEST).contains(&rows.len()) {
        return text;
    }
    let room = COLUMNS - 4 - 2 * (rows.len() - 1);
    let names: Vec<String> = rows.iter().map(|row| cut(items[*row], room)).collect();
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (row, name) in names.iter().enumerate() {
        let mut line = format!("{:>3} {name:<widest$}", row + 1);
        for column in 0..row {
            let pair = (rows[column], rows[row]);
            let _ = write!(line, " {}", signs.get(&pair).copied().unwrap_or(' '));
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    // The tens stand above the ones, where there are any.
    for tens in [true, false] {
        let digit = |column: usize| match (tens, column / 10) {
            (true, 0) => " ".to_owned(),
            (true, tens) => tens.to_string(),
            (false, _) => (column % 10).to_string(),
        };
        let digits: String = (1..rows.len()).map(|column| format!(" {}", digit(column))).collect();
        if !digits.trim().is_empty() {
            let _ = writeln!(text, "{}", format!("{:>3} {:<widest$}{digits}", "", "").trim_end());
        }
    }
    text + "    X conflict  ! merges cleanly and breaks  o overlap  · clean  ? cannot be told\n"
}

fn sign(prediction: &Prediction, breaks: bool) -> char {
    match prediction.verdict {
        PredictionVerdict::Conflict => 'X',
        _ if breaks => '!',
        PredictionVerdict::Overlap => 'o',
        PredictionVerdict::Clean => '·',
        PredictionVerdict::Unknown => '?',
    }
}

/// A name in so much room: names of branches differ at their ends, too, so the middle goes.
fn cut(name: &str, room: usize) -> String {
    let all: Vec<char> = name.chars().collect();
    if all.len() <= room {
        return name.to_owned();
    }
    let tail = room / 2;
    let head = room.saturating_sub(tail + 1);
    let (head, tail): (String, String) = (all[..head].iter().collect(), all[all.len() - tail..].iter().collect());
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_branches_fit_on_a_hundred_columns() {
        let names: Vec<String> = (0..30)
            .map(|n| format!("feature/some-long-name-of-a-branch-that-somebody-made-{n:02}"))
            .collect();
        let items: Vec<&str> = names.iter().map(String::as_str).collect();
        let pairs = (0..30).flat_map(|a| (a + 1..30).map(move |b| (a, b)));
        let told: Vec<Prediction> = pairs
            .map(|pair| Prediction::new(pair, Vec::new(), Vec::new(), None))
            .collect();
        let told: Vec<(&Prediction, bool)> = told.iter().map(|one| (one, false)).collect();
        let text = matrix(&items, &told);
        assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
        assert_eq!(text.lines().count(), 33);
        let heads: Vec<&str> = text.lines().skip(30).collect();
        assert!(heads[0].ends_with(" 1 1 2 2 2 2 2 2 2 2 2 2"), "{text}");
        assert!(heads[1].ends_with(" 8 9 0 1 2 3 4 5 6 7 8 9"), "{text}");
        assert!(
            text.contains("-29 · ·"),
            "the end of a name tells it from others: {text}"
        );
    }
}
