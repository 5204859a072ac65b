//! The branches of a run: each judged on the tree that it would leave, and what it really touches. Enters: [`Inputs`], the base tree.
//! Leaves: [`BranchTests`], [`Observed`].

use std::collections::BTreeSet;

use super::observed::observations;
use super::{BranchInput, Inputs, Read, table, usable};
use crate::assumption::flips::turned;
use crate::assumption::table::FlagTable;
use crate::assumption::tests_need::{Ground, judge_tests};
use crate::assumption::{BranchTests, TestNeed, TestVerdict};
use crate::flag::FlagKey;
use crate::index::store::FactsStore;
use crate::index::{CodeIndex, build};
use crate::prd::Prd;
use crate::source::{RepoPath, Skipped, Sources};
use crate::touchpoint::{self, Observed, Unresolved};

/// Every branch, judged, and what those of PRDs really touch.
pub(super) fn judged(
    base: &Ground<'_>,
    inputs: &Inputs,
    heads: Vec<BranchInput>,
    read: &Read,
    store: &FactsStore,
) -> (Vec<BranchTests>, Vec<Observed>) {
    let (mut judged, mut observed) = (Vec::new(), Vec::new());
    for branch in heads {
        let index = build::build(&inputs.sources, &branch.view, &inputs.rules, &read.wanted, store);
        observed.extend(observations(&inputs.sources, base.index, &index, &branch));
        let (ledger, problem) = usable(&branch.ledger);
        let flags = table(inputs, &read.prds, &index, &ledger);
        judged.push(tests(base, index, flags, problem, branch));
    }
    (judged, observed)
}

/// The tests of a branch, judged as those of the base are, on the state that the branch would leave.
fn tests(
    base: &Ground<'_>,
    index: CodeIndex,
    flags: FlagTable,
    ledger_problem: Option<Skipped>,
    branch: BranchInput,
) -> BranchTests {
    let changed: BTreeSet<RepoPath> = branch.changes.into_iter().map(|change| change.path).collect();
    let ground = Ground {
        view: &branch.view,
        index: &index,
        flags: &flags,
        ..*base
    };
    let turns: BTreeSet<FlagKey> = turned(base.flags, &flags, &index)
        .into_iter()
        .map(|turned| turned.flag)
        .collect();
    // Who turns nothing leaves the other tests with what they had.
    let judged = judge_tests(&ground, Some(&changed).filter(|_| turns.is_empty()));
    let (needs, others): (Vec<TestNeed>, Vec<TestNeed>) = judged
        .into_iter()
        .partition(|need| changed.contains(&index.tests[need.test].path));
    let broken = others.into_iter().filter(|need| {
        let unmet = matches!(need.verdict, TestVerdict::Blocked);
        unmet && turns.contains(&need.flag)
    });
    BranchTests {
        prd: branch.prd,
        branch: branch.name,
        broken: broken.collect(),
        changed: changed.into_iter().collect(),
        needs,
        view: branch.view,
        index,
        flags,
        ledger_problem,
        unmerged: branch.unmerged,
    }
}

/// True if the PRD's own branch has what its document mentions.
pub(super) fn has(mention: &Unresolved, prds: &[Prd], branches: &[BranchTests], sources: &Sources) -> bool {
    let prd = prds.iter().position(|prd| prd.id == mention.prd);
    let branch = branches.iter().find(|branch| branch.prd.as_ref() == Some(&mention.prd));
    let (Some(prd), Some(branch)) = (prd, branch) else {
        return false;
    };
    let there = touchpoint::resolve(&prds[prd..=prd], &branch.index, &branch.view, sources, &[]);
    !there.unresolved.iter().any(|still| still.span == mention.span)
}
