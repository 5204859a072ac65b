//! What both sides of a pair add, each for itself: a place among the migrations, an object of the database, a key, a route. Enters: the [`Work`] of
//! both. Leaves: [`Breach`]es. Names that both add to one scope are `names`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::names::names;
use super::served::served;
use super::undermined::{statement, undermined};
use super::work::{Texts, Work};
use super::{Breach, BreachKind, BreachPlace, Certainty};
use crate::index::schema::{changes_of, is_migration, is_numbered, slot};
use crate::index::{SchemaAction, SchemaChange, SchemaObject, data};
use crate::source::{FileId, RepoPath, Sources, Span};

/// Larger files of settings are not taken apart.
pub(super) const LARGEST: usize = 512 << 10;

/// What folders of migrations are called.
const ROOTS: [&str; 3] = ["migrations", "migration", "migrate"];

/// The keys that a change adds to a file of settings, each with its value.
pub(super) type NewKeys = BTreeMap<Vec<String>, String>;

/// What both sides add.
pub(super) fn twice(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let mut found = names(works);
    if works.iter().all(|work| work.migrates()) {
        found.extend(migrations(sources, works));
        found.extend(undermined(sources, works));
    }
    found.extend(keys(sources, works));
    found.extend(served(sources, works));
    found
}

pub(super) fn breach(
    kind: BreachKind,
    certainty: Certainty,
    subject: String,
    deed: &str,
    places: [Vec<Span>; 2],
) -> Breach {
    let place = |span| BreachPlace {
        span,
        note: deed.to_owned(),
    };
    Breach {
        certainty,
        kind,
        subject,
        deeds: [deed.to_owned(), "does so too".to_owned()],
        places: places.map(|spans| spans.into_iter().map(place).collect()),
    }
}

/// The new migrations of a side.
fn made(work: &Work) -> Vec<(&RepoPath, FileId)> {
    let new = work
        .texts
        .iter()
        .filter(|(path, texts)| texts.base.is_none() && is_migration(path));
    new.filter_map(|(path, texts)| Some((path, texts.side?))).collect()
}

/// What the new migrations of a side do.
pub(super) fn new_migrations(sources: &Sources, work: &Work) -> Vec<SchemaChange> {
    let files = made(work).into_iter();
    files.flat_map(|(_, file)| changes_of(sources, file).0).collect()
}

/// New migrations: one place for both, or one object of the database.
fn migrations(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let [ours, theirs] = works.map(made);
    let mut found = Vec::new();
    for (path, file) in ours.iter().filter(|(path, _)| is_numbered(path)) {
        for (other, their) in theirs.iter().filter(|(other, _)| other != path) {
            let same = slot(path)
                .filter(|slot| !slot.is_day())
                .filter(|one| Some(one) == slot(other).as_ref());
            if let Some(place) = same {
                let deed = format!("adds migration {} ({path})", place.number);
                let spans = [*file, *their].map(|file| vec![sources.line(file, 1)]);
                let subject = format!("migration {}", place.number);
                let mut one = breach(BreachKind::MigrationSlot, Certainty::Seen, subject, &deed, spans);
                one.deeds[1] = format!("adds another one of this number ({other})");
                found.push(one);
            }
        }
    }
    let [mine, others] = works.map(|work| new_migrations(sources, work));
    for change in &mine {
        for other in others.iter().filter(|other| other.object == change.object) {
            if apart(sources, change, other)
                || is_told_elsewhere(sources, change, other)
                || is_one(sources, [change, other])
            {
                continue;
            }
            let of = |change: &SchemaChange| root(sources.path(change.span.file));
            if let Some(certainty) = race(change, other) {
                // Two roots of migrations are as a rule two databases, and may be one.
                let certainty = if of(change) == of(other) {
                    certainty
                } else {
                    Certainty::Possible
                };
                let word = |action| match action {
                    SchemaAction::Create => "creates",
                    SchemaAction::Alter => "changes",
                    SchemaAction::Drop => "drops",
                };
                let name = change.object.name();
                let deed = format!("{} {name} in a migration", word(change.action));
                let spans = [vec![change.span], vec![other.span]];
                let mut one = breach(BreachKind::Schema, certainty, name, &deed, spans);
                one.deeds[1] = format!("{} it in another", word(other.action));
                found.push(one);
            }
        }
    }
    found.sort();
    let mut known = BTreeSet::new();
    found.retain(|one| known.insert((one.kind, one.subject.clone())));
    // A table that both make has columns that both make.
    let whole: BTreeSet<String> = found.iter().map(|one| one.subject.clone()).collect();
    found.retain(|one| {
        one.subject
            .split_once('.')
            .is_none_or(|(table, _)| !whole.contains(table))
    });
    found
}

/// True for two statements of one text that make a thing only where it is not there.
fn is_one(sources: &Sources, changes: [&SchemaChange; 2]) -> bool {
    let [one, other] = changes.map(|change| {
        statement(sources, change)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    });
    one == other && one.contains("if not exists")
}

/// The folder below which the migrations of one database lie.
pub(super) fn root(path: &RepoPath) -> String {
    let parts: Vec<&str> = path.parent().split('/').collect();
    let named = parts.iter().rposition(|part| ROOTS.contains(part));
    match (named, slot(path)) {
        (Some(at), _) => parts[..=at].join("/"),
        (None, Some(slot)) => slot.folder,
        (None, None) => path.parent().to_owned(),
    }
}

/// Columns that two migrations of Rails add: `migrations` knows which of them ask first whether the column is there.
fn is_told_elsewhere(sources: &Sources, one: &SchemaChange, other: &SchemaChange) -> bool {
    let adds = |change: &SchemaChange| {
        let column = matches!(change.object, SchemaObject::Column(..)) && change.action == SchemaAction::Create;
        column && sources.path(change.span.file).extension() == "rb"
    };
    adds(one) && adds(other)
}

/// True if the tables of two changes are named with other schemas (`sales.orders`, `archive.orders`): then they are two tables.
pub(super) fn apart(sources: &Sources, one: &SchemaChange, other: &SchemaChange) -> bool {
    let schemas = |change: &SchemaChange| {
        let table = match &change.object {
            SchemaObject::Table(name) | SchemaObject::Column(name, _) | SchemaObject::Enum(name) => name,
            SchemaObject::Constraint(table, name) => table.as_ref().unwrap_or(name),
        };
        qualifiers(&sources.file(change.span.file).text, table)
    };
    schemas(one).is_disjoint(&schemas(other))
}

/// The schemas that a table is named with in a text; empty where none is said, and for those that are meant then.
fn qualifiers(text: &str, table: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_quote = |c: char| matches!(c, '"' | '`' | '[' | ']' | '\'');
    let whole = text.match_indices(table).filter(|(at, _)| {
        let around = [text[..*at].chars().next_back(), text[at + table.len()..].chars().next()];
        !around.into_iter().flatten().any(is_word)
    });
    let schema = |(at, _): (usize, &str)| {
        let before = text[..at].trim_end_matches(is_quote);
        let Some(before) = before.strip_suffix('.') else {
            return String::new();
        };
        let name = before.trim_end_matches(is_quote);
        let from = name.rfind(|c| !is_word(c)).map_or(0, |at| at + 1);
        match &name[from..] {
            "public" | "dbo" => String::new(),
            name => name.to_lowercase(),
        }
    };
    whole.map(schema).collect()
}

/// How sure it is that two migrations of one object do not go together.
fn race(one: &SchemaChange, other: &SchemaChange) -> Option<Certainty> {
    use SchemaAction::{Alter, Create, Drop};
    match (&one.object, one.action, other.action) {
        (_, Create, Create) | (SchemaObject::Constraint(..), _, _) => (one.action, &one.values)
            .ne(&(other.action, &other.values))
            .then_some(Certainty::Seen)
            .or_else(|| matches!((one.action, other.action), (Create, Create)).then_some(Certainty::Seen)),
        (_, Drop, Drop) => None,
        (_, Drop, Alter | Create) | (_, Alter | Create, Drop) => Some(Certainty::Likely),
        (SchemaObject::Enum(_) | SchemaObject::Column(..), _, _) => Some(Certainty::Likely),
        (SchemaObject::Table(_), _, _) => None,
    }
}

/// Keys that both add to one file of settings or words, each with another value.
fn keys(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let [ours, theirs] = works;
    let mut found = Vec::new();
    let few = if ours.texts.len() <= theirs.texts.len() {
        ours
    } else {
        theirs
    };
    for path in few.texts.keys() {
        let (Some(texts), Some(other)) = (ours.texts.get(path), theirs.texts.get(path)) else {
            continue;
        };
        let (Some(mine), Some(yours)) = (added_keys(sources, path, ours), added_keys(sources, path, theirs)) else {
            continue;
        };
        for (key, value) in mine {
            let Some(their) = yours.get(key).filter(|their| *their != value) else {
                continue;
            };
            let (Some(a), Some(b)) = (texts.side, other.side) else {
                continue;
            };
            let name = key.join(".").trim_start_matches('.').to_owned();
            let deed = format!("adds {name} to {path} as {}", shown(value));
            let spans = [line_of(sources, a, key, value), line_of(sources, b, key, their)];
            let mut one = breach(BreachKind::Key, Certainty::Seen, name, &deed, spans);
            one.deeds[1] = format!("adds it as {}", shown(their));
            found.push(one);
        }
    }
    found
}

/// The keys that a side adds to a file, found out once.
fn added_keys<'w>(sources: &Sources, path: &RepoPath, work: &'w Work) -> Option<&'w NewKeys> {
    let texts = *work.texts.get(path)?;
    let keys = &work.touched.get(path)?.keys;
    keys.get_or_init(|| new_keys(sources, path, texts)).as_ref()
}

fn shown(value: &str) -> String {
    let short: String = value.chars().take(40).collect();
    let cut = if short.len() < value.len() { "…" } else { "" };
    format!("`{short}{cut}`")
}

pub(super) fn line_of(sources: &Sources, file: FileId, key: &[String], value: &str) -> Vec<Span> {
    let name = key.last().map_or("", String::as_str);
    let lines = sources.file(file).text.lines().enumerate();
    let mut holding = lines
        .filter(|(_, line)| line.contains(name))
        .map(|(at, line)| (!line.contains(value), at));
    let first = holding.by_ref().min();
    let line = first.and_then(|(_, at)| u32::try_from(at + 1).ok()).unwrap_or(1);
    vec![sources.line(file, line)]
}

/// The keys that a side adds to a file of settings, each with its value; nothing for other files, and for new ones.
fn new_keys(sources: &Sources, path: &RepoPath, texts: Texts) -> Option<NewKeys> {
    let [base, side] = [texts.base?, texts.side?].map(|file| &*sources.file(file).text);
    if side.len() > LARGEST || base.len() > LARGEST || path.file_name().contains("lock") {
        return None;
    }
    let (had, mut has) = (values(path, base)?, values(path, side)?);
    has.retain(|key, _| !had.contains_key(key));
    Some(has)
}

/// The single values of a file of settings, each with the keys that lead to it. What stands in lists has no name.
pub(super) fn values(path: &RepoPath, text: &str) -> Option<BTreeMap<Vec<String>, String>> {
    let whole: Value = match path.extension() {
        "json" => {
            let mut plain = text.trim_start_matches('\u{feff}').to_owned();
            json_strip_comments::strip(&mut plain).ok()?;
            serde_json::from_str(&plain).ok()?
        }
        "yml" | "yaml" => serde_saphyr::from_str(text).ok()?,
        "toml" => serde_json::to_value(text.parse::<toml::Table>().ok()?).ok()?,
        "properties" => return Some(properties(text)),
        "po" => return Some(catalog(text)),
        _ if path.file_name().starts_with(".env") => {
            let each = data::settings(text).into_iter();
            return Some(each.map(|(name, value)| (vec![name], value)).collect());
        }
        _ => return None,
    };
    let (mut found, mut open) = (BTreeMap::new(), vec![(Vec::new(), whole)]);
    while let Some((keys, value)) = open.pop() {
        match value {
            Value::Object(entries) => open.extend(entries.into_iter().map(|(name, value)| {
                let mut keys = keys.clone();
                keys.push(name);
                (keys, value)
            })),
            Value::String(text) => {
                found.insert(keys, text);
            }
            other => {
                found.insert(keys, other.to_string());
            }
        }
    }
    Some(found)
}

/// The keys of a file of properties (`key = value`, `key: value`).
fn properties(text: &str) -> BTreeMap<Vec<String>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '!']));
    let each = lines.filter_map(|line| line.split_once(['=', ':']));
    each.map(|(key, value)| (vec![key.trim().to_owned()], value.trim().to_owned()))
        .collect()
}

/// The messages of a catalogue of gettext, by context and id.
fn catalog(text: &str) -> BTreeMap<Vec<String>, String> {
    let mut found = BTreeMap::new();
    // Blocks are apart by a blank line; a text goes on in quotes on the next lines.
    for block in text.replace("\r\n", "\n").split("\n\n") {
        let mut parts: BTreeMap<&str, String> = BTreeMap::new();
        let mut open = "";
        for line in block.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            let (word, rest) = line.split_once('"').unwrap_or((line, ""));
            if !word.trim().is_empty() {
                open = word.trim();
            }
            parts.entry(open).or_default().push_str(rest.trim_end_matches('"'));
        }
        let part = |name: &str| parts.get(name).cloned().unwrap_or_default();
        let (id, said) = (part("msgid"), part("msgstr"));
        if !id.is_empty() && !said.is_empty() {
            found.insert(vec![part("msgctxt"), id], said);
        }
    }
    found
}
