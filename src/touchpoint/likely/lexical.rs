//! How well words fit texts. Enters: how often each term stands in each text, and how long the texts are. Leaves: BM25 scores
//! (S. Robertson, H. Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond, 2009, section 3.3; the idf is Lucene's, which
//! is never negative). It is written out here because three kinds of terms share one set of texts and the terms of a query weigh
//! differently.

/// How soon further occurrences of a term stop counting.
const K1: f64 = 1.2;
/// How far a long text has to say a term more often.
const B: f64 = 0.75;

/// Texts, numbered from 0, with the terms that stand in them.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Field {
    /// For each text what its length adds to the denominator.
    norms: Vec<f64>,
    /// For each term the texts that have it, ascending, with how often.
    postings: Vec<Vec<(u32, f64)>>,
}

impl Field {
    /// Texts of these lengths, in which `terms` different terms are looked for.
    pub(super) fn new(lengths: &[f64], terms: usize) -> Self {
        let mean = (lengths.iter().sum::<f64>() / lengths.len().max(1) as f64).max(1.0);
        Self {
            norms: lengths
                .iter()
                .map(|length| K1 * (1.0 - B + B * length / mean))
                .collect(),
            postings: vec![Vec::new(); terms],
        }
    }

    /// `term` stands `times` in `text`; texts come in ascending order.
    pub(super) fn add(&mut self, text: u32, term: u32, times: f64) {
        let texts = &mut self.postings[term as usize];
        match texts.last_mut().filter(|(last, _)| *last == text) {
            Some((_, before)) => *before += times,
            None => texts.push((text, times)),
        }
    }

    /// These terms stand so often in `text`, each occurrence counting `worth`.
    pub(super) fn add_all(&mut self, text: u32, terms: &[(u32, u32)], worth: f64) {
        for (term, times) in terms {
            self.add(text, *term, worth * f64::from(*times));
        }
    }

    /// How many texts have the term.
    pub(super) fn texts_with(&self, term: u32) -> usize {
        self.postings[term as usize].len()
    }

    /// What a term is worth: the rarer, the more.
    fn worth(&self, term: u32) -> f64 {
        let with = self.texts_with(term) as f64;
        (1.0 + (self.norms.len() as f64 - with + 0.5) / (with + 0.5)).ln()
    }

    fn gain(&self, worth: f64, (text, times): (u32, f64)) -> f64 {
        worth * times * (K1 + 1.0) / (times + self.norms[text as usize])
    }

    /// Adds to `scores` what `term` tells of each text.
    pub(super) fn score(&self, term: u32, weight: f64, scores: &mut [f64]) {
        let worth = weight * self.worth(term);
        for &posting in &self.postings[term as usize] {
            scores[posting.0 as usize] += self.gain(worth, posting);
        }
    }

    /// What `term` tells of one text.
    pub(super) fn score_of(&self, term: u32, weight: f64, text: u32) -> f64 {
        let texts = &self.postings[term as usize];
        let at = texts.binary_search_by_key(&text, |(text, _)| *text);
        at.map_or(0.0, |at| self.gain(weight * self.worth(term), texts[at]))
    }

    /// Adds to `scores` what a term is worth, wherever it stands at all.
    pub(super) fn presence(&self, term: u32, scores: &mut [f64]) {
        let worth = self.worth(term);
        for (text, _) in &self.postings[term as usize] {
            scores[*text as usize] += worth;
        }
    }

    /// The texts that have the term.
    pub(super) fn texts(&self, term: u32) -> impl Iterator<Item = u32> + '_ {
        self.postings[term as usize].iter().map(|(text, _)| *text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field() -> Field {
        let mut field = Field::new(&[100.0, 100.0, 400.0, 100.0], 2);
        for (text, term, times) in [(0, 0, 1.0), (1, 0, 3.0), (2, 0, 1.0), (0, 1, 1.0)] {
            field.add(text, term, times);
        }
        field
    }

    #[test]
    fn more_is_better_and_longer_is_worse() {
        let mut scores = [0.0; 4];
        field().score(0, 1.0, &mut scores);
        assert!(scores[1] > scores[0] && scores[0] > scores[2] && scores[2] > 0.0);
        assert_eq!(scores[3].to_bits(), 0.0_f64.to_bits());
        assert!(
            scores[1] < 3.0 * scores[0],
            "three times as often is not three times as good"
        );
    }

    #[test]
    fn a_rare_term_is_worth_more() {
        let field = field();
        assert!(field.score_of(1, 1.0, 0) > field.score_of(0, 1.0, 0));
        assert_eq!(field.score_of(1, 1.0, 3).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn no_text_at_all_is_no_fault() {
        let mut scores: [f64; 0] = [];
        Field::new(&[], 1).score(0, 1.0, &mut scores);
        Field::new(&[], 1).presence(0, &mut scores);
    }
}
