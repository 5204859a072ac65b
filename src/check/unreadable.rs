//! `unreadable`: a file that the answer needs could not be read or parsed. Makes the verdict *unknown*.
//!
//! A PRD whose front matter is broken is read in part only. A file is needed if it is a PRD, the flag file, a file that a PRD touches or its branch changes, or a file whose text has the
//! name of a flag that a PRD needs. What else could not be read is listed with the answer and decides nothing.

use std::collections::BTreeSet;

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{BranchTests, Role};
use crate::flag::FlagKey;
use crate::prd::{Access, Prd, PrdId};
use crate::source::{RepoPath, SkipReason, Skipped};
use crate::touchpoint::Touchpoint;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(skip) = facts.ledger_problem {
        let message = format!(
            "the flag file {} decides what each flag is, and cannot be used ({})",
            skip.path, skip.reason
        );
        findings.push(undecided(facts, skip, message));
    }
    for branch in facts.branches.iter().filter(|_| facts.ledger_problem.is_none()) {
        findings.extend(branch.ledger_problem.iter().map(|skip| {
            let message = format!(
                "the flag file {} of `{}` decides what its tests run with, and cannot be used ({})",
                skip.path, branch.branch, skip.reason
            );
            let mut finding = undecided(facts, skip, message);
            finding.prd.clone_from(&branch.prd);
            finding
        }));
    }
    for skip in facts.unread_prds {
        findings.push(undecided(
            facts,
            skip,
            format!("the PRD {} cannot be read ({})", skip.path, skip.reason),
        ));
    }
    let hidden = facts
        .prds
        .iter()
        .flat_map(|prd| prd.problems.iter().map(move |problem| (prd, problem)));
    for (prd, problem) in hidden.filter(|(_, problem)| problem.hides) {
        let message = format!("what PRD {} declares is not known: {}", prd.id, problem.message);
        let mut finding = Finding::new("unreadable", Level::Warning, message);
        finding.undecided = true;
        let help = Remedy::new(RemedyKind::Declare, "mend its front matter, then ask again");
        let finding = finding
            .about(&prd.id)
            .at(Role::Prd, problem.span, "cannot be understood");
        findings.push(finding.help(help.with_command(facts.again(None))));
    }
    for prd in facts.prds.iter().filter(|prd| says_nothing(facts, prd)) {
        let mut finding = Finding::new(
            "unreadable",
            Level::Warning,
            format!("PRD {} is empty: what it asks for is not known", prd.id),
        );
        finding.undecided = true;
        let help = Remedy::new(RemedyKind::Declare, "write it or take the file away, then ask again");
        let finding = finding.about(&prd.id).at(Role::Prd, prd.title_span, "no words");
        findings.push(finding.help(help.with_command(facts.again(None))));
    }
    // What was said already as a PRD or as the flag file is not said again as a file that somebody touches.
    let said = facts.unread_prds.iter().chain(facts.ledger_problem);
    let mut seen: BTreeSet<&RepoPath> = said.map(|skip| &skip.path).collect();
    let everywhere = facts.branches.iter().flat_map(BranchTests::skipped);
    for skip in facts.base.skipped.iter().chain(&facts.index.skipped).chain(everywhere) {
        // What a branch left unmerged is said by `branch-overlap`.
        let elsewhere = matches!(skip.reason, SkipReason::HalfParsed(_) | SkipReason::Unmerged(_));
        if elsewhere || !seen.insert(&skip.path) {
            continue;
        }
        findings.extend(needed_by(facts, &skip.path).map(|(prds, why)| {
            let finding = undecided(
                facts,
                skip,
                format!("{} cannot be judged ({}), and {why}", skip.path, skip.reason),
            );
            match prds.split_first() {
                Some((first, others)) => finding.about(first).with(others.iter().cloned()),
                None => finding,
            }
        }));
    }
    findings
}

fn says_nothing(facts: &Facts<'_>, prd: &Prd) -> bool {
    facts.sources.file(prd.title_span.file).text.trim().is_empty()
}

/// The PRDs whose answer needs this file, and why; none of a branch that is no PRD's.
fn needed_by(facts: &Facts<'_>, path: &RepoPath) -> Option<(Vec<PrdId>, String)> {
    let touches = |touch: &&Touchpoint| touch.target.path.as_ref() == Some(path) && touch.access != Access::Read;
    let touching: BTreeSet<&PrdId> = facts
        .touchpoints
        .iter()
        .filter(touches)
        .map(|touch| &touch.prd)
        .collect();
    if !touching.is_empty() {
        return Some((
            touching.into_iter().cloned().collect(),
            "PRDs of this plan change it".into(),
        ));
    }
    for branch in facts.branches {
        if branch.changed.contains(path) {
            let whose = branch.prd.iter().cloned().collect();
            return Some((whose, format!("`{}` changes it", branch.branch)));
        }
    }
    let text = &facts.sources.file(*facts.base.files.get(path)?).text;
    let needs = facts.assumptions.iter().filter(|need| names(text, &need.flag));
    let needing: BTreeSet<&PrdId> = needs.clone().map(|need| &need.prd).collect();
    let need = needs.min_by_key(|need| &need.prd)?;
    Some((
        needing.into_iter().cloned().collect(),
        format!("it names `{}`, which PRD {} needs {}", need.flag, need.prd, need.needs),
    ))
}

fn names(text: &str, flag: &FlagKey) -> bool {
    text.contains(flag.as_str())
}

fn undecided(facts: &Facts<'_>, skip: &Skipped, message: String) -> Finding {
    let mut finding = Finding::new("unreadable", Level::Warning, message);
    finding.undecided = true;
    if let Some(file) = facts.base.files.get(&skip.path) {
        finding = finding.at(Role::State, facts.sources.line(*file, 1), "this file");
    }
    finding.help(Remedy::new(RemedyKind::Declare, "make it readable, then ask again").with_command(facts.again(None)))
}
