//! What snapshots say. Enters: the tests of one tree that compare with a snapshot. Leaves: the distinctive texts that stand in the snapshot of each,
//! which the test asserts as if it had them in itself.

use std::collections::BTreeMap;

use super::acts::yields::callee_name;
use super::atoms::Atom;
use super::sure::fails_its_test;
use super::words::is_distinctive;
use crate::index::{CodeIndex, TestCase};
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{RepoPath, Sources, Span, View};

/// The folder beside the tests that holds what they saw before.
const FOLDER: &str = "__snapshots__";

/// The texts in the snapshots of `tests`, by test.
#[must_use]
pub(super) fn seen(sources: &Sources, view: &View, index: &CodeIndex, tests: &[usize]) -> BTreeMap<usize, Vec<Atom>> {
    let mut files: BTreeMap<&RepoPath, Vec<(&str, &str)>> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for test in tests {
        let Some(case) = index.tests.get(*test).filter(|case| !case.table && case.gate.is_none()) else {
            continue;
        };
        let Some(facts) = index
            .files
            .get(&case.path)
            .filter(|facts| facts.text.contains("Snapshot("))
        else {
            continue;
        };
        let mut atoms = Vec::new();
        for (call, inline) in compared(facts, case) {
            match inline {
                Some(text) => atoms.extend(texts(&text, call)),
                None => {
                    let entries = files
                        .entry(&case.path)
                        .or_insert_with(|| entries(sources, view, &case.path));
                    let own = entries.iter().filter(|(name, _)| is_of(name, case));
                    atoms.extend(own.flat_map(|(_, text)| texts(text, call)));
                }
            }
        }
        atoms.sort();
        atoms.dedup_by(|a, b| a.text == b.text);
        if !atoms.is_empty() {
            found.insert(*test, atoms);
        }
    }
    found
}

/// The assertions of a test that compare with a snapshot, with the text of one that stands there.
fn compared(facts: &FileFacts, case: &TestCase) -> Vec<(Span, Option<String>)> {
    let tree = &facts.tree;
    let Some(body) = case.bodies.last().filter(|body| body.file == facts.file) else {
        return Vec::new();
    };
    let text = |id: &NodeId| match tree.syntax(tree.bare(*id)) {
        Syntax::Text(text) => Some(text.to_string()),
        _ => None,
    };
    let one = |id: NodeId| {
        let Syntax::Call { callee, args, .. } = tree.syntax(id) else {
            return None;
        };
        let inline = match callee_name(facts, *callee) {
            "toMatchSnapshot" => None,
            "toMatchInlineSnapshot" => Some(args.last().and_then(text)?),
            _ => return None,
        };
        let negated = facts.words(*callee).contains(".not.");
        let sure = !negated && fails_its_test(facts, id, body.bytes);
        sure.then(|| (tree.bytes(id).in_file(facts.file), inline))
    };
    let inside = tree.ids().filter(|id| body.bytes.contains(tree.bytes(*id)));
    inside.filter_map(one).collect()
}

/// The snapshots of a test file: name and text.
fn entries<'s>(sources: &'s Sources, view: &View, path: &RepoPath) -> Vec<(&'s str, &'s str)> {
    let (folder, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
    let at = format!("{folder}/{FOLDER}/{name}.snap");
    let file = view
        .files
        .iter()
        .find(|(path, _)| path.as_str() == at.trim_start_matches('/'));
    let Some((_, file)) = file else { return Vec::new() };
    let text: &str = &sources.file(*file).text;
    let entry = |part: &'s str| {
        let (name, rest) = part.split_once("`] = `")?;
        Some((name, rest.split_once("\n`;").map_or(rest, |(text, _)| text)))
    };
    let text = text.split("\nexports[`").enumerate();
    let parts = text.filter_map(|(at, part)| {
        if at == 0 {
            part.strip_prefix("exports[`")
        } else {
            Some(part)
        }
    });
    parts.filter_map(entry).collect()
}

/// True for a snapshot of the test: its titles, maybe a hint, and a number.
fn is_of(name: &str, case: &TestCase) -> bool {
    let titles = || case.suite.iter().chain([&case.name]).map(String::as_str);
    [" ", " > "].iter().any(|between| {
        let full = titles().collect::<Vec<_>>().join(between);
        let rest = name.strip_prefix(full.as_str());
        rest.is_some_and(|rest| {
            let number = rest.rsplit(' ').next().unwrap_or("");
            let hint = rest.starts_with(": ") || rest.starts_with(" > ");
            number.parse::<u32>().is_ok() && (hint || rest.trim_start() == number)
        })
    })
}

/// The distinctive texts of a snapshot: what stands in quotes, the words of classes, and lines of nothing but text.
fn texts(snapshot: &str, call: Span) -> Vec<Atom> {
    let mut found = Vec::new();
    let mut push = |text: &str| {
        if is_distinctive(text) {
            found.push(Atom {
                text: text.trim().to_owned(),
                span: call,
                part: false,
            });
        }
    };
    for line in snapshot.lines() {
        let line = line.trim();
        if line.contains('"') {
            for (at, quoted) in line.split('"').enumerate().filter(|(at, _)| at % 2 == 1) {
                push(quoted);
                if at == 1 && line.starts_with("class") {
                    quoted.split_whitespace().for_each(&mut push);
                }
            }
        } else if !line.contains(['<', '>', '{', '}', '=']) {
            push(line);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Bytes;

    #[test]
    fn texts_of_a_page_and_of_an_object_are_found() {
        let snapshot = "<div\n  class=\"shop_Header shop_Header_new\"\n  data-testid=\"new-total-row\"\n>\n  Your frozen total\n</div>";
        let span = Bytes::new(0, 1).in_file(
            crate::source::fixture("//- a.ts\n")
                .1
                .files
                .values()
                .next()
                .copied()
                .expect("a file"),
        );
        let found: Vec<String> = texts(snapshot, span).into_iter().map(|atom| atom.text).collect();
        assert_eq!(
            found,
            [
                "shop_Header shop_Header_new",
                "shop_Header",
                "shop_Header_new",
                "new-total-row",
                "Your frozen total"
            ]
        );
    }
}
