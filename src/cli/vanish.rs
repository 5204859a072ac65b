//! Names of which nothing is left. Enters: what the sides did. Leaves: the breaches of each pair in which one side takes the last of a name away while the
//! other one uses it: the tree that both left is searched for these names, once for each base.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use super::reader::{Blobs, Reader};
use crate::conflict::meaning::{Breach, Misfit, Store, Vanished, Work, misfits, vanished, vanished_breach};
use crate::git::{Oid, Repository};
use crate::lang::Language;
use crate::source::{RepoPath, Sources};

/// A pair of sides that left one base, with what both did.
pub(super) type Both<'w> = ((usize, usize), [&'w Work; 2]);

/// A name that stands in more files than this is not looked up.
const MOST: usize = 40;

/// The breaches of each pair that has any.
///
/// # Errors
/// If git fails.
pub(super) fn vanish(
    base: &Oid,
    pairs: &[Both<'_>],
    (store, reader): (&Store, &Reader<'_>),
    (objects, sources): (&Repository, &mut Sources),
) -> Result<BTreeMap<(usize, usize), Vec<Breach>>, Failure> {
    let pool: &Sources = sources;
    let found = pairs.iter().map(|(pair, works)| {
        let (gone, calls) = (vanished(pool, *works, store), misfits(pool, *works, store));
        (*pair, *works, gone, calls)
    });
    let some = |(_, _, gone, calls): &(_, _, Vec<Vanished>, Vec<Misfit>)| !gone.is_empty() || !calls.is_empty();
    let found: Vec<(_, _, Vec<Vanished>, Vec<Misfit>)> = found.filter(some).collect();
    let names = found.iter().flat_map(|(_, _, gone, calls)| {
        let calls = calls.iter().map(|call| call.told.word.as_str());
        gone.iter().map(|one| one.word.as_str()).chain(calls)
    });
    let names: BTreeSet<&str> = names.collect();
    let said = objects.said_in(base, &names)?;
    let said = |word: &str| said.get(word).map_or(&[][..], Vec::as_slice);
    let mut told = BTreeMap::new();
    let mut blobs: Option<Blobs> = None;
    for (pair, works, gone, calls) in &found {
        let breach = |one: &Vanished| vanished_breach(one, works[one.by], said(&one.word));
        let mut breaches: Vec<Breach> = gone.iter().filter_map(breach).collect();
        for call in calls {
            let tree = match &blobs {
                Some(tree) => tree,
                None => blobs.insert(reader.blobs(base)?),
            };
            if is_only(tree, call, said(&call.told.word), (store, reader), sources)? {
                breaches.extend(vanished_breach(&call.told, works[call.told.by], &[]));
            }
        }
        told.insert(*pair, breaches);
    }
    Ok(told)
}

/// True if the tree has no other function of the name; `said_in` are the files that have it.
fn is_only(
    tree: &Blobs,
    call: &Misfit,
    said_in: &[RepoPath],
    (store, reader): (&Store, &Reader<'_>),
    sources: &mut Sources,
) -> Result<bool, Failure> {
    let code = |path: &&RepoPath| Language::of(path).is_some_and(Language::is_built);
    let paths: BTreeSet<&RepoPath> = said_in.iter().filter(code).collect();
    if paths.len() > MOST {
        return Ok(false);
    }
    let wanted = paths
        .iter()
        .filter_map(|path| Some(((*path).clone(), tree.get(*path)?.clone())));
    let wanted: BTreeSet<(RepoPath, Oid)> = wanted.collect();
    let read = reader.read(&wanted, sources)?;
    // What could not be read may have another one.
    if read.len() < wanted.len() {
        return Ok(false);
    }
    let mut count = 0;
    for ((path, _), file) in read {
        match store.declares(sources, file, &call.told.word) {
            Some(declared) => count += declared,
            // Only the file itself is known to have it.
            None if path == call.path => count += 1,
            None => return Ok(false),
        }
    }
    Ok(count == 1)
}
