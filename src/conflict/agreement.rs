//! Whether two sides' changes of one text leave each other room. Enters: the hunks of both, and their texts. Leaves: yes or no, as git's
//! `xdl_merge` decides it when it merges (level zealous).

use std::ops::Range;

use super::text::Hunk;

/// Changes of both sides that hang together: each shares or touches lines of the base with one of the other side.
struct Meeting<'a> {
    ours: &'a [Hunk],
    theirs: &'a [Hunk],
}

/// Whether no two changes collide.
pub(super) fn is_agreed((left, ours): (&[Hunk], &[u8]), (right, theirs): (&[Hunk], &[u8])) -> bool {
    let mut meetings = meetings(left, right).peekable();
    if meetings.peek().is_none() {
        return true;
    }
    let (ours, theirs) = (lines(ours), lines(theirs));
    meetings.all(|meeting| meeting.is_agreed(&ours, &theirs))
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// The meetings; changes that nothing of the other side comes near are none.
fn meetings<'a>(left: &'a [Hunk], right: &'a [Hunk]) -> impl Iterator<Item = Meeting<'a>> {
    let (mut left, mut right) = (left, right);
    std::iter::from_fn(move || {
        loop {
            let (first, second) = (left.first()?, right.first()?);
            let (ours, theirs) = together(left, right, first.0.start.min(second.0.start));
            let (met, rest) = left.split_at(ours);
            let (others, left_over) = right.split_at(theirs);
            (left, right) = (rest, left_over);
            if !met.is_empty() && !others.is_empty() {
                return Some(Meeting {
                    ours: met,
                    theirs: others,
                });
            }
        }
    })
}

/// How many changes of either side hang together, from this line of the base on.
fn together(left: &[Hunk], right: &[Hunk], start: u32) -> (usize, usize) {
    let (mut ours, mut theirs, mut end) = (0, 0, start);
    loop {
        let next = [(left.get(ours), true), (right.get(theirs), false)];
        let next = next.into_iter().find_map(|(hunk, mine)| {
            let reached = hunk.filter(|(base, _)| base.start <= end)?;
            Some((reached.0.end, mine))
        });
        let Some((until, mine)) = next else {
            return (ours, theirs);
        };
        end = end.max(until);
        if mine {
            ours += 1;
        } else {
            theirs += 1;
        }
    }
}

impl Meeting<'_> {
    /// Whether both sides made the same of it: one and the same change, or the same lines, and some, of all that it spans.
    fn is_agreed(&self, ours: &[&[u8]], theirs: &[&[u8]]) -> bool {
        let (Some(left), Some(right)) = (span(self.ours), span(self.theirs)) else {
            return true;
        };
        let whole = left.start.min(right.start)..left.end.max(right.end);
        let mine = became(self.ours, &whole).and_then(|range| ours.get(range));
        let other = became(self.theirs, &whole).and_then(|range| theirs.get(range));
        let one = self.ours.len() == 1 && self.theirs.len() == 1 && left == right;
        mine == other && (one || mine.is_some_and(|lines| !lines.is_empty()))
    }
}

/// The lines of the base from the first change to the last.
fn span(hunks: &[Hunk]) -> Option<Range<u32>> {
    Some(hunks.first()?.0.start..hunks.last()?.0.end)
}

/// The lines of a side that stand where these lines of the base stood.
fn became(hunks: &[Hunk], whole: &Range<u32>) -> Option<Range<usize>> {
    let (first, last) = (hunks.first()?, hunks.last()?);
    let start = first.1.start - (first.0.start - whole.start);
    let end = last.1.end + (whole.end - last.0.end);
    Some(start as usize..end as usize)
}
