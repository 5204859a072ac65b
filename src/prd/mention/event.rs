//! What a sentence does with an event. Enters: a sentence and the token of an event in it. Leaves: who sends an event makes it, who waits for it
//! reads it; what is to happen when it comes only reads it. Knows nothing of whether the event exists.

use super::access::{bounds, verb};
use crate::prd::Access;
use crate::prd::prose::{Form, Sentence, Token, words};

/// How far before an event a word may stand that tells when it comes ("once a customer's `x`").
const UPON_REACH: usize = 4;

/// What is done with the event at the token `at`; `said` is what the sentence says of any other thing there.
pub(super) fn access(sentence: &Sentence<'_>, at: usize, said: Option<Access>) -> Option<Access> {
    let at = at.min(sentence.tokens.len());
    let (start, end) = bounds(sentence, at);
    let is = |class: &str, token: &Token| token.form == Form::Word && words().doing(class).has(&token.stem);
    for i in (start..at).rev() {
        let token = &sentence.tokens[i];
        if is("sends", token) {
            // "when we publish `x`, …" tells of both: who sends it, and what follows.
            return Some(Access::Create);
        }
        if is("hears", token) || (at - i <= UPON_REACH && is("upon", token)) {
            return Some(Access::Read);
        }
        if verb(sentence, i).is_some() {
            return said;
        }
    }
    let behind = (at + 1..end).find(|i| {
        let token = &sentence.tokens[*i];
        is("sends", token) || is("hears", token) || verb(sentence, *i).is_some()
    });
    match behind.map(|i| &sentence.tokens[i]) {
        // "`x` is published by the checkout"; "`x` triggers a mail" is no sending of `x`.
        Some(token) if is("sends", token) && is_passive(sentence, at, token) => Some(Access::Create),
        Some(token) if is("sends", token) || is("hears", token) => Some(Access::Read),
        _ => said,
    }
}

/// True if a form of "be" stands between the event and its verb.
fn is_passive(sentence: &Sentence<'_>, at: usize, deed: &Token) -> bool {
    let between = sentence.tokens.get(at + 1..).unwrap_or_default();
    let between: Vec<Token> = between
        .iter()
        .take_while(|token| token.at != deed.at)
        .cloned()
        .collect();
    words().class("be").within(&between)
}
