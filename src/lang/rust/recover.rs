//! Files that `syn` refuses. Enters: the text. Leaves: nodes of what can be read along tree-sitter's tree.

use super::build::Build;
use crate::lang::tree::NodeId;
use crate::source::SkipReason;

/// Everything in a file that `syn` refuses as a whole.
pub(super) fn file(build: &mut Build, text: &str) -> Result<Vec<NodeId>, SkipReason> {
    let _ = (build, text);
    Err(SkipReason::Syntax("a syntax error".into()))
}
