//! Whether words are meant. Enters: a rule that fits a sentence. Leaves: yes, unless the sentence asks, denies, supposes, quotes, tells
//! history or speaks of somebody else. Precision is trust: in doubt nothing is claimed.

use std::ops::Range;

use super::others::{another_prd, somebody_else};
use super::rule::Kind;
use super::whose::{self, Whose, whose};
use super::{Hit, state, unmeant, wrecks};
use crate::prd::mention::denial;
use crate::prd::prose::{Form, Sentence, Token, words};

/// True if the hit's words are a claim of this document, here and now.
pub(super) fn stands(hit: &Hit<'_>) -> bool {
    let scope = scope_of(hit);
    if hit.rule.refused {
        return hit.sentence.is_question() && refused(hit) && is_of_this_document(hit, scope);
    }
    if hit.rule.damage {
        let unmeant = hit.sentence.is_question() || quoted(hit.sentence, &hit.found.at) || scene(hit);
        return !unmeant && !another_prd(hit, scope) && wrecks::damage(hit).is_some();
    }
    (!hit.sentence.is_question() || answered(hit))
        && !denied(hit, scope)
        && !doubted(hit, scope)
        && (is_order(hit) || !supposed(hit, scope))
        && is_of_this_document(hit, scope)
}

/// True if it is not known yet whether the words hold: "does the test need `x` on?", "we may need `x` on".
pub(super) fn is_open(hit: &Hit<'_>) -> bool {
    let scope = scope_of(hit);
    let tokens = &hit.sentence.tokens;
    let idle = tokens.iter().any(|token| matches!(&*token.stem, "ask" | "matter"));
    let unsure = stretch(hit).any(|at| tokens[at].form == Form::Word && words().class("unsure").at(&tokens[at..]) > 0);
    let conditional = ["if", "would", "until", "when"].iter().any(|word| {
        tokens[scope..hit.found.at.start]
            .iter()
            .any(|token| &*token.stem == *word)
    });
    hit.rule.kind == Kind::Assumes
        && !(hit.rule.damage || hit.rule.refused)
        && hit.found.key.or(named_in(hit)).is_some()
        && (hit.sentence.is_question() || unsure)
        && !(conditional || refused(hit) || idle)
        && !denied(hit, scope)
        && is_of_this_document(hit, scope)
}

/// "Can this ship with `x` off? No.": a question that the next sentence denies.
fn refused(hit: &Hit<'_>) -> bool {
    hit.rest.get(1).is_some_and(|next| {
        let answer = |token: &&Token| token.form == Form::Word && !matches!(&*token.stem, "a" | "answer");
        let first = next.tokens.iter().find(answer);
        first.is_some_and(|first| matches!(&*first.stem, "no" | "nope" | "not"))
    })
}

/// The name among the words of the thing.
fn named_in(hit: &Hit<'_>) -> Option<usize> {
    let tokens = &hit.sentence.tokens;
    hit.found.thing.clone()?.find(|at| tokens[*at].form == Form::Code)
}

fn is_order(hit: &Hit<'_>) -> bool {
    matches!(hit.rule.kind, Kind::Depends | Kind::Before)
}

/// Where the words begin that may deny it, doubt it or tell whose it is.
fn scope_of(hit: &Hit<'_>) -> usize {
    scope_start(hit.sentence, hit.found.at.start).max(whose::aside_before(hit))
}

fn denied(hit: &Hit<'_>, scope: usize) -> bool {
    let found = &hit.found.at;
    let within = if is_order(hit) || hit.rule.waits {
        found.start
    } else {
        found.end
    };
    (scope..within).any(|at| denial(hit.sentence, at) || no_longer(hit.sentence, at))
}

/// True if the words tell what this document says of itself, now: no quotation, no scene, no tale of the past or of others.
fn is_of_this_document(hit: &Hit<'_>, scope: usize) -> bool {
    let kind = hit.rule.kind;
    let shown = quoted(hit.sentence, &hit.found.at) || (kind != Kind::Introduces && illustrated(hit));
    let told = scene(hit) || told_of(hit) || unmeant::is_unmeant(hit) || history(hit, scope);
    let fleeting = (!hit.rule.waits || hit.rule.turns) && conditional(hit);
    let one_state = is_order(hit) || kind == Kind::Stubs;
    let either = !one_state && words().class("either").within(&hit.sentence.tokens);
    let both = hit.rule.firm && (state::both_told(hit) || state::cleans_up(hit, scope));
    let of_others = somebody_else(hit, scope)
        || (kind == Kind::Introduces && consumed(hit, scope))
        || (kind == Kind::Assumes && (state::awaited_by_removal(hit) || whose(hit) == Whose::Others));
    !(shown || told || fleeting || either || both || of_others)
}

/// True if the words may be meant: who needs it, or when, or how badly, cannot be told.
pub(super) fn perhaps(hit: &Hit<'_>) -> bool {
    if hit.rule.damage {
        return wrecks::damage(hit) != Some(true);
    }
    let program = hit.rule.waits && !whose::is_work(hit);
    hit.rule.kind == Kind::Assumes && (program || whose(hit) == Whose::Perhaps || unmeant::is_doubtful(hit))
}

/// Where the part of the sentence begins in which a denial holds.
fn scope_start(sentence: &Sentence<'_>, at: usize) -> usize {
    let ends = |i: &usize| sentence.is_break(*i) || sentence.tokens[*i].is_mark(":()[]") || sentence.is_turn(*i);
    let start = (0..at).rev().find(ends).map_or(0, |i| i + 1);
    // "Since nothing is kept while …, the test needs …": what is denied in the clause before is not denied behind its comma.
    let subordinate = start
        .checked_sub(1)
        .is_some_and(|i| matches!(&*sentence.tokens[i].stem, "becaus" | "sinc"));
    let comma = (start..at).find(|i| sentence.tokens[*i].is_mark(","));
    comma.filter(|_| subordinate).map_or(start, |comma| comma + 1)
}

/// "no longer": a change of what is done, but no claim.
fn no_longer(sentence: &Sentence<'_>, at: usize) -> bool {
    words().class("no_longer").at(&sentence.tokens[at..]) > 0
}

/// "it is a mistake to …", "ideally after …", "an earlier draft …": said, and not meant.
fn doubted(hit: &Hit<'_>, scope: usize) -> bool {
    let tokens = &hit.sentence.tokens;
    let within = |class: &str, at: Range<usize>| {
        at.into_iter().any(|i| {
            // "may only start after" leaves no doubt.
            let firm = tokens
                .get(i + 1)
                .is_some_and(|next| matches!(&*next.stem, "onli" | "not"));
            tokens[i].form == Form::Word && !firm && words().class(class).at(&tokens[i..]) > 0
        })
    };
    let order = matches!(hit.rule.kind, Kind::Depends | Kind::Before);
    // A thing takes the words before it along: "The docs explain what `x` needs …".
    let thing = hit
        .found
        .thing
        .clone()
        .filter(|thing| thing.start == hit.found.at.start);
    let named = thing.and_then(|mut thing| thing.find(|i| tokens[*i].form == Form::Code));
    let before = scope..named.unwrap_or(hit.found.at.start);
    // "Unless PRD 4 is in place there is nothing": the first word of the match is a part of it.
    let doubtful = hit.found.at.start + usize::from(&*tokens[hit.found.at.start].stem == "unless");
    let opens = words().class("subject_to").at(&tokens[stretch(hit).start..]) > 0;
    (opens && hit.rule.kind == Kind::Assumes)
        || says_of(hit, before.clone())
        || within("mistaken", before)
        || within("draft", stretch(hit))
        || (order && (within("doubt", scope..hit.found.at.start) || within("doubt", doubtful..hit.found.at.end)))
        || (order && words().class("only_if").within(&tokens[hit.found.at.end..]))
        || (order && words().class("given_up").within(&tokens[stretch(hit)]))
        || (hit.rule.kind == Kind::Depends && (tells_the_past(hit) || of_people(hit)))
}

/// "Data scientists depend on PRD 4 for their numbers"
fn of_people(hit: &Hit<'_>) -> bool {
    let start = hit.sentence.clause_start(hit.found.at.start);
    let subject = &hit.sentence.tokens[start..hit.found.at.start];
    words().class("outsider").within(subject) && !words().class("ours").within(subject)
}

/// "After PRD 4 shipped we got 30 tickets": what happened then, and no order of what is to be done.
fn tells_the_past(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let opens = hit.sentence.clause_start(hit.found.at.start) == hit.found.at.start;
    let named = hit.references.iter().find(|one| one.start >= hit.found.at.end);
    let text = |at: usize| hit.sentence.words(at..at + 1).to_lowercase();
    let past = |at: &usize| {
        let word = text(*at);
        tokens[*at].form == Form::Word && (word.ends_with("ed") || words().class("past_deeds").has(&tokens[*at].stem))
    };
    let Some(next) = named.map(|one| one.end).filter(|next| opens && *next < tokens.len()) else {
        return false;
    };
    let to_come = |at: usize| words().class("to_come").at(&tokens[at..]) > 0;
    past(&next) && (next + 1..tokens.len()).any(|at| past(&at)) && !(next + 1..tokens.len()).any(to_come)
}

/// "a message that `x` must be on": what is shown of the flag, which follows at once.
fn says_of(hit: &Hit<'_>, before: Range<usize>) -> bool {
    let tokens = &hit.sentence.tokens;
    let named = |at: usize| {
        let article = usize::from(at < tokens.len() && words().class("det").has(&tokens[at].stem));
        let at = at + article;
        let word = tokens
            .get(at)
            .map_or(0, |_| words().class("flagword").at(&tokens[at..]));
        word > 0 || tokens.get(at).is_some_and(|next| next.form == Form::Code)
    };
    before.into_iter().any(|i| {
        let length = words().class("says_of").at(&tokens[i..]);
        length > 0 && named(i + length)
    })
}

/// The part of the sentence around the words that no ";" and no dash ends.
pub(super) fn stretch(hit: &Hit<'_>) -> Range<usize> {
    let (sentence, found) = (hit.sentence, &hit.found.at);
    let ends = |i: &usize| sentence.is_break(*i);
    let start = (0..found.start).rev().find(ends).map_or(0, |i| i + 1);
    start
        ..(found.end..sentence.tokens.len())
            .find(ends)
            .unwrap_or(sentence.tokens.len())
}

/// "Do we need `x` on? Yes": a question that the next sentence answers.
fn answered(hit: &Hit<'_>) -> bool {
    let begins = |token: &&Token| token.form == Form::Word && !matches!(&*token.stem, "a" | "answer");
    let next = hit.rest.get(1).and_then(|next| next.tokens.iter().find(begins));
    hit.rule.kind == Kind::Assumes && next.is_some_and(|first| matches!(&*first.stem, "yes" | "yep" | "definit"))
}

/// "The example below assumes …", "in the screenshot …", "for illustration only": what is shown, and no part of the product.
fn illustrated(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let start = hit.found.at.start;
    let from = whose::part_before(hit.sentence, start);
    let shows = |at: usize| {
        let length = words().class("illustration").at(&tokens[at..]);
        let next = at + length;
        let ends = next >= start
            || tokens[next].form != Form::Word
            || words().class("after_illustration").has(&tokens[next].stem);
        length > 0 && ends
    };
    // A thing takes the words before it along: "In the screenshot `x` is on".
    let end = hit
        .found
        .thing
        .as_ref()
        .filter(|thing| thing.start == start)
        .map_or(start, |thing| thing.end);
    words().class("illustrative").within(&tokens[stretch(hit)]) || (from..end).any(shows)
}

/// "Version 1 assumed that `x` is on", "the review asks whether …": a state that somebody tells or takes for granted is no statement of
/// what is.
fn told_of(hit: &Hit<'_>) -> bool {
    if hit.rule.kind != Kind::States && !hit.rule.plain {
        return false;
    }
    let start = hit
        .found
        .key
        .or(hit.found.thing.as_ref().map(|thing| thing.start))
        .unwrap_or(hit.found.at.start);
    let part = stretch(hit).start..start.max(hit.found.at.start);
    let turned = part
        .clone()
        .rev()
        .find(|i| hit.sentence.is_turn(*i))
        .map_or(part.start, |i| i + 1);
    let tokens = &hit.sentence.tokens;
    let is = |token: &Token, stems: &[&str]| stems.contains(&&*token.stem);
    // "The story is done, and `x` is on" tells of the story, and then of `x`.
    let reaches = |at: &usize| {
        let between = &tokens[at + 1..part.end];
        let parted = between.iter().any(|token| token.is_mark(",") || is(token, &["and"]));
        !parted || between.iter().any(|token| is(token, &["that", "whether", "if", "how"]))
    };
    let tells = |at: &usize| words().class("tells_of").at(&tokens[*at..part.end]) > 0;
    (turned..part.end).filter(tells).any(|at| reaches(&at))
}

/// "As a guest, I want …", "Given … when … then …": what somebody wishes, or a scene of a test.
fn scene(hit: &Hit<'_>) -> bool {
    if matches!(hit.rule.kind, Kind::Depends | Kind::Before) {
        return false;
    }
    let tokens = &hit.sentence.tokens;
    let opening: Vec<&str> = tokens
        .iter()
        .filter(|token| token.form == Form::Word)
        .take(2)
        .map(|token| &*token.stem)
        .collect();
    let has = |stem: &str| {
        tokens
            .iter()
            .any(|token| token.form == Form::Word && &*token.stem == stem)
    };
    match opening.as_slice() {
        ["as", "a" | "an"] => has("i"),
        ["given", ..] => !hit.rule.mild && (has("when") || has("then")),
        _ => false,
    }
}

/// "must be enabled when the form is valid", "on for a week", "on by default": the state comes and goes.
fn conditional(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens[hit.found.at.end..];
    if hit.rule.kind != Kind::Assumes {
        return false;
    }
    let near = &tokens[..tokens.len().min(5)];
    let while_it_lasts = words().class("condition").at(tokens) > 0;
    // "when this ships", but not "when this helper is mocked"
    let this = |at: usize| {
        let next = &near[at + 1..];
        let does = ["land", "begin", "works", "work", "be", "seen"];
        &*near[at].stem == "this" && (next.is_empty() || does.iter().any(|class| words().class(class).at(next) > 0))
    };
    let by_now = words().class("land").within(near)
        || near.iter().any(|token| matches!(&*token.stem, "prd" | "we"))
        || (0..near.len()).any(this);
    let some_time =
        tokens.first().is_some_and(|next| matches!(&*next.stem, "for" | "sinc")) && words().class("time").within(near);
    // "is on for everyone by March" is a plan, "since March" is none.
    let since = words()
        .class("since")
        .within(&hit.sentence.tokens[hit.found.at.start..]);
    let planned = hit.rule.plain && words().class("time").within(near) && !since;
    let default = hit.sentence.tokens[hit.found.at.clone()]
        .iter()
        .any(|token| &*token.stem == "default");
    (while_it_lasts && !by_now) || some_time || planned || default
}

/// Within quotation marks, or struck out.
fn quoted(sentence: &Sentence<'_>, found: &Range<usize>) -> bool {
    let mut open = false;
    for (at, token) in sentence.tokens[..found.start].iter().enumerate() {
        let apart = |before: Option<usize>| before.is_none_or(|i| sentence.tokens[i].at.end < token.at.start);
        let touches = sentence.tokens[at + 1..]
            .first()
            .is_some_and(|next| next.at.start == token.at.end);
        match &*token.stem {
            // An apostrophe opens no quotation, and ends none that is not open.
            "'" | "‘" if token.form == Form::Mark && touches && apart(at.checked_sub(1)) => open = true,
            "'" | "’" if token.form == Form::Mark && !touches => open = false,
            "\"" if token.form == Form::Mark => open = !open,
            "“" | "«" | "„" => open = true,
            "”" | "»" => open = false,
            _ => {}
        }
    }
    open || struck(sentence, found)
}

/// Struck out.
pub(super) fn struck(sentence: &Sentence<'_>, found: &Range<usize>) -> bool {
    let span = sentence.span(found.clone());
    let struck = &sentence.flow.struck;
    struck
        .iter()
        .any(|struck| struck.start < span.end && span.start < struck.end)
}

/// "would need", "if … is on", "may rely": somebody thinks aloud.
fn supposed(hit: &Hit<'_>, scope: usize) -> bool {
    let sentence = hit.sentence;
    let start = hit.found.at.start;
    let comma = (scope..start)
        .rev()
        .find(|i| sentence.tokens[*i].is_mark(","))
        .map_or(scope, |i| i + 1);
    let hypothetical = words().class("hypothetical");
    // "once `x` is on" tells no state.
    let end = hit
        .found
        .thing
        .as_ref()
        .filter(|_| hit.rule.plain)
        .map_or(start, |thing| thing.end);
    let clause = (hit.rule.kind == Kind::States || hit.rule.plain).then_some(comma..end);
    let begins = |class: &str, i: usize| words().class(class).at(&sentence.tokens[i..]) > 0;
    let within_clause = |i: usize| begins("clause", i) || (hit.rule.plain && begins("as_soon_as", i));
    if clause.is_some_and(|mut before| before.any(within_clause)) {
        return true;
    }
    let mut parts: Vec<Range<usize>> = hit.found.thing.clone().into_iter().collect();
    parts.push(comma..start);
    if hit.rule.firm && !hit.rule.mild {
        parts.push(hit.found.at.end..sentence.tokens.len());
    }
    // "can only ship" leaves no doubt.
    let is_firm = |at: usize| sentence.tokens.get(at + 1).is_some_and(|next| &*next.stem == "onli");
    parts.into_iter().any(|part| {
        part.into_iter().any(|at| {
            hypothetical.at(&sentence.tokens[at..]) > 0 && sentence.tokens[at].form == Form::Word && !is_firm(at)
        })
    })
}

/// "the first draft assumed", "was", "used to"
fn history(hit: &Hit<'_>, scope: usize) -> bool {
    let sentence = hit.sentence;
    if hit.rule.waits {
        return words()
            .class("history")
            .within(&sentence.tokens[scope..hit.found.at.start]);
    }
    let before = &sentence.tokens[scope..hit.found.at.end];
    let first = sentence
        .tokens
        .get(hit.found.at.start)
        .map(|token| sentence.flow.text[token.at.clone()].to_lowercase());
    // "it is required that" tells no past.
    let passive = hit.found.at.start.checked_sub(1).is_some_and(|at| {
        let before = &sentence.tokens[at];
        before.form == Form::Word && matches!(&*before.stem, "is" | "are" | "be")
    });
    let past = !passive
        && first.is_some_and(|word| hit.rule.kind == Kind::Assumes && word.ends_with("ed") && !word.ends_with("need"));
    past || words().class("history").within(before)
}

/// A sentence about who needs the thing, or about what another PRD ships, introduces nothing.
fn consumed(hit: &Hit<'_>, scope: usize) -> bool {
    let before = &hit.sentence.tokens[scope..hit.found.at.end];
    let shipped = before.iter().enumerate().any(|(at, token)| {
        let before = at.checked_sub(1).map(|at| &*before[at].stem);
        // "is shipped", "must be shipped" is a plan.
        let passive = matches!(before, Some("is" | "are" | "be" | "get" | "gets"));
        !passive && hit.sentence.flow.text[token.at.clone()].eq_ignore_ascii_case("shipped")
    });
    let removed = words().class("removes").within(before);
    // "default off until PRD 9" tells when, not whose it is.
    let tells_when = |reference: &Range<usize>| {
        let before = reference.start.checked_sub(1).map(|at| &*hit.sentence.tokens[at].stem);
        matches!(before, Some("until" | "after" | "onc" | "befor"))
    };
    !hit.references.iter().all(tells_when) || shipped || removed || words().class("consumes").within(before)
}
