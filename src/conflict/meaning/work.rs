//! What one side did to the code, parsed once. Enters: its changed files, as they were and as they are. Leaves: a [`Work`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::contract::{self, Gone};
use crate::conflict::changed_hunks;
use crate::conflict::deeds::{Deed, Deeds};
use crate::conflict::outline::{Item, ItemKey, Outline};
use crate::index::code::Unit;
use crate::lang::{self, Language, ParseHealth};
use crate::source::{FileId, RepoPath, Sources};

/// A changed file: its text as it was and as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Texts {
    /// As both sides had it.
    pub base: Option<FileId>,
    /// As this side has it.
    pub side: Option<FileId>,
}

/// A parsed text.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    pub(super) unit: Arc<Unit>,
    pub(super) outline: Arc<Outline>,
}

impl Parsed {
    /// Nothing for a language that is not read, and for what was not understood as a whole.
    pub(super) fn of(sources: &Sources, file: FileId) -> Option<Self> {
        let source = sources.file(file);
        let language = Language::of(&source.path).filter(|language| language.is_built())?;
        let facts = lang::read(file, &source.path, &source.text, language, &[]);
        if facts.health != ParseHealth::Whole {
            return None;
        }
        let outline = Arc::new(Outline::read(&facts)?);
        let unit = Arc::new(Unit::new(Arc::new(facts)));
        Some(Self { unit, outline })
    }

    pub(super) fn item(&self, key: &ItemKey) -> Option<&Item> {
        self.outline.items.iter().find(|item| item.key == *key)
    }
}

/// A changed file of code.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) base: Option<Parsed>,
    pub(super) side: Option<Parsed>,
    pub(super) deeds: Deeds,
    /// The one-based lines that are new.
    pub(super) lines: BTreeSet<u32>,
}

impl Change {
    /// `None` where one of the texts was not understood: of half a file nothing is concluded.
    fn of(sources: &Sources, texts: Texts) -> Option<Self> {
        let parse = |file: Option<FileId>| match file {
            Some(file) => Parsed::of(sources, file).map(Some),
            None => Some(None),
        };
        let (base, side) = (parse(texts.base)?, parse(texts.side)?);
        let text = |file: Option<FileId>| file.map_or("", |file| &sources.file(file).text);
        let hunks = changed_hunks(text(texts.base).as_bytes(), text(texts.side).as_bytes());
        let empty = Arc::new(Outline::default());
        let outline = |parsed: &Option<Parsed>| parsed.as_ref().map_or(empty.clone(), |parsed| parsed.outline.clone());
        Some(Self {
            deeds: Deeds::new(&outline(&base), &outline(&side), &hunks),
            lines: hunks
                .iter()
                .flat_map(|(_, after)| after.start..after.start + after.count)
                .collect(),
            base,
            side,
        })
    }

    /// What is new in it.
    pub(super) fn added(&self) -> impl Iterator<Item = &ItemKey> {
        self.deeds
            .iter()
            .filter(|(_, (_, deed))| *deed == Deed::Added)
            .map(|(key, _)| key)
    }
}

/// What a side did to the code since it left the other.
#[derive(Debug)]
pub struct Work {
    /// All that it changed, code or not.
    pub(super) texts: BTreeMap<RepoPath, Texts>,
    /// The changed files of code that were understood.
    pub(super) code: BTreeMap<RepoPath, Change>,
    /// What it took away.
    pub(super) gone: Vec<Gone>,
}

impl Work {
    /// Parses what a side changed.
    #[must_use]
    pub fn new(sources: &Sources, texts: BTreeMap<RepoPath, Texts>) -> Self {
        let each: Vec<(&RepoPath, &Texts)> = texts.iter().collect();
        let code: BTreeMap<RepoPath, Change> = each
            .into_par_iter()
            .filter_map(|(path, texts)| Some((path.clone(), Change::of(sources, *texts)?)))
            .collect();
        Self {
            gone: contract::gone(&code),
            texts,
            code,
        }
    }

    /// The names of what it took away, without their owners.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.gone.iter().map(Gone::short)
    }

    /// True if a new line has one of these words: only then there is something to follow.
    #[must_use]
    pub fn may_use(&self, names: &BTreeSet<&str>) -> bool {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        self.code.values().any(|change| {
            let Some(side) = &change.side else { return false };
            let lines = side.unit.facts.text.lines().zip(1u32..);
            let mut new = lines.filter(|(_, at)| change.lines.contains(at));
            new.any(|(line, _)| {
                line.split(|c| !is_word(c))
                    .any(|word| names.contains(word) || word == "default")
            })
        })
    }

    /// The folders of the Go files that it changed.
    pub fn go_folders(&self) -> impl Iterator<Item = &str> {
        let go = self.texts.keys().filter(|path| path.extension() == "go");
        go.map(RepoPath::parent)
    }

    /// The files that it made.
    pub fn new_paths(&self) -> impl Iterator<Item = &RepoPath> {
        let new = self.texts.iter().filter(|(_, texts)| texts.base.is_none());
        new.map(|(path, _)| path)
    }
}
