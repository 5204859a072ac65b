//! `clean-merge-breaks`: two branches of one phase, or a branch and the base that it lands on, merge cleanly as text, and one breaks what the
//! other uses, or both add the same thing.
//!
//! What breaks what is found before the analysis, in the texts of both branches (`conflict::meaning`). Where the documents put the PRDs into
//! different phases the later one is made on what the earlier one left, and nothing is said. Where only the branches show it the plan keeps the two
//! apart, and the later one is held. What the base did since a branch left it is there
//! whatever any plan says.

use super::branch_overlap::git_rebase;
use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Evidence, Role};
use crate::conflict::meaning::{Breach, BreachKind, Certainty};
use crate::graph::{BranchBreak, Edge, EdgeKind, Exclusion, Meeting};
use crate::prd::PrdId;
use crate::source::Span;
use crate::touchpoint::{Deed, Spoken, Touchpoint, spoken};

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

impl BranchBreach {
    /// What it forbids, where both sides of it are seen in code: what is merely likely is told, and keeps nobody apart.
    #[must_use]
    pub fn keeps_apart(&self) -> Option<BranchBreak> {
        let [Some(a), Some(b)] = &self.prds else { return None };
        let places = self.breach.places.iter().flatten();
        (self.breach.certainty == Certainty::Seen).then(|| BranchBreak {
            prds: [a.clone(), b.clone()],
            subject: self.breach.subject.clone(),
            because: places.map(|place| place.span).collect(),
        })
    }
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let seen = facts.breaches.iter().flat_map(|one| told(facts, one));
    let said = facts.graph.exclusions.iter().filter_map(|one| promised(facts, one));
    let gone = facts.graph.edges.iter().filter_map(|edge| taken_away(facts, edge));
    seen.chain(said).chain(gone).chain(spoken_of(facts)).collect()
}

/// What one document makes, changes or takes away, and another one speaks of in its own words: a person decides whether the same is meant. Who is
/// kept apart, or ordered, for a reason that is told has been told enough.
fn spoken_of(facts: &Facts<'_>) -> Vec<Finding> {
    let both = |a: &PrdId, b: &PrdId, one: &Spoken| (a == &one.by && b == &one.of) || (a == &one.of && b == &one.by);
    let told = |one: &Spoken| {
        let apart = facts.graph.exclusions.iter().any(|pair| both(&pair.a, &pair.b, one));
        apart || facts.graph.edges.iter().any(|edge| both(&edge.from, &edge.to, one))
    };
    let landed = |one: &Spoken| facts.landed.contains(&one.by) || facts.landed.contains(&one.of);
    let all = spoken(facts.prds, facts.touchpoints);
    let each = all.iter().filter(|one| !told(one) && !landed(one));
    each.map(|one| said(facts, one)).collect()
}

fn said(facts: &Facts<'_>, one: &Spoken) -> Finding {
    let Spoken {
        by, of, name, words, ..
    } = one;
    let (deed, note) = match one.deed {
        Deed::Goes => (format!("takes `{name}` away or renames it"), "taken away here"),
        Deed::Changes => (format!("changes `{name}`"), "changed here"),
        Deed::Mandatory => (format!("lets `{name}` be empty no more"), "mandatory from here on"),
        Deed::Makes => (format!("makes `{name}`"), "made here"),
    };
    let other = match one.deed {
        Deed::Mandatory => format!("puts rows there ({words}) and does not name it"),
        _ => format!("seems to use it: {words}"),
    };
    let wait = format!("if the same is meant, let it start from what {by} leaves: `depends_on: [{by}]` in PRD {of}");
    Finding::new(
        "clean-merge-breaks",
        Level::Note,
        format!("PRD {by} {deed}, and PRD {of} {other}"),
    )
    .about(of)
    .with([by.clone()])
    .at(Role::Prd, one.said, "spoken of here".to_owned())
    .at(Role::Prd, one.done, note.to_owned())
    .help(Remedy::new(RemedyKind::Reorder, wait).with_command(facts.wait(of, by)))
}

/// What two documents promise: one uses what the other one takes away or renames, and goes before it.
fn taken_away(facts: &Facts<'_>, edge: &Edge) -> Option<Finding> {
    let (user, taker) = (&edge.from, &edge.to);
    let takes = |point: &&Touchpoint| {
        edge.kind == EdgeKind::Gone
            && point.prd == *taker
            && point.gone
            && point.contract.iter().any(|span| edge.because.contains(span))
    };
    let point = facts.touchpoints.iter().find(takes)?;
    let name = &point.target.name;
    let order = match (facts.phase(user), facts.phase(taker)) {
        (Some(first), Some(second)) if first < second => {
            format!("; {user} goes first (phase {first}), and {taker} (phase {second}) has to change what it adds")
        }
        _ => String::new(),
    };
    let places = edge.because.iter().map(|span| Evidence {
        role: if facts.is_prd(*span) { Role::Prd } else { Role::Branch },
        span: *span,
        note: if point.contract.contains(span) {
            "taken away here"
        } else {
            "used here"
        }
        .into(),
    });
    // Who only names it need not use it.
    let names = |point: &Touchpoint| point.prd == *user && point.target.name == *name && point.unsaid;
    let (level, deed) = match facts.touchpoints.iter().any(names) {
        true => (Level::Note, "names"),
        false => (Level::Warning, "uses"),
    };
    let message = format!("PRD {taker} takes `{name}` away or renames it, and PRD {user} {deed} it{order}");
    let instead = format!("say in PRD {user} what it is to use instead, and let it wait: `depends_on: [{taker}]`");
    let agree = format!("or let {taker} keep `{name}` until nobody uses it");
    Some(
        Finding::new("clean-merge-breaks", level, message)
            .about(user)
            .with([taker.clone()])
            .because(places)
            .help(Remedy::new(RemedyKind::Reorder, instead).with_command(facts.wait(user, taker)))
            .help(Remedy::new(RemedyKind::Coordinate, agree)),
    )
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

fn told(facts: &Facts<'_>, one: &BranchBreach) -> Vec<Finding> {
    match &one.prds {
        [Some(a), Some(b)] => between(facts, one, [a, b]),
        prds => vec![alone(facts, one, prds.iter().flatten().next())],
    }
}

/// Two PRDs whose documents let them go at once. Where the plan keeps them apart for this, the first may go, and the other one, which was not made on
/// it, is held.
fn between(facts: &Facts<'_>, one: &BranchBreach, [a, b]: [&PrdId; 2]) -> Vec<Finding> {
    if facts.together(a, b).is_none() {
        return Vec::new();
    }
    let wait = |early: &PrdId, late: &PrdId, costs: &str| {
        let order = format!("let one start from what the other made: `depends_on: [{early}]` in PRD {late}{costs}");
        Remedy::new(RemedyKind::Reorder, order).with_command(facts.wait(late, early))
    };
    let agree = || {
        let agree = format!(
            "or let the two agree on {} before the second one lands",
            one.breach.subject
        );
        Remedy::new(RemedyKind::Coordinate, agree)
    };
    let (early, late) = match (facts.phase(a), facts.phase(b)) {
        (Some(first), Some(second)) if first < second => (0, 1),
        (Some(first), Some(second)) if second < first => (1, 0),
        _ => {
            let finding = Finding::new("clean-merge-breaks", level(one), breach_said(one, "")).because(places(one));
            let costs = format!(" (it costs {b} a phase)");
            return vec![
                finding
                    .about(a)
                    .with([b.clone()])
                    .help(wait(a, b, &costs))
                    .help(agree()),
            ];
        }
    };
    let prds = [a, b];
    let [phase, later] = [early, late].map(|at| facts.phase(prds[at]).unwrap_or_default());
    let branch = &one.branches[late];
    let held = format!("; `{branch}` is at work already, and the plan keeps them apart (phases {phase} and {later})");
    let goes = format!(
        "; PRD {} goes first (phase {phase}): `{branch}` has to be built on it",
        prds[early]
    );
    let rebase = format!(
        "or build `{branch}` on `{}` now, and mend it there",
        one.branches[early]
    );
    let rebase =
        Remedy::new(RemedyKind::Rebase, rebase).with_command(git_rebase(facts.settings, &one.branches[early], branch));
    let finding = |level, told: &str| {
        Finding::new("clean-merge-breaks", level, breach_said(one, told))
            .because(places(one))
            .help(wait(prds[early], prds[late], ""))
            .help(rebase.clone())
            .help(agree())
    };
    vec![
        finding(level(one), &held).about(prds[late]),
        finding(Level::Note, &goes).about(prds[early]),
    ]
}

/// A branch, and what it lands on or somebody's head that no PRD claims.
fn alone(facts: &Facts<'_>, one: &BranchBreach, prd: Option<&PrdId>) -> Finding {
    let [ours, theirs] = &one.branches;
    let rebase = format!("rebase `{ours}` onto {theirs}, and mend it there");
    let rebase = Remedy::new(RemedyKind::Rebase, rebase).with_command(git_rebase(facts.settings, theirs, ours));
    let finding = Finding::new("clean-merge-breaks", level(one), breach_said(one, ""))
        .because(places(one))
        .help(rebase);
    match prd {
        Some(prd) => finding.about(prd),
        None => finding,
    }
}

fn level(one: &BranchBreach) -> Level {
    match one.breach.certainty {
        Certainty::Seen => Level::Error,
        Certainty::Likely => Level::Warning,
        Certainty::Possible => Level::Note,
    }
}

fn breach_said(one: &BranchBreach, told: &str) -> String {
    let ([ours, theirs], [does, other]) = (&one.branches, &one.breach.deeds);
    let who = |branch: &String, prd: &Option<PrdId>| match prd {
        Some(prd) => format!("`{branch}` of PRD {prd}"),
        None => format!("`{branch}`"),
    };
    let [first, second] = [who(ours, &one.prds[0]), who(theirs, &one.prds[1])];
    format!("{first} and {second} merge cleanly and do not go together: {ours} {does}, {theirs} {other}{told}")
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
