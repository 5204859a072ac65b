//! What the release branch lacks. Enters: the work tree, and what was read of the release branch. Leaves: the PRDs that are written and do not run.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::project::Project;
use crate::analysis::{Analysis, documents};
use crate::dispatch::landed_on;
use crate::prd::PrdId;
use crate::source::Sources;
use crate::workspace;

/// So many PRDs are named.
const MOST: usize = 6;

/// The PRDs of the work tree that the release branch does not have, sorted: not committed, or committed to a branch that it does not hold.
///
/// # Errors
/// If the work tree, or what has landed, cannot be read.
pub(super) fn missing(project: &Project, release: &Analysis) -> Result<Vec<PrdId>, Failure> {
    let mut sources = Sources::default();
    let view = workspace::read_folder(&project.root, &mut sources)?;
    let files = project.prd_files(&mut sources, &view)?.files;
    let repository = project.repository()?;
    let tip = repository.resolve(&format!("refs/heads/{}", project.config.project.release_branch))?;
    let landed = landed_on(&repository, &tip)?;
    let mut there: BTreeSet<PrdId> = landed.into_iter().map(|(prd, _)| prd).collect();
    there.extend(release.prds.iter().map(|prd| prd.id.clone()));
    there.extend(release.left_out.iter().map(|left| left.prd.clone()));
    let written = documents(&sources, &files).into_iter().map(|prd| prd.id);
    let missing: BTreeSet<PrdId> = written.filter(|id| !there.contains(id)).collect();
    Ok(missing.into_iter().collect())
}

/// Says so: `2 PRDs of the work tree are not on release/next: 005-a, 006-b`.
pub(super) fn told(missing: &[PrdId], release: &str) -> String {
    let names: Vec<&str> = missing.iter().take(MOST).map(|id| id.0.as_str()).collect();
    let more = match missing.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (prds, are) = match missing.len() {
        1 => ("PRD", "is"),
        _ => ("PRDs", "are"),
    };
    format!(
        "{} {prds} of the work tree {are} not on {release}: {}{more}",
        missing.len(),
        names.join(", ")
    )
}
