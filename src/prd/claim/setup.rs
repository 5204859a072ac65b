//! Tests that see to it themselves. Enters: a need that a sentence tells. Leaves: a [`Claim::Stubs`] where the same sentence says that the
//! test sets the flag: "requires `x` on and calls `setToggle` first".

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Hit, flags, push};
use crate::flag::{FlagKey, FlagValue};
use crate::prd::mention::denial;
use crate::prd::prose::{Form, words};
use crate::prd::{Claim, Statement};
use crate::source::FileId;

/// How many words may stand between "sets" and "it".
const NEAR: usize = 3;

/// Adds that the test sets what it needs, where the words behind the need say so. Call it once the need is in `out`.
pub(super) fn stubs(hit: &Hit<'_>, keys: &BTreeSet<String>, file: FileId, out: &mut Vec<Statement>) {
    let Some(Claim::Assumes { key, phrase, needs }) = out.last().map(|last| last.claim.clone()) else {
        return;
    };
    let tokens = &hit.sentence.tokens;
    let speaks_of_tests = hit.context.tests
        || words().class("test").within(&tokens[..hit.found.at.end])
        || words().class("test_kind").within(&tokens[..hit.found.at.start]);
    let Some(said) = speaks_of_tests.then(|| sets(hit, key.as_ref(), keys)).flatten() else {
        return;
    };
    let value = if needs == FlagValue::Unknown {
        FlagValue::On
    } else {
        needs
    };
    push(out, hit, Claim::Stubs { key, phrase, value }, said, file);
}

/// The words that say that it is set.
fn sets(hit: &Hit<'_>, key: Option<&FlagKey>, keys: &BTreeSet<String>) -> Option<Range<usize>> {
    let sentence = hit.sentence;
    let tokens = &sentence.tokens;
    (hit.found.at.end..tokens.len()).find_map(|at| {
        let denied = (at.saturating_sub(NEAR)..at).any(|i| denial(sentence, i));
        if denied {
            return None;
        }
        if tokens[at].form == Form::Code {
            return flags::sets_flags(&tokens[at].stem).then_some(at..at + 1);
        }
        let length = words().class("stub").at(&tokens[at..]);
        if length == 0 {
            return None;
        }
        let near = at + length..tokens.len().min(at + length + NEAR);
        let it = near.clone().find(|i| {
            let named = key.is_some_and(|key| *tokens[*i].stem == *key.as_str()) || flags::is_key(sentence, *i, keys);
            matches!(&*tokens[*i].stem, "it" | "them" | "that" | "flag") || named
        });
        // "mocked in the harness", "turned on by the test"
        let text = sentence.flow.text[tokens[at].at.clone()].to_lowercase();
        let by = text.ends_with("ed")
            && near
                .clone()
                .any(|i| matches!(&*tokens[i].stem, "in" | "by" | "via" | "with" | "for" | "there"));
        it.map(|it| at..it + 1).or(by.then_some(at..at + length))
    })
}
