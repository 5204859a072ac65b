//! JUnit, as node, pytest, nextest and many others write it. Enters: its text. Leaves: [`Ran`]. A test's file is what the document says
//! (`file`, a suite or class named after a file), else the only file that was run.

use roxmltree::{Document, Node, ParsingOptions};

use super::{Place, plain};
use crate::probe::{Outcome, Ran, TestId};
use crate::source::RepoPath;

/// The most elements of a document.
const NODES: u32 = 4_000_000;

/// Reads the document.
///
/// # Errors
/// If it is not one.
pub(super) fn read(place: &Place<'_>, text: &str) -> Result<Ran, String> {
    let options = ParsingOptions {
        nodes_limit: NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| format!("its results could not be read: {error}"))?;
    let mut ran = Ran::default();
    for case in document.descendants().filter(|node| node.has_tag_name("testcase")) {
        let name = case.attribute("name").unwrap_or("");
        // Node tells of a file that could not be run as of a test with the file's name.
        if let Some(path) = place.path(name) {
            if outcome(case) == Outcome::Failed {
                ran.broken.push(format!("{path} could not be run: {}", words(case)));
            }
            continue;
        }
        let suites: Vec<Node<'_, '_>> = case.ancestors().filter(|node| node.has_tag_name("testsuite")).collect();
        let Some(path) = file_of(place, case, &suites) else {
            ran.lost += 1;
            continue;
        };
        ran.add(id(place, case, &suites, path), outcome(case));
    }
    Ok(ran)
}

fn outcome(case: Node<'_, '_>) -> Outcome {
    let has = |name: &str| case.children().any(|child| child.has_tag_name(name));
    if has("failure") || has("error") {
        Outcome::Failed
    } else if has("skipped") {
        Outcome::Skipped
    } else {
        Outcome::Passed
    }
}

fn words(case: Node<'_, '_>) -> String {
    let failure = case.children().find(|child| child.has_tag_name("failure"));
    let message = failure.and_then(|failure| failure.attribute("message").or_else(|| failure.text()));
    plain(message.unwrap_or(""))
}

fn file_of(place: &Place<'_>, case: Node<'_, '_>, suites: &[Node<'_, '_>]) -> Option<RepoPath> {
    let said = ["file", "filepath"].iter().filter_map(|name| case.attribute(*name));
    let class = case.attribute("classname");
    let suites = suites.iter().flat_map(|suite| {
        [
            suite.attribute("file"),
            suite.attribute("filepath"),
            suite.attribute("name"),
        ]
    });
    let named = said.chain(class).chain(suites.flatten());
    named
        .filter_map(|name| place.path(name))
        .next()
        .or_else(|| python_file(place, class?))
        .or_else(|| match &place.order.files[..] {
            [only] => Some(only.clone()),
            _ => None,
        })
}

/// `tests.test_cart.TestTotals` is in `tests/test_cart.py`.
fn python_file(place: &Place<'_>, class: &str) -> Option<RepoPath> {
    let whole = class.replace('.', "/");
    let without_class = whole.rsplit_once('/').map(|(module, _)| module);
    let tries = [Some(whole.as_str()), without_class];
    tries
        .into_iter()
        .flatten()
        .find_map(|module| place.path(&format!("{module}.py")))
}

/// The titles: those of the suites, or those that the name joins (`suite > test`).
fn id(place: &Place<'_>, case: Node<'_, '_>, suites: &[Node<'_, '_>], path: RepoPath) -> TestId {
    let name = case.attribute("name").unwrap_or("");
    let titles = suites.iter().rev().filter_map(|suite| suite.attribute("name"));
    let mut suite: Vec<String> = titles
        .filter(|title| !title.is_empty() && place.path(title).is_none())
        .map(str::to_owned)
        .collect();
    let mut parts: Vec<&str> = name.split(" > ").collect();
    let name = parts.pop().unwrap_or(name).to_owned();
    if !parts.is_empty() {
        suite = parts.into_iter().map(str::to_owned).collect();
    } else if path.extension() == "py" {
        let class = case.attribute("classname").and_then(|class| class.rsplit('.').next());
        let class = class.filter(|class| class.starts_with(|c: char| c.is_ascii_uppercase()));
        suite = class.map(str::to_owned).into_iter().collect();
    }
    TestId { path, suite, name }
}
