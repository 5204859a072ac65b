//! Nouns beside a name. Enters: a sentence and the token of a piece of code in it. Leaves: what the words next to it call it ("the
//! `quotes` table", "columns `a` and `b`", "flag `k`").

use crate::prd::MentionKind;
use crate::prd::prose::{Form, Sentence, words};
use crate::prd::shape;

/// How far back a noun reaches over a list of names.
const REACH: usize = 12;

/// What the sentence calls the name at the token `at`.
pub(crate) fn kind(sentence: &Sentence<'_>, at: usize) -> Option<MentionKind> {
    after(sentence, at).or_else(|| before(sentence, at))
}

/// True if the word next to the name calls it a piece of code: "the `x` function", "hook `x`", "`x` folder".
pub(crate) fn says_code(sentence: &Sentence<'_>, at: usize) -> bool {
    let is_noun = |at: usize| {
        let tokens = &sentence.tokens[at..];
        words().class("code_noun").at(tokens) > 0 || words().class("code_place").at(tokens) > 0
    };
    let after = at + 1 < sentence.tokens.len() && is_noun(at + 1);
    after || at.checked_sub(1).is_some_and(is_noun)
}

const CLASSES: [(&str, MentionKind); 8] = [
    ("flagword", MentionKind::Flag),
    ("event", MentionKind::Event),
    ("config", MentionKind::Config),
    ("constraint", MentionKind::Constraint),
    ("column", MentionKind::Column),
    ("table", MentionKind::Table),
    ("enum", MentionKind::Enum),
    ("code_noun", MentionKind::Symbol),
];

fn noun(sentence: &Sentence<'_>, at: usize) -> Option<MentionKind> {
    let tokens = sentence.tokens.get(at..)?;
    let (_, kind) = CLASSES.iter().find(|(class, _)| words().class(class).at(tokens) > 0)?;
    Some(kind.clone())
}

/// "the `quotes` table", "`a` and `b` columns"
fn after(sentence: &Sentence<'_>, at: usize) -> Option<MentionKind> {
    let mut next = at + 1;
    while next <= at + REACH {
        let token = sentence.tokens.get(next)?;
        let list = (token.form == Form::Code && next > at + 1) || token.is_mark(",") || is_and(sentence, next);
        if !list {
            break;
        }
        next += 1;
    }
    let said = noun(sentence, next)?;
    // "adds `a`, `b` to the table": the noun must follow the name, not a new phrase.
    let direct = next == at + 1 || sentence.tokens[next - 1].form == Form::Code;
    // "`k` state" and "`x.ts` type" say little of a name; only a direct neighbour may.
    (direct && !(next > at + 1 && said == MentionKind::Enum)).then_some(said)
}

/// "table `quotes`", "columns `a`, `b` and `c`", "flag named `k`"
fn before(sentence: &Sentence<'_>, at: usize) -> Option<MentionKind> {
    let mut i = at;
    // "table `quotes` (`id`, `total`)": what stands in the parentheses behind a table are its columns.
    let (mut opened, mut inside) = (false, false);
    while i > 0 && at - i < REACH {
        i -= 1;
        let token = &sentence.tokens[i];
        inside |= opened && token.form == Form::Code;
        opened |= token.is_mark("(");
        let called = words().class("called").has(&token.stem) || token.is_mark(":(\"'“”");
        if token.form == Form::Code || token.is_mark(",") || is_and(sentence, i) || called {
            continue;
        }
        let kind = match noun(sentence, i).or_else(|| ends_setting(sentence, i))? {
            MentionKind::Table if inside => MentionKind::Column,
            kind => kind,
        };
        return fits(&kind, &sentence.tokens[at].stem).then_some(kind);
    }
    None
}

/// "environment variable", "config key": of two words that call something a setting, the last one stands at `at`.
fn ends_setting(sentence: &Sentence<'_>, at: usize) -> Option<MentionKind> {
    let tokens = &sentence.tokens[at.checked_sub(1)?..];
    let two = words().class("config").lengths(tokens).any(|length| length == 2);
    two.then_some(MentionKind::Config)
}

fn is_and(sentence: &Sentence<'_>, at: usize) -> bool {
    let token = &sentence.tokens[at];
    token.form == Form::Word && matches!(&*token.stem, "and" | "or")
}

/// A list may mix things: "columns `a` and `create()`".
fn fits(kind: &MentionKind, text: &str) -> bool {
    match kind {
        MentionKind::Symbol => true,
        _ => !text.contains('(') && !shape::has_extension(text),
    }
}
