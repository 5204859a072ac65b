//! Which state a test assumes. Enters: the code of one tree. Leaves: for each test and flag the value that it needs, with the
//! evidence: an annotation, its title, or a text that only one branch of the code yields and that the test asserts.
//!
//! That a test reaches a flag is *not* evidence: more than half of the tests of a code base reach one.

use std::collections::{BTreeMap, BTreeSet};

use super::acts::by_value::helpers;
use super::acts::file::{Known, TestFile};
use super::atoms::{Atom, asserted};
use super::behind::Behind;
use super::brought::brings;
use super::exclusive::{Exclusive, exclusive_in_tree, exclusive_parts, is_given};
use super::reach::Reach;
use super::short;
use super::snapshots;
use super::title::{Words, is_unmistakable, stated_value};
use super::{Evidence, NeedCertainty, Role};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, ForcedKey, Guard, TestCase};
use crate::source::{Bytes, RepoPath, Sources, Span, View};

/// How many files may stand between a test and the code whose distinctive text it asserts. Texts that nothing else in the code base
/// has are proof enough over three imports; beyond that a match is chance more often than not.
pub const FARTHEST: u32 = 3;

/// A value that a test needs.
#[derive(Clone, PartialEq, Debug)]
pub struct Need {
    /// The value.
    pub value: FlagValue,
    /// How sure.
    pub certainty: NeedCertainty,
    /// Why.
    pub because: Vec<Evidence>,
    /// The assertion, where one proves it.
    pub assertion: Option<Span>,
}

/// What is needed by the tests in `tests` (indices into the index): by test, then flag.
#[must_use]
pub fn needs(
    sources: &Sources,
    view: &View,
    index: &CodeIndex,
    aliases: &BTreeMap<FlagKey, BTreeSet<String>>,
    tests: &[usize],
) -> BTreeMap<(usize, FlagKey), Need> {
    let mut found: BTreeMap<(usize, FlagKey), Need> = BTreeMap::new();
    for need in stated(index, tests).into_iter().chain(titled(index, aliases, tests)) {
        found.entry(need.0).or_insert(need.1);
    }
    let mut asserted = asserted_atoms(index, tests);
    for (test, atoms) in snapshots::seen(sources, view, index, tests) {
        asserted.entry(test).or_default().extend(atoms);
    }
    let reach = Reach::of(index);
    let behind = if asserted.is_empty() {
        Behind::default()
    } else {
        Behind::of(sources, view, index, &reach)
    };
    let wanted: BTreeSet<&str> = asserted.values().flatten().map(|atom| atom.text.as_str()).collect();
    let mut exclusive = exclusive_in_tree(sources, view, index, behind.guards(), &wanted);
    let in_part: BTreeSet<&str> = asserted
        .values()
        .flatten()
        .filter(|atom| atom.part && !exclusive.contains_key(&atom.text))
        .map(|atom| atom.text.as_str())
        .collect();
    exclusive.extend(exclusive_parts(sources, view, index, behind.guards(), &in_part));
    let brought = Brought::of(index, &reach, &behind);
    for (test, atoms) in &asserted {
        for (key, need) in by_evidence(sources, index, &brought, *test, atoms, &exclusive) {
            shown(&mut found, (*test, key), need);
        }
    }
    for (of, need) in super::acts::needs(sources, index, &reach, tests) {
        shown(&mut found, of, need);
    }
    for (of, need) in super::mounted::needs(sources, view, index, tests) {
        shown(&mut found, of, need);
    }
    for (of, need) in super::twins::needs(index, &reach, tests) {
        shown(&mut found, of, need);
    }
    found
}

/// What is asserted counts where nothing was said, or not in so many words.
fn shown(found: &mut BTreeMap<(usize, FlagKey), Need>, of: (usize, FlagKey), need: Need) {
    let known = found.entry(of).or_insert_with(|| need.clone());
    if known.certainty == NeedCertainty::Possible {
        *known = need;
    }
}

fn stated(index: &CodeIndex, tests: &[usize]) -> Vec<((usize, FlagKey), Need)> {
    let ours = index.stated.iter().filter(|stated| tests.contains(&stated.test));
    let need = |stated: &crate::index::StatedNeed| Need {
        value: stated.literal.value,
        certainty: NeedCertainty::Proven,
        because: vec![Evidence {
            role: Role::Test,
            span: stated.span,
            note: "says what it needs".into(),
        }],
        assertion: None,
    };
    ours.map(|stated| ((stated.test, stated.literal.key.clone()), need(stated)))
        .collect()
}

fn titled(
    index: &CodeIndex,
    aliases: &BTreeMap<FlagKey, BTreeSet<String>>,
    tests: &[usize],
) -> Vec<((usize, FlagKey), Need)> {
    let named = Named::of(aliases);
    let set = set_in_files(index);
    let cores: Vec<Vec<String>> = aliases.keys().map(|key| short::core(key.as_str())).collect();
    let mut found = Vec::new();
    for test in tests {
        let Some(case) = index.tests.get(*test) else { continue };
        let titles = case.suite.iter().chain([&case.name]);
        let titles: Vec<Words> = titles.map(|title| Words::of(title)).collect();
        let in_full: Vec<_> = named.in_titles(&titles).collect();
        // In everyday words a flag is named where its file sets it, and where no other one has these words.
        let ours = set.get(&case.path).into_iter().flatten().copied();
        let short: Vec<(&FlagKey, Vec<Words>)> = ours
            .filter_map(|key| {
                let core = short::core(key.as_str());
                let alone = cores.iter().filter(|other| **other == core).count() < 2;
                let name = short::named(&titles, key.as_str(), &core).filter(|_| alone)?;
                Some((key, vec![name]))
            })
            .collect();
        let candidates = || in_full.iter().copied().chain(&short);
        let all: Vec<&Words> = candidates().flat_map(|(_, names)| names.iter()).collect();
        for (key, names) in candidates() {
            let stated = |name: &Words| Some((stated_value(&titles, name, &all)?, is_unmistakable(&titles, name)));
            let Some((value, sure)) = names.iter().find_map(stated) else {
                continue;
            };
            let because = vec![Evidence {
                role: Role::Test,
                span: case.title_span,
                note: format!("says {value}"),
            }];
            let certainty = if sure {
                NeedCertainty::Likely
            } else {
                NeedCertainty::Possible
            };
            let need = Need {
                value,
                certainty,
                because,
                assertion: None,
            };
            found.push(((*test, FlagKey::clone(key)), need));
        }
    }
    found
}

/// The flags that each file sets.
fn set_in_files(index: &CodeIndex) -> BTreeMap<&RepoPath, BTreeSet<&FlagKey>> {
    let paths: BTreeMap<_, _> = index.files.iter().map(|(path, facts)| (facts.file, path)).collect();
    let mut found: BTreeMap<&RepoPath, BTreeSet<&FlagKey>> = BTreeMap::new();
    for force in &index.forces {
        if let (ForcedKey::Key(key), Some(path)) = (&force.key, paths.get(&force.span.file)) {
            found.entry(path).or_default().insert(key);
        }
    }
    found
}

/// The names of all flags, by their first word: most titles name none of them.
struct Named<'a> {
    flags: Vec<(&'a FlagKey, Vec<Words>)>,
    by_first: BTreeMap<String, BTreeSet<usize>>,
}

impl<'a> Named<'a> {
    fn of(aliases: &'a BTreeMap<FlagKey, BTreeSet<String>>) -> Self {
        let names = |(key, others): (&'a FlagKey, &BTreeSet<String>)| {
            let names = std::iter::once(key.as_str()).chain(others.iter().map(String::as_str));
            (key, names.map(Words::of).collect())
        };
        let flags: Vec<(&FlagKey, Vec<Words>)> = aliases.iter().map(names).collect();
        let mut by_first: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (at, (_, names)) in flags.iter().enumerate() {
            for first in names.iter().filter_map(|name| name.iter().next()) {
                by_first.entry(first.to_owned()).or_default().insert(at);
            }
        }
        Self { flags, by_first }
    }

    /// The flags that may be named, by key.
    fn in_titles(&self, titles: &[Words]) -> impl Iterator<Item = &(&'a FlagKey, Vec<Words>)> {
        let words = titles.iter().flat_map(Words::iter);
        let flags: BTreeSet<usize> = words
            .filter_map(|word| self.by_first.get(word))
            .flatten()
            .copied()
            .collect();
        flags.into_iter().map(|at| &self.flags[at])
    }
}

fn asserted_atoms(index: &CodeIndex, tests: &[usize]) -> BTreeMap<usize, Vec<Atom>> {
    let mut files: BTreeMap<&RepoPath, Known> = BTreeMap::new();
    let mut atoms = |case: &TestCase| {
        let (path, facts) = index.files.get_key_value(&case.path)?;
        let file = TestFile::new(facts, files.entry(path).or_insert_with(|| Known::of(facts)));
        let bodies = case.bodies.iter().filter(|body| body.file == facts.file);
        let mut regions: Vec<Span> = case.bodies.clone();
        // What a function of the file asserts that the test calls is the test's own.
        let helping = helpers(file, &bodies.map(|body| body.bytes).collect::<Vec<_>>());
        regions.extend(helping.iter().map(|helper| helper.body.in_file(facts.file)));
        regions.sort();
        regions.dedup();
        Some(asserted(facts, &regions)).filter(|atoms| !atoms.is_empty())
    };
    tests
        .iter()
        .filter_map(|test| Some((*test, atoms(index.tests.get(*test)?)?)))
        .collect()
}

/// What the assertions of one test need. Texts that point both ways cancel out: such a test tells nothing.
fn by_evidence<'e>(
    sources: &Sources,
    index: &CodeIndex,
    brought: &Brought<'_>,
    test: usize,
    atoms: &'e [Atom],
    exclusive: &'e BTreeMap<String, Vec<Exclusive<'_>>>,
) -> BTreeMap<FlagKey, Need> {
    let mut found: BTreeMap<FlagKey, Vec<(&Atom, &Exclusive<'_>)>> = BTreeMap::new();
    let Some(case) = index.tests.get(test) else {
        return BTreeMap::new();
    };
    for atom in atoms {
        let Some(places) = exclusive.get(&atom.text) else {
            continue;
        };
        for at in places {
            let near = brought.reach.distance(&case.path, at.guard.region.file);
            let is_near = near.is_some_and(|distance| distance <= FARTHEST);
            if is_near
                && !brought.names(case, at.guard)
                && !brought.by(case, &atom.text)
                && !is_given(sources, index, at.guard, case)
            {
                found.entry(at.key.clone()).or_default().push((atom, at));
            }
        }
    }
    found.retain(|_, proofs| proofs.iter().all(|(_, at)| at.value == proofs[0].1.value));
    found
        .into_iter()
        .map(|(key, proofs)| (key.clone(), need(case, &key, &proofs)))
        .collect()
}

/// What tests bring in themselves, in their own code or in that of files that only tests have.
struct Brought<'a> {
    index: &'a CodeIndex,
    reach: &'a Reach<'a>,
    behind: &'a Behind,
    helpers: Vec<&'a RepoPath>,
}

impl<'a> Brought<'a> {
    fn of(index: &'a CodeIndex, reach: &'a Reach<'a>, behind: &'a Behind) -> Self {
        let with_tests: BTreeSet<&RepoPath> = index.tests.iter().map(|test| &test.path).collect();
        let helpers = index.test_files.iter().filter(|path| !with_tests.contains(path));
        Self {
            index,
            reach,
            behind,
            helpers: helpers.collect(),
        }
    }

    /// True if the test, or a helper that it imports, names the code itself that only a flag leads to elsewhere.
    fn names(&self, case: &TestCase, guard: &Guard) -> bool {
        let names = self.behind.names(guard);
        if names.is_empty() {
            return false;
        }
        let near = |path: &&RepoPath| {
            let file = self.index.files.get(*path).map(|facts| facts.file);
            **path == case.path
                || file.is_some_and(|file| self.reach.distance(&case.path, file).is_some_and(|far| far <= 2))
        };
        let mut files = self.helpers.iter().copied().chain([&case.path]).filter(near);
        files.any(|path| {
            let text = self.index.files.get(path).map(|facts| &facts.text);
            text.is_some_and(|text| names.iter().any(|name| text.contains(name)))
        })
    }

    /// True if the test, what stands around the tests of its file, or a helper that it imports, has the text as a value.
    fn by(&self, case: &TestCase, text: &str) -> bool {
        let Some(facts) = self.index.files.get(&case.path) else {
            return false;
        };
        if brings(facts, &Self::own(self.index, case, facts.text.len()), text) {
            return true;
        }
        let near = self.helpers.iter().filter_map(|path| self.index.files.get(*path));
        let mut near = near.filter(|facts| {
            let distance = self.reach.distance(&case.path, facts.file);
            facts.text.contains(text) && distance.is_some_and(|distance| distance <= 2)
        });
        near.any(|facts| brings(facts, &[Bytes::new(0, facts.text.len())], text))
    }

    /// The file of the test without its other tests.
    fn own(index: &CodeIndex, case: &TestCase, len: usize) -> Vec<Bytes> {
        let others = index.tests.iter().filter(|other| {
            other.path == case.path && !other.span.contains(case.span) && !case.span.contains(other.span)
        });
        let mut others: Vec<Bytes> = others.map(|other| other.span.bytes).collect();
        others.sort();
        let (mut own, mut start) = (Vec::new(), 0);
        for other in others {
            if other.start > start {
                own.push(Bytes {
                    start,
                    end: other.start,
                });
            }
            start = start.max(other.end);
        }
        let end = Bytes::new(0, len).end;
        own.push(Bytes {
            start: start.min(end),
            end,
        });
        own
    }
}

fn need(case: &TestCase, key: &FlagKey, proofs: &[(&Atom, &Exclusive<'_>)]) -> Need {
    let (atom, at) = proofs[0];
    let because = vec![
        Evidence {
            role: Role::Assertion,
            span: atom.span,
            note: format!("only code with `{key}` {} yields this", at.value),
        },
        Evidence {
            role: Role::Test,
            span: case.title_span,
            note: "in this test".into(),
        },
        Evidence {
            role: Role::Guard,
            span: at.guard.condition,
            note: format!("decides by `{key}`"),
        },
    ];
    Need {
        value: at.value,
        certainty: NeedCertainty::Likely,
        because,
        assertion: Some(atom.span),
    }
}
