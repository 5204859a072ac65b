//! Who turns a flag. Enters: a rule that fits words of turning a flag, and is meant. Leaves: that the document itself does, with its own
//! work: "This PRD turns … on", or a task of it: "Turn … on", "We switch … on by default".

use std::ops::Range;

use super::{Hit, when};
use crate::flag::FlagValue;
use crate::prd::prose::{Form, Token, words};
use crate::prd::{Claim, Flip, Statement};

/// How many tokens a document may say of itself before it says that it turns a flag.
const CLAUSE: usize = 14;

/// How many tokens behind a flip may tell that it is a rehearsal, or comes before the work.
const NEAR: usize = 5;

/// "This PRD turns … on": the flip comes with the document that says so.
pub(super) fn by_itself(hit: &Hit<'_>) -> Option<(Flip, Range<usize>)> {
    let start = hit.found.at.start;
    let tokens = &hit.sentence.tokens;
    // "This PRD will turn …", "this PRD removes the guard and turns …"
    let between = |at: &usize| {
        matches!(
            &*tokens[*at].stem,
            "will" | "then" | "also" | "final" | "finalli" | "now" | "and"
        )
    };
    let mut verb = start;
    while let Some(before) = verb.checked_sub(1).filter(between) {
        verb = before;
    }
    let near = verb.checked_sub(2).filter(|at| when::is_this_prd(hit.sentence, *at));
    let joined = (verb..start).any(|at| matches!(&*tokens[at].stem, "and" | "then"));
    let far = || {
        let mut back = (verb.saturating_sub(CLAUSE)..verb)
            .rev()
            .take_while(|at| !hit.sentence.is_break(*at));
        back.find(|at| when::is_this_prd(hit.sentence, *at))
    };
    let subject = near.or_else(|| far().filter(|_| joined))?;
    Some((Flip::WithPrd(hit.own.0.clone()), subject..start))
}

/// "from OFF to ON": where what is turned ends, though the pattern met the other state first.
pub(super) fn from_to(hit: &Hit<'_>) -> Option<FlagValue> {
    let tokens = &hit.sentence.tokens;
    let is = |at: usize, class: &str| at < tokens.len() && words().class(class).at(&tokens[at..]) > 0;
    let state = |at: usize| match (
        is(at, "toggled_on") || is(at, "on"),
        is(at, "toggled_off") || is(at, "off"),
    ) {
        (true, false) => Some(FlagValue::On),
        (false, true) => Some(FlagValue::Off),
        _ => None,
    };
    let from = (hit.found.at.start..tokens.len()).find(|at| &*tokens[*at].stem == "from" && state(at + 1).is_some())?;
    tokens.get(from + 2).filter(|token| &*token.stem == "to")?;
    state(from + 3)
}

/// "Turn `x` on": a task of the document that says so. `out` is what is known of the document: who ships a flag off turns it later.
pub(super) fn as_task(hit: &Hit<'_>, thing: &Range<usize>, out: &[Statement]) -> Option<(Flip, Range<usize>)> {
    let context = hit.context;
    let told = context.tests || context.expects || context.assumptions || context.depends || context.before;
    if told
        || context.rollout
        || dated_row(hit)
        || context.past
        || !is_deed(hit, thing)
        || !ours(hit)
        || elsewhere(hit)
        || ships_it_off(hit, thing, out)
    {
        return None;
    }
    Some((Flip::WithPrd(hit.own.0.clone()), hit.found.at.clone()))
}

/// "| Turn on `x` | week 4 | SRE |": a step of a plan has its own time.
fn dated_row(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    tokens.iter().any(|token| token.is_mark("|")) && has("time", tokens)
}

fn has(class: &str, tokens: &[Token]) -> bool {
    tokens
        .iter()
        .enumerate()
        .any(|(at, token)| token.form == Form::Word && words().class(class).at(&tokens[at..]) > 0)
}

fn text<'a>(hit: &'a Hit<'_>, at: usize) -> &'a str {
    &hit.sentence.flow.text[hit.sentence.tokens[at].at.clone()]
}

/// "Turn …", "Enables …", "… becomes on by default", "Remove the flag …; it is the only path": what is done, and to a flag by name.
fn is_deed(hit: &Hit<'_>, thing: &Range<usize>) -> bool {
    let tokens = &hit.sentence.tokens;
    let at = hit.found.at.clone();
    let said = &tokens[at.clone()];
    let word = text(hit, at.start).to_lowercase();
    if hit.rule.words_alone {
        // Without a name it must be beyond doubt who has it.
        return has("everybody", &tokens[at.start..]) && !word.ends_with("ed") && !word.ends_with("ing");
    }
    let name = (at.start..at.end).find(|i| tokens[*i].form == Form::Code);
    let Some(name) = name.filter(|name| thing.contains(name)) else {
        return false;
    };
    let plain = |token: &Token| token.form == Form::Mark || words().class("before_flag").has(&token.stem);
    if has("removes", &said[..1]) {
        return has("only_path", tokens) && !has("old_path", tokens);
    }
    let verb_first = has("turning", &said[..1]);
    if !verb_first {
        let defaults = tokens[at.start..].iter().any(|token| &*token.stem == "default");
        let becomes = said
            .iter()
            .any(|token| matches!(&*token.stem, "becom" | "chang" | "switch" | "goe" | "move" | "flip"));
        return defaults && becomes && tokens[at.start..name].iter().all(plain);
    }
    let of = tokens.get(at.start + 1).is_some_and(|next| &*next.stem == "of");
    !of && !word.ends_with("ed") && !word.ends_with("ing") && tokens[at.start + 1..name].iter().all(plain)
}

/// The words before it say that it is this document's work: none, "we", "after the backfill we", a task before it.
fn ours(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let breaks = |i: &usize| hit.sentence.is_break(*i) || tokens[*i].is_mark(":()[].!");
    let part = (0..hit.found.at.start).rev().find(breaks);
    let start = part.map_or(0, |i| i + 1);
    let label = match part {
        Some(colon) if tokens[colon].is_mark(":") => {
            let words_of: Vec<Token> = tokens[..colon]
                .iter()
                .filter(|token| token.form == Form::Word)
                .cloned()
                .collect();
            words_of.is_empty() || has("flip_label", &words_of)
        }
        Some(open) => !tokens[open].is_mark("("),
        None => true,
    };
    let mut end = hit.found.at.start;
    while end > start && (tokens[end - 1].form == Form::Mark || words().class("task_adverb").has(&tokens[end - 1].stem))
    {
        end -= 1;
    }
    // "In `src/flags.ts` change `x` to on"
    let place = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| matches!(&*token.stem, "in" | "insid"))
    };
    let named = tokens.get(start + 1).is_some_and(|token| token.form == Form::Code);
    let start = if place(start) && named {
        (start + 2).min(end)
    } else {
        start
    };
    let before = &tokens[start..end];
    let begins: Vec<&Token> = before.iter().filter(|token| token.form != Form::Mark).collect();
    let Some(last) = begins.last() else { return label };
    let first = begins[0];
    let free = !has("hypothetical", before) && !has("not_by_us", before);
    let we = matches!(&*last.stem, "we" | "us");
    let after = has("then_what", std::slice::from_ref(first))
        && tokens[end..hit.found.at.start].iter().any(|token| token.is_mark(","));
    // "Delete the guard and turn `x` on"
    let task = words().class("task_verb").has(&first.stem)
        && hit.sentence.flow.text[first.at.clone()]
            .to_lowercase()
            .trim_end_matches('s')
            .len()
            + 1
            >= first.stem.len()
        && !has("outsider", before);
    label && free && (we || after || task)
}

/// "… on in your tests", "… first", "… if the pilot went well", "later": not with this work.
fn elsewhere(hit: &Hit<'_>) -> bool {
    // What is limited by words is told, and opens nothing.
    let limited = super::limits::of(hit, FlagValue::On).is_some();
    let tokens = &hit.sentence.tokens;
    let end = hit
        .sentence
        .clause_end(hit.found.at.end.saturating_sub(1))
        .max(hit.found.at.end);
    let rest = &tokens[hit.found.at.start..end];
    let parts = |token: &Token| token.is_mark(",;") || matches!(&*token.stem, "and" | "so");
    let all = &tokens[hit.found.at.start..];
    let length = all
        .iter()
        .skip(hit.found.at.len())
        .position(parts)
        .map_or(all.len(), |at| at + hit.found.at.len());
    let near = &all[..length.min(hit.found.at.len() + NEAR)];
    has("in_time", tokens)
        || has("not_now", rest)
        || has("not_now", near)
        || (has("rehearsal", near) && !limited && !super::limits::is_everywhere(hit))
        || (has("for_a_try", near) && !limited)
}

/// What ships off is turned when its time has come, whatever list of steps says so.
fn ships_it_off(hit: &Hit<'_>, thing: &Range<usize>, out: &[Statement]) -> bool {
    let names = |key: &str| thing.clone().any(|at| *hit.sentence.tokens[at].stem == *key);
    out.iter().any(|statement| match &statement.claim {
        Claim::Introduces {
            key: Some(key),
            default,
            ..
        } => *default != FlagValue::On && names(key.as_str()),
        _ => false,
    })
}
