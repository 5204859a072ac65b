//! What a document's statements make of each other. Enters: all of them, in the order of the text. Leaves: "the flag" is named, and what holds in
//! both states is needed in none.

use std::collections::BTreeSet;

use crate::flag::{FlagKey, FlagValue};
use crate::prd::prose::{tokens_of, words};
use crate::prd::{Claim, Statement};
use crate::source::Span;

/// "With fast pricing on: 1." in one place and "With fast pricing off: 2." in another: both are told of, and neither is needed.
pub(super) fn drop_both_states(statements: &mut Vec<Statement>, in_a_state: &BTreeSet<Span>) {
    let of = |statement: &Statement| match &statement.claim {
        Claim::Assumes { key, phrase, needs } if in_a_state.contains(&statement.span) => {
            let thing = key.as_ref().map_or_else(|| phrase.clone(), FlagKey::to_string);
            Some((thing, *needs))
        }
        _ => None,
    };
    let told: BTreeSet<(String, FlagValue)> = statements.iter().filter_map(of).collect();
    let both = |(thing, _): (String, FlagValue)| {
        [FlagValue::On, FlagValue::Off]
            .iter()
            .all(|value| told.contains(&(thing.clone(), *value)))
    };
    statements.retain(|statement| !of(statement).is_some_and(both));
}

/// "the flag", "it": words that do not tell which flag is meant.
pub(super) fn names_none(phrase: &str) -> bool {
    tokens_of(phrase)
        .iter()
        .all(|token| words().class("no_name").has(&token.stem))
}

/// "the flag", "it": the one flag that the document is about, or the one that it named last. What tests set is what was named last.
pub(super) fn name_the_flag(statements: &mut [Statement], the_flag: Option<&FlagKey>) {
    let mut last: Option<FlagKey> = None;
    for statement in statements {
        let stubs = matches!(statement.claim, Claim::Stubs { .. });
        let (key, phrase) = match &mut statement.claim {
            Claim::Assumes { key, phrase, .. }
            | Claim::Stubs { key, phrase, .. }
            | Claim::PlansFlip { key, phrase, .. } => (key, phrase),
            Claim::Introduces { key: Some(key), .. } | Claim::States { key, .. } => {
                last = Some(key.clone());
                continue;
            }
            _ => continue,
        };
        if key.is_none() && names_none(phrase) {
            let (first, second) = if stubs {
                (last.as_ref(), the_flag)
            } else {
                (the_flag, last.as_ref())
            };
            *key = first.or(second).cloned();
        }
        // What is told in words alone is known by them: no key is named any more.
        last.clone_from(key);
    }
}
