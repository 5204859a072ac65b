//! Where work lands. Enters: an agent's commit. Leaves: one commit on the release branch, or the reason why not.

// The repository itself is the forge.
pub mod local;

pub use local::LocalForge;
