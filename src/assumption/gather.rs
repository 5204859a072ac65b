//! All assumptions of the PRDs. Enters: what documents say, what the tests of their branches need. Leaves: [`Assumption`]s with who
//! supplies the value.
//!
//! A document that assumes and a branch whose tests set the flag themselves are one story: the tests supply it.

use super::flips::{self, PlannedFlip};
use super::table::FlagTable;
use super::{
    Assumption, BranchTests, NeedCertainty, Supply, TestNeed, TestVerdict, builds_on, criteria, documents, resembles,
};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, ForcedValue};
use crate::prd::{Prd, PrdId};
use crate::source::{Sources, View};

/// Every assumption of every PRD; sorted by PRD, flag, then value.
#[must_use]
pub fn assumptions(
    sources: &Sources,
    view: &View,
    prds: &[Prd],
    index: &CodeIndex,
    flags: &FlagTable,
    branches: &[BranchTests],
    flips: &[PlannedFlip],
) -> Vec<Assumption> {
    let told = documents::document_assumptions(prds, flags);
    let said = |need: &Assumption| told.iter().any(|one| one.prd == need.prd && one.flag == need.flag);
    let mut unsaid = criteria::needs(sources, view, prds, index, flags);
    let told_by_criteria: Vec<_> = unsaid
        .iter()
        .map(|need| (need.prd.clone(), need.flag.clone()))
        .collect();
    let named = builds_on::needs(sources, view, prds, index, flags).into_iter();
    unsaid.extend(named.filter(|need| !told_by_criteria.contains(&(need.prd.clone(), need.flag.clone()))));
    unsaid.retain(|need| !said(need));
    let known = |need: &Assumption| {
        let same = |one: &Assumption| one.prd == need.prd && one.flag == need.flag;
        unsaid.iter().any(same) || said(need)
    };
    let alike: Vec<Assumption> = resembles::needs(prds, flags)
        .into_iter()
        .filter(|need| !known(need))
        .collect();
    unsaid.extend(alike);
    let mut all: Vec<Assumption> = told
        .into_iter()
        .chain(unsaid)
        .map(|assumption| supplied_by_document_or_branch(sources, flags, branches, assumption))
        .collect();
    for branch in branches {
        let Some(prd) = &branch.prd else { continue };
        all.extend(branch.needs.iter().filter_map(|need| of_test(prd, branch, flags, need)));
    }
    all.iter_mut()
        .for_each(|assumption| flips::supply_own(flips, assumption));
    all.sort_by(|a, b| (&a.prd, &a.flag, a.needs, &a.test).cmp(&(&b.prd, &b.flag, b.needs, &b.test)));
    all
}

/// Who supplies what a document needs: its own word on its tests, the tests of its branch, the state of the flag, or nobody.
fn supplied_by_document_or_branch(
    sources: &Sources,
    flags: &FlagTable,
    branches: &[BranchTests],
    mut assumption: Assumption,
) -> Assumption {
    let served = flags
        .get(&assumption.flag)
        .map(|facts| facts.served().0)
        .unwrap_or_default();
    if served == assumption.needs {
        assumption.supply = if flags
            .get(&assumption.flag)
            .is_some_and(|facts| facts.state.is_some() || facts.supposed.is_some())
        {
            Supply::State
        } else {
            Supply::Ambient
        };
    } else if let Some(branch) = branches
        .iter()
        .find(|branch| branch.prd.as_ref() == Some(&assumption.prd))
    {
        // Where there are tests, they and not the document say whether the flag is stubbed.
        assumption.supply = if stubs(sources, branch, &assumption.flag, assumption.needs) {
            Supply::Stub
        } else {
            Supply::Nobody
        };
    }
    assumption
}

/// True if the tests that the branch changed set the flag to the needed value, and none of them lacks it.
fn stubs(sources: &Sources, branch: &BranchTests, flag: &FlagKey, needs: FlagValue) -> bool {
    let lacking = branch
        .needs
        .iter()
        .any(|need| need.flag == *flag && need.verdict == TestVerdict::Blocked);
    let sets = branch.index.forces.iter().any(|force| {
        let ours = branch.changed.contains(sources.path(force.span.file));
        let same = force.key.is_for(&branch.index, flag, |key| key == flag);
        ours && same && matches!(force.value, ForcedValue::Is(value) if value == needs)
    });
    sets && !lacking
}

/// A test of the branch that needs a value, as an assumption of its PRD.
fn of_test(prd: &PrdId, branch: &BranchTests, flags: &FlagTable, need: &TestNeed) -> Option<Assumption> {
    let (case, needs) = (branch.index.tests.get(need.test)?, need.needs?);
    let matters = matches!(
        need.verdict,
        TestVerdict::Blocked | TestVerdict::Ok | TestVerdict::Fragile
    );
    // What it has by its own branch alone, it has by what its PRD turns.
    let was = flags.get(&need.flag).map(|known| known.served().0).unwrap_or_default();
    let own = need.verdict == TestVerdict::Fragile && was == needs.flipped() && was != FlagValue::Unknown;
    (matters && need.certainty != NeedCertainty::Possible).then(|| Assumption {
        prd: prd.clone(),
        flag: need.flag.clone(),
        needs,
        supply: if own { Supply::Flip } else { need.supply },
        certainty: need.certainty,
        because: need.because.clone(),
        test: Some((case.path.clone(), case.name.clone())),
        why: None,
    })
}
