//! What a sentence does with a thing. Enters: a sentence, the token of a mention, what kind of block it is in. Leaves: the access that the
//! verb nearest to it gives, and whether that is denied.

use super::only_so::{made_so, put_into, set_to, turned_in};
use super::subject;
use crate::prd::prose::{Form, Sentence, Token, words};
use crate::prd::{Access, Age, shape};

/// How far before a verb a denial may stand ("does not in any way change").
const DENIAL_REACH: usize = 5;

/// How far before a name a word may stand that says what the name is to the sentence ("through the", "rename the old").
pub(super) const WORD_REACH: usize = 4;

/// What a sentence says is done with a thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Governed {
    /// What is done; `None` where it does not say.
    pub(crate) access: Option<Access>,
    /// What the verb alone says, whatever stands between it and the thing.
    pub(crate) verb: Option<Access>,
    /// It is *not* done.
    pub(crate) negated: bool,
}

impl Governed {
    pub(super) fn of(access: Access, negated: bool) -> Self {
        Self {
            access: Some(access),
            verb: Some(access),
            negated,
        }
    }

    fn unless_untouched(self, untouched: bool) -> Self {
        // "is used as it is" reads it.
        let negated = self.negated || (untouched && self.access != Some(Access::Read));
        Self { negated, ..self }
    }
}

/// How the block of a mention speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Voice {
    /// It tells what is to be: what a thing does in it, it does not do yet.
    pub(crate) plans: bool,
    /// It tells how things are, or how they are judged.
    pub(crate) background: bool,
    /// Under words that say that something is changed.
    pub(crate) changes: bool,
    /// Under words that say that something is looked at.
    pub(crate) reads: bool,
    /// An entry of a list.
    pub(crate) item: bool,
}

/// What `sentence` does with the thing at the token `at`; with `at` beyond its end, with what follows the sentence.
pub(crate) fn governed(sentence: &Sentence<'_>, at: usize, voice: Voice) -> Governed {
    let length = sentence.tokens.len();
    let (start, end) = if at < length { bounds(sentence, at) } else { (0, length) };
    let untouched = words().doing("untouched").within(&sentence.tokens[start..end]);
    let before = (start..at.min(length))
        .rev()
        .find_map(|i| verb(sentence, i).map(|access| (i, access)))
        .filter(|(i, _)| !(points_at_change(sentence, *i, voice) || (voice.changes && is_aside(sentence, *i, at))));
    // "we add `a`, table `b` is read": what is said behind the thing is nearer than what stands before a comma.
    let comma = before.is_some_and(|(i, _)| (i..at.min(length)).any(|i| sentence.tokens[i].is_mark(",")));
    if comma && let Some(governed) = passive(sentence, at, end) {
        return governed.unless_untouched(untouched);
    }
    if let Some((i, verb)) = before {
        let negated = denied(sentence, start, i);
        return Governed {
            access: refined(sentence, i, at, verb),
            verb: Some(verb),
            negated,
        }
        .unless_untouched(untouched);
    }
    if indefinite(sentence, at) {
        return Governed::of(Access::Create, denied_without_verb(sentence, start, at));
    }
    if let Some(governed) = subject::after(sentence, at, end, voice) {
        return governed.unless_untouched(untouched);
    }
    if used(sentence, start, at, voice) {
        return Governed::of(Access::Read, denied_without_verb(sentence, start, at));
    }
    // A list goes on over clause marks: "Change: `a`; `b`".
    let listed = start > 0 && sentence.tokens[start - 1].is_mark(";|—:") && is_list(&sentence.tokens[start..end]);
    match (0..start)
        .rev()
        .find_map(|i| verb(sentence, i).map(|access| (i, access)))
    {
        Some((i, access)) if listed => Governed::of(access, denied(sentence, 0, i)).unless_untouched(untouched),
        _ => Governed {
            negated: untouched || denied_without_verb(sentence, start, at),
            ..Governed::default()
        },
    }
}

/// The clause of the token `at`. A colon begins a new one only where more than a list follows it.
pub(super) fn bounds(sentence: &Sentence<'_>, at: usize) -> (usize, usize) {
    let (start, end) = (sentence.clause_start(at), sentence.clause_end(at));
    let colon = (start..at).rev().find(|i| sentence.tokens[*i].is_mark(":"));
    match colon {
        Some(colon) if !is_list(&sentence.tokens[colon + 1..end]) => (colon + 1, end),
        _ => (start, end),
    }
}

/// True if the tokens are names and what joins them.
fn is_list(tokens: &[Token]) -> bool {
    let joins = |token: &Token| {
        matches!(
            &*token.stem,
            "and" | "or" | "the" | "a" | "in" | "of" | "on" | "it" | "for" | "plus"
        )
    };
    let noun = |i: usize| {
        let classes = [
            "table",
            "column",
            "constraint",
            "enum",
            "code_noun",
            "file",
            "route",
            "flagword",
        ];
        classes.iter().any(|class| words().class(class).at(&tokens[i..]) > 0)
    };
    (0..tokens.len()).all(|i| tokens[i].form != Form::Word || joins(&tokens[i]) || noun(i))
}

/// The access that the token at `at` gives, if it is a verb (or a noun made of one: "changes to").
pub(super) fn verb(sentence: &Sentence<'_>, at: usize) -> Option<Access> {
    let token = &sentence.tokens[at];
    if token.form != Form::Word {
        return None;
    }
    // "add the migration `x.sql`", "our rounding helper `x()`"
    let text = &sentence.flow.text[token.at.clone()];
    let noun_next = sentence.tokens.get(at + 1..).unwrap_or_default();
    if text.ends_with("ing") && words().class("code_noun").at(noun_next) > 0 {
        return None;
    }
    if matches!(&*text.to_ascii_lowercase(), "migration" | "migrations") {
        return None;
    }
    // "a new endpoint `GET /x`": the noun is what is new.
    if &*token.stem == "new" {
        return made_new(sentence, at).then_some(Access::Create);
    }
    let next = sentence.tokens.get(at + 1);
    let noun = next.is_some_and(|next| next.form == Form::Word && words().doing("noun_after").has(&next.stem));
    // "Add endpoint `POST /x`" adds; "the create endpoint `POST /x`" is one.
    let article = at
        .checked_sub(1)
        .is_some_and(|before| words().class("det").has(&sentence.tokens[before].stem));
    let names = sentence
        .tokens
        .get(at + 2)
        .is_some_and(|named| named.form == Form::Code)
        && !article;
    if noun && !names {
        return None;
    }
    let is = |class: &str| words().doing(class).at(&sentence.tokens[at..]) > 0;
    match &*token.stem {
        // "`FeeService` gets `lines`"
        "get" => given(sentence, at).then_some(Access::Create),
        "set" => set_to(sentence, at).then_some(Access::Write),
        "make" => made_so(sentence, at).then_some(Access::Write),
        _ if is("create") => Some(Access::Create),
        _ if is("read") => Some(Access::Read),
        _ if is("write") => Some(Access::Write),
        _ if is("put") => put_into(sentence, at).then_some(Access::Write),
        _ if is("turns") => turned_in(sentence, at).then_some(Access::Write),
        _ => None,
    }
}

/// "everything under `a/` that fetches links, and `x.ts`": the verb of an aside that a comma ends tells nothing of what comes behind.
fn is_aside(sentence: &Sentence<'_>, verb: usize, at: usize) -> bool {
    let leads = |token: &Token| matches!(&*token.stem, "that" | "which" | "who");
    let led = verb
        .checked_sub(1)
        .is_some_and(|before| leads(&sentence.tokens[before]));
    led && (verb..at.min(sentence.tokens.len())).any(|i| sentence.tokens[i].is_mark(","))
}

/// Under words that speak of changes an entry "see `x`" points at what is to be changed.
fn points_at_change(sentence: &Sentence<'_>, verb: usize, voice: Voice) -> bool {
    voice.changes
        && voice.item
        && &*sentence.tokens[verb].stem == "see"
        && sentence.tokens[..verb].iter().all(|token| token.form == Form::Mark)
}

/// "goes out through `x`", "the same as `x`": it is only used. A sentence or entry that begins so names what is worked on.
fn used(sentence: &Sentence<'_>, start: usize, at: usize, voice: Voice) -> bool {
    let at = at.min(sentence.tokens.len());
    let from = start.max(at.saturating_sub(WORD_REACH));
    (from..at)
        .rev()
        .take_while(|i| sentence.tokens[*i].form == Form::Word)
        .any(|i| {
            let leads = sentence.tokens[..i].iter().all(|token| token.form == Form::Mark);
            let stem = &*sentence.tokens[i].stem;
            words().doing("uses").has(stem) && !(leads && voice.changes && stem != "unlik")
        })
}

/// Whether the words right before the token `at` speak of a thing that is there.
pub(super) fn age(sentence: &Sentence<'_>, at: usize) -> Age {
    let at = at.min(sentence.tokens.len());
    let near = sentence.tokens[at.saturating_sub(WORD_REACH)..at].iter().rev();
    let near: Vec<&Token> = near.take_while(|token| !token.is_mark(";—|.!?:")).collect();
    if near.iter().any(|token| &*token.stem == "new") {
        Age::New
    } else if is_aim(&near) {
        Age::Aim
    } else if near
        .iter()
        .any(|token| token.form == Form::Word && words().doing("done_to_old").has(&token.stem))
    {
        Age::Old
    } else {
        Age::Unsaid
    }
}

/// "Move it to `/search`": whoever is moved there; `near` are the words before the name, the nearest first.
fn is_aim(near: &[&Token]) -> bool {
    let stem = |at: usize| near.get(at).map_or("", |token| &*token.stem);
    let whom = matches!(
        stem(1),
        "it" | "them" | "this" | "that" | "everything" | "everyth" | "all"
    );
    matches!(stem(0), "to" | "onto") && whom && matches!(stem(2), "move" | "point" | "switch" | "port" | "shift")
}

/// "a new `x`" makes it; "the new `x`" is there already, and "each new version" is no thing of its own.
fn made_new(sentence: &Sentence<'_>, at: usize) -> bool {
    let known = [
        "the", "this", "that", "it", "our", "their", "each", "everi", "ani", "all",
    ];
    match at.checked_sub(1).map(|before| &sentence.tokens[before]) {
        Some(before) => !(before.form == Form::Word && known.contains(&&*before.stem)),
        None => true,
    }
}

/// True for "gets" behind a name.
fn given(sentence: &Sentence<'_>, at: usize) -> bool {
    let third_person = sentence.flow.text[sentence.tokens[at].at.clone()].eq_ignore_ascii_case("gets");
    third_person
        && sentence.tokens[sentence.clause_start(at)..at]
            .iter()
            .any(|token| token.form == Form::Code)
}

/// A preposition between verb and thing changes what is done: "add x *to* y" changes y, "replace x *with* y" reads y.
fn refined(sentence: &Sentence<'_>, verb: usize, at: usize, access: Access) -> Option<Access> {
    let between = &sentence.tokens[verb + 1..at.min(sentence.tokens.len())];
    let last = |class: &str| {
        (0..between.len())
            .rev()
            .find(|i| between[*i].form == Form::Word && words().doing(class).has(&between[*i].stem))
    };
    let (into, means) = (last("into"), last("means"));
    let stem = &*sentence.tokens[verb].stem;
    // "add tests for the lines in `x`" changes tests; "write `y`, modelled on `x`" looks at it.
    let tests = between
        .iter()
        .position(|token| matches!(&*token.stem, "test" | "spec" | "coverag"));
    let of_them = tests.is_some_and(|i| {
        between[i..]
            .iter()
            .any(|token| matches!(&*token.stem, "for" | "of" | "around"))
    });
    let model = between.windows(2).any(|two| {
        matches!(&*two[0].stem, "model" | "modell" | "pattern" | "base") && matches!(&*two[1].stem, "on" | "after")
    });
    let itself_a_test = sentence
        .tokens
        .get(at)
        .is_some_and(|named| shape::is_test_path(&named.stem));
    if access != Access::Read && !itself_a_test && (of_them || model) {
        return Some(Access::Read);
    }
    // "rename x to y", but "rename x in y"
    let becomes = into.is_some_and(|i| matches!(&*between[i].stem, "to" | "into"));
    // "a new module `x` with `y`": y is a part of x.
    let part =
        means.is_some_and(|i| &*between[i].stem == "with" && between[..i].iter().any(|token| token.form == Form::Code));
    Some(match access {
        Access::Create if part => Access::Create,
        Access::Create if means > into => Access::Read,
        // "create a method on `x`"; but "goes into a new file `x`" is a verb behind its preposition.
        Access::Create if into.is_some() => Access::Write,
        Access::Write if matches!(stem, "renam" | "extract" | "split") && into > means && becomes => Access::Create,
        // "move `a.ts` to `b.ts`"
        Access::Write
            if matches!(stem, "move" | "reloc" | "relocat")
                && becomes
                && into > means
                && moves_a_file(sentence, verb, at) =>
        {
            Access::Create
        }
        // "migrate the cart to `x`": what it comes to use is there.
        Access::Write if matches!(stem, "migrat" | "convert" | "switch") && into > means && becomes => Access::Read,
        // What is moved out of a table leaves the table as it is.
        Access::Write
            if means > into && from_table(sentence, at) && means.is_some_and(|i| &*between[i].stem == "from") =>
        {
            Access::Read
        }
        Access::Write if means > into && !matches!(stem, "remov" | "delet" | "drop" | "move") => Access::Read,
        access => access,
    })
}

/// True if it is a file that is moved: it stands between the verb and its target, or is the subject of the verb.
fn moves_a_file(sentence: &Sentence<'_>, verb: usize, at: usize) -> bool {
    let (start, _) = bounds(sentence, verb);
    sentence.tokens[start..at.min(sentence.tokens.len())]
        .iter()
        .any(|token| token.form == Form::Code && shape::is_path(&sentence.flow.text[token.at.clone()]))
}

/// "from the `x` table", "from table `x`"
fn from_table(sentence: &Sentence<'_>, at: usize) -> bool {
    let is = |i: Option<usize>| {
        let tokens = i.and_then(|i| sentence.tokens.get(i..)).unwrap_or_default();
        words().class("table").at(tokens) > 0
    };
    is(Some(at + 1)) || is(at.checked_sub(1))
}

/// "a table `x` holds", "a route, `GET /x`, that answers": an indefinite thing is one that is to be made.
fn indefinite(sentence: &Sentence<'_>, at: usize) -> bool {
    let mut i = at;
    while i > 0 && (sentence.tokens[i - 1].is_mark(",(") || &*sentence.tokens[i - 1].stem == "call") {
        i -= 1;
    }
    let classes = ["table", "column", "constraint", "enum", "code_noun", "file", "route"];
    let noun = i.checked_sub(1).filter(|i| {
        classes
            .iter()
            .any(|class| words().class(class).at(&sentence.tokens[*i..]) > 0)
    });
    let article = noun
        .and_then(|noun| noun.checked_sub(1))
        .map(|i| &*sentence.tokens[i].stem);
    matches!(article, Some("a" | "an" | "anoth" | "one" | "small" | "more"))
}

/// "`x` is renamed", "`x` stays and is not changed": the verb follows with a form of "be".
pub(super) fn passive(sentence: &Sentence<'_>, at: usize, end: usize) -> Option<Governed> {
    let end = (at + 1..end).find(|i| sentence.tokens[*i].is_mark(",")).unwrap_or(end);
    let i = (at + 1..end).find(|i| verb(sentence, *i).is_some())?;
    let between = &sentence.tokens[at + 1..i];
    let be = (0..between.len()).any(|k| words().class("be").at(&between[k..]) > 0);
    be.then(|| Governed::of(verb(sentence, i).unwrap_or(Access::Read), denied(sentence, at, i)))
}

/// True if a denial governs the verb at `verb`.
fn denied(sentence: &Sentence<'_>, start: usize, verb: usize) -> bool {
    let from = start.max(verb.saturating_sub(DENIAL_REACH));
    // "instead of changing `a`, add `b`": what is denied ends where another deed begins behind a comma.
    let over = |from: usize| {
        let comma = (from..verb).find(|i| sentence.tokens[*i].is_mark(","));
        comma.is_some_and(|comma| (from..comma).any(|i| self::verb(sentence, i).is_some()))
    };
    // "Never ship this without updating `a`": who denies twice wants it.
    let twice = |at: usize| {
        let without = matches!(&*sentence.tokens[at].stem, "without" | "avoid");
        without && (sentence.clause_start(at)..at).any(|i| words().class("negator").at(&sentence.tokens[i..]) > 0)
    };
    (from..verb).any(|i| denial(sentence, i) && !over(i) && !twice(i))
}

/// "without `x`", "not `x`", "instead of those in `x`"
fn denied_without_verb(sentence: &Sentence<'_>, start: usize, at: usize) -> bool {
    let at = at.min(sentence.tokens.len());
    (start.max(at.saturating_sub(4))..at).any(|i| denial(sentence, i))
}

/// True if a denial begins at the token `at` ("not only" and "no longer" are none).
pub(crate) fn denial(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens[at.min(sentence.tokens.len())..];
    // "❌ change the total"
    if tokens.first().is_some_and(|token| token.is_mark("❌🚫✗✘⛔")) {
        return true;
    }
    words().class("negator").at(tokens) > 0 && words().class("not_a_negator").at(tokens) == 0
}
