//! When a flip comes. Enters: a sentence. Leaves: the [`Flip`] that its words tell: a phase, a PRD, or the words themselves.

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use crate::prd::prose::{Form, Sentence, words};
use crate::prd::{Flip, PrdId};

/// How far before a word like "week" its preposition may stand.
const REACH: usize = 6;

/// How front matter, which is read before the document's id is known, refers to the document.
pub(crate) const THIS_PRD: &str = "this PRD";

/// When a flip comes, from the words for it.
pub(crate) fn flip_of(text: &str) -> Flip {
    static PHASE: OnceLock<Regex> = OnceLock::new();
    static PRD: OnceLock<Regex> = OnceLock::new();
    let phase =
        PHASE.get_or_init(|| Regex::new(r"(?i)\bphase\s+(\d{1,4})\b").expect("BUG: a fixed pattern does not compile"));
    let prd = PRD.get_or_init(|| {
        Regex::new(r"(?i)\b(PRD[ #-]?\d{1,4}(?:-[a-z0-9-]+)?|0\d{1,3}-[a-z][a-z0-9-]*)")
            .expect("BUG: a fixed pattern does not compile")
    });
    let number = phase
        .captures(text)
        .and_then(|found| found.get(1))
        .and_then(|number| number.as_str().parse().ok());
    static SELF: OnceLock<Regex> = OnceLock::new();
    let own = SELF.get_or_init(|| Regex::new(r"(?i)\bthis prd\b").expect("BUG: a fixed pattern does not compile"));
    match (number, prd.find(text)) {
        (Some(number), _) => Flip::Phase(number),
        (None, Some(found)) => Flip::WithPrd(found.as_str().to_owned()),
        (None, None) if own.is_match(text) => Flip::WithPrd(THIS_PRD.to_owned()),
        (None, None) => Flip::Later(text.trim().to_owned()),
    }
}

/// When the sentence of the document `own` says that the flip comes, and the tokens that say it; words from `from` on count before
/// those in front of it.
pub(super) fn in_sentence(
    sentence: &Sentence<'_>,
    references: &[Range<usize>],
    from: usize,
    own: &PrdId,
) -> Option<(Flip, Range<usize>)> {
    let mut found = all(sentence, references, own);
    found.sort_by_key(|(_, at)| (at.start < from, at.start));
    found.into_iter().next()
}

/// True if the token `at` and the next one are "this PRD", "this change": the document speaks of itself.
pub(super) fn is_this_prd(sentence: &Sentence<'_>, at: usize) -> bool {
    sentence
        .tokens
        .get(at..)
        .is_some_and(|rest| words().class("this_prd").at(rest) == 2)
}

/// Where the words end by which the document `own` speaks of itself at the token `at`: "this PRD", "PRD 9", `009-fees`.
fn itself(sentence: &Sentence<'_>, at: usize, own: &PrdId) -> Option<usize> {
    let token = &sentence.tokens[at];
    let number = || {
        let next = sentence.tokens.get(at + 1).filter(|next| next.form == Form::Number)?;
        next.stem.parse().ok()
    };
    if is_this_prd(sentence, at) || (&*token.stem == "prd" && number().is_some() && number() == own.number()) {
        return Some(at + 2);
    }
    (token.form == Form::Code && *token.stem == *own.0).then_some(at + 1)
}

fn all(sentence: &Sentence<'_>, references: &[Range<usize>], own: &PrdId) -> Vec<(Flip, Range<usize>)> {
    let mut out = Vec::new();
    for at in 0..sentence.tokens.len() {
        let token = &sentence.tokens[at];
        let itself = itself(sentence, at, own);
        let Some(end) = itself.or_else(|| end_of_time(sentence, references, at)) else {
            continue;
        };
        let preposition = (at.saturating_sub(REACH)..at)
            .rev()
            .take_while(|i| !sentence.is_break(*i) && !sentence.tokens[*i].is_mark(",:("))
            .find(|i| words().class("until").at(&sentence.tokens[*i..]) > 0);
        if let Some(start) = preposition {
            let text = sentence.words(start..end);
            let flip = match token.form {
                _ if itself.is_some() => Flip::WithPrd(own.0.clone()),
                _ if references.iter().any(|reference| reference.start == at) => {
                    Flip::WithPrd(sentence.words(at..end).to_owned())
                }
                _ => flip_of(text),
            };
            out.push((flip, start..end));
        }
    }
    out
}

/// Where the time that begins at the token `at` ends: "week", "2026-12-01", "phase 4", "PRD 9".
fn end_of_time(sentence: &Sentence<'_>, references: &[Range<usize>], at: usize) -> Option<usize> {
    let token = &sentence.tokens[at];
    if let Some(reference) = references.iter().find(|reference| reference.start == at) {
        return Some(reference.end);
    }
    let next = sentence.tokens.get(at + 1);
    if &*token.stem == "phase" && next.is_some_and(|next| next.form == Form::Number) {
        return Some(at + 2);
    }
    let year = token.form == Form::Number && token.stem.len() == 4;
    let date = |i: usize| {
        sentence
            .tokens
            .get(at + i)
            .is_some_and(|token| token.form == Form::Number && token.stem.len() == 2)
    };
    if year && date(1) && date(2) {
        return Some(at + 3);
    }
    let length = words().class("time").at(&sentence.tokens[at..]);
    // "the week after the launch"
    let after = |i: usize| {
        sentence
            .tokens
            .get(i)
            .is_some_and(|token| matches!(&*token.stem, "after" | "of"))
    };
    let noun = |i: usize| {
        sentence
            .tokens
            .get(i)
            .is_some_and(|token| words().class("time").has(&token.stem))
    };
    let end = at + length;
    if length > 0 && after(end) && noun(end + 2) {
        return Some(end + 3);
    }
    (length > 0).then_some(end)
}
