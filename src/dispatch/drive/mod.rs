//! The loop. Enters: a new run, or the records of one that was interrupted. Leaves: its last state. Every effect is written down before it
//! is performed and every outcome before anything follows from it.

#[cfg(test)]
mod tests;

use super::DispatchError;
use super::event::{Effect, EffectId, Event, Outcome, Terms};
use super::handoff;
use super::journal::{JournalError, Log, Record, SCHEMA};
use super::oracle::{GateOracle, GateQuestion};
use super::state::{Due, RunState, Setup};
use super::world::World;
use crate::prd::PrdId;
use std::collections::{BTreeSet, VecDeque};

/// A run at work.
struct Drive<'a> {
    oracle: &'a dyn GateOracle,
    world: &'a mut dyn World,
    log: &'a mut dyn Log,
    state: RunState,
    due: VecDeque<Due>,
    under_way: BTreeSet<EffectId>,
    /// Time at work in earlier sittings.
    before_ms: u64,
}

/// Drives a new run to its end.
pub(super) fn begin(
    setup: Setup,
    oracle: &dyn GateOracle,
    world: &mut dyn World,
    log: &mut dyn Log,
) -> Result<RunState, DispatchError> {
    let opened = Record::Opened {
        schema: SCHEMA.to_owned(),
        setup: Box::new(setup.clone()),
    };
    log.append(&world.stamp(), &opened)?;
    let (state, due) = RunState::start(setup);
    let drive = Drive {
        oracle,
        world,
        log,
        state,
        due: due.into(),
        under_way: BTreeSet::new(),
        before_ms: 0,
    };
    drive.drive_to_the_end()
}

/// What a person decides when a run goes on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Resume {
    /// Go on from where the release branch is, though somebody else moved it.
    pub accept_tip: bool,
    /// Stuck PRDs that get another chance.
    pub retry: Vec<PrdId>,
    /// PRDs whose work is on the release branch already, by somebody else's hand.
    pub landed: Vec<PrdId>,
}

/// Drives a run on from its records to its end.
pub(super) fn go_on(
    records: &[Record],
    (resume, terms): (&Resume, Terms),
    oracle: &dyn GateOracle,
    world: &mut dyn World,
    log: &mut dyn Log,
) -> Result<RunState, DispatchError> {
    let (state, begun) = replay(records)?;
    let before_ms = state.spent.active_ms;
    let pending: Vec<Due> = state.pending.clone().into_iter().collect();
    let mut drive = Drive {
        oracle,
        world,
        log,
        state,
        due: VecDeque::new(),
        under_way: BTreeSet::new(),
        before_ms,
    };
    for (id, effect) in pending {
        let known = begun.contains(&id);
        match if known {
            drive.world.recover(&effect, &drive.state)?
        } else {
            None
        } {
            Some(outcome) => drive.finished(id, outcome)?,
            None => drive.due.push_back((id, effect)),
        }
    }
    drive.resumed(resume, terms)?;
    drive.drive_to_the_end()
}

/// The state that records lead to, and the effects that were about to be performed at some time.
pub(super) fn replay(records: &[Record]) -> Result<(RunState, BTreeSet<EffectId>), JournalError> {
    let wrong = |at: usize, why| JournalError::Contradiction { record: at + 1, why };
    let Some(Record::Opened { setup, .. }) = records.first() else {
        return Err(wrong(0, "it has no beginning"));
    };
    let (mut state, _) = RunState::start((**setup).clone());
    let mut begun = BTreeSet::new();
    for (at, record) in records.iter().enumerate().skip(1) {
        match record {
            Record::Opened { .. } => return Err(wrong(at, "it begins twice")),
            Record::Intent { effect, what } => {
                if state.pending.get(effect) != Some(what) {
                    return Err(wrong(at, "an effect that was not due"));
                }
                begun.insert(*effect);
            }
            Record::Learned { event } => {
                if let Event::Finished { effect, .. } = event
                    && !begun.contains(effect)
                {
                    return Err(wrong(at, "an outcome of nothing"));
                }
                state = state.step(event).0;
            }
        }
    }
    Ok((state, begun))
}

impl Drive<'_> {
    fn drive_to_the_end(mut self) -> Result<RunState, DispatchError> {
        let driven = self.drive();
        // Whatever the reason for leaving, no agent works on for a run that nobody drives.
        self.world.abandon();
        driven.map(|()| self.state)
    }

    fn drive(&mut self) -> Result<(), DispatchError> {
        loop {
            while let Some((id, effect)) = self.due.pop_front() {
                self.perform(id, &effect)?;
            }
            if self.state.end.is_some() || self.under_way.is_empty() {
                return Ok(());
            }
            let (id, outcome) = self.world.wait(&self.state)?;
            self.under_way.remove(&id);
            self.finished(id, outcome)?;
        }
    }

    fn perform(&mut self, id: EffectId, effect: &Effect) -> Result<(), DispatchError> {
        if !self.state.pending.contains_key(&id) {
            return Ok(());
        }
        self.record(&Record::Intent {
            effect: id,
            what: effect.clone(),
        })?;
        let outcome = match effect {
            Effect::AskGate { phase, prds, release } => {
                let question = GateQuestion {
                    phase: *phase,
                    prds,
                    release,
                    without: &self.state.setup.plan.without,
                };
                let answer = self.oracle.gate(&question);
                Some(Outcome::Answered { answer })
            }
            Effect::Handoff => {
                if self.state.end.is_some() {
                    self.world.abandon();
                }
                let observed = self.world.observe()?;
                let text = handoff::render(&self.state, &observed);
                self.world.hand_over(&self.state, &text)?;
                Some(Outcome::Written)
            }
            effect => self.world.perform(id, effect, &self.state)?,
        };
        match outcome {
            Some(outcome) => self.finished(id, outcome),
            None => {
                self.under_way.insert(id);
                Ok(())
            }
        }
    }

    fn finished(&mut self, effect: EffectId, outcome: Outcome) -> Result<(), DispatchError> {
        let active_ms = self.active_ms();
        self.learn(&Event::Finished {
            effect,
            outcome,
            active_ms,
        })
    }

    fn resumed(&mut self, resume: &Resume, terms: Terms) -> Result<(), DispatchError> {
        let observed = self.world.observe()?;
        let gone = || DispatchError::ReleaseBranchGone {
            branch: self.state.setup.release_branch.clone(),
        };
        let tip = observed.tip.ok_or_else(gone)?;
        let active_ms = self.active_ms();
        self.learn(&Event::Resumed {
            tip,
            accept_tip: resume.accept_tip,
            retry: resume.retry.clone(),
            landed: observed.landed,
            refs: observed.refs,
            active_ms,
            terms: Some(terms),
        })
    }

    fn learn(&mut self, event: &Event) -> Result<(), DispatchError> {
        self.record(&Record::Learned { event: event.clone() })?;
        let (state, due) = self.state.step(event);
        self.state = state;
        self.due.extend(due);
        Ok(())
    }

    fn record(&mut self, record: &Record) -> Result<(), DispatchError> {
        let at = self.world.stamp();
        Ok(self.log.append(&at, record)?)
    }

    fn active_ms(&self) -> u64 {
        self.before_ms.saturating_add(self.world.active_ms())
    }
}
