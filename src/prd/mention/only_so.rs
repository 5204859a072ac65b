//! Verbs that tell of a change only in company: "set" with a constant and a value, "turn" with the file in which it is done. Enters: a sentence, the
//! token of the verb. Leaves: whether it changes something.

use super::access::{WORD_REACH, verb};
use crate::prd::prose::{Form, Sentence, Token, words};
use crate::prd::shape;

/// "Set `MAX_ITEMS` to 50"; "tests set `NODE_ENV`" and "set `x` on" change nothing.
pub(super) fn set_to(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens;
    let start = sentence.clause_start(at);
    let bid = at
        .checked_sub(1)
        .filter(|before| *before >= start)
        .is_none_or(|before| {
            matches!(
                &*tokens[before].stem,
                "we" | "must" | "should" | "to" | "and" | "then" | "will" | "shall"
            ) || tokens[before].form == Form::Mark
        });
    let constant = |token: &Token| {
        let text = &sentence.flow.text[token.at.clone()];
        let letters = text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        token.form == Form::Code && text.len() > 2 && letters
    };
    let Some(thing) = (at + 1..tokens.len().min(at + 1 + WORD_REACH)).find(|i| tokens[*i].form == Form::Code) else {
        return false;
    };
    let value = tokens.get(thing + 2).map_or("", |token| &*token.stem);
    let to = tokens.get(thing + 1).is_some_and(|token| &*token.stem == "to");
    bid && to && constant(&tokens[thing]) && !matches!(value, "on" | "off" | "true" | "fals" | "enabl" | "disabl")
}

/// "Make `x` nullable", "`x` is to be made async": what is made something is changed.
pub(super) fn made_so(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens;
    let text = sentence.flow.text[tokens[at].at.clone()].to_lowercase();
    let article = tokens
        .get(at + 1)
        .is_some_and(|next| matches!(&*next.stem, "the" | "our"));
    let next = at + 1 + usize::from(article);
    let named = tokens.get(next).is_some_and(|next| next.form == Form::Code);
    let so = tokens
        .get(next + 1)
        .is_some_and(|next| next.form == Form::Word && !words().class("np_stop").has(&next.stem));
    (named && so) || (text == "made" && tokens.get(at + 1).is_some_and(|next| next.form == Form::Word))
}

/// "goes into", "is wired to": only with its preposition does the verb tell of a change.
pub(super) fn put_into(sentence: &Sentence<'_>, at: usize) -> bool {
    let near = sentence.tokens.iter().skip(at + 1).take(WORD_REACH);
    near.take_while(|token| token.form != Form::Mark)
        .any(|token| matches!(&*token.stem, "into" | "to" | "in"))
}

/// "We turn it on by default in `x.ts`": who turns something in a file changes the file; that people turn it on in a page does not.
pub(super) fn turned_in(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens;
    let start = sentence.clause_start(at);
    let bid = match at.checked_sub(1).filter(|before| *before >= start) {
        None => true,
        Some(before) => matches!(
            &*tokens[before].stem,
            "we" | "must" | "should" | "to" | "then" | "will" | "shall"
        ),
    };
    let end = sentence.clause_end(at);
    let place = (at + 1..end)
        .find(|i| shape::is_path(&sentence.flow.text[tokens[*i].at.clone()]) && tokens[*i].form == Form::Code);
    let led = place.is_some_and(|place| matches!(&*tokens[place - 1].stem, "in" | "insid" | "within"));
    // "Turn it on to see `x.ts`" does another thing.
    bid && led && place.is_some_and(|place| (at + 1..place).all(|i| verb(sentence, i).is_none()))
}
