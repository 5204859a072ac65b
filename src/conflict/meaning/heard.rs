//! Events: one side sends something else in the place of a name, or sends it no more, and the other's new lines wait for that name. Enters: the [`Work`] of
//! both. Leaves: [`Vanished`] names.

use std::collections::BTreeSet;

use super::spoken::without_comment;
use super::touched::{Touched, number};
use super::vanished::Vanished;
use super::work::Work;
use super::{BreachKind, Certainty};
use crate::lang::Language;
use crate::source::{FileId, Sources, Span};

/// What sends, in small letters (Node's `EventEmitter`, DOM, Redux, Rails, Python's signals and buses).
const SENDS: [&str; 10] = [
    "emit",
    "publish",
    "dispatch",
    "trigger",
    "notify",
    "broadcast",
    "send",
    "fire",
    "enqueue",
    "instrument",
];

/// What waits.
const WAITS: [&str; 11] = [
    ".on(",
    ".once(",
    "addeventlistener",
    "subscribe",
    "listen",
    "handle",
    "consume",
    "@on",
    "on_event",
    "register",
    "waitfor",
];

/// The events of which one side sends none any more and that the other one waits for.
pub(super) fn heard(sources: &Sources, works: [&Work; 2]) -> Vec<Vanished> {
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        let (breaker, user) = (works[by], works[other]);
        let each = breaker.touched.iter().flat_map(|(path, touched)| {
            let base = breaker.texts().get(path).and_then(|texts| texts.base);
            touched
                .sent
                .get_or_init(|| base.map_or_else(Vec::new, |file| sent(sources, file, touched)))
        });
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for (name, was) in each {
            if !user.says(number(name)) || !seen.insert(name) || is_said(sources, breaker, name) {
                continue;
            }
            let Some(used) = waits(sources, user, name) else {
                continue;
            };
            let (file, line) = (sources.path(used.file), sources.start(used).line);
            let was = *was;
            found.push(Vanished {
                by,
                kind: BreachKind::Removed,
                certainty: [Some(Certainty::Likely), None],
                deeds: [
                    format!("sends {name} no more (it did in {})", sources.path(was.file)),
                    format!("waits for {name} in {file}:{line}"),
                ],
                word: name.clone(),
                subject: name.clone(),
                was,
                used,
            });
        }
    }
    found
}

/// A name that nobody gives by chance: `order:placed`, `entry.new`, `orderPlaced`.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
    let begins = text.starts_with(|c: char| c.is_alphabetic());
    text.len() >= 4 && begins && text.chars().all(plain)
}

/// What stands in quotes on a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split(['"', '\'', '`']).skip(1).step_by(2)
}

/// The names that old lines of a file sent, each with its place.
fn sent(sources: &Sources, file: FileId, touched: &Touched) -> Vec<(String, Span)> {
    let mut found: Vec<(String, Span)> = Vec::new();
    let mut old = touched
        .hunks
        .iter()
        .map(|(old, _)| old)
        .filter(|old| old.count > 0)
        .peekable();
    if !touched.code || old.peek().is_none() {
        return found;
    }
    let lines: Vec<&str> = sources.file(file).text.lines().collect();
    for at in old.flat_map(|old| old.start..old.start + old.count) {
        let Some(line) = lines.get(at.saturating_sub(1) as usize) else {
            continue;
        };
        let names = quoted(line).filter(|name| is_name(name));
        let new: Vec<&str> = names
            .filter(|name| !found.iter().any(|(known, _)| known == name))
            .collect();
        if new.is_empty() {
            continue;
        }
        let small = line.to_lowercase();
        if !SENDS.iter().any(|word| small.contains(word)) {
            continue;
        }
        found.extend(new.into_iter().map(|name| (name.to_owned(), sources.line(file, at))));
    }
    found
}

/// True if a changed text of the breaker still has the name in quotes.
fn is_said(sources: &Sources, breaker: &Work, name: &str) -> bool {
    let mut sides = breaker.texts().values().filter_map(|texts| texts.side);
    sides.any(|file| {
        sources
            .file(file)
            .text
            .lines()
            .any(|line| quoted(line).any(|text| text == name))
    })
}

/// The first new line that waits for it; nothing where a new line sends it.
fn waits(sources: &Sources, user: &Work, name: &str) -> Option<Span> {
    let mut first = None;
    for (path, touched) in &user.touched {
        if !touched.said.contains(&number(name)) || !Language::of(path).is_some_and(Language::is_built) {
            continue;
        }
        let Some(file) = user.text_of(path) else { continue };
        let new = user.new_lines(path);
        for (line, at) in sources.file(file).text.lines().zip(1u32..) {
            let line = without_comment(path, line);
            if !new.contains(&at) || !quoted(line).any(|text| text == name) {
                continue;
            }
            let small = line.to_lowercase();
            let waits = WAITS.iter().any(|word| small.contains(word));
            if !waits && SENDS.iter().any(|word| small.contains(word)) {
                return None;
            }
            if waits {
                first = first.or(Some(sources.line(file, at)));
            }
        }
    }
    first
}
