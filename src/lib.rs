//! flagman: the static analyzer and CI gate for cross-PRD assumptions.
//!
//! The modules in the order in which a run passes through them; each makes one noun and owns its type.

/// Who needs which flag state, and who supplies it.
pub mod assumption;
/// "Did you mean".
pub mod nearest;
/// The dispatcher: waves of agents, checks and merges onto a release branch.
pub mod dispatch;
/// Flags as such: names, values, the ledger of states.
pub mod flag;
/// Git, read and written through one hardened wrapper.
pub mod git;
/// Who comes before whom.
pub mod graph;
/// The code as a whole: symbols, imports, flags, guards, forces, tests, schema.
pub mod index;
/// Languages: one front end each, all making the same neutral facts.
pub mod lang;
/// The order in which the PRDs go.
pub mod plan;
/// `flagman.toml`.
pub mod config;
/// Documents: the PRDs and what they say.
pub mod prd;
/// What SDKs, helpers and test frameworks look like, as data.
pub mod rules;
/// Texts and places.
pub mod source;
/// What each PRD touches.
pub mod touchpoint;
