//! Whether a sentence changes how a thing is used, and not only what it does. Enters: a sentence and the token of a mention that it changes.
//! Leaves: a [`Contract`] where whoever uses the thing has to be changed with it: it takes other arguments, gives something else, gets another name, or goes.

use super::access::{Voice, bounds, governed, verb};
use crate::prd::prose::{Form, Sentence, Token, words};
use crate::prd::{Access, Contract, shape};

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
    let written = at < end && called_anew(sentence, at, end);
    (written || (says("contract") && !says("gentle") && !spoken_of())).then_some(Contract::Changed)
}

/// "`a` becomes `b`", "`a` → `b`", "`a` is now called `b`", "replace `a` by `b`": afterwards nothing has the old name.
pub(super) fn renamed(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens;
    let code = |at: usize| tokens.get(at).is_some_and(|token| token.form == Form::Code);
    let stem = |at: usize| tokens.get(at).map_or("", |token| &*token.stem);
    // "`a` in `a.ts` becomes `b`"
    let next = match stem(at + 1) {
        "in" | "of" | "from" if code(at + 2) => at + 3,
        // "`a` with `x` and `y` is replaced by `b`"
        "with" if code(at + 2) => {
            let listed = |i: &usize| code(*i) || matches!(stem(*i), "and" | ",");
            (at + 2..tokens.len()).find(|i| !listed(i)).unwrap_or(at + 1)
        }
        _ => at + 1,
    };
    let called = (next..next + 4).any(|i| matches!(stem(i), "call" | "name") && code(i + 1))
        && matches!(stem(next), "is" | "will" | "get");
    let replaced = at > 0 && stem(at - 1) == "replac" && matches!(stem(at + 1), "by" | "with") && code(at + 2);
    // "`f` becomes `f(a, b)`" has its name still.
    let other = |i: usize| code(i) && !same_call(sentence, at, i);
    let becomes = matches!(stem(next), "becom" | "→") && other(next + 1);
    // "`a` moves to `b`", "`a` is moved to `b`", "`a` now lives in `b`"
    let verb = (next..next + 3).find(|i| !matches!(stem(*i), "is" | "are" | "now" | "will" | "be"));
    let moves = verb.is_some_and(|i| {
        let there = matches!(
            (stem(i), stem(i + 1)),
            ("move" | "reloc" | "relocat", "to" | "into") | ("live", "in")
        );
        let now = stem(i) != "live" || &*tokens[i - 1].stem == "now";
        there && now && code(i + 2)
    });
    let given_up = verb.is_some_and(|i| {
        i > next && stem(i) == "replac" && matches!(stem(i + 1), "by" | "with") && (code(i + 2) || code(i + 3))
    });
    code(at) && (becomes || called || replaced || moves || given_up)
}

/// `f` and `f(a, b)`: one name, and how it is called.
fn same_call(sentence: &Sentence<'_>, one: usize, other: usize) -> bool {
    let name = |at: usize| {
        let token = sentence.tokens.get(at).filter(|token| token.form == Form::Code)?;
        Some(shape::symbol_name(&sentence.flow.text[token.at.clone()]))
    };
    name(one).is_some() && name(one) == name(other)
}

/// "`f` takes one object, `f({ a, b })`", "`f` becomes `f(a, b)`": how it is called from now on is written out.
fn called_anew(sentence: &Sentence<'_>, at: usize, end: usize) -> bool {
    let called = |i: usize| sentence.flow.text[sentence.tokens[i].at.clone()].contains('(');
    let other = (at + 1..end).find(|i| same_call(sentence, at, *i) && called(*i));
    let anew = |other: usize| {
        let mut between = at + 1..other;
        between.any(|i| words().doing("called_anew").at(&sentence.tokens[i..]) > 0)
    };
    other.is_some_and(anew) && !called(at)
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

/// True if a sentence says that the thing at the token `at` goes, or gets another name, and does not deny it.
pub(crate) fn goes(sentence: &Sentence<'_>, at: usize) -> bool {
    let said = governed(sentence, at, Voice::default());
    (renamed(sentence, at) || taken(sentence, at))
        && !said.negated
        && said.access.is_none_or(|access| access == Access::Write)
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
