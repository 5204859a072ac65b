//! `flagman guard`, as text: the decision, then its reasons.

use crate::guard::{Answer, Decision};
use crate::report::visible;

/// The answer as text.
#[must_use]
pub fn guard(answer: &Answer) -> String {
    let headline = match answer.decision {
        Decision::Allow if answer.is_unsure() => "allow, as far as can be told",
        Decision::Allow => "allow: nothing speaks against it",
        Decision::Warn => "warn: it may go",
        Decision::Ask => "ask: a person decides",
        Decision::Deny => "deny",
    };
    let reasons = answer
        .reasons
        .iter()
        .map(|reason| format!("  {}: {}\n", reason.kind.word(), reason.message));
    visible(&format!("{headline}\n{}", reasons.collect::<String>()))
}
