//! What tests start from, changed under a test: a file of test data, a fixture, a helper that makes something. One side changes a value there; the other
//! one's new test starts from it and asserts the value that was. Enters: the [`Work`] of both. Leaves: [`Breach`]es.
//!
//! A value counts that the thing had and has nowhere any more, that a new assertion says, and that the test does not bring itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::spoken::{breach, is_of_tests, is_test_data, without_comment};
use super::touched::{number, words};
use super::twice::LARGEST;
use super::vanished::is_composite;
use super::work::{Parsed, Store, Texts, Work};
use super::{Breach, BreachKind, Certainty, has_word};
use crate::conflict::outline::{Item, ItemKind};
use crate::index::SymbolKind;
use crate::lang::Language;
use crate::source::{RepoPath, Sources, Span};

/// A change of more values than this is another thing.
const MOST: usize = 200;

/// Words of a line that asserts.
const ASSERTS: [&str; 8] = [
    "assert", "expect", "should", "equal", "want", "t.fatal", "t.error", "tobe",
];

/// Words of one that asserts that something is not so.
const DENIES: [&str; 10] = [
    ".not.",
    "not_to",
    "assertnot",
    "notequal",
    "not in ",
    "is not",
    "assert not",
    "assert_ne",
    "refute",
    "not_eq",
];

/// Folders of what tests are made with.
const FOLDERS: [&str; 11] = [
    "test",
    "tests",
    "testing",
    "spec",
    "specs",
    "e2e",
    "cypress",
    "factories",
    "mocks",
    "testutil",
    "testutils",
];

/// Names that many files have: of these the folder has to be said, too.
const COMMON: [&str; 12] = [
    "package", "tsconfig", "index", "config", "data", "input", "output", "expected", "settings", "response", "request",
    "result",
];

/// Something that tests start from, which a side changed.
#[derive(Debug)]
pub(super) struct Provided {
    path: RepoPath,
    /// What a test has to say to start from it.
    name: String,
    /// It is a file, not a thing of code.
    file: bool,
    /// The values that are gone, each with its key.
    gone: Vec<Held>,
    /// The keys that are gone.
    keys: BTreeSet<String>,
    /// Where it was, in the text that both sides had.
    was: Span,
}

/// A value, and what it is called.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Held {
    key: String,
    text: String,
    /// It stood in quotes.
    quoted: bool,
}

/// What each side changed of that, and the other's new tests rely on.
pub(super) fn provided(sources: &Sources, works: [&Work; 2], store: &Store) -> Vec<Breach> {
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        let user = works[other];
        let changed = works[by]
            .later
            .provided
            .get_or_init(|| changed(sources, works[by], store));
        for one in changed
            .iter()
            .filter(|one| words(&one.name).all(|word| user.says(number(word))))
        {
            found.extend(relied(sources, by, one, user, store));
        }
    }
    found
}

/// All that a side changed of what tests start from.
fn changed(sources: &Sources, breaker: &Work, store: &Store) -> Vec<Provided> {
    let mut found = Vec::new();
    for (path, texts) in breaker.texts() {
        if !is_support(path) {
            continue;
        }
        match path.extension() {
            "json" | "yml" | "yaml" => found.extend(of_data(sources, path, *texts)),
            _ if Language::of(path).is_some_and(Language::is_built) => {
                found.extend(of_code(sources, path, *texts, store).unwrap_or_default());
            }
            _ => {}
        }
    }
    found.retain(|one| (!one.gone.is_empty() || !one.keys.is_empty()) && one.gone.len() <= MOST);
    found
}

/// True for what may be read by tests, and is no test itself.
fn is_support(path: &RepoPath) -> bool {
    let lower = path.parent().to_lowercase();
    let mut folders = lower.split(|c: char| !c.is_alphanumeric());
    let stem = path.file_name().to_lowercase();
    let mut stem = stem.split(|c: char| !c.is_alphanumeric());
    let name = path.file_name().split('.').next().unwrap_or_default();
    let is_test =
        stem.any(|word| matches!(word, "test" | "tests" | "spec")) || name.ends_with("Test") || name.ends_with("Tests");
    !is_test
        && (is_test_data(path) || path.file_name() == "conftest.py" || folders.any(|folder| FOLDERS.contains(&folder)))
}

/// A file of test data: what it had and has nowhere any more.
fn of_data(sources: &Sources, path: &RepoPath, texts: Texts) -> Option<Provided> {
    let file = texts.base?;
    let [base, side] = [file, texts.side?].map(|file| &*sources.file(file).text);
    if path.file_name().len() < 6 || base.len() > LARGEST || side.len() > LARGEST || path.file_name().contains("lock") {
        return None;
    }
    let (old, new) = (values(path, base)?, values(path, side)?);
    let gone = missing(&old, &new);
    // Nothing of it is left: it is another file now.
    if gone.len() == old.len() {
        return None;
    }
    let keys = |all: &BTreeSet<Held>| all.iter().map(|one| one.key.clone()).collect::<BTreeSet<String>>();
    let keys = &keys(&old) - &keys(&new);
    Some(Provided {
        path: path.clone(),
        name: path.file_name().to_owned(),
        file: true,
        keys,
        was: first_line(sources, file, &gone),
        gone,
    })
}

/// The first line that says a value that is gone.
fn first_line(sources: &Sources, file: crate::source::FileId, gone: &[Held]) -> Span {
    let says = |line: &str| {
        gone.iter()
            .any(|one| line.contains(&one.text) && line.contains(&one.key))
    };
    let text = &sources.file(file).text;
    let at = text
        .lines()
        .zip(1u32..)
        .find(|(line, _)| says(line))
        .map_or(1, |(_, at)| at);
    sources.line(file, at)
}

/// Those of a thing's values that it has nowhere any more.
fn missing(old: &BTreeSet<Held>, new: &BTreeSet<Held>) -> Vec<Held> {
    let left: BTreeSet<&str> = new.iter().map(|one| one.text.as_str()).collect();
    let pairs: BTreeSet<(&str, &str)> = new.iter().map(|one| (one.key.as_str(), one.text.as_str())).collect();
    let is_gone = |one: &&Held| match one.quoted {
        true => one.text.len() >= 3 && !left.contains(one.text.as_str()),
        // A number by itself tells nothing: what it is called has to be said, too.
        false => one.key.len() >= 3 && !pairs.contains(&(one.key.as_str(), one.text.as_str())),
    };
    old.iter().filter(is_gone).cloned().collect()
}

/// The single values of a file of data.
fn values(path: &RepoPath, text: &str) -> Option<BTreeSet<Held>> {
    let whole: Value = match path.extension() {
        "json" => serde_json::from_str(text).ok()?,
        _ => serde_saphyr::from_str(text).ok()?,
    };
    let (mut found, mut open) = (BTreeSet::new(), vec![(String::new(), whole)]);
    while let Some((key, value)) = open.pop() {
        let (text, quoted) = match value {
            Value::Object(entries) => {
                open.extend(entries);
                continue;
            }
            Value::Array(list) => {
                open.extend(list.into_iter().map(|one| (key.clone(), one)));
                continue;
            }
            Value::String(text) => (text, true),
            Value::Number(number) => (number.to_string(), false),
            Value::Bool(_) | Value::Null => continue,
        };
        found.insert(Held { key, text, quoted });
    }
    Some(found)
}

/// Functions and constants of code for tests that give something else than before.
fn of_code(sources: &Sources, path: &RepoPath, texts: Texts, store: &Store) -> Option<Vec<Provided>> {
    let file = texts.base?;
    let (base, side) = (store.parsed(sources, file)?, store.parsed(sources, texts.side?)?);
    let mut found = Vec::new();
    for item in &base.outline.items {
        let name = item.key.name.as_str();
        let gives = matches!(item.kind, ItemKind::Symbol(SymbolKind::Function | SymbolKind::Constant));
        if !gives || name.contains(['.', ':']) || name.len() < 4 || name.to_lowercase().starts_with("test") {
            continue;
        }
        let Some(now) = side.item(&item.key) else { continue };
        let [was, is] = [(&base, item), (&side, now)].map(|(parsed, item)| of_item(parsed, item));
        if was == is {
            continue;
        }
        let [old, new] = [&was, &is].map(|text| literals(path, text));
        found.push(Provided {
            path: path.clone(),
            name: name.to_owned(),
            file: false,
            gone: missing(&old, &new),
            keys: BTreeSet::new(),
            was: item.name_bytes.in_file(file),
        });
    }
    Some(found)
}

/// The text of an item.
fn of_item(parsed: &Parsed, item: &Item) -> String {
    let lines = parsed.unit.facts.text.lines();
    let own = lines.skip(item.lines.0).take(item.lines.1 + 1 - item.lines.0);
    own.collect::<Vec<_>>().join("\n")
}

/// The values in a piece of code, each with the name that stands before it (`name: "x"`, `name="x"`, `"name": 3`).
fn literals(path: &RepoPath, text: &str) -> BTreeSet<Held> {
    let mut found = BTreeSet::new();
    for line in text.lines().map(|line| without_comment(path, line)) {
        let mut key = String::new();
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let (token, after, quoted) = match c {
                '"' | '\'' | '`' => {
                    let inner = &rest[1..];
                    let end = inner.find(c).unwrap_or(inner.len());
                    (&inner[..end], inner.get(end + 1..).unwrap_or_default(), true)
                }
                c if c.is_alphanumeric() || c == '_' => {
                    let is_part = |c: char| c.is_alphanumeric() || c == '_' || (c == '.' && token_is_number(rest));
                    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                    (&rest[..end], &rest[end..], false)
                }
                c => {
                    if matches!(c, ',' | '(' | '{' | '[' | ';') {
                        key.clear();
                    }
                    rest = &rest[c.len_utf8()..];
                    continue;
                }
            };
            let behind = after.trim_start();
            let names = behind.starts_with(':') || (behind.starts_with('=') && !behind.starts_with("=="));
            rest = after;
            if names {
                token.clone_into(&mut key);
            } else if quoted || token_is_number(token) {
                found.insert(Held {
                    key: key.clone(),
                    text: token.to_owned(),
                    quoted,
                });
            }
        }
    }
    found
}

fn token_is_number(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_digit())
}

/// The first new assertion that says what is gone, in a test that starts from it.
fn relied(sources: &Sources, by: usize, one: &Provided, user: &Work, store: &Store) -> Option<Breach> {
    for (path, touched) in &user.touched {
        let code = Language::of(path).is_some_and(Language::is_built) && is_of_tests(path, "");
        if !code || *path == one.path || !words(&one.name).all(|word| touched.said.contains(&number(word))) {
            continue;
        }
        let Some(file) = user.text_of(path) else { continue };
        let text = &*sources.file(file).text;
        let Some(parsed) = store.parsed(sources, file) else {
            continue;
        };
        let new = user.new_lines(path);
        let lines: Vec<&str> = text.lines().collect();
        for at in new.iter().copied() {
            let Some(line) = lines.get(at as usize - 1).map(|line| without_comment(path, line)) else {
                continue;
            };
            let range = around(&parsed, at as usize - 1, lines.len());
            let own: Vec<&str> = lines[range].iter().map(|line| without_comment(path, line)).collect();
            if !own.iter().any(|line| starts_from(line, one)) {
                continue;
            }
            let Some((said, does)) = says(line, &own, one, path) else {
                continue;
            };
            let deeds = [
                format!(
                    "changes {} of {}",
                    if one.file { "a value" } else { &one.name },
                    one.path
                ),
                format!("{does} {said} of it in {path}:{at}"),
            ];
            let subject = if one.file { one.path.as_str() } else { one.name.as_str() };
            let what = (BreachKind::Fixture, Certainty::Likely, subject);
            return Some(breach(by, what, deeds, [one.was, sources.line(file, at)]));
        }
    }
    None
}

/// The lines of the test in which a line stands; all where it stands in none.
fn around(parsed: &Parsed, line: usize, all: usize) -> std::ops::Range<usize> {
    let holds = |item: &&Item| item.lines.0 <= line && line <= item.lines.1;
    let tests = |item: &&Item| {
        matches!(
            item.kind,
            ItemKind::Block | ItemKind::Symbol(SymbolKind::Function | SymbolKind::Method)
        )
    };
    let inner = parsed.outline.items.iter().filter(holds).filter(tests);
    let inner = inner.min_by_key(|item| item.lines.1 - item.lines.0);
    inner.map_or(0..all, |item| item.lines.0..(item.lines.1 + 1).min(all))
}

/// True for a line that takes the thing: the file's name in quotes, a call of the function, a parameter of the fixture's name.
fn starts_from(line: &str, one: &Provided) -> bool {
    if one.file {
        let stem = one.name.split('.').next().unwrap_or_default();
        let folder = one.path.parent().rsplit('/').next().unwrap_or_default();
        return has_word(line, &one.name, &['-']) && (!COMMON.contains(&stem) || has_word(line, folder, &['-']));
    }
    has_word(line, &one.name, &['.', '-', '"', '\'']) || line.contains(&format!(".{}(", one.name))
}

/// What a new line says of what is gone, and what it does with it.
fn says(line: &str, test: &[&str], one: &Provided, path: &RepoPath) -> Option<(String, &'static str)> {
    let asserts = |line: &str| {
        let small = line.to_lowercase();
        let go = path.extension() == "go" && small.contains("!=");
        (go || ASSERTS.iter().any(|word| small.contains(word))) && !DENIES.iter().any(|word| small.contains(word))
    };
    // A key that is read anyhow: `data["max_age"]`, `data.maxAge`.
    let reads = |key: &&String| {
        let forms = [format!("[\"{key}\"]"), format!("['{key}']"), format!(".{key}")];
        let member = is_composite(key) && has_word(line, key, &[]) && line.contains(&forms[2]);
        key.len() >= 4 && (member || forms[..2].iter().any(|form| line.contains(form)))
    };
    let brought = |text: &str| {
        test.iter()
            .any(|line| !asserts(line) && has_word(line, text, &[]) && !starts_from(line, one))
    };
    if let Some(key) = one.keys.iter().find(reads) {
        let sets = test
            .iter()
            .any(|line| line.contains(&format!("{key}\":")) || line.contains(&format!("{key}:")));
        if !sets {
            return Some((format!("key {key}"), "reads"));
        }
    }
    if !asserts(line) {
        return None;
    }
    let says = |value: &&Held| {
        let quoted = ['"', '\'', '`']
            .iter()
            .any(|sign| line.contains(&format!("{sign}{}{sign}", value.text)));
        let said = match value.quoted {
            true => quoted || (value.text.len() >= 8 && has_word(line, &value.text, &[])),
            false => has_word(line, &value.text, &['.', '"', '\'']) && has_word(line, &value.key, &[]),
        };
        said && !brought(&value.text)
    };
    // What the line itself gives to the thing is not of the thing: `make(name="x")`.
    let given = |value: &Held| {
        let at = line.find(&one.name).filter(|_| !one.file);
        let args = at.and_then(|at| line[at..].split_once('(')).map(|(_, args)| args);
        args.is_some_and(|args| {
            args.split(')')
                .next()
                .is_some_and(|args| has_word(args, &value.text, &[]))
        })
    };
    let value = one.gone.iter().find(|value| says(value) && !given(value))?;
    Some((format!("`{}`", value.text), "asserts"))
}
