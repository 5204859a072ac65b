//! Routes that both sides add to one router. Enters: the [`Work`] of both. Leaves: [`Breach`]es.
//!
//! A file may have several routers, each with a `/` of its own: one for each test, one below each prefix. So a route is told by where it is
//! added, too: the router's name, and the functions, classes, bindings and calls that it stands in.

use std::collections::{BTreeMap, BTreeSet};

use super::work::{Change, Parsed, Work};
use super::{Breach, BreachKind, Certainty, spoken, twice};
use crate::index::routes::routes;
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{Sources, Span};

/// A route: its method, its path, and where it is added, from the outermost on.
type Place = (String, String, Vec<String>);

/// The routes that a change adds.
pub(super) type NewRoutes = BTreeMap<Place, Span>;

/// Routes that both add to one router. Those of tests are left out: each test may serve what it likes.
pub(super) fn served(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let [ours, theirs] = works;
    let mut found = Vec::new();
    for (path, change) in &ours.code {
        let Some(other) = theirs.code.get(path) else { continue };
        let [mine, yours] = [change, other].map(|change| change.routes.get_or_init(|| new_routes(change)));
        for (route, span) in mine {
            let Some(their) = yours.get(route) else { continue };
            let before = &sources.file(span.file).text[..span.bytes.start as usize];
            if spoken::is_of_tests(path, before) {
                continue;
            }
            let name = format!("{} {}", route.0, route.1).trim().to_owned();
            let deed = format!("serves {name} in {path}");
            let spans = [vec![*span], vec![*their]];
            found.push(twice::breach(BreachKind::Route, Certainty::Seen, name, &deed, spans));
        }
    }
    found
}

/// The routes of a changed file that it did not serve before.
fn new_routes(change: &Change) -> NewRoutes {
    let of = |parsed: &Option<Parsed>| -> Vec<(Place, Span)> {
        let Some(parsed) = parsed else { return Vec::new() };
        let facts = &parsed.unit.facts;
        let each = routes(facts).into_iter();
        each.map(|route| ((route.method, route.path, around(facts, route.span)), route.span))
            .collect()
    };
    let had: BTreeSet<Place> = of(&change.base).into_iter().map(|(place, _)| place).collect();
    let new = of(&change.side).into_iter();
    new.filter(|(place, _)| !had.contains(place)).collect()
}

/// What a route stands in, from the outermost on.
pub(super) fn around(facts: &FileFacts, span: Span) -> Vec<String> {
    let holds = |id: &NodeId| facts.tree.bytes(*id).contains(span.bytes);
    let each = facts.tree.ids().filter(holds);
    each.filter_map(|id| label(facts, id, span)).collect()
}

/// How a node tells its router from others.
fn label(facts: &FileFacts, id: NodeId, span: Span) -> Option<String> {
    let tree = &facts.tree;
    let inside = |id: &NodeId| tree.bytes(*id).contains(span.bytes);
    match tree.syntax(id) {
        // `@Get('x') list() {}`: what the route is written at serves it, and is not what it is added to.
        Syntax::Function(function) if function.decorators.iter().any(inside) => None,
        Syntax::Function(function) => Some(function.name.as_ref()?.0.to_string()),
        Syntax::Class { name, .. } => Some(name.as_ref()?.0.to_string()),
        Syntax::Let { pattern, .. } => Some(facts.words(*pattern).to_owned()),
        Syntax::Call { callee, args, .. } => {
            let called = called(facts, *callee);
            // `it("shows it", () => …)`, `.nest("/admin", Router::new()…)`
            let first = args.first().filter(|_| args.iter().any(inside));
            let text = first.and_then(|first| match tree.syntax(tree.bare(*first)) {
                Syntax::Text(text) => Some(text.as_ref()),
                _ => None,
            });
            let own = tree.bytes(id) == span.bytes;
            match text {
                Some(text) if !own => Some(format!("{called} {text}")),
                _ => own.then(|| receiver(facts, *callee)),
            }
        }
        _ => None,
    }
}

/// The last name of what is called.
fn called(facts: &FileFacts, callee: NodeId) -> &str {
    match facts.tree.syntax(callee) {
        Syntax::Member { property, .. } => facts.slice(*property),
        _ => facts.words(callee),
    }
}

/// The name at the beginning of a chain of calls: `router` of `router.get(…)`.
fn receiver(facts: &FileFacts, callee: NodeId) -> String {
    let mut at = callee;
    loop {
        at = match facts.tree.syntax(facts.tree.bare(at)) {
            Syntax::Member { object, .. } => *object,
            Syntax::Call { callee, .. } => *callee,
            _ => return facts.words(at).to_owned(),
        };
    }
}
