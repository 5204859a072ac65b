//! Which lines two texts have in common, as git's histogram finds them. Enters: two sequences of tokens. Leaves: the marks of a [`Diff`].
//!
//! Shawn Pearce's algorithm (JGit's `HistogramDiff`, git's `--diff-algorithm=histogram`, with which git merges): the longest common run that
//! holds the rarest line is common, and what is before and behind it is compared the same way. The library's own histogram first sets aside
//! what both texts begin and end with, and looks for the next occurrence of a line elsewhere than git does, so that it may pick another
//! run; where lines repeat, whether two changes collide hangs on that.

use std::ops::Range;

use gix_imara_diff::{Algorithm, Diff, Token};

/// Lines that occur more often are not looked at; where the two texts have no others in common, git compares them otherwise.
const RAREST: u32 = 64;
/// Comparisons of lines, after which the answer is somebody else's: no text that people write comes near.
const WORK: usize = 20_000_000;

/// The run of lines that is common: where it begins in either text, and how long it is.
#[derive(Clone, Copy, Default)]
struct Run {
    before: usize,
    after: usize,
    len: usize,
}

/// Where each line of a part of the first text stands.
struct Occurrences {
    /// For each token, its first place; one past the end of everything where it has none.
    first: Vec<usize>,
    /// For each place, the next of the same token.
    next: Vec<usize>,
    /// For each token, how often it occurs.
    count: Vec<u32>,
}

/// The lines that vanished and came; nothing where git would leave the histogram, or where the work has no end.
pub(super) fn diff(before: &[Token], after: &[Token], distinct: u32) -> Option<Diff> {
    let mut occurrences = Occurrences::new(before.len(), distinct);
    let mut work = WORK;
    let mut partner = vec![None; before.len()];
    let mut parts = vec![(0..before.len(), 0..after.len())];
    while let Some((left, right)) = parts.pop() {
        if left.is_empty() || right.is_empty() {
            continue;
        }
        let run = occurrences.longest(before, after, &left, &right, &mut work)?;
        if run.len == 0 {
            continue;
        }
        for (n, partner) in partner[run.before..run.before + run.len].iter_mut().enumerate() {
            *partner = Some(run.after + n);
        }
        parts.push((left.start..run.before, right.start..run.after));
        parts.push((run.before + run.len..left.end, run.after + run.len..right.end));
    }
    Some(marked(&partner, after.len()))
}

/// The library's diff of a pairing: of texts whose lines are all different but for the pairs, any algorithm finds just the pairs.
fn marked(partner: &[Option<usize>], after: usize) -> Diff {
    let mut right: Vec<Token> = (0..after).map(token).collect();
    let mut left = Vec::with_capacity(partner.len());
    for (n, partner) in partner.iter().enumerate() {
        let name = token(after + n);
        left.push(name);
        if let Some(other) = partner {
            right[*other] = name;
        }
    }
    let mut diff = Diff::default();
    let distinct = u32::try_from(after + partner.len()).unwrap_or(u32::MAX);
    diff.compute_with(Algorithm::Myers, &left, &right, distinct);
    diff
}

fn token(n: usize) -> Token {
    Token(u32::try_from(n).unwrap_or(u32::MAX))
}

impl Occurrences {
    fn new(places: usize, distinct: u32) -> Self {
        let distinct = distinct as usize;
        Self {
            first: vec![usize::MAX; distinct],
            next: vec![usize::MAX; places],
            count: vec![0; distinct],
        }
    }

    /// The best common run of two parts: the longer, or the one with a rarer line. Nothing where all that is common is too frequent.
    fn longest(
        &mut self,
        before: &[Token],
        after: &[Token],
        left: &Range<usize>,
        right: &Range<usize>,
        work: &mut usize,
    ) -> Option<Run> {
        *work = work.checked_sub(left.len() + right.len())?;
        self.fill(before, left);
        let (mut best, mut rarest, mut common) = (Run::default(), RAREST + 1, false);
        let mut at = right.start;
        while at < right.end {
            let token = after[at].0 as usize;
            let mut resume = at + 1;
            common |= self.count[token] > 0;
            let mut place = if self.count[token] > rarest {
                usize::MAX
            } else {
                self.first[token]
            };
            while place != usize::MAX {
                let (run, count) = self.around(before, after, left, right, (place, at));
                *work = work.checked_sub(run.len)?;
                resume = resume.max(run.after + run.len);
                if run.len > best.len.max(1) || count < rarest {
                    (best, rarest) = (run, count);
                }
                while place != usize::MAX && place < run.before + run.len {
                    place = self.next[place];
                }
            }
            at = resume;
        }
        self.clear(before, left);
        (!common || rarest <= RAREST).then_some(best)
    }

    /// The common run around two equal lines, and how often its rarest line occurs.
    fn around(
        &self,
        before: &[Token],
        after: &[Token],
        left: &Range<usize>,
        right: &Range<usize>,
        (place, at): (usize, usize),
    ) -> (Run, u32) {
        let up = before[left.start..place].iter().rev();
        let up = up.zip(after[right.start..at].iter().rev());
        let up = up.take_while(|(one, other)| one == other).count();
        let down = before[place..left.end].iter().zip(&after[at..right.end]);
        let down = down.take_while(|(one, other)| one == other).count();
        let run = Run {
            before: place - up,
            after: at - up,
            len: up + down,
        };
        let counts = before[run.before..run.before + run.len].iter();
        let rarest = counts.map(|token| self.count[token.0 as usize]).min();
        (run, rarest.unwrap_or(0))
    }

    fn fill(&mut self, before: &[Token], part: &Range<usize>) {
        for place in part.clone().rev() {
            let token = before[place].0 as usize;
            self.next[place] = self.first[token];
            self.first[token] = place;
            self.count[token] += 1;
        }
    }

    fn clear(&mut self, before: &[Token], part: &Range<usize>) {
        for token in &before[part.clone()] {
            self.first[token.0 as usize] = usize::MAX;
            self.count[token.0 as usize] = 0;
        }
    }
}
