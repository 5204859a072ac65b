//! The sets of values that the database allows. Enters: what migrations and models do, what documents mention. Leaves: the set that a
//! value is in, and the set that a document widens when it says "adds status `rescheduled`".
//!
//! A column, its enumerated type and its check are one set under several names. Two documents that widen it meet in one target: the
//! check where there is one, else the type, else the column.

use std::collections::{BTreeMap, BTreeSet};

use super::look::Look;
use super::{Target, TargetKind, known};
use crate::index::{SchemaAction, SchemaChange, SchemaObject};
use crate::prd::{Mention, MentionKind};

/// Words for a member of any set.
const ANY: &[&str] = &["value", "member", "option", "variant", "literal"];

/// Words that mean the same in the names of columns.
const SAME: &[(&str, &str)] = &[("state", "status")];

/// Parts of the names of types and checks that say nothing of what they are about.
const PLAIN: &[&str] = &["enum", "check", "chk", "ck", "constraint", "valid", "allowed"];

/// Words that may stand between a set and what is put into it: "add `x` to the enum `e`", "`e` accepts the value `x`".
const BETWEEN: &[&str] = &[
    "to",
    "into",
    "with",
    "by",
    "gains",
    "gets",
    "accepts",
    "allows",
    "the",
    "a",
    "new",
    "value",
    "values",
    "enum",
    "column",
    "check",
    "constraint",
    "type",
    "also",
];

/// One set of values.
#[derive(Debug)]
struct ValueSet {
    /// What stands for it.
    target: Target,
    /// Everything that it is called.
    members: BTreeSet<Target>,
    /// What one of its values is called: `status`.
    nouns: BTreeSet<String>,
    /// The tables that have it.
    tables: BTreeSet<String>,
}

/// All sets of values.
#[derive(Debug, Default)]
pub(super) struct ValueSets {
    sets: Vec<ValueSet>,
    by_value: BTreeMap<String, BTreeSet<usize>>,
}

impl ValueSets {
    pub(super) fn new(changes: &[SchemaChange]) -> Self {
        let mut groups = Groups::default();
        for change in changes {
            let group = groups.of(&change.object);
            if let Some(about) = &change.about {
                let other = groups.of(about);
                groups.join(group, other);
            }
        }
        let mut of_root: BTreeMap<usize, Vec<&SchemaChange>> = BTreeMap::new();
        for change in changes {
            let root = groups.root(groups.number[&known::schema_object(&change.object)]);
            of_root.entry(root).or_default().push(change);
        }
        let mut sets = Self::default();
        for group in of_root.values() {
            let Some(set) = set(group) else { continue };
            for value in group.iter().flat_map(|change| &change.values) {
                let value = value.trim_matches(['\'', '"']).to_owned();
                sets.by_value.entry(value).or_default().insert(sets.sets.len());
            }
            sets.sets.push(set);
        }
        sets
    }

    /// What allows the value, if there is one thing only.
    pub(super) fn of_value(&self, value: &str) -> Option<&Target> {
        let sets = self.by_value.get(value)?;
        let first = sets.first().filter(|_| sets.len() == 1)?;
        Some(&self.sets[*first].target)
    }

    /// The set that gets a new value, the mention at `at`; `None` where the words leave several, or speak of something else.
    pub(super) fn widened(&self, at: usize, mentions: &[&Mention], looks: &[Look], text: &str) -> Option<&Target> {
        let mention = mentions[at];
        let range = mention.span.bytes.range();
        let noun = noun(text, range.clone())?;
        let sentence = sentence(text, range);
        let any = ANY.contains(&noun.as_str());
        let called = |set: &&ValueSet| set.nouns.contains(&noun);
        // What somebody calls an enum is a type, not a value of one.
        if !any && mention.kind != MentionKind::Enum && !self.sets.iter().any(|set| called(&set)) {
            return None;
        }
        let mut candidates: Vec<&ValueSet> = self.sets.iter().filter(|set| any || called(set)).collect();
        if candidates.is_empty() {
            candidates = self.sets.iter().collect();
        }
        let beside: Vec<&Target> = mentions
            .iter()
            .zip(looks)
            .filter(|(other, _)| sentence.contains(&(other.span.bytes.start as usize)) && other.span != mention.span)
            .flat_map(|(_, look)| look.targets())
            .collect();
        let named = |set: &&ValueSet| beside.iter().any(|target| set.members.contains(target));
        let tables = |words: BTreeSet<String>| {
            move |set: &&ValueSet| set.tables.iter().any(|table| words.contains(&singular(table)))
        };
        let elsewhere: Vec<&Target> = looks.iter().flat_map(Look::targets).collect();
        let named_elsewhere = |set: &&ValueSet| elsewhere.iter().any(|target| set.members.contains(target));
        let sentence_words = words(&text[sentence.clone()]);
        only(&candidates, named)
            .or_else(|| only(&candidates, tables(sentence_words)))
            .or_else(|| only(&candidates, named_elsewhere))
            .or_else(|| only(&candidates, tables(words(text))))
            .or_else(|| only(&candidates, |set| called(set)))
            .map(|set| &set.target)
    }
}

impl ValueSets {
    /// The set that `target`, mentioned at `range`, is a name of, if the words beside it put a new value into it.
    pub(super) fn put_into(&self, target: &Target, range: std::ops::Range<usize>, text: &str) -> Option<&Target> {
        let set = self.sets.iter().find(|set| set.members.contains(target))?;
        let mut before = text.get(..range.start)?.trim_end_matches('`').rsplit('`');
        let mut after = text.get(range.end..)?.trim_start_matches('`').split('`');
        let puts = |between: Option<&str>, word: Option<&str>| {
            let (between, word) = (between.unwrap_or(""), word.unwrap_or(""));
            let mut words = between.split_whitespace().peekable();
            let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
            words.peek().is_some()
                && words.all(|word| BETWEEN.contains(&word.to_lowercase().as_str()))
                && !word.is_empty()
                && word.chars().all(plain)
                && !self.by_value.contains_key(word)
        };
        (puts(before.next(), before.next()) || puts(after.next(), after.next())).then_some(&set.target)
    }
}

/// The only one of `sets` that fits.
fn only<'s>(sets: &[&'s ValueSet], fits: impl Fn(&&ValueSet) -> bool) -> Option<&'s ValueSet> {
    let mut fitting = sets.iter().copied().filter(|set| fits(set));
    fitting.next().filter(|_| fitting.next().is_none())
}

/// The objects that share their values, as they turn out.
#[derive(Default)]
struct Groups {
    number: BTreeMap<Target, usize>,
    parent: Vec<usize>,
}

impl Groups {
    fn of(&mut self, object: &SchemaObject) -> usize {
        let next = self.parent.len();
        let number = *self.number.entry(known::schema_object(object)).or_insert(next);
        if number == next {
            self.parent.push(next);
        }
        number
    }

    fn root(&self, mut at: usize) -> usize {
        while self.parent[at] != at {
            at = self.parent[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

/// The set that a group of objects is; `None` if they allow no values that we know of.
fn set(group: &[&SchemaChange]) -> Option<ValueSet> {
    let mut alive: BTreeMap<Target, bool> = BTreeMap::new();
    let (mut nouns, mut tables) = (BTreeSet::new(), BTreeSet::new());
    for change in group {
        alive.insert(
            known::schema_object(&change.object),
            change.action != SchemaAction::Drop,
        );
        let (table, name) = match &change.object {
            SchemaObject::Column(table, name) => (Some(table), name),
            SchemaObject::Constraint(table, name) => (table.as_ref(), name),
            SchemaObject::Enum(name) => (None, name),
            SchemaObject::Table(_) => return None,
        };
        tables.extend(table.map(|table| table.to_lowercase()));
        nouns.extend(last_word(name));
    }
    group.iter().find(|change| !change.values.is_empty())?;
    let of_kind = |kind| alive.iter().find(|(target, alive)| **alive && target.kind == kind);
    let kinds = [TargetKind::Constraint, TargetKind::Enum, TargetKind::Column];
    let (target, _) = kinds.into_iter().find_map(of_kind)?;
    Some(ValueSet {
        target: target.clone(),
        members: alive.keys().cloned().collect(),
        nouns,
        tables,
    })
}

/// `status` of `booking_status`, `BookingStatus`, `bookings_status_check`.
fn last_word(name: &str) -> Option<String> {
    let mut spaced = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            spaced.push(' ');
        }
        spaced.extend(c.to_lowercase());
        before = c;
    }
    let mut words = spaced.split([' ', '_', '-', '.']).filter(|word| !word.is_empty());
    let word = words.rfind(|word| !PLAIN.contains(word))?;
    Some(same(word))
}

fn same(word: &str) -> String {
    let other = SAME.iter().find(|(from, _)| *from == word);
    other.map_or(word, |(_, to)| to).to_owned()
}

/// What the words call the thing at `range`: the word right before it, or right after.
fn noun(text: &str, range: std::ops::Range<usize>) -> Option<String> {
    let is_quote = |c: char| "`\"'“”‘’(".contains(c);
    let before = text.get(..range.start)?.trim_end_matches(is_quote);
    let after = text.get(range.end..)?.trim_start_matches(is_quote);
    let ends = |c: char| !(c.is_alphanumeric() || c == '_');
    let called = |word: &&str| {
        !matches!(
            word.to_lowercase().as_str(),
            "called" | "named" | "of" | "new" | "the" | "a"
        )
    };
    let line = before.rsplit('\n').next().unwrap_or(before);
    let previous = line
        .rsplit([' ', ':', ','])
        .filter(|word| !word.is_empty())
        .find(called);
    let next: Vec<&str> = after.strip_prefix(' ').unwrap_or("").split(ends).take(2).collect();
    let is_noun = |word: &str| {
        let word = same(&singular(word));
        (!word.is_empty()).then_some(word)
    };
    match next.as_slice() {
        [first, second, ..] if first.eq_ignore_ascii_case("enum") => return is_noun(second),
        [first, ..]
            if ANY.contains(&singular(first).as_str()) || matches!(same(&singular(first)).as_str(), "status") =>
        {
            return is_noun(first);
        }
        _ => {}
    }
    previous.map(|word| word.trim_matches(ends)).and_then(is_noun)
}

/// The sentence or item around a place.
fn sentence(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let marks = [". ", ".\n", "\n\n", "\n- ", "\n* ", "\n|"];
    // No sentence is longer than its paragraph: a mark that a long document does not have is not looked for in all of it.
    let start = text.get(..range.start).unwrap_or("");
    let above = start.rfind("\n\n").unwrap_or(0);
    let near = &start[above..];
    let start = marks
        .iter()
        .filter_map(|mark| near.rfind(mark).map(|at| above + at + 1))
        .max();
    let end = text.get(range.end..).unwrap_or("");
    let below = end.find("\n\n").map_or(end.len(), |at| at + 2);
    let end = marks.iter().filter_map(|mark| end[..below].find(mark)).min();
    start.unwrap_or(0)..end.map_or(text.len(), |end| range.end + end)
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.filter(|word| !word.is_empty()).map(singular).collect()
}

/// In small letters and without the ending of a plural.
fn singular(word: &str) -> String {
    let lower = word.to_lowercase();
    let one = match lower.strip_suffix("es") {
        Some(stem) if stem.ends_with("us") || stem.ends_with("ss") => stem,
        _ => match lower.strip_suffix('s') {
            Some(stem) if !stem.ends_with('s') && !stem.ends_with('u') => stem,
            _ => &lower,
        },
    };
    one.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noun_stands_right_before_or_after() {
        let check = |marked: &str, expected: Option<&str>| {
            let (before, rest) = marked.split_once('«').expect("a mark");
            let (name, after) = rest.split_once('»').expect("a mark");
            let text = format!("{before}{name}{after}");
            let found = noun(&text, before.len()..before.len() + name.len());
            assert_eq!(found.as_deref(), expected, "{marked}");
        };
        check("adds status `«x»`", Some("status"));
        check("new statuses `«x»` and `y`", Some("status"));
        check("the state called \"«x»\"", Some("status"));
        check("a new `«x»` status", Some("status"));
        check("the `«x»` enum value", Some("value"));
        check("«x»", None);
    }

    #[test]
    fn names_of_sets_say_what_their_values_are() {
        for name in [
            "status",
            "booking_status",
            "BookingStatus",
            "booking_status_enum",
            "bookings_status_check",
            "state",
        ] {
            assert_eq!(last_word(name).as_deref(), Some("status"), "{name}");
        }
        assert_eq!(last_word("check"), None);
    }
}
