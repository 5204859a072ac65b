//! What one side takes away and the other's new lines say by name alone: a file of test data, a fixture of pytest, a column in a query, the migration
//! that both follow. Enters: the [`Work`] of both. Leaves: [`Breach`]es; a name in a text is no proof, so none of them is sure but the last.

use std::collections::BTreeSet;

use super::contract::How;
use super::told::ordered;
use super::work::Work;
use super::{Breach, BreachKind, BreachPlace, Certainty, has_word};
use crate::conflict::outline::ItemKind;
use crate::index::schema::{changes_of, is_migration};
use crate::index::{SchemaAction, SchemaObject, SymbolKind};
use crate::lang::tree::Syntax;
use crate::source::{RepoPath, Sources, Span};

/// Folders of test data.
const DATA: [&str; 8] = [
    "fixtures",
    "fixture",
    "__fixtures__",
    "testdata",
    "test-data",
    "test_data",
    "golden",
    "goldens",
];

/// Shorter names of files are said in too many texts.
const SHORTEST: usize = 8;

/// What the two sides' new lines say of what the other takes away.
pub(super) fn spoken(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let mut found = second_heads(sources, works);
    for (by, other) in [(0, 1), (1, 0)] {
        let sides = [works[by], works[other]];
        found.extend(data(sources, by, sides));
        found.extend(fixtures(sources, by, sides));
        found.extend(columns(sources, by, sides));
    }
    found
}

/// True for a file of test data.
#[must_use]
pub fn is_test_data(path: &RepoPath) -> bool {
    path.parent().split('/').any(|folder| DATA.contains(&folder))
}

fn breach(
    by: usize,
    (kind, certainty, subject): (BreachKind, Certainty, &str),
    deeds: [String; 2],
    spans: [Span; 2],
) -> Breach {
    let [deed, does] = deeds;
    let place = |span, note: &str| {
        vec![BreachPlace {
            span,
            note: note.to_owned(),
        }]
    };
    let places = [place(spans[0], &deed), place(spans[1], &does)];
    let [first, second] = places;
    Breach {
        certainty,
        kind,
        subject: subject.to_owned(),
        deeds: ordered(by, deed, does),
        places: ordered(by, first, second),
    }
}

/// The first new line of a side that has all of these words, in a file that `fits`.
fn says(sources: &Sources, work: &Work, words: &[&str], fits: impl Fn(&RepoPath) -> bool) -> Option<Span> {
    for (path, texts) in work.texts() {
        let Some(file) = texts.side.filter(|_| fits(path)) else {
            continue;
        };
        let text = &sources.file(file).text;
        if !words.iter().all(|word| text.contains(word)) {
            continue;
        }
        let new = work.new_lines(path);
        let mut lines = text.lines().zip(1u32..).filter(|(_, at)| new.contains(at));
        if let Some((_, at)) = lines.find(|(line, _)| words.iter().all(|word| has_word(line, word, &[]))) {
            return Some(sources.line(file, at));
        }
    }
    None
}

/// A file of test data that is gone here, and that a new line there names.
fn data(sources: &Sources, by: usize, [breaker, user]: [&Work; 2]) -> Vec<Breach> {
    let gone = breaker
        .texts()
        .iter()
        .filter(|(path, texts)| texts.side.is_none() && is_test_data(path) && path.file_name().len() >= SHORTEST);
    // One that is elsewhere now may be found there.
    let kept: BTreeSet<&str> = breaker.new_paths().map(RepoPath::file_name).collect();
    let each = gone
        .filter(|(path, _)| !kept.contains(path.file_name()))
        .filter_map(|(path, texts)| {
            let said = says(sources, user, &[path.file_name()], |from| {
                from != path && !is_test_data(from)
            })?;
            let deeds = [format!("removes {path}"), "names it".to_owned()];
            let what = (BreachKind::Fixture, Certainty::Likely, path.as_str());
            Some(breach(by, what, deeds, [sources.line(texts.base?, 1), said]))
        });
    each.collect()
}

/// A fixture of a `conftest.py` that is gone here, and that a new function below it takes there.
fn fixtures(sources: &Sources, by: usize, [breaker, user]: [&Work; 2]) -> Vec<Breach> {
    let gone = breaker.gone.iter().filter(|gone| {
        let function = gone.kind == ItemKind::Symbol(SymbolKind::Function) && !gone.name.contains('.');
        gone.path.file_name() == "conftest.py" && function && matches!(gone.how, How::Removed | How::Renamed(_))
    });
    let each = gone.filter_map(|gone| {
        let taken = user.code.iter().find_map(|(path, change)| {
            let below = gone.path.parent().is_empty() || path.as_str().starts_with(&format!("{}/", gone.path.parent()));
            let facts = &change.side.as_ref().filter(|_| below)?.unit.facts;
            let tree = &facts.tree;
            let own = tree.ids().find_map(|id| {
                let Syntax::Function(function) = tree.syntax(id) else {
                    return None;
                };
                let test = function.name.as_ref().is_some_and(|(name, _)| name.starts_with("test"));
                let mut params = function.params.iter().filter(|_| test);
                let param = params.find(|param| facts.words(**param) == gone.name)?;
                let span = tree.bytes(*param).in_file(facts.file);
                change.lines.contains(&sources.start(span).line).then_some(span)
            });
            // A test that brings a fixture of the name itself needs no other.
            own.filter(|_| !facts.text.contains(&format!("def {}(", gone.name)))
        })?;
        let deeds = [
            format!("removes fixture {} of {}", gone.name, gone.path),
            format!("takes it in {}", sources.path(taken.file)),
        ];
        let what = (BreachKind::Fixture, Certainty::Likely, gone.name.as_str());
        Some(breach(by, what, deeds, [gone.was, taken]))
    });
    each.collect()
}

/// A column that a migration drops here, and that a new line names with its table there.
fn columns(sources: &Sources, by: usize, [breaker, user]: [&Work; 2]) -> Vec<Breach> {
    let new = breaker
        .texts()
        .iter()
        .filter(|(path, texts)| texts.base.is_none() && is_migration(path));
    let changes = new
        .filter_map(|(_, texts)| texts.side)
        .flat_map(|file| changes_of(sources, file).0);
    let mut found = Vec::new();
    for change in changes {
        let SchemaObject::Column(table, column) = &change.object else {
            continue;
        };
        if change.action != SchemaAction::Drop || column.len() < 4 {
            continue;
        }
        let fits = |path: &RepoPath| !is_migration(path) && !matches!(path.extension(), "md" | "mdx");
        if let Some(said) = says(sources, user, &[table, column], fits) {
            let name = change.object.name();
            let deeds = [format!("drops {name} in a migration"), "names it in a query".to_owned()];
            let what = (BreachKind::Schema, Certainty::Likely, name.as_str());
            found.push(breach(by, what, deeds, [change.span, said]));
        }
    }
    found
}

/// Two new migrations of Alembic that follow the same one: then there are two heads, and `upgrade head` stops.
fn second_heads(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let [ours, theirs] = works.map(|work| {
        let new = work
            .texts()
            .iter()
            .filter(|(path, texts)| texts.base.is_none() && path.extension() == "py");
        let each = new.filter_map(|(path, texts)| {
            let file = texts.side?;
            let (line, before) = follows(&sources.file(file).text)?;
            Some((path, before, sources.line(file, line)))
        });
        each.collect::<Vec<_>>()
    });
    let mut found = Vec::new();
    for (path, before, span) in &ours {
        for (other, _, place) in theirs.iter().filter(|(other, same, _)| same == before && other != path) {
            let deeds = [
                format!("adds migration {path} after {before}"),
                format!("adds {other} after it, too: there are two heads"),
            ];
            let what = (BreachKind::MigrationSlot, Certainty::Seen, before.as_str());
            found.push(breach(0, what, deeds, [*span, *place]));
        }
    }
    found
}

/// The migration that one of Alembic follows, and the line that says so.
fn follows(text: &str) -> Option<(u32, String)> {
    let value = |line: &str, name: &str| {
        let rest = line.strip_prefix(name)?;
        let (before, value) = rest.split_once('=')?;
        let value = value.trim();
        let quoted = value.strip_prefix(['"', '\''])?.split(['"', '\'']).next()?;
        (before.trim().is_empty() || before.trim_start().starts_with(':')).then(|| quoted.to_owned())
    };
    text.lines().find_map(|line| value(line, "revision"))?;
    let mut lines = text.lines().zip(1u32..);
    lines.find_map(|(line, at)| Some((at, value(line, "down_revision")?)))
}
