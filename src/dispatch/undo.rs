//! Takes the landing of a PRD back. Enters: the PRD. Leaves: a commit on the release branch, and a line in the journal of the last run, which goes on
//! from there; or what is in the way.

use super::config::{RunConfig, RunFiles};
use super::event::Event;
use super::forge::LocalForge;
use super::forge::local::Taken;
use super::journal::{Journal, Log as _, Record};
use super::lock::Lock;
use super::state::Stage;
use super::{DispatchError, drive, world};
use crate::git::{Conflict, GitError, Oid, ReleaseBranch, Repository};
use crate::prd::PrdId;
use std::collections::BTreeSet;

/// What became of an [`undo`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Undone {
    /// A new commit takes the landing back.
    Done {
        /// The PRDs of the last run that come after it and are still on the branch, as far as its journal tells.
        left: Vec<PrdId>,
        /// Why the journal of the last run could not be told, if it could not: the commit is there all the same.
        untold: Option<String>,
    },
    /// What landed later is in the way.
    Conflicts {
        /// Where.
        conflicts: Vec<Conflict>,
        /// The PRDs that landed later and changed these files, the one that has to go first at the front.
        later: Vec<PrdId>,
    },
    /// Somebody moved the release branch meanwhile; nothing was done.
    Moved,
}

/// Takes the landing of a PRD back, by a new commit on the release branch.
///
/// # Errors
/// If it has not landed, or the release branch may not be moved.
pub fn undo(config: &RunConfig, prd: &PrdId) -> Result<Undone, DispatchError> {
    let release = ReleaseBranch::new(&config.release_branch, &config.protected)?;
    let hub = Repository::discover(&config.project)?.at_toplevel();
    release.allowed_in(&hub)??;
    let _lock = Lock::take(&hub)?;
    let forge = LocalForge::new(hub, release);
    let not_landed = || DispatchError::NotLanded { prd: prd.clone() };
    let tip = forge.tip()?.ok_or_else(not_landed)?;
    let landed = forge.landed()?;
    let (_, commit) = landed.iter().find(|(id, _)| id == prd).ok_or_else(not_landed)?;
    Ok(match forge.undo(prd, commit, &tip)? {
        Taken::Back(now) => {
            let (left, untold) = match write_down(config, prd, [&tip, &now]) {
                Ok(left) => (left, None),
                Err(why) => (Vec::new(), Some(why.to_string())),
            };
            Undone::Done { left, untold }
        }
        Taken::Moved => Undone::Moved,
        Taken::Conflicts(conflicts) => Undone::Conflicts {
            later: later(forge.hub(), commit, &landed, &conflicts)?,
            conflicts,
        },
    })
}

/// The journal of the last run learns of it: the branch is where this run's own tool left it, and the PRD is not on it any more. Leaves who comes
/// after it and has landed.
fn write_down(config: &RunConfig, prd: &PrdId, [before, tip]: [&Oid; 2]) -> Result<Vec<PrdId>, DispatchError> {
    let files = RunFiles::open(&Repository::discover(&config.project)?.project())?;
    let Some(run) = files.latest()? else {
        return Ok(Vec::new());
    };
    let (mut journal, loaded) = Journal::go_on(&files.journal(&run))?;
    // A run that never had the PRD, or that ended elsewhere, has nothing to learn.
    if loaded.records.is_empty() {
        return Ok(Vec::new());
    }
    let state = drive::replay(&loaded.records)?.0;
    if state.prds.contains_key(prd) {
        let (prd, before, tip) = (prd.clone(), before.clone(), tip.clone());
        let event = Event::Undone { prd, before, tip };
        journal.append(&world::now(), &Record::Learned { event })?;
    }
    let landed = |id: &PrdId| matches!(state.prds.get(id).map(|prd| &prd.stage), Some(Stage::Landed { .. }));
    let planned = state.setup.plan.phases.iter().flatten();
    let behind = planned.filter(|one| one.after.contains(prd) && landed(&one.id));
    Ok(behind.map(|one| one.id.clone()).collect())
}

/// Who landed after this commit and changed one of the files, the last one first.
fn later(
    hub: &Repository,
    commit: &Oid,
    landed: &[(PrdId, Oid)],
    conflicts: &[Conflict],
) -> Result<Vec<PrdId>, GitError> {
    let paths: BTreeSet<&[u8]> = conflicts
        .iter()
        .flat_map(|conflict| conflict.paths.iter().map(String::as_bytes))
        .collect();
    let mut found: Vec<(&PrdId, &Oid)> = Vec::new();
    for (id, other) in landed {
        if other == commit || !hub.is_ancestor(commit, other)? {
            continue;
        }
        let Some(parent) = hub.commit(other)?.parents.into_iter().next() else {
            continue;
        };
        let changed = hub.diff_exact(&parent, other)?;
        if changed.keys().any(|path| paths.contains(path.as_slice())) {
            // One that comes after another one has it among its ancestors.
            let mut at = found.len();
            while at > 0 && hub.is_ancestor(found[at - 1].1, other)? {
                at -= 1;
            }
            found.insert(at, (id, other));
        }
    }
    Ok(found.into_iter().map(|(id, _)| id.clone()).collect())
}
