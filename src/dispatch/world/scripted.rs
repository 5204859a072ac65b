//! A world in memory, for tests: agents and checks whose outcome is written down beforehand, a release branch that is one variable, and a
//! fuse that kills the dispatcher at any moment. What the dispatcher did to the branch outlives it; what was under way does not.

use super::super::DispatchError;
use super::super::event::{Effect, EffectId, Outcome, Usage};
use super::super::journal::{JournalError, Log, Record};
use super::super::state::RunState;
use super::{Observed, World};
use crate::git::{Oid, RefMap};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::rc::Rc;

/// Burns down by one at every step of the dispatcher, and kills it at the end.
#[derive(Clone, Debug)]
pub(in crate::dispatch) struct Fuse(Rc<Cell<u32>>);

impl Fuse {
    pub(in crate::dispatch) fn of(steps: u32) -> Self {
        Self(Rc::new(Cell::new(steps)))
    }

    fn burn(&self) -> Result<(), ()> {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        if left == 0 { Err(()) } else { Ok(()) }
    }
}

/// What outlives the dispatcher.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::dispatch) struct Disk {
    pub(in crate::dispatch) records: Vec<Record>,
    /// The release branch, oldest first.
    pub(in crate::dispatch) release: Vec<Oid>,
    pub(in crate::dispatch) launches: Vec<String>,
    pub(in crate::dispatch) handoff: String,
}

/// The disk with a fuse on it.
pub(in crate::dispatch) struct Scripted {
    pub(in crate::dispatch) disk: Rc<RefCell<Disk>>,
    pub(in crate::dispatch) fuse: Fuse,
    /// `None` is success.
    pub(in crate::dispatch) outcomes: fn(&Effect) -> Option<Outcome>,
    under_way: VecDeque<(EffectId, Outcome)>,
}

/// A journal on the same disk.
pub(in crate::dispatch) struct ScriptedLog(pub(in crate::dispatch) Rc<RefCell<Disk>>, pub(in crate::dispatch) Fuse);

impl Log for ScriptedLog {
    fn append(&mut self, _: &str, record: &Record) -> Result<(), JournalError> {
        let killed = |()| JournalError::Broken { path: PathBuf::new() };
        self.1.burn().map_err(killed)?;
        self.0.borrow_mut().records.push(record.clone());
        self.1.burn().map_err(killed)
    }
}

impl Scripted {
    pub(in crate::dispatch) fn new(
        disk: &Rc<RefCell<Disk>>,
        fuse: &Fuse,
        outcomes: fn(&Effect) -> Option<Outcome>,
    ) -> Self {
        Self {
            disk: Rc::clone(disk),
            fuse: fuse.clone(),
            outcomes,
            under_way: VecDeque::new(),
        }
    }

    fn burn(&self) -> Result<(), DispatchError> {
        self.fuse.burn().map_err(|()| DispatchError::Nothing)
    }

    /// Commits are named after what they are made of.
    pub(in crate::dispatch) fn commit(text: &str) -> Oid {
        Oid::parse(&blake3::hash(text.as_bytes()).to_hex()[..40]).expect("an id")
    }

    fn act(&self, effect: &Effect) -> Outcome {
        if let Some(outcome) = (self.outcomes)(effect) {
            return outcome;
        }
        match effect {
            Effect::Agent { prd, .. } => Outcome::Worked {
                head: Self::commit(&format!("work of {prd}")),
                usage: Usage::default(),
            },
            Effect::Squash { head, onto, .. } => Outcome::Squashed {
                commit: Self::commit(&format!("{head} on {onto}")),
                tree: Self::commit(&format!("tree of {head} on {onto}")),
            },
            Effect::Verify { .. } => Outcome::Passed,
            Effect::Merge { expected, commit, .. } => {
                let mut disk = self.disk.borrow_mut();
                if disk.release.last() != Some(expected) {
                    return Outcome::Foreign {
                        found: disk.release.last().cloned(),
                    };
                }
                disk.release.push(commit.clone());
                Outcome::Landed
            }
            Effect::AskGate { .. } | Effect::Handoff => Outcome::Written,
        }
    }
}

impl World for Scripted {
    fn observe(&mut self) -> Result<Observed, DispatchError> {
        self.burn()?;
        Ok(Observed {
            tip: self.disk.borrow().release.last().cloned(),
            refs: RefMap::new(),
            landed: Vec::new(),
            confined: true,
        })
    }

    fn perform(&mut self, id: EffectId, effect: &Effect, _: &RunState) -> Result<Option<Outcome>, DispatchError> {
        self.burn()?;
        if let Effect::Agent { prd, attempt, .. } = effect {
            self.disk.borrow_mut().launches.push(format!("{prd} {attempt}"));
        }
        let outcome = self.act(effect);
        self.burn()?;
        if matches!(effect, Effect::Agent { .. } | Effect::Verify { .. }) {
            self.under_way.push_back((id, outcome));
            return Ok(None);
        }
        Ok(Some(outcome))
    }

    fn wait(&mut self, _: &RunState) -> Result<(EffectId, Outcome), DispatchError> {
        self.burn()?;
        self.under_way.pop_front().ok_or(DispatchError::Nothing)
    }

    fn recover(&mut self, effect: &Effect, _: &RunState) -> Result<Option<Outcome>, DispatchError> {
        self.burn()?;
        let Effect::Merge { expected, commit, .. } = effect else {
            return Ok(None);
        };
        let found = self.disk.borrow().release.last().cloned();
        Ok(if found.as_ref() == Some(commit) {
            Some(Outcome::Landed)
        } else {
            (found.as_ref() != Some(expected)).then_some(Outcome::Foreign { found })
        })
    }

    fn abandon(&mut self) {
        self.under_way.clear();
    }

    fn hand_over(&mut self, _: &RunState, text: &str) -> Result<(), DispatchError> {
        self.burn()?;
        self.disk.borrow_mut().handoff = text.to_owned();
        self.burn()
    }

    fn active_ms(&self) -> u64 {
        0
    }

    fn stamp(&self) -> String {
        String::new()
    }
}
