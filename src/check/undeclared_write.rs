//! `undeclared-write`: a branch writes outside its PRD's touchpoints.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::Role;
use crate::prd::{Access, PrdId};
use crate::source::RepoPath;
use crate::touchpoint::{Touchpoint, Written, promises};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let promises = promises(facts.touchpoints);
    let mut findings = Vec::new();
    for branch in facts.branches {
        let Some((prd, promise)) = branch.prd.as_ref().and_then(|prd| Some((prd, promises.get(prd)?))) else {
            continue;
        };
        for path in &branch.changed {
            let owner = owner(facts, prd, path);
            // What a PRD may write without a word (a new file, a test) is somebody else's where another PRD names it.
            let taken = owner.is_some() && !promise.paths.contains(path);
            if taken || !promise.covers(path, what(facts, path)) {
                findings.push(finding(facts, prd, &branch.branch, (path, owner)));
            }
        }
    }
    findings
}

fn what(facts: &Facts<'_>, path: &RepoPath) -> Written {
    Written {
        is_new: !facts.base.exists(path),
        is_test: facts.index.test_files.contains(path),
        is_data: crate::lang::Language::of(path).is_none(),
    }
}

/// What documents (not branches) say is written.
fn writes<'a>(facts: &'a Facts<'_>) -> impl Iterator<Item = &'a Touchpoint> {
    let said = |touch: &&Touchpoint| touch.said.is_some_and(|access| access != Access::Read);
    facts.touchpoints.iter().filter(said)
}

/// The PRD of the same phase that says that it writes the file.
fn owner<'a>(facts: &'a Facts<'_>, prd: &PrdId, path: &RepoPath) -> Option<&'a Touchpoint> {
    // Whom the plan keeps apart by now does not work at the same time.
    let is_beside = |other: &PrdId| facts.together(prd, other).is_some() && facts.phase(prd) == facts.phase(other);
    writes(facts).find(|touch| touch.prd != *prd && touch.target.path.as_ref() == Some(path) && is_beside(&touch.prd))
}

fn finding(facts: &Facts<'_>, prd: &PrdId, branch: &str, (path, owner): (&RepoPath, Option<&Touchpoint>)) -> Finding {
    let span = facts.base.files.get(path).map(|file| facts.sources.line(*file, 1));
    let finding = match owner {
        Some(owner) => {
            let message = format!(
                "`{branch}` changes {path}, which PRD {prd} does not speak of and PRD {} of the same phase changes",
                owner.prd
            );
            let finding = Finding::new("undeclared-write", Level::Error, message).with([owner.prd.clone()]);
            owner.because.first().map_or(finding.clone(), |span| {
                finding.at(Role::Prd, *span, format!("PRD {} changes it", owner.prd))
            })
        }
        None => {
            let message = format!("`{branch}` changes {path}, which PRD {prd} does not speak of");
            Finding::new("undeclared-write", Level::Warning, message)
        }
    };
    let detail = format!("name {path} in PRD {prd}, or leave it alone");
    let name = facts.declare(prd, &[format!("touches+={path}")]);
    let command = Some(name).filter(|_| !path.as_str().contains(','));
    let finding = finding
        .about(prd)
        .help(Remedy::new(RemedyKind::Declare, detail).with(command));
    span.map_or(finding.clone(), |span| {
        finding.at(Role::Branch, span, "changed by the branch")
    })
}
