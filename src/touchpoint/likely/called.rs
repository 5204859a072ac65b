//! How much of a file's name a document says. Enters: the paths. Leaves: [`Called`]. BM25 over paths counts what is said; here counts
//! what is left unsaid too: `fee.ts` is said whole by a document about fees, `fee_export_queue.ts` is not.

use std::collections::{BTreeSet, HashMap};

use super::corpus::Vocabulary;
use super::words::{identifiers, is_plain, parts};
use crate::prd::prose::stem;
use crate::source::RepoPath;

/// What files are called.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Called {
    /// For each file the words of its name, each with its number if a document says it, and what it is worth: the rarer, the more.
    words: Vec<Vec<(Option<u32>, f64)>>,
}

impl Called {
    /// The files at `paths`.
    pub(super) fn new(paths: &[&RepoPath], vocabulary: &Vocabulary) -> Self {
        let names: Vec<Vec<Box<str>>> = paths.iter().map(|path| words(path)).collect();
        let mut files_with: HashMap<&str, usize> = HashMap::new();
        for name in &names {
            for word in name.iter().collect::<BTreeSet<_>>() {
                *files_with.entry(word).or_default() += 1;
            }
        }
        let worth = |word: &str| (1.0 + names.len() as f64 / files_with[word] as f64).ln();
        let known = |word: &str| (vocabulary.word(word), worth(word));
        Self {
            words: names
                .iter()
                .map(|name| name.iter().map(|word| known(word)).collect())
                .collect(),
        }
    }

    /// For each file the share of its name, 0 to 1, that a document of these words says.
    pub(super) fn said(&self, words: &[(u32, f64)]) -> Vec<f64> {
        let said: BTreeSet<u32> = words.iter().map(|(word, _)| *word).collect();
        let share = |name: &Vec<(Option<u32>, f64)>| {
            let whole: f64 = name.iter().map(|(_, worth)| worth).sum();
            let is_said = |word: &Option<u32>| word.is_some_and(|word| said.contains(&word));
            let told = name.iter().filter(|(word, _)| is_said(word));
            let told: f64 = told.map(|(_, worth)| worth).sum();
            if whole > 0.0 { told / whole } else { 0.0 }
        };
        self.words.iter().map(share).collect()
    }
}

/// The words of a file's name, as stems; of its folder's where the name is one that every folder has.
fn words(path: &RepoPath) -> Vec<Box<str>> {
    let name = path.file_name();
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    let folder = path.parent().rsplit('/').next().unwrap_or("");
    let name = if is_plain(name) && !folder.is_empty() {
        folder
    } else {
        name
    };
    let parts = identifiers(name).flat_map(|(_, identifier)| parts(identifier));
    parts.map(stem).collect()
}
