//! Types: kept for the names and literals in them.

use super::kinds::Kind;
use super::walk::{Frame, Part, Walk};
use crate::lang::tree::Syntax;

impl Walk<'_> {
    /// Builds a type; false if it is none.
    pub(super) fn type_node(&mut self, frame: &Frame, own: &[Part]) -> bool {
        if !matches!(frame.kind, Kind::Type | Kind::Union) {
            return false;
        }
        let inside = self.values(own);
        self.add(frame, Syntax::Type(inside));
        true
    }
}
