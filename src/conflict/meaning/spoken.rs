//! What one side takes away and the other's new lines say by name alone: a file of test data, a fixture of pytest, a column in a query. Enters: the
//! [`Work`] of both. Leaves: [`Breach`]es; a name in a text is no proof, so none of them is sure.

use std::collections::BTreeSet;

use super::contract::How;
use super::told::ordered;
use super::touched::{self, Word, number};
use super::work::Work;
use super::{Breach, BreachKind, BreachPlace, Certainty, has_word};
use crate::conflict::outline::ItemKind;
use crate::index::schema::{changes_of, is_migration};
use crate::index::{SchemaAction, SchemaObject, SymbolKind};
use crate::lang::Language;
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

/// Words in the path of a test.
const TESTS: [&str; 8] = ["test", "tests", "testing", "spec", "specs", "e2e", "cy", "conftest"];

/// Files that say which tests run with what, wherever they lie.
const RUNS: [&str; 9] = [
    ".gitlab-ci.yml",
    ".travis.yml",
    "azure-pipelines.yml",
    "appveyor.yml",
    "package.json",
    "pyproject.toml",
    "Cargo.toml",
    "docker-compose.yml",
    "compose.yml",
];

/// How the names of files begin that configure what runs tests.
const CONFIGURE: [&str; 8] = [
    "jest",
    "vitest",
    "playwright",
    "cypress",
    "karma",
    ".mocharc",
    "pytest",
    "phpunit",
];

/// Words of a query, in small letters: of SQL, and what libraries call the same.
const ASKS: [&str; 20] = [
    "select",
    "insert",
    "update",
    "delete",
    "where",
    "from",
    "join",
    "into",
    "set",
    "values",
    "returning",
    "order",
    "group",
    "table",
    "column",
    "index",
    "pluck",
    "find_by",
    "findmany",
    "findunique",
];

/// Shorter names of files are said in too many texts.
const SHORTEST: usize = 8;

/// What the two sides' new lines say of what the other takes away.
pub(super) fn spoken(
    sources: &Sources,
    works: [&Work; 2],
    is_single: &mut dyn FnMut(&RepoPath) -> bool,
) -> Vec<Breach> {
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        let sides = [works[by], works[other]];
        if works[by].drops_data() {
            found.extend(data(sources, by, sides, is_single));
        }
        found.extend(fixtures(sources, by, sides));
        if works[by].migrates() {
            found.extend(columns(sources, by, sides));
        }
    }
    found
}

/// True for a file of test data.
#[must_use]
pub fn is_test_data(path: &RepoPath) -> bool {
    path.parent().split('/').any(|folder| DATA.contains(&folder))
}

pub(super) fn breach(
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

/// The first new line of a side, in a file that `fits`, that has all of these words and of which `tells` is true; it is given the text up to the
/// line, and the line.
fn says(
    sources: &Sources,
    work: &Work,
    words: &[&str],
    fits: impl Fn(&RepoPath) -> bool,
    tells: impl Fn(&RepoPath, &str, &str) -> bool,
) -> Option<Span> {
    // Many names are asked of many files: of most of these the numbers of their words tell that they have none of it.
    let asked: Vec<Word> = words.iter().flat_map(|word| touched::words(word)).map(number).collect();
    for (path, touched) in &work.touched {
        if !asked.iter().all(|word| touched.said.contains(word)) || !fits(path) {
            continue;
        }
        let Some(file) = work.text_of(path) else { continue };
        let text = &sources.file(file).text;
        let new = work.new_lines(path);
        let mut start = 0;
        for (line, at) in text.split_inclusive('\n').zip(1u32..) {
            let before = &text[..start];
            start += line.len();
            let all = || words.iter().all(|word| has_word(line, word, &[]));
            if new.contains(&at) && all() && tells(path, before, line) {
                return Some(sources.line(file, at));
            }
        }
    }
    None
}

/// A file of test data that is gone here, and that a new line of a test there names: with its folder, or by a name that no other file has.
fn data(
    sources: &Sources,
    by: usize,
    [breaker, user]: [&Work; 2],
    is_single: &mut dyn FnMut(&RepoPath) -> bool,
) -> Vec<Breach> {
    let gone = breaker
        .texts()
        .iter()
        .filter(|(path, texts)| texts.side.is_none() && is_test_data(path) && path.file_name().len() >= SHORTEST);
    // One that is elsewhere now may be found there.
    let new = [breaker, user].into_iter().flat_map(Work::new_paths);
    let kept: BTreeSet<&str> = new.map(RepoPath::file_name).collect();
    let each = gone
        .filter(|(path, _)| !kept.contains(path.file_name()))
        .filter_map(|(path, texts)| {
            let name = path.file_name();
            let folder = path.parent().rsplit('/').next().unwrap_or_default();
            let fits = |from: &RepoPath| from != path && !is_test_data(from) && !is_prose(from);
            let named = |from: &RepoPath, before: &str, line: &str| {
                is_of_tests(from, before) && has_word(without_comment(from, line), name, &['-', '.'])
            };
            let with_folder = |from: &RepoPath, before: &str, line: &str| {
                named(from, before, line) && has_word(without_comment(from, line), folder, &['-', '.'])
            };
            let said = says(sources, user, &[name, folder], fits, with_folder)
                .or_else(|| says(sources, user, &[name], fits, named).filter(|_| is_single(path)))?;
            let deeds = [format!("removes {path}"), "names it".to_owned()];
            let what = (BreachKind::Fixture, Certainty::Likely, path.as_str());
            Some(breach(by, what, deeds, [sources.line(texts.base?, 1), said]))
        });
    each.collect()
}

/// True for texts that people read: nothing breaks where they name what is gone.
fn is_prose(path: &RepoPath) -> bool {
    matches!(path.extension(), "md" | "mdx" | "po" | "properties")
}

/// True for code of tests, and for what runs or configures them; Rust has its unit tests at the end of the code, so the text `before` a line counts, too.
pub(super) fn is_of_tests(path: &RepoPath, before: &str) -> bool {
    if is_workflow(path) {
        return true;
    }
    let stem = path.file_name().split('.').next().unwrap_or_default();
    let lower = path.as_str().to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    words.any(|word| TESTS.contains(&word))
        || ["Test", "Tests", "Spec", "IT"].iter().any(|end| stem.ends_with(end))
        || (path.extension() == "rs" && before.contains("#[cfg(test)]"))
}

/// True for what says which tests run with what: workflows, the manifests of packages, configurations of what runs tests.
fn is_workflow(path: &RepoPath) -> bool {
    let name = path.file_name();
    let runs = [".github", ".gitlab", ".circleci", ".buildkite"];
    let mut folders = path.parent().split('/');
    folders.any(|folder| runs.contains(&folder))
        || RUNS.contains(&name)
        || CONFIGURE.iter().any(|start| name.starts_with(start))
}

/// A line up to the comment in it.
pub(super) fn without_comment<'t>(path: &RepoPath, line: &'t str) -> &'t str {
    let bare = line.trim_start();
    if ["/*", "* ", "*/", "<!--", "--"]
        .iter()
        .any(|sign| bare.starts_with(sign))
    {
        return "";
    }
    let sharp = matches!(path.extension(), "py" | "rb" | "yml" | "yaml" | "toml");
    let is_sign = |at: usize, sign: &str| {
        let before = line[..at].chars().next_back();
        match sign {
            "#" => before.is_none_or(char::is_whitespace),
            // `https://…`
            _ => before != Some(':'),
        }
    };
    let sign = if sharp { "#" } else { "//" };
    let mut signs = line.match_indices(sign).map(|(at, _)| at);
    let end = signs.find(|at| is_sign(*at, sign)).unwrap_or(line.len());
    &line[..end]
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

/// True if a line of small letters asks a table: `from orders`, `insert into "orders"`.
fn is_asked(line: &str, table: &str) -> bool {
    let table = table.to_lowercase();
    ["from ", "into ", "join ", "update "].iter().any(|word| {
        line.match_indices(word).any(|(at, _)| {
            let rest = line[at + word.len()..].trim_start_matches([' ', '"', '`', '[', '\'']);
            let end = rest.strip_prefix(table.as_str());
            end.is_some_and(|end| !end.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    })
}

/// True if the statement at this place gives a column another name: the column is the first that stands behind the word.
fn renames(sources: &Sources, span: Span, column: &str) -> bool {
    let line = sources
        .text(sources.line(span.file, sources.start(span).line))
        .to_lowercase();
    let Some(at) = line.find("rename") else { return false };
    let rest = &line[at..];
    let column = column.to_lowercase();
    let place = rest.find(&column).filter(|_| has_word(rest, &column, &[]));
    place.is_some_and(|place| !has_word(&rest[..place], "to", &[]))
}

/// How many lines a query may have before and after a name in it.
const AROUND: usize = 12;

/// The first new line that names a column where the lines around it ask its table.
fn asked_around(sources: &Sources, user: &Work, words: &[&str]) -> Option<Span> {
    let [table, column] = words else { return None };
    let around = |path: &RepoPath, before: &str, line: &str| {
        let text = user.text_of(path).map(|file| &*sources.file(file).text)?;
        let after = text.get(before.len() + line.len()..)?;
        let mut near: Vec<&str> = before.lines().rev().take(AROUND).collect();
        near.push(line);
        near.extend(after.lines().take(AROUND));
        let near = near.join("\n").to_lowercase();
        // A line by itself, not one of a comment or of another object's field.
        let bare = without_comment(path, line);
        Some(has_word(bare, column, &[]) && is_asked(&near, table) && has_word(&near, "select", &[]))
    };
    says(sources, user, &[column], may_query, |path, before, line| {
        around(path, before, line).unwrap_or(false)
    })
}

/// True for what may ask a database: code, and what is written in a language of its own.
fn may_query(path: &RepoPath) -> bool {
    let asks = Language::of(path).is_some_and(Language::is_built) || matches!(path.extension(), "sql" | "prisma");
    asks && !is_migration(path)
}

/// A table or a column that a migration drops here, and that a new line names there, a column with its table.
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
        let words: Vec<&str> = match &change.object {
            SchemaObject::Column(table, column) => vec![table, column],
            SchemaObject::Table(table) => vec![table],
            SchemaObject::Constraint(..) | SchemaObject::Enum(_) => continue,
        };
        let short = words.last().is_none_or(|word| word.len() < 4);
        // A rename takes the old name away.
        let renamed =
            change.action == SchemaAction::Alter && words.len() > 1 && renames(sources, change.span, words[1]);
        if (change.action != SchemaAction::Drop && !renamed) || short {
            continue;
        }
        let asks = |_: &RepoPath, _: &str, line: &str| {
            let lower = line.to_lowercase();
            ASKS.iter().any(|word| has_word(&lower, word, &[])) && (words.len() > 1 || is_asked(&lower, words[0]))
        };
        // Where no word of a query stands beside the two, they may be anything; and so may a table's name by itself.
        let said = says(sources, user, &words, may_query, asks).map(|said| (said, Certainty::Likely));
        let named = || says(sources, user, &words, may_query, |_, _, _| words.len() > 1);
        let far = || Some((asked_around(sources, user, &words)?, Certainty::Likely));
        let said = said.or_else(far);
        if let Some((said, certainty)) = said.or_else(|| Some((named()?, Certainty::Possible))) {
            let name = change.object.name();
            let does = if words.len() > 1 { "names both" } else { "asks for it" };
            let verb = if renamed { "renames" } else { "drops" };
            let deeds = [format!("{verb} {name} in a migration"), does.to_owned()];
            let what = (BreachKind::Schema, certainty, name.as_str());
            found.push(breach(by, what, deeds, [change.span, said]));
        }
    }
    found
}
