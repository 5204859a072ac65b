//! Which of very many names are near a word. Enters: the names, each with the part of it that is compared. Leaves: those within a
//! distance, or the most alike. The answers are those of comparing with every name; a name is compared only if the letters that it
//! has allow it to be near, so that thousands of words against thousands of names take moments.

use std::collections::BTreeMap;

/// Names whose compared words agree in what [`Letters`] says: what one of them cannot be, none can.
type Alike = Vec<(String, String)>;

/// Names to be compared with, in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct Near {
    groups: BTreeMap<Letters, Alike>,
}

/// What can be known of a word without comparing it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Letters {
    first: Option<char>,
    /// In characters.
    length: usize,
    /// A bit for each letter that is there; several letters may share a bit.
    set: u64,
}

impl Letters {
    fn of(word: &str) -> Self {
        let set = word.chars().fold(0, |set, letter| set | 1 << (letter as u32 % 64));
        Self {
            first: word.chars().next(),
            length: word.chars().count(),
            set,
        }
    }

    /// At least so many characters of this word have no partner in the other.
    fn without_partner(self, other: Self) -> usize {
        (self.set & !other.set).count_ones() as usize
    }

    /// No two words with these letters are more alike (Jaro-Winkler) than this.
    fn most_alike(self, other: Self) -> f64 {
        let mine = self.length.saturating_sub(self.without_partner(other));
        let its = other.length.saturating_sub(other.without_partner(self));
        let matches = mine.min(its) as f64;
        if matches == 0.0 {
            // Two empty words are alike.
            return if self.length == other.length { 1.0 } else { 0.0 };
        }
        let jaro = (matches / self.length as f64 + matches / other.length as f64 + 1.0) / 3.0;
        let prefix = if self.first == other.first { 0.4 } else { 0.0 };
        // A hair above, for what is lost in rounding.
        jaro + prefix * (1.0 - jaro) + 1e-9
    }
}

impl Near {
    /// From pairs of the word that is compared and the name that it stands for.
    pub(super) fn new<'n>(names: impl IntoIterator<Item = (&'n str, &'n str)>) -> Self {
        let mut near = Self::default();
        for (word, name) in names {
            let word = word.to_lowercase();
            let group = near.groups.entry(Letters::of(&word)).or_default();
            group.push((word, name.to_owned()));
        }
        near
    }

    /// The names whose words differ from `word` (in lower case) by one to `most` letters, in no order.
    pub(super) fn within<'n>(&'n self, word: &'n str, most: usize) -> impl Iterator<Item = &'n str> {
        let letters = Letters::of(word);
        let possible = self.groups.iter().filter(move |(group, _)| {
            letters.length.abs_diff(group.length) <= most
                && letters.without_partner(**group) <= most
                && group.without_partner(letters) <= most
        });
        let close = move |candidate: &str| {
            candidate.len().abs_diff(word.len()) <= most
                && candidate != word
                && strsim::osa_distance(candidate, word) <= most
        };
        possible
            .flat_map(|(_, names)| names)
            .filter(move |(candidate, _)| close(candidate))
            .map(|(_, name)| name.as_str())
    }

    /// The `count` names most alike to `word` (in lower case), at least `least` (Jaro-Winkler): the most alike first, of equals the first
    /// by name.
    pub(super) fn most_alike(&self, word: &str, count: usize, least: f64) -> Vec<&str> {
        let letters = Letters::of(word);
        let mut groups: Vec<(f64, &Alike)> = self
            .groups
            .iter()
            .map(|(group, names)| (letters.most_alike(*group), names))
            .filter(|(bound, _)| *bound >= least)
            .collect();
        // The most promising first: once enough are found, the rest need not be looked at.
        groups.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut best: Vec<(f64, &str)> = Vec::new();
        for (bound, names) in groups {
            let full = best.len() == count;
            if full && best.last().is_some_and(|(score, _)| bound < *score) {
                break;
            }
            for (candidate, name) in names {
                let score = strsim::jaro_winkler(word, candidate);
                if score >= least {
                    enter(&mut best, (score, name), count);
                }
            }
        }
        best.into_iter().map(|(_, name)| name).collect()
    }
}

/// Puts a name where it belongs among the best, each once.
fn enter<'n>(best: &mut Vec<(f64, &'n str)>, new: (f64, &'n str), count: usize) {
    if let Some(same) = best.iter().position(|(_, name)| *name == new.1) {
        if best[same].0 >= new.0 {
            return;
        }
        best.remove(same);
    }
    let at = best.partition_point(|one| one.0.total_cmp(&new.0).reverse().then(one.1.cmp(new.1)).is_lt());
    best.insert(at, new);
    best.truncate(count);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the index must answer: every name looked at.
    fn all(names: &[String], word: &str, count: usize, least: f64) -> Vec<String> {
        let mut near: Vec<(f64, &String)> = names
            .iter()
            .map(|name| (strsim::jaro_winkler(word, &name.to_lowercase()), name))
            .filter(|(score, _)| *score >= least)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        near.dedup_by(|a, b| a.1 == b.1);
        near.into_iter().take(count).map(|(_, name)| name.clone()).collect()
    }

    proptest! {
        #[test]
        fn what_is_not_compared_is_not_near(
            names in prop::collection::vec("[a-dA-Bé_]{0,9}|quoteVersion[A-C]{0,3}", 0..40),
            word in "[a-dé_]{0,9}|quoteversion[a-c]{0,3}",
            most in 1usize..3,
        ) {
            let near = Near::new(names.iter().map(|name| (name.as_str(), name.as_str())));
            prop_assert_eq!(near.most_alike(&word, 3, 0.84), all(&names, &word, 3, 0.84));
            let mut within: Vec<&str> = near.within(&word, most).collect();
            within.sort_unstable();
            let mut expected: Vec<&str> = names
                .iter()
                .filter(|name| {
                    let lower = name.to_lowercase();
                    lower.len().abs_diff(word.len()) <= most && lower != word && strsim::osa_distance(&lower, &word) <= most
                })
                .map(String::as_str)
                .collect();
            expected.sort_unstable();
            prop_assert_eq!(within, expected);
        }
    }
}
