//! Needs that are listed and not told: "Depends on: PRD 1, `x` ON", "- [ ] `x` = on in production" under "Prerequisites". Enters: a
//! sentence with a label that asks, or in a list of what must be there. Leaves: [`Statement`]s, one for each flag with a state.

use std::collections::BTreeSet;
use std::ops::Range;

use super::flags::names_one;
use crate::flag::{FlagKey, FlagValue};
use crate::prd::context::Context;
use crate::prd::mention::denial;
use crate::prd::prose::{Form, Sentence, Token, words};
use crate::prd::shape;
use crate::prd::{Claim, Statement};
use crate::source::FileId;

/// A label is no longer, in tokens.
const LONGEST_LABEL: usize = 8;

/// How many tokens may stand between a flag and its state.
const APART: usize = 6;

/// The needs that the sentence lists. `references` are those to other PRDs, `keys` the names that the document calls flags.
pub(super) fn needs(
    sentence: &Sentence<'_>,
    references: &[Range<usize>],
    keys: &BTreeSet<String>,
    (context, file): (Context, FileId),
    out: &mut Vec<Statement>,
) {
    let label = label(sentence, references, "asks");
    let listed = context.assumptions || context.depends;
    // "Feature flags: `x`=on": set for the work, in all likelihood.
    let of_flags = label_of_flags(sentence, references).or(context.flags.then_some(0));
    let set = of_flags.filter(|_| label.is_none() && !listed);
    let Some(from) = label.or(listed.then_some(0)).or(set) else {
        return;
    };
    let asks = context.assumptions
        || sentence.tokens[..from]
            .iter()
            .any(|token| words().class("demands").has(&token.stem));
    if sentence.is_question() || words().class("either").within(&sentence.tokens) {
        return;
    }
    let flagged = words().class("flagword").within(&sentence.tokens[..from]);
    for at in from..sentence.tokens.len() {
        if !names_flag(sentence, at, keys) || another_prd(sentence, references, from, at) {
            continue;
        }
        let claim = |needs| Claim::Assumes {
            key: Some(FlagKey::new(&sentence.tokens[at].stem)),
            phrase: sentence.tokens[at].stem.to_string(),
            needs,
        };
        let statement = match state_of(sentence, at) {
            Some((FlagValue::Off, _)) if set.is_some() => continue,
            Some((needs, end)) if !rehearsed(sentence, end) => {
                statement(sentence, at..end, claim(needs), set.is_some(), file)
            }
            // "Depends on: flag `x`": on, in all likelihood.
            None if label.is_some() && alone(sentence, at) && (flagged || called_flag(sentence, at)) => {
                statement(sentence, at..at + 1, claim(FlagValue::On), true, file)
            }
            // "Requires: `x`": on, if there is a flag by that name.
            None if set.is_none() && bare(sentence, at, from) => {
                let named = Claim::Assumes {
                    key: None,
                    phrase: sentence.tokens[at].stem.to_string(),
                    needs: FlagValue::On,
                };
                statement(sentence, at..at + 1, named, !asks, file)
            }
            _ => continue,
        };
        if !out.iter().any(|known| known.span.contains(statement.span)) {
            out.push(statement);
        }
    }
}

fn statement(sentence: &Sentence<'_>, at: Range<usize>, claim: Claim, scene: bool, file: FileId) -> Statement {
    Statement {
        claim,
        declared: false,
        scene,
        span: sentence.bytes(at).in_file(file),
        sentence: sentence.words(0..sentence.tokens.len()).to_owned(),
    }
}

/// Where the words behind a label that asks begin.
fn label(sentence: &Sentence<'_>, references: &[Range<usize>], class: &str) -> Option<usize> {
    let colon = sentence
        .tokens
        .iter()
        .take(LONGEST_LABEL)
        .position(|token| token.is_mark(":–—-"))?;
    let before = &sentence.tokens[..colon];
    let denied = (0..colon).any(|at| denial(sentence, at));
    let others = references.iter().any(|reference| reference.start < colon);
    // "The page depends on the cart: …" is a sentence, and no label.
    let short = before.iter().filter(|token| token.form != Form::Mark).count() <= 4;
    let asks = words().class(class).within(before) && !words().class("dispensable").within(before);
    (asks && short && !denied && !others).then_some(colon + 1)
}

/// True if the words of a label, a heading or the head of a column ask for something.
pub(super) fn asks(tokens: &[Token]) -> bool {
    words().class("asks").within(tokens)
}

/// Where the words behind "Feature flags:" begin.
fn label_of_flags(sentence: &Sentence<'_>, references: &[Range<usize>]) -> Option<usize> {
    label(sentence, references, "flagword").filter(|from| {
        let mut next = sentence.tokens[*from..].iter().skip_while(|next| next.is_mark("*_"));
        next.next().is_some_and(|next| next.form == Form::Code)
    })
}

/// A name in a list of names, of which nothing more is said.
fn bare(sentence: &Sentence<'_>, at: usize, from: usize) -> bool {
    let listed = |token: &Token| {
        matches!(token.form, Form::Mark | Form::Code)
            || words().class("before_flag").has(&token.stem)
            || &*token.stem == "and"
    };
    alone(sentence, at) && sentence.tokens[from..at].iter().all(listed)
}

fn names_flag(sentence: &Sentence<'_>, at: usize, keys: &BTreeSet<String>) -> bool {
    let token = &sentence.tokens[at];
    let ticked = token.form == Form::Code && token.ticked && shape::is_flag_key(&token.stem);
    names_one(sentence, at, keys) || (ticked && state_of(sentence, at).is_some())
}

/// "PRD 1 (ships `x` off)", "PRD 1, which hides it behind `x`": what another document does.
fn another_prd(sentence: &Sentence<'_>, references: &[Range<usize>], from: usize, at: usize) -> bool {
    let parts = |i: &usize| {
        let token = &sentence.tokens[*i];
        sentence.is_break(*i) || token.is_mark(",+&|") || (token.form == Form::Word && &*token.stem == "and")
    };
    let start = (from..at).rev().find(parts).map_or(from, |i| i + 1);
    let told = (start..at).any(|i| {
        let stem = &*sentence.tokens[i].stem;
        words().class("clause").at(&sentence.tokens[i..]) > 0 || matches!(stem, "behind" | "ship" | "introduc" | "hide")
    });
    told || references
        .iter()
        .any(|reference| reference.start >= start && reference.end <= at)
}

/// The state that follows the name at `at`, and where its words end.
fn state_of(sentence: &Sentence<'_>, at: usize) -> Option<(FlagValue, usize)> {
    let mut next = at + 1;
    while next < sentence.tokens.len().min(at + 1 + APART) {
        let tokens = &sentence.tokens[next..];
        let read = |class: &str| words().class(class).at(tokens);
        let (on, off) = (read("on").max(read("toggled_on")), read("off").max(read("toggled_off")));
        if on > 0 || off > 0 {
            let value = FlagValue::from(on > off);
            return Some((value, next + on.max(off)));
        }
        let glue = tokens[0].form == Form::Mark && !sentence.is_break(next) || tokens[0].is_mark("—");
        let length = if glue { 1 } else { read("joins") };
        if length == 0 {
            return None;
        }
        next += length;
    }
    None
}

/// "on in staging" is a rehearsal.
fn rehearsed(sentence: &Sentence<'_>, end: usize) -> bool {
    let near = end..sentence.tokens.len().min(end + 3);
    near.into_iter().any(|i| {
        let token = &sentence.tokens[i];
        token.form == Form::Word && words().class("rehearsal").has(&token.stem)
    })
}

/// Nothing more is said of the name.
fn alone(sentence: &Sentence<'_>, at: usize) -> bool {
    sentence
        .tokens
        .get(at + 1)
        .is_none_or(|next| next.form == Form::Mark && !next.is_mark("(:="))
}

fn called_flag(sentence: &Sentence<'_>, at: usize) -> bool {
    let near = at.saturating_sub(3)..at;
    near.into_iter()
        .any(|i| words().class("flagword").at(&sentence.tokens[i..at]) > 0)
}
