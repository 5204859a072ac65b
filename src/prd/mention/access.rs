//! What a sentence does with a thing. Enters: a sentence and the token of a mention. Leaves: the access that the verb nearest to it
//! gives, and whether that is denied.

use crate::prd::Access;
use crate::prd::prose::{Form, Sentence, words};

/// How far before a verb a denial may stand ("does not in any way change").
const DENIAL_REACH: usize = 5;

/// What a sentence says is done with a thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Governed {
    /// What is done; `None` where it does not say.
    pub(crate) access: Option<Access>,
    /// It is *not* done.
    pub(crate) negated: bool,
}

/// What `sentence` does with the thing at the token `at`; with `at` beyond its end, with what follows the sentence.
pub(crate) fn governed(sentence: &Sentence<'_>, at: usize) -> Governed {
    let length = sentence.tokens.len();
    let (start, end) = if at < length {
        (sentence.clause_start(at), sentence.clause_end(at))
    } else {
        (0, length)
    };
    let untouched = words().access["untouched"].within(&sentence.tokens[start..end]);
    let before = (start..at.min(length))
        .rev()
        .find_map(|i| verb(sentence, i).map(|access| (i, access)));
    // "we add `a`, table `b` is read": what is said behind the thing is nearer than what stands before a comma.
    let comma = before.is_some_and(|(i, _)| (i..at.min(length)).any(|i| sentence.tokens[i].is_mark(",")));
    if comma && let Some(governed) = passive(sentence, at, end) {
        return Governed {
            negated: governed.negated || untouched,
            ..governed
        };
    }
    if let Some((i, access)) = before {
        let access = refined(sentence, i, at, access);
        return Governed {
            access,
            negated: untouched || denied(sentence, start, i),
        };
    }
    if let Some(governed) = after(sentence, at, end) {
        return Governed {
            negated: governed.negated || untouched,
            ..governed
        };
    }
    // A list goes on over clause marks: "Change: `a`; `b`".
    let earlier = (0..start)
        .rev()
        .find_map(|i| verb(sentence, i).map(|access| (i, access)));
    let listed = start > 0 && sentence.tokens[start - 1].is_mark(";|—:");
    match earlier {
        Some((i, access)) if listed => Governed {
            access: Some(access),
            negated: untouched || denied(sentence, 0, i),
        },
        _ => Governed {
            access: None,
            negated: untouched || denied_without_verb(sentence, start, at),
        },
    }
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
    let is = |class: &str| words().doing(class).has(&token.stem);
    if &*token.stem == "new" {
        return made_new(sentence, at).then_some(Access::Create);
    }
    if is("create") {
        Some(Access::Create)
    } else if is("read") {
        Some(Access::Read)
    } else if is("write") {
        Some(Access::Write)
    } else {
        None
    }
}

/// "a new `x`" makes it; "the new `x`" is there already, or is made by whatever verb stands before.
fn made_new(sentence: &Sentence<'_>, at: usize) -> bool {
    let definite = ["the", "this", "that", "its", "our", "their"];
    match at.checked_sub(1).map(|before| &sentence.tokens[before]) {
        Some(before) => !(before.form == Form::Word && definite.contains(&&*before.stem)),
        None => true,
    }
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
    let renamed = matches!(&*sentence.tokens[verb].stem, "renam" | "extract" | "split");
    Some(match access {
        Access::Create if means > into => Access::Read,
        // "a new file in `x`", "create a method on `x`"
        Access::Create if into.is_some() => Access::Write,
        Access::Write if renamed && into > means && into.is_some() => Access::Create,
        Access::Write
            if means > into && !matches!(&*sentence.tokens[verb].stem, "remov" | "delet" | "drop" | "move") =>
        {
            Access::Read
        }
        access => access,
    })
}

/// "`x` is renamed", "`x` stays and is not changed": the verb follows with a form of "be".
fn passive(sentence: &Sentence<'_>, at: usize, end: usize) -> Option<Governed> {
    let end = (at + 1..end).find(|i| sentence.tokens[*i].is_mark(",")).unwrap_or(end);
    let i = (at + 1..end).find(|i| verb(sentence, *i).is_some())?;
    let between = &sentence.tokens[at + 1..i];
    let be = (0..between.len()).any(|k| words().class("be").at(&between[k..]) > 0 || &*between[k].stem == "get");
    be.then(|| Governed {
        access: verb(sentence, i),
        negated: denied(sentence, at, i),
    })
}

/// "`x` is renamed", "`x`: add a method", "`x` must call y"
fn after(sentence: &Sentence<'_>, at: usize, end: usize) -> Option<Governed> {
    let mut first = at + 1;
    // "`x.ts` (new)", "`x.ts`: add …", "`x.ts` — add …": what follows the mark is said of `x`.
    let marked = sentence.tokens.get(first).is_some_and(|token| token.is_mark(":—(|"));
    let end = if marked {
        sentence.clause_end(first + 1).max(first)
    } else {
        end
    };
    if marked {
        first += 1;
    }
    let i = (first..end.min(sentence.tokens.len())).find(|i| verb(sentence, *i).is_some())?;
    let access = verb(sentence, i)?;
    let negated = denied(sentence, at, i);
    if marked {
        let only_word = i == first && sentence.tokens.get(i + 1).is_none_or(|next| next.is_mark(").,|;"));
        let new = matches!(&*sentence.tokens[i].stem, "new" | "creat");
        let access = if access == Access::Create && !(only_word || new && i == first) {
            Access::Write
        } else {
            access
        };
        return Some(Governed {
            access: Some(access),
            negated,
        });
    }
    let said = passive(sentence, at, end);
    if said.is_some() {
        return said;
    }
    let between = &sentence.tokens[at + 1..i];
    let gains = (0..between.len()).any(|k| words().doing("gains").at(&between[k..]) > 0);
    (gains && !negated).then_some(Governed {
        access: Some(Access::Write),
        negated,
    })
}

/// True if a denial governs the verb at `verb`.
fn denied(sentence: &Sentence<'_>, start: usize, verb: usize) -> bool {
    let from = start.max(verb.saturating_sub(DENIAL_REACH));
    (from..verb).any(|i| denial(sentence, i))
}

/// "without `x`", "not `x`", "no `x`"
fn denied_without_verb(sentence: &Sentence<'_>, start: usize, at: usize) -> bool {
    let at = at.min(sentence.tokens.len());
    (start.max(at.saturating_sub(3))..at).any(|i| denial(sentence, i))
}

/// True if a denial begins at the token `at` ("not only" and "no longer" are none).
pub(crate) fn denial(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens[at..];
    words().class("negator").at(tokens) > 0 && words().class("not_a_negator").at(tokens) == 0
}
