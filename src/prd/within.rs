//! Ids that count within one plan alone. Enters: a document, the plan that it belongs to, and the ids there. Leaves: the document with whole
//! ids (`012-returns-WP01`), its own and those that it waits for.

use std::collections::BTreeSet;

use super::{Claim, MentionKind, Prd, PrdId, id};

/// The plan that a document belongs to, where several plans have ids of their own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Within {
    /// What the plan is called.
    pub name: String,
    /// The ids of all its documents, in lower case and without the name.
    pub ids: BTreeSet<String>,
}

impl Within {
    /// Gives the document its whole id, and what it says of its neighbours theirs.
    pub(crate) fn name_whole(&self, prd: &mut Prd) {
        if let Some(whole) = self.whole(&prd.id.0) {
            prd.id = whole;
        }
        for mention in prd.mentions.iter_mut().filter(|one| one.kind == MentionKind::Prd) {
            if let Some(whole) = self.whole(&mention.text) {
                mention.text = whole.0;
            }
        }
        for statement in &mut prd.statements {
            if let Claim::DependsOn { on } | Claim::Before { what: on } = &mut statement.claim
                && let Some(whole) = self.whole(on)
            {
                *on = whole.0;
            }
        }
    }

    /// The whole id of one of this plan.
    fn whole(&self, words: &str) -> Option<PrdId> {
        let own = self.ids.contains(&words.trim().to_lowercase());
        own.then(|| id::from_words(&format!("{}-{}", self.name, words.trim())))?
    }
}
