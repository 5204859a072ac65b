//! From evidence to a score. Enters: what each kind of evidence tells of each file. Leaves: the files in order, each with an
//! estimate of the share of such files that really change.
//!
//! Each kind is measured against its best file, because their scales have nothing in common; the weights, and the curve that makes a
//! share of a sum, were fitted on commits of four repositories; the curve was lowered afterwards (`docs/accuracy.md` says by what, and how it fares).

/// What is told of each file, by file number.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Evidence {
    /// The document's words in text and path.
    pub(super) text: Vec<f64>,
    /// The document's words in the path.
    pub(super) path: Vec<f64>,
    /// Past commits whose messages are like the document.
    pub(super) history: Vec<f64>,
    /// Paths that the document writes, and names that it writes and the file defines.
    pub(super) declared: Vec<f64>,
    /// Names that the document writes and the file has.
    pub(super) names: Vec<f64>,
    /// Two of its words beside each other in one identifier.
    pub(super) pairs: Vec<f64>,
}

/// What a kind of evidence counts, in the order of [`Evidence`].
const WEIGHTS: [f64; 6] = [1.0, 1.0, 1.0, 0.4, 0.6, 0.4];
/// The curve: a constant, what the sum of a file tells, what the sum measured against the first file's tells, and the rank's logarithm.
const CURVE: [f64; 4] = [-4.25, 5.0, 1.33, -0.4];

/// One file in its place.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Ranked {
    /// Its number.
    pub(super) file: u32,
    /// The estimated share of such files that change.
    pub(super) score: f64,
}

impl Evidence {
    fn kinds(&self) -> [&Vec<f64>; 6] {
        [
            &self.text,
            &self.path,
            &self.history,
            &self.declared,
            &self.names,
            &self.pairs,
        ]
    }

    /// The best `most` files, best first; of equals the first by number.
    pub(super) fn ranked(&self, most: usize, is_meant: impl Fn(u32) -> bool) -> Vec<Ranked> {
        let sums = self.sums();
        let mut order: Vec<u32> = (0..sums.len() as u32)
            .filter(|file| sums[*file as usize] > 0.0 && is_meant(*file))
            .collect();
        order.sort_by(|a, b| sums[*b as usize].total_cmp(&sums[*a as usize]).then(a.cmp(b)));
        order.truncate(most);
        let first = order.first().map_or(1.0, |file| sums[*file as usize]);
        let whole: f64 = WEIGHTS.iter().sum();
        let share = |(rank, file): (usize, u32)| {
            let sum = sums[file as usize];
            let told = [1.0, sum / whole, sum / first, (1.0 + rank as f64).ln()];
            let told: f64 = told.iter().zip(CURVE).map(|(told, weight)| told * weight).sum();
            Ranked {
                file,
                score: 1.0 / (1.0 + (-told).exp()),
            }
        };
        order.into_iter().enumerate().map(share).collect()
    }

    fn sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.text.len()];
        for (kind, weight) in self.kinds().into_iter().zip(WEIGHTS) {
            let best = kind.iter().copied().fold(0.0, f64::max);
            if best > 0.0 {
                for (sum, told) in sums.iter_mut().zip(kind) {
                    *sum += weight * told / best;
                }
            }
        }
        sums
    }
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
            declared: none.clone(),
            names: none.clone(),
            pairs: none,
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
