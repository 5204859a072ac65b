//! The one pure function from what was read to what is concluded. Enters: [`Inputs`]. Leaves: [`Analysis`]. No clock, no
//! environment, no process, no printing: the same inputs give the same analysis, whatever the machine, folder or thread count.

mod branches;
pub mod later;
mod observed;
mod order;
mod prd_file;

pub use prd_file::PrdFile;

use std::collections::{BTreeMap, BTreeSet};

use crate::assumption::flips::{PlannedFlip, planned_flips};
use crate::assumption::names::{called_flags, flag_names};
use crate::assumption::proof::{Proof, Proofs};
use crate::assumption::table::FlagTable;
use crate::assumption::tests_need::{Ground, judge_tests};
use crate::assumption::{Assumption, BranchTests, TestNeed, gather, reached};
use crate::check::{BranchBreach, Facts, Finding, Settings, fingerprints, run_all};
use crate::flag::{FlagKey, FlagValue, Ledger};
use crate::graph::{self, BranchConflict, DependencyGraph};
use crate::index::store::FactsStore;
use crate::index::{CodeIndex, Wanted, build};
use crate::plan::{LeftOut, Plan};
use crate::prd::{self, KnownNames, Prd, PrdId};
use crate::rules::RuleSet;
use crate::source::{FileId, RepoPath, Skipped, Sources, View};
use crate::touchpoint::{self, Change, Touchpoint, Unresolved};

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
    /// The PRDs that the plan is to go without.
    pub without: BTreeSet<PrdId>,
    /// Branches, sorted by name.
    pub branches: Vec<BranchInput>,
    /// Which branches of two PRDs conflict, sorted by their PRDs.
    pub conflicts: Vec<BranchConflict>,
    /// Which branches of two PRDs merge cleanly, the smaller id first.
    pub clean: BTreeSet<[PrdId; 2]>,
    /// Which branches merge cleanly and do not go together, with each other or with the base, sorted by their PRDs.
    pub breaches: Vec<BranchBreach>,
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
    /// What SDKs and frameworks look like.
    pub rules: RuleSet,
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
    /// What PRDs use of the database, of routes, settings and events, and what nobody has.
    pub absent: Vec<Touchpoint>,
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
    /// The PRDs that the plan goes without, sorted: those that were named, and what waits for them. Nothing else here knows of them.
    pub left_out: Vec<LeftOut>,
    /// What the checks found, most serious first.
    pub findings: Vec<Finding>,
    /// One for each finding.
    pub fingerprints: Vec<String>,
    /// What was seen by running, and what has changed since: it counts for nothing.
    pub stale: Vec<Proof>,
    prd_files: BTreeSet<FileId>,
    /// The PRDs whose branch shows what it changes.
    shown: BTreeSet<PrdId>,
}

impl Analysis {
    /// The branch of a PRD: the one that was read, else the one that its front matter names.
    #[must_use]
    pub fn branch_of(&self, prd: &Prd) -> Option<String> {
        let read = self.branches.iter().find(|branch| branch.prd.as_ref() == Some(&prd.id));
        read.map(|branch| branch.branch.clone()).or_else(|| prd.branch.clone())
    }

    /// The PRDs of which neither words nor head nor a branch say that they change anything, sorted: whom they meet is not known.
    #[must_use]
    pub fn unclear(&self) -> Vec<&PrdId> {
        let unclear = graph::unclear(&self.prds, &self.touchpoints, &self.shown);
        let mut ids: Vec<&PrdId> = unclear.into_iter().map(|prd| &prd.id).collect();
        ids.sort();
        ids
    }

    /// What the order hangs on and nobody knows: heads that cannot be read, documents that a head waits for and that are not there.
    #[must_use]
    pub fn unknown_order(&self) -> Vec<&Finding> {
        let said = |one: &Finding| one.places.first().is_some_and(|place| self.is_prd(place.span.file));
        let unknown = self.findings.iter().filter(|one| one.undecided && one.prd.is_some());
        unknown.filter(|one| said(one)).collect()
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
            .flat_map(|branch| branch.skipped().chain(&branch.unmerged));
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
pub fn analyze_with(mut inputs: Inputs, store: &FactsStore) -> Analysis {
    let heads = std::mem::take(&mut inputs.branches);
    let changing = heads.iter().filter(|branch| !branch.changes.is_empty());
    let shown: BTreeSet<PrdId> = changing.filter_map(|branch| branch.prd.clone()).collect();
    let read = Read::of(&mut inputs, store);
    let ground = read.ground(&inputs);
    let needs = judge_tests(&ground, None);
    let all: Vec<usize> = (0..read.index.tests.len()).collect();
    let stale = inputs
        .proofs
        .holding(&ground, &all)
        .stale
        .into_iter()
        .cloned()
        .collect();
    let (mut branches, observed) = branches::judged(&ground, &inputs, heads, &read, store);
    let touched = touchpoint::resolve(&read.prds, &read.index, &inputs.base, &inputs.sources, &observed);
    let mut unresolved = touched.unresolved;
    unresolved.retain(|mention| !branches::has(mention, &read.prds, &branches, &inputs.sources));
    let flips = planned_flips(&read.prds, &read.flags, &branches, &inputs.settings.environment);
    let assumptions = gather::assumptions(
        &inputs.sources,
        &inputs.base,
        &read.prds,
        &read.index,
        &read.flags,
        &branches,
        &flips,
    );
    let (mut prds, mut touchpoints, mut assumptions, mut flips) = (read.prds, touched.points, assumptions, flips);
    let asked = order::Asked {
        inputs: &inputs,
        prds: &prds,
        assumptions: &assumptions,
        flips: &flips,
        shown: &shown,
    };
    let promised = Some(touched.promised)
        .filter(|_| !observed.is_empty() || !inputs.conflicts.is_empty() || !inputs.breaches.is_empty());
    let order = order::of(&asked, &touchpoints, promised.as_deref());
    if !order.left_out.is_empty() {
        let stays = |prd: &PrdId| !order.left_out.iter().any(|left| left.prd == *prd);
        prds.retain(|prd| stays(&prd.id));
        touchpoints.retain(|touch| stays(&touch.prd));
        unresolved.retain(|mention| stays(&mention.prd));
        assumptions.retain(|need| stays(&need.prd));
        inputs.conflicts.retain(|one| one.prds.iter().all(stays));
        inputs.breaches.retain(|one| one.prds.iter().flatten().all(stays));
        branches.retain(|branch| branch.prd.as_ref().is_none_or(&stays));
        flips.retain(|flip| stays(&flip.by) && flip.with.as_ref().is_none_or(&stays));
    }
    let findings = run_all(&Facts {
        sources: &inputs.sources,
        base: &inputs.base,
        settings: &inputs.settings,
        prds: &prds,
        index: &read.index,
        flags: &read.flags,
        touchpoints: &touchpoints,
        unresolved: &unresolved,
        assumptions: &assumptions,
        flips: &flips,
        landed: &inputs.landed,
        needs: &needs,
        branches: &branches,
        conflicts: &inputs.conflicts,
        breaches: &inputs.breaches,
        graph: &order.graph,
        plan: &order.plan,
        promised: &order.promised,
        ledger: &read.ledger,
        ledger_problem: read.ledger_problem.as_ref(),
        unread_prds: &inputs.unread_prds,
    });
    Analysis {
        fingerprints: fingerprints(&findings, &inputs.sources),
        prd_files: inputs.prds.iter().flat_map(PrdFile::files).collect(),
        sources: inputs.sources,
        base: inputs.base,
        rules: inputs.rules,
        settings: inputs.settings,
        ledger: read.ledger,
        ledger_problem: read.ledger_problem,
        unread_prds: inputs.unread_prds,
        prds,
        index: read.index,
        flags: read.flags,
        touchpoints,
        unresolved,
        absent: touched.absent,
        assumptions,
        flips,
        needs,
        branches,
        graph: order.graph,
        plan: order.plan,
        left_out: order.left_out,
        findings,
        stale,
        shown,
    }
}

/// The base tree, read: its documents, its code, its flags.
struct Read {
    prds: Vec<Prd>,
    wanted: Wanted,
    index: CodeIndex,
    ledger: Ledger,
    ledger_problem: Option<Skipped>,
    flags: FlagTable,
}

impl Read {
    fn of(inputs: &mut Inputs, store: &FactsStore) -> Self {
        let mut prds = documents(&inputs.sources, &inputs.prds);
        let (ledger, ledger_problem) = usable(&inputs.ledger);
        inputs.rules.declare(called_flags(&ledger, &prds));
        let mut wanted = touchpoint::wanted(&prds);
        if inputs.parse_all {
            let every = inputs.base.files.keys().map(|path| path.as_str().to_owned());
            wanted.paths.extend(every);
        }
        let index = build::build(&inputs.sources, &inputs.base, &inputs.rules, &wanted, store);
        let mut names = flag_names(&index, &ledger, &prds);
        names.set_titles(prd::Titles::new(&prds));
        read_again(&inputs.sources, &inputs.prds, &names, &mut prds);
        let defined = index.definitions.iter().map(|definition| &definition.key);
        prd::spell_as(&mut prds, defined);
        let flags = table(inputs, &prds, &index, &ledger);
        Self {
            prds,
            wanted,
            index,
            ledger,
            ledger_problem,
            flags,
        }
    }

    fn ground<'a>(&'a self, inputs: &'a Inputs) -> Ground<'a> {
        Ground {
            sources: &inputs.sources,
            view: &inputs.base,
            index: &self.index,
            flags: &self.flags,
            ambient: inputs.settings.ambient,
            proofs: &inputs.proofs,
        }
    }
}

/// A flag file that could not be read leaves every state unknown.
fn usable(ledger: &Result<Ledger, Skipped>) -> (Ledger, Option<Skipped>) {
    match ledger {
        Ok(ledger) => (ledger.clone(), None),
        Err(problem) => (Ledger::unread(), Some(problem.clone())),
    }
}

fn table(inputs: &Inputs, prds: &[Prd], index: &CodeIndex, ledger: &Ledger) -> FlagTable {
    FlagTable::build(index, ledger, &inputs.settings.environment, prds, &inputs.supposed)
}

/// The documents, sorted by id; of two with one id the first path keeps it and the other is told apart by its path.
#[must_use]
pub fn documents(sources: &Sources, files: &[PrdFile]) -> Vec<Prd> {
    let mut prds: Vec<Prd> = files
        .iter()
        .map(|file| file.read(sources, &KnownNames::default()))
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
fn read_again(sources: &Sources, files: &[PrdFile], names: &KnownNames, prds: &mut [Prd]) {
    let says = |file: &&PrdFile| file.files().any(|one| names.stand_in(&sources.file(one).text));
    for file in files.iter().filter(says) {
        if let Some(prd) = prds.iter_mut().find(|prd| prd.title_span.file == file.file) {
            let again = file.read(sources, names);
            (prd.mentions, prd.statements) = (again.mentions, again.statements);
        }
    }
}
