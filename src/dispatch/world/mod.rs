//! The world: what the dispatcher can do to it and see of it. Enters: effects. Leaves: outcomes. [`World`] is the seam between the rules of
//! a run, which are pure, and processes, folders and refs, which are not.

// Keeping programs out of the repository.
mod confine;
// What came of a program.
mod judge;
// Starting programs in clones.
mod launch;
// The world as it is.
mod real;
#[cfg(test)]
pub(super) mod scripted;
// Folders for clones.
mod worktree;

pub use real::RealWorld;
pub(super) use worktree::own_folder;

use super::DispatchError;
use super::event::{Effect, EffectId, Outcome};
use super::state::RunState;
use crate::git::{Oid, RefMap};
use crate::prd::PrdId;

/// What the repository looks like now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// The release branch; `None` if it is gone.
    pub tip: Option<Oid>,
    /// Every branch and tag but the release branch.
    pub refs: RefMap,
    /// The PRDs whose trailers the release branch carries, with their commits.
    pub landed: Vec<(PrdId, Oid)>,
    /// Agents and checks cannot write to the repository, only to their clones.
    pub confined: bool,
}

/// What the dispatcher acts on.
pub trait World {
    /// Looks at the repository.
    ///
    /// # Errors
    /// If it cannot be read.
    fn observe(&mut self) -> Result<Observed, DispatchError>;

    /// Performs an effect, or begins it: `None` means that [`World::wait`] will tell. Neither gates nor handoffs come here.
    ///
    /// # Errors
    /// If the run cannot go on. What concerns one PRD alone is an outcome.
    fn perform(&mut self, id: EffectId, effect: &Effect, state: &RunState) -> Result<Option<Outcome>, DispatchError>;

    /// Waits for the next effect that was begun.
    ///
    /// # Errors
    /// If nothing is under way, or the run cannot go on.
    fn wait(&mut self, state: &RunState) -> Result<(EffectId, Outcome), DispatchError>;

    /// Finds out what became of an effect that was about to be performed when the run was killed. `None`: it is to be done again, and what
    /// is left of the first time has been cleared away.
    ///
    /// # Errors
    /// If that cannot be found out.
    fn recover(&mut self, effect: &Effect, state: &RunState) -> Result<Option<Outcome>, DispatchError>;

    /// Ends everything that is under way.
    fn abandon(&mut self);

    /// Puts the handoff where people look for it, whole or not at all.
    ///
    /// # Errors
    /// If the disk refuses.
    fn hand_over(&mut self, state: &RunState, text: &str) -> Result<(), DispatchError>;

    /// Time since this sitting began.
    fn active_ms(&self) -> u64;

    /// The time, for people.
    fn stamp(&self) -> String;
}

/// The time, as journals have it.
pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
