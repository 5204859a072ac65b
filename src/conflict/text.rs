//! Three texts merged line by line, in process. Enters: bytes. Leaves: a [`TextMerge`].
//!
//! What either side changed is found as git finds it (`histogram`), and two changes that share or touch a line of the base collide as in its
//! `xdl_merge`: unless both sides made the same of all the lines between (`agreement`). Where git would leave the histogram, two other
//! algorithms have to agree that the changes are apart; what hangs on the algorithm is git's to decide.

use std::ops::Range;

use gix_imara_diff::{Algorithm, Diff, InternedInput};

use super::{agreement, histogram};
use crate::git::LineRange;

/// Git calls a file binary that has a NUL among so many first bytes (`buffer_is_binary` in its `xdiff-interface.c`).
const LOOKED_AT: usize = 8000;

/// Where two sides changed the same lines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Clash {
    /// The lines of one side, one-based.
    pub ours: LineRange,
    /// The lines of the other.
    pub theirs: LineRange,
}

/// What came of a merge of three texts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TextMerge {
    /// Both sides' changes have room.
    Clean,
    /// They collide, at these lines.
    Conflict(Vec<Clash>),
    /// Two that are no texts.
    Binary,
    /// It hangs on how lines are compared.
    Doubt,
}

/// A changed run of lines: what it was, and what it became, zero-based.
pub(super) type Hunk = (Range<u32>, Range<u32>);

/// Merges two changed texts.
#[must_use]
pub fn merge_texts(base: &[u8], ours: &[u8], theirs: &[u8]) -> TextMerge {
    merge_compared(base, [ours, theirs], [&compared(base, ours), &compared(base, theirs)])
}

/// What a text became, as far as a merge asks.
#[derive(Clone, Debug)]
pub(super) enum Compared {
    /// One of the two is no text.
    Binary,
    /// These lines are others.
    Lines(Vec<Hunk>),
    /// Git would compare them otherwise than by histogram.
    Otherwise,
}

/// Compares a text with what it became.
pub(super) fn compared(base: &[u8], changed: &[u8]) -> Compared {
    if is_binary(base) || is_binary(changed) {
        return Compared::Binary;
    }
    as_git(base, changed).map_or(Compared::Otherwise, Compared::Lines)
}

/// Merges two changed texts that were compared with what both were.
pub(super) fn merge_compared(base: &[u8], [ours, theirs]: [&[u8]; 2], sides: [&Compared; 2]) -> TextMerge {
    if sides.iter().any(|side| matches!(side, Compared::Binary)) {
        return TextMerge::Binary;
    }
    let [Compared::Lines(left), Compared::Lines(right)] = sides else {
        let apart = |algorithm| clashes(&hunks(base, ours, algorithm), &hunks(base, theirs, algorithm)).is_empty();
        let both = apart(Algorithm::Histogram) && apart(Algorithm::Myers);
        return if both { TextMerge::Clean } else { TextMerge::Doubt };
    };
    match agreement::is_agreed((left, ours), (right, theirs)) {
        true => TextMerge::Clean,
        false => TextMerge::Conflict(clashes(left, right)),
    }
}

/// The lines of `changed` that `base` has not; one of no lines where some only vanished. None of what is no text.
#[must_use]
pub fn changed_lines(base: &[u8], changed: &[u8]) -> Vec<LineRange> {
    changed_hunks(base, changed)
        .into_iter()
        .map(|(_, after)| after)
        .collect()
}

/// Runs of lines of `base` and what `changed` has in their place. None of what is no text.
#[must_use]
pub fn changed_hunks(base: &[u8], changed: &[u8]) -> Vec<(LineRange, LineRange)> {
    if [base, changed].iter().any(|text| is_binary(text)) {
        return Vec::new();
    }
    let hunks = hunks(base, changed, Algorithm::Histogram);
    hunks
        .iter()
        .map(|(before, after)| (lines(before), lines(after)))
        .collect()
}

fn is_binary(text: &[u8]) -> bool {
    text[..text.len().min(LOOKED_AT)].contains(&0)
}

/// What changed, as git sees it; nothing where git would compare otherwise than by histogram.
fn as_git(base: &[u8], changed: &[u8]) -> Option<Vec<Hunk>> {
    let input = InternedInput::new(base, changed);
    let diff = histogram::diff(&input.before, &input.after, input.interner.num_tokens())?;
    Some(placed(diff, &input))
}

fn hunks(base: &[u8], changed: &[u8], algorithm: Algorithm) -> Vec<Hunk> {
    let input = InternedInput::new(base, changed);
    placed(Diff::compute(algorithm, &input), &input)
}

/// The hunks of a diff. A run of lines that could stand in several places is moved down as far as it goes, as git does it for a merge.
fn placed(mut diff: Diff, input: &InternedInput<&[u8]>) -> Vec<Hunk> {
    diff.postprocess_no_heuristic(input);
    diff.hunks().map(|hunk| (hunk.before, hunk.after)).collect()
}

/// Changed runs that share a line of the base, or between which no line of it is left.
fn clashes(left: &[Hunk], right: &[Hunk]) -> Vec<Clash> {
    let mut found = Vec::new();
    let mut from = 0;
    for (before, after) in left {
        while right.get(from).is_some_and(|(other, _)| other.end < before.start) {
            from += 1;
        }
        let near = right[from..].iter().take_while(|(other, _)| other.start <= before.end);
        found.extend(near.map(|(_, theirs)| Clash {
            ours: lines(after),
            theirs: lines(theirs),
        }));
    }
    found
}

fn lines(range: &Range<u32>) -> LineRange {
    LineRange {
        start: range.start + 1,
        count: range.end - range.start,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[&str]) -> Vec<u8> {
        lines
            .iter()
            .flat_map(|line| [line.as_bytes(), b"\n"].concat())
            .collect()
    }

    #[test]
    fn what_is_apart_is_clean_and_what_touches_is_not() {
        let base = text(&["a", "b", "c", "d", "e"]);
        let first = text(&["A", "b", "c", "d", "e"]);
        let last = text(&["a", "b", "c", "d", "E"]);
        assert_eq!(merge_texts(&base, &first, &last), TextMerge::Clean);
        let second = text(&["a", "B", "c", "d", "e"]);
        let TextMerge::Conflict(clashes) = merge_texts(&base, &first, &second) else {
            panic!("neighbours collide");
        };
        let lines = (clashes[0].ours.start, clashes[0].theirs.start);
        assert_eq!((clashes.len(), lines), (1, (1, 2)));
    }

    #[test]
    fn the_same_change_on_both_sides_is_one() {
        let base = text(&["a", "b", "c"]);
        let ours = text(&["a", "X", "c"]);
        let theirs = text(&["a", "X", "c", "d"]);
        assert_eq!(merge_texts(&base, &ours, &theirs), TextMerge::Clean);
    }

    #[test]
    fn two_new_files_collide_unless_they_are_one() {
        assert!(matches!(merge_texts(b"", b"a\n", b"a\nb\n"), TextMerge::Conflict(_)));
        assert_eq!(merge_texts(b"a\0", b"b\0", b"c\0"), TextMerge::Binary);
    }

    #[test]
    fn lines_that_repeat_are_paired_as_git_pairs_them() {
        // The library's own histogram and Myers' algorithm both find room for both sides.
        let texts = [&["e", "b", "e", "e"][..], &["e", "e", "e"], &["e", "b", "e"]].map(text);
        assert!(matches!(
            merge_texts(&texts[0], &texts[1], &texts[2]),
            TextMerge::Conflict(_)
        ));
    }

    #[test]
    fn the_same_lines_made_by_other_changes_are_agreed_upon() {
        let base = text(&["a", "b", "c", "d", "e"]);
        let both = text(&["a", "X", "c", "Y", "e"]);
        assert_eq!(merge_texts(&base, &both, &both), TextMerge::Clean);
        let half = text(&["a", "X", "c", "d", "e"]);
        assert_eq!(merge_texts(&base, &both, &half), TextMerge::Clean);
    }

    #[test]
    fn what_repeats_too_often_is_left_to_git_where_it_meets() {
        let base = "x\n".repeat(80);
        let ours = format!("{}y\n{}", "x\n".repeat(40), "x\n".repeat(40));
        let theirs = format!("{}z\n{}", "x\n".repeat(40), "x\n".repeat(40));
        assert_eq!(
            merge_texts(base.as_bytes(), ours.as_bytes(), theirs.as_bytes()),
            TextMerge::Doubt
        );
    }
}
