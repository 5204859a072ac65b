//! What front matter says of one key, and of all others. Enters: fields. Leaves: whether an assignment holds, the steps that make it hold,
//! and the rest in a form that can be compared before and after.

use super::SamePrd;
use super::words::{Assignment, Change, Key};
use crate::flag::FlagValue;
use crate::prd::declared::kebab;
use crate::prd::frontmatter::{Data, Field, Value};

/// A value without its places.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Plain {
    Nothing,
    Word(String),
    List(Vec<Plain>),
    Map(Vec<(String, Plain)>),
}

/// Other names of lists and of what is said of flags, in kebab-case; the usual one first.
pub(super) fn names(key: &Key) -> &'static [&'static str] {
    match key {
        Key::List("depends_on") => &["depends-on", "blocked-by", "merge-after"],
        Key::List("touches") => &["touches", "touchpoints"],
        Key::List("creates") => &["creates"],
        Key::List("writes") => &["writes", "modifies", "changes"],
        Key::List(_) => &["reads"],
        Key::Word("id") => &["id", "prd", "prd-id", "work-package-id"],
        Key::Word("title") => &["title", "name"],
        Key::Word("branch") => &["branch", "branch-name", "feature-branch"],
        Key::Word("foundation") => &["foundation"],
        Key::Word(_) => &["hotfix"],
        Key::Flag { .. } => &["flags", "feature-flags"],
    }
}

/// The names of a section within `flags`, and at the top.
pub(super) fn section_names(section: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match section {
        "introduces" => (
            &["introduces", "introduce", "adds", "creates"],
            &["introduces-flag", "introduces-flags"],
        ),
        "assumes" => (
            &["assumes", "assume", "needs", "requires"],
            &["assumes", "assumes-flags"],
        ),
        "stubs" => (&["stubs", "stub", "forces"], &[]),
        "flips" => (&["flips", "flip", "turns"], &[]),
        _ => (&["states"], &[]),
    }
}

pub(super) fn find<'a>(fields: &'a [Field], names: &'a [&str]) -> impl Iterator<Item = &'a Field> {
    fields
        .iter()
        .filter(|field| names.contains(&kebab(&field.key).as_str()))
}

/// The places that name flags in this way.
pub(super) fn sections<'a>(fields: &'a [Field], section: &str) -> Vec<&'a Field> {
    let (within, top) = section_names(section);
    let flags = find(fields, &["flags", "feature-flags"]).flat_map(|flags| match &flags.value.data {
        Data::Map(fields) => fields.as_slice(),
        _ => &[],
    });
    let within = flags.filter(|field| within.contains(&kebab(&field.key).as_str()));
    within.chain(find(fields, top)).collect()
}

/// The words of a list or scalar; commas part them.
pub(super) fn listed(value: &Value) -> Vec<String> {
    let parts = |words: &str| -> Vec<String> {
        let parts = words.split(',').map(|part| part.trim().to_owned());
        parts.filter(|part| !part.is_empty()).collect()
    };
    match &value.data {
        Data::Scalar(words) => parts(words),
        Data::List(items) => items.iter().flat_map(listed).collect(),
        _ => Vec::new(),
    }
}

/// The flag and the state that an entry of a list names: `k=on`, `k: on`, `k`.
pub(super) fn entry(words: &str) -> (&str, Option<&str>) {
    match words.split_once(['=', ':']) {
        Some((key, state)) => (key.trim(), Some(state.trim())),
        None => (words.trim(), None),
    }
}

/// What the sections say of a flag: the words for its state, where there are any.
fn states(fields: &[Field], section: &str, flag: &str) -> Vec<String> {
    let mut out = Vec::new();
    for place in sections(fields, section) {
        if let Data::Map(entries) = &place.value.data {
            for field in entries.iter().filter(|field| field.key == flag) {
                out.push(state(&field.value).unwrap_or_default());
            }
        }
        for words in listed(&place.value) {
            let (key, state) = entry(&words);
            if key == flag {
                out.push(state.unwrap_or_default().to_owned());
            }
        }
    }
    out
}

fn state(value: &Value) -> Option<String> {
    match &value.data {
        Data::Scalar(words) => Some(words.clone()),
        Data::Map(fields) => find(fields, &["default", "state", "to"]).find_map(|field| state(&field.value)),
        _ => None,
    }
}

/// True if front matter says already what is asked for.
pub(super) fn holds(fields: &[Field], step: &Assignment, same: SamePrd<'_>) -> bool {
    match (&step.key, &step.change) {
        (Key::Word(_), Change::Set(values)) => {
            let last = find(fields, names(&step.key)).last().map(|field| &field.value.data);
            matches!(last, Some(Data::Scalar(word)) if values.first() == Some(word))
        }
        (Key::List(_), Change::Add(new)) => new.iter().all(|new| in_list(fields, &step.key, new, same)),
        (Key::List(_), Change::Remove(old)) => !old.iter().any(|old| in_list(fields, &step.key, old, same)),
        (Key::Flag { section, flag }, Change::Set(values)) => {
            let wanted = FlagValue::parse(values.first().map_or("", String::as_str));
            let states = states(fields, section, flag);
            !states.is_empty() && states.iter().all(|state| FlagValue::parse(state) == wanted)
        }
        (Key::Flag { section, flag }, _) => states(fields, section, flag).is_empty(),
        _ => true,
    }
}

fn in_list(fields: &[Field], key: &Key, word: &str, same: SamePrd<'_>) -> bool {
    find(fields, names(key)).any(|field| listed(&field.value).iter().any(|old| is_same(key, old, word, same)))
}

pub(super) fn is_same(key: &Key, old: &str, word: &str, same: SamePrd<'_>) -> bool {
    old == word || (*key == Key::List("depends_on") && same(old, word))
}

/// One addition or removal after the other: a list that is set has what is new and not what is old.
pub(super) fn steps(fields: &[Field], assignment: &Assignment, same: SamePrd<'_>) -> Vec<Assignment> {
    let key = &assignment.key;
    let one = |change: Change| Assignment {
        key: key.clone(),
        change,
    };
    match (key, &assignment.change) {
        (Key::List(_), Change::Set(new)) => {
            let old = find(fields, names(key)).flat_map(|field| listed(&field.value));
            let gone = old.filter(|old| !new.iter().any(|new| is_same(key, old, new, same)));
            let gone = gone.map(|old| one(Change::Remove(vec![old])));
            gone.chain(new.iter().map(|new| one(Change::Add(vec![new.clone()]))))
                .collect()
        }
        (Key::List(_), Change::Add(new)) => new.iter().map(|new| one(Change::Add(vec![new.clone()]))).collect(),
        (Key::List(_), Change::Remove(old)) => old.iter().map(|old| one(Change::Remove(vec![old.clone()]))).collect(),
        _ => vec![assignment.clone()],
    }
}

/// All that the step is not about, without its places and without what is empty.
pub(super) fn rest(fields: &[Field], step: &Assignment, same: SamePrd<'_>) -> Vec<(String, Plain)> {
    let all = fields.iter().map(|field| match &step.key {
        Key::Flag { section, flag } => (field.key.clone(), without_flag(field, section, flag)),
        key if names(key).contains(&kebab(&field.key).as_str()) => match key {
            Key::List(_) => (String::new(), others(&field.value, step, same)),
            _ => (String::new(), Plain::Nothing),
        },
        _ => (field.key.clone(), plain(&field.value)),
    });
    let mut all: Vec<(String, Plain)> = all.filter(|(_, value)| !is_empty(value)).collect();
    all.sort();
    all
}

fn others(value: &Value, step: &Assignment, same: SamePrd<'_>) -> Plain {
    let (Change::Set(about) | Change::Add(about) | Change::Remove(about)) = &step.change;
    let listed = listed(value).into_iter();
    let others = listed.filter(|old| !about.iter().any(|new| is_same(&step.key, old, new, same)));
    match &value.data {
        Data::Map(_) => plain(value),
        _ => Plain::List(others.map(Plain::Word).collect()),
    }
}

/// A field in which nothing is said of the flag in this way.
fn without_flag(field: &Field, section: &str, flag: &str) -> Plain {
    let (within, top) = section_names(section);
    let name = kebab(&field.key);
    let in_section = |value: &Value| match &value.data {
        Data::Map(fields) => {
            let others = fields.iter().filter(|field| field.key != flag);
            Plain::Map(others.map(|field| (field.key.clone(), plain(&field.value))).collect())
        }
        _ => {
            let words = listed(value).into_iter().filter(|words| entry(words).0 != flag);
            Plain::Map(words.map(|words| (words, Plain::Word(String::new()))).collect())
        }
    };
    match &field.value.data {
        _ if top.contains(&name.as_str()) => in_section(&field.value),
        Data::Map(fields) if matches!(name.as_str(), "flags" | "feature-flags") => {
            let parts = fields.iter().map(|field| {
                let about = within.contains(&kebab(&field.key).as_str());
                let value = if about {
                    in_section(&field.value)
                } else {
                    plain(&field.value)
                };
                (field.key.clone(), value)
            });
            Plain::Map(parts.filter(|(_, value)| !is_empty(value)).collect())
        }
        _ => plain(&field.value),
    }
}

fn is_empty(value: &Plain) -> bool {
    match value {
        Plain::Nothing => true,
        Plain::Word(_) => false,
        Plain::List(items) => items.is_empty(),
        Plain::Map(fields) => fields.is_empty(),
    }
}

fn plain(value: &Value) -> Plain {
    match &value.data {
        Data::Nothing => Plain::Nothing,
        Data::Scalar(words) => Plain::Word(words.clone()),
        Data::List(items) => Plain::List(items.iter().map(plain).collect()),
        Data::Map(fields) => Plain::Map(
            fields
                .iter()
                .map(|field| (field.key.clone(), plain(&field.value)))
                .collect(),
        ),
    }
}
