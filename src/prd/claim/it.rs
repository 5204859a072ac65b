//! What "it" is. Enters: a rule that fits words without a name. Leaves: the flag that stands before them: "`x` exists, and it must be on".

use std::collections::BTreeSet;
use std::ops::Range;

use super::Hit;
use super::flags::{could_be_switched, names_one};
use crate::prd::prose::Form;

/// The token of the flag, where it is the only name before the words and no other document is spoken of; none otherwise.
pub(super) fn is(hit: &Hit<'_>, keys: &BTreeSet<String>) -> Range<usize> {
    let sentence = hit.sentence;
    let named = |at: usize| names_one(sentence, at, keys) || could_be_switched(sentence, at);
    let mut names = (0..hit.found.at.start).filter(|at| sentence.tokens[*at].form == Form::Code);
    match (names.next(), names.next()) {
        (Some(only), None) if hit.references.is_empty() && named(only) => only..only + 1,
        _ => 0..0,
    }
}
