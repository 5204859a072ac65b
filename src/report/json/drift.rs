//! What PRDs promised and what their branches touch, as a part of `flagman conflicts --prds --format json`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::drift::Drift;
use crate::source::RepoPath;

/// A PRD with a branch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub(super) struct DriftDocument {
    prd: String,
    branch: String,
    /// The files that the PRD says it writes.
    promised: Vec<String>,
    /// The files that the branch changes.
    touched: Vec<String>,
    /// Touched and not promised; new files, tests, data and neighbours of promised files are left out.
    outside: Vec<String>,
    /// Promised and not touched yet.
    untouched: Vec<String>,
}

impl DriftDocument {
    /// The document.
    #[must_use]
    pub(super) fn of(drift: &Drift) -> Self {
        let paths = |paths: &[RepoPath]| paths.iter().map(ToString::to_string).collect();
        Self {
            prd: drift.prd.0.clone(),
            branch: drift.branch.clone(),
            promised: paths(&drift.promised),
            touched: paths(&drift.touched),
            outside: paths(&drift.outside),
            untouched: paths(&drift.untouched),
        }
    }
}
