//! The one pure function from what was read to what is concluded. Enters: [`Inputs`]. Leaves: [`Analysis`]. No clock, no
//! environment, no process, no printing: the same inputs give the same analysis, whatever the machine, folder or thread count.

mod observed;

use std::collections::{BTreeMap, BTreeSet};

use observed::observations;

use crate::assumption::flips::{PlannedFlip, planned_flips, turned};
use crate::assumption::names::flag_names;
use crate::assumption::proof::{Proof, Proofs};
use crate::assumption::table::FlagTable;
use crate::assumption::tests_need::{Ground, judge_tests};
use crate::assumption::{Assumption, BranchTests, TestNeed, TestVerdict, gather, reached};
use crate::check::{Facts, Finding, Settings, fingerprints, run_all};
use crate::flag::{FlagKey, FlagValue, Ledger};
use crate::graph::{self, BranchConflict, DependencyGraph};
use crate::index::store::FactsStore;
use crate::index::{CodeIndex, build};
use crate::plan::{self, Plan};
use crate::prd::{self, FlagNames, Prd, PrdId};
use crate::rules::RuleSet;
use crate::source::{FileId, RepoPath, Skipped, Sources, View};
use crate::touchpoint::{self, Change, Observed, Touchpoint, Unresolved};

/// A PRD file to read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrdFile {
    /// Its text.
    pub file: FileId,
    /// The id that a planning tool's layout gives it.
    pub id: Option<String>,
}

/// A branch as it would be once merged.
#[derive(Clone, Debug)]
pub struct BranchInput {
    /// Whose it is; `None` for a head that belongs to no PRD.
    pub prd: Option<PrdId>,
    /// The branch or revision, as people name it.
    pub name: String,
    /// The base tree with the branch merged into it.
    pub view: View,
    /// The files that it adds, changes or removes, sorted by path; a renamed one is there under both names.
    pub changes: Vec<FileChange>,
    /// The files that could not be merged with the base, sorted by path.
    pub unmerged: Vec<Skipped>,
    /// Its flag file, or why it could not be read.
    pub ledger: Result<Ledger, Skipped>,
}

/// A file that a branch changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileChange {
    /// The file.
    pub path: RepoPath,
    /// What happens to it.
    pub change: Change,
    /// The changed lines in the text that the branch would leave: first line (one-based) and how many.
    pub lines: Vec<(u32, u32)>,
}

/// All that was read.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// Every text.
    pub sources: Sources,
    /// The tree that the wave starts from.
    pub base: View,
    /// What SDKs and frameworks look like.
    pub rules: RuleSet,
    /// The project's word on itself.
    pub settings: Settings,
    /// The documents.
    pub prds: Vec<PrdFile>,
    /// PRD files that could not be read.
    pub unread_prds: Vec<Skipped>,
    /// The flag file, or why it could not be read.
    pub ledger: Result<Ledger, Skipped>,
    /// Values that this run is told to suppose.
    pub supposed: BTreeMap<FlagKey, FlagValue>,
    /// The PRDs that are known to have landed on the base tree.
    pub landed: BTreeSet<PrdId>,
    /// The wave goes now: what a PRD was to turn before it is turned by now, or will not be.
    pub at_wave: bool,
    /// Branches, sorted by name.
    pub branches: Vec<BranchInput>,
    /// Which branches of two PRDs conflict, sorted by their PRDs.
    pub conflicts: Vec<BranchConflict>,
    /// What was seen by running.
    pub proofs: Proofs,
    /// Parse every file, whether or not a rule asks for it: for who has to know what each test reaches.
    pub parse_all: bool,
}

/// All that is concluded, with what it was concluded from.
#[derive(Debug)]
pub struct Analysis {
    /// Every text.
    pub sources: Sources,
    /// The tree that the wave starts from.
    pub base: View,
    /// The project's word on itself.
    pub settings: Settings,
    /// The recorded states; empty where the flag file could not be read.
    pub ledger: Ledger,
    /// Why the flag file could not be read, where it could not.
    pub ledger_problem: Option<Skipped>,
    /// PRD files that could not be read, each once.
    pub unread_prds: Vec<Skipped>,
    /// The documents, sorted by id.
    pub prds: Vec<Prd>,
    /// The code of the base tree.
    pub index: CodeIndex,
    /// What each flag is.
    pub flags: FlagTable,
    /// What each PRD touches.
    pub touchpoints: Vec<Touchpoint>,
    /// What PRDs mention and nobody has.
    pub unresolved: Vec<Unresolved>,
    /// What each PRD needs.
    pub assumptions: Vec<Assumption>,
    /// The flips that documents plan and branches make.
    pub flips: Vec<PlannedFlip>,
    /// What the tests of the base tree need.
    pub needs: Vec<TestNeed>,
    /// What the tests need that branches changed.
    pub branches: Vec<BranchTests>,
    /// Who comes before whom.
    pub graph: DependencyGraph,
    /// The order.
    pub plan: Plan,
    /// What the checks found, most serious first.
    pub findings: Vec<Finding>,
    /// One for each finding.
    pub fingerprints: Vec<String>,
    /// What was seen by running, and what has changed since: it counts for nothing.
    pub stale: Vec<Proof>,
    prd_files: BTreeSet<FileId>,
}

impl Analysis {
    /// The branch of a PRD: the one that was read, else the one that its front matter names.
    #[must_use]
    pub fn branch_of(&self, prd: &Prd) -> Option<String> {
        let read = self.branches.iter().find(|branch| branch.prd.as_ref() == Some(&prd.id));
        read.map(|branch| branch.branch.clone()).or_else(|| prd.branch.clone())
    }

    /// True for the text of a PRD.
    #[must_use]
    pub fn is_prd(&self, file: FileId) -> bool {
        self.prd_files.contains(&file)
    }

    /// The tests of the base tree that reach each flag (or only this one) and say nothing of it.
    #[must_use]
    pub fn reached(&self, only: Option<&FlagKey>) -> BTreeMap<FlagKey, Vec<TestNeed>> {
        reached::by_flag(&self.index, &self.flags, &self.needs, only, self.settings.ambient)
    }

    /// Everything that could not be read or parsed, sorted, each once.
    #[must_use]
    pub fn skipped(&self) -> Vec<&Skipped> {
        let branches = self
            .branches
            .iter()
            .flat_map(|branch| branch.index.skipped.iter().chain(&branch.unmerged));
        let all: BTreeSet<&Skipped> = self
            .base
            .skipped
            .iter()
            .chain(&self.index.skipped)
            .chain(branches)
            .collect();
        all.into_iter().collect()
    }
}

/// Analyses.
#[must_use]
pub fn analyze(inputs: Inputs) -> Analysis {
    analyze_with(inputs, &FactsStore::default())
}

/// Analyses, with files that were parsed for another analysis of the same texts and rules.
#[must_use]
pub fn analyze_with(inputs: Inputs, store: &FactsStore) -> Analysis {
    let Inputs {
        sources,
        base,
        rules,
        settings,
        prds,
        unread_prds,
        ledger,
        supposed,
        landed,
        at_wave,
        branches,
        conflicts,
        proofs,
        parse_all,
    } = inputs;
    let prd_files = prds.iter().map(|prd| prd.file).collect();
    let files = prds;
    let mut prds = documents(&sources, &files);
    let (ledger, ledger_problem) = match ledger {
        Ok(ledger) => (ledger, None),
        Err(problem) => (Ledger::unread(), Some(problem)),
    };
    let mut wanted = touchpoint::wanted(&prds);
    if parse_all {
        wanted
            .paths
            .extend(base.files.keys().map(|path| path.as_str().to_owned()));
    }
    let index = build::build(&sources, &base, &rules, &wanted, store);
    let names = flag_names(&index, &ledger, &prds);
    read_again(&sources, &files, &names, &mut prds);
    let defined = index.definitions.iter().map(|definition| &definition.key);
    prd::spell_as(&mut prds, defined);
    let flags = FlagTable::build(&index, &ledger, &settings.environment, &prds, &supposed);
    let ground = Ground {
        sources: &sources,
        view: &base,
        index: &index,
        flags: &flags,
        ambient: settings.ambient,
        proofs: &proofs,
    };
    let needs = judge_tests(&ground, None);
    let all: Vec<usize> = (0..index.tests.len()).collect();
    let stale = proofs.holding(&ground, &all).stale.into_iter().cloned().collect();
    let mut observed: Vec<Observed> = Vec::new();
    let mut judged: Vec<BranchTests> = Vec::new();
    let table =
        |index: &CodeIndex, ledger: &Ledger| FlagTable::build(index, ledger, &settings.environment, &prds, &supposed);
    for branch in branches {
        let index = build::build(&sources, &branch.view, &rules, &wanted, store);
        observed.extend(observations(&sources, ground.index, &index, &branch));
        judged.push(branch_tests(&ground, index, table, branch));
    }
    let branches = judged;
    let touched = touchpoint::resolve(&prds, &index, &base, &sources, &observed);
    let (touchpoints, mut unresolved) = (touched.points, touched.unresolved);
    unresolved.retain(|mention| !is_on_its_branch(mention, &prds, &branches, &sources));
    let flips = planned_flips(&prds, &flags, &branches, &settings.environment);
    let assumptions = gather::assumptions(&sources, &base, &prds, &index, &flags, &branches, &flips);
    let to_come = |flip: &&PlannedFlip| !at_wave && flip.with.as_ref().is_some_and(|with| !landed.contains(with));
    let to_come: Vec<PlannedFlip> = flips.iter().filter(to_come).cloned().collect();
    let order = |touchpoints: &[Touchpoint], conflicts: &[BranchConflict]| {
        let graph = graph::build(&graph::Inputs {
            prds: &prds,
            touchpoints,
            assumptions: &assumptions,
            flips: &to_come,
            conflicts,
            sources: &sources,
        });
        let plan = plan::derive(&graph, settings.max_parallel);
        (graph, plan)
    };
    let (graph, plan) = order(&touchpoints, &conflicts);
    let promised = if observed.is_empty() && conflicts.is_empty() {
        plan.clone()
    } else {
        order(&touched.promised, &[]).1
    };
    let findings = run_all(&Facts {
        sources: &sources,
        base: &base,
        settings: &settings,
        prds: &prds,
        index: &index,
        flags: &flags,
        touchpoints: &touchpoints,
        unresolved: &unresolved,
        assumptions: &assumptions,
        flips: &flips,
        landed: &landed,
        needs: &needs,
        branches: &branches,
        conflicts: &conflicts,
        graph: &graph,
        plan: &plan,
        promised: &promised,
        ledger: &ledger,
        ledger_problem: ledger_problem.as_ref(),
        unread_prds: &unread_prds,
    });
    let fingerprints = fingerprints(&findings, &sources);
    Analysis {
        sources,
        base,
        settings,
        ledger,
        ledger_problem,
        unread_prds,
        prds,
        index,
        flags,
        touchpoints,
        unresolved,
        assumptions,
        flips,
        needs,
        branches,
        graph,
        plan,
        findings,
        fingerprints,
        stale,
        prd_files,
    }
}

/// The documents, sorted by id; of two with one id the first path keeps it and the other is told apart by its path.
#[must_use]
pub fn documents(sources: &Sources, files: &[PrdFile]) -> Vec<Prd> {
    let mut prds: Vec<Prd> = files
        .iter()
        .map(|file| prd::read(sources, file.file, file.id.as_deref(), &FlagNames::default()))
        .collect();
    prds.sort_by(|a, b| (&a.id, &a.path).cmp(&(&b.id, &b.path)));
    let mut seen: BTreeSet<PrdId> = BTreeSet::new();
    for prd in &mut prds {
        if !seen.insert(prd.id.clone()) {
            let message = format!(
                "another PRD has the id {} too; this one is called {}:{}",
                prd.id, prd.id, prd.path
            );
            prd.id = PrdId(format!("{}:{}", prd.id, prd.path));
            prd.problems.push(prd::Problem {
                message,
                span: prd.title_span,
                hides: false,
            });
            seen.insert(prd.id.clone());
        }
    }
    prds
}

/// Reads those documents again that say one of the `names`: they could not know what it is.
fn read_again(sources: &Sources, files: &[PrdFile], names: &FlagNames, prds: &mut [Prd]) {
    let says = |file: &&PrdFile| names.stand_in(&sources.file(file.file).text);
    for file in files.iter().filter(says) {
        if let Some(prd) = prds.iter_mut().find(|prd| prd.title_span.file == file.file) {
            let again = prd::read(sources, file.file, file.id.as_deref(), names);
            (prd.mentions, prd.statements) = (again.mentions, again.statements);
        }
    }
}

/// The tests of a branch, judged as those of the base are, on the state that the branch would leave.
fn branch_tests(
    base: &Ground<'_>,
    index: CodeIndex,
    table: impl Fn(&CodeIndex, &Ledger) -> FlagTable,
    branch: BranchInput,
) -> BranchTests {
    let (ledger, ledger_problem) = match branch.ledger {
        Ok(ledger) => (ledger, None),
        Err(problem) => (Ledger::unread(), Some(problem)),
    };
    let flags = table(&index, &ledger);
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
fn is_on_its_branch(mention: &Unresolved, prds: &[Prd], branches: &[BranchTests], sources: &Sources) -> bool {
    let prd = prds.iter().position(|prd| prd.id == mention.prd);
    let branch = branches.iter().find(|branch| branch.prd.as_ref() == Some(&mention.prd));
    let (Some(prd), Some(branch)) = (prd, branch) else {
        return false;
    };
    let there = touchpoint::resolve(&prds[prd..=prd], &branch.index, &branch.view, sources, &[]);
    !there.unresolved.iter().any(|still| still.span == mention.span)
}
