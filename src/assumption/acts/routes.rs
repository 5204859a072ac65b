//! Which function answers a request. Enters: the routes that are served and a request of a test. Leaves: the sides of the one function
//! that it can mean, or nothing: a path that two functions could serve says nothing of either.

use std::collections::BTreeMap;

use crate::index::CodeIndex;
use crate::index::routes::served::Served;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{Sources, Span};

use super::across::Code;
use super::requests::Request;
use super::yields::{Side, sides};

/// How many parts of a request's path may stand before the path of a route: a prefix of the whole application (`/api`).
const UNKNOWN_PREFIX: usize = 1;

/// The routes, and what flags decide in the functions that serve them.
pub struct Routes<'a> {
    routes: Vec<(&'a Served, Vec<&'a str>)>,
    sides: BTreeMap<Span, Vec<Side<'a>>>,
}

impl<'a> Routes<'a> {
    /// The routes of this code.
    #[must_use]
    pub fn of(sources: &Sources, index: &'a CodeIndex, code: &'a Code<'a>) -> Self {
        let parts = |path: &'a str| path.split('/').filter(|part| !part.is_empty()).collect();
        let routes: Vec<(&Served, Vec<&str>)> = index.served.iter().map(|of| (of, parts(&of.path))).collect();
        let mut known = BTreeMap::new();
        for (of, _) in &routes {
            let decides = index.guards.iter().any(|guard| of.handler.contains(guard.region));
            let Some(facts) = index.files.get(sources.path(of.handler.file)).filter(|_| decides) else {
                continue;
            };
            let is_it = |id: &NodeId| {
                facts.tree.bytes(*id) == of.handler.bytes && matches!(facts.tree.syntax(*id), Syntax::Function(_))
            };
            if let Some(function) = facts.tree.ids().find(is_it) {
                known
                    .entry(of.handler)
                    .or_insert_with(|| sides(code, facts, function, &index.reads));
            }
        }
        Self { routes, sides: known }
    }

    /// True if no flag decides anything in a function that serves a route.
    #[must_use]
    pub fn are_silent(&self) -> bool {
        self.sides.is_empty()
    }

    /// The sides of the function that answers the request.
    #[must_use]
    pub fn sides(&self, request: &Request) -> &[Side<'a>] {
        let fitting = self
            .routes
            .iter()
            .filter_map(|(of, parts)| Some((fit(request, of, parts)?, of.handler)));
        let fitting: Vec<_> = fitting.collect();
        let Some(best) = fitting.iter().map(|(fit, _)| *fit).max() else {
            return &[];
        };
        let mut handlers: Vec<Span> = fitting
            .iter()
            .filter(|(fit, _)| *fit == best)
            .map(|(_, of)| *of)
            .collect();
        handlers.sort();
        handlers.dedup();
        match handlers.as_slice() {
            [one] => self.sides.get(one).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }
}

/// How well a route fits: the parts of its path that are the same, then all of its parts. `None` if it does not.
fn fit(request: &Request, of: &Served, parts: &[&str]) -> Option<(usize, usize)> {
    let same_method = of.method.is_empty() || request.method.is_empty() || of.method == request.method;
    let before = request.path.len().checked_sub(parts.len())?;
    if !same_method || before > UNKNOWN_PREFIX || before > 0 && parts.is_empty() {
        return None;
    }
    let mut same = 0;
    for (asked, part) in request.path[before..].iter().zip(parts) {
        match asked {
            _ if part.starts_with([':', '{', '[', '<', '*']) => {}
            Some(asked) if asked == part => same += 1,
            _ => return None,
        }
    }
    (same > 0).then_some((same, parts.len()))
}
