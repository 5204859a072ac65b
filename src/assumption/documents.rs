//! What documents assume. Enters: the PRDs, what each flag is. Leaves: [`Assumption`]s with the words that say so.
//!
//! (The owner of the documents replaces this file; until then documents assume nothing.)

use super::Assumption;
use super::table::FlagTable;
use crate::index::CodeIndex;
use crate::prd::Prd;

/// The assumptions that the documents state.
#[must_use]
pub fn document_assumptions(_prds: &[Prd], _index: &CodeIndex, _flags: &FlagTable) -> Vec<Assumption> {
    Vec::new()
}
