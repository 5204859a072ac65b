//! What the migrations and models of a tree do to the database. Enters: texts and the rules in `rules/schema`, which say which files
//! these are. Leaves: [`SchemaChange`]s in the order in which the migrations run, and what could not be understood. Opens no database;
//! knows nothing of flags or documents.
//!
//! A statement that no dialect of SQL accepts is counted, and the table that it names is still taken as changed.

mod calls;
mod columns;
mod constants;
mod entities;
mod grammar;
mod operations;
pub(super) mod place;
mod prisma;
mod scripts;
mod slot;
pub(super) mod split;
mod sql;
mod subject;
mod tables;
mod tools;
mod values;

pub(super) use grammar::parse;
pub use slot::{Slot, slot};

use std::sync::Arc;

use super::SchemaChange;
use crate::lang::{FileFacts, Language, ParseHealth};
use crate::source::{FileId, RepoPath, SkipReason, Skipped, Sources, View};
use tools::{Reader, Tool};

/// What every migration and model of a tree does. Models come first, then the migrations of each folder by their numbers.
#[must_use]
pub fn changes(sources: &Sources, view: &View) -> (Vec<SchemaChange>, Vec<Skipped>) {
    let mut files: Vec<(Option<Slot>, &RepoPath, FileId, &Tool)> = Vec::new();
    for (path, file) in &view.files {
        let text = &sources.file(*file).text;
        for tool in tools::all().iter().filter(|tool| tool.reads(path, text)) {
            let number = tool.reader.is_migration().then(|| slot(path)).flatten();
            files.push((number, path, *file, tool));
        }
    }
    files.sort_by(|a, b| (a.3.reader.is_migration(), &a.0, a.1).cmp(&(b.3.reader.is_migration(), &b.0, b.1)));
    let (mut changes, mut skipped) = (Vec::new(), Vec::new());
    for (_, path, file, tool) in files {
        let found = read(sources, path, file, tool);
        changes.extend(found.changes);
        skipped.extend(found.skipped.map(|reason| Skipped {
            path: path.clone(),
            reason,
        }));
    }
    (changes, skipped)
}

/// What one file does, if it is a migration or a model.
#[must_use]
pub fn changes_of(sources: &Sources, file: FileId) -> (Vec<SchemaChange>, Option<Skipped>) {
    let source = sources.file(file);
    let (mut changes, mut skipped) = (Vec::new(), None);
    for tool in tools::all()
        .iter()
        .filter(|tool| tool.reads(&source.path, &source.text))
    {
        let found = read(sources, &source.path, file, tool);
        changes.extend(found.changes);
        let path = source.path.clone();
        skipped = skipped.or(found.skipped.map(|reason| Skipped { path, reason }));
    }
    (changes, skipped)
}

/// True if the file is a migration (not a model): a new one takes a place in an order.
#[must_use]
pub fn is_migration(path: &RepoPath) -> bool {
    tools::all()
        .iter()
        .any(|tool| tool.reader.is_migration() && tool.takes(path))
}

/// True if the file is a migration whose place in the order is the number in its name: two of one number are in each other's way.
#[must_use]
pub fn is_numbered(path: &RepoPath) -> bool {
    let mut takers = tools::all()
        .iter()
        .filter(|tool| tool.reader.is_migration() && tool.takes(path))
        .peekable();
    takers.peek().is_some() && takers.all(|tool| !tool.chained)
}

/// What was found in one file.
#[derive(Default)]
struct Found {
    changes: Vec<SchemaChange>,
    skipped: Option<SkipReason>,
}

impl Found {
    /// `lost` places were not understood.
    fn new(changes: Vec<SchemaChange>, lost: u32) -> Self {
        Self {
            changes,
            skipped: (lost > 0).then_some(SkipReason::HalfParsed(lost)),
        }
    }
}

fn read(sources: &Sources, path: &RepoPath, file: FileId, tool: &Tool) -> Found {
    let text = &sources.file(file).text;
    match tool.reader {
        Reader::Sql => {
            let mut reading = sql::Reading::default();
            reading.read(&text[..tool.way_there(text)], &place::Place::At { file, start: 0 });
            Found::new(reading.changes, reading.lost)
        }
        Reader::Prisma => Found::new(prisma::models(file, text), 0),
        Reader::Scripts => with_facts(path, file, text, |facts| scripts::migration(facts, tool)),
        Reader::Operations => with_facts(path, file, text, |facts| operations::operations(facts, &tool.words)),
        Reader::Tables => with_facts(path, file, text, |facts| tables::tables(facts, &tool.words)),
        Reader::Entities => with_facts(path, file, text, |facts| entities::entities(facts, &tool.words)),
    }
}

/// Reads a file of code; `find` gives the changes and how many places it could not understand.
fn with_facts(
    path: &RepoPath,
    file: FileId,
    text: &Arc<str>,
    find: impl Fn(&FileFacts) -> (Vec<SchemaChange>, u32),
) -> Found {
    let Some(language) = Language::of(path) else {
        return Found::default();
    };
    let facts = crate::lang::read(file, path, text, language, &[]);
    let (changes, lost) = find(&facts);
    match &facts.health {
        ParseHealth::Whole => Found::new(changes, lost),
        ParseHealth::Partial(places) => Found::new(changes, lost.saturating_add(*places)),
        ParseHealth::Failed(reason) => Found {
            changes,
            skipped: Some(reason.clone()),
        },
    }
}

#[cfg(test)]
mod tests;
