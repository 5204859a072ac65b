//! Text for people, drawn as rustc draws it. Enters: [`Analysis`]. Leaves: text, with colour codes that the terminal
//! layer strips where they are not wanted.

mod conflicts;
mod drift;
mod flag;
mod flags;
mod flip;
mod gate;
mod guard;
mod matrix;
pub(super) mod plan;
mod prds;
mod probe;
mod snippet;
mod why;

pub use conflicts::{conflicts, ordered, pair_of, picture};
pub use drift::drift;
pub use flag::flag;
pub(super) use flag::told;
pub use flags::flags;
pub use flip::flip;
pub use gate::gate;
pub use guard::guard;
pub use plan::plan;
pub use prds::{prd, prds};
pub use probe::{probe, probe_plan};
pub use snippet::{failure_at, finding};
pub use why::{pair, what_if, why};

use std::fmt::Write as _;

use crate::analysis::Analysis;
use crate::assumption::Supply;
use crate::flag::{FlagKey, FlagValue};
use crate::life::{Said, Saying};
use crate::prd::{Flip, PrdId};
use crate::source::Span;

/// The widest title or sentence in a table.
const WIDEST: usize = 76;

/// How many rows of a list are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Length {
    /// As many as leave the answer on one screen.
    Screen,
    /// All of them.
    All,
}

/// `path:line` of a place.
fn at(analysis: &Analysis, span: Span) -> String {
    let line = analysis.sources.start(span).line;
    format!("{}:{line}", analysis.sources.path(span.file))
}

/// `57-60`, or `57` where it is one line.
fn lines(analysis: &Analysis, span: Span) -> String {
    let (from, to) = (analysis.sources.start(span).line, analysis.sources.end(span).line);
    if from == to {
        from.to_string()
    } else {
        format!("{from}-{to}")
    }
}

/// A text on one line, cut where it is too wide for a table.
fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A heading and its rows, at most `most` of them; nothing where there are none.
fn section(text: &mut String, heading: &str, mut rows: Vec<Vec<String>>, most: usize, length: Length) {
    if rows.is_empty() {
        return;
    }
    let most = if length == Length::All { rows.len() } else { most };
    // To say that one is left out takes the line that it would stand on.
    let more = if rows.len() == most + 1 {
        0
    } else {
        rows.len().saturating_sub(most)
    };
    rows.truncate(rows.len() - more);
    let _ = write!(text, "\n{heading}\n{}", table(&rows));
    if more > 0 {
        let _ = writeln!(text, "  … and {more} more: --all");
    }
}

/// The command that records a state.
pub(super) fn set_command(analysis: &Analysis, key: &FlagKey, to: FlagValue) -> String {
    let invocation = &analysis.settings.invocation;
    format!("flagman flags set {} {to} --reason \"…\"{invocation}", key.word())
}

/// What a document says of a flag: who, what, where.
fn said_row(analysis: &Analysis, flag: &FlagKey, said: &Said) -> Vec<String> {
    use crate::assumption::NeedCertainty;
    let what = match &said.what {
        Saying::Ships(default) => format!("ships it, default {default}"),
        Saying::Flips(to, Flip::Phase(number)) => format!("turns it {to} in phase {number}"),
        Saying::Flips(to, Flip::WithPrd(other)) if *other == said.prd.0 => format!("turns it {to} itself"),
        Saying::Flips(to, Flip::WithPrd(other)) => format!("turns it {to} with {other}"),
        Saying::Flips(to, Flip::Part(part)) => format!("turns it {to} only {}", short(&part.words)),
        Saying::Flips(to, Flip::Later(words)) => format!("turns it {to} later (\"{}\")", short(words)),
        Saying::Assumes {
            needs,
            supply,
            certainty,
        } => {
            let may = if *certainty == NeedCertainty::Possible {
                "may assume"
            } else {
                "assumes"
            };
            format!(
                "{may} {needs}: {}",
                supplied(analysis, &said.prd, flag, *needs, *supply)
            )
        }
        Saying::Stubs(FlagValue::Unknown) => "its tests set it themselves".to_owned(),
        Saying::Stubs(value) => format!("its tests set it {value}"),
        Saying::States {
            value,
            by_default: true,
        } => format!("says it is {value} by default"),
        Saying::States { value, .. } => format!("says it is {value}"),
    };
    let place = said.span.map_or(String::new(), |span| at(analysis, span));
    vec![said.prd.0.clone(), what, place]
}

/// Who supplies a PRD with the state that it needs.
fn supplied(analysis: &Analysis, prd: &PrdId, flag: &FlagKey, needs: FlagValue, supply: Supply) -> String {
    let words = match supply {
        Supply::Stub => "its tests set it",
        Supply::Ambient => "so by default",
        Supply::State => "so as recorded",
        Supply::Flip => "it turns it so itself",
        Supply::Nobody => match analysis.plan.made_before(prd, flag, needs) {
            Some(made) => return format!("PRD {} turns it {needs} before", made.prd),
            None => "nobody supplies it",
        },
    };
    words.to_owned()
}

/// `1 file`, `2 files`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    let plural = match (count, noun.strip_suffix('y')) {
        (1, _) => return format!("1 {noun}"),
        (_, Some(stem)) if !noun.ends_with("ay") => format!("{stem}ies"),
        _ if ["ch", "sh", "s", "x"].iter().any(|end| noun.ends_with(end)) => format!("{noun}es"),
        _ => format!("{noun}s"),
    };
    format!("{count} {plural}")
}

/// Rows with columns aligned by two spaces; the last column is left as it is.
#[must_use]
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::from("  ");
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.chars().count() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_nothing_trails() {
        let rows = [
            vec!["a".to_owned(), "b".to_owned()],
            vec!["long".to_owned(), String::new()],
        ];
        assert_eq!(table(&rows), "  a     b\n  long\n");
    }

    #[test]
    fn nouns_are_counted() {
        assert_eq!(
            (counted(1, "file"), counted(2, "query"), counted(0, "day")),
            ("1 file".into(), "2 queries".into(), "0 days".into())
        );
        assert_eq!(counted(0, "branch"), "0 branches");
    }
}
