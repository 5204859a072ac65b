//! `clean-merge-breaks`: two branches of one phase, or a branch and the base that it lands on, merge cleanly as text, and one breaks what the
//! other uses, or both add the same thing.
//!
//! What breaks what is found before the analysis, in the texts of both branches (`conflict::meaning`). Where the documents put the PRDs into
//! different phases the later one is made on what the earlier one left, and nothing is said. What the base did since a branch left it is there
//! whatever any plan says.

use super::branch_overlap::git_rebase;
use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Evidence, Role};
use crate::conflict::meaning::{Breach, BreachKind, Certainty};
use crate::graph::{Exclusion, Meeting};
use crate::prd::PrdId;
use crate::source::Span;

/// A breach between two branches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BranchBreach {
    /// Whose they are, in the order of the breach's sides; the base, and a head without a PRD, are nobody's.
    pub prds: [Option<PrdId>; 2],
    /// The branches; the base comes second.
    pub branches: [String; 2],
    /// What does not go together.
    pub breach: Breach,
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let seen = facts.breaches.iter().filter_map(|one| told(facts, one));
    let said = facts.graph.exclusions.iter().filter_map(|one| promised(facts, one));
    seen.chain(said).collect()
}

/// What two documents promise: one changes how a thing is used, and the other one has a new use of it.
fn promised(facts: &Facts<'_>, one: &Exclusion) -> Option<Finding> {
    let Meeting::Contract(by) = &one.meeting else {
        return None;
    };
    let user = if one.a == *by { &one.b } else { &one.a };
    let apart = match (facts.phase(by), facts.phase(user)) {
        (Some(first), Some(second)) if first != second => {
            format!("; the plan keeps them apart (phases {first} and {second})")
        }
        _ => String::new(),
    };
    let message = format!(
        "PRD {by} changes how `{}` is used, and PRD {user} uses it: git would merge both without a word{apart}",
        one.target
    );
    let of = |span: Span| {
        let mut points = facts.touchpoints.iter();
        let changed =
            points.any(|point| point.prd == *by && point.target.name == one.target && point.because.contains(&span));
        if changed { "changed here" } else { "used here" }
    };
    let places = one.because.iter().map(|span| Evidence {
        role: if facts.is_prd(*span) { Role::Prd } else { Role::Branch },
        span: *span,
        note: of(*span).into(),
    });
    let wait = format!("let the use start from what the change made: `depends_on: [{by}]` in PRD {user}");
    let agree = format!("or let {by} keep `{}` as it is used, beside the new form", one.target);
    Some(
        Finding::new("clean-merge-breaks", Level::Warning, message)
            .about(user)
            .with([by.clone()])
            .because(places)
            .help(Remedy::new(RemedyKind::Reorder, wait).with_command(facts.wait(user, by)))
            .help(Remedy::new(RemedyKind::Coordinate, agree)),
    )
}

fn told(facts: &Facts<'_>, one: &BranchBreach) -> Option<Finding> {
    let ([ours, theirs], [does, other]) = (&one.branches, &one.breach.deeds);
    let level = match one.breach.certainty {
        Certainty::Seen => Level::Error,
        Certainty::Likely => Level::Warning,
        Certainty::Possible => Level::Note,
    };
    let who = |branch: &String, prd: &Option<PrdId>| match prd {
        Some(prd) => format!("`{branch}` of PRD {prd}"),
        None => format!("`{branch}`"),
    };
    let [first, second] = [who(ours, &one.prds[0]), who(theirs, &one.prds[1])];
    let message = format!("{first} and {second} merge cleanly and do not go together: {ours} {does}, {theirs} {other}");
    let finding = Finding::new("clean-merge-breaks", level, message).because(places(one));
    let finding = match &one.prds {
        [Some(a), Some(b)] => {
            facts.together(a, b)?;
            let wait = format!(
                "let one start from what the other made: `depends_on: [{a}]` in PRD {b} (it costs {b} a phase)"
            );
            let agree = format!(
                "or let the two agree on {} before the second one lands",
                one.breach.subject
            );
            finding
                .about(a)
                .with([b.clone()])
                .help(Remedy::new(RemedyKind::Reorder, wait).with_command(facts.wait(b, a)))
                .help(Remedy::new(RemedyKind::Coordinate, agree))
        }
        prds => {
            let rebase = format!("rebase `{ours}` onto {theirs}, and mend it there");
            let rebase = Remedy::new(RemedyKind::Rebase, rebase).with_command(git_rebase(facts.settings, theirs, ours));
            let finding = finding.help(rebase);
            match prds.iter().flatten().next() {
                Some(prd) => finding.about(prd),
                None => finding,
            }
        }
    };
    Some(finding)
}

fn places(one: &BranchBreach) -> impl Iterator<Item = Evidence> {
    let role = role(one.breach.kind);
    let each = one.breach.places.iter().zip(&one.branches);
    each.flat_map(move |(places, branch)| {
        places.iter().map(move |place| Evidence {
            role,
            span: place.span,
            note: format!("{} on `{branch}`", place.note),
        })
    })
}

fn role(kind: BreachKind) -> Role {
    match kind {
        BreachKind::MigrationSlot | BreachKind::Schema => Role::Migration,
        _ => Role::Branch,
    }
}
