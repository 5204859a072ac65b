//! What else breaks although git merges it, each kind in a module of its own. Enters: the [`Work`] of both sides. Leaves: [`Breach`]es.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::Breach;
use super::doubled::doubled;
use super::manifest::{Offered, manifests};
use super::mocked::mocked;
use super::pages::{Paths, Place, pages};
use super::provided::{Provided, provided};
use super::satisfied::{Widened, satisfied};
use super::work::{Store, Work};
use crate::source::{RepoPath, Sources, Span};

/// What a side is asked for by these kinds, found out once.
#[derive(Debug, Default)]
pub(super) struct Later {
    /// Its new files that serve something by where they lie.
    pub(super) places: OnceLock<BTreeMap<Place, RepoPath>>,
    /// The routes that its old lines served and that it serves no more.
    pub(super) unserved: OnceLock<Vec<(String, Span)>>,
    /// What its new tests replace by a name in quotes.
    pub(super) mocks: OnceLock<Vec<(RepoPath, String, Span)>>,
    /// The paths of routes that its new lines may serve.
    pub(super) paths: OnceLock<Paths>,
    /// What it changed of what tests start from.
    pub(super) provided: OnceLock<Vec<Provided>>,
    /// What its manifests offer no more.
    pub(super) offered: OnceLock<Vec<Offered>>,
    /// Its interfaces of Go that ask for more.
    pub(super) widened: OnceLock<Vec<Widened>>,
}

/// The breaches of a pair of these kinds.
#[must_use]
pub fn further(sources: &Sources, works: [&Work; 2], store: &Store) -> Vec<Breach> {
    let mut found = doubled(sources, works);
    found.extend(pages(sources, works, store));
    found.extend(provided(sources, works, store));
    found.extend(manifests(sources, works));
    found.extend(mocked(sources, works));
    found.extend(satisfied(sources, works));
    found.sort();
    found
}
