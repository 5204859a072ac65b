//! The dispatcher. Enters: a plan, the rules of a run, an oracle that answers for the gate. Leaves: a release branch with squash-merged
//! PRDs, a journal and a handoff. It never analyses: it asks, and it opens only on a clear answer.

/// The whole language: effects and events.
pub mod event;
/// The question before each wave.
pub mod oracle;
/// When to try again, when to give up, when to stop.
pub mod policy;
/// What a run knows, and how an event changes that.
pub mod state;
/// The plan, as the dispatcher follows it.
pub mod summary;
