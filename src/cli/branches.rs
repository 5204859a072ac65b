//! The branches of PRDs, and other trees than the work tree. Enters: the repository. Leaves: [`BranchInput`]s: the base tree with each branch
//! merged into it, as git would merge it (`landing`), which is what the release branch would be; and the branches that conflict with each
//! other (`collisions`). What could not be merged is not known: it is in the tree without a text.

use std::collections::{BTreeMap, BTreeSet};

use super::collisions::{Collisions, Side, collisions};
use super::failure::Failure;
use super::landing::{Landed, Landing};
use super::project::{Project, Wanted};
use crate::analysis::{BranchInput, FileChange};
use crate::git::{Blob, ChangeKind, ChangedLines, EntryKind, Oid, Repository};
use crate::prd::{Prd, PrdId};
use crate::source::{RepoPath, SkipReason, Skipped, Sources, View};
use crate::touchpoint::{Change, References};
use crate::workspace::{CODE_LIMIT, decode, is_readable};

/// The tree of a commit.
///
/// # Errors
/// If the revision is unknown or git fails.
pub(super) fn read_commit(repository: &Repository, revision: &str, sources: &mut Sources) -> Result<View, Failure> {
    let commit = repository.resolve(revision)?;
    let listed = repository.list_tree(&commit)?;
    let mut view = View::default();
    let mut blobs: Vec<(RepoPath, Oid)> = Vec::new();
    for name in &listed.unnameable {
        let path = RepoPath::new(&name.replace('\\', "\u{fffd}"));
        view.skipped.extend(path.filter(is_readable).map(|path| Skipped {
            path,
            reason: SkipReason::Unnameable,
        }));
    }
    for entry in listed.entries {
        if !is_readable(&entry.path) {
            if entry.kind == EntryKind::Symlink {
                view.folders.push(Skipped {
                    path: entry.path.clone(),
                    reason: SkipReason::Symlink,
                });
            }
            view.unread.insert(entry.path);
        } else if entry.kind == EntryKind::File || entry.kind == EntryKind::Executable {
            blobs.push((entry.path, entry.oid));
        } else {
            view.skipped.push(Skipped {
                path: entry.path.clone(),
                reason: SkipReason::Symlink,
            });
            view.unread.insert(entry.path);
        }
    }
    lay(repository, blobs, &mut view, sources, |_| None)?;
    Ok(view)
}

/// Reads blobs into the view. `merge_of` names the branch of which a blob is a merge, if it is one.
fn lay<'a>(
    repository: &Repository,
    blobs: Vec<(RepoPath, Oid)>,
    view: &mut View,
    sources: &mut Sources,
    merge_of: impl Fn(&Oid) -> Option<&'a str>,
) -> Result<(), Failure> {
    let oids: Vec<Oid> = blobs.iter().map(|(_, oid)| oid.clone()).collect();
    for ((path, oid), blob) in blobs.into_iter().zip(repository.read_blobs(&oids, CODE_LIMIT)?) {
        let text = match blob {
            Blob::Bytes(bytes) => decode(&path, bytes),
            Blob::TooLarge(bytes) => Err(SkipReason::TooLarge {
                bytes,
                limit: CODE_LIMIT,
            }),
            Blob::Missing => Err(SkipReason::Unreadable("git does not have it (a partial clone?)".into())),
        };
        match text {
            Ok(text) => {
                view.unread.remove(&path);
                let id = match merge_of(&oid) {
                    Some(branch) => sources.add_merged(path.clone(), text, branch),
                    None => sources.add(path.clone(), text),
                };
                view.files.insert(path, id);
            }
            Err(reason) => {
                view.files.remove(&path);
                view.unread.insert(path.clone());
                view.skipped.push(Skipped { path, reason });
            }
        }
    }
    view.skipped.sort();
    Ok(())
}

/// What was found out about branches.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The branches to look at, sorted by name.
    pub(super) branches: Vec<BranchInput>,
    /// What they showed when they were merged with each other.
    pub(super) collisions: Collisions,
}

/// Merges the branches to look at into the base, and each with the others. Of a PRD in `landed` nothing is left to merge.
///
/// # Errors
/// If a revision that the user named is unknown, or git fails.
pub(super) fn find(
    project: &Project,
    wanted: &Wanted,
    prds: &[Prd],
    landed: &BTreeSet<PrdId>,
    base: &View,
    sources: &mut Sources,
) -> Result<Found, Failure> {
    if wanted.head.is_none() && !wanted.branches {
        return Ok(Found::default());
    }
    let repository = match &wanted.head {
        Some(_) => project.repository()?,
        None => match project.repository.clone().filter(|found| found.head().is_ok()) {
            Some(repository) => repository,
            None => return Ok(Found::default()),
        },
    };
    let commit = repository.resolve(wanted.base.as_deref().unwrap_or("HEAD"))?;
    let mut landing = Landing::new(&repository, commit.clone(), wanted.base.is_none());
    let trunk = match (&wanted.base, repository.head_branch()?) {
        (Some(named), _) => named.clone(),
        (None, branch) => branch.unwrap_or_else(|| "HEAD".to_owned()),
    };
    let trunk = Side::new(None, trunk, commit.clone());
    let mut found = Found::default();
    let mut sides: Vec<Side> = Vec::new();
    if let Some((head, prd)) = &wanted.head {
        let owner = owner_of(project, &repository, prds, head, prd.as_deref())?;
        let tip = repository.resolve(head)?;
        let mut merged = landing.merge(&tip)?;
        let squashed = merged.squashed;
        if squashed {
            merged = merged.over();
        }
        found
            .branches
            .push(branch(project, &merged, (head, owner.clone()), base, sources)?);
        if squashed || owner.as_ref().is_some_and(|owner| landed.contains(owner)) {
            return Ok(found);
        }
        let is_owned = owner.is_some();
        sides.push(Side::new(owner, head.clone(), tip));
        if !is_owned {
            found.collisions = collisions((project, &repository), sides, trunk, true, sources)?;
            return Ok(found);
        }
    }
    for (name, prd) in live_branches(project, &repository, prds, wanted.base.is_some())? {
        let tip = repository.resolve(&name)?;
        let said = sides
            .iter()
            .any(|side| side.prd.as_ref() == Some(&prd) && wanted.head.is_some());
        // A merged branch has nothing left to say.
        if said || repository.is_ancestor(&tip, &commit)? {
            continue;
        }
        let merged = landing.merge(&tip)?;
        let over = merged.squashed || (landed.contains(&prd) && !merged.unmerged.is_empty());
        if over || merged.is_nothing()? {
            continue;
        }
        if wanted.head.is_none() {
            let owner = Some(prd.clone());
            found
                .branches
                .push(branch(project, &merged, (&name, owner), base, sources)?);
        }
        if !landed.contains(&prd) {
            sides.push(Side::new(Some(prd), name, tip));
        }
    }
    found.collisions = collisions((project, &repository), sides, trunk, wanted.head.is_some(), sources)?;
    Ok(found)
}

/// Whose branch it is: the PRD that was named, or the one that claims it by one of its names.
fn owner_of(
    project: &Project,
    repository: &Repository,
    prds: &[Prd],
    head: &str,
    named: Option<&str>,
) -> Result<Option<PrdId>, Failure> {
    if let Some(name) = named {
        return References::new(prds)
            .find(name)
            .map(|id| Some(id.clone()))
            .map_err(|near| unknown_prd(name, &near));
    }
    let names = names_of(repository, head)?;
    let owner = names
        .iter()
        .find_map(|name| prds.iter().find(|prd| claims(project, prd, name)));
    Ok(owner.map(|prd| prd.id.clone()))
}

/// The names by which a head may be claimed, the surest first: as it was said, without its remote, every branch that points at its commit,
/// and what the forge calls it in a pull request, where it is checked out by its commit.
fn names_of(repository: &Repository, head: &str) -> Result<Vec<String>, Failure> {
    let commit = repository.resolve(head)?;
    let said = head
        .strip_prefix("refs/heads/")
        .or_else(|| head.strip_prefix("refs/remotes/"))
        .unwrap_or(head);
    let mut names = vec![said.to_owned()];
    let all = repository.branches(&[])?;
    names.extend(
        all.iter()
            .filter(|branch| branch.name == said)
            .map(|branch| branch.plain_name().to_owned()),
    );
    names.extend(
        all.iter()
            .filter(|branch| branch.oid == commit)
            .map(|branch| branch.plain_name().to_owned()),
    );
    names.extend(std::env::var("GITHUB_HEAD_REF").ok().filter(|name| !name.is_empty()));
    Ok(names)
}

/// No PRD of that name, or several.
#[must_use]
pub(super) fn unknown_prd(name: &str, near: &[String]) -> Failure {
    if near.len() > 1 {
        return Failure::usage(format!("`{name}` may be PRD {}", near.join(" or PRD "))).hint("say the whole id");
    }
    let failure = Failure::usage(format!("there is no PRD `{name}`"));
    match near {
        [] => failure.hint("flagman prds lists them"),
        near => failure.hint(format!("did you mean {}?", near.join(" or "))),
    }
}

/// The branches that belong to PRDs, by name. Never a protected or the release branch, nor the current one unless they land `elsewhere`.
fn live_branches(
    project: &Project,
    repository: &Repository,
    prds: &[Prd],
    elsewhere: bool,
) -> Result<BTreeMap<String, PrdId>, Failure> {
    // What is checked out is what the others land on, unless something else is named.
    let current = repository.head_branch()?.filter(|_| !elsewhere);
    let mut found: BTreeMap<String, PrdId> = BTreeMap::new();
    for branch in repository.branches(&[])? {
        let plain = branch.plain_name();
        let ours = current.as_deref() == Some(plain)
            || project.config.project.release_branch == plain
            || crate::git::protects(&project.config.project.protected, &format!("refs/heads/{plain}"));
        if ours {
            continue;
        }
        let Some(prd) = prds.iter().find(|prd| claims(project, prd, plain)) else {
            continue;
        };
        // Local branches come first; a remote one counts only where there is no local one.
        if branch.remote.is_none() || !found.values().any(|id| *id == prd.id) {
            found.insert(branch.name.clone(), prd.id.clone());
        }
    }
    Ok(found)
}

/// True if the branch is the PRD's: by front matter, by configuration, or because its name ends in the PRD's id or slug.
pub(super) fn claims(project: &Project, prd: &Prd, branch: &str) -> bool {
    is_of(&prd.id.0, named_branch(project, prd), branch)
}

/// The branch that front matter or the configuration names for a PRD.
#[must_use]
pub(super) fn named_branch<'a>(project: &'a Project, prd: &'a Prd) -> Option<&'a str> {
    let configured = project.config.prds.branches.get(&prd.id.0);
    prd.branch.as_ref().or(configured).map(String::as_str)
}

/// True if a branch is that of the PRD with this id, which names its branch or does not.
#[must_use]
pub(super) fn is_of(id: &str, named: Option<&str>, branch: &str) -> bool {
    let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
    if let Some(named) = named {
        return named == branch;
    }
    let last = branch.rsplit('/').next().unwrap_or(branch);
    let slug = id
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_start_matches(['-', '_']);
    // A slug alone is taken only below a folder (`feat/tax`): `tax` by itself may be anybody's.
    last == id || (!slug.is_empty() && last == slug && branch.contains('/'))
}

fn branch(
    project: &Project,
    landed: &Landed,
    (name, prd): (&str, Option<PrdId>),
    base: &View,
    sources: &mut Sources,
) -> Result<BranchInput, Failure> {
    let mut view = base.clone();
    let (mut blobs, mut changes) = (Vec::new(), Vec::new());
    let mut unmerged = landed.unmerged.clone();
    for changed in landed.objects.diff_ranges(&landed.from, &landed.to)? {
        let path = changed.change.path.clone();
        if landed.aside.contains(&path) {
            continue;
        }
        if let ChangeKind::Renamed(old) = &changed.change.kind {
            forget(&mut view, old);
            changes.push(FileChange {
                path: old.clone(),
                change: Change::Deleted,
                lines: Vec::new(),
            });
        }
        if let Some(why) = landed.unsure.get(&path) {
            unmerged.insert(path.clone(), why.clone());
        }
        if unmerged.contains_key(&path) {
            continue;
        }
        match &changed.change.new {
            Some(oid) if is_readable(&path) && changed.change.plain => blobs.push((path.clone(), oid.clone())),
            Some(_) if is_readable(&path) => hide(&mut view, &path, SkipReason::Symlink),
            Some(_) => {
                view.unread.insert(path.clone());
            }
            None => forget(&mut view, &path),
        }
        changes.push(file_change(path, &changed));
    }
    let merge_of = |oid: &Oid| Some(name).filter(|_| landed.own.as_ref().is_some_and(|own| !own.contains(oid)));
    lay(&landed.objects, blobs, &mut view, sources, merge_of)?;
    for (path, why) in &unmerged {
        hide(&mut view, path, SkipReason::Unmerged(why.clone()));
        changes.push(FileChange {
            path: path.clone(),
            change: Change::Modified,
            lines: Vec::new(),
        });
    }
    view.skipped.sort();
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    let unmerged = unmerged.into_iter().map(|(path, why)| Skipped {
        path,
        reason: SkipReason::Unmerged(why),
    });
    Ok(BranchInput {
        prd,
        name: name.to_owned(),
        ledger: project.ledger(sources, &view),
        view,
        changes,
        unmerged: unmerged.collect(),
    })
}

/// The file is there, and its text is not known.
fn hide(view: &mut View, path: &RepoPath, reason: SkipReason) {
    forget(view, path);
    view.unread.insert(path.clone());
    view.skipped.push(Skipped {
        path: path.clone(),
        reason,
    });
}

fn forget(view: &mut View, path: &RepoPath) {
    view.files.remove(path);
    view.unread.remove(path);
    view.skipped.retain(|skip| skip.path != *path);
}

fn file_change(path: RepoPath, changed: &ChangedLines) -> FileChange {
    let change = match &changed.change.kind {
        ChangeKind::Added | ChangeKind::Renamed(_) => Change::Added,
        ChangeKind::Deleted => Change::Deleted,
        ChangeKind::Modified | ChangeKind::Retyped => Change::Modified,
    };
    let lines = changed.hunks.iter().map(|(_, new)| (new.start, new.count)).collect();
    FileChange { path, change, lines }
}
