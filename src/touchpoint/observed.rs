//! What branches really changed. Enters: the changed places of a branch. Leaves: the symbols that they lie in, and observed
//! touchpoints.

use super::resolve::Claimed;
use super::{Certainty, Observed, Target, TargetKind, known};
use crate::index::{CodeIndex, SchemaAction, Symbol};
use crate::prd::{Access, PrdId};
use crate::source::{Bytes, RepoPath};

/// How a branch changed a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Change {
    /// It is new.
    Added,
    /// It was there before.
    Modified,
    /// It is gone.
    Deleted,
}

/// The innermost symbols of `path` in which the changed `regions` lie, sorted; a region outside of every symbol names none.
#[must_use]
pub fn changed_symbols(index: &CodeIndex, path: &RepoPath, regions: &[Bytes]) -> Vec<String> {
    let first = index.symbols.partition_point(|symbol| symbol.path < *path);
    let inside: Vec<&Symbol> = index.symbols[first..]
        .iter()
        .take_while(|symbol| symbol.path == *path)
        .collect();
    let touches = |symbol: &Symbol, region: Bytes| {
        let whole = symbol.span.bytes;
        // An insertion is an empty region: it lies in what surrounds it.
        region.start < whole.end && whole.start < region.end.max(region.start + 1)
    };
    let mut names = Vec::new();
    for &region in regions {
        let hit: Vec<&Symbol> = inside
            .iter()
            .copied()
            .filter(|symbol| touches(symbol, region))
            .collect();
        let inner = |symbol: &Symbol| {
            let holds = |other: &&Symbol| other.span != symbol.span && symbol.span.contains(other.span);
            // Of a class and its method the method is meant, unless the region reaches beyond it.
            !hit.iter()
                .any(|other| holds(other) && other.span.bytes.contains(region))
        };
        names.extend(
            hit.iter()
                .filter(|symbol| inner(symbol))
                .map(|symbol| symbol.name.clone()),
        );
    }
    names.sort();
    names.dedup();
    names
}

/// What was seen, as claims.
pub(super) fn claims<'a>(observed: &'a [Observed], exists: impl Fn(&RepoPath) -> bool) -> Vec<Claimed<'a>> {
    let mut claimed = Vec::new();
    for seen in observed {
        let access = if seen.change == Change::Added {
            Access::Create
        } else {
            Access::Write
        };
        let there = exists(&seen.path);
        claimed.push(claim(&seen.prd, seen, known::file(&seen.path), access, there));
        for name in &seen.symbols {
            let target = Target {
                kind: TargetKind::Symbol,
                name: name.clone(),
                path: Some(seen.path.clone()),
            };
            claimed.push(claim(&seen.prd, seen, target, access, there));
        }
        for change in &seen.schema {
            let access = if change.action == SchemaAction::Create {
                Access::Create
            } else {
                Access::Write
            };
            let mut one = claim(
                &seen.prd,
                seen,
                known::schema_object(&change.object),
                access,
                change.action != SchemaAction::Create,
            );
            one.span = change.span;
            claimed.push(one);
        }
    }
    claimed
}

fn claim<'a>(prd: &'a PrdId, seen: &'a Observed, target: Target, access: Access, exists: bool) -> Claimed<'a> {
    Claimed {
        prd,
        target,
        access,
        certainty: Certainty::Observed,
        quality: 1.0,
        exists,
        span: seen.span,
        unsaid: false,
        contract: None,
    }
}
