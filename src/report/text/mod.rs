//! Text for people, drawn as rustc draws it. Enters: [`Analysis`](crate::analysis::Analysis). Leaves: text, with colour codes that the terminal
//! layer strips where they are not wanted.

mod flags;
mod gate;
mod plan;
mod prds;
mod probe;
mod snippet;

pub use flags::{flag, flags};
pub use gate::gate;
pub use plan::plan;
pub use prds::{prd, prds};
pub use probe::{probe, probe_plan};
pub use snippet::{failure_at, finding};

/// `1 file`, `2 files`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    let plural = match (count, noun.strip_suffix('y')) {
        (1, _) => return format!("1 {noun}"),
        (_, Some(stem)) if !noun.ends_with("ay") => format!("{stem}ies"),
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
    }
}
