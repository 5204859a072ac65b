//! Who else is spoken of. Enters: a rule that fits a sentence. Leaves: whether its subject is another document, or somebody outside: "PRD 12
//! assumes", "other services rely on", "… is required by the mobile team".

use std::ops::Range;

use super::Hit;
use super::rule::Kind;
use crate::prd::prose::{Form, Token, words};

/// How near before a verb its subject stands.
const SUBJECT_REACH: usize = 3;

/// "PRD 12 assumes", "other services rely on"
pub(super) fn somebody_else(hit: &Hit<'_>, scope: usize) -> bool {
    let others = others_before(hit, scope..hit.found.at.start) || others_after(hit);
    another_prd(hit, scope) || (others && hit.rule.kind != Kind::Foundation)
}

/// "PRD 12 assumes"
pub(super) fn another_prd(hit: &Hit<'_>, scope: usize) -> bool {
    let start = hit.found.at.start;
    // "PRD 22 has to come after": the verbs between are no distance.
    let verb = |i: &usize| {
        matches!(
            &*hit.sentence.tokens[*i].stem,
            "is" | "has" | "have" | "to" | "come" | "must" | "will" | "be"
        )
    };
    let near = (scope..start).rev().take_while(verb).last().unwrap_or(start);
    let subject = |reference: &Range<usize>| {
        reference.end <= start && reference.end + SUBJECT_REACH > near && reference.start >= scope
    };
    // "after 003 has landed, this ships before everything else": a comma parts the subject from what follows.
    let parted = |reference: &Range<usize>| {
        let tokens = &hit.sentence.tokens[reference.end..=start];
        tokens
            .windows(2)
            .any(|two| two[0].is_mark(",") && !matches!(&*two[1].stem, "which" | "who" | "whose"))
    };
    // "PRD 3 is dead code until …": what goes wrong there is its own.
    let opens = |reference: &Range<usize>| hit.rule.damage && reference.start == scope && reference.end <= start;
    let another_prd = hit
        .references
        .iter()
        .any(|reference| (subject(reference) || opens(reference)) && !parted(reference));
    let speaks_of_itself = matches!(hit.rule.kind, Kind::Flips | Kind::Introduces);
    another_prd && hit.found.prd != Some(start) && !speaks_of_itself
}

/// "A later PRD will need", but not "unlike later PRDs, this one needs".
fn others_before(hit: &Hit<'_>, before: Range<usize>) -> bool {
    let tokens = &hit.sentence.tokens[before];
    let itself = |tokens: &[Token]| {
        let comma = tokens.iter().position(|token| token.is_mark(","));
        comma.is_some_and(|comma| {
            let next = tokens.get(comma + 1);
            next.is_some_and(|next| matches!(&*next.stem, "this" | "we" | "it" | "our"))
        })
    };
    let class = words().class("others");
    class.find(tokens).is_some_and(|at| !itself(&tokens[at..]))
}

/// "… must be on for a later PRD", "… being on is required by the mobile team"
fn others_after(hit: &Hit<'_>) -> bool {
    let end = hit.found.at.end;
    let tokens = &hit.sentence.tokens[end..];
    let near = &tokens[..tokens.len().min(5)];
    // "`x` being enabled by the mobile team" tells who does it, "required by the mobile team" who needs it.
    let done = hit.sentence.tokens[end - 1].form == Form::Word
        && matches!(
            &*hit.sentence.tokens[end - 1].stem,
            "enabl" | "activ" | "disabl" | "deactiv" | "on" | "off" | "flip"
        );
    let by = !done && near.first().is_some_and(|first| &*first.stem == "by");
    let of_them = || {
        let outsider = words().class("outsider").within(near) && !words().class("ours").within(near);
        let at = end..end + near.len();
        let another = hit.references.iter().any(|reference| at.contains(&reference.start));
        outsider || another
    };
    if hit.rule.kind == Kind::Assumes && by && of_them() {
        return true;
    }
    let for_them = by || near.first().is_some_and(|first| &*first.stem == "for");
    hit.rule.kind == Kind::Assumes && for_them && words().class("other_documents").within(near)
}
