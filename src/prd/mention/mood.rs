//! Whether a sentence really does what its verb says to a thing. Enters: a sentence, the token of a mention, what its verb says. Leaves:
//! the same, weakened to a look at the thing where the sentence asks, supposes, tells history or speaks of somebody else, and denied
//! where it says so behind the thing.

use std::ops::Range;

use super::access::{Governed, denial, verb};
use crate::prd::Access;
use crate::prd::prose::{Form, Sentence, Token, words};

/// How far before a verb its subject or its modal verb may stand.
const SUBJECT_REACH: usize = 3;

/// How far before a thing "except" may stand.
const EXCEPT_REACH: usize = 3;

/// What is done with the thing at the token `at`, once the mood of the sentence is heard. `others` are the references to other PRDs.
pub(super) fn meant(sentence: &Sentence<'_>, at: usize, others: &[Range<usize>], said: Governed) -> Governed {
    let denied = excepted(sentence, at) || refused(sentence, at) || kept_in_row(sentence, at);
    let changes = matches!(said.access, Some(Access::Write | Access::Create));
    let weak = changes && !said.negated && (sentence.is_question() || elsewhere(sentence, at, others));
    Governed {
        access: if weak { Some(Access::Read) } else { said.access },
        negated: said.negated || denied,
        ..said
    }
}

/// "everything except `x`"
fn excepted(sentence: &Sentence<'_>, at: usize) -> bool {
    let at = at.min(sentence.tokens.len());
    let near = at.saturating_sub(EXCEPT_REACH)..at;
    near.into_iter()
        .any(|i| words().doing("except").at(&sentence.tokens[i..]) > 0)
}

/// "`x` must not change", "`x` should never be edited"
fn refused(sentence: &Sentence<'_>, at: usize) -> bool {
    let end = sentence.clause_end(at.min(sentence.tokens.len()));
    let Some(modal) = sentence.tokens.get(at + 1).filter(|_| at + 1 < end) else {
        return false;
    };
    let modal = matches!(
        &*modal.stem,
        "must" | "should" | "shall" | "may" | "will" | "can" | "cannot" | "does" | "do" | "need" | "never"
    );
    // "`x` should stop rounding" changes it.
    let stops = |i: usize| &*sentence.tokens[i].stem == "stop";
    let not = (at + 1..end.min(at + 1 + SUBJECT_REACH)).find(|i| denial(sentence, *i) && !stops(*i));
    modal && not.is_some_and(|not| (not..end).any(|i| verb(sentence, i).is_some_and(|access| access != Access::Read)))
}

/// "| `x` | unchanged |", "| `x` | none |": one cell of its row says that it stays.
fn kept_in_row(sentence: &Sentence<'_>, at: usize) -> bool {
    let Some(token) = sentence.tokens.get(at) else {
        return false;
    };
    let mut cells = sentence.tokens.split(|token| token.is_mark("|"));
    let row = sentence.tokens.iter().any(|token| token.is_mark("|"));
    row && token.form == Form::Code
        && cells.any(|cell| {
            let stays = words()
                .doing("untouched")
                .at(cell)
                .max(words().doing("no_change").at(cell));
            stays > 0 && stays == cell.len()
        })
}

/// "PRD 4 changes `x`", "`x` was changed last month", "somebody might change `x`"
fn elsewhere(sentence: &Sentence<'_>, at: usize, others: &[Range<usize>]) -> bool {
    let at = at.min(sentence.tokens.len());
    let start = sentence.clause_start(at);
    let end = sentence.clause_end(at);
    let deed = |mut at: Range<usize>| at.find(|i| verb(sentence, *i).is_some());
    let before = (start..at).rev().find(|i| verb(sentence, *i).is_some());
    // "we refactored `x` last month"; but "`x` gets a column, compared with last year"
    let done = before.or_else(|| deed(at..end)).map(|deed| &sentence.tokens[deed].at);
    let done = done.is_some_and(|word| sentence.flow.text[word.clone()].to_lowercase().ends_with("ed"));
    if done && words().doing("past").within(&sentence.tokens[start..end]) {
        return true;
    }
    // "If `x` had to be changed, we would …"
    let first = sentence.tokens.iter().find(|token| token.form == Form::Word);
    let supposed = sentence.tokens.iter().any(|token| &*token.stem == "would");
    if supposed && first.is_some_and(|first| &*first.stem == "if") {
        return true;
    }
    // "refactoring `x` is tracked in a separate ticket"
    if words().doing("not_here").within(&sentence.tokens[at..end]) {
        return true;
    }
    let Some(deed) = before else { return false };
    // "we considered changing `x`", "later we will rewrite `x`", "the platform team is rewriting `x`"
    let thought = words().doing("thought_of").within(&sentence.tokens[start..deed]);
    let someday = words().doing("someday").at(&sentence.tokens[start..deed]) > 0;
    if thought || someday || another_team(sentence, start, deed) {
        return true;
    }
    let near = start.max(deed.saturating_sub(SUBJECT_REACH))..deed;
    let parted = |from: usize| sentence.tokens[from..deed].iter().any(|token| token.form == Form::Mark);
    let another = others.iter().any(|other| {
        other.start >= start && other.end <= deed && other.end + SUBJECT_REACH > deed && !parted(other.end)
    });
    let somebody = near
        .clone()
        .any(|i| words().class("others").at(&sentence.tokens[i..]) > 0 && !parted(i));
    let perhaps = near
        .into_iter()
        .any(|i| matches!(&*sentence.tokens[i].stem, "might" | "could" | "would"));
    another || somebody || perhaps
}

/// Others are the subject of the deed, with nothing but a helping verb between.
fn another_team(sentence: &Sentence<'_>, start: usize, deed: usize) -> bool {
    let helps = |token: &Token| matches!(&*token.stem, "is" | "are" | "will" | "go" | "to" | "plan");
    let subject = (start..deed).rev().find(|i| !helps(&sentence.tokens[*i]));
    let helped = subject.is_some_and(|subject| subject + 1 < deed);
    helped && subject.is_some_and(|subject| words().doing("others_team").at(&sentence.tokens[subject..]) > 0)
}
