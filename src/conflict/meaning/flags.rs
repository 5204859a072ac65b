//! Flags that one side removes, renames or gives another value, and that the other side newly relies on. Enters: the indexes of what one side
//! changed, before and after; the index of the other side's tree. Leaves: [`Turn`]s, [`Reliance`]s, and the [`Breach`]es that they make.

use std::collections::{BTreeMap, BTreeSet};

use super::told::{more, ordered};
use super::work::Work;
use super::{Breach, BreachKind, BreachPlace, Certainty, has_word};
use crate::flag::{FlagKey, FlagValue};
use crate::index::test_code::TestCode;
use crate::index::{CodeIndex, FlagDefinition, ForcedKey};
use crate::source::{RepoPath, Sources, Span};

/// So many places of one flag are shown.
const SHOWN: usize = 5;

/// Rules of flags that the build settles: what a manifest calls a feature is no state that anything waits for.
const COMPILED: [&str; 3] = ["rust/cargo-features/", "rust/cfg/", "go/build-tags/"];

/// What became of a flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Nothing defines it any more.
    Removed,
    /// It has another key.
    Renamed(FlagKey),
    /// It is declared, or recorded, to be something else.
    Turned {
        /// What it was.
        from: FlagValue,
        /// What it is.
        to: FlagValue,
    },
}

/// What a side did to a flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turn {
    /// The flag, as it was called.
    pub key: FlagKey,
    /// The other names by which it was read.
    pub aliases: Vec<String>,
    /// What became of it.
    pub fate: Fate,
    /// Where it was defined, or is recorded.
    pub was: Span,
    /// Where that stands now.
    pub now: Option<Span>,
}

/// What a side did to flags; `before` and `after` have the files that it changed.
#[must_use]
pub fn turns(before: &CodeIndex, after: &CodeIndex) -> Vec<Turn> {
    let by_key = |index| -> BTreeMap<&FlagKey, Vec<&FlagDefinition>> {
        let mut found: BTreeMap<&FlagKey, Vec<&FlagDefinition>> = BTreeMap::new();
        let index: &CodeIndex = index;
        let compiled = |one: &&FlagDefinition| COMPILED.iter().any(|rule| one.rule.starts_with(rule));
        for definition in index.definitions.iter().filter(|one| !compiled(one)) {
            found.entry(&definition.key).or_default().push(definition);
        }
        found
    };
    let (had, has) = (by_key(before), by_key(after));
    let new: Vec<(&FlagKey, &FlagDefinition)> = has
        .iter()
        .filter(|(key, _)| !had.contains_key(*key))
        .map(|(key, definitions)| (*key, definitions[0]))
        .collect();
    let gone: Vec<&FlagKey> = had.keys().copied().filter(|key| !has.contains_key(key)).collect();
    let mut found = Vec::new();
    for (key, was) in &had {
        let first = was[0];
        let place = |one: &FlagDefinition| one.value_span.unwrap_or(one.span);
        let (fate, now) = match has.get(key) {
            Some(now) => match (agreed(was), agreed(now)) {
                (from @ (FlagValue::On | FlagValue::Off), to @ (FlagValue::On | FlagValue::Off)) if from != to => {
                    (Fate::Turned { from, to }, Some(place(now[0])))
                }
                _ => continue,
            },
            // One that went and one that came, of the same rule and value, are one with a new name.
            None => match (gone.as_slice(), new.as_slice()) {
                ([_], [(to, one)]) if one.rule == first.rule && one.declared == first.declared => {
                    (Fate::Renamed((*to).clone()), Some(one.span))
                }
                _ => (Fate::Removed, None),
            },
        };
        let turned = matches!(fate, Fate::Turned { .. });
        found.push(Turn {
            key: (*key).clone(),
            aliases: was.iter().flat_map(|one| one.aliases.iter().cloned()).collect(),
            fate,
            was: if turned { place(first) } else { first.span },
            now,
        });
    }
    found
}

/// What definitions say that a flag is, if they say the same.
fn agreed(definitions: &[&FlagDefinition]) -> FlagValue {
    let first = definitions[0].declared;
    match definitions.iter().all(|one| one.declared == first) {
        true => first,
        false => FlagValue::Unknown,
    }
}

/// A new line that relies on a flag being there, or being what it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reliance {
    /// Where.
    pub span: Span,
    /// What it does, to be put after the name of its side.
    pub does: &'static str,
    /// How sure it is that it misses a flag that is gone; nothing where it does not.
    pub gone: Option<Certainty>,
    /// How sure it is that it does not go with the other value; nothing where it does.
    pub turned: Option<Certainty>,
}

/// What the new lines of a side read and force of a flag; `index` is that of its whole tree.
#[must_use]
pub fn relied_in_code(sources: &Sources, work: &Work, index: &CodeIndex, key: &FlagKey) -> Vec<Reliance> {
    let tests = TestCode::of(index);
    let mut lines: BTreeMap<&RepoPath, BTreeSet<u32>> = BTreeMap::new();
    let mut is_new = |span: Span| {
        let path = sources.path(span.file);
        let new = lines.entry(path).or_insert_with(|| work.new_lines(path));
        new.contains(&sources.start(span).line)
    };
    let mut found = Vec::new();
    for read in index.reads.iter().filter(|read| read.key == *key) {
        if is_new(read.key_span) {
            // Whoever asks for a flag is ready for both answers; a test that asks has one of them in mind.
            let (does, gone, turned) = match tests.holds(read.span) {
                true => ("reads it in a test", Certainty::Likely, Certainty::Likely),
                false => ("reads it", Certainty::Seen, Certainty::Possible),
            };
            found.push(Reliance {
                span: read.key_span,
                does,
                gone: Some(gone),
                turned: Some(turned),
            });
        }
    }
    for force in &index.forces {
        if force.key == ForcedKey::Key(key.clone()) && is_new(force.span) {
            found.push(Reliance {
                span: force.span,
                does: "sets it in a test",
                gone: Some(Certainty::Likely),
                turned: None,
            });
        }
    }
    found
}

/// The new lines of a document that name a flag.
#[must_use]
pub fn relied_in_words(sources: &Sources, work: &Work, path: &RepoPath, turn: &Turn) -> Vec<Reliance> {
    let Some(file) = work.text_of(path) else {
        return Vec::new();
    };
    let new = work.new_lines(path);
    let lines = sources.file(file).text.lines().zip(1u32..);
    let named = lines.filter(|(line, at)| new.contains(at) && has_word(line, turn.key.as_str(), &['-']));
    let reliance = |(line, at): (&str, u32)| {
        let old = match &turn.fate {
            Fate::Turned { from, .. } => has_word(&line.to_lowercase(), from.word(), &['-']),
            Fate::Removed | Fate::Renamed(_) => false,
        };
        Reliance {
            span: sources.line(file, at),
            does: "speaks of it",
            gone: Some(Certainty::Likely),
            turned: Some(if old { Certainty::Likely } else { Certainty::Possible }),
        }
    };
    named.map(reliance).collect()
}

/// What a turn of one side breaks on the other; nothing if that relies on nothing of it.
#[must_use]
pub fn flag_breach(sources: &Sources, by: usize, turn: &Turn, relied: &[Reliance]) -> Option<Breach> {
    let sure = |one: &Reliance| match turn.fate {
        Fate::Removed | Fate::Renamed(_) => one.gone,
        Fate::Turned { .. } => one.turned,
    };
    let mut relied: Vec<(Certainty, &Reliance)> = relied.iter().filter_map(|one| Some((sure(one)?, one))).collect();
    relied.sort_by_key(|(certainty, one)| (*certainty, one.span));
    relied.dedup_by_key(|(_, one)| one.span);
    let (certainty, first) = *relied.first()?;
    let key = turn.key.as_str();
    let deed = match &turn.fate {
        Fate::Removed => format!("removes flag {key}"),
        Fate::Renamed(to) => format!("renames flag {key} to {to}", to = to.as_str()),
        Fate::Turned { from, to } => format!("turns flag {key} from {from} to {to}"),
    };
    let at = sources.start(first.span).line;
    let more = more(relied.len());
    let does = format!("{} in {}:{at}{more}", first.does, sources.path(first.span.file));
    let place = |span, note: &str| BreachPlace {
        span,
        note: note.to_owned(),
    };
    let mut turned = vec![place(turn.now.unwrap_or(turn.was), "what became of the flag")];
    // A first record has no place where it was another one.
    if turn.now.is_some_and(|now| now != turn.was) {
        turned.push(place(turn.was, "as it was"));
    }
    let using = relied.iter().take(SHOWN).map(|(_, one)| place(one.span, one.does));
    Some(Breach {
        certainty,
        kind: BreachKind::Flag,
        subject: key.to_owned(),
        deeds: ordered(by, deed, does),
        places: ordered(by, turned, using.collect()),
    })
}
