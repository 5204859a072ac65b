//! Which branches are asked for. Enters: names, patterns and commits as they were typed. Leaves: the branches that are compared.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use crate::git::{Branch, Oid, Repository};

/// More branches of a remote than this are compared only where somebody names them.
const MOST_REMOTE: usize = 200;

/// The branches that are compared, and what is said of those that stand for others.
pub(super) fn branches(
    repository: &Repository,
    globs: &[String],
    except: &[String],
) -> Result<(Vec<Branch>, Vec<String>), Failure> {
    let mut branches = Vec::new();
    if globs.is_empty() {
        branches = repository.branches(&[])?;
        // Where a machine checked out one branch, the others are those of the remote.
        let here = branches.iter().filter(|branch| branch.remote.is_none()).count();
        if here > 1 {
            branches.retain(|branch| branch.remote.is_none());
        } else if branches.len() > MOST_REMOTE {
            let why = format!(
                "{} branches of a remote are here, too many to compare unasked",
                branches.len()
            );
            return Err(Failure::usage(why).hint("name some: flagman conflicts --branches 'origin/feat/*'"));
        }
    }
    // Each one is asked for by itself: one that fits nothing must not be lost among those that do.
    let each = match globs {
        [] => Vec::new(),
        globs => repository.branches_of_each(globs)?,
    };
    for (glob, fitting) in globs.iter().zip(each) {
        if !fitting.is_empty() {
            branches.extend(fitting);
            continue;
        }
        let like = repository.refs_like(glob)?;
        if !like.is_empty() {
            branches.extend(like);
            continue;
        }
        // A commit.
        let Ok(oid) = repository.resolve(glob) else {
            let failure = Failure::usage(format!("no branch is called `{glob}`, and no commit"));
            // `main..topic` is how git is asked for what lies between.
            let between = glob.split_once("..").map(|(a, b)| (a, b.trim_start_matches('.')));
            return Err(match between.filter(|(a, b)| !a.is_empty() && !b.is_empty()) {
                Some((a, b)) => failure.hint(format!("two branches are named one by one: --branches {a} {b}")),
                None => failure.hint("git branch --all lists the branches"),
            });
        };
        let (name, remote) = (glob.clone(), None);
        branches.push(Branch { name, oid, remote });
    }
    if !except.is_empty() {
        let out = excepted(repository, except)?;
        branches.retain(|branch| !out.contains(&branch.name));
    }
    branches.sort_by(|a, b| (a.remote.is_some(), &a.name).cmp(&(b.remote.is_some(), &b.name)));
    let mut seen: BTreeMap<Oid, String> = BTreeMap::new();
    let mut same = Vec::new();
    branches.retain(|branch| match seen.entry(branch.oid.clone()) {
        Entry::Vacant(entry) => {
            entry.insert(branch.name.clone());
            true
        }
        Entry::Occupied(known) => {
            if branch.name != *known.get() {
                same.push(format!("`{}` is where `{}` is", branch.name, known.get()));
            }
            false
        }
    });
    Ok((branches, same))
}

/// `a,b` is two names; the braces of a pattern (`feat/{a,b}`) are one.
pub(super) fn listed(name: &str) -> Vec<String> {
    let plain = !name.contains(['{', '}']);
    let each = name.split(',').filter(|part| plain && !part.is_empty());
    let each: Vec<String> = each.map(str::to_owned).collect();
    if each.is_empty() { vec![name.to_owned()] } else { each }
}

/// The names of the branches that are not compared.
pub(super) fn excepted(repository: &Repository, except: &[String]) -> Result<BTreeSet<String>, Failure> {
    let each = repository.branches_of_each(except)?.into_iter().flatten();
    Ok(each.map(|branch| branch.name).chain(except.iter().cloned()).collect())
}
