//! TypeORM's entities.

use crate::index::SchemaChange;
use crate::lang::FileFacts;

/// What the entities of one file say the database has.
pub(super) fn entities(facts: &FileFacts) -> (Vec<SchemaChange>, u32) {
    let _ = facts;
    (Vec::new(), 0)
}
