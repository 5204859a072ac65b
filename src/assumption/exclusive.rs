//! Texts that only one state of a flag has. Enters: the code of one tree and the texts that are asked for. Leaves: for each text the flag
//! values under which alone it stands anywhere in the code.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::AhoCorasickBuilder;

use super::atoms::{Atom, atoms_in};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Guard, TestCase};
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::{Bytes, FileId, RepoPath, Sources, Span, View};

/// Ends of files that a program does not read: what they say is said to people, is what a test saw before, or names what is shown.
const SAID: &[&str] = &[
    "md", "mdx", "markdown", "rst", "adoc", "snap", "lock", "feature", "css", "pcss", "scss", "sass", "less", "styl",
];

/// A text that only code under one flag value has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exclusive<'a> {
    /// What says so.
    pub(super) guard: &'a Guard,
    /// The flag.
    pub(super) key: &'a FlagKey,
    /// Its value there.
    pub(super) value: FlagValue,
    /// Where the text stands.
    pub(super) span: Span,
}

/// The texts of `wanted` that stand, in all of the code that is no test, only where one flag has one value.
pub(super) fn exclusive<'a>(
    sources: &Sources,
    view: &View,
    index: &'a CodeIndex,
    wanted: &BTreeSet<&str>,
) -> BTreeMap<String, Exclusive<'a>> {
    let (places, all) = in_regions(sources, index, &[], wanted);
    let counts = occurrences(sources, view, index, places.keys(), false);
    let one = |(text, at): (String, Vec<Exclusive<'a>>)| {
        let spans = all.get(&text).map_or(0, BTreeSet::len);
        let alone = counts.get(&text).is_some_and(|count| *count <= spans);
        let first = at.into_iter().find(|at| at.guard.when.len() == 1 && !at.guard.any)?;
        alone.then_some((text, first))
    };
    places.into_iter().filter_map(one).collect()
}

/// The same for what tests assert: by text, one for each flag whose value all places share. A text that stands in data, or that other
/// code can put together from its beginning or end, is not exclusive: the other side may find it there.
pub(super) fn exclusive_in_tree<'a>(
    sources: &Sources,
    view: &View,
    index: &'a CodeIndex,
    behind: &'a [Guard],
    wanted: &BTreeSet<&str>,
) -> BTreeMap<String, Vec<Exclusive<'a>>> {
    let (mut places, all) = in_regions(sources, index, behind, wanted);
    let counts = occurrences(sources, view, index, places.keys(), true);
    let parts = if places.is_empty() {
        HashMap::new()
    } else {
        parts(index)
    };
    places.retain(|text, at| {
        let spans = all.get(text).map_or(0, BTreeSet::len);
        let alone = counts.get(text).is_some_and(|count| *count <= spans);
        alone && !is_put_together(text, &parts, at)
    });
    places
}

/// The places of a text under flags.
type UnderFlags<'a> = BTreeMap<String, Vec<Exclusive<'a>>>;

/// All places of a text.
type Places = BTreeMap<String, BTreeSet<Span>>;

/// Where each text stands under a flag, for the flags that all its places in the index share; and all of these places.
fn in_regions<'a>(
    sources: &Sources,
    index: &'a CodeIndex,
    behind: &'a [Guard],
    wanted: &BTreeSet<&str>,
) -> (UnderFlags<'a>, Places) {
    let mut found: BTreeMap<String, Vec<Exclusive<'a>>> = BTreeMap::new();
    let mut all: BTreeMap<String, BTreeSet<Span>> = BTreeMap::new();
    // The texts of a file are looked for once, not once for each of its regions.
    let mut texts: BTreeMap<FileId, Vec<Atom>> = BTreeMap::new();
    let guards = index.guards.iter().chain(behind);
    for guard in guards.filter(|_| !wanted.is_empty()) {
        let sure = !guard.any || guard.when.len() == 1;
        let Some(facts) = index.files.get(sources.path(guard.region.file)).filter(|_| sure) else {
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
            all.entry(atom.text.clone()).or_default().insert(atom.span);
            found
                .entry(atom.text.clone())
                .or_default()
                .extend(guard.when.iter().map(|literal| Exclusive {
                    guard,
                    key: &literal.key,
                    value: literal.value,
                    span: atom.span,
                }));
        }
    }
    for (text, places) in &mut found {
        *places = shared(places, all.get(text).map_or(0, BTreeSet::len));
    }
    found.retain(|_, places| !places.is_empty());
    (found, all)
}

/// One place for each flag that has the same value at all `spans` places, those with a guard of their own first.
fn shared<'a>(places: &[Exclusive<'a>], spans: usize) -> Vec<Exclusive<'a>> {
    let mut by_flag: BTreeMap<&FlagKey, Vec<Exclusive<'a>>> = BTreeMap::new();
    for place in places {
        by_flag.entry(place.key).or_default().push(*place);
    }
    let one = |mut of: Vec<Exclusive<'a>>| {
        of.sort_by_key(|place| (place.guard.when.len(), place.span));
        let covered: BTreeSet<Span> = of.iter().map(|place| place.span).collect();
        let same = of.iter().all(|place| place.value == of[0].value);
        (same && covered.len() == spans).then(|| of[0])
    };
    by_flag.into_values().filter_map(one).collect()
}

/// How often each text occurs in all code that is no test, parsed or not; with `data`, in every file that a program may read.
fn occurrences<'a>(
    sources: &Sources,
    view: &View,
    index: &CodeIndex,
    texts: impl Iterator<Item = &'a String>,
    data: bool,
) -> BTreeMap<String, usize> {
    let texts: Vec<&String> = texts.collect();
    let mut counts: BTreeMap<String, usize> = texts.iter().map(|text| ((*text).clone(), 0)).collect();
    // A text in other letters may be made the same.
    let automaton = AhoCorasickBuilder::new().ascii_case_insensitive(data).build(&texts);
    let Ok(automaton) = automaton else {
        return counts;
    };
    if texts.is_empty() {
        return counts;
    }
    let tests: BTreeSet<&RepoPath> = index.test_files.iter().collect();
    let counts_here = |path: &RepoPath| {
        let is_code = Language::of(path).is_some();
        let end = path.file_name().rsplit('.').next().unwrap_or_default();
        (is_code && !tests.contains(path)) || (!is_code && data && !SAID.contains(&end))
    };
    for (_, file) in view.files.iter().filter(|(path, _)| counts_here(path)) {
        for hit in automaton.find_overlapping_iter(&*sources.file(*file).text) {
            *counts.entry(texts[hit.pattern().as_usize()].clone()).or_default() += 1;
        }
    }
    counts
}

/// Parts of texts that code puts together, with where: `'Total: ' + n`, `${what} required`.
fn parts(index: &CodeIndex) -> HashMap<&str, Vec<Span>> {
    let tests: BTreeSet<&RepoPath> = index.test_files.iter().collect();
    let mut found: HashMap<&str, Vec<Span>> = HashMap::new();
    for (_, facts) in index.files.iter().filter(|(path, _)| !tests.contains(path)) {
        for id in facts.tree.ids() {
            let Syntax::Text(text) = facts.tree.syntax(id) else {
                continue;
            };
            let up = facts.tree.node(id).parent;
            let joined = up.is_some_and(|up| match facts.tree.syntax(up) {
                Syntax::Template(_) => true,
                Syntax::Array(_) => joins(facts, up),
                Syntax::Other(terms) => terms.len() > 1 && facts.words(up).contains('+'),
                _ => false,
            });
            if joined && text.trim().len() >= 4 {
                found
                    .entry(text.trim())
                    .or_default()
                    .push(facts.tree.bytes(id).in_file(facts.file));
            }
        }
    }
    found
}

/// `['Total', n].join(': ')`
fn joins(facts: &FileFacts, list: NodeId) -> bool {
    let up = facts.tree.node(list).parent.map(|up| facts.tree.syntax(up));
    matches!(up, Some(Syntax::Member { property, .. }) if facts.slice(*property) == "join")
}

/// True if code elsewhere has a good part of the beginning or end of the text.
fn is_put_together(text: &str, parts: &HashMap<&str, Vec<Span>>, at: &[Exclusive<'_>]) -> bool {
    let apart = |part: &str| {
        let known = parts.get(part.trim());
        part.trim().len() * 3 >= text.len()
            && known.is_some_and(|spans| {
                spans
                    .iter()
                    .any(|span| !at.iter().any(|place| place.guard.region.contains(*span)))
            })
    };
    let cuts = text.char_indices().map(|(at, _)| at).skip(1);
    let mut cuts = cuts.filter(|_| !parts.is_empty());
    cuts.any(|cut| apart(&text[..cut]) || apart(&text[cut..]))
}

/// Texts that stand in no more than a part of what the code has (`/^frozen rate/i`), where all code that has them in any spelling runs
/// under one flag value.
pub(super) fn exclusive_parts<'a>(
    sources: &Sources,
    view: &View,
    index: &'a CodeIndex,
    behind: &'a [Guard],
    wanted: &BTreeSet<&str>,
) -> BTreeMap<String, Vec<Exclusive<'a>>> {
    let texts: Vec<&str> = wanted.iter().copied().collect();
    let automaton = AhoCorasickBuilder::new().ascii_case_insensitive(true).build(&texts);
    let Some(automaton) = automaton.ok().filter(|_| !texts.is_empty()) else {
        return BTreeMap::new();
    };
    let tests: BTreeSet<&RepoPath> = index.test_files.iter().collect();
    let mut guards: BTreeMap<FileId, Vec<&Guard>> = BTreeMap::new();
    let all = index.guards.iter().chain(behind);
    for guard in all.filter(|guard| !guard.any || guard.when.len() == 1) {
        guards.entry(guard.region.file).or_default().push(guard);
    }
    // `None`: it stands somewhere without a flag.
    let mut found: BTreeMap<&str, Option<(Vec<Exclusive<'a>>, usize)>> = BTreeMap::new();
    for (path, file) in &view.files {
        let end = path.file_name().rsplit('.').next().unwrap_or_default();
        let is_code = Language::of(path).is_some();
        if tests.contains(path) || (!is_code && SAID.contains(&end)) {
            continue;
        }
        for hit in automaton.find_overlapping_iter(&*sources.file(*file).text) {
            let text = texts[hit.pattern().as_usize()];
            let span = Bytes::new(hit.start(), hit.end()).in_file(*file);
            let around: Vec<&&Guard> = guards.get(file).map_or_else(Vec::new, |of| {
                of.iter().filter(|guard| guard.region.contains(span)).collect()
            });
            let is_said = || index.files.get(path).is_some_and(|facts| is_said(facts, span.bytes));
            let known = found.entry(text).or_insert_with(|| Some((Vec::new(), 0)));
            if around.is_empty() || !is_said() {
                *known = None;
            } else if let Some((places, spans)) = known {
                *spans += 1;
                places.extend(around.into_iter().flat_map(|guard| {
                    guard.when.iter().map(move |literal| Exclusive {
                        guard,
                        key: &literal.key,
                        value: literal.value,
                        span,
                    })
                }));
            }
        }
    }
    let one = |(text, known): (&str, Option<(Vec<Exclusive<'a>>, usize)>)| {
        let (places, spans) = known?;
        Some((text.to_owned(), shared(&places, spans))).filter(|(_, places)| !places.is_empty())
    };
    found.into_iter().filter_map(one).collect()
}

/// True for a place in a text or the words of an element.
fn is_said(facts: &FileFacts, place: Bytes) -> bool {
    let says = |id: NodeId| matches!(facts.tree.syntax(id), Syntax::Text(_) | Syntax::Markup(_));
    facts
        .tree
        .ids()
        .any(|id| facts.tree.bytes(id).contains(place) && says(id))
}

/// True if a test hands the function that decides a value of its own, where the flag is only what an argument is left out for:
/// `tax(on = FLAGS.newTax)`, called as `tax(true)`.
pub(super) fn is_given(sources: &Sources, index: &CodeIndex, guard: &Guard, case: &TestCase) -> bool {
    let reads = guard.reads.iter().filter_map(|at| index.reads.get(*at));
    reads.into_iter().any(|read| {
        let facts = index.files.get(sources.path(read.span.file));
        let Some((facts, (name, place))) = facts.and_then(|facts| Some((facts, left_out_for(facts, read.span.bytes)?)))
        else {
            return false;
        };
        let _ = facts;
        let Some(test) = index.files.get(&case.path) else {
            return false;
        };
        test.tree.ids().any(|id| match test.tree.syntax(id) {
            Syntax::Call { callee, args, .. } | Syntax::New { callee, args, .. } => {
                let words = test.words(*callee);
                let inside = case.bodies.iter().any(|body| body.bytes.contains(test.tree.bytes(id)));
                inside && args.len() > place && words.rsplit(['.', ':']).next() == Some(name)
            }
            _ => false,
        })
    })
}

/// The function and the place of the parameter whose default a read is.
pub(super) fn left_out_for(facts: &FileFacts, read: Bytes) -> Option<(&str, usize)> {
    let tree = &facts.tree;
    tree.ids().find_map(|id| {
        let Syntax::Function(function) = tree.syntax(id) else {
            return None;
        };
        let place = function
            .params
            .iter()
            .position(|param| tree.bytes(*param).contains(read))?;
        let named = function.name.as_ref().map(|(name, _)| &**name);
        let bound = || match tree.syntax(tree.node(id).parent?) {
            Syntax::Let { pattern, .. } => Some(facts.words(*pattern)),
            _ => None,
        };
        Some((named.or_else(bound)?, place))
    })
}

#[cfg(test)]
mod tests;
