//! The checks. Enters: [`Facts`], all that the stages before have found. Leaves: [`Finding`]s.
//!
//! A check is one file here, one page under `rules/checks/`, one pair of fixtures under `fixtures/checks/`, and one row of
//! [`CHECKS`]; the four names agree. A finding is about the user's work; it is never a failure of flagman.

mod assumes_unset_flag;
mod branch_overlap;
mod clean_merge_breaks;
mod commands;
mod dark_reach;
mod dead_stub;
mod dependency_cycle;
mod fate;
mod finding;
mod flag_contradiction;
mod flip_after_use;
mod fragile_test;
mod missing_producer;
mod one_sided_flag;
mod protected_branch;
mod schema_race;
mod shared_write;
mod stub_contradiction;
mod stubbed_but_dark;
mod undeclared_write;
mod unknown_flag;
mod unreadable;
mod unresolved_mention;
mod vacuous_test;
mod value_contradiction;

pub use clean_merge_breaks::BranchBreach;
pub use finding::{Finding, Level, Remedy, RemedyKind, fingerprints};

use std::collections::{BTreeMap, BTreeSet};

use crate::assumption::flips::PlannedFlip;
use crate::assumption::table::{FlagFacts, FlagTable};
use crate::assumption::{Assumption, BranchTests, Evidence, Role, TestNeed};
use crate::flag::{FlagKey, FlagValue, Ledger};
use crate::graph::{BranchConflict, DependencyGraph};
use crate::index::CodeIndex;
use crate::plan::Plan;
use crate::prd::{Prd, PrdId};
use crate::source::{Skipped, Sources, Span, View};
use crate::touchpoint::{Touchpoint, Unresolved};

/// What the project says about itself, as far as checks ask.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The environment whose states count.
    pub environment: String,
    /// What branches are merged into, as git knows it: the name that the user gave, or the branch that is checked out.
    pub base: String,
    /// What a test sees that forces nothing, where the project states it.
    pub ambient: Option<FlagValue>,
    /// Where the dispatcher may merge.
    pub release_branch: String,
    /// Globs of branches that are never moved.
    pub protected: Vec<String>,
    /// One held PRD does not hold its phase.
    pub hold_single: bool,
    /// The most PRDs that one phase may have.
    pub max_parallel: Option<u32>,
    /// PRDs of which nothing is known may share a phase.
    pub unclear_together: bool,
    /// How this run names the project and the environment on the command line (`""` or `" --project DIR --env NAME"`), for the commands
    /// in remedies.
    pub invocation: String,
    /// The trees that this run compares (`""` or `" --base REF --head REF"`), for the commands in remedies.
    pub compared: String,
    /// The folder to call git in, where that is not the one that people are in.
    pub git_folder: Option<String>,
    /// The work trees other than that in which branches are checked out, by branch.
    pub checked_out: BTreeMap<String, String>,
    /// The PRDs that this run is told to go without.
    pub without: Vec<PrdId>,
}

/// All that the stages before have found.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Every text.
    pub sources: &'a Sources,
    /// The tree that the wave starts from.
    pub base: &'a View,
    /// The project's word on itself.
    pub settings: &'a Settings,
    /// The documents, sorted by id.
    pub prds: &'a [Prd],
    /// The code of the base tree.
    pub index: &'a CodeIndex,
    /// What each flag is.
    pub flags: &'a FlagTable,
    /// What each PRD touches.
    pub touchpoints: &'a [Touchpoint],
    /// What PRDs mention and nobody has.
    pub unresolved: &'a [Unresolved],
    /// What each PRD needs.
    pub assumptions: &'a [Assumption],
    /// The flips that are planned.
    pub flips: &'a [PlannedFlip],
    /// The PRDs that are known to have landed.
    pub landed: &'a BTreeSet<PrdId>,
    /// What the tests of the base tree need.
    pub needs: &'a [TestNeed],
    /// What the tests need that branches changed.
    pub branches: &'a [BranchTests],
    /// Which branches of two PRDs conflict.
    pub conflicts: &'a [BranchConflict],
    /// Which branches of two PRDs merge cleanly and do not go together.
    pub breaches: &'a [BranchBreach],
    /// Who comes before whom.
    pub graph: &'a DependencyGraph,
    /// The order.
    pub plan: &'a Plan,
    /// The order that the documents alone ask for. What a branch turns out to do moves its PRD in `plan`, when it may be under way in
    /// this one already.
    pub promised: &'a Plan,
    /// The recorded states; empty where the flag file could not be read.
    pub ledger: &'a Ledger,
    /// The flag file could not be read or understood; why.
    pub ledger_problem: Option<&'a Skipped>,
    /// PRD files that could not be read.
    pub unread_prds: &'a [Skipped],
}

impl Facts<'_> {
    /// The phase of a PRD.
    #[must_use]
    pub fn phase(&self, prd: &PrdId) -> Option<u32> {
        phase_in(self.plan, prd)
    }

    /// The phase that the documents give both PRDs, if it is one: they are dispatched together.
    #[must_use]
    pub fn together(&self, a: &PrdId, b: &PrdId) -> Option<u32> {
        phase_in(self.promised, a).filter(|phase| phase_in(self.promised, b) == Some(*phase))
    }

    /// The branch of a PRD.
    #[must_use]
    pub fn branch_of(&self, prd: &PrdId) -> Option<&BranchTests> {
        self.branches.iter().find(|branch| branch.prd.as_ref() == Some(prd))
    }

    /// What a flag is for a PRD, and the code that says so: those of its branch where it has one, else those of the base tree.
    #[must_use]
    pub fn known_to(&self, prd: &PrdId, flag: &FlagKey) -> Option<(&FlagFacts, &CodeIndex)> {
        let branch = self.branch_of(prd);
        let there = branch.and_then(|branch| Some((branch.flags.get(flag)?, &branch.index)));
        there.or_else(|| Some((self.flags.get(flag)?, self.index)))
    }

    /// The document with this id.
    #[must_use]
    pub fn prd(&self, id: &PrdId) -> Option<&Prd> {
        self.prds.iter().find(|prd| prd.id == *id)
    }

    /// The flips of `flag` to `to` that are planned.
    pub fn planned(&self, flag: &FlagKey, to: FlagValue) -> impl Iterator<Item = &PlannedFlip> {
        self.flips
            .iter()
            .filter(move |flip| flip.flag == *flag && flip.to == to)
    }

    /// True for a place in a PRD.
    #[must_use]
    pub fn is_prd(&self, span: Span) -> bool {
        self.prds.iter().any(|prd| prd.title_span.file == span.file)
    }

    /// What the place of a planned flip is: words of a PRD, or a change of its branch.
    #[must_use]
    pub fn flip_role(&self, span: Span) -> Role {
        if self.is_prd(span) { Role::Prd } else { Role::Branch }
    }

    /// The words at a place, on one line.
    #[must_use]
    pub fn words(&self, span: Span) -> &str {
        self.sources.text(span).lines().next().unwrap_or("").trim()
    }
}

fn phase_in(plan: &Plan, prd: &PrdId) -> Option<u32> {
    let phase = plan.phases.iter().find(|phase| phase.prds.contains(prd));
    phase.map(|phase| phase.number)
}

/// A check: its id and what finds it.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Permanent, kebab-case.
    pub id: &'static str,
    /// Finds it.
    pub run: fn(&Facts<'_>) -> Vec<Finding>,
}

/// Every check, most serious first.
pub const CHECKS: &[Check] = &[
    Check {
        id: "assumes-unset-flag",
        run: assumes_unset_flag::run,
    },
    Check {
        id: "flip-after-use",
        run: flip_after_use::run,
    },
    Check {
        id: "flag-contradiction",
        run: flag_contradiction::run,
    },
    Check {
        id: "unknown-flag",
        run: unknown_flag::run,
    },
    Check {
        id: "dependency-cycle",
        run: dependency_cycle::run,
    },
    Check {
        id: "schema-race",
        run: schema_race::run,
    },
    Check {
        id: "shared-write",
        run: shared_write::run,
    },
    Check {
        id: "missing-producer",
        run: missing_producer::run,
    },
    Check {
        id: "branch-overlap",
        run: branch_overlap::run,
    },
    Check {
        id: "clean-merge-breaks",
        run: clean_merge_breaks::run,
    },
    Check {
        id: "protected-branch",
        run: protected_branch::run,
    },
    Check {
        id: "undeclared-write",
        run: undeclared_write::run,
    },
    Check {
        id: "stubbed-but-dark",
        run: stubbed_but_dark::run,
    },
    Check {
        id: "fragile-test",
        run: fragile_test::run,
    },
    Check {
        id: "vacuous-test",
        run: vacuous_test::run,
    },
    Check {
        id: "stub-contradiction",
        run: stub_contradiction::run,
    },
    Check {
        id: "dead-stub",
        run: dead_stub::run,
    },
    Check {
        id: "value-contradiction",
        run: value_contradiction::run,
    },
    Check {
        id: "one-sided-flag",
        run: one_sided_flag::run,
    },
    Check {
        id: "unresolved-mention",
        run: unresolved_mention::run,
    },
    Check {
        id: "unreadable",
        run: unreadable::run,
    },
];

/// Runs every check. Sorted by level, phase, check, PRD and place.
#[must_use]
pub fn run_all(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| (check.run)(facts)).collect();
    for finding in &mut findings {
        finding.phase = finding.prd.as_ref().and_then(|prd| facts.phase(prd));
        finding.places = finding::distinct(facts.sources, std::mem::take(&mut finding.places));
        for place in &mut finding.places {
            say_merged(facts.sources, place);
        }
    }
    commands::complete(facts, &mut findings);
    let order: BTreeMap<&str, usize> = CHECKS.iter().enumerate().map(|(at, check)| (check.id, at)).collect();
    let place = |finding: &Finding| {
        finding
            .places
            .first()
            .map(|place| (facts.sources.path(place.span.file).clone(), place.span.bytes))
    };
    findings.sort_by_cached_key(|finding| {
        (
            finding.level,
            finding.phase,
            order[finding.check],
            finding.prd.clone(),
            finding.flag.clone(),
            place(finding),
        )
    });
    findings
}

/// A line of a text that only a merge makes is in no file that anybody has: it says so.
fn say_merged(sources: &Sources, place: &mut Evidence) {
    let Some(branch) = sources.merge_of(place.span.file) else {
        return;
    };
    let said = format!("once `{branch}` is merged");
    place.note = match place.note.as_str() {
        "" => said,
        note => format!("{note} ({said})"),
    };
}

/// The PRDs of a list as people read it: `011-tax`, `011-tax and 012-fees`, `a, b and c`.
fn listed<'a>(prds: impl IntoIterator<Item = &'a PrdId>) -> String {
    let names: BTreeSet<&str> = prds.into_iter().map(|prd| prd.0.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
