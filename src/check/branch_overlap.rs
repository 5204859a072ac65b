//! `branch-overlap`: the branch really conflicts with another live branch of the phase, or with its base.
//!
//! Both are decided by real merges, before the analysis. Two branches that collide are an error where the documents put their PRDs into one
//! phase: both are at work, and the second to land is not what its agent made and tested. Where the plan keeps them apart that is the later one
//! alone; the first may go. A branch that does not merge with its base is a
//! warning that makes the answer *unknown*: what it would leave of these files nobody knows.

use super::{Facts, Finding, Level, Remedy, RemedyKind, Settings};
use crate::assumption::{BranchTests, Evidence, Role};
use crate::flag::shell_word;
use crate::graph::BranchConflict;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let unmerged = facts.branches.iter().filter(|branch| !branch.unmerged.is_empty());
    let with_base = unmerged.map(|branch| with_base(facts, branch));
    let together = facts.conflicts.iter().flat_map(|conflict| between(facts, conflict));
    together.chain(with_base).collect()
}

fn between(facts: &Facts<'_>, conflict: &BranchConflict) -> Vec<Finding> {
    let [a, b] = &conflict.prds;
    let Some(phase) = facts.together(a, b) else {
        return Vec::new();
    };
    if let Some(why) = &conflict.undecided {
        return vec![untold(facts, conflict, why)];
    }
    match (facts.phase(a), facts.phase(b)) {
        (Some(first), Some(second)) if first < second => in_order(facts, conflict, 0, [first, second]),
        (Some(second), Some(first)) if first < second => in_order(facts, conflict, 1, [first, second]),
        _ => {
            let told = format!("and phase {phase} has both of them at work");
            let both = collide(facts, conflict, [0, 1], Level::Error, &told).about(a);
            vec![both.with([b.clone()])]
        }
    }
}

/// The plan keeps the two apart: the first may go, and the other one, which was not made on it, is held until it is.
fn in_order(facts: &Facts<'_>, conflict: &BranchConflict, first: usize, phases: [u32; 2]) -> Vec<Finding> {
    let order = [first, 1 - first];
    let [early, late] = order.map(|at| (&conflict.prds[at], &conflict.branches[at]));
    let [one, two] = phases;
    let held = format!(
        "and `{}` is at work already: the plan keeps them apart (phases {one} and {two})",
        late.1
    );
    let goes = format!(
        "and PRD {} goes first (phase {one}): `{}` has to be built on it before phase {two}",
        early.0, late.1
    );
    vec![
        collide(facts, conflict, order, Level::Error, &held).about(late.0),
        collide(facts, conflict, order, Level::Note, &goes).about(early.0),
    ]
}

/// The two conflict. `order` says which of them comes first.
fn collide(facts: &Facts<'_>, conflict: &BranchConflict, order: [usize; 2], level: Level, told: &str) -> Finding {
    let ([a, b], [ours, theirs]) = (&conflict.prds, &conflict.branches);
    let files = conflict.files.iter().map(|file| match file.kind.as_str() {
        "content" => file.path.clone(),
        kind => format!("{} ({kind})", file.path),
    });
    let message = format!(
        "`{ours}` of PRD {a} and `{theirs}` of PRD {b} conflict in {}, {told}",
        some(&files.collect::<Vec<_>>())
    );
    let places = conflict.files.iter().flat_map(|file| {
        let sides = file.places.iter().zip(&conflict.branches);
        sides.flat_map(|(spans, branch)| {
            spans.iter().map(move |span| Evidence {
                role: Role::Branch,
                span: *span,
                note: format!("so on `{branch}`"),
            })
        })
    });
    let [(early, on), (late, branch)] = order.map(|at| (&conflict.prds[at], &conflict.branches[at]));
    // Where the plan has them apart already it costs nothing more.
    let costs = match facts.phase(early) == facts.phase(late) {
        true => format!(" (it costs {late} a phase)"),
        false => String::new(),
    };
    let order = format!("let one start from what the other made: `depends_on: [{early}]` in PRD {late}{costs}");
    let rebase = format!("or solve it now, by building `{branch}` on `{on}`");
    let leave = format!("or leave {} to one of the two", conflict.files[0].path);
    Finding::new("branch-overlap", level, message)
        .because(places)
        .help(Remedy::new(RemedyKind::Reorder, order).with_command(facts.wait(late, early)))
        .help(Remedy::new(RemedyKind::Rebase, rebase).with_command(git_rebase(facts.settings, on, branch)))
        .help(Remedy::new(RemedyKind::Coordinate, leave))
}

/// Nobody can tell whether they conflict.
fn untold(facts: &Facts<'_>, conflict: &BranchConflict, why: &str) -> Finding {
    let ([a, b], [ours, theirs]) = (&conflict.prds, &conflict.branches);
    let message = format!("whether `{ours}` of PRD {a} and `{theirs}` of PRD {b} conflict cannot be told: {why}");
    let mut finding = Finding::new("branch-overlap", Level::Warning, message)
        .about(a)
        .with([b.clone()]);
    finding.undecided = true;
    let rebase = format!("see for yourself, by building `{theirs}` on `{ours}`");
    finding.help(Remedy::new(RemedyKind::Rebase, rebase).with_command(git_rebase(facts.settings, ours, theirs)))
}

fn with_base(facts: &Facts<'_>, branch: &BranchTests) -> Finding {
    let (name, base) = (&branch.branch, &facts.settings.base);
    let files = branch
        .unmerged
        .iter()
        .map(|skip| format!("{} ({})", skip.path, skip.reason));
    let message = format!(
        "`{name}` does not merge with `{base}`, so what it would leave is not known: {}",
        some(&files.collect::<Vec<_>>())
    );
    let mut finding = Finding::new("branch-overlap", Level::Warning, message);
    finding.undecided = true;
    finding.prd.clone_from(&branch.prd);
    for skip in &branch.unmerged {
        if let Some(file) = facts.base.files.get(&skip.path) {
            finding = finding.at(Role::Branch, facts.sources.line(*file, 1), "changed by both sides");
        }
    }
    let help = format!("bring `{name}` up to date with `{base}`, then ask again");
    finding.help(Remedy::new(RemedyKind::Rebase, help).with_command(git_rebase(facts.settings, base, name)))
}

/// The rebase to type; git does it only where the branch is checked out, if it is.
pub(super) fn git_rebase(settings: &Settings, onto: &str, branch: &str) -> String {
    let (onto, name) = (shell_word(onto), shell_word(branch));
    match (settings.checked_out.get(branch), &settings.git_folder) {
        (Some(folder), _) => format!("git -C {} rebase {onto}", shell_word(folder)),
        (None, Some(folder)) => format!("git -C {} rebase {onto} {name}", shell_word(folder)),
        (None, None) => format!("git rebase {onto} {name}"),
    }
}

/// The first three, and how many more.
fn some(files: &[String]) -> String {
    let first = files[..files.len().min(3)].join(", ");
    match files.len().saturating_sub(3) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
