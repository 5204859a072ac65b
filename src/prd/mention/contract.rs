//! Whether a sentence changes how a thing is used, and not only what it does. Enters: a sentence and the token of a mention that it changes.
//! Leaves: a [`Contract`] where whoever uses the thing has to be changed with it: it takes other arguments, gives something else, gets another name, or goes.

use super::access::{bounds, verb};
use crate::prd::Contract;
use crate::prd::prose::{Form, Sentence, Token, words};

/// How the thing at the token `at`, which the sentence changes, is used otherwise afterwards; `None` where it is used as before.
pub(super) fn changed(sentence: &Sentence<'_>, at: usize) -> Option<Contract> {
    let (start, end) = bounds(sentence, at.min(sentence.tokens.len()));
    let clause = &sentence.tokens[start..end];
    let says = |class: &str| words().doing(class).within(clause);
    let argument = |token: &Token| words().doing("argument").has(&token.stem);
    // "Fix `total`: the argument is rounded twice" speaks of an argument, and leaves it.
    let spoken_of = || {
        let others: Vec<Token> = clause.iter().filter(|token| !argument(token)).cloned().collect();
        clause.iter().any(argument) && !words().doing("contract").within(&others) && !says("argument_deed")
    };
    if renamed(sentence, at) || taken_away(sentence, start, at, end) {
        return Some(Contract::Gone);
    }
    (says("contract") && !says("gentle") && !spoken_of()).then_some(Contract::Changed)
}

/// "`a` becomes `b`", "`a` → `b`", "`a` is now called `b`", "replace `a` by `b`": afterwards nothing has the old name.
pub(super) fn renamed(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens;
    let code = |at: usize| tokens.get(at).is_some_and(|token| token.form == Form::Code);
    let stem = |at: usize| tokens.get(at).map_or("", |token| &*token.stem);
    // "`a` in `a.ts` becomes `b`"
    let next = match stem(at + 1) {
        "in" | "of" | "from" if code(at + 2) => at + 3,
        _ => at + 1,
    };
    let called = (next..next + 4).any(|i| matches!(stem(i), "call" | "name") && code(i + 1))
        && matches!(stem(next), "is" | "will" | "get");
    let replaced = at > 0 && stem(at - 1) == "replac" && matches!(stem(at + 1), "by" | "with") && code(at + 2);
    let becomes = matches!(stem(next), "becom" | "→") && code(next + 1);
    let moves = stem(next) == "move" && stem(next + 1) == "to" && code(next + 2);
    code(at) && (becomes || called || replaced || moves)
}

/// True if the file at the token `at` goes, or is moved: "move `a.ts` to `b.ts`", "`a.ts` is relocated to `b.ts`", "`a.ts` now lives in `b.ts`".
pub(super) fn leaves(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens;
    let (start, end) = bounds(sentence, at.min(tokens.len()));
    let moves = |i: usize| matches!(&*tokens[i].stem, "move" | "reloc" | "relocat") && tokens[i].form == Form::Word;
    let code = |i: usize| tokens[i].form == Form::Code;
    let before = (start..at)
        .rev()
        .take_while(|i| !code(*i))
        .find(|i| verb(sentence, *i).is_some());
    let itself = before.is_some_and(|deed| {
        moves(deed) && (deed + 1..at).all(|i| !matches!(&*tokens[i].stem, "to" | "into" | "from" | "in"))
    });
    let behind = (at + 1..end).take_while(|i| !code(*i)).any(moves) && (at + 1..end).any(code);
    itself || (before.is_none() && behind) || taken(sentence, at)
}

/// True if the thing at the token `at` goes, or gets another name.
pub(super) fn taken(sentence: &Sentence<'_>, at: usize) -> bool {
    let (start, end) = bounds(sentence, at.min(sentence.tokens.len()));
    taken_away(sentence, start, at, end)
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
            taken(deed) && !part && !named_part(sentence, at)
        }
        None => (at + 1..end)
            .find(|i| verb(sentence, *i).is_some())
            .is_some_and(|deed| {
                // "`x` is removed from the docs page"
                let from = sentence.tokens.get(deed + 1).is_some_and(|next| &*next.stem == "from");
                taken(deed) && !from
            }),
    }
}

/// "Drop `x` test data", "delete `x` calls": the noun behind the name is what goes; "drop `x` function" says what `x` is.
fn named_part(sentence: &Sentence<'_>, at: usize) -> bool {
    let Some(next) = sentence.tokens.get(at + 1).filter(|next| next.form == Form::Word) else {
        return false;
    };
    let text = &sentence.flow.text[next.at.clone()];
    let rest = &sentence.tokens[at + 1..];
    let kinds = [
        "code_noun",
        "table",
        "column",
        "constraint",
        "enum",
        "file",
        "route",
        "flagword",
        "np_stop",
        "clause",
    ];
    let is_kind = kinds.iter().any(|class| words().class(class).at(rest) > 0);
    !is_kind && !text.ends_with("ly") && !matches!(&*next.stem, "everywher" | "altogeth" | "too" | "here" | "there")
}
