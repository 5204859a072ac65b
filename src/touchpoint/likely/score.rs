//! From evidence to a score. Enters: what each kind of evidence tells of each file. Leaves: the files in order, each with an
//! estimate of the share of such files that really change.
//!
//! A file's sum is `Σ weight · told / best` over the kinds, `best` being what the kind tells of its best file: their scales have nothing in common.
//! The weights, and the curve that makes a share of a sum, were fitted on commits of eight repositories, and the kinds are those that help
//! where the other seven have taught (`docs/accuracy.md` says how much, and how it fares elsewhere).

/// What is told of each file, by file number.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Evidence {
    /// The document's words in text and path.
    pub(super) text: Vec<f64>,
    /// The document's words in the path.
    pub(super) path: Vec<f64>,
    /// Past commits whose messages are like the document.
    pub(super) history: Vec<f64>,
    /// The same, the recent ones above all.
    pub(super) recent: Vec<f64>,
    /// Paths that the document writes, and names that it writes and the file defines.
    pub(super) declared: Vec<f64>,
    /// Names that the document writes and the file has.
    pub(super) names: Vec<f64>,
    /// Two of its words beside each other in one identifier.
    pub(super) pairs: Vec<f64>,
    /// The share of the file's name that the document says.
    pub(super) called: Vec<f64>,
    /// Changed in the past together with the files of which the other kinds tell most.
    pub(super) companions: Vec<f64>,
}

/// What a kind of evidence counts, in the order of [`Evidence`].
const WEIGHTS: [f64; 9] = [1.5, 0.35, 0.55, 0.65, 0.7, 0.7, 1.2, 0.45, 1.1];
/// The curve: a constant, the logarithm of a file's sum measured against the most that a sum can be, the sum measured against the first
/// file's, the logarithm of the rank, and how far the document both writes the file's path or what it defines and names that it has.
const CURVE: [f64; 5] = [0.28, 1.56, 1.09, -0.57, 0.5];
/// So many files are asked for their companions.
const SEEDS: usize = 15;

/// One file in its place.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Ranked {
    /// Its number.
    pub(super) file: u32,
    /// The estimated share of such files that change.
    pub(super) score: f64,
}

impl Evidence {
    fn kinds(&self) -> [&Vec<f64>; 9] {
        [
            &self.text,
            &self.path,
            &self.history,
            &self.recent,
            &self.declared,
            &self.names,
            &self.pairs,
            &self.called,
            &self.companions,
        ]
    }

    /// The files of which most is told, each with what it counts: the third power of its share of the first one's sum.
    pub(super) fn seeds(&self) -> Vec<(u32, f64)> {
        let sums = self.sums();
        let order = order(&sums, SEEDS, |_| true);
        let first = order.first().map_or(1.0, |file| sums[*file as usize]);
        let worth = |file: u32| (sums[file as usize] / first).powi(3);
        order.into_iter().map(|file| (file, worth(file))).collect()
    }

    /// The best `most` files, best first; of equals the first by number.
    pub(super) fn ranked(&self, most: usize, is_meant: impl Fn(u32) -> bool) -> Vec<Ranked> {
        let sums = self.sums();
        let order = order(&sums, most, is_meant);
        let first = order.first().map_or(1.0, |file| sums[*file as usize]);
        let whole: f64 = WEIGHTS.iter().sum();
        let (declared, names) = (best(&self.declared).max(1e-9), best(&self.names).max(1e-9));
        let share = |(rank, file): (usize, u32)| {
            let at = file as usize;
            let written = self.declared[at] / declared * self.names[at] / names;
            let told = [
                1.0,
                (sums[at] / whole).ln(),
                sums[at] / first,
                (1.0 + rank as f64).ln(),
                written,
            ];
            let told: f64 = told.iter().zip(CURVE).map(|(told, weight)| told * weight).sum();
            Ranked {
                file,
                score: 1.0 / (1.0 + (-told).exp()),
            }
        };
        let mut ranked: Vec<Ranked> = order.into_iter().enumerate().map(share).collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
        ranked
    }

    fn sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.text.len()];
        for (kind, weight) in self.kinds().into_iter().zip(WEIGHTS) {
            let best = best(kind);
            if best > 0.0 {
                for (sum, told) in sums.iter_mut().zip(kind) {
                    *sum += weight * told / best;
                }
            }
        }
        sums
    }
}

/// What a kind tells of its best file.
fn best(kind: &[f64]) -> f64 {
    kind.iter().copied().fold(0.0, f64::max)
}

/// The best `most` files, best first; of equals the first by number.
fn order(sums: &[f64], most: usize, is_meant: impl Fn(u32) -> bool) -> Vec<u32> {
    let told = (0..).zip(sums).filter(|(file, sum)| **sum > 0.0 && is_meant(*file));
    let mut order: Vec<u32> = told.map(|(file, _)| file).collect();
    order.sort_by(|a, b| sums[*b as usize].total_cmp(&sums[*a as usize]).then(a.cmp(b)));
    order.truncate(most);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(text: [f64; 4], history: [f64; 4]) -> Evidence {
        let none = vec![0.0; 4];
        Evidence {
            text: text.into(),
            history: history.into(),
            path: none.clone(),
            recent: none.clone(),
            declared: none.clone(),
            names: none.clone(),
            pairs: none.clone(),
            called: none.clone(),
            companions: none,
        }
    }

    #[test]
    fn what_two_kinds_tell_stands_before_what_one_tells() {
        let ranked = evidence([9.0, 10.0, 0.0, 0.0], [2.0, 0.0, 0.0, 2.0]).ranked(10, |_| true);
        let files: Vec<u32> = ranked.iter().map(|ranked| ranked.file).collect();
        assert_eq!(files, [0, 1, 3], "nothing is told of 2; of equals the first by path");
        assert!(ranked.is_sorted_by(|a, b| a.score > b.score));
    }

    #[test]
    fn what_a_document_writes_and_a_file_has_weighs_more_than_likeness() {
        let mut written = evidence([9.0, 10.0, 0.0, 0.0], [0.0; 4]);
        let before = written.ranked(2, |_| true);
        written.declared[0] = 1.0;
        written.names[0] = 3.0;
        let after = written.ranked(2, |_| true);
        assert_eq!([before[0].file, after[0].file], [1, 0]);
        assert!(after[0].score > before[0].score, "{before:?} {after:?}");
    }

    #[test]
    fn what_is_spared_takes_no_place() {
        let ranked = evidence([9.0, 10.0, 1.0, 0.0], [0.0; 4]).ranked(2, |file| file != 1);
        let files: Vec<u32> = ranked.iter().map(|ranked| ranked.file).collect();
        assert_eq!(files, [0, 2]);
    }

    #[test]
    fn weak_evidence_has_a_low_score() {
        // The words of the path alone, which is what a thin document gives.
        let ranked = evidence([1.0, 1.0, 1.0, 1.0], [0.0; 4]).ranked(10, |_| true);
        assert!(ranked.iter().all(|ranked| ranked.score < 0.4), "{ranked:?}");
    }
}
