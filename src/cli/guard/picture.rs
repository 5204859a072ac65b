//! Everybody else's work, as far as it is committed. Enters: the repository, its work trees and branches. Leaves: [`Side`]s with what each changed
//! since it left us.
//!
//! The picture is kept between runs, by all that it was made of: the commits, where they are checked out, which branches count. Where one of them
//! is another, git is asked again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::super::cache::{Cache, Fields, Kept, Reading};
use super::super::diffs::{put_delta, take_delta};
use super::super::failure::Failure;
use crate::config::Config;
use crate::conflict::Changes;
use crate::git::{Bases, GitError, Heads, Oid, Repository, WorkTree};

/// Somebody's work.
#[derive(Debug)]
pub(super) struct Side {
    /// The branch, or the folder where none is checked out.
    pub(super) name: String,
    /// Its commit.
    pub(super) tip: Oid,
    /// The work tree.
    pub(super) folder: Option<PathBuf>,
    /// The commit that it has in common with us; `None` where there are several.
    pub(super) base: Option<Oid>,
    /// What it changed since.
    pub(super) changes: Changes,
    /// What it changed is not known: its files, or those of the base, are not here.
    pub(super) lost: bool,
}

impl Side {
    /// A commit in which what the side leaves alone stands as both have it.
    pub(super) fn standing(&self) -> &Oid {
        self.base.as_ref().unwrap_or(&self.tip)
    }
}

/// A name, a commit, and the work tree.
type Found = (String, Oid, Option<PathBuf>);

/// The sides of everybody but the work tree at place `own`: work trees first, then branches.
///
/// # Errors
/// If git fails.
pub(super) fn sides(
    repository: &Repository,
    config: &Config,
    heads: &Heads,
    own: usize,
    cache: &Cache,
    notes: &mut Vec<String>,
) -> Result<Vec<Side>, Failure> {
    let Some(head) = heads.trees.get(own).and_then(|tree| tree.head.clone()) else {
        return Ok(Vec::new());
    };
    let key = key(config, heads, own);
    let name = format!(
        "guard-{}",
        &blake3::hash(heads.trees[own].folder.as_os_str().as_encoded_bytes()).to_hex()[..16]
    );
    match cache.read(&name) {
        Kept::Bytes(bytes) => {
            if let Some(sides) = kept(&bytes, &key) {
                return Ok(sides);
            }
        }
        Kept::Broken(path) => notes.push(format!("{} was broken and is made anew", path.display())),
        Kept::Nothing => {}
    }
    let found = found(repository, config, heads, own)?;
    let (sides, bytes) = compared(repository, &head, found, &key)?;
    cache.write(&name, &bytes);
    Ok(sides)
}

/// All that the picture is made of.
fn key(config: &Config, heads: &Heads, own: usize) -> [u8; 32] {
    let mut fields = Fields::default();
    fields.number(own);
    for tree in &heads.trees {
        fields.put(tree.folder.as_os_str().as_encoded_bytes());
        fields.put(tree.head.as_ref().map_or("", Oid::as_str).as_bytes());
        fields.put(tree.branch.as_deref().unwrap_or("").as_bytes());
        fields.number(usize::from(tree.lost.is_some()));
    }
    fields.number(heads.branches.len());
    for branch in &heads.branches {
        fields.put(branch.name.as_bytes());
        fields.put(branch.oid.as_str().as_bytes());
    }
    let globs = config.guard.branches.iter().chain(&config.project.protected);
    globs.for_each(|glob| fields.put(glob.as_bytes()));
    blake3::hash(fields.bytes()).into()
}

fn found(repository: &Repository, config: &Config, heads: &Heads, own: usize) -> Result<Vec<Found>, Failure> {
    let mut found: Vec<Found> = Vec::new();
    for (at, tree) in heads.trees.iter().enumerate() {
        if let (Some(tip), None, false) = (&tree.head, &tree.lost, at == own) {
            found.push((name_of(tree), tip.clone(), Some(tree.folder.clone())));
        }
    }
    let taken: BTreeSet<&str> = heads.trees.iter().filter_map(|tree| tree.branch.as_deref()).collect();
    let branches = live(repository, config)?.into_iter();
    let free = branches.filter(|(name, _)| !taken.contains(name.as_str()));
    found.extend(free.map(|(name, tip)| (name, tip, None)));
    Ok(found)
}

fn name_of(tree: &WorkTree) -> String {
    let folder = || {
        tree.folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    tree.branch.clone().unwrap_or_else(folder)
}

/// The branches on which somebody still works.
fn live(repository: &Repository, config: &Config) -> Result<Vec<(String, Oid)>, GitError> {
    let globs: Vec<&str> = config.guard.branches.iter().map(String::as_str).collect();
    let branches = match globs.is_empty() {
        true => repository.recent_branches(&config.project.protected)?,
        false => repository.branches(&globs)?,
    };
    Ok(branches.into_iter().map(|branch| (branch.name, branch.oid)).collect())
}

/// The sides with their changes, and the same as bytes to keep.
fn compared(
    repository: &Repository,
    head: &Oid,
    found: Vec<Found>,
    key: &[u8; 32],
) -> Result<(Vec<Side>, Vec<u8>), Failure> {
    let tips: BTreeSet<Oid> = found.iter().map(|(_, tip, _)| tip.clone()).collect();
    let tips: Vec<Oid> = std::iter::once(head.clone())
        .chain(tips.into_iter().filter(|tip| tip != head))
        .collect();
    let bases = repository.merge_bases(&tips)?;
    let mut pairs: BTreeMap<Oid, Option<Oid>> = BTreeMap::from([(head.clone(), Some(head.clone()))]);
    for (at, tip) in tips.iter().enumerate().skip(1) {
        match bases.of(0, at) {
            Bases::One(base) => pairs.insert(tip.clone(), Some(base)),
            Bases::Several => pairs.insert(tip.clone(), None),
            // Nobody will ever merge the two.
            Bases::None => None,
        };
    }
    let known: Vec<(Oid, Oid)> = pairs
        .iter()
        .filter_map(|(tip, base)| Some((base.clone()?, tip.clone())))
        .collect();
    let commits: Vec<Oid> = known
        .iter()
        .flat_map(|(base, tip)| [base.clone(), tip.clone()])
        .collect();
    let trees = repository.trees_of(&commits)?;
    let trees: Vec<(Oid, Oid)> = trees
        .chunks_exact(2)
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect();
    let diffs = repository.diff_each(&trees);
    let changes: BTreeMap<Oid, _> = known.into_iter().map(|(_, tip)| tip).zip(diffs).collect();
    let (mut sides, mut fields) = (Vec::new(), Fields::default());
    fields.put(key);
    for (name, tip, folder) in found {
        // Nobody merges what has no history in common, and who is behind us has nothing that we have not.
        let Some(base) = pairs.get(&tip).cloned() else { continue };
        if folder.is_none() && base.as_ref() == Some(&tip) {
            continue;
        }
        let lost = changes.get(&tip).is_some_and(Option::is_none);
        let deltas = changes.get(&tip).cloned().flatten().unwrap_or_default();
        let side = Side {
            name,
            tip,
            folder,
            base,
            changes: Changes::new(deltas),
            lost,
        };
        keep(&side, &mut fields);
        sides.push(side);
    }
    Ok((sides, fields.bytes().to_vec()))
}

fn keep(side: &Side, fields: &mut Fields) {
    fields.put(side.name.as_bytes());
    fields.put(side.tip.as_str().as_bytes());
    fields.put(
        side.folder
            .as_ref()
            .map_or(&[][..], |folder| folder.as_os_str().as_encoded_bytes()),
    );
    fields.put(side.base.as_ref().map_or("", Oid::as_str).as_bytes());
    fields.number(usize::from(side.lost));
    fields.number(side.changes.deltas().len());
    for (path, delta) in side.changes.deltas() {
        fields.put(path);
        put_delta(fields, delta);
    }
}

/// The sides as they were kept under this key; nothing if they were kept under another.
fn kept(bytes: &[u8], key: &[u8; 32]) -> Option<Vec<Side>> {
    let mut reading = Reading::of(bytes);
    if reading.next()? != key {
        return None;
    }
    let mut sides = Vec::new();
    while let Some(name) = reading.text() {
        let name = name.to_owned();
        let tip = Oid::parse(reading.text()?)?;
        let folder = Some(reading.text()?).filter(|folder| !folder.is_empty());
        let folder = folder.map(PathBuf::from);
        let base = Oid::parse(reading.text()?);
        let lost = reading.number()? > 0;
        let mut deltas = BTreeMap::new();
        for _ in 0..reading.number()? {
            let path = reading.next()?.to_vec();
            deltas.insert(path, take_delta(&mut reading)?);
        }
        let changes = Changes::new(deltas);
        sides.push(Side {
            name,
            tip,
            folder,
            base,
            changes,
            lost,
        });
    }
    Some(sides)
}
