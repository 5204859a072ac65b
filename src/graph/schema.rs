//! The one migration that others wait for. Enters: who writes which schema object, the declared order, the words of the documents.
//! Leaves: candidate edges from the coordinated migration to the other writers of the object.

use std::collections::{BTreeMap, BTreeSet};

use super::edges::{self, Edges};
use super::{EdgeKind, Inputs, Numbers};
use crate::prd::{Access, Prd};
use crate::source::Sources;
use crate::touchpoint::{Certainty, Target, Touchpoint};

/// Words before "migration" by which a document says that it makes the change for others too.
const SHARED: &[&str] = &["coordinated", "shared", "joint", "common", "combined", "single", "one"];

/// How far before "migration" such a word may stand ("one coordinated schema migration").
const REACH: usize = 3;

/// Edges from the coordinated migration of a schema object to every other PRD that writes it. `reaches` knows the declared order.
pub(super) fn migrations(
    inputs: &Inputs<'_>,
    numbers: &Numbers<'_>,
    reaches: impl Fn(usize, usize) -> bool,
    edges: &mut Edges,
) {
    let coordinated = coordinated(inputs, numbers);
    for writers in writers(inputs, numbers).values() {
        let is_migration = |number: usize| {
            let others = || writers.keys().copied().filter(|other| *other != number);
            let behind = others().filter(|&other| reaches(number, other)).count();
            let first = !others().any(|other| reaches(other, number));
            first && (behind >= 2 || (coordinated.contains(&number) && others().next().is_some()))
        };
        let candidates: Vec<usize> = writers.keys().copied().filter(|&number| is_migration(number)).collect();
        // Two documents that both claim to be the migration are a race, not an order.
        let &[from] = candidates.as_slice() else { continue };
        for (&to, point) in writers.iter().filter(|(to, _)| **to != from) {
            let places = writers[&from]
                .because
                .iter()
                .take(3)
                .chain(point.because.iter().take(3));
            edges::add(edges, from, to, EdgeKind::Schema, places.copied());
        }
    }
}

/// Who writes each schema object, with the touchpoint that says so.
fn writers<'a>(inputs: &Inputs<'a>, numbers: &Numbers<'_>) -> BTreeMap<&'a Target, BTreeMap<usize, &'a Touchpoint>> {
    let mut writers: BTreeMap<&Target, BTreeMap<usize, &Touchpoint>> = BTreeMap::new();
    for point in inputs.touchpoints {
        let sure = point.certainty >= Certainty::Mentioned && point.access >= Access::Write;
        if sure
            && point.target.kind.is_schema()
            && let Some(number) = numbers.of(&point.prd)
        {
            writers.entry(&point.target).or_default().insert(number, point);
        }
    }
    writers.retain(|_, prds| prds.len() > 1);
    writers
}

/// The PRDs that say that they are a migration for others.
fn coordinated(inputs: &Inputs<'_>, numbers: &Numbers<'_>) -> BTreeSet<usize> {
    let says = |prd: &&Prd| says_so(prd, inputs.sources);
    inputs
        .prds
        .iter()
        .filter(says)
        .filter_map(|prd| numbers.of(&prd.id))
        .collect()
}

/// The title names a migration, and the title or the text says that it is shared. A document that only refers to somebody else's
/// coordinated migration has another title.
fn says_so(prd: &Prd, sources: &Sources) -> bool {
    let title = words(&prd.title);
    let id = words(&prd.id.0);
    let titled = |list: &[String]| list.iter().any(|word| is_migration(word));
    if !titled(&title) && !titled(&id) {
        return false;
    }
    let text = words(&sources.file(prd.title_span.file).text);
    near(&title) || near(&text)
}

fn near(words: &[String]) -> bool {
    let shared = |word: &String| SHARED.contains(&word.as_str());
    let mut at = words.iter().enumerate().filter(|(_, word)| is_migration(word));
    at.any(|(at, _)| words[at.saturating_sub(REACH)..at].iter().any(shared))
}

fn is_migration(word: &str) -> bool {
    matches!(word, "migration" | "migrations")
}

fn words(text: &str) -> Vec<String> {
    let parts = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect()
}
