//! What tests say that they need: `// @flag k=on` above a test, or the annotation of a project's own rule. Enters: the comments of a file
//! and the sites of `assume` rules. Leaves: [`StatedNeed`]s. Nothing is inferred here.

use super::site::{KeySource, Site, ValueSource};
use super::tests::Outline;
use super::{Literal, StatedNeed};
use crate::flag::{FlagKey, FlagValue};
use crate::rules::RuleSet;
use crate::rules::rule::RuleKind;
use crate::source::Bytes;

/// The word that opens a statement in a comment.
const WORD: &str = "@flag";

/// What the tests of a file say; `number` gives a test's number in the index from that in the outline.
#[must_use]
pub fn stated(
    outline: &Outline<'_>,
    rules: &RuleSet,
    sites: &[Site],
    number: &dyn Fn(usize) -> usize,
) -> Vec<StatedNeed> {
    let said = in_comments(outline).into_iter().chain(by_rules(outline, rules, sites));
    let mut found: Vec<StatedNeed> = Vec::new();
    for (literal, place, around) in said {
        for test in outline.meant_by(around) {
            found.push(StatedNeed {
                literal: literal.clone(),
                test: number(test),
                span: place.in_file(outline.facts.file),
            });
        }
    }
    found.sort_by(|a, b| (a.test, a.span, &a.literal.key).cmp(&(b.test, b.span, &b.literal.key)));
    found.dedup_by(|a, b| a.test == b.test && a.literal == b.literal);
    found
}

/// `// @flag a=on b=off`, `/* @flag a */`: the literal, its place, its comment.
fn in_comments(outline: &Outline<'_>) -> Vec<(Literal, Bytes, Bytes)> {
    let mut found = Vec::new();
    for comment in &outline.facts.comments {
        let text = outline.facts.slice(comment.bytes);
        for (at, _) in text.match_indices(WORD) {
            let rest = &text[at + WORD.len()..];
            if !rest.starts_with([' ', '\t', ':']) {
                continue;
            }
            let line = rest.lines().next().unwrap_or_default().trim_end_matches("*/");
            let start = comment.bytes.start as usize + at + WORD.len();
            found.extend(words(line).map(|(offset, word)| {
                let (key, value) = word.split_once(['=', ':']).unwrap_or((word, "on"));
                let place = Bytes::new(start + offset, start + offset + word.len());
                let literal = Literal {
                    key: FlagKey::new(key),
                    value: FlagValue::parse(value),
                };
                (literal, place, comment.bytes)
            }));
        }
    }
    found.retain(|(literal, ..)| literal.value != FlagValue::Unknown && !literal.key.as_str().is_empty());
    found
}

/// The words of a line up to the first that is no statement, with their places. A key without a value means on, if it is alone.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '=' | ':' | '/');
    let all = line.split([' ', '\t', ',']).map(move |word| {
        let offset = word.as_ptr() as usize - line.as_ptr() as usize;
        (offset, word)
    });
    let mut words: Vec<(usize, &str)> = all.filter(|(_, word)| !word.is_empty()).collect();
    let alone = words.len() == 1;
    let end = words
        .iter()
        .position(|(_, word)| !word.chars().all(is_key) || !(alone || word.contains('=')));
    words.truncate(end.unwrap_or(words.len()));
    words.into_iter()
}

/// The sites of `assume` rules: annotations of items, and comments.
fn by_rules(outline: &Outline<'_>, rules: &RuleSet, sites: &[Site]) -> Vec<(Literal, Bytes, Bytes)> {
    let mut found = Vec::new();
    for site in sites
        .iter()
        .filter(|site| matches!(rules.rule(site.rule).kind, RuleKind::Assume(_)))
    {
        let comment = site
            .captures
            .iter()
            .find(|(name, _)| name == "comment")
            .map(|(_, bytes)| *bytes);
        let around = comment.unwrap_or_else(|| outline.facts.tree.bytes(site.node));
        for entry in &site.entries {
            let (key, place) = match &entry.key {
                KeySource::Known(key, bytes) => (key.clone(), *bytes),
                KeySource::Node(node) => {
                    let words = outline.facts.words(*node).trim_matches(['"', '\'', '`']);
                    (words.to_owned(), outline.facts.tree.bytes(*node))
                }
                KeySource::Every => continue,
            };
            let value = match &entry.value {
                Some(ValueSource::Known(value)) => *value,
                Some(ValueSource::Text(text, _)) => FlagValue::parse(text),
                Some(ValueSource::Node(node)) => FlagValue::parse(outline.facts.words(*node).trim_matches(['"', '\''])),
                None => FlagValue::On,
            };
            if value != FlagValue::Unknown {
                found.push((
                    Literal {
                        key: FlagKey::new(&key),
                        value,
                    },
                    place,
                    around,
                ));
            }
        }
    }
    found
}
