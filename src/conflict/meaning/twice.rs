//! What both sides of a pair add, each for itself: a name in one scope, a place among the migrations, an object of the database, a key, a route.
//! Enters: the [`Work`] of both. Leaves: [`Breach`]es.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::work::{Change, Parsed, Texts, Work};
use super::{Breach, BreachKind, BreachPlace, Certainty};
use crate::conflict::outline::{Item, ItemKind};
use crate::index::routes::routes;
use crate::index::schema::{changes_of, is_migration, slot};
use crate::index::{SchemaAction, SchemaChange, SchemaObject, SymbolKind, data};
use crate::lang::Language;
use crate::source::{FileId, RepoPath, Sources, Span};

/// Larger files of settings are not taken apart.
const LARGEST: usize = 512 << 10;

/// What both sides add.
pub(super) fn twice(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let mut found = names(works);
    found.extend(migrations(sources, works));
    found.extend(keys(sources, works));
    found.extend(served(works));
    found
}

fn breach(kind: BreachKind, certainty: Certainty, subject: String, deed: &str, places: [Vec<Span>; 2]) -> Breach {
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

/// Names that both add to one file (Go: to one package) and that only one of them can have there.
fn names(works: [&Work; 2]) -> Vec<Breach> {
    let [ours, theirs] = works.map(added);
    let mut found: Vec<Breach> = Vec::new();
    let mut owners: BTreeSet<&(String, String)> = BTreeSet::new();
    for (scope, mine) in &ours {
        let Some(other) = theirs.get(scope) else { continue };
        let within = owners.iter().any(|(file, owner)| {
            *file == scope.0
                && scope
                    .1
                    .strip_prefix(owner.as_str())
                    .is_some_and(|rest| rest.starts_with(['.', ':']))
        });
        if within
            || mine.path == other.path && mine.parsed.outline.body(mine.item) == other.parsed.outline.body(other.item)
        {
            continue;
        }
        owners.insert(scope);
        let language = mine.parsed.unit.facts.language;
        let silent = matches!(language, Language::Python | Language::Ruby | Language::JavaScript);
        let certainty = if silent { Certainty::Likely } else { Certainty::Seen };
        let deed = format!("adds {} {} to {}", mine.item.kind.word(), scope.1, mine.path);
        let span = |added: &Added<'_>| vec![added.item.name_bytes.in_file(added.parsed.unit.facts.file)];
        let mut one = breach(
            BreachKind::AddedTwice,
            certainty,
            scope.1.clone(),
            &deed,
            [span(mine), span(other)],
        );
        if mine.path != other.path {
            one.deeds[1] = format!("adds it to {}", other.path);
        }
        found.push(one);
    }
    found
}

/// Something new.
struct Added<'w> {
    path: &'w RepoPath,
    parsed: &'w Parsed,
    item: &'w Item,
}

/// What a side adds and nobody else may add beside it, by its scope and name.
fn added(work: &Work) -> BTreeMap<(String, String), Added<'_>> {
    let mut found = BTreeMap::new();
    for (path, change) in &work.code {
        let Some(parsed) = &change.side else { continue };
        let language = parsed.unit.facts.language;
        for key in change.added() {
            let Some(item) = parsed.item(key).filter(|item| is_alone(language, item)) else {
                continue;
            };
            let package = language == Language::Go && !path.file_name().ends_with("_test.go");
            let scope = if package { path.parent() } else { path.as_str() };
            // A new file that both have is git's.
            if change.base.is_some() || package {
                found.insert((scope.to_owned(), key.name.clone()), Added { path, parsed, item });
            }
        }
    }
    found
}

/// True for what only one can be of its name in its scope.
fn is_alone(language: Language, item: &Item) -> bool {
    let ItemKind::Symbol(kind) = item.kind else {
        return false;
    };
    let script = matches!(language, Language::TypeScript | Language::Tsx | Language::JavaScript);
    match kind {
        // Impls of several traits have methods of one name; other languages have overloads.
        SymbolKind::Method | SymbolKind::Function => match language {
            Language::Rust => kind == SymbolKind::Function,
            Language::Java | Language::Kotlin | Language::CSharp | Language::Ruby => false,
            Language::Go => !matches!(item.key.name.as_str(), "init" | "main" | "_"),
            _ => item.key.nth == 0,
        },
        // Declarations of one interface or namespace are put together.
        SymbolKind::Type | SymbolKind::Module => !script && language != Language::Ruby,
        SymbolKind::Class => !matches!(language, Language::Ruby | Language::CSharp),
        SymbolKind::Constant => {
            !matches!(item.key.name.as_str(), "_")
                && matches!(
                    language,
                    Language::Rust | Language::Go | Language::TypeScript | Language::Tsx
                )
        }
        SymbolKind::Enum => !script,
    }
}

/// New migrations: one place for both, or one object of the database.
fn migrations(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let [ours, theirs] = works.map(|work| {
        let new = work
            .texts
            .iter()
            .filter(|(path, texts)| texts.base.is_none() && is_migration(path));
        new.filter_map(|(path, texts)| Some((path, texts.side?)))
            .collect::<Vec<(&RepoPath, FileId)>>()
    });
    let mut found = Vec::new();
    for (path, file) in &ours {
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
    let changes = |files: &[(&RepoPath, FileId)]| -> Vec<SchemaChange> {
        files
            .iter()
            .flat_map(|(_, file)| changes_of(sources, *file).0)
            .collect()
    };
    let (mine, others) = (changes(&ours), changes(&theirs));
    for change in &mine {
        for other in others.iter().filter(|other| other.object == change.object) {
            if let Some(certainty) = race(change, other) {
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
    found.dedup_by(|a, b| (a.kind, &a.subject) == (b.kind, &b.subject));
    // A table that both make has columns that both make.
    let whole: BTreeSet<String> = found.iter().map(|one| one.subject.clone()).collect();
    found.retain(|one| {
        one.subject
            .split_once('.')
            .is_none_or(|(table, _)| !whole.contains(table))
    });
    found
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
    for (path, texts) in &ours.texts {
        let Some(other) = theirs.texts.get(path) else { continue };
        let (Some(mine), Some(yours)) = (new_keys(sources, path, *texts), new_keys(sources, path, *other)) else {
            continue;
        };
        for (key, value) in &mine {
            let Some(their) = yours.get(key).filter(|their| *their != value) else {
                continue;
            };
            let (Some(a), Some(b)) = (texts.side, other.side) else {
                continue;
            };
            let name = key.join(".");
            let deed = format!("adds {name} to {path} as {}", shown(value));
            let spans = [line_of(sources, a, key, value), line_of(sources, b, key, their)];
            let mut one = breach(BreachKind::Key, Certainty::Seen, name, &deed, spans);
            one.deeds[1] = format!("adds it as {}", shown(their));
            found.push(one);
        }
    }
    found
}

fn shown(value: &str) -> String {
    let short: String = value.chars().take(40).collect();
    let cut = if short.len() < value.len() { "…" } else { "" };
    format!("`{short}{cut}`")
}

fn line_of(sources: &Sources, file: FileId, key: &[String], value: &str) -> Vec<Span> {
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
fn new_keys(sources: &Sources, path: &RepoPath, texts: Texts) -> Option<BTreeMap<Vec<String>, String>> {
    let [base, side] = [texts.base?, texts.side?].map(|file| &*sources.file(file).text);
    if side.len() > LARGEST || base.len() > LARGEST || path.file_name().contains("lock") {
        return None;
    }
    let (had, mut has) = (values(path, base)?, values(path, side)?);
    has.retain(|key, _| !had.contains_key(key));
    Some(has)
}

/// The single values of a file of settings, each with the keys that lead to it. What stands in lists has no name.
fn values(path: &RepoPath, text: &str) -> Option<BTreeMap<Vec<String>, String>> {
    let whole: Value = match path.extension() {
        "json" => {
            let mut plain = text.trim_start_matches('\u{feff}').to_owned();
            json_strip_comments::strip(&mut plain).ok()?;
            serde_json::from_str(&plain).ok()?
        }
        "yml" | "yaml" => serde_saphyr::from_str(text).ok()?,
        "toml" => serde_json::to_value(text.parse::<toml::Table>().ok()?).ok()?,
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

/// Routes that both add to one file.
fn served(works: [&Work; 2]) -> Vec<Breach> {
    let [ours, theirs] = works;
    let mut found = Vec::new();
    for (path, change) in &ours.code {
        let Some(other) = theirs.code.get(path) else { continue };
        let (mine, yours) = (new_routes(change), new_routes(other));
        for (route, span) in &mine {
            let Some(their) = yours.get(route) else { continue };
            let name = format!("{} {}", route.0, route.1).trim().to_owned();
            let deed = format!("serves {name} in {path}");
            found.push(breach(
                BreachKind::Route,
                Certainty::Seen,
                name,
                &deed,
                [vec![*span], vec![*their]],
            ));
        }
    }
    found
}

/// The routes of a changed file that it did not serve before, by method and path.
fn new_routes(change: &Change) -> BTreeMap<(String, String), Span> {
    let of = |parsed: &Option<Parsed>| {
        parsed
            .as_ref()
            .map_or_else(Vec::new, |parsed| routes(&parsed.unit.facts))
    };
    let had: BTreeSet<(String, String)> = of(&change.base)
        .into_iter()
        .map(|route| (route.method, route.path))
        .collect();
    let new = of(&change.side)
        .into_iter()
        .map(|route| ((route.method, route.path), route.span));
    new.filter(|(route, _)| !had.contains(route)).collect()
}
