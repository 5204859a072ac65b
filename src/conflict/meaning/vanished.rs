//! The last of a name: a member, a field, a method that one side takes away wherever it stood, and that the other's new lines use. Enters: the [`Work`] of
//! both. Leaves: [`Vanished`] names, and, for those that no other file of the tree has, [`Breach`]es.
//!
//! No type is followed: that nothing in the project is called so any more is what tells. So it is found in every language that is read, also behind
//! receivers of which nobody wrote the type (`conf.max_weight`, `list.map(&:max_weight)`, a method of an embedded struct).

use std::collections::{BTreeMap, BTreeSet};

use super::excused::is_excused;
use super::spoken::breach;
use super::touched::{number, words};
use super::work::{Parsed, Store, Work};
use super::{Breach, BreachKind, Certainty, has_word, heard, keyed, requested};
use crate::index::schema::is_migration;
use crate::lang::Language;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::{Bytes, RepoPath, Sources, Span};

/// Names of files and folders that tell nothing.
const PLAIN: [&str; 14] = [
    "src", "lib", "libs", "app", "apps", "index", "mod", "main", "__init__", "internal", "pkg", "packages", "crates",
    "test",
];

/// Longer ones are no names.
const LONGEST: usize = 200;

/// Shorter names are said in too many places.
const SHORTEST: usize = 3;

/// A name of which one side leaves nothing in what it changed, and which the other one uses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vanished {
    /// The place in the pair of who took it away.
    pub by: usize,
    /// What the tree is searched for: the name, or a part of it.
    pub word: String,
    /// The name.
    pub(super) subject: String,
    /// What kind of thing it was.
    pub(super) kind: BreachKind,
    /// How sure it is that it is missed, if nothing else has the name, and if something has.
    pub(super) certainty: [Option<Certainty>; 2],
    /// What the one does with it, and the other.
    pub(super) deeds: [String; 2],
    /// Where it was, in the text that both sides had.
    pub(super) was: Span,
    /// Where the other side uses it.
    pub(super) used: Span,
}

/// The names of which one side of a pair leaves nothing in what it changed, and which the other's new lines use. Whether anything else in the tree is
/// called so is asked afterwards ([`vanished_breach`]).
#[must_use]
pub fn vanished(sources: &Sources, works: [&Work; 2], store: &Store) -> Vec<Vanished> {
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        let (breaker, user) = (works[by], works[other]);
        let may = breaker.faded().iter().filter(|word| user.says(**word));
        let may: BTreeSet<u64> = may.copied().collect();
        if may.is_empty() {
            continue;
        }
        for (word, was) in declared(sources, breaker, &may, store) {
            if let Some(used) = used(sources, user, &word, store) {
                found.push(of_member(sources, by, word, [was, used]));
            }
        }
    }
    found.extend(keyed::keyed(sources, works));
    found.extend(heard::heard(sources, works));
    found.extend(requested::requested(sources, works));
    found.retain(|one| is_name(&one.word));
    found
}

/// True for what a tree can be searched for: a line of its own, of sensible length.
fn is_name(word: &str) -> bool {
    (1..=LONGEST).contains(&word.len()) && !word.contains(char::is_control)
}

fn of_member(sources: &Sources, by: usize, word: String, [was, used]: [Span; 2]) -> Vanished {
    let [old, new] = [was, used].map(|span| sources.path(span.file));
    let line = sources.start(used).line;
    let sure = (is_composite(&word) || is_related(sources, was, used)) && !is_excused(sources, used, &word);
    Vanished {
        by,
        subject: word.clone(),
        kind: BreachKind::Removed,
        certainty: [Some(if sure { Certainty::Likely } else { Certainty::Possible }), None],
        deeds: [
            format!("takes the last {word} away (it was in {old})"),
            format!("uses {word} in {new}:{line}"),
        ],
        was,
        used,
        word,
    }
}

/// What is told of it: `said_in` are all files of the tree that both sides left in which it stands. What the breaker changed does not say it any more.
#[must_use]
pub fn vanished_breach(one: &Vanished, breaker: &Work, said_in: &[RepoPath]) -> Option<Breach> {
    let counts = |path: &&RepoPath| {
        let code = Language::of(path).is_some_and(Language::is_built);
        let told = code
            || matches!(
                path.extension(),
                "json" | "yml" | "yaml" | "toml" | "sql" | "vue" | "svelte" | "html"
            );
        let tells = told || path.file_name().starts_with(".env");
        tells && !is_migration(path) && !path.file_name().contains("lock") && !breaker.texts().contains_key(*path)
    };
    let elsewhere = said_in.iter().any(|path| counts(&path));
    let certainty = one.certainty[usize::from(elsewhere)]?;
    let what = (one.kind, certainty, one.subject.as_str());
    Some(breach(one.by, what, one.deeds.clone(), [one.was, one.used]))
}

/// True if the text that uses a name says where it was declared: by the file's name or its folder's, in an import as a rule; or it is that file.
fn is_related(sources: &Sources, was: Span, used: Span) -> bool {
    let text = &sources.file(used.file).text;
    let [was, used] = [was, used].map(|span| sources.path(span.file));
    let parts = was
        .as_str()
        .rsplit('/')
        .map(|part| part.split('.').next().unwrap_or(part));
    let mut telling = parts
        .filter(|part| part.len() >= SHORTEST && !PLAIN.contains(part))
        .take(2);
    was == used || telling.any(|part| has_word(text, part, &[]))
}

/// `odometerKm`, `max_weight`: a name that nobody else gives by chance.
pub(super) fn is_composite(word: &str) -> bool {
    let inner = word.trim_matches('_');
    let mut pairs = inner.chars().zip(inner.chars().skip(1));
    inner.contains('_') || pairs.any(|(a, b)| a.is_lowercase() && b.is_uppercase())
}

/// The members and functions of these names that the breaker's texts declared, each with its first place.
fn declared(sources: &Sources, breaker: &Work, may: &BTreeSet<u64>, store: &Store) -> BTreeMap<String, Span> {
    let mut found: BTreeMap<String, Span> = BTreeMap::new();
    for (path, texts) in breaker.texts() {
        let (Some(file), Some(touched)) = (texts.base, breaker.touched.get(path)) else {
            continue;
        };
        if !touched.code || !touched.faded.iter().any(|word| may.contains(word)) || is_migration(path) {
            continue;
        }
        let Some(parsed) = store.parsed(sources, file) else {
            continue;
        };
        for (name, bytes) in members(&parsed) {
            if name.len() >= SHORTEST && may.contains(&number(name)) {
                found.entry(name.to_owned()).or_insert(bytes.in_file(file));
            }
        }
    }
    // What a side only moves, or says again, is not gone.
    found.retain(|name, _| !is_left(sources, breaker, name, store));
    found
}

/// True if one of the breaker's texts still says a name, but for comments and texts.
fn is_left(sources: &Sources, breaker: &Work, name: &str, store: &Store) -> bool {
    let code = breaker.texts().iter();
    let code = code.filter(|(path, _)| breaker.touched.get(*path).is_some_and(|touched| touched.code));
    let mut sides = code.filter_map(|(_, texts)| texts.side);
    sides.any(|file| {
        let text = &sources.file(file).text;
        if !has_word(text, name, &['$']) {
            return false;
        }
        // What was not understood may say it.
        let Some(parsed) = store.parsed(sources, file) else {
            return true;
        };
        let facts = &parsed.unit.facts;
        let mut ids = facts.tree.ids();
        let names = ids
            .any(|id| matches!(facts.tree.syntax(id), Syntax::Name) && words(facts.words(id)).any(|one| one == name));
        names || !said(&parsed, name).is_empty()
    })
}

/// The names by which a text is used from elsewhere: fields, members, methods and functions, attributes of objects.
fn members(parsed: &Parsed) -> Vec<(&str, Bytes)> {
    let facts = &parsed.unit.facts;
    let tree = &facts.tree;
    let of = |id: NodeId| match tree.syntax(id) {
        Syntax::Field {
            key: Key::Name(name, bytes),
            ..
        } => Some((&**name, *bytes)),
        Syntax::Function(function) => function.name.as_ref().map(|(name, bytes)| (&**name, *bytes)),
        // `self.x = …`, Ruby's `attr_reader :x`
        Syntax::Assign { target, .. } => match tree.syntax(*target) {
            Syntax::Member { object, property } if matches!(facts.words(*object), "self" | "this") => {
                Some((facts.slice(*property), *property))
            }
            _ => None,
        },
        Syntax::Text(text) if facts.language == Language::Ruby && words(text).eq([&**text]) => {
            let line = line_before(&facts.text, tree.bytes(id).start);
            line.trim_start()
                .starts_with("attr_")
                .then_some((&**text, tree.bytes(id)))
        }
        _ => None,
    };
    tree.ids().filter_map(of).collect()
}

/// The line of a place, up to it.
fn line_before(text: &str, at: u32) -> &str {
    let before = &text[..(at as usize).min(text.len())];
    before.rsplit('\n').next().unwrap_or_default()
}

/// The first use of a name on a new line of code; nothing where the side gives something that name itself.
fn used(sources: &Sources, user: &Work, word: &str, store: &Store) -> Option<Span> {
    let asked = number(word);
    let mut first = None;
    for (path, touched) in &user.touched {
        if !touched.said.contains(&asked) || !touched.code || is_migration(path) {
            continue;
        }
        let Some(file) = user.text_of(path) else { continue };
        let parsed = store.parsed(sources, file)?;
        let new = user.new_lines(path);
        for (bytes, does) in said(&parsed, word) {
            let span = bytes.in_file(file);
            match (does, new.contains(&sources.start(span).line)) {
                // Who declares it has its own. (On a line that is not new: what the other one takes away is still there.)
                (Does::Declare, true) => return None,
                (Does::Use, true) => first = first.or(Some(span)),
                (_, false) => {}
            }
        }
    }
    first
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    Use,
    Declare,
}

/// What a text does with a name, wherever it stands in it as a whole.
fn said(parsed: &Parsed, word: &str) -> Vec<(Bytes, Does)> {
    let facts = &parsed.unit.facts;
    let tree = &facts.tree;
    let mut found = Vec::new();
    for id in tree.ids() {
        let bytes = tree.bytes(id);
        match tree.syntax(id) {
            Syntax::Member { property, object } if facts.slice(*property) == word => {
                let own = matches!(facts.words(*object), "self" | "this") && is_target(parsed, id);
                found.push((*property, if own { Does::Declare } else { Does::Use }));
            }
            Syntax::Entry {
                key: Key::Name(name, key),
                ..
            } if &**name == word => {
                let pattern = tree.node(id).parent.map(|parent| tree.syntax(parent));
                let named = matches!(pattern, Some(Syntax::Object { type_name: Some(_), .. }));
                let typed = named || facts.language == Language::Go;
                let taken = matches!(pattern, Some(Syntax::ObjectPattern(_)));
                // An object of its own may have any key.
                found.push((*key, if taken || typed { Does::Use } else { Does::Declare }));
            }
            Syntax::Attribute { name, .. } if facts.slice(*name) == word => found.push((*name, Does::Use)),
            Syntax::Function(function) if function.name.as_ref().is_some_and(|(name, _)| &**name == word) => {
                found.push((bytes, Does::Declare));
            }
            Syntax::Field {
                key: Key::Name(name, key),
                ..
            } if &**name == word => found.push((*key, Does::Declare)),
            Syntax::Import { names, .. } if names.iter().any(|name| &*name.local == word) => {
                found.push((bytes, Does::Declare));
            }
            Syntax::Text(text) if facts.language == Language::Ruby && &**text == word => {
                let before = line_before(&facts.text, bytes.start);
                let passed = before.ends_with("&:") || facts.slice(bytes).starts_with(':') && before.ends_with('&');
                if passed {
                    found.push((bytes, Does::Use));
                }
            }
            _ => {}
        }
    }
    found
}

/// True for what is assigned.
fn is_target(parsed: &Parsed, id: NodeId) -> bool {
    let tree = &parsed.unit.facts.tree;
    let parent = tree.node(id).parent.map(|parent| tree.syntax(parent));
    matches!(parent, Some(Syntax::Assign { target, .. }) if *target == id)
}
