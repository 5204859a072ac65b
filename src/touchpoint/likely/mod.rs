//! What a PRD may change too, by its words. Enters: documents, the texts of the source files, the history. Leaves: for each document
//! [`Likely`] touchpoints, *inferred*, with a score and the words that say so. They are a guess: no edge, no exclusion and no finding
//! comes of them, and nothing of the analysis knows them.
//!
//! `words` reads documents, `corpus` files, `called` their names, `history` commits; `lexical` says how well words fit; `score` brings it
//! together.

mod called;
mod corpus;
mod history;
mod lexical;
mod score;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{Certainty, Target, Touchpoint, known};
use crate::prd::{Access, Prd, PrdId};
use crate::source::{RepoPath, Sources, Span, View};

pub use history::{History, PastCommit};

use called::Called;
use corpus::{Corpus, Vocabulary};
use history::Past;
use score::{Evidence, Ranked};
use words::Query;

/// So many files are named for a document.
const MOST: usize = 20;
/// So many places of a document are given for a file.
const PLACES: usize = 3;
/// With fewer words than this that stand anywhere in the code there is nothing to go by.
const FEWEST_WORDS: usize = 4;
/// More documents than this are not asked about at once.
pub const MOST_PRDS: usize = 500;

/// What a path or name that a document writes counts, among what it declares.
mod declared {
    /// The whole path, or its end.
    pub(super) const PATH: f64 = 6.0;
    /// A folder that the file lies in.
    pub(super) const FOLDER: f64 = 0.6;
    /// The file's name, shared among the files of that name.
    pub(super) const FILE_NAME: f64 = 4.0;
    /// The file is called as a name is, but for its ending.
    pub(super) const STEM: f64 = 1.3;
}

/// What a document may change too.
#[derive(Clone, PartialEq, Debug)]
pub enum Likely {
    /// These files, the likeliest first.
    Files(Vec<Touchpoint>),
    /// It says too little to tell.
    TooLittleText,
    /// There are too many documents to ask about all of them.
    NotAsked,
}

impl Likely {
    /// The files that `known`, all touchpoints of all PRDs, does not have for `prd`.
    pub fn beside<'a>(&'a self, prd: &'a PrdId, known: &'a [Touchpoint]) -> impl Iterator<Item = &'a Touchpoint> {
        let files = match self {
            Self::Files(files) => files.as_slice(),
            Self::TooLittleText | Self::NotAsked => &[],
        };
        let own = known.iter().filter(|touch| touch.prd == *prd);
        let targets: BTreeSet<&Target> = own.map(|touch| &touch.target).collect();
        files.iter().filter(move |touch| !targets.contains(&touch.target))
    }

    /// How likely a touchpoint is, 0 to 1. What is declared or seen keeps its own score. Of what is there and only named, the guess knows more:
    /// half of the files and a seventh of the symbols that messages of commits name are really changed (docs/accuracy.md, "What PRDs may
    /// change"). A file that it ranks has the score that it has there, a symbol no more than its file, and what it passes over no more than
    /// the last that it ranks; but a path that is written stays what it is where it is no file that the guess looks at.
    #[must_use]
    pub fn score(&self, touch: &Touchpoint) -> f64 {
        let Self::Files(files) = self else { return touch.score };
        let named = matches!(touch.certainty, Certainty::Mentioned | Certainty::Inferred);
        let (Some(path), true) = (&touch.target.path, named && touch.exists) else {
            return touch.score;
        };
        let file = known::file(path);
        let is_file = touch.target == file;
        match files.iter().find(|likely| likely.target == file) {
            Some(likely) if is_file => likely.score,
            Some(likely) => touch.score.min(likely.score),
            None if is_file && touch.certainty == Certainty::Mentioned => touch.score,
            None => files.last().map_or(touch.score, |last| touch.score.min(last.score)),
        }
    }
}

/// What a guess is made from.
pub struct Ground<'a> {
    /// The tree that the work starts from.
    pub view: &'a View,
    /// Every text.
    pub sources: &'a Sources,
    /// The commits up to there.
    pub history: &'a History,
    /// Which files a plan is about.
    pub source: &'a dyn Fn(&RepoPath, &str) -> Source,
}

/// What a file is to a plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// Code that people wrote, and no test.
    Written,
    /// Code that a program wrote: it changes when what it is made from does, which the history tells, and its words do not.
    Made,
    /// None that is asked about.
    Other,
}

/// What each of `prds` may change, by its words.
#[must_use]
pub fn likely(prds: &[&Prd], ground: &Ground<'_>) -> BTreeMap<PrdId, Likely> {
    let ids = || prds.iter().map(|prd| prd.id.clone());
    if prds.len() > MOST_PRDS {
        return ids().map(|id| (id, Likely::NotAsked)).collect();
    }
    let files: Vec<(&RepoPath, &str)> = ground
        .view
        .files
        .iter()
        .filter_map(|(path, file)| {
            let text = &*ground.sources.file(*file).text;
            match (ground.source)(path, text) {
                Source::Written => Some((path, text)),
                Source::Made => Some((path, "")),
                Source::Other => None,
            }
        })
        .collect();
    let queries: Vec<Query> = prds.iter().map(|prd| Query::new(prd, ground.sources)).collect();
    let vocabulary = Vocabulary::new(&queries);
    let corpus = Corpus::new(&files, &vocabulary);
    let past = Past::new(ground.history, &corpus, &vocabulary);
    let called = Called::new(&corpus.paths, &vocabulary);
    let guess = Guess {
        vocabulary,
        corpus,
        called,
        past,
    };
    let found: Vec<Likely> = prds
        .par_iter()
        .zip(&queries)
        .map(|(prd, query)| guess.at(prd, query))
        .collect();
    ids().zip(found).collect()
}

/// All that was read, ready to be asked.
struct Guess<'a> {
    vocabulary: Vocabulary,
    corpus: Corpus<'a>,
    called: Called,
    past: Past,
}

impl Guess<'_> {
    fn at(&self, prd: &Prd, query: &Query) -> Likely {
        let words: Vec<(u32, f64)> = query
            .words
            .iter()
            .filter_map(|word| Some((self.vocabulary.word(&word.stem)?, word.weight)))
            .collect();
        let known = words.iter().filter(|(word, _)| self.corpus.text.texts_with(*word) > 0);
        if known.count() < FEWEST_WORDS {
            return Likely::TooLittleText;
        }
        let evidence = self.evidence(query, &words);
        let meant = |file: u32| {
            !query
                .spared
                .iter()
                .any(|path| is_at(self.corpus.paths[file as usize], path))
        };
        let ranked = evidence.ranked(MOST, meant);
        let touchpoints = ranked.into_iter().map(|ranked| self.touchpoint(prd, query, ranked));
        Likely::Files(touchpoints.collect())
    }

    fn evidence(&self, query: &Query, words: &[(u32, f64)]) -> Evidence {
        let none = || vec![0.0; self.corpus.paths.len()];
        let (mut text, mut path, mut pairs, mut names) = (none(), none(), none(), none());
        for (word, weight) in words {
            self.corpus.text.score(*word, *weight, &mut text);
            self.corpus.path.score(*word, *weight, &mut path);
        }
        for ((first, second), weight) in &query.pairs {
            if let Some(pair) = self.vocabulary.pair(first, second) {
                self.corpus.pairs.score(pair, *weight, &mut pairs);
            }
        }
        for name in query.names.keys().filter_map(|name| self.vocabulary.name(name)) {
            self.corpus.names.presence(name, &mut names);
        }
        let votes = self.past.votes(words);
        let evidence = Evidence {
            text,
            path,
            history: votes.all,
            recent: votes.recent,
            declared: self.declared(query),
            names,
            pairs,
            called: self.called.said(words),
            companions: none(),
        };
        let companions = self.past.companions(&evidence.seeds());
        Evidence { companions, ..evidence }
    }

    /// What the document writes down itself: paths, file names, names that a file defines.
    fn declared(&self, query: &Query) -> Vec<f64> {
        let count = self.corpus.paths.len();
        let mut told = vec![0.0; count];
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, path) in self.corpus.paths.iter().enumerate() {
            by_name.entry(path.file_name()).or_default().push(at);
            let stem = path.file_name().split('.').next().unwrap_or("");
            if stem.len() > 3 && query.names.contains_key(stem) {
                told[at] += declared::STEM;
            }
        }
        for written in query.paths.keys() {
            if !written.contains('/') {
                let same = by_name.get(&**written).map_or(&[][..], Vec::as_slice);
                for at in same {
                    told[*at] += declared::FILE_NAME / same.len() as f64;
                }
                continue;
            }
            for (at, path) in self.corpus.paths.iter().enumerate() {
                if ends_with(path, written) {
                    told[at] += declared::PATH;
                } else if has_folder(path, written) {
                    told[at] += declared::FOLDER;
                }
            }
        }
        let all = (1.0 + count as f64).ln();
        for name in query.names.keys().filter_map(|name| self.vocabulary.name(name)) {
            let worth = (1.0 + count as f64 / self.corpus.defined.texts_with(name).max(1) as f64).ln() / all;
            for file in self.corpus.defined.texts(name) {
                told[file as usize] += worth;
            }
        }
        told
    }

    fn touchpoint(&self, prd: &Prd, query: &Query, ranked: Ranked) -> Touchpoint {
        let path = self.corpus.paths[ranked.file as usize];
        Touchpoint {
            prd: prd.id.clone(),
            target: known::file(path),
            // The weakest: who counts writers does not count guesses.
            access: Access::Read,
            said: None,
            unsaid: false,
            contract: Vec::new(),
            gone: false,
            certainty: Certainty::Inferred,
            score: ranked.score,
            exists: true,
            because: self.because(prd, query, ranked.file),
        }
    }

    /// The places of the document that point at the file most; its title where none does (its likeness to past commits then does).
    fn because(&self, prd: &Prd, query: &Query, file: u32) -> Vec<Span> {
        let path = self.corpus.paths[file as usize];
        let mut places: Vec<Span> = query
            .paths
            .iter()
            .filter(|(written, _)| is_at(path, written))
            .map(|(_, at)| *at)
            .collect();
        let mut told: Vec<(f64, Span)> = query
            .words
            .iter()
            .filter_map(|word| {
                let number = self.vocabulary.word(&word.stem)?;
                let of = |field: &lexical::Field| field.score_of(number, word.weight, file);
                Some((of(&self.corpus.text) + of(&self.corpus.path), word.at))
            })
            .filter(|(told, _)| *told > 0.0)
            .collect();
        told.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, at) in told {
            if !places.iter().any(|place| place.contains(at)) {
                places.push(at);
            }
        }
        places.truncate(PLACES);
        if places.is_empty() {
            places.push(prd.title_span);
        }
        places
    }
}

/// True if `written` is the path, the end of it, or a folder of it.
fn is_at(path: &RepoPath, written: &str) -> bool {
    ends_with(path, written) || has_folder(path, written)
}

fn ends_with(path: &RepoPath, written: &str) -> bool {
    let before = path.as_str().strip_suffix(written);
    !written.is_empty() && before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn has_folder(path: &RepoPath, folder: &str) -> bool {
    let path = path.as_str();
    !folder.is_empty()
        && path.match_indices(folder).any(|(at, _)| {
            let whole_before = at == 0 || path[..at].ends_with('/');
            whole_before && path[at + folder.len()..].starts_with('/')
        })
}
