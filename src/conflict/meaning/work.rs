//! What one side did to the code, parsed once. Enters: its changed files, as they were and as they are. Leaves: a [`Work`].

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use super::contract::{self, Gone};
use super::further::Later;
use super::has_word;
use super::keyed::GoneKey;
use super::served::NewRoutes;
use super::spoken::is_test_data;
use super::touched::{Touched, Word, WordSet, number, words};
use crate::conflict::deeds::{Deed, Deeds};
use crate::conflict::outline::{Item, ItemKey, Outline};
use crate::index::code::Unit;
use crate::index::schema::is_migration;
use crate::lang::tree::Syntax;
use crate::lang::{self, Language, ParseHealth};
use crate::source::{FileId, RepoPath, Sources, Span};

/// A changed file: its text as it was and as it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
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
    /// What it was compared by.
    pub(super) touched: Arc<Touched>,
    /// What its text brings in from elsewhere, once that was asked for.
    brought: OnceLock<Vec<Brought>>,
    /// The members of enums that it took away, once they were asked for.
    pub(super) members: OnceLock<Vec<Gone>>,
    /// The routes that it serves anew, once they were asked for.
    pub(super) routes: OnceLock<NewRoutes>,
}

/// A name that a text brings in from another file.
#[derive(Debug)]
struct Brought {
    local: String,
    imported: String,
    /// Its import begins in a new line.
    new: bool,
}

/// What was compared and parsed before: sides that left a trunk at several places have most of their changes in common.
#[derive(Debug, Default)]
pub struct Store {
    touched: Mutex<HashMap<Texts, Arc<Touched>>>,
    parsed: Mutex<HashMap<FileId, Option<Parsed>>>,
    changes: Mutex<HashMap<Texts, Option<Arc<Change>>>>,
}

impl Store {
    /// The files of this run that were understood, so that nobody parses them once more.
    pub fn units(&self) -> Vec<Arc<Unit>> {
        let parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut units: Vec<Arc<Unit>> = parsed.values().flatten().map(|parsed| parsed.unit.clone()).collect();
        units.sort_by_key(|unit| unit.facts.file);
        units
    }

    fn touched(&self, sources: &Sources, path: &RepoPath, texts: Texts) -> Arc<Touched> {
        let known = self
            .touched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&texts)
            .cloned();
        known.unwrap_or_else(|| {
            let text = |file: Option<FileId>| Some(&*sources.file(file?).text);
            let touched = Arc::new(Touched::of(path, [text(texts.base), text(texts.side)]));
            let mut all = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(texts, touched.clone());
            touched
        })
    }

    pub(super) fn parsed(&self, sources: &Sources, file: FileId) -> Option<Parsed> {
        let known = self
            .parsed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&file)
            .cloned();
        known.unwrap_or_else(|| {
            let parsed = Parsed::of(sources, file);
            let mut all = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(file, parsed.clone());
            parsed
        })
    }

    fn change(&self, sources: &Sources, texts: Texts, touched: &Arc<Touched>) -> Option<Arc<Change>> {
        let known = self
            .changes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&texts)
            .cloned();
        known.unwrap_or_else(|| {
            let change = Change::of(sources, texts, touched, self).map(Arc::new);
            let mut all = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(texts, change.clone());
            change
        })
    }
}

impl Change {
    /// `None` where one of the texts was not understood: of half a file nothing is concluded.
    fn of(sources: &Sources, texts: Texts, touched: &Arc<Touched>, store: &Store) -> Option<Self> {
        let parse = |file: Option<FileId>| match file {
            Some(file) => store.parsed(sources, file).map(Some),
            None => Some(None),
        };
        let (base, side) = (parse(texts.base)?, parse(texts.side)?);
        let hunks = &touched.hunks;
        let empty = Arc::new(Outline::default());
        let outline = |parsed: &Option<Parsed>| parsed.as_ref().map_or(empty.clone(), |parsed| parsed.outline.clone());
        Some(Self {
            deeds: Deeds::new(&outline(&base), &outline(&side), hunks),
            lines: touched.new_lines(),
            touched: touched.clone(),
            brought: OnceLock::new(),
            members: OnceLock::new(),
            routes: OnceLock::new(),
            base,
            side,
        })
    }

    /// True if a new line may mean one of these names: it says one, or what an import calls otherwise, or such an import is new.
    pub(super) fn may_mean(&self, names: &HashSet<&str>) -> bool {
        let said = |name: &str| words(name).all(|word| self.touched.said.contains(&number(word)));
        let meant = |one: &Brought| {
            let named = names.contains(&*one.imported);
            let otherwise = named || one.imported == "default";
            (otherwise && said(&one.local)) || (one.new && (otherwise || names.contains(&*one.local)))
        };
        names.iter().any(|name| said(name)) || self.brought().iter().any(meant)
    }

    fn brought(&self) -> &[Brought] {
        self.brought.get_or_init(|| {
            let Some(side) = &self.side else { return Vec::new() };
            let facts = &side.unit.facts;
            let tree = &facts.tree;
            let is_new = |start: u32| {
                let before = &facts.text.as_bytes()[..(start as usize).min(facts.text.len())];
                let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
                u32::try_from(line).is_ok_and(|line| self.lines.contains(&line))
            };
            let mut found = Vec::new();
            for id in tree.ids() {
                if let Syntax::Import { names, .. } = tree.syntax(id) {
                    let new = is_new(tree.bytes(id).start);
                    let each = names.iter().map(|name| Brought {
                        local: name.local.to_string(),
                        imported: name.imported.to_string(),
                        new,
                    });
                    found.extend(each);
                }
            }
            found
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
    /// What each of these changes touches, by its words.
    pub(super) touched: BTreeMap<RepoPath, Arc<Touched>>,
    /// The changed files of code that were asked for and understood.
    pub(super) code: BTreeMap<RepoPath, Arc<Change>>,
    /// What it took away, as far as that was asked for.
    pub(super) gone: Vec<Gone>,
    /// The files that were asked for.
    asked: BTreeSet<RepoPath>,
    /// What its paths tell by themselves.
    kinds: Kinds,
    /// What its files declared and none of its changed texts says any more, once that was asked for.
    faded: OnceLock<WordSet>,
    /// What its new lines say, once that was asked for.
    said: OnceLock<WordSet>,
    /// The keys that it took out of files of settings, once they were asked for.
    pub(super) unkeyed: OnceLock<Vec<GoneKey>>,
    /// What else was asked for.
    pub(super) later: Later,
}

/// What the paths of a side tell by themselves: most sides have to do with few things, and each is compared with many others.
#[derive(Clone, Copy, Debug, Default)]
struct Kinds {
    migrates: bool,
    orders: bool,
    drops_data: bool,
}

impl Kinds {
    fn of(texts: &BTreeMap<RepoPath, Texts>) -> Self {
        let mut kinds = Self::default();
        for (path, texts) in texts {
            let new = texts.base.is_none();
            kinds.migrates |= new && is_migration(path);
            kinds.orders |= matches!(path.extension(), "py" | "rb") && (new || path.parent().ends_with("migrations"));
            kinds.drops_data |= texts.side.is_none() && is_test_data(path);
        }
        kinds
    }
}

impl Work {
    /// Compares what a side changed, as far as `store` does not have it. Nothing is parsed before it is asked for.
    #[must_use]
    pub fn new(sources: &Sources, texts: BTreeMap<RepoPath, Texts>, store: &Store) -> Self {
        let each: Vec<(&RepoPath, &Texts)> = texts.iter().collect();
        let touched = each
            .into_par_iter()
            .map(|(path, texts)| (path.clone(), store.touched(sources, path, *texts)));
        Self {
            touched: touched.collect(),
            kinds: Kinds::of(&texts),
            texts,
            code: BTreeMap::new(),
            gone: Vec::new(),
            asked: BTreeSet::new(),
            faded: OnceLock::new(),
            said: OnceLock::new(),
            unkeyed: OnceLock::new(),
            later: Later::default(),
        }
    }

    /// The words that its files may have declared and that its new lines do not say.
    pub(super) fn faded(&self) -> &WordSet {
        self.faded.get_or_init(|| {
            let each = self.touched.values().flat_map(|touched| touched.faded.iter().copied());
            each.filter(|word| !self.says(*word)).collect()
        })
    }

    /// True if a new line says the word of this number.
    pub(super) fn says(&self, word: Word) -> bool {
        let said = self.said.get_or_init(|| {
            self.touched
                .values()
                .flat_map(|touched| touched.said.iter().copied())
                .collect()
        });
        said.contains(&word)
    }

    /// Parses these of the changed files, as far as that has not happened yet.
    pub fn parse(&mut self, sources: &Sources, paths: &BTreeSet<RepoPath>, store: &Store) {
        let new: Vec<&RepoPath> = paths.iter().filter(|path| self.lacks(path)).collect();
        let change = |path: &RepoPath| store.change(sources, self.texts[path], &self.touched[path]);
        let changes: Vec<(RepoPath, Arc<Change>)> = new
            .par_iter()
            .filter_map(|path| Some(((*path).clone(), change(path)?)))
            .collect();
        let new: Vec<RepoPath> = new.into_iter().cloned().collect();
        if new.is_empty() {
            return;
        }
        self.asked.extend(new);
        self.code.extend(changes);
        self.gone = contract::gone(&self.code);
    }

    /// True for a file that it changed and that nobody asked for yet.
    #[must_use]
    pub fn lacks(&self, path: &RepoPath) -> bool {
        self.texts.contains_key(path) && !self.asked.contains(path)
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
            // What is imported by default has any name.
            let by_default = names.contains("default");
            new.any(|(line, _)| {
                line.split(|c| !is_word(c))
                    .any(|word| names.contains(word) || word == "default" || (by_default && word == "import"))
            })
        })
    }

    /// The text of a changed file as this side has it.
    #[must_use]
    pub fn text_of(&self, path: &RepoPath) -> Option<FileId> {
        self.texts.get(path)?.side
    }

    /// The one-based lines of a changed file that are new; none of a file that this side left alone.
    #[must_use]
    pub fn new_lines(&self, path: &RepoPath) -> BTreeSet<u32> {
        self.touched
            .get(path)
            .map_or_else(BTreeSet::new, |touched| touched.new_lines())
    }

    /// The new lines of a changed file, each with its one-based number.
    pub(super) fn new_text<'s>(&self, sources: &'s Sources, path: &RepoPath) -> impl Iterator<Item = (&'s str, u32)> {
        let new = self.new_lines(path);
        let text = self.text_of(path).map_or("", |file| &*sources.file(file).text);
        text.lines().zip(1u32..).filter(move |(_, at)| new.contains(at))
    }

    /// True if a place of the text that both sides had is in a changed line of this one, or right beside one.
    #[must_use]
    pub fn touches(&self, sources: &Sources, span: Span) -> bool {
        const BESIDE: u32 = 3;
        let Some(touched) = self.touched.get(sources.path(span.file)) else {
            return false;
        };
        let [first, last] = [sources.start(span).line, sources.end(span).line];
        let mut old = touched.hunks.iter().map(|(old, _)| *old);
        old.any(|old| old.start <= last + BESIDE && first <= old.start + old.count + BESIDE)
    }

    /// What it changed: each file's text as both sides had it, and as this one has it.
    #[must_use]
    pub fn texts(&self) -> &BTreeMap<RepoPath, Texts> {
        &self.texts
    }

    /// True if a new line has one of these names as a word.
    #[must_use]
    pub fn names_any(&self, sources: &Sources, names: &[&str]) -> bool {
        self.texts.iter().any(|(path, texts)| {
            let Some(file) = texts.side else { return false };
            let text = &sources.file(file).text;
            if !names.iter().any(|name| text.contains(name)) {
                return false;
            }
            let new = self.new_lines(path);
            let mut lines = text.lines().zip(1u32..).filter(|(_, at)| new.contains(at));
            lines.any(|(line, _)| names.iter().any(|name| has_word(line, name, &['$'])))
        })
    }

    /// True if it made or changed a file that looks like one of tests.
    #[must_use]
    pub fn changes_tests(&self) -> bool {
        let marks = ["test", "spec", "e2e", ".cy."];
        let mut changed = self.texts.iter().filter(|(_, texts)| texts.side.is_some());
        changed.any(|(path, _)| {
            let path = path.as_str().to_lowercase();
            // Rust has its unit tests beside the code.
            path.ends_with(".rs") || marks.iter().any(|mark| path.contains(mark))
        })
    }

    /// The folders of the Go files that it changed.
    pub fn go_folders(&self) -> impl Iterator<Item = &str> {
        let go = self.texts.keys().filter(|path| path.extension() == "go");
        go.map(RepoPath::parent)
    }

    /// The extensions of files that it changed and in whose languages names are found wherever they stand: all of these tell where one leads.
    pub fn global_extensions(&self) -> impl Iterator<Item = &str> {
        let global = |path: &&RepoPath| Language::of(path).is_some_and(Language::names_are_global);
        self.texts.keys().filter(global).map(RepoPath::extension)
    }

    /// True if it adds a migration.
    pub(super) fn migrates(&self) -> bool {
        self.kinds.migrates
    }

    /// True if it may have added to an order of migrations that their texts tell.
    pub(super) fn may_order(&self) -> bool {
        self.kinds.orders
    }

    /// True if it takes test data away.
    pub(super) fn drops_data(&self) -> bool {
        self.kinds.drops_data
    }

    /// The files that it made.
    pub fn new_paths(&self) -> impl Iterator<Item = &RepoPath> {
        let new = self.texts.iter().filter(|(_, texts)| texts.base.is_none());
        new.map(|(path, _)| path)
    }
}
