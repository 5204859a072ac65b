//! What one side's migration takes away and the other's builds on: a table that is dropped here and altered there, a column that is dropped or
//! renamed here and indexed there. Enters: the [`Work`] of both. Leaves: [`Breach`]es. Two migrations of one object are `twice`.

use super::spoken::breach;
use super::twice::{apart, new_migrations, root};
use super::work::Work;
use super::{Breach, BreachKind, Certainty, has_word};
use crate::index::{SchemaAction, SchemaChange, SchemaObject};
use crate::source::Sources;

/// The findings of both directions.
pub(super) fn undermined(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let changes = works.map(|work| new_migrations(sources, work));
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        for change in changes[by].iter().filter(|one| one.action == SchemaAction::Drop) {
            let built = changes[other]
                .iter()
                .find(|one| builds_on(sources, one, &change.object));
            if let Some(built) = built.filter(|one| !apart(sources, change, one)) {
                found.push(told(sources, by, change, built));
            }
        }
    }
    found.sort();
    found.dedup_by(|later, earlier| later.subject == earlier.subject);
    found
}

/// True if a change needs an object to be there.
fn builds_on(sources: &Sources, change: &SchemaChange, object: &SchemaObject) -> bool {
    if change.action == SchemaAction::Drop {
        return false;
    }
    let table = match &change.object {
        SchemaObject::Column(table, _) => Some(table),
        SchemaObject::Constraint(table, _) => table.as_ref(),
        SchemaObject::Table(_) | SchemaObject::Enum(_) => None,
    };
    match object {
        SchemaObject::Table(gone) => table == Some(gone),
        SchemaObject::Column(of, column) => {
            let index = matches!(change.object, SchemaObject::Constraint(..)) && table == Some(of);
            index && has_word(statement(sources, change), column, &[])
        }
        SchemaObject::Constraint(..) | SchemaObject::Enum(_) => false,
    }
}

/// The statement that a change stands in, up to its semicolon.
pub(super) fn statement<'s>(sources: &'s Sources, change: &SchemaChange) -> &'s str {
    let text = &sources.file(change.span.file).text;
    let at = change.span.bytes;
    let start = text[..at.start as usize].rfind(';').map_or(0, |end| end + 1);
    let from = at.end as usize;
    let end = text[from..].find(';').map_or(text.len(), |end| from + end);
    &text[start..end]
}

fn told(sources: &Sources, by: usize, gone: &SchemaChange, built: &SchemaChange) -> Breach {
    let [first, second] = [gone, built].map(|change| sources.path(change.span.file));
    // What is numbered to run first still finds it; and two roots of migrations are two databases, as a rule.
    let sure = root(first) == root(second) && second.file_name() > first.file_name();
    let certainty = if sure { Certainty::Likely } else { Certainty::Possible };
    let name = gone.object.name();
    let does = match built.action {
        SchemaAction::Create => "adds",
        SchemaAction::Alter | SchemaAction::Drop => "changes",
    };
    let deeds = [
        format!("drops {name} in a migration"),
        format!("{does} {} of it in another", built.object.name()),
    ];
    breach(
        by,
        (BreachKind::Schema, certainty, &name),
        deeds,
        [gone.span, built.span],
    )
}
