//! Rules that a project could add. Enters: every code file of a view, and the index that the rules so far made of it. Leaves:
//! [`Suggestion`]s: functions that are called with key-like literals and whose result is used as a condition, bags whose members are,
//! elements with a key, and the types and maps from which such keys come. Suggests only: nothing of it counts until somebody adds it.

mod form;
mod lists;
mod looked_up;
mod rules;
mod uses;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use rayon::prelude::*;
use regex::Regex;

use super::{CodeIndex, frameworks};
use crate::lang::{self, FileFacts, Language};
use crate::rules::RuleSet;
use crate::source::{Bytes, FileId, Sources, View};
pub use form::{Form, Rows};
pub use rules::rule_file;

/// More suggestions than this nobody reads.
const MOST: usize = 12;
/// A helper that is called less often is not worth a note.
const OFTEN: usize = 3;
/// The score from which on a name says what it is about.
const SURE: usize = 10_000;
/// Keys that are shown of each.
const SHOWN: usize = 3;

/// Words that say what a name is about.
static ABOUT_FLAGS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)flag|feature|toggle|experiment|(^|_)gate|[a-z]Gate|rollout|kill_?switch").expect("BUG: a pattern")
});

/// Words of a function that answers for data, a server or a user.
static ABOUT_OTHERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)support|exists|capabilit|permission|column|table|header|cookie|server").expect("BUG: a pattern")
});
/// What holds the flags of a command line.
static COMMAND_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(args?|argv|call|cli|cmd|command|matches|opts?|options|sig|signature)$").expect("BUG: a pattern")
});

/// A rule that the project could add.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// The rule's id.
    pub id: String,
    /// What it would match.
    pub form: Form,
    /// The receivers of the calls, where all have one.
    pub receivers: BTreeSet<String>,
    /// Some of the keys.
    pub keys: Vec<String>,
    /// In how many places it stands.
    pub places: usize,
    /// In how many of them the result decides something.
    pub decides: usize,
    /// The languages of the files.
    pub languages: BTreeSet<&'static str>,
}

impl Suggestion {
    /// It in a few characters, as it stands in code.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.form {
            Form::Call { name, arg } => format!("{name}({}key)", "_, ".repeat(*arg)),
            Form::Member { object } => format!("{object}.key"),
            Form::Element { name, attribute } => format!("<{name} {attribute}>"),
            Form::Type(name) => format!("type {name}"),
            Form::Map(name) => format!("const {name}"),
            Form::Rows(rows) => format!("const {}, {}.{}", rows.name, rows.path, rows.key),
            Form::New(name) => format!("new {name}(key)"),
            Form::Home(name) => format!("the map behind {name}"),
            Form::Setter(name) => format!("what sets {name}"),
            Form::Asked { name, property } => format!("{name}({{ {property} }})"),
        }
    }

    /// True if it adds definitions, not reads.
    #[must_use]
    pub fn defines(&self) -> bool {
        matches!(
            self.form,
            Form::Type(_) | Form::Map(_) | Form::Rows(_) | Form::New(_) | Form::Home(_)
        )
    }

    /// True if it adds what tests set.
    #[must_use]
    pub fn forces(&self) -> bool {
        matches!(self.form, Form::Setter(_))
    }
}

/// A type or an object with what it lists.
#[derive(Clone, Debug)]
struct Listed {
    form: Form,
    keys: Vec<String>,
    language: &'static str,
}

/// One place where a form stands.
#[derive(Clone, Debug)]
struct Use {
    form: Form,
    receiver: Option<String>,
    /// The key as written, and the enum or map that it was taken from.
    key: String,
    owner: Option<String>,
    decides: bool,
    language: &'static str,
}

/// The rules that the project could add, the most telling first.
#[must_use]
pub fn suggestions(sources: &Sources, view: &View, rules: &RuleSet, index: &CodeIndex) -> Vec<Suggestion> {
    let files: Vec<(&crate::source::RepoPath, FileId, Language)> = view
        .files
        .iter()
        .filter_map(|(path, file)| Some((path, *file, Language::of(path)?)))
        .filter(|(path, ..)| !frameworks::is_made_up(rules, path) && !path.file_name().contains(".min."))
        .collect();
    let facts: Vec<Arc<FileFacts>> = files
        .into_par_iter()
        .map(|(path, file, language)| match index.files.get(path) {
            Some(facts) => facts.clone(),
            None => Arc::new(lang::read(file, path, &sources.file(file).text, language, &[])),
        })
        .collect();
    of_files(sources, view, index, &facts)
}

/// Functions that are asked as flags are, by their name, at least `OFTEN` times in the files that were parsed for other reasons: it
/// costs no parsing, and sees a part. None of which a rule knows the name by another call.
#[must_use]
pub fn unknown_calls(sources: &Sources, view: &View, rules: &RuleSet, index: &CodeIndex) -> Vec<Suggestion> {
    let code = index
        .files
        .iter()
        .filter(|(path, _)| !frameworks::is_made_up(rules, path));
    let facts: Vec<Arc<FileFacts>> = code.map(|(_, facts)| facts.clone()).collect();
    let read = |name: &str| {
        let mut reads = index.reads.iter();
        reads.any(|read| read.via.iter().any(|via| via == name) || sources.text(read.span).contains(name))
    };
    let is_told = |one: &Suggestion| match &one.form {
        Form::Call { name, .. } | Form::Asked { name, .. } => {
            ABOUT_FLAGS.is_match(name) && one.places >= OFTEN && one.decides * 2 >= one.places && !read(name)
        }
        _ => false,
    };
    let found = of_files(sources, view, index, &facts).into_iter();
    found.filter(is_told).collect()
}

fn of_files(sources: &Sources, view: &View, index: &CodeIndex, facts: &[Arc<FileFacts>]) -> Vec<Suggestion> {
    let mut known = Known::of(index);
    let homes = looked_up::Homes::of(sources, view, facts);
    known.listed = homes.keys();
    known.vouched = facts
        .iter()
        .filter(|facts| ABOUT_FLAGS.is_match(facts.path.file_name()))
        .flat_map(|facts| uses::functions(facts))
        .collect();
    let found: Vec<(Vec<Use>, Vec<String>, Vec<Listed>)> = facts
        .par_iter()
        .map(|facts| {
            (
                uses::uses(facts, &known),
                uses::owners(facts, &known),
                lists::lists(facts, &known),
            )
        })
        .collect();
    let uses: Vec<&Use> = found.iter().flat_map(|(uses, ..)| uses).collect();
    let declared: BTreeSet<&str> = found
        .iter()
        .flat_map(|(_, owners, _)| owners)
        .map(String::as_str)
        .collect();
    let lists: Vec<&Listed> = found.iter().flat_map(|(.., lists)| lists).collect();
    grouped(&uses, &declared, &lists, &homes, &known)
}

/// What the rules know already.
struct Known {
    spans: BTreeSet<(FileId, Bytes)>,
    defined: BTreeSet<(FileId, u32)>,
    /// The keys of maps that a function looks up: they look like keys, whatever they look like.
    listed: BTreeSet<String>,
    /// The names of functions that files about flags declare.
    vouched: BTreeSet<String>,
    /// The keys that are read and that nothing defines: a list of most of them is a registry.
    missing: BTreeSet<String>,
}

impl Known {
    fn of(index: &CodeIndex) -> Self {
        let reads = index.reads.iter().map(|read| read.span);
        let dynamic = index.dynamic.iter().map(|read| read.span);
        let definitions = index.definitions.iter();
        let all: BTreeSet<_> = definitions.clone().map(|of| &of.key).collect();
        let missing = index.reads.iter().filter(|read| !all.contains(&read.key));
        Self {
            missing: missing.map(|read| read.key.as_str().to_owned()).collect(),
            spans: reads.chain(dynamic).map(|span| (span.file, span.bytes)).collect(),
            defined: definitions.map(|of| (of.span.file, of.span.bytes.start)).collect(),
            listed: BTreeSet::new(),
            vouched: BTreeSet::new(),
        }
    }

    fn has(&self, facts: &FileFacts, bytes: Bytes) -> bool {
        self.spans.contains(&(facts.file, bytes))
    }
}

fn grouped(
    uses: &[&Use],
    declared: &BTreeSet<&str>,
    lists: &[&Listed],
    homes: &looked_up::Homes,
    known: &Known,
) -> Vec<Suggestion> {
    let mut groups: BTreeMap<&Form, Vec<&Use>> = BTreeMap::new();
    for one in uses {
        groups.entry(&one.form).or_default().push(one);
    }
    let mut found: Vec<(usize, Suggestion)> = Vec::new();
    let mut asked: BTreeSet<&str> = known.missing.iter().map(String::as_str).collect();
    for (form, uses) in groups {
        let home = homes.asked(form, &uses);
        let Some(score) = score(form, &uses, &known.vouched).or(home.map(|_| uses.len())) else {
            continue;
        };
        let suggestion = suggestion(form, &uses);
        if let Some(home) = home {
            found.extend(home.beside(&suggestion).map(|one| (score, one)));
        }
        if score >= SURE {
            asked.extend(
                uses.iter()
                    .filter(|one| one.owner.is_none())
                    .map(|one| one.key.as_str()),
            );
        }
        // Where the keys come from.
        let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for one in &uses {
            if let Some(owner) = one.owner.as_deref().filter(|owner| declared.contains(*owner)) {
                owners.entry(owner).or_default().insert(&one.key);
            }
        }
        for (owner, keys) in owners {
            let form = Form::Type(owner.to_owned());
            found.push((score, from_owner(form, &keys, &suggestion)));
        }
        found.push((score, suggestion));
    }
    // A type or an object of which most members are asked for lists the flags.
    for list in lists {
        let met: BTreeSet<&str> = list
            .keys
            .iter()
            .map(String::as_str)
            .filter(|key| asked.contains(key))
            .collect();
        // Who calls a list one of flags need not ask for most of them: some are for others to ask.
        let share = if ABOUT_FLAGS.is_match(list.form.name()) { 4 } else { 2 };
        if met.len() >= 3 && met.len() * share >= list.keys.len() {
            let one = Suggestion {
                languages: BTreeSet::from([list.language]),
                ..from_list(list.form.clone(), &met)
            };
            found.push((2 * SURE, one));
        }
    }
    found.sort_by(|a, b| (std::cmp::Reverse(a.0), &a.1.form).cmp(&(std::cmp::Reverse(b.0), &b.1.form)));
    let mut seen = BTreeSet::new();
    let mut all: Vec<Suggestion> = found.into_iter().map(|(_, one)| one).collect();
    all.retain(|one| seen.insert(one.id.clone()));
    all.truncate(MOST);
    all
}

/// How telling a group is; `None` if it is more likely something else.
fn score(form: &Form, uses: &[&Use], vouched: &BTreeSet<String>) -> Option<usize> {
    let keys: BTreeSet<&str> = uses.iter().map(|one| one.key.as_str()).collect();
    let decides = uses.iter().filter(|one| one.decides).count();
    let name = form.name();
    let by_owner = uses
        .iter()
        .filter_map(|one| one.owner.as_deref())
        .filter(|owner| ABOUT_FLAGS.is_match(owner))
        .count();
    let by_receiver = uses
        .iter()
        .filter_map(|one| one.receiver.as_deref())
        .filter(|name| ABOUT_FLAGS.is_match(name))
        .count();
    let is_about = ABOUT_FLAGS.is_match(name) || by_owner * 2 > uses.len() || by_receiver * 2 > uses.len();
    let on_command_line = uses
        .iter()
        .filter_map(|one| one.receiver.as_deref())
        .filter(|name| COMMAND_LINE.is_match(name))
        .count();
    if (ABOUT_OTHERS.is_match(name) && by_owner * 2 <= uses.len()) || on_command_line * 2 > uses.len() {
        return None;
    }
    let enough = match form {
        Form::Element { .. } | Form::New(_) => keys.len() >= 2,
        _ if is_about => keys.len() >= 2 && decides * 4 >= uses.len() && decides >= 2,
        // Its name says nothing of flags, but the file does that declares it: what is asked with many texts that look like names, and decides
        // nearly everywhere.
        Form::Call { name, .. } if vouched.contains(name) => {
            let by_text = uses.iter().all(|one| one.owner.is_none());
            by_text && keys.len() >= 6 && decides * 10 >= uses.len() * 8
        }
        _ => false,
    };
    // A bag of that name may be anybody's: who asks a function says more.
    let is_loose = !is_about || matches!(form, Form::Member { .. });
    enough.then(|| if is_loose { uses.len() } else { SURE + uses.len() })
}

fn suggestion(form: &Form, uses: &[&Use]) -> Suggestion {
    let keys: BTreeSet<&str> = uses.iter().map(|one| one.key.as_str()).collect();
    let all_have = uses.iter().all(|one| one.receiver.is_some());
    let receivers = uses.iter().filter_map(|one| one.receiver.clone()).collect();
    Suggestion {
        id: form.id(),
        form: form.clone(),
        receivers: if all_have { receivers } else { BTreeSet::new() },
        keys: keys.iter().take(SHOWN).map(|key| (*key).to_owned()).collect(),
        places: uses.len(),
        decides: uses.iter().filter(|one| one.decides).count(),
        languages: uses.iter().map(|one| one.language).collect(),
    }
}

/// The suggestion to take the members of an enum or a map as definitions.
fn from_owner(form: Form, keys: &BTreeSet<&str>, of: &Suggestion) -> Suggestion {
    Suggestion {
        languages: of.languages.clone(),
        ..from_list(form, keys)
    }
}

fn from_list(form: Form, keys: &BTreeSet<&str>) -> Suggestion {
    Suggestion {
        id: form.id(),
        form,
        receivers: BTreeSet::new(),
        keys: keys.iter().take(SHOWN).map(|key| (*key).to_owned()).collect(),
        places: keys.len(),
        decides: 0,
        languages: BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests;
