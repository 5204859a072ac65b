//! What a sentence does with a thing. Enters: a sentence, the token of a mention, what kind of block it is in. Leaves: the access that the
//! verb nearest to it gives, and whether that is denied.

use crate::prd::Access;
use crate::prd::prose::{Form, Sentence, Token, words};

/// How far before a verb a denial may stand ("does not in any way change").
const DENIAL_REACH: usize = 5;

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
    fn of(access: Access, negated: bool) -> Self {
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
        .find_map(|i| verb(sentence, i).map(|access| (i, access)));
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
    if let Some(governed) = after(sentence, at, end, voice) {
        return governed.unless_untouched(untouched);
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
fn bounds(sentence: &Sentence<'_>, at: usize) -> (usize, usize) {
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
fn verb(sentence: &Sentence<'_>, at: usize) -> Option<Access> {
    let token = &sentence.tokens[at];
    if token.form != Form::Word {
        return None;
    }
    let next = sentence.tokens.get(at + 1);
    let noun = next.is_some_and(|next| next.form == Form::Word && words().doing("noun_after").has(&next.stem));
    if noun {
        return None;
    }
    let is = |class: &str| words().doing(class).at(&sentence.tokens[at..]) > 0;
    match &*token.stem {
        "new" => made_new(sentence, at).then_some(Access::Create),
        // "`FeeService` gets `lines`"
        "get" => given(sentence, at).then_some(Access::Create),
        _ if is("create") => Some(Access::Create),
        _ if is("read") => Some(Access::Read),
        _ if is("write") => Some(Access::Write),
        _ => None,
    }
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
    // "a new module `x` with `y`": y is a part of x.
    let part =
        means.is_some_and(|i| &*between[i].stem == "with" && between[..i].iter().any(|token| token.form == Form::Code));
    Some(match access {
        Access::Create if part => Access::Create,
        Access::Create if means > into => Access::Read,
        // "create a method on `x`"; but "goes into a new file `x`" is a verb behind its preposition.
        Access::Create if into.is_some() => Access::Write,
        Access::Write if matches!(stem, "renam" | "extract" | "split") && into > means => Access::Create,
        Access::Write if means > into && !matches!(stem, "remov" | "delet" | "drop" | "move") => Access::Read,
        access => access,
    })
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
fn passive(sentence: &Sentence<'_>, at: usize, end: usize) -> Option<Governed> {
    let end = (at + 1..end).find(|i| sentence.tokens[*i].is_mark(",")).unwrap_or(end);
    let i = (at + 1..end).find(|i| verb(sentence, *i).is_some())?;
    let between = &sentence.tokens[at + 1..i];
    let be = (0..between.len()).any(|k| words().class("be").at(&between[k..]) > 0);
    be.then(|| Governed::of(verb(sentence, i).unwrap_or(Access::Read), denied(sentence, at, i)))
}

/// "`x` is renamed", "`x`: add a method", "`x` must call y", "`x`, which is used"
fn after(sentence: &Sentence<'_>, at: usize, end: usize, voice: Voice) -> Option<Governed> {
    if let Some(governed) = marked(sentence, at, voice) {
        return Some(governed);
    }
    let which = sentence.tokens.get(at + 1).is_some_and(|token| token.is_mark(","))
        && sentence.tokens.get(at + 2).is_some_and(|token| &*token.stem == "which");
    let said = if which {
        passive(sentence, at + 2, sentence.clause_end(at + 2))
    } else {
        passive(sentence, at, end)
    };
    if said.is_some() {
        return said;
    }
    subject(sentence, at, end, voice).then(|| Governed::of(Access::Write, false))
}

/// "`x.ts` (new)", "`x.ts`: add …", "`x.ts` — add …": what follows the mark is said of `x.ts`.
fn marked(sentence: &Sentence<'_>, at: usize, voice: Voice) -> Option<Governed> {
    let mark = sentence.tokens.get(at + 1).filter(|token| token.is_mark(":—(|"))?;
    let first = at + 2;
    let next = sentence.tokens.get(first)?;
    let beginning = sentence.tokens[..at].iter().all(|token| token.form == Form::Mark);
    let said = verb(sentence, first);
    let alone = sentence
        .tokens
        .get(first + 1)
        .is_none_or(|next| next.form == Form::Mark);
    match said {
        // "(new)", "(new file)", "(new):"
        Some(Access::Create) if &*next.stem == "new" || alone => Some(Governed::of(Access::Create, false)),
        Some(Access::Create) => Some(Governed::of(Access::Write, false)),
        Some(access) if !mark.is_mark("(") => Some(Governed::of(access, false)),
        // An entry that begins with a name and goes on behind a mark tells what happens there.
        _ if beginning && (voice.item || mark.is_mark("|")) && !mark.is_mark("(") => {
            let end = sentence.clause_end(first);
            let negated = words().doing("untouched").within(&sentence.tokens[first..end]) || denial(sentence, first);
            Some(Governed::of(Access::Write, negated))
        }
        _ => None,
    }
}

/// "`x` must call y", "`x` in `x.ts` gets a total": a thing that does something new is changed.
fn subject(sentence: &Sentence<'_>, at: usize, end: usize, voice: Voice) -> bool {
    let rest = behind_place(sentence, at, end);
    let Some(next) = sentence
        .tokens
        .get(rest)
        .filter(|next| rest < end && next.form == Form::Word)
    else {
        return false;
    };
    let later = (rest..sentence.tokens.len()).take_while(|i| !sentence.is_break(*i));
    let denied = (rest..end.min(rest + 3)).any(|i| denial(sentence, i));
    let gains = words().doing("gains").at(&sentence.tokens[rest..]) > 0;
    let wanted = later
        .clone()
        .any(|i| matches!(&*sentence.tokens[i].stem, "must" | "should" | "shall"));
    let (start, _) = bounds(sentence, at);
    let opens = sentence.tokens[start..at].iter().all(|token| token.form != Form::Code) && at - start <= 3;
    let be = words().class("be").at(&sentence.tokens[rest..]) > 0;
    let list = matches!(
        &*next.stem,
        "and"
            | "or"
            | "to"
            | "as"
            | "for"
            | "with"
            | "from"
            | "by"
            | "at"
            | "on"
            | "in"
            | "of"
            | "say"
            | "name"
            | "tell"
            | "stay"
            | "remain"
    );
    !denied && (gains || (opens && wanted) || (opens && voice.plans && !be && !list))
}

/// The token behind the thing and the words that tell where it is: "`X` in `x.ts`", "`X` (`x.ts`)", "`X` (file `x.ts`)".
fn behind_place(sentence: &Sentence<'_>, at: usize, end: usize) -> usize {
    let mut next = at + 1;
    if sentence.tokens.get(next).is_some_and(|token| token.is_mark("(")) {
        let close = (next..end.min(next + 8)).find(|i| sentence.tokens[*i].is_mark(")"));
        return close.map_or(next, |close| close + 1);
    }
    let preposition = sentence
        .tokens
        .get(next)
        .is_some_and(|token| matches!(&*token.stem, "in" | "on" | "of" | "from" | "there"));
    if preposition {
        let place = (next + 1..end.min(next + 4)).find(|i| sentence.tokens[*i].form == Form::Code);
        next = place.map_or(next + usize::from(&*sentence.tokens[next].stem == "there"), |place| {
            place + 1
        });
    }
    next
}

/// True if a denial governs the verb at `verb`.
fn denied(sentence: &Sentence<'_>, start: usize, verb: usize) -> bool {
    let from = start.max(verb.saturating_sub(DENIAL_REACH));
    (from..verb).any(|i| denial(sentence, i))
}

/// "without `x`", "not `x`", "instead of those in `x`"
fn denied_without_verb(sentence: &Sentence<'_>, start: usize, at: usize) -> bool {
    let at = at.min(sentence.tokens.len());
    (start.max(at.saturating_sub(4))..at).any(|i| denial(sentence, i))
}

/// True if a denial begins at the token `at` ("not only" and "no longer" are none).
pub(crate) fn denial(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens[at.min(sentence.tokens.len())..];
    words().class("negator").at(tokens) > 0 && words().class("not_a_negator").at(tokens) == 0
}
