//! Needs that are said and not meant, or not for the whole. Enters: a rule that fits a sentence. Leaves: whether the sentence shows a
//! wording, supposes, takes back what somebody thinks, tells what somebody may do, or speaks of a part of people.

use std::ops::Range;

use super::rule::Kind;
use super::{Hit, limits, mood};
use crate::prd::prose::{Form, words};

/// How many tokens may stand between a state and the words that tell for whom it is.
const NEAR: usize = 2;

/// True if the words are no need of this document, whoever reads them.
pub(super) fn is_unmeant(hit: &Hit<'_>) -> bool {
    let share = || some_people(hit).is_some_and(|share| share) && !hit.rule.waits;
    is_sample(hit)
        || (hit.rule.kind == Kind::States && (is_an_aim(hit) || is_to_come(hit)))
        || (hit.rule.kind == Kind::Assumes
            && (supposed(hit) || retracted(hit) || was_thought(hit) || makes_able(hit) || share() || is_an_aim(hit)))
}

/// "When we are done, `x` is on": what will be.
fn is_to_come(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let opening = &tokens[..hit.found.at.start];
    let opens = opening
        .first()
        .is_some_and(|first| matches!(&*first.stem, "when" | "onc" | "after" | "by"));
    opens && words().class("all_done").within(opening)
}

/// "Goal: `x` is on for everyone", "`x` should be on after this PRD", "`x` must be on — no longer true", "lets the owner require `x`": what is to
/// come of the work, or may be asked by others.
fn is_an_aim(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let (start, end) = (hit.found.at.start, hit.found.at.end);
    let label = (0..start).rev().find(|i| tokens[*i].is_mark(":"));
    let aim = label.is_some_and(|colon| words().class("aims").within(&tokens[..colon]) && colon <= NEAR * 2);
    let stem = |i: usize| tokens.get(i).map_or("", |token| &*token.stem);
    let ours = |i: usize| stem(i) == "this" && matches!(stem(i + 1), "prd" | "work" | "chang" | "document" | "featur");
    let behind = matches!(stem(end), "after" | "with" | "through") && ours(end + 1);
    let next = end..tokens.len().min(end + NEAR);
    let taken_back =
        next.clone().any(|i| tokens[i].form == Form::Mark) && next.clone().any(|i| has(hit, "taken_back", i) > 0);
    // "It lets guests pay, so `x` must be on" says two things.
    let parts = |i: &usize| tokens[*i].form == Form::Mark || hit.sentence.is_turn(*i);
    let from = (start.saturating_sub(NEAR * 2)..start)
        .rev()
        .find(parts)
        .map_or(start.saturating_sub(NEAR * 2), |i| i + 1);
    let lets = (from..start).any(|i| has(hit, "lets", i) > 0);
    aim || behind || taken_back || lets
}

/// True if the words may be none: what somebody thinks, what is for some people, and what stands behind another document's name.
pub(super) fn is_doubtful(hit: &Hit<'_>) -> bool {
    if_so(hit)
        || disowned(hit)
        || opinion(hit)
        || of_another(hit)
        || at_times(hit)
        || limits::is_rehearsed(hit)
        || some_people(hit).is_some()
}

/// "Only the model needs `x` on, and it is not part of this work": its need, or `x` must be on and turning it is somebody else's work.
fn disowned(hit: &Hit<'_>) -> bool {
    let end = hit.found.at.end;
    (end..mood::stretch(hit).end.max(end)).any(|i| has(hit, "disowned_here", i) > 0)
}

/// "If we go for option B, `x` must be on": it is not decided.
fn if_so(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let part = mood::stretch(hit);
    let first = tokens[part.clone()].iter().find(|token| token.form == Form::Word);
    let comma = (part.start..hit.found.at.start).any(|i| tokens[i].is_mark(","));
    comma && first.is_some_and(|first| &*first.stem == "if")
}

/// "PRD 9: `x` must be on": its need, or what is needed of it.
fn of_another(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let colon = |at: usize| tokens.get(at).is_some_and(|token| token.is_mark(":"));
    let labels = |label: &Range<usize>| label.start == 0 && colon(label.end) && label.end < hit.found.at.start;
    !hit.context.assumptions && !hit.context.depends && hit.references.iter().any(labels)
}

fn has(hit: &Hit<'_>, class: &str, at: usize) -> usize {
    words().class(class).at(&hit.sentence.tokens[at..])
}

/// "An example of a bad sentence: …"
fn is_sample(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let start = mood::stretch(hit).start;
    let colon = (start..hit.found.at.start).rev().find(|i| tokens[*i].is_mark(":"));
    colon.is_some_and(|colon| words().class("sample_label").within(&tokens[start..colon]))
}

fn begins_part(hit: &Hit<'_>, at: usize) -> bool {
    let before = at.checked_sub(1);
    before.is_none_or(|i| hit.sentence.tokens[i].form == Form::Mark || hit.sentence.is_turn(i))
}

/// "Should `x` need to be on, we will say so."
fn supposed(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let part = mood::stretch(hit);
    let inverted = |at: usize| {
        let subject = tokens.get(at + 1).is_some_and(|next| {
            let pronoun = matches!(
                &*next.stem,
                "it" | "we" | "they" | "you" | "anyon" | "anybodi" | "someon"
            );
            next.form == Form::Code || pronoun || has(hit, "det", at + 1) > 0
        });
        &*tokens[at].stem == "should" && begins_part(hit, at) && subject
    };
    let goes_on = tokens[hit.found.at.end.min(part.end)..part.end]
        .iter()
        .any(|token| token.is_mark(","));
    goes_on && (part.start..hit.found.at.end).any(inverted)
}

/// The verb by which somebody else thinks so: "Bob thinks that …".
fn opinion(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let start = hit.found.at.start;
    let parts = |i: &usize| tokens[*i].form == Form::Mark || hit.sentence.is_turn(*i);
    let from = (0..start).rev().find(parts).map_or(0, |i| i + 1);
    let that = |at: usize| tokens.get(at).is_some_and(|next| &*next.stem == "that");
    let verb = (from..start).find(|i| {
        let length = has(hit, "opines", *i);
        length > 0 && that(i + length)
    });
    verb.is_some_and(|verb| {
        let we = |i: usize| matches!(&*tokens[i].stem, "we" | "i" | "our" | "us");
        !(from..verb).any(we)
    })
}

/// "Bob thinks that this needs it, but it does not."
fn retracted(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let part = mood::stretch(hit);
    let told = words()
        .class("tells_of")
        .within(&tokens[part.start..hit.found.at.start]);
    let ends = |at: usize| tokens.get(at).is_none_or(|next| next.form == Form::Mark);
    told && (hit.found.at.end..tokens.len()).any(|at| {
        let length = has(hit, "retracts", at);
        length > 0 && ends(at + length) && begins_part(hit, at)
    })
}

/// "We thought `x` cannot be off", "`x` must be on, or so we thought"
fn was_thought(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let after = words().class("or_so").within(&tokens[hit.found.at.end..]);
    let name = hit.found.at.clone().find(|i| tokens[*i].form == Form::Code);
    let end = name.unwrap_or(hit.found.at.start);
    let parts = |i: &usize| tokens[*i].form == Form::Mark || hit.sentence.is_turn(*i);
    let from = (0..end).rev().find(parts).map_or(0, |i| i + 1);
    let that = |i: usize| tokens.get(i + 1).is_some_and(|next| &*next.stem == "that");
    let thinks = |i: usize| i > from && has(hit, "thinker", i - 1) > 0;
    let thought = |i: usize| &*tokens[i].stem == "thought" && (that(i) || thinks(i));
    after || (from..end).any(thought)
}

/// "`x` may not be off in your browser", "must be on for the demo", "must not be off for long", "off by one": at times, or another "off".
fn at_times(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let end = hit.found.at.end;
    let stem = |i: usize| tokens.get(i).map_or("", |token| &*token.stem);
    let near = end + 1..tokens.len().min(end + 2 + NEAR);
    let at_hand = || {
        (near.clone()).any(|i| has(hit, "theirs", i) > 0 && i + 1 < tokens.len() && has(hit, "own_place", i + 1) > 0)
    };
    let head = |i: usize| {
        let next = tokens.get(i + has(hit, "occasion", i));
        next.is_none_or(|next| next.form != Form::Word || words().class("after_noun").has(&next.stem))
    };
    let shown = || near.clone().any(|i| has(hit, "occasion", i) > 0 && head(i));
    match stem(end) {
        "by" => hit.rule.turns && hit.rule.waits && hit.found.state.is_some(),
        "for" => (hit.rule.turns && matches!(stem(end + 1), "long" | "more" | "too")) || shown(),
        "in" | "on" | "at" | "dure" => shown() || at_hand(),
        _ => false,
    }
}

/// "For 20% of users `x` is on"
fn share_before(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let named = hit.found.at.clone().find(|i| tokens[*i].form == Form::Code);
    let name = named.unwrap_or(hit.found.at.start);
    let parts = |i: &usize| hit.sentence.is_break(*i) || tokens[*i].is_mark(",:") || hit.sentence.is_turn(*i);
    let from = (0..name).rev().find(parts).map_or(0, |i| i + 1);
    (from..name).any(|i| {
        let percent = matches!(&*tokens[i].stem, "%" | "percent") && i > from && &*tokens[i - 1].stem != "100";
        let near = i + 1..name.min(i + 1 + NEAR + 1);
        percent && near.into_iter().any(|j| has(hit, "people", j) > 0)
    })
}

/// "Support needs to be able to turn `x` on": what is needed is the means.
fn makes_able(hit: &Hit<'_>) -> bool {
    let thing: Range<usize> = hit.found.thing.clone().unwrap_or(0..0);
    words().class("makes_able").within(&hit.sentence.tokens[thing])
}

/// Some if the state is for some people alone; true if for a share of all.
fn some_people(hit: &Hit<'_>) -> Option<bool> {
    if hit.rule.kind != Kind::Assumes || hit.rule.damage {
        return None;
    }
    let tokens = &hit.sentence.tokens;
    let name = hit.found.key.or(hit.found.thing.as_ref().map(|thing| thing.start));
    let Some((at, share)) = limits::for_some(hit) else {
        return share_before(hit).then_some(false);
    };
    let before = name.unwrap_or(hit.found.at.start)..at.start;
    let everybody = before.into_iter().any(|i| has(hit, "everybody", i) > 0);
    // "for new users to get the mail" tells what for.
    let next = |i: usize| tokens.get(i).map_or("", |token| &*token.stem);
    // "on to work in Spain": what it is for, and not where it is on.
    if next(hit.found.at.end) == "to" && at.start > hit.found.at.end && !share {
        return None;
    }
    let verb = !matches!(next(at.end + 1), "the" | "a" | "all" | "everybodi" | "everyon");
    let purpose = !share && next(at.end) == "to" && verb && !at.clone().any(|i| has(hit, "insider", i) > 0);
    if purpose {
        return None;
    }
    // ", for half of the mails would be wrong" tells why.
    let parted = at.start.checked_sub(1).is_some_and(|i| tokens[i].is_mark(","));
    (!everybody && !parted && at.start <= hit.found.at.end + NEAR).then_some(share)
}
