//! What the outcome of an effect changes. Enters: a state, an effect that was under way and how it went. Leaves: that state with what follows for
//! the PRD, before anything new is set going. Pure.

use super::super::event::{Effect, Failure, FailureMode, Outcome, Usage};
use super::super::oracle::{GateAnswer, GateFinding, GateVerdict};
use super::super::policy::Hold;
use super::{End, Halt, RunState, Stage, Wave};
use crate::git::{Conflict, Oid};
use crate::prd::PrdId;

impl RunState {
    /// An effect is done.
    pub(super) fn finished(&mut self, effect: &Effect, outcome: &Outcome) {
        match (effect, outcome) {
            (_, Outcome::ProtectedMoved { moved }) => self.finish(End::ProtectedMoved { moved: moved.clone() }),
            (_, Outcome::Foreign { found }) => self.finish(End::Foreign {
                expected: self.tip.clone(),
                found: found.clone(),
            }),
            (Effect::AskGate { phase, .. }, Outcome::Answered { answer }) => self.answered(*phase, answer.clone()),
            (Effect::AskGate { phase, .. }, other) => self.answered(*phase, no_answer(other)),
            (Effect::Agent { prd, .. }, Outcome::Worked { head, usage }) => {
                self.spent.add(*usage);
                self.set(prd, Stage::Ready { head: head.clone() });
                self.with(prd, |state| state.work = Some(head.clone()));
            }
            (Effect::Squash { prd, .. }, Outcome::Squashed { commit, tree }) => self.verify(prd, commit, tree, 0),
            (Effect::Verify { prd, check, commit, .. }, Outcome::Passed) => self.passed(prd, check, commit),
            (Effect::Merge { prd, commit, .. }, Outcome::Landed) => {
                self.tip = commit.clone();
                self.set(prd, Stage::Landed { commit: commit.clone() });
            }
            (Effect::Handoff, _) => {}
            (
                effect,
                Outcome::Failed {
                    failure,
                    head,
                    usage,
                    conflicts,
                },
            ) => {
                self.failed(effect, failure, (head.as_ref(), conflicts), *usage);
            }
            (effect, _) => {
                let failure = Failure {
                    mode: FailureMode::Machine,
                    note: "an answer that does not fit the question".to_owned(),
                    log: None,
                    causes: Vec::new(),
                };
                self.failed(effect, &failure, (None, &[]), Usage::default());
            }
        }
    }

    fn answered(&mut self, phase: u32, answer: GateAnswer) {
        let verdict = answer.verdict;
        let asked = self.phase_prds();
        let open = |id: &PrdId| verdict == GateVerdict::Clear || answer.of(id) == GateVerdict::Clear;
        let one_by_one = self.setup.policy.hold == Hold::Prd && asked.iter().any(|id| !open(id));
        let held: Vec<PrdId> = match verdict {
            GateVerdict::Clear => Vec::new(),
            _ if one_by_one => asked.iter().filter(|id| !open(id)).cloned().collect(),
            _ => asked,
        };
        self.answers.insert(phase, answer);
        for id in &held {
            if self.prds.get(id).is_some_and(|prd| !prd.stage.is_final()) {
                self.set(id, Stage::Held);
            }
        }
        if held.is_empty() || self.setup.policy.hold == Hold::Prd {
            self.wave = Wave::Open;
        } else {
            self.finish(End::Held { phase, verdict });
        }
    }

    fn passed(&mut self, prd: &PrdId, check: &str, commit: &Oid) {
        let next = self
            .setup
            .checks
            .iter()
            .position(|name| name == check)
            .map_or(0, |at| at + 1);
        let stage = self.prds.get(prd).map(|prd| prd.stage.clone());
        if let Some(Stage::Landing { tree: Some(tree), .. }) = stage {
            self.verify(prd, commit, &tree, next);
        }
    }

    fn failed(
        &mut self,
        effect: &Effect,
        failure: &Failure,
        (head, conflicts): (Option<&Oid>, &[Conflict]),
        usage: Usage,
    ) {
        let (Effect::Agent { prd, .. }
        | Effect::Squash { prd, .. }
        | Effect::Verify { prd, .. }
        | Effect::Merge { prd, .. }) = effect
        else {
            return;
        };
        if matches!(effect, Effect::Agent { .. }) {
            self.spent.add(usage);
        }
        let policy = self.setup.policy.clone();
        self.with(prd, |state| {
            state.failures.push(failure.clone());
            state.conflicts = conflicts.to_vec();
            state.work = head.cloned().or_else(|| state.work.take());
            state.stage = if policy.retries(&state.failures) {
                Stage::Queued
            } else {
                Stage::Blocked
            };
        });
        for cause in &failure.causes {
            let cited = self.causes.entry(cause.clone()).or_default();
            cited.insert(prd.clone());
            if policy.same_cause > 0 && cited.len() >= policy.same_cause as usize {
                self.halting = Some(Halt::SameCause);
            }
        }
    }
}

/// What a gate that did not answer has said: that nobody can tell.
fn no_answer(outcome: &Outcome) -> GateAnswer {
    let note = match outcome {
        Outcome::Failed { failure, .. } => failure.note.clone(),
        _ => "the gate gave no answer".to_owned(),
    };
    GateAnswer {
        verdict: GateVerdict::Unknown,
        prds: Vec::new(),
        findings: vec![GateFinding {
            check: "unreadable".to_owned(),
            level: "error".to_owned(),
            prd: None,
            message: note,
            places: Vec::new(),
            remedies: Vec::new(),
        }],
        skipped: Vec::new(),
    }
}
