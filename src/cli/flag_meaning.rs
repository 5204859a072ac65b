//! Flags between branches. Enters: what each side changed since a base. Leaves: the breaches of pairs in which one side removes, renames or turns a
//! flag on which the other newly relies.
//!
//! Most sides turn no flag: only where the changed lines of a text that may define one could turn it are rules loaded, and only for a side that
//! names such a flag, or that changed tests, its whole tree is read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::failure::Failure;
use super::meaning::Works;
use super::project::{Project, path_globs};
use super::reader::Reader;
use crate::assumption::proof::Proofs;
use crate::assumption::table::FlagTable;
use crate::assumption::tests_need::{Ground, judge_tests};
use crate::assumption::{Supply, TestNeed};
use crate::conflict::meaning::{
    Breach, Certainty, Fate, Reliance, Store, Texts, Turn, Work, flag_breach, may_turn, relied_in_code,
    relied_in_words, turns,
};
use crate::flag::{FlagValue, Ledger};
use crate::git::Oid;
use crate::index::store::FactsStore;
use crate::index::{CodeIndex, FlagDefinition, Wanted, build, near};
use crate::rules::{RuleSet, load_builtin_without};
use crate::source::{FileId, RepoPath, Sources, View};

/// Words of which one stands in a new line that asserts something.
const ASSERTS: [&str; 8] = [
    "assert",
    "assert_eq",
    "expect",
    "assertEquals",
    "assertEqual",
    "assertTrue",
    "Equal",
    "should",
];

/// Rules, and what was parsed with them.
type Ruled = (RuleSet, FactsStore);

/// What the flags of several bases need.
pub(super) struct FlagMeaning<'a, 'r> {
    project: &'a Project,
    reader: &'a Reader<'r>,
    store: &'a Store,
    /// By the files of rules that a base has of its own.
    rules: HashMap<Vec<(RepoPath, Oid)>, Rc<Ruled>>,
}

/// A side that may have turned a flag in these files.
type Candidate<'w> = (usize, &'w Work, BTreeSet<RepoPath>);

/// What is known of one base.
struct Scene<'a, 'r> {
    project: &'a Project,
    reader: &'a Reader<'r>,
    base: Oid,
    ruled: Rc<Ruled>,
    /// All texts of the base, once they were needed.
    whole: Option<View>,
}

/// The whole tree of a side.
struct Tree {
    index: CodeIndex,
    flags: FlagTable,
    needs: Vec<TestNeed>,
}

impl<'a, 'r> FlagMeaning<'a, 'r> {
    pub(super) fn new(project: &'a Project, reader: &'a Reader<'r>, store: &'a Store) -> Self {
        Self {
            project,
            reader,
            store,
            rules: HashMap::new(),
        }
    }

    /// The breaches of `pairs`, which all have this base, by pair.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn breaches(
        &mut self,
        base: &Oid,
        pairs: &[(usize, usize)],
        works: &Works,
        sources: &mut Sources,
    ) -> Result<BTreeMap<(usize, usize), Vec<Breach>>, Failure> {
        let of = |side: usize| works.get(&(base.clone(), side));
        let sides: BTreeSet<usize> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let sides: Vec<(usize, &Work)> = sides.into_iter().filter_map(|side| Some((side, of(side)?))).collect();
        let ledger = RepoPath::new(self.project.config.flags.file());
        let recorded = |work: &Work| ledger.as_ref().is_some_and(|path| work.texts().contains_key(path));
        let place = |side: usize| sides.iter().position(|(other, _)| *other == side);
        let compared: Vec<(usize, usize)> = pairs
            .iter()
            .filter_map(|(a, b)| Some((place(*a)?, place(*b)?)))
            .collect();
        let may = may_turn(&sides.iter().map(|(_, work)| *work).collect::<Vec<_>>(), &compared);
        let may = sides
            .iter()
            .zip(may)
            .filter(|((_, work), may)| !may.is_empty() || recorded(work));
        let candidates: Vec<Candidate<'_>> = may.map(|((side, work), may)| (*side, *work, may)).collect();
        let mut found = BTreeMap::new();
        if candidates.is_empty() || sides.len() < 2 {
            return Ok(found);
        }
        let mut scene = self.scene(base, sources)?;
        let near = scene.near(&candidates, sources);
        let turned: BTreeMap<usize, Vec<Turn>> = candidates
            .into_iter()
            .map(|(side, work, may)| (side, scene.turns(work, (&may, &near), ledger.as_ref(), sources)))
            .filter(|(_, turns)| !turns.is_empty())
            .collect();
        // One tree of a side at a time: each is as large as the repository.
        for (other, work) in sides {
            let also = turned.get(&other).map_or(&[][..], Vec::as_slice);
            let mut tree = None;
            for pair in pairs.iter().filter(|pair| [pair.0, pair.1].contains(&other)) {
                let (by, one) = if pair.0 == other { (1, pair.1) } else { (0, pair.0) };
                let turns = turned.get(&one).into_iter().flatten();
                for turn in turns.filter(|turn| also.iter().all(|other| other.key != turn.key)) {
                    let relied = scene.relied(&mut tree, work, of(one), turn, sources)?;
                    let breaches: &mut Vec<Breach> = found.entry(*pair).or_default();
                    breaches.extend(flag_breach(sources, by, turn, &relied));
                }
            }
        }
        Ok(found)
    }

    fn scene(&mut self, base: &Oid, sources: &mut Sources) -> Result<Scene<'a, 'r>, Failure> {
        let (project, reader) = (self.project, self.reader);
        let blobs = reader.blobs_of(base, &project.config.flags.rules)?;
        let globs = path_globs(&project.config.flags.rules)?;
        let own = blobs.iter().filter(|(path, _)| globs.is_match(path.as_str()));
        let own: BTreeSet<(RepoPath, Oid)> = own.map(|(path, oid)| (path.clone(), oid.clone())).collect();
        let key: Vec<(RepoPath, Oid)> = own.iter().cloned().collect();
        if !self.rules.contains_key(&key) {
            let mut view = View::default();
            for ((path, _), file) in reader.read(&own, sources)? {
                view.files.insert(path, file);
            }
            // A rule that was wrong in an old base, and is mended since, must not end the answer: the built-in rules are left.
            let rules = project.rules(sources, &view);
            let rules = rules.unwrap_or_else(|_| load_builtin_without(&project.config.flags.without));
            let ruled = (rules, FactsStore::given(self.store.units()));
            self.rules.insert(key.clone(), Rc::new(ruled));
        }
        Ok(Scene {
            ruled: self.rules[&key].clone(),
            project,
            reader,
            base: base.clone(),
            whole: None,
        })
    }
}

impl Scene<'_, '_> {
    fn index(&self, sources: &Sources, view: &View) -> CodeIndex {
        build::build(sources, view, &self.ruled.0, &Wanted::default(), &self.ruled.1)
    }

    /// The flags that the base defines in the files in which a side may have turned one.
    fn near(&self, candidates: &[Candidate<'_>], sources: &Sources) -> Vec<FlagDefinition> {
        let of = |(_, work, may): &Candidate<'_>| {
            let texts = |path: &RepoPath| Some((path.clone(), work.texts().get(path)?.base?));
            may.iter().filter_map(texts).collect::<Vec<_>>()
        };
        let view = View {
            files: candidates.iter().flat_map(of).collect(),
            ..View::default()
        };
        match view.files.is_empty() {
            true => Vec::new(),
            false => near::definitions(sources, &view, &self.ruled.0, &self.ruled.1),
        }
    }

    /// What a side did to flags, in code and in the flag file; in code only these files may show it, of which these definitions are known.
    fn turns(
        &self,
        work: &Work,
        (may, near): (&BTreeSet<RepoPath>, &[FlagDefinition]),
        ledger: Option<&RepoPath>,
        sources: &Sources,
    ) -> Vec<Turn> {
        let index = |text: fn(&Texts) -> Option<FileId>| {
            let texts = work.texts().iter();
            let files = texts.filter_map(|(path, texts)| Some((path.clone(), text(texts)?)));
            let view = View {
                files: files.collect(),
                ..View::default()
            };
            self.index(sources, &view)
        };
        let touched = |one: &FlagDefinition| {
            let mut places = std::iter::once(one.span).chain(one.value_span);
            places.any(|place| may.contains(sources.path(place.file)) && work.touches(sources, place))
        };
        let mut found = match near.iter().any(touched) {
            false => Vec::new(),
            true => turns(&index(|texts| texts.base), &index(|texts| texts.side)),
        };
        found.extend(self.recorded(work, ledger, sources));
        found
    }

    /// The flags whose recorded state a side turned.
    fn recorded(&self, work: &Work, ledger: Option<&RepoPath>, sources: &Sources) -> Vec<Turn> {
        let Some(texts) = ledger.and_then(|path| work.texts().get(path)) else {
            return Vec::new();
        };
        let read = |file: Option<FileId>| match file {
            Some(file) => Ledger::parse(file, &sources.file(file).text).ok(),
            None => Some(Ledger::default()),
        };
        let (Some(had), Some(has)) = (read(texts.base), read(texts.side)) else {
            return Vec::new();
        };
        let environment = &self.project.environment;
        let mut found = Vec::new();
        for key in has.entries.iter().map(|entry| &entry.flag).collect::<BTreeSet<_>>() {
            let (Some(now), was) = (has.state(key, environment), had.state(key, environment)) else {
                continue;
            };
            let opposite = match now.value {
                FlagValue::On => FlagValue::Off,
                FlagValue::Off => FlagValue::On,
                FlagValue::Unknown => continue,
            };
            // What nobody recorded before was what the code says; an entry that turns nothing is no turn.
            if was.is_some_and(|was| was.value == now.value) {
                continue;
            }
            found.push(Turn {
                key: key.clone(),
                aliases: Vec::new(),
                fate: Fate::Turned {
                    from: opposite,
                    to: now.value,
                },
                was: was.map_or(now.span, |was| was.span),
                now: Some(now.span),
            });
        }
        found
    }

    /// What the new lines of a side rely on of a flag that `breaker` turned.
    fn relied(
        &mut self,
        tree: &mut Option<Tree>,
        work: &Work,
        breaker: Option<&Work>,
        turn: &Turn,
        sources: &mut Sources,
    ) -> Result<Vec<Reliance>, Failure> {
        let mut found = Vec::new();
        for path in work
            .texts()
            .keys()
            .filter(|path| matches!(path.extension(), "md" | "mdx" | "txt"))
        {
            if self.project.is_prd(path)? {
                found.extend(relied_in_words(sources, work, path, turn));
            }
        }
        let names: Vec<&str> = std::iter::once(turn.key.as_str())
            .chain(turn.aliases.iter().flat_map(|alias| alias.rsplit('.').take(1)))
            .collect();
        let turned = matches!(turn.fate, Fate::Turned { .. });
        // Who records a state for the first time may record what it is anyway.
        let first = Some(turn.was) == turn.now;
        let unsaid = found.is_empty() || !first;
        if unsaid
            && !work.names_any(sources, &names)
            && !(turned && work.changes_tests() && work.names_any(sources, &ASSERTS))
        {
            return Ok(found);
        }
        if tree.is_none() {
            *tree = Some(self.tree(work, sources)?);
        }
        let Some(tree) = tree.as_ref() else {
            return Ok(found);
        };
        // It may be defined elsewhere, too.
        let defined = tree.index.definitions.iter().filter(|one| one.key == turn.key);
        let left = |span| breaker.is_some_and(|work| !work.texts().contains_key(sources.path(span)));
        if !turned && defined.into_iter().any(|one| left(one.span.file)) {
            return Ok(Vec::new());
        }
        found.extend(relied_in_code(sources, work, &tree.index, &turn.key));
        if let Fate::Turned { from, .. } = turn.fate {
            let known = tree.flags.get(&turn.key);
            if first && known.is_none_or(|known| known.served().0 != from) {
                return Ok(Vec::new());
            }
            let relies =
                |need: &&TestNeed| need.flag == turn.key && need.needs == Some(from) && need.supply != Supply::Stub;
            for need in tree.needs.iter().filter(relies) {
                let case = &tree.index.tests[need.test];
                let new = work.new_lines(&case.path);
                let [first, last] = [sources.start(case.span).line, sources.end(case.span).line];
                if new.range(first..=last).next().is_some() {
                    found.push(Reliance {
                        span: case.title_span,
                        does: "tests what it was",
                        gone: None,
                        turned: Some(Certainty::Likely),
                    });
                }
            }
        }
        Ok(found)
    }

    /// The base with what a side changed in it.
    fn tree(&mut self, work: &Work, sources: &mut Sources) -> Result<Tree, Failure> {
        let mut view = self.whole(sources)?.clone();
        for (path, texts) in work.texts() {
            match texts.side {
                Some(file) => _ = view.files.insert(path.clone(), file),
                None => _ = view.files.remove(path),
            }
        }
        let index = self.index(sources, &view);
        let ledger = self.project.ledger(sources, &view).unwrap_or_else(|_| Ledger::unread());
        let environment = &self.project.environment;
        let flags = FlagTable::build(&index, &ledger, environment, &[], &BTreeMap::new());
        let changed: BTreeSet<RepoPath> = work.texts().keys().cloned().collect();
        let ground = Ground {
            sources,
            view: &view,
            index: &index,
            flags: &flags,
            ambient: self.project.config.flags.ambient.fixed(),
            proofs: &Proofs::default(),
        };
        let needs = judge_tests(&ground, Some(&changed));
        Ok(Tree { index, flags, needs })
    }

    /// Reads the base, once.
    fn whole(&mut self, sources: &mut Sources) -> Result<&View, Failure> {
        let known = match self.whole.take() {
            Some(known) => known,
            None => {
                let readable = |path: &RepoPath| crate::workspace::is_readable(path);
                let blobs = self.reader.blobs(&self.base)?;
                let wanted = blobs.iter().filter(|(path, _)| readable(path));
                let wanted: BTreeSet<(RepoPath, Oid)> = wanted.map(|(path, oid)| (path.clone(), oid.clone())).collect();
                let mut view = View::default();
                for ((path, _), file) in self.reader.read(&wanted, sources)? {
                    view.files.insert(path, file);
                }
                let unread = blobs.keys().filter(|path| !view.files.contains_key(*path));
                view.unread = unread.cloned().collect();
                view
            }
        };
        Ok(self.whole.insert(known))
    }
}
