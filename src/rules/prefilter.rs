//! Which rule files a text concerns, before anything is parsed. Enters: the needles of all rule files. Leaves: one automaton over all of
//! them. A text without any needle of a rule file cannot hold a match of its rules.

use aho_corasick::AhoCorasick;

use super::{RuleFile, RuleKind};
use crate::lang::Language;
use crate::rules::selector::{Pattern, Start};

/// The needles of all rule files as one automaton.
#[derive(Clone, Debug)]
pub(super) struct Prefilter {
    /// Every needle; `None` where there is none.
    needles: Option<AhoCorasick>,
    /// For each needle the rule files that have it.
    owners: Vec<Vec<usize>>,
    /// The needles of those rule files that make a text worth parsing on their own account, by language.
    demanding: Vec<(Language, Option<AhoCorasick>)>,
    /// Of those that ask for more than a needle.
    choosy: Vec<Choosy>,
}

/// A rule file that asks for more than a needle.
#[derive(Clone, Debug)]
struct Choosy {
    languages: Vec<Language>,
    needles: AhoCorasick,
    demand: Pattern,
    /// It finds only what others define.
    only_defined: bool,
}

impl Choosy {
    fn wants(&self, language: Language, text: &str) -> bool {
        self.languages.contains(&language) && self.needles.is_match(text) && self.demand.regex().is_match(text)
    }
}

impl Prefilter {
    pub(super) fn new(files: &[RuleFile]) -> Self {
        let mut words: Vec<&str> = Vec::new();
        let mut owners: Vec<Vec<usize>> = Vec::new();
        for (at, file) in files.iter().enumerate() {
            for needle in &file.needles {
                match words.iter().position(|word| word == needle) {
                    Some(known) => owners[known].push(at),
                    None => {
                        words.push(needle);
                        owners.push(vec![at]);
                    }
                }
            }
        }
        let demanding = Language::ALL.map(|language| {
            let files = files
                .iter()
                .filter(|file| file.languages.contains(&language) && demands(file) && file.demand.is_none());
            let words: Vec<&str> = files.flat_map(|file| &file.needles).map(String::as_str).collect();
            (language, automaton(&words))
        });
        let choosy = files.iter().filter(|file| demands(file)).filter_map(|file| {
            let needles: Vec<&str> = file.needles.iter().map(String::as_str).collect();
            Some(Choosy {
                languages: file.languages.clone(),
                needles: automaton(&needles)?,
                demand: file.demand.clone()?,
                only_defined: file.flags.only_defined && !file.flags.shows_lists,
            })
        });
        Self {
            needles: automaton(&words),
            owners,
            demanding: demanding.into(),
            choosy: choosy.collect(),
        }
    }

    /// For each rule file, whether one of its needles is in the text.
    pub(super) fn hits(&self, text: &str, files: usize) -> Vec<bool> {
        // Should the automaton be too large to build, nothing may be filtered out.
        let mut hits = vec![self.needles.is_none(); files];
        let mut seen = vec![false; self.owners.len()];
        for found in self
            .needles
            .iter()
            .flat_map(|needles| needles.find_overlapping_iter(text))
        {
            let needle = found.pattern().as_usize();
            if !std::mem::replace(&mut seen[needle], true) {
                self.owners[needle].iter().for_each(|owner| hits[*owner] = true);
            }
        }
        hits
    }

    pub(super) fn demands(&self, language: Language, text: &str) -> bool {
        let mut of_language = self.demanding.iter().filter(|(known, _)| *known == language);
        let mut choosy = self.choosy.iter().filter(|file| !file.only_defined);
        of_language.any(|(_, needles)| needles.as_ref().is_some_and(|needles| needles.is_match(text)))
            || choosy.any(|file| file.wants(language, text))
    }

    pub(super) fn asks(&self, language: Language, text: &str) -> bool {
        let mut askers = self.choosy.iter().filter(|file| file.only_defined);
        askers.any(|file| file.wants(language, text))
    }
}

/// None for no words, and for so many that no automaton can hold them.
fn automaton(words: &[&str]) -> Option<AhoCorasick> {
    if words.is_empty() {
        return None;
    }
    AhoCorasick::new(words).ok()
}

/// True if the file knows of definitions or reads, or names flags in tests. What only says how tests look, or mocks whatever function
/// it is given, concerns every test file: those are parsed because of what they import.
fn demands(file: &RuleFile) -> bool {
    file.rules.iter().any(|rule| match &rule.kind {
        RuleKind::Define(_) | RuleKind::Read(_) | RuleKind::Wrap(_) | RuleKind::Assume(_) => true,
        RuleKind::Force(_) => rule.key.as_ref().is_some_and(|key| key.start != Start::Every),
        RuleKind::Gate(_) => rule.key.is_some(),
        RuleKind::Ambient(_) | RuleKind::Framework(_) => false,
    })
}
