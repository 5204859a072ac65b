//! `branch-overlap`: the branch really conflicts with another live branch of the phase, or with its base.
//!
//! Both are decided by real merges, before the analysis. Two branches that collide are an error where the documents put their PRDs into one
//! phase: both are at work, and the second to land is not what its agent made and tested. A branch that does not merge with its base is a
//! warning that makes the answer *unknown*: what it would leave of these files nobody knows.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{BranchTests, Evidence, Role};
use crate::flag::shell_word;
use crate::graph::BranchConflict;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let unmerged = facts.branches.iter().filter(|branch| !branch.unmerged.is_empty());
    let with_base = unmerged.map(|branch| with_base(facts, branch));
    let together = facts.conflicts.iter().filter_map(|conflict| between(facts, conflict));
    together.chain(with_base).collect()
}

fn between(facts: &Facts<'_>, conflict: &BranchConflict) -> Option<Finding> {
    let [a, b] = &conflict.prds;
    let phase = facts.together(a, b)?;
    let [ours, theirs] = &conflict.branches;
    if let Some(why) = &conflict.undecided {
        return Some(untold(conflict, why));
    }
    let files = conflict.files.iter().map(|file| match file.kind.as_str() {
        "content" => file.path.clone(),
        kind => format!("{} ({kind})", file.path),
    });
    let message = format!(
        "`{ours}` of PRD {a} and `{theirs}` of PRD {b} conflict in {}, and phase {phase} has both of them at work",
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
    let order =
        format!("let one start from what the other made: `depends_on: [{a}]` in PRD {b} (it costs {b} a phase)");
    let rebase = format!("or solve it now, by building `{theirs}` on `{ours}`");
    let finding = Finding::new("branch-overlap", Level::Error, message)
        .about(a)
        .with([b.clone()])
        .because(places)
        .help(Remedy::new(RemedyKind::Reorder, order).with_command(facts.wait(b, a)))
        .help(Remedy::new(RemedyKind::Rebase, rebase).with_command(git_rebase(ours, theirs)));
    let leave = format!("or leave {} to one of the two", conflict.files[0].path);
    Some(finding.help(Remedy::new(RemedyKind::Coordinate, leave)))
}

/// Nobody can tell whether they conflict.
fn untold(conflict: &BranchConflict, why: &str) -> Finding {
    let ([a, b], [ours, theirs]) = (&conflict.prds, &conflict.branches);
    let message = format!("whether `{ours}` of PRD {a} and `{theirs}` of PRD {b} conflict cannot be told: {why}");
    let mut finding = Finding::new("branch-overlap", Level::Warning, message)
        .about(a)
        .with([b.clone()]);
    finding.undecided = true;
    let rebase = format!("see for yourself, by building `{theirs}` on `{ours}`");
    finding.help(Remedy::new(RemedyKind::Rebase, rebase).with_command(git_rebase(ours, theirs)))
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
    finding.help(Remedy::new(RemedyKind::Rebase, help).with_command(git_rebase(base, name)))
}

fn git_rebase(onto: &str, branch: &str) -> String {
    format!("git rebase {} {}", shell_word(onto), shell_word(branch))
}

/// The first three, and how many more.
fn some(files: &[String]) -> String {
    let first = files[..files.len().min(3)].join(", ");
    match files.len().saturating_sub(3) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
