//! Whether words are meant. Enters: a rule that fits a sentence. Leaves: yes, unless the sentence asks, denies, supposes, quotes, tells
//! history or speaks of somebody else. Precision is trust: in doubt nothing is claimed.

use std::ops::Range;

use super::Hit;
use super::rule::Kind;
use crate::prd::mention::denial;
use crate::prd::prose::{Form, Sentence, words};

/// How near before a verb its subject stands.
const SUBJECT_REACH: usize = 3;

/// True if the hit's words are a claim of this document, here and now.
pub(super) fn stands(hit: &Hit<'_>) -> bool {
    let sentence = hit.sentence;
    let found = &hit.found.at;
    let scope = scope_start(sentence, found.start);
    let order = matches!(hit.rule.kind, Kind::Depends);
    let denied = if order { scope..found.start } else { scope..found.end };
    !sentence.is_question()
        && !quoted(sentence, found)
        && !denied.clone().any(|at| denial(sentence, at))
        && !history(hit, scope)
        && !somebody_else(hit, scope)
        && (order || !supposed(hit, scope))
        && (order || hit.rule.kind == Kind::Stubs || !words().class("either").within(&sentence.tokens))
        && !(hit.rule.kind == Kind::Introduces && consumed(hit, scope))
}

/// Where the part of the sentence begins in which a denial holds.
fn scope_start(sentence: &Sentence<'_>, at: usize) -> usize {
    let ends = |i: &usize| sentence.is_break(*i) || sentence.tokens[*i].is_mark(":()[]") || sentence.is_turn(*i);
    (0..at).rev().find(ends).map_or(0, |i| i + 1)
}

/// Within quotation marks, or struck out.
fn quoted(sentence: &Sentence<'_>, found: &Range<usize>) -> bool {
    let mut open = false;
    for token in &sentence.tokens[..found.start] {
        match &*token.stem {
            "\"" if token.form == Form::Mark => open = !open,
            "“" | "«" | "„" => open = true,
            "”" | "»" => open = false,
            _ => {}
        }
    }
    let span = sentence.span(found.clone());
    open || sentence
        .flow
        .struck
        .iter()
        .any(|struck| struck.start < span.end && span.start < struck.end)
}

/// "would need", "if … is on", "may rely": somebody thinks aloud.
fn supposed(hit: &Hit<'_>, scope: usize) -> bool {
    let sentence = hit.sentence;
    let start = hit.found.at.start;
    let comma = (scope..start)
        .rev()
        .find(|i| sentence.tokens[*i].is_mark(","))
        .map_or(scope, |i| i + 1);
    let hypothetical = words().class("hypothetical");
    let mut parts: Vec<Range<usize>> = hit.found.thing.clone().into_iter().collect();
    parts.push(comma..start);
    if hit.rule.firm {
        parts.push(hit.found.at.end..sentence.tokens.len());
    }
    parts.into_iter().any(|part| {
        part.into_iter()
            .any(|at| hypothetical.at(&sentence.tokens[at..]) > 0 && sentence.tokens[at].form == Form::Word)
    })
}

/// "the first draft assumed", "was", "used to"
fn history(hit: &Hit<'_>, scope: usize) -> bool {
    let sentence = hit.sentence;
    let before = &sentence.tokens[scope..hit.found.at.end];
    let first = sentence
        .tokens
        .get(hit.found.at.start)
        .map(|token| sentence.flow.text[token.at.clone()].to_lowercase());
    let past =
        first.is_some_and(|word| hit.rule.kind == Kind::Assumes && word.ends_with("ed") && !word.ends_with("need"));
    past || words().class("history").within(before)
}

/// "PRD 12 assumes", "other services rely on"
fn somebody_else(hit: &Hit<'_>, scope: usize) -> bool {
    let start = hit.found.at.start;
    let subject = |reference: &Range<usize>| {
        reference.end <= start && reference.end + SUBJECT_REACH > start && reference.start >= scope
    };
    // "after 003 has landed, this ships before everything else": a comma parts the subject from what follows.
    let parted = |reference: &Range<usize>| {
        hit.sentence.tokens[reference.end..start]
            .iter()
            .any(|token| token.is_mark(","))
    };
    let another_prd = hit
        .references
        .iter()
        .any(|reference| subject(reference) && !parted(reference));
    let speaks_of_itself = matches!(hit.rule.kind, Kind::Flips | Kind::Introduces);
    let others = words().class("others").within(&hit.sentence.tokens[scope..start]);
    (another_prd && hit.found.prd != Some(start) && !speaks_of_itself) || (others && hit.rule.kind != Kind::Foundation)
}

/// A sentence about who needs the thing, or about what another PRD ships, introduces nothing.
fn consumed(hit: &Hit<'_>, scope: usize) -> bool {
    let before = &hit.sentence.tokens[scope..hit.found.at.end];
    let shipped = before
        .iter()
        .any(|token| hit.sentence.flow.text[token.at.clone()].eq_ignore_ascii_case("shipped"));
    // "default off until PRD 9" tells when, not whose it is.
    let tells_when = |reference: &Range<usize>| {
        let before = reference.start.checked_sub(1).map(|at| &*hit.sentence.tokens[at].stem);
        matches!(before, Some("until" | "after" | "onc" | "befor"))
    };
    !hit.references.iter().all(tells_when) || shipped || words().class("consumes").within(before)
}
