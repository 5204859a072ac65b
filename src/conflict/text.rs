//! Three texts merged line by line, in process. Enters: bytes. Leaves: a [`TextMerge`].
//!
//! Where the changes of both sides are apart, no merge is needed. Where they meet, two algorithms of comparison have to agree: git compares by
//! histogram, and its histogram is not line for line the one here; what hangs on the algorithm is git's to decide.

use gix_imara_diff::{Algorithm, Diff, InternedInput};
use gix_merge::blob::Resolution;
use gix_merge::blob::builtin_driver::text::{Conflict, Labels, Merge};

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
type Hunk = (std::ops::Range<u32>, std::ops::Range<u32>);

/// Merges two changed texts.
#[must_use]
pub fn merge_texts(base: &[u8], ours: &[u8], theirs: &[u8]) -> TextMerge {
    if [base, ours, theirs].iter().any(|text| is_binary(text)) {
        return TextMerge::Binary;
    }
    let meet = |algorithm| clashes(&hunks(base, ours, algorithm), &hunks(base, theirs, algorithm));
    let (clashes, others) = (meet(Algorithm::Histogram), meet(Algorithm::Myers));
    if clashes.is_empty() && others.is_empty() {
        return TextMerge::Clean;
    }
    if clashes.is_empty() || others.is_empty() {
        return TextMerge::Doubt;
    }
    let verdicts = [Algorithm::Histogram, Algorithm::Myers].map(|algorithm| collides(base, ours, theirs, algorithm));
    match verdicts {
        [true, true] => TextMerge::Conflict(clashes),
        [false, false] => TextMerge::Clean,
        _ => TextMerge::Doubt,
    }
}

/// The lines of `changed` that `base` has not; one of no lines where some only vanished. None of what is no text.
#[must_use]
pub fn changed_lines(base: &[u8], changed: &[u8]) -> Vec<LineRange> {
    if [base, changed].iter().any(|text| is_binary(text)) {
        return Vec::new();
    }
    let hunks = hunks(base, changed, Algorithm::Histogram);
    hunks.iter().map(|(_, after)| lines(after)).collect()
}

fn is_binary(text: &[u8]) -> bool {
    text[..text.len().min(LOOKED_AT)].contains(&0)
}

fn collides(base: &[u8], ours: &[u8], theirs: &[u8], algorithm: Algorithm) -> bool {
    let mut input = InternedInput::default();
    let merge = Merge::new(&mut input, ours, base, theirs, algorithm);
    merge.run(&mut Vec::new(), Labels::default(), Conflict::default()) == Resolution::Conflict
}

/// What changed. A run of lines that could stand in several places is moved down as far as it goes, as git does it for a merge.
fn hunks(base: &[u8], changed: &[u8], algorithm: Algorithm) -> Vec<Hunk> {
    let input = InternedInput::new(base, changed);
    let mut diff = Diff::compute(algorithm, &input);
    diff.postprocess_no_heuristic(&input);
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

fn lines(range: &std::ops::Range<u32>) -> LineRange {
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
}
