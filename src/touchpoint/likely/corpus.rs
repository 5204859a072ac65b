//! The files that may change. Enters: the paths and texts of the source files, the terms that documents ask for. Leaves: [`Corpus`],
//! which says how often each term stands where. Terms that nobody asks for are never kept.

use std::collections::HashMap;

use rayon::prelude::*;

use super::lexical::Field;
use super::words::{Query, identifiers, is_definer, parts};
use crate::prd::prose::stem;
use crate::source::RepoPath;

/// More of a file than this, in bytes, is not read: it is data.
const MOST_TEXT: usize = 200_000;
/// A word of the path counts as much as so many of the text.
const PATH: f64 = 3.0;

/// The terms that documents ask for, numbered.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Vocabulary {
    words: HashMap<Box<str>, u32>,
    pairs: HashMap<(u32, u32), u32>,
    names: HashMap<Box<str>, u32>,
}

impl Vocabulary {
    /// The terms of these documents.
    pub(super) fn new(queries: &[Query]) -> Self {
        let mut all = Self::default();
        for query in queries {
            for word in &query.words {
                number(&mut all.words, &word.stem);
            }
            for name in query.names.keys() {
                number(&mut all.names, name);
            }
        }
        for (first, second) in queries.iter().flat_map(|query| query.pairs.keys()) {
            if let (Some(first), Some(second)) = (all.word(first), all.word(second)) {
                let next = all.pairs.len() as u32;
                all.pairs.entry((first, second)).or_insert(next);
            }
        }
        all
    }

    /// The number of a stem.
    pub(super) fn word(&self, stem: &str) -> Option<u32> {
        self.words.get(stem).copied()
    }

    /// The number of two stems beside each other.
    pub(super) fn pair(&self, first: &str, second: &str) -> Option<u32> {
        self.pairs.get(&(self.word(first)?, self.word(second)?)).copied()
    }

    /// The number of a name.
    pub(super) fn name(&self, name: &str) -> Option<u32> {
        self.names.get(name).copied()
    }

    /// How many stems there are.
    pub(super) fn words(&self) -> usize {
        self.words.len()
    }
}

fn number(terms: &mut HashMap<Box<str>, u32>, term: &str) {
    if !terms.contains_key(term) {
        terms.insert(term.into(), terms.len() as u32);
    }
}

/// Which stem each word is that was met: most words are met again and again.
#[derive(Default)]
pub(super) struct Stems(HashMap<Box<str>, Option<u32>>);

impl Stems {
    fn of(&mut self, word: &str, vocabulary: &Vocabulary) -> Option<u32> {
        match self.0.get(word) {
            Some(known) => *known,
            None => {
                let found = vocabulary.word(&stem(word));
                self.0.insert(word.into(), found);
                found
            }
        }
    }
}

/// The terms of one text, each with how often, ascending.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Bag {
    /// How many words it has, whoever asks for them.
    pub(super) length: f64,
    /// Stems.
    pub(super) words: Vec<(u32, u32)>,
    pairs: Vec<(u32, u32)>,
    names: Vec<(u32, u32)>,
    defined: Vec<u32>,
}

impl Bag {
    /// The terms of `text`.
    pub(super) fn read(text: &str, vocabulary: &Vocabulary, stems: &mut Stems) -> Self {
        let mut seen: HashMap<&str, u32> = HashMap::new();
        let mut bag = Self::default();
        let mut definer = None;
        for (start, identifier) in identifiers(text) {
            *seen.entry(identifier).or_default() += 1;
            if definer.is_some_and(|end: usize| text[end..start].trim_start_matches('!').trim().is_empty()) {
                bag.defined.extend(vocabulary.name(identifier));
            }
            definer = is_definer(identifier).then_some(start + identifier.len());
        }
        let (mut words, mut pairs): (HashMap<u32, u32>, HashMap<u32, u32>) = Default::default();
        for (identifier, times) in seen {
            bag.names.extend(vocabulary.name(identifier).map(|name| (name, times)));
            let mut before = None;
            for part in parts(identifier) {
                bag.length += f64::from(times);
                let word = stems.of(part, vocabulary);
                if let Some(word) = word {
                    *words.entry(word).or_default() += times;
                }
                let pair = before.zip(word).and_then(|pair| vocabulary.pairs.get(&pair));
                if let Some(pair) = pair {
                    *pairs.entry(*pair).or_default() += times;
                }
                before = word;
            }
        }
        bag.words = words.into_iter().collect();
        bag.pairs = pairs.into_iter().collect();
        for terms in [&mut bag.words, &mut bag.pairs, &mut bag.names] {
            terms.sort_unstable();
        }
        bag.defined.sort_unstable();
        bag.defined.dedup();
        bag
    }
}

/// The source files with their terms.
#[derive(Debug)]
pub(super) struct Corpus<'a> {
    /// Sorted; a file's number is its place here.
    pub(super) paths: Vec<&'a RepoPath>,
    /// Words of text and path.
    pub(super) text: Field,
    /// Words of the path alone.
    pub(super) path: Field,
    /// Two words beside each other in one identifier.
    pub(super) pairs: Field,
    /// Names, as they are written.
    pub(super) names: Field,
    /// Names that the file defines.
    pub(super) defined: Field,
}

impl<'a> Corpus<'a> {
    /// The files, sorted by path, with the terms of `vocabulary`.
    pub(super) fn new(files: &[(&'a RepoPath, &'a str)], vocabulary: &Vocabulary) -> Self {
        let bags: Vec<(Bag, Bag)> = files
            .par_iter()
            .map_init(Stems::default, |stems, (path, text)| {
                let mut read = |text| Bag::read(text, vocabulary, stems);
                (read(head(text)), read(path.as_str()))
            })
            .collect();
        let whole: Vec<f64> = bags
            .iter()
            .map(|(text, path)| text.length + PATH * path.length)
            .collect();
        let paths: Vec<f64> = bags.iter().map(|(_, path)| path.length).collect();
        let mut corpus = Self {
            paths: files.iter().map(|(path, _)| *path).collect(),
            text: Field::new(&whole, vocabulary.words.len()),
            path: Field::new(&paths, vocabulary.words.len()),
            pairs: Field::new(&whole, vocabulary.pairs.len()),
            names: Field::new(&whole, vocabulary.names.len()),
            defined: Field::new(&whole, vocabulary.names.len()),
        };
        for (file, (text, path)) in (0..).zip(&bags) {
            corpus.text.add_all(file, &text.words, 1.0);
            corpus.text.add_all(file, &path.words, PATH);
            corpus.path.add_all(file, &path.words, 1.0);
            corpus.pairs.add_all(file, &text.pairs, 1.0);
            corpus.names.add_all(file, &text.names, 1.0);
            for name in &text.defined {
                corpus.defined.add(file, *name, 1.0);
            }
        }
        corpus
    }

    /// The number of a file.
    pub(super) fn number(&self, path: &RepoPath) -> Option<u32> {
        self.paths.binary_search(&path).ok().map(|at| at as u32)
    }
}

/// The beginning of a text, cut between two characters.
fn head(text: &str) -> &str {
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
