//! What a sentence says of the thing that it begins with, or that a mark follows. Enters: a sentence, the token of a mention. Leaves: what
//! is done with it, where what stands behind it says so.

use super::access::{Governed, Voice, bounds, denial, passive, verb};
use super::contract;
use crate::prd::Access;
use crate::prd::prose::{Form, Sentence, Token, words};

/// "`x` is renamed", "`x`: add a method", "`x` must call y", "`x`, which is used"
pub(super) fn after(sentence: &Sentence<'_>, at: usize, end: usize, voice: Voice) -> Option<Governed> {
    if contract::renamed(sentence, at) {
        return Some(Governed::of(Access::Write, false));
    }
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
    if supposed(sentence, at) {
        return Some(Governed::of(Access::Read, false));
    }
    (subject(sentence, at, end, voice) || changes_itself(sentence, at) || scene(sentence, at, voice))
        .then(|| Governed::of(Access::Write, false))
}

/// "In `x`, lines have numbers": the place of what is to be.
fn scene(sentence: &Sentence<'_>, at: usize, voice: Voice) -> bool {
    let opens = sentence.tokens[..at.min(sentence.tokens.len())]
        .iter()
        .filter(|token| token.form == Form::Word)
        .all(|token| {
            matches!(&*token.stem, "in" | "on" | "the" | "file") || words().class("code_noun").has(&token.stem)
        });
    let comma = sentence.tokens.get(at + 1).is_some_and(|token| token.is_mark(","));
    let first = sentence.tokens.iter().find(|token| token.form == Form::Word);
    let within = first.is_some_and(|first| at < sentence.tokens.len() && matches!(&*first.stem, "in" | "on"));
    // "In `x`, replace the loop": what is to be done there.
    let deed = || matches!(verb(sentence, at + 2), Some(Access::Write | Access::Create));
    opens && comma && within && (voice.plans || deed())
}

/// "If `x` is on, the list shall show it": what the sentence is about stands behind it.
fn supposed(sentence: &Sentence<'_>, at: usize) -> bool {
    let (start, _) = bounds(sentence, at);
    let before = start..at.min(sentence.tokens.len());
    let opens = before
        .clone()
        .any(|i| words().class("condition").at(&sentence.tokens[i..]) > 0);
    let other = sentence.tokens[before].iter().any(|token| token.form == Form::Code);
    let be = sentence.tokens.get(at + 1).is_some() && words().class("be").at(&sentence.tokens[at + 1..]) > 0;
    opens && be && !other
}

/// "Only `x` changes.": it does so itself.
fn changes_itself(sentence: &Sentence<'_>, at: usize) -> bool {
    let next = sentence
        .tokens
        .get(at + 1)
        .map(|next| sentence.flow.text[next.at.clone()].to_lowercase());
    let changes = next.is_some_and(|next| matches!(&*next, "changes" | "change" | "moves" | "goes" | "disappears"));
    changes && sentence.tokens.get(at + 2).is_none_or(|next| next.form == Form::Mark)
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
    if words().doing("only_read").at(&sentence.tokens[first..]) > 0 {
        return Some(Governed::of(Access::Read, false));
    }
    match said {
        // "(new)", "(new file)", "(new):"
        Some(Access::Create) if &*next.stem == "new" || alone => Some(Governed::of(Access::Create, false)),
        Some(Access::Create) => Some(Governed::of(Access::Write, false)),
        Some(access) if !mark.is_mark("(") => Some(Governed::of(access, false)),
        // An entry that begins with a name and goes on behind a mark tells what happens there.
        _ if beginning && (voice.item || mark.is_mark("|")) && !mark.is_mark("(") => {
            let end = sentence.clause_end(first);
            if voice.reads {
                return Some(Governed::of(Access::Read, false));
            }
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
    let denied = (rest..end.min(rest + 3)).any(|i| denial(sentence, i) && &*sentence.tokens[i].stem != "stop");
    let kept = words().doing("kept").within(&sentence.tokens[rest..end]);
    let gains = words().doing("gains").at(&sentence.tokens[rest..]) > 0;
    // "`x` shows more": what is compared with before is changed.
    let compared = !voice.background && words().doing("gains_later").within(&sentence.tokens[rest..end]);
    let wanted = later
        .clone()
        .any(|i| matches!(&*sentence.tokens[i].stem, "must" | "should" | "shall"));
    let (start, _) = bounds(sentence, at);
    // "Unlike `x` it rounds": what the sentence begins with is not what it is about.
    let other = |token: &Token| token.form == Form::Code || words().doing("uses").has(&token.stem);
    let opens = !sentence.tokens[start..at].iter().any(other) && at - start <= 3;
    let be = words().class("be").at(&sentence.tokens[rest..]) > 0;
    let list = words().doing("no_deed").has(&next.stem);
    !denied && !kept && (gains || (opens && (wanted || compared)) || (opens && voice.plans && !be && !list))
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
