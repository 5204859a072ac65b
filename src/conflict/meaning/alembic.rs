//! Two new revisions of Alembic that follow one and that nothing joins: then there are two heads, and `upgrade head` stops. Enters: the [`Work`] of both
//! sides. Leaves: [`Breach`]es. A revision whose order is not written out makes all of its folder unknown.

use std::collections::{BTreeMap, BTreeSet};

use super::migrations::last;
use super::spoken::breach;
use super::work::Work;
use super::{Breach, BreachKind, Certainty};
use crate::source::{FileId, RepoPath, Sources};

/// A revision, as far as its order goes.
struct Revision {
    id: String,
    /// The revisions that it follows; several for one that joins them.
    after: Vec<String>,
    /// The line that says so.
    line: u32,
    /// It begins a branch that has a name: a second head is meant.
    named: bool,
    file: FileId,
    new: bool,
}

/// Revisions of one side by path; nothing for one whose order is not written out.
type Revisions<'w> = BTreeMap<&'w RepoPath, Option<Revision>>;

/// The breaches of two sides.
pub(super) fn second_heads(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let [ours, theirs] = works.map(|work| revisions(sources, work));
    let mut found = Vec::new();
    for (folder, mine) in &ours {
        let Some(others) = theirs.get(folder) else { continue };
        let all: Option<Vec<&Revision>> = mine.values().chain(others.values()).map(Option::as_ref).collect();
        let Some(all) = all else { continue };
        let all: Vec<(&str, Vec<&str>)> = all
            .into_iter()
            .map(|one| (one.id.as_str(), one.after.iter().map(String::as_str).collect()))
            .collect();
        let mut told = BTreeSet::new();
        for (path, one) in only(mine, others) {
            for (other, second) in only(others, mine) {
                let Some(before) = one.after.iter().find(|before| second.after.contains(before)) else {
                    continue;
                };
                let apart = || last(&one.id, &all).is_disjoint(&last(&second.id, &all));
                if !apart() || !told.insert(before) {
                    continue;
                }
                let deeds = [
                    format!("adds migration {path} after {before}"),
                    format!("adds {other} after it, too: there are two heads"),
                ];
                let certainty = match one.named || second.named {
                    true => Certainty::Possible,
                    false => Certainty::Seen,
                };
                let what = (BreachKind::MigrationSlot, certainty, before.as_str());
                let places = [one, second].map(|one| sources.line(one.file, one.line));
                found.push(breach(0, what, deeds, places));
            }
        }
    }
    found
}

/// What is new on this side and not on the other, by path and by id.
fn only<'r>(side: &'r Revisions<'_>, other: &'r Revisions<'_>) -> impl Iterator<Item = (&'r RepoPath, &'r Revision)> {
    let known = move |id: &str| other.values().flatten().any(|one| one.id == id);
    let own = side
        .iter()
        .filter_map(|(path, one)| Some((*path, one.as_ref().filter(|one| one.new)?)));
    own.filter(move |(path, one)| !other.contains_key(*path) && !known(&one.id))
}

/// The revisions that a side made or changed, by the folder of their environment: they may lie in folders below it.
fn revisions<'w>(sources: &Sources, work: &'w Work) -> BTreeMap<&'w str, Revisions<'w>> {
    let mut found: BTreeMap<&str, Revisions<'_>> = BTreeMap::new();
    for (path, texts) in work.texts() {
        let Some(file) = texts.side.filter(|_| path.extension() == "py") else {
            continue;
        };
        let Some(revision) = revision(&sources.file(file).text, file, texts.base.is_none()) else {
            continue;
        };
        let folder = path.parent();
        let folder = match folder.find("versions/") {
            Some(at) => &folder[..at + "versions".len()],
            None => folder,
        };
        found.entry(folder).or_default().insert(path, revision);
    }
    found
}

/// Reads a revision: nothing for any other file, and nothing within for one whose order is not written out.
fn revision(text: &str, file: FileId, new: bool) -> Option<Option<Revision>> {
    let id = text.lines().find_map(|line| value(line, "revision"))?;
    let after = text.lines().zip(1u32..).find_map(|(line, at)| {
        let start = value(line, "down_revision")?;
        let from = start.as_ptr() as usize - text.as_ptr() as usize;
        Some((at, &text[from..]))
    });
    let (line, after) = after?;
    let labels = text.lines().find_map(|line| value(line, "branch_labels"));
    let one = || {
        Some(Revision {
            id: names(id)?.pop()?,
            after: names(after)?,
            line,
            named: labels.is_some_and(|labels| !labels.starts_with("None")),
            file,
            new,
        })
    };
    Some(one())
}

/// What a line at the margin gives this name: `NAME = …`, `NAME: TYPE = …`.
fn value<'t>(line: &'t str, name: &str) -> Option<&'t str> {
    let (before, value) = line.strip_prefix(name)?.split_once('=')?;
    (before.trim().is_empty() || before.trim_start().starts_with(':')).then(|| value.trim())
}

/// The names that a value consists of: one in quotes, several in brackets, none for `None`; nothing where anything else is there.
fn names(text: &str) -> Option<Vec<String>> {
    let quoted = |text: &str| {
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let end = text[1..].find(quote)? + 1;
        Some((text[1..end].to_owned(), text[end + 1..].trim_start().to_owned()))
    };
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(['#', '\n', '\r']);
    if text.starts_with("None") {
        return Some(Vec::new());
    }
    let close = match text.chars().next()? {
        '(' => ')',
        '[' => ']',
        _ => {
            let (name, _) = quoted(text)?;
            let rest = text[name.len() + 2..].trim_start_matches([' ', '\t']);
            return ends(rest).then(|| vec![name]);
        }
    };
    let inner = text[1..].split_once(close)?.0;
    let plain: Vec<&str> = inner
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .collect();
    let (mut rest, mut found) = (plain.join(" ").trim().to_owned(), Vec::new());
    while !rest.is_empty() {
        let (name, after) = quoted(&rest)?;
        found.push(name);
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start().to_owned(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(found)
}
