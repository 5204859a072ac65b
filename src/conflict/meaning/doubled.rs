//! What both sides of a pair add to one file at different places, so that git keeps both: a route of one router, a key of one object, table or mapping, a
//! number of one enum or message. Enters: the [`Work`] of both. Leaves: [`Breach`]es.
//!
//! What tells is the merged text: it has the thing twice in one place, and neither side has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::joined::joined;
use super::spoken::{breach, is_of_tests};
use super::touched::{number, words};
use super::twice::LARGEST;
use super::word_set::WordSet;
use super::work::Work;
use super::{Breach, BreachKind, Certainty, listed, paths, slots};
use crate::lang::tree::{Key, NodeId, Syntax, Tree};
use crate::lang::{self, FileFacts, Language, ParseHealth};
use crate::source::{FileId, RepoPath, Sources, Span};

/// Something that a text has twice in one place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Twice {
    /// What kind of thing.
    pub(super) what: What,
    /// Its name.
    pub(super) name: String,
    /// The one-based lines of both.
    pub(super) lines: [u32; 2],
}

/// What can be there only once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum What {
    /// A route of a router; true where the program does not start with two.
    Route(bool),
    /// A key of an object or a mapping, of which the last one counts.
    Key,
    /// A key that nothing reads twice: it is an error.
    OnlyKey,
    /// A number of a member, which two may have.
    Number,
    /// A number of a member, which only one may have.
    OnlyNumber,
}

impl What {
    fn kind(self) -> (BreachKind, Certainty) {
        match self {
            Self::Route(true) => (BreachKind::Route, Certainty::Seen),
            Self::Route(false) => (BreachKind::Route, Certainty::Likely),
            Self::Key => (BreachKind::Key, Certainty::Likely),
            Self::OnlyKey => (BreachKind::Key, Certainty::Seen),
            Self::Number => (BreachKind::AddedTwice, Certainty::Likely),
            Self::OnlyNumber => (BreachKind::AddedTwice, Certainty::Seen),
        }
    }

    fn deed(self, name: &str, path: &RepoPath) -> [String; 2] {
        match self {
            Self::Route(_) => [
                format!("serves {name} in {path}"),
                "serves it there too, at another place".to_owned(),
            ],
            Self::Key | Self::OnlyKey => [
                format!("adds {name} to {path}"),
                "adds it there too, at another place, and git keeps both".to_owned(),
            ],
            Self::Number | Self::OnlyNumber => [
                format!("gives {name} in {path}"),
                "gives the same number to something else".to_owned(),
            ],
        }
    }
}

/// What both add.
pub(super) fn doubled(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let mut found = Vec::new();
    let [few, many] = match works[0].texts.len() <= works[1].texts.len() {
        true => works,
        false => [works[1], works[0]],
    };
    for path in few.texts.keys() {
        if many.texts.contains_key(path) {
            found.extend(of_file(sources, path, works).unwrap_or_default());
        }
    }
    found
}

fn of_file(sources: &Sources, path: &RepoPath, works: [&Work; 2]) -> Option<Vec<Breach>> {
    let files: Vec<FileId> = works.iter().map(|work| work.texts[path].side).collect::<Option<_>>()?;
    let base = &sources.file(works[0].texts[path].base?).text;
    let texts = [files[0], files[1]].map(|file| &*sources.file(file).text);
    if !is_asked(path) || texts[0] == texts[1] || texts.iter().any(|text| text.len() > LARGEST) {
        return None;
    }
    let touched = works.map(|work| &work.touched[path]);
    let [mine, others] = [0, 1].map(|side: usize| {
        let own = touched[side];
        own.marks.get_or_init(|| marks(path, texts[side], &own.new_lines()))
    });
    let both: WordSet = mine.iter().filter(|mark| others.contains(mark)).copied().collect();
    if both.is_empty() {
        return None;
    }
    let merged = joined(base, texts, [&touched[0].hunks, &touched[1].hunks])?;
    if texts.contains(&merged.as_str()) {
        return None;
    }
    let new = touched.map(|touched| touched.new_lines());
    let twice = twice_in(path, &merged, files[0])?;
    if twice.is_empty() {
        return None;
    }
    let known: Vec<BTreeSet<(What, String)>> = texts
        .iter()
        .zip(&files)
        .map(|(text, file)| {
            let each = twice_in(path, text, *file)?.into_iter();
            Some(each.map(|one| (one.what, one.name)).collect())
        })
        .collect::<Option<_>>()?;
    let lines: Vec<&str> = merged.lines().collect();
    let mut found = Vec::new();
    for one in twice {
        if known.iter().any(|known| known.contains(&(one.what, one.name.clone()))) {
            continue;
        }
        let said = one
            .lines
            .map(|line| lines.get(line.saturating_sub(1) as usize).copied().unwrap_or_default());
        // Where each side has its own of the two.
        let place = |side: usize, said: &str| -> Option<Span> {
            let mut own = texts[side].lines().zip(1u32..);
            let (_, at) = own.find(|(line, at)| *line == said && new[side].contains(at))?;
            Some(sources.line(files[side], at))
        };
        let spans = [(0, 1), (1, 0)]
            .into_iter()
            .find_map(|(first, second)| Some([place(0, said[first])?, place(1, said[second])?]));
        let Some(spans) = spans else { continue };
        let (kind, certainty) = one.what.kind();
        if matches!(kind, BreachKind::Route) && is_of_tests(path, "") {
            continue;
        }
        found.push(breach(
            0,
            (kind, certainty, &one.name),
            one.what.deed(&one.name, path),
            spans,
        ));
    }
    Some(found)
}

/// True for files of which the merged text is looked at.
fn is_asked(path: &RepoPath) -> bool {
    let code = Language::of(path).is_some_and(Language::is_built);
    (code || matches!(path.extension(), "toml" | "yml" | "yaml" | "proto" | "prisma"))
        && !path.file_name().contains("lock")
}

/// What new lines may give a name or a number to: only where both sides have one of these the merged text is looked at.
fn marks(path: &RepoPath, text: &str, new: &BTreeSet<u32>) -> WordSet {
    let mut found = WordSet::default();
    let plain = matches!(path.extension(), "prisma" | "proto");
    for (line, _) in text.lines().zip(1u32..).filter(|(_, at)| new.contains(at)) {
        let bare = line.trim();
        let head = bare
            .split_once([':', '='])
            .map(|(head, _)| head.trim_end_matches(['=', ' ']));
        let header = bare.starts_with('[').then_some(bare);
        for name in head.into_iter().chain(header) {
            found.insert(number(name.trim().trim_matches(['"', '\'', '`'])));
        }
        if plain {
            words(bare).take(1).for_each(|word| _ = found.insert(number(word)));
        }
        if let Some((_, value)) = bare.split_once('=') {
            let value = value.trim().trim_end_matches([',', ';']);
            let value = value.split([' ', '[', ';', ',']).next().unwrap_or_default();
            if value.starts_with(|c: char| c.is_ascii_digit()) {
                found.insert(number(&format!("={value}")));
            }
        }
        let quoted = bare.split(['"', '\'', '`']).skip(1).step_by(2);
        quoted.for_each(|text| _ = found.insert(number(text)));
    }
    found
}

/// All that a text has twice in one place; nothing for a text that was not understood.
fn twice_in(path: &RepoPath, text: &str, file: FileId) -> Option<Vec<Twice>> {
    match path.extension() {
        "toml" => return Some(listed::tables(text)),
        "yml" | "yaml" => return Some(listed::mappings(text)),
        "proto" => return Some(slots::messages(text)),
        "prisma" => return Some(listed::models(text)),
        _ => {}
    }
    let language = Language::of(path).filter(|language| language.is_built())?;
    let facts = lang::read(file, path, &Arc::from(text), language, &[]);
    if facts.health != ParseHealth::Whole {
        return None;
    }
    let mut found = objects(&facts);
    found.extend(slots::numbers(&facts));
    let mut routes: BTreeMap<paths::Route, Vec<(u32, bool)>> = BTreeMap::new();
    for (route, at, only) in paths::served(&facts) {
        routes.entry(route).or_default().push((line_at(&facts, at.start), only));
    }
    for (route, lines) in routes {
        if let [(first, only), (second, _), ..] = lines[..] {
            found.push(Twice {
                what: What::Route(only),
                name: route.shown(),
                lines: [first, second],
            });
        }
    }
    found.sort();
    Some(found)
}

/// The one-based line of a byte.
pub(super) fn line_at(facts: &FileFacts, byte: u32) -> u32 {
    let before = &facts.text.as_bytes()[..(byte as usize).min(facts.text.len())];
    1 + u32::try_from(before.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX - 1)
}

/// The keys that an object has twice, with different values, or in a language in which that is an error.
fn objects(facts: &FileFacts) -> Vec<Twice> {
    let what = match facts.language {
        Language::TypeScript | Language::Tsx | Language::Go => What::OnlyKey,
        Language::JavaScript | Language::Python | Language::Ruby => What::Key,
        _ => return Vec::new(),
    };
    let tree = &facts.tree;
    let mut found = Vec::new();
    for id in tree.ids() {
        let Syntax::Object { entries, .. } = tree.syntax(id) else {
            continue;
        };
        let mut known: BTreeMap<&str, (u32, NodeId)> = BTreeMap::new();
        for entry in entries {
            let Some((key, at, value)) = entry_of(tree, *entry) else {
                continue;
            };
            let Some((first, other)) = known.insert(key, (at, value)) else {
                continue;
            };
            if what == What::OnlyKey || facts.words(other) != facts.words(value) {
                found.push(Twice {
                    what,
                    name: key.to_owned(),
                    lines: [line_at(facts, first), line_at(facts, at)],
                });
            }
        }
    }
    found
}

fn entry_of(tree: &Tree, entry: NodeId) -> Option<(&str, u32, NodeId)> {
    match tree.syntax(entry) {
        Syntax::Entry {
            key: Key::Name(name, bytes),
            value,
        } => Some((name, bytes.start, *value)),
        _ => None,
    }
}
