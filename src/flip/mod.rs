//! What a flip would change. Enters: the [`Analysis`] as things are and the one with the other state supposed. Leaves: [`Flip`]: the tests
//! that break and those that begin to pass, the code that goes live or dark, the PRDs that it unlocks or holds, and what documents and
//! plan say of it.
//!
//! It breaks a test only where the test is known to need the state that goes, and to get it from nothing but the present default or
//! record. What cannot be told, or is merely possible, is listed apart.

mod regions;
mod tests_hit;

#[cfg(test)]
mod tests;

pub use regions::{Other, Region};
pub use tests_hit::{Doubt, TestHit, TestHits};

use crate::analysis::Analysis;
use crate::assumption::NeedCertainty;
use crate::flag::{FlagKey, FlagValue};
use crate::gate::{self, Strictness, Subject, Verdict};
use crate::life::{Life, Said, Saying};
use crate::plan::Barrier;
use crate::prd::PrdId;
use crate::source::{SkipReason, Skipped};

use regions::Regions;

/// A PRD that the flip holds, and the reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// Who.
    pub prd: PrdId,
    /// The check that then speaks against it; `None` where it is undecided for more than one reason.
    pub check: Option<&'static str>,
    /// Its sentence.
    pub message: String,
}

/// What a flip would change.
#[derive(Clone, PartialEq, Debug)]
pub struct Flip {
    /// The flag.
    pub flag: FlagKey,
    /// What it is now.
    pub from: FlagValue,
    /// What it would be.
    pub to: FlagValue,
    /// What happens to the tests.
    pub tests: TestHits,
    /// Code that begins to run.
    pub live: Vec<Region>,
    /// Code that no longer runs.
    pub dark: Vec<Region>,
    /// Code that waits for this state and for another flag, hence stays dark.
    pub waits: Vec<Region>,
    /// Reads whose value is passed on to where it is not followed (indices into the reads of the index).
    pub unfollowed: Vec<usize>,
    /// PRDs that the gate does not let go now, and then would; sorted.
    pub unlocks: Vec<PrdId>,
    /// PRDs that the gate lets go now, and then would not; sorted.
    pub held: Vec<Held>,
    /// What documents say of flips of this flag.
    pub said: Vec<Said>,
    /// The steps of the plan that are this flip.
    pub barriers: Vec<Barrier>,
    /// What the answer needs and could not be read.
    pub unread: Vec<Skipped>,
}

impl Flip {
    /// True if the flag is so already.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.from == self.to
    }

    /// *Blocked* if it breaks or holds something, *unknown* if it may and cannot be told.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let likely = |hit: &TestHit| hit.need.certainty != NeedCertainty::Possible;
        if !self.tests.breaks.is_empty() || !self.held.is_empty() {
            Verdict::Blocked
        } else if !self.unread.is_empty() || self.tests.unknown.iter().any(likely) {
            Verdict::Unknown
        } else {
            Verdict::Clear
        }
    }
}

/// What it changes that `flag` becomes `to`. `after` is the analysis of the same inputs with that state supposed.
///
/// # Panics
/// If `before` does not know the flag.
#[must_use]
pub fn flip(before: &Analysis, after: &Analysis, flag: &FlagKey, to: FlagValue, strictness: Strictness) -> Flip {
    let facts = before.flags.get(flag).expect("BUG: a flip of a flag that nobody knows");
    let from = facts.served().0;
    let life = Life::of(before, flag, facts);
    let is_flip = |said: &Said| matches!(said.what, Saying::Flips(..));
    let said = life.said.into_iter().filter(is_flip).collect();
    let barriers = before.plan.barriers.iter();
    let barriers = barriers.filter(|barrier| barrier.flag == *flag && barrier.to == to);
    let mut flip = Flip {
        flag: flag.clone(),
        from,
        to,
        tests: TestHits::default(),
        live: Vec::new(),
        dark: Vec::new(),
        waits: Vec::new(),
        unfollowed: life.unfollowed,
        unlocks: Vec::new(),
        held: Vec::new(),
        said,
        barriers: barriers.cloned().collect(),
        unread: unread(before, flag),
    };
    if flip.is_nothing() {
        return flip;
    }
    let Regions { live, dark, waits } = regions::regions(before, flag, from, to);
    (flip.live, flip.dark, flip.waits) = (live, dark, waits);
    flip.tests = tests_hit::hits(before, after, flag, facts, to);
    let decided = flip.live.iter().chain(&flip.dark).map(|region| region.span.file);
    let passed_on = flip.unfollowed.iter().map(|at| before.index.reads[*at].span.file);
    flip.tests.near = tests_hit::near(before, flag, facts, &decided.chain(passed_on).collect());
    (flip.unlocks, flip.held) = prds(before, after, strictness);
    flip
}

/// The PRDs for which the gate's answer becomes better or worse.
fn prds(before: &Analysis, after: &Analysis, strictness: Strictness) -> (Vec<PrdId>, Vec<Held>) {
    let ask =
        |analysis: &Analysis| gate::ask(&analysis.plan, &analysis.findings, &Subject::Everything, strictness).prds;
    let (then, mut unlocks, mut held) = (ask(after), Vec::new(), Vec::new());
    // A PRD that one of the answers does not name has nothing against it there.
    let of = |answer: &[(PrdId, Verdict)], id: &PrdId| {
        let found = answer.iter().find(|(prd, _)| prd == id);
        found.map_or(Verdict::Clear, |(_, verdict)| *verdict)
    };
    let now = ask(before);
    for prd in &before.prds {
        let (was, becomes) = (of(&now, &prd.id), of(&then, &prd.id));
        if becomes == Verdict::Clear && was != Verdict::Clear {
            unlocks.push(prd.id.clone());
        } else if becomes > was {
            held.push(reason(after, &prd.id, strictness));
        }
    }
    (unlocks, held)
}

/// Why the gate then does not let the PRD go: the first finding that speaks against it.
fn reason(after: &Analysis, prd: &PrdId, strictness: Strictness) -> Held {
    let against = |finding: &&crate::check::Finding| {
        (finding.prd.as_ref() == Some(prd) || finding.others.contains(prd))
            && (finding.undecided || finding.level <= strictness.fail_on)
    };
    let finding = after.findings.iter().find(against);
    Held {
        prd: prd.clone(),
        check: finding.map(|finding| finding.check),
        message: finding.map_or(String::new(), |finding| finding.message.clone()),
    }
}

/// What the answer needs and could not be read: the flag file, and files that name the flag and were not parsed at all.
fn unread(analysis: &Analysis, flag: &FlagKey) -> Vec<Skipped> {
    let ledger = analysis.ledger_problem.iter().cloned();
    let names = |skip: &&&Skipped| {
        let file = analysis.base.files.get(&skip.path);
        let text = file.map(|file| &analysis.sources.file(*file).text);
        !matches!(skip.reason, SkipReason::HalfParsed(_)) && text.is_some_and(|text| text.contains(flag.as_str()))
    };
    let files = analysis.skipped();
    ledger
        .chain(files.iter().filter(names).map(|skip| (*skip).clone()))
        .collect()
}
