//! The repository's own history as a teacher. Enters: the messages of past commits and the files that they changed. Leaves: votes for
//! files, by the commits whose messages are most like the document.

use super::corpus::{Bag, Corpus, Stems, Vocabulary};
use super::lexical::Field;
use crate::source::RepoPath;

/// So many commits have a vote.
const VOTERS: usize = 50;
/// A commit that changed more files than this tells of none of them.
const MOST_FILES: usize = 500;

/// One commit of the past.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PastCommit {
    /// Its whole message.
    pub message: String,
    /// The files that it changed, against its first parent.
    pub files: Vec<RepoPath>,
}

/// The commits before the work that documents plan, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// The commits.
    pub commits: Vec<PastCommit>,
}

/// A history, read for the terms that documents ask for.
#[derive(Debug)]
pub(super) struct Past {
    messages: Field,
    /// For each commit the files of the corpus that it changed.
    files: Vec<Vec<u32>>,
}

impl Past {
    /// Reads `history`.
    pub(super) fn new(history: &History, corpus: &Corpus<'_>, vocabulary: &Vocabulary) -> Self {
        let mut stems = Stems::default();
        let telling = history.commits.iter().filter(|commit| commit.files.len() <= MOST_FILES);
        let commits: Vec<(Bag, Bag, Vec<u32>)> = telling
            .map(|commit| {
                let subject = commit.message.lines().next().unwrap_or("");
                let mut read = |text| Bag::read(text, vocabulary, &mut stems);
                let files = commit.files.iter().filter_map(|path| corpus.number(path));
                (read(&commit.message), read(subject), files.collect())
            })
            .collect();
        let lengths: Vec<f64> = commits.iter().map(|(message, ..)| message.length).collect();
        let mut messages = Field::new(&lengths, vocabulary.words());
        // What the subject says is said twice.
        for (number, (message, subject, _)) in (0..).zip(&commits) {
            messages.add_all(number, &message.words, 1.0);
            messages.add_all(number, &subject.words, 1.0);
        }
        Self {
            messages,
            files: commits.into_iter().map(|(.., files)| files).collect(),
        }
    }

    /// For each file what the commits say that are most like a document of these words.
    pub(super) fn votes(&self, words: &[(u32, f64)], files: usize) -> Vec<f64> {
        let mut likeness = vec![0.0; self.files.len()];
        for (word, weight) in words {
            self.messages.score(*word, *weight, &mut likeness);
        }
        let mut order: Vec<usize> = (0..likeness.len()).filter(|at| likeness[*at] > 0.0).collect();
        order.sort_by(|a, b| likeness[*b].total_cmp(&likeness[*a]).then(a.cmp(b)));
        let most = order.first().map_or(1.0, |best| likeness[*best]);
        let mut votes = vec![0.0; files];
        for commit in order.into_iter().take(VOTERS) {
            let changed = &self.files[commit];
            for file in changed {
                votes[*file as usize] += likeness[commit] / most / (2.0 + changed.len() as f64).ln();
            }
        }
        votes
    }
}
