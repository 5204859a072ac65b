//! What a run knows of itself, and how an event changes that. Enters: a [`RunState`] and an [`Event`]. Leaves: the next one, and the effects
//! that are now due. Pure: no clock, no file, no chance, so that a run can be replayed from its journal to the same state.

mod advance;
mod outcome;
#[cfg(test)]
mod tests;

use super::event::{Effect, EffectId, Event, Failure, RefMove, Terms};
use super::oracle::{GateAnswer, GateVerdict};
use super::policy::{Limit, Policy, Spent};
use super::summary::PlanSummary;
use crate::git::{Conflict, Oid, RefMap};
use crate::prd::PrdId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a run starts from; the first record of its journal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Setup {
    /// The run's number, as text.
    pub run: String,
    /// What is to be done.
    pub plan: PlanSummary,
    /// The rules.
    pub policy: Policy,
    /// The names of the checks that every commit must pass before it lands, in order.
    pub checks: Vec<String>,
    /// The release branch, without `refs/heads/`.
    pub release_branch: String,
    /// Where it was.
    pub tip: Oid,
    /// PRDs that had landed on it before this run, with their commits.
    pub landed_before: Vec<(PrdId, Oid)>,
    /// The refs that nobody may move, and what they were.
    pub refs: RefMap,
    /// The patterns of protected branches.
    pub protected: Vec<String>,
    /// Agents and checks cannot write to the repository, only to their clones.
    #[serde(default)]
    pub confined: bool,
    /// An agent for this run in place of the configured one.
    #[serde(default)]
    pub agent: Option<String>,
    /// Where flag states are recorded, relative to the project.
    #[serde(default)]
    pub flag_file: Option<String>,
}

/// How far a PRD has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stage {
    /// To be given to an agent.
    Queued,
    /// An agent is at it.
    Working,
    /// The agent's work waits for its turn to land.
    Ready {
        /// The agent's last commit.
        head: Oid,
    },
    /// On its way onto the release branch. At most one PRD is.
    Landing {
        /// The agent's last commit.
        head: Oid,
        /// The tree that is being verified, once it is made.
        tree: Option<Oid>,
    },
    /// On the release branch.
    Landed {
        /// As this commit.
        commit: Oid,
    },
    /// It had landed, and a person took it back.
    Undone {
        /// By this commit.
        by: Oid,
    },
    /// Given up after its retries.
    Blocked,
    /// The gate was closed for it.
    Held,
    /// What it waits for did not land.
    Behind {
        /// That.
        on: PrdId,
    },
}

impl Stage {
    /// True if nothing more happens to the PRD in this run.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Landed { .. } | Self::Undone { .. } | Self::Blocked | Self::Held | Self::Behind { .. }
        )
    }
}

/// One PRD of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrdState {
    /// How far it has come.
    pub stage: Stage,
    /// Agents started for it.
    pub attempts: u32,
    /// What went wrong, in order.
    pub failures: Vec<Failure>,
    /// The last commit of its last attempt, where there is one.
    pub work: Option<Oid>,
    /// What conflicted, if its last failure was a conflict.
    pub conflicts: Vec<Conflict>,
}

/// Where the current phase stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wave {
    /// Not yet asked about.
    Next,
    /// The gate was asked.
    Asking,
    /// Dispatched.
    Open,
}

/// Why a run ended. This list is the whole list of stop conditions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// Every PRD has landed or is stuck for good.
    Finished,
    /// The gate was not clear for a phase.
    Held {
        /// The phase.
        phase: u32,
        /// Blocked or unknown.
        verdict: GateVerdict,
    },
    /// Too many PRDs of one wave failed for the same upstream cause.
    Paused {
        /// The causes, each with the PRDs that cite it.
        causes: Vec<(String, Vec<PrdId>)>,
    },
    /// A budget is used up.
    Exhausted {
        /// Which.
        limit: Limit,
    },
    /// Somebody else moved the release branch.
    Foreign {
        /// Where the run had left it.
        expected: Oid,
        /// Where it is; `None` if it is gone.
        found: Option<Oid>,
    },
    /// A protected branch moved while the run was on.
    ProtectedMoved {
        /// Which.
        moved: Vec<RefMove>,
    },
}

/// A run, complete. Made by [`RunState::start`] and [`RunState::step`] alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunState {
    /// What it started from.
    pub setup: Setup,
    /// The release branch, as the run left it.
    pub tip: Oid,
    /// The phase that is on, counted from zero.
    pub phase: usize,
    /// Where it stands.
    pub wave: Wave,
    /// Every PRD of the plan.
    pub prds: BTreeMap<PrdId, PrdState>,
    /// Effects that are due or under way.
    pub pending: BTreeMap<EffectId, Effect>,
    /// The gate's last answer for each phase.
    pub answers: BTreeMap<u32, GateAnswer>,
    /// What the run has used.
    pub spent: Spent,
    /// Upstream causes of this wave's failures, and who cites them.
    pub causes: BTreeMap<String, BTreeSet<PrdId>>,
    /// Why it ended, if it has.
    pub end: Option<End>,
    halting: Option<Halt>,
    told: bool,
    next_effect: u64,
    due: Vec<Due>,
}

/// A reason to start nothing more; the run ends when what is under way is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Halt {
    SameCause,
    Limit(Limit),
}

/// An effect with its number.
pub type Due = (EffectId, Effect);

impl RunState {
    /// The first state of a run, and its first effects.
    #[must_use]
    pub fn start(mut setup: Setup) -> (Self, Vec<Due>) {
        setup.checks = distinct(&setup.checks);
        let fresh = PrdState {
            stage: Stage::Queued,
            attempts: 0,
            failures: Vec::new(),
            work: None,
            conflicts: Vec::new(),
        };
        let planned = setup.plan.phases.iter().flatten().map(|prd| prd.id.clone());
        let mut prds: BTreeMap<PrdId, PrdState> = planned.map(|id| (id, fresh.clone())).collect();
        for (id, commit) in &setup.landed_before {
            if let Some(prd) = prds.get_mut(id) {
                prd.stage = Stage::Landed { commit: commit.clone() };
            }
        }
        let mut state = Self {
            tip: setup.tip.clone(),
            setup,
            phase: 0,
            wave: Wave::Next,
            prds,
            pending: BTreeMap::new(),
            answers: BTreeMap::new(),
            spent: Spent::default(),
            causes: BTreeMap::new(),
            end: None,
            halting: None,
            told: false,
            next_effect: 1,
            due: Vec::new(),
        };
        state.advance();
        let due = std::mem::take(&mut state.due);
        (state, due)
    }

    /// The state after an event, and the effects that are now due. What does not fit (an effect that is not under way) changes nothing.
    #[must_use]
    pub fn step(&self, event: &Event) -> (Self, Vec<Due>) {
        let mut next = self.clone();
        match event {
            Event::Finished {
                effect,
                outcome,
                active_ms,
            } => {
                let Some(effect) = next.pending.remove(effect) else {
                    return (next, Vec::new());
                };
                next.spent.active_ms = next.spent.active_ms.max(*active_ms);
                next.finished(&effect, outcome);
            }
            Event::Undone { prd, before, tip } => next.undone(prd, before, tip),
            Event::Resumed {
                tip,
                accept_tip,
                retry,
                landed,
                refs,
                active_ms,
                terms,
            } => {
                next.spent.active_ms = next.spent.active_ms.max(*active_ms);
                next.setup.refs.clone_from(refs);
                if let Some(terms) = terms {
                    next.agreed(terms);
                }
                next.landed_elsewhere(landed);
                next.resumed(tip, *accept_tip, retry);
            }
        }
        next.advance();
        let due = std::mem::take(&mut next.due);
        (next, due)
    }

    /// The ids of the current phase, in the order in which they land; empty after the last one.
    #[must_use]
    pub fn phase_prds(&self) -> Vec<PrdId> {
        let phase = self.setup.plan.phases.get(self.phase);
        phase.into_iter().flatten().map(|prd| prd.id.clone()).collect()
    }

    fn agreed(&mut self, terms: &Terms) {
        self.setup.policy = terms.policy.clone();
        if terms.agent.is_some() {
            self.setup.agent.clone_from(&terms.agent);
        }
        let checks = distinct(&terms.checks);
        if checks != self.setup.checks {
            // What was verified by other checks is not verified.
            self.setup.checks = checks;
            self.clear_lane();
        }
    }

    /// Whoever takes a landing back moves the release branch, and that is nobody else.
    fn undone(&mut self, prd: &PrdId, before: &Oid, tip: &Oid) {
        if self.tip == *before {
            self.tip = tip.clone();
            // What was made to land on the branch as it was is made anew.
            self.clear_lane();
        }
        self.set(prd, Stage::Undone { by: tip.clone() });
    }

    /// What is on the release branch has landed, whoever brought it there.
    fn landed_elsewhere(&mut self, landed: &[(PrdId, Oid)]) {
        for (id, commit) in landed {
            let idle = |stage: &Stage| {
                matches!(
                    stage,
                    Stage::Queued | Stage::Undone { .. } | Stage::Blocked | Stage::Held | Stage::Behind { .. }
                )
            };
            if self.prds.get(id).is_some_and(|prd| idle(&prd.stage)) {
                self.set(id, Stage::Landed { commit: commit.clone() });
            }
        }
    }

    fn resumed(&mut self, tip: &Oid, accept_tip: bool, retry: &[PrdId]) {
        if self.end.take().is_some() {
            self.halting = None;
            self.causes.clear();
            self.wave = Wave::Next;
            for (id, prd) in &mut self.prds {
                let given_up = matches!(prd.stage, Stage::Blocked | Stage::Undone { .. });
                let again = given_up && retry.contains(id);
                if again {
                    prd.failures.clear();
                }
                if again || matches!(prd.stage, Stage::Held | Stage::Behind { .. }) {
                    prd.stage = Stage::Queued;
                }
            }
            let open = |id: &PrdId| self.prds.get(id).is_some_and(|prd| !prd.stage.is_final());
            let mut phases = self.setup.plan.phases.iter();
            let first = phases.position(|phase| phase.iter().any(|prd| open(&prd.id)));
            self.phase = first.unwrap_or(self.setup.plan.phases.len());
        }
        self.told = false;
        if *tip == self.tip {
            return;
        }
        if accept_tip {
            self.tip = tip.clone();
            self.clear_lane();
        } else {
            self.finish(End::Foreign {
                expected: self.tip.clone(),
                found: Some(tip.clone()),
            });
        }
    }

    /// Ends the run now. What is under way is forgotten; its PRDs are as if it had not begun.
    fn finish(&mut self, end: End) {
        self.clear_lane();
        self.pending.clear();
        self.due.clear();
        for prd in self.prds.values_mut().filter(|prd| prd.stage == Stage::Working) {
            prd.stage = Stage::Queued;
            prd.attempts = prd.attempts.saturating_sub(1);
        }
        self.end = Some(end);
    }

    /// Takes the PRD that is landing back to where its work is done and nothing else.
    fn clear_lane(&mut self) {
        self.pending.retain(|_, effect| {
            !matches!(
                effect,
                Effect::Squash { .. } | Effect::Verify { .. } | Effect::Merge { .. }
            )
        });
        for prd in self.prds.values_mut() {
            if let Stage::Landing { head, .. } = &prd.stage {
                prd.stage = Stage::Ready { head: head.clone() };
            }
        }
    }

    fn set(&mut self, id: &PrdId, stage: Stage) {
        self.with(id, |prd| prd.stage = stage);
    }

    fn with(&mut self, id: &PrdId, change: impl FnOnce(&mut PrdState)) {
        if let Some(prd) = self.prds.get_mut(id) {
            change(prd);
        }
    }
}

/// Two checks of one name could not be told apart.
fn distinct(checks: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    checks.iter().filter(|check| seen.insert(*check)).cloned().collect()
}
