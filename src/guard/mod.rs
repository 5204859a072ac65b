//! May this file be written, this ref be moved? Enters: what a hook said, and what was read about the file and everybody else's work.
//! Leaves: an [`Answer`]. Must not know folders, git or how an agent is told.
//!
//! `hook` reads what the hooks of agents say, `settings` puts ours among them, `patch` and `proposal` find what will be in the file, `collide` merges it with what others have, and
//! `decide` weighs it. A protected file or ref is refused. A conflict with somebody else's work is put before a person. What cannot be told is
//! said, and stops nobody.

mod collide;
mod decide;
mod hook;
mod patch;
mod proposal;
pub mod settings;

pub use collide::{Meeting, Three, Version, collide};
pub use decide::{
    Answer, Decision, Facts, FileFacts, Outside, Policy, Reason, ReasonKind, RefFacts, SideFacts, decide,
};
pub use hook::{Asked, Hook, HookError, Subject, Write, read_hook};
pub use proposal::{Edit, Proposal, Proposed};

/// More than this is no hook's message and no file that an agent writes, in bytes.
pub const LIMIT: u64 = 16 << 20;
