//! What goes wrong otherwise. Enters: a rule that fits "if … is off". Leaves: whether the sentence tells of damage, and how surely: that
//! a mail is blank while a flag is off needs the flag on; that the old page shows needs nothing.

use std::ops::Range;

use super::Hit;
use crate::prd::mention::denial;
use crate::prd::prose::{Form, words};

/// How far before a word of damage a denial or a helping verb may stand.
const NEAR: usize = 4;

/// Some if the sentence tells of damage; true if there is no doubt that it is one.
pub(super) fn damage(hit: &Hit<'_>) -> Option<bool> {
    let tokens = &hit.sentence.tokens;
    if words().class("as_today").within(tokens) || words().class("history").within(&tokens[..hit.found.at.start]) {
        return None;
    }
    let context = hit.context;
    // A criterion and a test tell how things are handled; what is told of today's troubles is a reason.
    let told = context.expects
        || context.tests
        || context.past
        || words().class("other_program").within(tokens)
        || is_mended(hit);
    let around = match hit.rule.otherwise {
        true => otherwise(hit),
        false => vec![part_before(hit), part_after(hit)],
    };
    let surely = around.iter().any(|part| suffers(hit, part.clone(), "damage"));
    let perhaps = surely || around.iter().any(|part| suffers(hit, part.clone(), "damage_perhaps"));
    perhaps.then_some(surely && !told)
}

/// "The page crashes when `x` is off. This fixes that.": a trouble that the work takes away is no need of the other state.
fn is_mended(hit: &Hit<'_>) -> bool {
    let next = hit
        .rest
        .get(1)
        .map_or(&[][..], |next| &next.tokens[..next.tokens.len().min(NEAR + 2)]);
    let mends = words().class("mends");
    mends.within(&hit.sentence.tokens) || mends.within(next)
}

fn part_before(hit: &Hit<'_>) -> Range<usize> {
    let sentence = hit.sentence;
    let end = hit.found.at.start;
    let start = (0..end)
        .rev()
        .find(|i| sentence.is_break(*i) || sentence.is_turn(*i))
        .map_or(0, |i| i + 1);
    start..end
}

fn part_after(hit: &Hit<'_>) -> Range<usize> {
    let sentence = hit.sentence;
    let start = hit.found.at.end;
    // "Risk: … -> blank mails": a dash or an arrow leads to the damage.
    let ends = |i: &usize| sentence.tokens[*i].is_mark(";|.!?") || sentence.is_turn(*i);
    start
        ..(start..sentence.tokens.len())
            .find(ends)
            .unwrap_or(sentence.tokens.len())
}

/// "…; the job crashes otherwise", "…, otherwise it crashes": the parts behind the words that say so.
fn otherwise(hit: &Hit<'_>) -> Vec<Range<usize>> {
    let tokens = &hit.sentence.tokens;
    let ends = |i: &usize| tokens[*i].is_mark(",;—|.!?");
    let part = |at: usize| {
        let start = (hit.found.at.end..at)
            .rev()
            .find(ends)
            .map_or(hit.found.at.end, |i| i + 1);
        start..(at..tokens.len()).find(ends).unwrap_or(tokens.len())
    };
    let said = (hit.found.at.end..tokens.len()).filter(|i| words().class("otherwise").at(&tokens[*i..]) > 0);
    said.map(part).collect()
}

/// True if a word of the class stands in the part, is not denied, and is no tale of the past.
fn suffers(hit: &Hit<'_>, part: Range<usize>, class: &str) -> bool {
    let sentence = hit.sentence;
    let class = words().class(class);
    part.clone().any(|at| {
        let token = &sentence.tokens[at];
        if in_quotes(hit, at) {
            return false;
        }
        let length = class.at(&sentence.tokens[at..]);
        if length == 0 || (token.form == Form::Mark) {
            return false;
        }
        let own = at..at + length;
        let near = at.saturating_sub(NEAR).max(part.start)..at;
        let denied = near.clone().any(|i| denial(sentence, i)) && !own.clone().any(|i| denial(sentence, i));
        let text = sentence.flow.text[token.at.clone()].to_lowercase();
        let helped = near
            .into_iter()
            .any(|i| words().class("be").at(&sentence.tokens[i..]) > 0);
        let past = length == 1 && text.ends_with("ed") && !helped;
        !denied && !past
    })
}

/// Within the words of a screen: "the tooltip says "wrong plan"".
fn in_quotes(hit: &Hit<'_>, at: usize) -> bool {
    let marks = |range: Range<usize>| {
        hit.sentence.tokens[range]
            .iter()
            .filter(|token| token.form == Form::Mark && token.is_mark("\"“”«»"))
            .count()
    };
    marks(0..at) % 2 == 1 && marks(at..hit.sentence.tokens.len()) > 0
}
