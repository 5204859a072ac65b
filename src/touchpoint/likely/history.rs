//! The repository's own history as a teacher. Enters: the messages of past commits and the files that they changed. Leaves: votes for
//! files, by the commits whose messages are most like the document, and which files change together.

use std::collections::{BTreeMap, HashMap};

use super::corpus::{Bag, Corpus, Stems, Vocabulary};
use super::lexical::Field;
use crate::source::RepoPath;

/// So many commits have a vote.
const VOTERS: usize = 50;
/// A commit that changed more files than this tells of none of them.
const MOST_FILES: usize = 500;
/// Files of a commit that changed more of the corpus than this do not belong together.
const MOST_TOGETHER: usize = 40;
/// A commit counts half among the recent ones that has so many after it.
const AGE: f64 = 300.0;
/// So many commits are supposed to have changed either of two files alone.
const DOUBT: f64 = 2.0;
/// A name that more files have tells of none of them where it was moved to.
const MOST_NAMESAKES: usize = 50;

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
    /// For each commit the files of the corpus that it changed, ascending.
    files: Vec<Vec<u32>>,
    /// For each file of the corpus the commits that changed it with few others.
    commits: Vec<Vec<u32>>,
}

/// What commits say whose messages are like a document.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Votes {
    /// For each file what the likest say.
    pub(super) all: Vec<f64>,
    /// The same where what is long ago counts less: work goes on where it was yesterday.
    pub(super) recent: Vec<f64>,
}

impl Past {
    /// Reads `history`.
    pub(super) fn new(history: &History, corpus: &Corpus<'_>, vocabulary: &Vocabulary) -> Self {
        let mut stems = Stems::default();
        let mut moved = Moved::new(corpus);
        let telling = history.commits.iter().filter(|commit| commit.files.len() <= MOST_FILES);
        let read: Vec<(Bag, Bag, Vec<u32>)> = telling
            .map(|commit| {
                let subject = commit.message.lines().next().unwrap_or("");
                let mut read = |text| Bag::read(text, vocabulary, &mut stems);
                let (message, subject) = (read(&commit.message), read(subject));
                let mut files: Vec<u32> = commit.files.iter().filter_map(|path| moved.now(path)).collect();
                files.sort_unstable();
                files.dedup();
                (message, subject, files)
            })
            .collect();
        let lengths: Vec<f64> = read.iter().map(|(message, ..)| message.length).collect();
        let mut messages = Field::new(&lengths, vocabulary.words());
        let mut commits = vec![Vec::new(); corpus.paths.len()];
        for (number, (message, subject, files)) in (0..).zip(&read) {
            // What the subject says is said twice.
            messages.add_all(number, &message.words, 1.0);
            messages.add_all(number, &subject.words, 1.0);
            for file in files.iter().filter(|_| files.len() <= MOST_TOGETHER) {
                commits[*file as usize].push(number);
            }
        }
        Self {
            messages,
            files: read.into_iter().map(|(.., files)| files).collect(),
            commits,
        }
    }

    /// For each file what the commits say that are most like a document of these words.
    pub(super) fn votes(&self, words: &[(u32, f64)]) -> Votes {
        let mut likeness = vec![0.0; self.files.len()];
        for (word, weight) in words {
            self.messages.score(*word, *weight, &mut likeness);
        }
        let recent: Vec<f64> = (0..likeness.len())
            .map(|age| likeness[age] / (1.0 + age as f64 / AGE))
            .collect();
        Votes {
            all: self.count(&likeness, |share| share),
            recent: self.count(&recent, |share| share * share),
        }
    }

    fn count(&self, likeness: &[f64], worth: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut order: Vec<usize> = (0..likeness.len()).filter(|at| likeness[*at] > 0.0).collect();
        order.sort_by(|a, b| likeness[*b].total_cmp(&likeness[*a]).then(a.cmp(b)));
        let most = order.first().map_or(1.0, |best| likeness[*best]);
        let mut votes = vec![0.0; self.commits.len()];
        for commit in order.into_iter().take(VOTERS) {
            let changed = &self.files[commit];
            for file in changed {
                votes[*file as usize] += worth(likeness[commit] / most) / (2.0 + changed.len() as f64).ln();
            }
        }
        votes
    }

    /// For each file how often it changed together with `seeds`, files with what each counts: the cosine of their commits, those that
    /// changed few files counting more.
    pub(super) fn companions(&self, seeds: &[(u32, f64)]) -> Vec<f64> {
        let mut told = vec![0.0; self.commits.len()];
        let mut together: BTreeMap<u32, f64> = BTreeMap::new();
        for (seed, worth) in seeds {
            together.clear();
            for commit in &self.commits[*seed as usize] {
                let files = &self.files[*commit as usize];
                for file in files.iter().filter(|file| *file != seed) {
                    *together.entry(*file).or_default() += 1.0 / (1.0 + files.len() as f64).ln();
                }
            }
            let often = |file: u32| self.commits[file as usize].len() as f64 + DOUBT;
            for (file, times) in &together {
                told[*file as usize] += worth * times / (often(*seed) * often(*file)).sqrt();
            }
        }
        told
    }
}

/// Where files lie now that commits of the past changed elsewhere.
struct Moved<'a> {
    corpus: &'a Corpus<'a>,
    by_name: HashMap<&'a str, Vec<u32>>,
    known: HashMap<RepoPath, Option<u32>>,
}

impl<'a> Moved<'a> {
    fn new(corpus: &'a Corpus<'a>) -> Self {
        let mut by_name: HashMap<&str, Vec<u32>> = HashMap::new();
        for (file, path) in (0..).zip(&corpus.paths) {
            by_name.entry(path.file_name()).or_default().push(file);
        }
        Self {
            corpus,
            by_name,
            known: HashMap::new(),
        }
    }

    /// The file at this path, and where there is none, the one of its name that lies in folders of the same names, counted from below;
    /// none if two do equally.
    fn now(&mut self, path: &RepoPath) -> Option<u32> {
        if let Some(file) = self.corpus.number(path) {
            return Some(file);
        }
        if let Some(known) = self.known.get(path) {
            return *known;
        }
        let same = self
            .by_name
            .get(path.file_name())
            .filter(|same| same.len() <= MOST_NAMESAKES);
        let near = |file: u32| {
            let both = self.corpus.paths[file as usize]
                .as_str()
                .rsplit('/')
                .zip(path.as_str().rsplit('/'));
            both.take_while(|(a, b)| a == b).count()
        };
        let mut near: Vec<(usize, u32)> = same.into_iter().flatten().map(|file| (near(*file), *file)).collect();
        near.sort_unstable_by(|a, b| b.cmp(a));
        let found = match near[..] {
            [(_, file)] => Some(file),
            [(first, file), (second, _), ..] if first > second => Some(file),
            _ => None,
        };
        self.known.insert(path.clone(), found);
        found
    }
}
