//! What is due next. Enters: a state that an event has just changed. Leaves: that state with new effects under way. Pure.

use super::super::event::{Effect, EffectId};
use super::super::policy::Limit;
use super::{End, Halt, RunState, Stage, Wave};
use crate::git::Oid;
use crate::prd::PrdId;

impl RunState {
    /// Sets everything going that can go.
    pub(super) fn advance(&mut self) {
        // Every turn ends a phase or returns, so there are at most as many as phases, twice over.
        loop {
            if self.end.is_some() {
                if !self.told {
                    self.told = true;
                    self.emit(Effect::Handoff);
                }
                return;
            }
            match self.wave {
                Wave::Asking => return,
                Wave::Next => {
                    if !self.next_wave() {
                        return;
                    }
                }
                Wave::Open => {
                    self.start_agents();
                    self.land_next();
                    if self.pending.values().any(|effect| !matches!(effect, Effect::Handoff)) {
                        return;
                    }
                    self.close_wave();
                }
            }
        }
    }

    /// Asks the gate about the phase, or passes over it where nothing is left to do; false when there is an answer to wait for.
    fn next_wave(&mut self) -> bool {
        if self.phase >= self.setup.plan.phases.len() {
            self.finish(End::Finished);
            return true;
        }
        self.mark_behind();
        let ids = self.phase_prds();
        let open: Vec<PrdId> = ids
            .into_iter()
            .filter(|id| self.prds.get(id).is_some_and(|prd| !prd.stage.is_final()))
            .collect();
        if open.is_empty() {
            self.phase += 1;
            return true;
        }
        let queued = open.iter().any(|id| self.prds[id].stage == Stage::Queued);
        if let Some(limit) = self.limit().filter(|_| queued) {
            self.finish(End::Exhausted { limit });
            return true;
        }
        self.wave = Wave::Asking;
        let effect = Effect::AskGate {
            phase: u32::try_from(self.phase).unwrap_or(u32::MAX),
            prds: open,
            release: self.tip.clone(),
        };
        self.emit(effect);
        false
    }

    /// PRDs whose predecessors did not land do not go.
    fn mark_behind(&mut self) {
        let landed = |id: &PrdId| {
            self.prds
                .get(id)
                .is_some_and(|prd| matches!(prd.stage, Stage::Landed { .. }))
        };
        let known = |id: &PrdId| self.prds.contains_key(id) || self.setup.plan.unplanned.contains(id);
        let phase = self.setup.plan.phases.get(self.phase).into_iter().flatten();
        let behind: Vec<(PrdId, PrdId)> = phase
            .filter_map(|prd| {
                let missing = prd.after.iter().find(|id| known(id) && !landed(id))?;
                Some((prd.id.clone(), missing.clone()))
            })
            .collect();
        for (id, on) in behind {
            if self.prds.get(&id).is_some_and(|prd| !prd.stage.is_final()) {
                self.set(&id, Stage::Behind { on });
            }
        }
    }

    fn start_agents(&mut self) {
        for id in self.phase_prds() {
            let working = self.prds.values().filter(|prd| prd.stage == Stage::Working).count();
            if self.prds.get(&id).is_none_or(|prd| prd.stage != Stage::Queued) {
                continue;
            }
            if self.halting.is_some() || working >= self.setup.policy.parallel.max(1) as usize {
                return;
            }
            if let Some(limit) = self.limit() {
                self.halting = Some(Halt::Limit(limit));
                return;
            }
            self.start_agent(&id);
        }
    }

    fn start_agent(&mut self, id: &PrdId) {
        self.spent.attempts += 1;
        let base = self.tip.clone();
        let Some(prd) = self.prds.get_mut(id) else { return };
        prd.stage = Stage::Working;
        prd.attempts += 1;
        let effect = Effect::Agent {
            prd: id.clone(),
            attempt: prd.attempts,
            base,
            feedback: prd.failures.last().and_then(|failure| failure.log.clone()),
            previous: prd.work.clone(),
        };
        self.emit(effect);
    }

    /// The first PRD of the phase that is not done lands next, when its work is in. Strictly in the order of the plan: then what lies on the
    /// release branch in the end does not depend on which agent was quicker, and what was verified is what lands.
    fn land_next(&mut self) {
        for id in self.phase_prds() {
            match self.prds.get(&id).map(|prd| prd.stage.clone()) {
                Some(Stage::Ready { head }) => {
                    let effect = Effect::Squash {
                        prd: id.clone(),
                        head: head.clone(),
                        onto: self.tip.clone(),
                    };
                    self.set(&id, Stage::Landing { head, tree: None });
                    self.emit(effect);
                    return;
                }
                // Nobody will come to do it, so it need not be waited for.
                Some(Stage::Queued) if self.halting.is_some() => {}
                Some(stage) if !stage.is_final() => return,
                _ => {}
            }
        }
    }

    /// Has the commit verified by the check with this index, or lands it when all are content.
    pub(super) fn verify(&mut self, id: &PrdId, commit: &Oid, tree: &Oid, check: usize) {
        let attempt = self.prds.get(id).map_or(0, |prd| prd.attempts);
        if let Some(Stage::Landing { tree: verified, .. }) = self.prds.get_mut(id).map(|prd| &mut prd.stage) {
            *verified = Some(tree.clone());
        }
        let effect = match self.setup.checks.get(check) {
            Some(name) => Effect::Verify {
                prd: id.clone(),
                attempt,
                check: name.clone(),
                commit: commit.clone(),
            },
            None => Effect::Merge {
                prd: id.clone(),
                expected: self.tip.clone(),
                commit: commit.clone(),
                tree: tree.clone(),
            },
        };
        self.emit(effect);
    }

    fn close_wave(&mut self) {
        match self.halting.take() {
            Some(Halt::Limit(limit)) => self.finish(End::Exhausted { limit }),
            Some(Halt::SameCause) => {
                let enough = self.setup.policy.same_cause as usize;
                let causes = self.causes.iter().filter(|(_, prds)| prds.len() >= enough);
                let causes = causes
                    .map(|(cause, prds)| (cause.clone(), prds.iter().cloned().collect()))
                    .collect();
                self.finish(End::Paused { causes });
            }
            None => {
                self.wave = Wave::Next;
                self.phase += 1;
                self.causes.clear();
                self.emit(Effect::Handoff);
            }
        }
    }

    fn limit(&self) -> Option<Limit> {
        self.setup.policy.exhausted(&self.spent)
    }

    fn emit(&mut self, effect: Effect) {
        let id = EffectId(self.next_effect);
        self.next_effect += 1;
        self.pending.insert(id, effect.clone());
        self.due.push((id, effect));
    }
}
