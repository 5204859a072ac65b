//! Which of many sides merge cleanly together. Enters: which pairs conflict. Leaves: [`groups`], each without a pair that conflicts: the first as
//! large as it can be, the next of what is left. Asks nobody: whether three collide where no two do is found by who merges them.

use std::collections::BTreeSet;

/// Sides that merge one after the other.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Group {
    /// In the order in which to merge, each with those of the first group that it would collide with.
    pub members: Vec<(usize, Vec<usize>)>,
}

/// A side that collides with several that are merged before it, and with none of them alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Together {
    /// Which.
    pub item: usize,
    /// Those of its group that changed one of the files, too.
    pub with: Vec<usize>,
    /// Where.
    pub files: Vec<String>,
}

/// In which order many sides merge.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Order {
    /// The first is as large as it can be, the next has what is left, and so on.
    pub groups: Vec<Group>,
    /// What no pair shows.
    pub together: Vec<Together>,
}

/// So many steps are spent on looking for the largest group; after that the largest one found so far counts.
const STEPS: u32 = 200_000;

/// The groups of `count` sides, largest first; each in the order in which to merge: who has the fewest conflicts with anybody goes first.
#[must_use]
pub fn groups(count: usize, conflicts: &BTreeSet<(usize, usize)>) -> Vec<Vec<usize>> {
    let mut against: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); count];
    for (a, b) in conflicts.iter().filter(|(a, b)| *a < count && *b < count) {
        against[*a].insert(*b);
        against[*b].insert(*a);
    }
    let mut left: BTreeSet<usize> = (0..count).collect();
    let mut groups = Vec::new();
    while !left.is_empty() {
        let mut group = largest(&left, &against);
        group.sort_by_key(|side| (against[*side].len(), *side));
        left.retain(|side| !group.contains(side));
        groups.push(group);
    }
    groups
}

/// The largest set of `sides` in which nobody is against anybody else.
fn largest(sides: &BTreeSet<usize>, against: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut search = Search {
        against,
        best: Vec::new(),
        steps: 0,
    };
    search.look(Vec::new(), sides.clone());
    search.best
}

struct Search<'a> {
    against: &'a [BTreeSet<usize>],
    best: Vec<usize>,
    steps: u32,
}

impl Search<'_> {
    /// Takes all that are free of conflicts among `open`, then tries the most contested one in and out.
    fn look(&mut self, mut taken: Vec<usize>, mut open: BTreeSet<usize>) {
        self.steps += 1;
        let met = |side: usize, open: &BTreeSet<usize>| self.against[side].intersection(open).count();
        // Who meets at most one other belongs to some largest set.
        while let Some(side) = open.iter().copied().find(|side| met(*side, &open) <= 1) {
            taken.push(side);
            open.remove(&side);
            open.retain(|other| !self.against[side].contains(other));
        }
        if taken.len() + open.len() <= self.best.len() && !self.best.is_empty() {
            return;
        }
        let Some(most) = open
            .iter()
            .copied()
            .max_by_key(|side| (met(*side, &open), std::cmp::Reverse(*side)))
        else {
            self.best = taken;
            return;
        };
        open.remove(&most);
        let without = open.clone();
        // The one that meets the fewest is a good guess where there is no time left to compare.
        let rest: BTreeSet<usize> = open.difference(&self.against[most]).copied().collect();
        let mut with = taken.clone();
        with.push(most);
        self.look(taken, without);
        if self.steps < STEPS {
            self.look(with, rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(count: usize, conflicts: &[(usize, usize)]) -> Vec<Vec<usize>> {
        groups(count, &conflicts.iter().copied().collect())
    }

    #[test]
    fn the_first_group_is_as_large_as_it_can_be() {
        assert_eq!(of(3, &[]), [vec![0, 1, 2]]);
        assert_eq!(of(4, &[(0, 1), (0, 2), (0, 3)]), [vec![1, 2, 3], vec![0]]);
        let ring = of(5, &[(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)]);
        assert_eq!(ring.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(of(0, &[]), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn no_group_has_a_pair_that_conflicts_and_everybody_is_in_one() {
        let conflicts: Vec<(usize, usize)> = (0..40)
            .flat_map(|a| [(a, (a * 7 + 3) % 40), (a, (a * 11 + 5) % 40)])
            .filter(|(a, b)| a != b)
            .collect();
        let groups = of(40, &conflicts);
        for (a, b) in &conflicts {
            assert!(
                !groups.iter().any(|group| group.contains(a) && group.contains(b)),
                "{a} {b}"
            );
        }
        let mut all: Vec<usize> = groups.into_iter().flatten().collect();
        all.sort_unstable();
        assert_eq!(all, (0..40).collect::<Vec<_>>());
    }
}
