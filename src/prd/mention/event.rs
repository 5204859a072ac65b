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
            // "when we publish `x`, …" tells of both: who sends it, and what follows. What others send is theirs.
            let theirs = sentence.tokens[start..i]
                .iter()
                .any(|token| words().doing("vendors").has(&token.stem));
            return Some(match (theirs, is_stopped(sentence, i)) {
                (true, _) => Access::Read,
                (false, true) => Access::Write,
                (false, false) => Access::Create,
            });
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

/// True for a dotted name in small letters (`order.refunded`) right behind a verb of sending or listening, or in a sentence about events, where
/// its first part is no table.
pub(super) fn is_one(sentence: &Sentence<'_>, at: usize, text: &str, table: bool) -> bool {
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let named = text.contains('.') && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fit);
    let talk = |token: &Token| token.form == Form::Word && words().doing("event_talk").has(&token.stem);
    let sent = |token: &Token| talk(token) || &*token.stem == "send";
    let beside = at.checked_sub(1).is_some_and(|before| {
        let token = &sentence.tokens[before];
        let to = &*token.stem == "to" && before > 0 && talk(&sentence.tokens[before - 1]);
        sent(token) || to
    });
    named && (beside || (!table && sentence.tokens.iter().any(talk)))
}

/// "stop sending `x`", "no longer publishes `x`": afterwards nobody sends it.
pub(super) fn stopped(sentence: &Sentence<'_>, at: usize) -> bool {
    let (start, _) = bounds(sentence, at.min(sentence.tokens.len()));
    let mut sends = (start..at)
        .rev()
        .filter(|i| words().doing("sends").has(&sentence.tokens[*i].stem));
    sends.next().is_some_and(|i| is_stopped(sentence, i))
}

fn is_stopped(sentence: &Sentence<'_>, deed: usize) -> bool {
    let before = sentence.tokens[..deed].iter().rev().take(2);
    before
        .into_iter()
        .any(|token| matches!(&*token.stem, "stop" | "longer" | "ceas"))
}
