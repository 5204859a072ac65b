//! Which state a test assumes. Enters: the code of one tree. Leaves: for each test and flag the value that it needs, with the
//! evidence: an annotation, its title, or a text that only one branch of the code yields and that the test asserts.
//!
//! That a test reaches a flag is *not* evidence: more than half of the tests of a code base reach one.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;

use super::atoms::{Atom, asserted, atoms_in};
use super::reach::Reach;
use super::title::{Words, stated_value};
use super::{Evidence, NeedCertainty, Role};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Guard, TestCase};
use crate::source::{Bytes, FileId, RepoPath, Sources, Span, View};

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

/// A text that only code under one flag value has.
pub(super) struct Exclusive<'a> {
    guard: &'a Guard,
    /// The flag.
    pub(super) key: &'a FlagKey,
    /// Its value there.
    pub(super) value: FlagValue,
    /// Where the text stands.
    pub(super) span: Span,
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
    let asserted = asserted_atoms(index, tests);
    let wanted: BTreeSet<&str> = asserted.values().flatten().map(|atom| atom.text.as_str()).collect();
    let exclusive = exclusive(sources, view, index, &wanted);
    let reach = Reach::of(index);
    for (test, atoms) in &asserted {
        for (key, need) in by_evidence(index, &reach, *test, atoms, &exclusive) {
            found.entry((*test, key)).or_insert(need);
        }
    }
    for (of, need) in super::acts::needs(sources, index, &reach, tests) {
        found.entry(of).or_insert(need);
    }
    found
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
    let mut found = Vec::new();
    for test in tests {
        let Some(case) = index.tests.get(*test) else { continue };
        let titles = case.suite.iter().chain([&case.name]);
        let titles: Vec<Words> = titles.map(|title| Words::of(title)).collect();
        let candidates: Vec<_> = named.in_titles(&titles).collect();
        let all: Vec<&Words> = candidates.iter().flat_map(|(_, names)| names.iter()).collect();
        for (key, names) in candidates {
            let Some(value) = names.iter().find_map(|name| stated_value(&titles, name, &all)) else {
                continue;
            };
            let because = vec![Evidence {
                role: Role::Test,
                span: case.title_span,
                note: format!("says {value}"),
            }];
            let need = Need {
                value,
                certainty: NeedCertainty::Likely,
                because,
                assertion: None,
            };
            found.push(((*test, FlagKey::clone(key)), need));
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
    let atoms = |case: &TestCase| {
        let facts = index.files.get(&case.path)?;
        Some(asserted(facts, &case.bodies)).filter(|atoms| !atoms.is_empty())
    };
    tests
        .iter()
        .filter_map(|test| Some((*test, atoms(index.tests.get(*test)?)?)))
        .collect()
}

/// The texts of `wanted` that stand, in all of the code that is no test, only where one flag has one value.
pub(super) fn exclusive<'a>(
    sources: &Sources,
    view: &View,
    index: &'a CodeIndex,
    wanted: &BTreeSet<&str>,
) -> BTreeMap<String, Exclusive<'a>> {
    let mut found: BTreeMap<String, Vec<Exclusive<'a>>> = BTreeMap::new();
    // The texts of a file are looked for once, not once for each of its regions.
    let mut texts: BTreeMap<FileId, Vec<Atom>> = BTreeMap::new();
    for guard in index.guards.iter().filter(|_| !wanted.is_empty()) {
        let [literal] = guard.when.as_slice() else { continue };
        let Some(facts) = index.files.get(sources.path(guard.region.file)) else {
            continue;
        };
        if index.test_files.contains(&facts.path) {
            continue;
        }
        let texts = texts.entry(guard.region.file).or_insert_with(|| {
            let mut all = atoms_in(facts, Bytes::new(0, facts.text.len()));
            all.retain(|atom| wanted.contains(atom.text.as_str()));
            all
        });
        let region = guard.region.bytes;
        let first = texts.partition_point(|atom| atom.span.bytes.start < region.start);
        let inside = texts[first..]
            .iter()
            .take_while(|atom| atom.span.bytes.start < region.end)
            .filter(|atom| region.contains(atom.span.bytes));
        for atom in inside {
            let exclusive = Exclusive {
                guard,
                key: &literal.key,
                value: literal.value,
                span: atom.span,
            };
            found.entry(atom.text.clone()).or_default().push(exclusive);
        }
    }
    found.retain(|_, places| {
        places
            .iter()
            .all(|at| (at.key, at.value) == (places[0].key, places[0].value))
    });
    let counts = occurrences(sources, view, index, found.keys());
    found
        .into_iter()
        .filter(|(text, places)| {
            let spans: BTreeSet<Span> = places.iter().map(|at| at.span).collect();
            counts.get(text).is_some_and(|count| *count <= spans.len())
        })
        .filter_map(|(text, places)| Some((text, places.into_iter().next()?)))
        .collect()
}

/// How often each text occurs in all code that is no test, parsed or not.
fn occurrences<'a>(
    sources: &Sources,
    view: &View,
    index: &CodeIndex,
    texts: impl Iterator<Item = &'a String>,
) -> BTreeMap<String, usize> {
    let texts: Vec<&String> = texts.collect();
    let mut counts: BTreeMap<String, usize> = texts.iter().map(|text| ((*text).clone(), 0)).collect();
    let Ok(automaton) = AhoCorasick::new(&texts) else {
        return counts;
    };
    if texts.is_empty() {
        return counts;
    }
    let tests: BTreeSet<&RepoPath> = index.test_files.iter().collect();
    let code = view
        .files
        .iter()
        .filter(|(path, _)| crate::lang::Language::of(path).is_some() && !tests.contains(path));
    for (_, file) in code {
        for hit in automaton.find_overlapping_iter(&*sources.file(*file).text) {
            *counts.entry(texts[hit.pattern().as_usize()].clone()).or_default() += 1;
        }
    }
    counts
}

/// What the assertions of one test need. Texts that point both ways cancel out: such a test tells nothing.
fn by_evidence(
    index: &CodeIndex,
    reach: &Reach<'_>,
    test: usize,
    atoms: &[Atom],
    exclusive: &BTreeMap<String, Exclusive<'_>>,
) -> BTreeMap<FlagKey, Need> {
    let mut found: BTreeMap<FlagKey, Vec<(&Atom, &Exclusive<'_>)>> = BTreeMap::new();
    let Some(case) = index.tests.get(test) else {
        return BTreeMap::new();
    };
    for atom in atoms {
        let Some(at) = exclusive.get(&atom.text) else { continue };
        if reach
            .distance(&case.path, at.guard.region.file)
            .is_some_and(|distance| distance <= FARTHEST)
        {
            found.entry(at.key.clone()).or_default().push((atom, at));
        }
    }
    found.retain(|_, proofs| proofs.iter().all(|(_, at)| at.value == proofs[0].1.value));
    found
        .into_iter()
        .map(|(key, proofs)| (key.clone(), need(case, &key, &proofs)))
        .collect()
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
