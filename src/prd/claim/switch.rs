//! Sentences that speak of a switch and of little else: "Off by default; key `x`.", "Guard: `x` (off)", "`x` controls this and is dark at launch".
//! Enters: a sentence and what follows. Leaves: the flag that the document ships, with its default.
//!
//! There are more ways to say so than anybody could list. So the words are told apart, and not their order: nearly all of them are of the kind that
//! one uses for switches, one names the flag, one tells its state.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Document;
use super::flags::names_one;
use crate::flag::{FlagKey, FlagValue};
use crate::prd::context::Context;
use crate::prd::mention::denial;
use crate::prd::prose::{Form, Sentence, words};
use crate::prd::{Claim, Statement, shape};
use crate::source::FileId;

/// So many words may be of another kind: "The *stacking* is behind `x`", "The *typo-tolerant search* lands disabled".
const OTHER_WORDS: usize = 2;

/// So far behind a name, and before it, its state stands, in tokens.
const BEHIND: usize = 6;
const BEFORE: usize = 4;

/// Adds what `rest[0]` ships. `opens` is true if nothing stands before it in its block: a bare state is then nobody's.
pub(super) fn ships(
    rest: &[Sentence<'_>],
    (keys, document): (&BTreeSet<String>, Document<'_>),
    (context, opens): (Context, bool),
    out: &mut Vec<Statement>,
) {
    let sentence = &rest[0];
    let elsewhere = context.depends || context.assumptions || context.past || context.tests || context.before;
    if elsewhere || sentence.is_question() {
        return;
    }
    let Some(at) = only_name(sentence, keys) else { return };
    let key = &sentence.tokens[at].stem;
    if document.names.is_settled_elsewhere(key, document.id) || is_about_others(sentence) {
        return;
    }
    let follows = || rest.get(1).filter(|next| is_fragment(next)).and_then(state);
    let shipped = out.iter().any(|statement| introduces(statement, key));
    let talk = talk_of_switches(sentence);
    let labelled = words().class("guards").within(&sentence.tokens[..talk.max(at)]);
    let bare = opens && !labelled && !context.flags && !context.rollout;
    let default = if shipped || (talk > at && !bare) {
        state(sentence).or_else(follows)
    } else {
        Some(FlagValue::Off).filter(|_| !bare && is_off_where_it_lands(rest, at))
    };
    if let Some(default) = default {
        add(sentence, at, default, document.file, out);
    }
}

fn introduces(statement: &Statement, key: &str) -> bool {
    matches!(&statement.claim, Claim::Introduces { key: Some(own), .. } if own.as_str() == key)
}

/// "Nobody is called at first since `x` is off", "The check is there, with `x` disabled on day one": the state stands beside the name, and the
/// sentence, or the next one, speaks of where the work lands.
fn is_off_where_it_lands(rest: &[Sentence<'_>], at: usize) -> bool {
    let sentence = &rest[0];
    let tokens = &sentence.tokens;
    let off = |i: usize| words().class("ships_off").at(&tokens[i..]) > 0;
    let ends = |i: &usize| sentence.is_break(*i);
    let end = (at..tokens.len()).find(ends).unwrap_or(tokens.len());
    let behind = (at + 1..end.min(at + 1 + BEHIND)).find(|i| off(*i));
    let Some(told) = behind.or((at.saturating_sub(BEFORE)..at).find(|i| off(*i))) else {
        return false;
    };
    let denied = (told.min(at).saturating_sub(1)..told.max(at)).any(|i| denial(sentence, i) && !off(i));
    let lands = |one: &Sentence<'_>| words().class("at_landing").within(&one.tokens);
    !denied && rest.iter().take(2).any(lands)
}

/// Adds the flag, or the default to what is known of it.
fn add(sentence: &Sentence<'_>, at: usize, default: FlagValue, file: FileId, out: &mut Vec<Statement>) {
    let key = FlagKey::new(&sentence.tokens[at].stem);
    let known = out.iter_mut().find_map(|statement| match &mut statement.claim {
        Claim::Introduces {
            key: Some(other),
            default,
            ..
        } if *other == key => Some(default),
        _ => None,
    });
    if let Some(known) = known {
        if *known == FlagValue::Unknown {
            *known = default;
        }
        return;
    }
    out.push(Statement {
        claim: Claim::Introduces {
            phrase: key.to_string(),
            key: Some(key),
            default,
            flips: None,
        },
        declared: false,
        scene: false,
        span: sentence.bytes(0..sentence.tokens.len()).in_file(file),
        sentence: sentence.words(0..sentence.tokens.len()).to_owned(),
    });
}

/// The one name of the sentence, if it may be a flag's.
fn only_name(sentence: &Sentence<'_>, keys: &BTreeSet<String>) -> Option<usize> {
    let code = |at: &usize| sentence.tokens[*at].form == Form::Code;
    let mut all = (0..sentence.tokens.len()).filter(code);
    let at = all.next().filter(|_| all.next().is_none())?;
    let token = &sentence.tokens[at];
    // Behind `nginx` and `AuthGuard` other things stand: a name that is any name has to be called a flag.
    let called = token.ticked && shape::is_flag_key(&token.stem) && is_called_flag(sentence, at);
    (names_one(sentence, at, keys) || called).then_some(at)
}

/// "the flag `x`", "Switch: `x`", "`x` controls it". "Switch `x` off" tells what is done, and not what `x` is.
fn is_called_flag(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens;
    let defaults = tokens.iter().any(|token| &*token.stem == "default");
    let noun = |i: usize| {
        let length = words().class("called_flag").at(&tokens[i..]);
        length > 0 && (defaults || i > 0 || i + length != at)
    };
    let governs = tokens
        .get(at + 1)
        .is_some_and(|next| words().class("governs").has(&next.stem));
    governs || (0..tokens.len()).any(noun)
}

/// What is needed, used, removed or given up is not shipped.
fn is_about_others(sentence: &Sentence<'_>) -> bool {
    let other = ["demands", "consumes", "removes", "rejected", "history"];
    other.iter().any(|class| words().class(class).within(&sentence.tokens))
}

/// Where the talk of a switch ends: at the sentence's end, or where it tells until when. Zero where other things are spoken of.
fn talk_of_switches(sentence: &Sentence<'_>) -> usize {
    let tokens = &sentence.tokens;
    let (mut at, mut others, mut named) = (0, 0, false);
    while at < tokens.len() {
        let token = &tokens[at];
        let length = words().class("switch_talk").at(&tokens[at..]);
        let is = |class: &str| words().class(class).at(&tokens[at..]) > 0;
        if named && is("how_long") {
            return at;
        }
        match token.form {
            Form::Word if length == 0 => others += 1,
            Form::Code => named = true,
            _ => {}
        }
        if others > OTHER_WORDS {
            return 0;
        }
        at += length.max(1);
    }
    at
}

/// "Off when it lands."
fn is_fragment(sentence: &Sentence<'_>) -> bool {
    let code = sentence.tokens.iter().any(|token| token.form == Form::Code);
    !code && !sentence.is_question() && !is_about_others(sentence) && talk_of_switches(sentence) > 0
}

/// What it says that the flag is. What is denied in other words than those for a switch tells nothing.
fn state(sentence: &Sentence<'_>) -> Option<FlagValue> {
    let tokens = &sentence.tokens;
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut told = BTreeSet::new();
    for (class, value) in [("ships_off", FlagValue::Off), ("ships_on", FlagValue::On)] {
        for at in 0..tokens.len() {
            let length = words().class(class).at(&tokens[at..]);
            if length > 0 && !taken.iter().any(|range| range.contains(&at)) {
                taken.push(at..at + length);
                told.insert(value);
            }
        }
    }
    let denied = (0..tokens.len()).any(|at| denial(sentence, at) && !taken.iter().any(|range| range.contains(&at)));
    (told.len() == 1 && !denied).then(|| told.pop_first()).flatten()
}
