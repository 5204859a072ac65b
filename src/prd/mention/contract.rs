//! Whether a sentence changes how a thing is used, and not only what it does. Enters: a sentence and the token of a mention that it changes.
//! Leaves: true where whoever uses the thing has to be changed with it: it takes other arguments, gives something else, gets another name, or goes.

use super::access::{bounds, verb};
use crate::prd::prose::{Form, Sentence, words};

/// True if the thing at the token `at`, which the sentence changes, is used otherwise afterwards.
pub(super) fn changed(sentence: &Sentence<'_>, at: usize) -> bool {
    let (start, end) = bounds(sentence, at.min(sentence.tokens.len()));
    let clause = &sentence.tokens[start..end];
    let says = |class: &str| words().doing(class).within(clause);
    (says("contract") && !says("gentle")) || taken_away(sentence, start, at, end)
}

/// "rename `x`", "`x` is removed"; "remove the cache from `x`" leaves `x` where it is.
fn taken_away(sentence: &Sentence<'_>, start: usize, at: usize, end: usize) -> bool {
    let taken = |i: usize| words().doing("taken").at(&sentence.tokens[i..]) > 0;
    let before = (start..at).rev().find(|i| verb(sentence, *i).is_some());
    match before {
        Some(deed) => {
            let between = &sentence.tokens[deed + 1..at];
            let part = between.iter().any(|token| {
                let is = |class: &str| words().doing(class).has(&token.stem);
                token.form == Form::Word && (is("into") || is("means"))
            });
            taken(deed) && !part
        }
        None => (at + 1..end).find(|i| verb(sentence, *i).is_some()).is_some_and(taken),
    }
}
