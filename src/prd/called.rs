//! Names that only the claims make flags. Enters: a document that was read. Leaves: its mentions, called what the claims call them.

use super::{Access, Claim, Contract, MentionKind, Prd, Statement, claim};
use crate::source::Span;

/// Symbols that the claims call flags are flags.
pub(super) fn call_flags(prd: &mut Prd) {
    let keys = claim::keys(&prd.statements);
    for mention in &mut prd.mentions {
        if mention.kind == MentionKind::Symbol && keys.contains(mention.text.as_str()) {
            mention.kind = MentionKind::Flag;
        }
        // "2. `x`: on" in a list of what must be there: what is needed is read, whatever the list is called.
        if mention.kind == MentionKind::Flag
            && mention.access == Some(Access::Write)
            && mention.contract != Some(Contract::Gone)
            && needed(&prd.statements, mention.span)
        {
            mention.access = Some(Access::Read);
        }
    }
}

/// True if the place is a part of the words that tell a need.
fn needed(statements: &[Statement], place: Span) -> bool {
    let needs = |statement: &&Statement| matches!(statement.claim, Claim::Assumes { .. });
    statements
        .iter()
        .filter(needs)
        .any(|statement| statement.span.contains(place))
}
