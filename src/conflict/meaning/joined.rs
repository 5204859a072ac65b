//! The text that a merge of two changes of one file makes. Enters: what both had, what each has, the runs of lines that each changed. Leaves: the merged
//! text; nothing where both changed the same lines to something else.

use crate::conflict::LineRange;

/// Runs of lines, as they were and as they are.
type Hunks<'h> = &'h [(LineRange, LineRange)];

/// Both changes put into one text.
pub(super) fn joined(base: &str, sides: [&str; 2], hunks: [Hunks<'_>; 2]) -> Option<String> {
    let [before, ours, theirs] = [base, sides[0], sides[1]].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let after = [ours, theirs];
    let mut all: Vec<(LineRange, &[&str])> = Vec::new();
    for (which, hunks) in hunks.iter().enumerate() {
        for (old, new) in *hunks {
            all.push((*old, slice(&after[which], *new)?));
        }
    }
    all.sort_by_key(|(old, _)| (old.start, old.count));
    // The same change on both sides is one.
    all.dedup();
    let (mut text, mut next) = (String::with_capacity(base.len() + base.len() / 8), 1);
    for (at, (old, new)) in all.iter().enumerate() {
        let meets = |other: &(LineRange, &[&str])| other.0.start == old.start || other.0.start < old.start + old.count;
        if old.start < next || all.get(at + 1).is_some_and(meets) {
            return None;
        }
        let kept = LineRange {
            start: next,
            count: old.start - next,
        };
        for part in [slice(&before, kept)?, new] {
            for line in part {
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
                text.push_str(line);
            }
        }
        next = old.start + old.count;
    }
    let rest = before.get(next.saturating_sub(1) as usize..).unwrap_or_default();
    rest.iter().for_each(|line| text.push_str(line));
    Some(text)
}

fn slice<'a, 't>(lines: &'a [&'t str], range: LineRange) -> Option<&'a [&'t str]> {
    let from = range.start.saturating_sub(1) as usize;
    lines.get(from..from + range.count as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conflict::changed_hunks;

    fn merged(base: &str, ours: &str, theirs: &str) -> Option<String> {
        let hunks = [ours, theirs].map(|side| changed_hunks(base.as_bytes(), side.as_bytes()));
        joined(base, [ours, theirs], [&hunks[0], &hunks[1]])
    }

    #[test]
    fn both_changes_are_in_it() {
        let base = "a\nb\nc\nd\ne\n";
        assert_eq!(
            merged(base, "x\na\nb\nc\nd\ne\n", "a\nb\nc\ne\ny\n").as_deref(),
            Some("x\na\nb\nc\ne\ny\n")
        );
        assert_eq!(
            merged(base, "a\nB\nc\nd\ne\n", "a\nB\nc\nd\ne\nf").as_deref(),
            Some("a\nB\nc\nd\ne\nf")
        );
        assert_eq!(merged(base, "a\nB\nc\nd\ne\n", "a\nX\nc\nd\ne\n"), None);
        assert_eq!(merged("", "a\n", "b\n"), None);
    }
}
