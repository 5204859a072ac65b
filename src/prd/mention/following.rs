//! What is told in two sentences: the one names a thing, the other says what is done. Enters: a sentence, its neighbours, the mentions found in it.
//! Leaves: the access of what is meant.

use super::Found;
use crate::prd::prose::{Form, Sentence, Token, words};
use crate::prd::{Access, Contract, MentionKind};

/// "`x.ts` looks it up as typed. Lower-case it first.", "Show a marker. `x.vue` renders it.": what the sentence is about is changed.
pub(super) fn changed(before: Option<&Sentence<'_>>, sentence: &Sentence<'_>, next: Option<&Sentence<'_>>) -> bool {
    next.is_some_and(does_to_it) || (is_done_by(sentence) && before.is_some_and(bids))
}

/// Gives the access to the first thing of the sentence, if the sentence itself does not say what is done with it.
pub(super) fn change(found: &mut [Found]) {
    let first = found.iter_mut().find(|(_, mention)| mention.kind != MentionKind::Prd);
    if let Some((_, mention)) = first.filter(|(_, mention)| mention.access.is_none() && !mention.sample) {
        mention.access = Some(Access::Write);
    }
}

/// "`x` has been on since spring. Delete the old path and the flag itself.": the one flag of the sentence goes.
pub(super) fn take_flag(found: &mut [Found], next: Option<&Sentence<'_>>) {
    let mut flags = found
        .iter_mut()
        .filter(|(_, mention)| mention.kind == MentionKind::Flag);
    let (Some((_, flag)), None) = (flags.next(), flags.next()) else {
        return;
    };
    if !flag.sample && !flag.negated && next.is_some_and(takes_the_flag) {
        flag.access = Some(Access::Write);
        flag.contract = Some(Contract::Gone);
    }
}

/// "Delete the deprecated path and the flag itself": a flag without a name, of which nothing else is taken away ("the flag's docs").
fn takes_the_flag(sentence: &Sentence<'_>) -> bool {
    let tokens = &sentence.tokens;
    let removal = words().class("removes").at(tokens) > 0;
    let named = |at: usize| {
        let length = words().doing("the_flag").at(&tokens[at..]);
        let article = matches!(&*tokens[at - 1].stem, "the" | "this" | "it");
        let ends = tokens.get(at + length).is_none_or(|next| {
            next.form == Form::Mark || matches!(&*next.stem, "itself" | "and" | "as" | "in" | "too" | "from" | "with")
        });
        // "the old branch behind the flag"
        let led = at
            .checked_sub(2)
            .is_some_and(|before| matches!(&*tokens[before].stem, "behind" | "of" | "under" | "for" | "by"));
        length > 0 && article && ends && !led
    };
    removal && !sentence.is_question() && (1..tokens.len()).any(named)
}

/// "Lower-case it first": it is bidden to do something to what was spoken of.
fn does_to_it(sentence: &Sentence<'_>) -> bool {
    let tokens = &sentence.tokens;
    let pronoun =
        |token: &Token| token.form == Form::Word && matches!(&*token.stem, "it" | "them" | "this" | "that" | "both");
    let object = tokens.get(bid(tokens)).is_some_and(pronoun);
    object && is_bid(tokens) && !sentence.is_question()
}

/// "show a marker where posts are missing", "With the list off, show a marker": something is to be done.
fn bids(sentence: &Sentence<'_>) -> bool {
    let tokens = &sentence.tokens;
    let scene = tokens.first().is_some_and(|first| {
        matches!(
            &*first.stem,
            "with" | "when" | "if" | "where" | "while" | "once" | "in" | "on" | "for"
        )
    });
    let comma = tokens.iter().position(|token| token.is_mark(",")).filter(|_| scene);
    is_bid(&tokens[comma.map_or(0, |comma| comma + 1)..]) && !sentence.is_question()
}

/// True if the tokens begin with a verb as one bids.
fn is_bid(tokens: &[Token]) -> bool {
    bid(tokens) > 0
}

/// How many tokens the verb has with which they begin ("lower-case" may be two).
fn bid(tokens: &[Token]) -> usize {
    let lengths = ["bids", "write", "create"].map(|class| words().doing(class).at(tokens));
    lengths.into_iter().max().unwrap_or(0)
}

/// "`x.vue` renders it.": a thing, what it does, and no more.
fn is_done_by(sentence: &Sentence<'_>) -> bool {
    let tokens = &sentence.tokens;
    let [thing, deed, object, rest @ ..] = tokens.as_slice() else {
        return false;
    };
    let text = &sentence.flow.text[deed.at.clone()];
    thing.form == Form::Code
        && deed.form == Form::Word
        && text.ends_with('s')
        && words().class("be").at(&tokens[1..]) == 0
        && matches!(&*object.stem, "it" | "them")
        && rest.iter().all(|token| token.form == Form::Mark)
}
