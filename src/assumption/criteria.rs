//! What criteria need without saying so. Enters: the texts that the criteria of documents name, the code. Leaves: possible
//! [`Assumption`]s, where a text stands, in all of the code, only where one flag has one value that it has not: who is judged by it may
//! need the flag so.
//!
//! A document may be the one that changes this, so such a need never blocks.

use std::collections::{BTreeMap, BTreeSet};

use super::exclusive::{Exclusive, exclusive};
use super::table::{FlagFacts, FlagTable};
use super::words::is_distinctive;
use super::{Assumption, Evidence, NeedCertainty, Role, Supply, Why};
use crate::flag::{FlagKey, FlagValue};
use crate::index::CodeIndex;
use crate::prd::{Expected, Prd};
use crate::source::{Sources, View};

/// What the criteria of the documents may need; sorted by PRD, flag and value, one for each.
#[must_use]
pub fn needs(sources: &Sources, view: &View, prds: &[Prd], index: &CodeIndex, flags: &FlagTable) -> Vec<Assumption> {
    let expected = prds.iter().flat_map(|prd| &prd.expected);
    let wanted: BTreeSet<&str> = expected
        .map(|expected| expected.text.as_str())
        .filter(|text| is_distinctive(text) && flags.get(&FlagKey::new(text)).is_none())
        .collect();
    let only = exclusive(sources, view, index, &wanted);
    let mut all = Vec::new();
    for prd in prds {
        let mut found: BTreeMap<(&FlagKey, FlagValue), Vec<(&Expected, &Exclusive<'_>)>> = BTreeMap::new();
        for expected in &prd.expected {
            if let Some(place) = only.get(&expected.text) {
                found
                    .entry((place.key, place.value))
                    .or_default()
                    .push((expected, place));
            }
        }
        for ((key, value), places) in &found {
            // Criteria that name what each side yields speak of both.
            let both = found.contains_key(&(*key, value.flipped()));
            let unmet = |facts: &FlagFacts| facts.served().0 == value.flipped() && !speaks_of(sources, prd, facts, key);
            if !both && flags.get(key).is_some_and(unmet) {
                all.push(need(prd, key, *value, places));
            }
        }
    }
    all
}

fn need(prd: &Prd, key: &FlagKey, value: FlagValue, places: &[(&Expected, &Exclusive<'_>)]) -> Assumption {
    let mut because: Vec<Evidence> = Vec::new();
    for (expected, place) in places {
        let told = [
            (Role::Prd, expected.span, "expected here".to_owned()),
            (
                Role::Guard,
                place.span,
                format!("only this yields it, and it runs with `{key}` {value} alone"),
            ),
        ];
        for (role, span, note) in told {
            let evidence = Evidence { role, span, note };
            if !because.contains(&evidence) {
                because.push(evidence);
            }
        }
    }
    Assumption {
        prd: prd.id.clone(),
        flag: key.clone(),
        needs: value,
        supply: Supply::Nobody,
        certainty: NeedCertainty::Possible,
        because,
        test: None,
        why: places
            .first()
            .map(|(expected, _)| Why::Criterion(expected.text.clone())),
    }
}

/// A document that names the flag anywhere, or ships it, has told its part.
pub(super) fn speaks_of(sources: &Sources, prd: &Prd, facts: &FlagFacts, flag: &FlagKey) -> bool {
    let text = &*sources.file(prd.title_span.file).text;
    let aliases = facts
        .aliases
        .iter()
        .map(String::as_str)
        .filter(|alias| is_distinctive(alias));
    std::iter::once(flag.as_str())
        .chain(aliases)
        .any(|name| text.contains(name))
        || facts.introduced.iter().any(|intro| intro.prd == prd.id)
}

#[cfg(test)]
mod tests;
