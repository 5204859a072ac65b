//! `clean-merge-breaks`: two branches of one phase merge cleanly as text, and one breaks what the other uses, or both add the same thing.
//!
//! What breaks what is found before the analysis, in the texts of both branches (`conflict::meaning`). Where the documents put the PRDs into
//! different phases the later one is made on what the earlier one left, and nothing is said.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Evidence, Role};
use crate::conflict::meaning::{Breach, BreachKind, Certainty};
use crate::prd::PrdId;

/// A breach between the branches of two PRDs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BranchBreach {
    /// The two, in the order of the breach's sides.
    pub prds: [PrdId; 2],
    /// Their branches.
    pub branches: [String; 2],
    /// What does not go together.
    pub breach: Breach,
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.breaches.iter().filter_map(|one| told(facts, one)).collect()
}

fn told(facts: &Facts<'_>, one: &BranchBreach) -> Option<Finding> {
    let [a, b] = &one.prds;
    facts.together(a, b)?;
    let ([ours, theirs], [does, other]) = (&one.branches, &one.breach.deeds);
    let level = match one.breach.certainty {
        Certainty::Seen => Level::Error,
        Certainty::Likely => Level::Warning,
        Certainty::Possible => Level::Note,
    };
    let message = format!(
        "`{ours}` of PRD {a} and `{theirs}` of PRD {b} merge cleanly and do not go together: {ours} {does}, {theirs} {other}"
    );
    let places = one
        .breach
        .places
        .iter()
        .zip(&one.branches)
        .flat_map(|(places, branch)| {
            places.iter().map(move |place| Evidence {
                role: role(one.breach.kind),
                span: place.span,
                note: format!("{} on `{branch}`", place.note),
            })
        });
    let wait = format!("let one start from what the other made: `depends_on: [{a}]` in PRD {b} (it costs {b} a phase)");
    let agree = format!(
        "or let the two agree on {} before the second one lands",
        one.breach.subject
    );
    let finding = Finding::new("clean-merge-breaks", level, message)
        .about(a)
        .with([b.clone()])
        .because(places)
        .help(Remedy::new(RemedyKind::Reorder, wait).with_command(facts.wait(b, a)))
        .help(Remedy::new(RemedyKind::Coordinate, agree));
    Some(finding)
}

fn role(kind: BreachKind) -> Role {
    match kind {
        BreachKind::MigrationSlot | BreachKind::Schema => Role::Migration,
        _ => Role::Branch,
    }
}
