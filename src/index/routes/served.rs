//! Which function serves which path. Enters: the parsed files of one tree. Leaves: [`Served`] with whole paths: a router that another
//! file puts below a prefix (`app.use('/api', router)`, `.nest("/api", router())`) serves below it. What cannot be followed to a
//! function is left out: nothing is said of it.

use rayon::prelude::*;

use super::{Handled, handled};
use crate::index::code::{At, Code, Trail};
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::Span;

/// How many routers may stand in each other.
const DEEPEST: usize = 4;

/// Methods that put a router below a prefix, beside those that begin with `use`.
const MOUNTS: [&str; 6] = ["register", "mount", "nest", "nest_service", "route", "include_router"];

/// How such a call looks in a text that is not parsed.
pub const MOUNT_NEEDLES: [&str; 6] = [
    ".use('/",
    ".use(\"/",
    "WithMiddleware(",
    ".register(",
    ".nest(",
    ".route('/",
];

/// A function that serves a route.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Served {
    /// `GET`, …; empty for any.
    pub method: String,
    /// `/api/quotes/:id`, as far as it is known: more may stand before it.
    pub path: String,
    /// The function.
    pub handler: Span,
}

/// One file puts the routers of another below a prefix.
struct Mount {
    from: usize,
    to: usize,
    prefix: String,
}

/// Every route whose function is known, by path.
#[must_use]
pub fn served(code: &Code<'_>) -> Vec<Served> {
    let units: Vec<usize> = (0..code.units().len()).collect();
    let routes: Vec<Vec<Handled>> = units.par_iter().map(|unit| handled(code.facts(*unit))).collect();
    let mounts: Vec<Mount> = units.par_iter().flat_map_iter(|unit| mounts(code, *unit)).collect();
    let mut found = Vec::new();
    for (unit, routes) in routes.iter().enumerate().filter(|(_, routes)| !routes.is_empty()) {
        let prefixes = prefixes(&mounts, unit, 0);
        for of in routes {
            let handler = of.handler.and_then(|node| function(code, At { unit, node }, 0));
            let Some(handler) = handler else { continue };
            found.extend(prefixes.iter().map(|prefix| {
                Served {
                    method: of.route.method.clone(),
                    path: joined(prefix, &of.route.path),
                    handler: code
                        .tree(handler.unit)
                        .bytes(handler.node)
                        .in_file(code.file(handler.unit)),
                }
            }));
        }
    }
    found.sort();
    found.dedup();
    found
}

fn joined(prefix: &str, path: &str) -> String {
    let parts = prefix.split('/').chain(path.split('/')).filter(|part| !part.is_empty());
    parts.flat_map(|part| ["/", part]).collect()
}

/// Under what the routers of a file are put; one empty prefix where nobody is known to.
fn prefixes(mounts: &[Mount], unit: usize, depth: usize) -> Vec<String> {
    let onto = mounts.iter().filter(|mount| mount.to == unit && depth < DEEPEST);
    let mut found: Vec<String> = onto
        .flat_map(|mount| {
            let outer = prefixes(mounts, mount.from, depth + 1);
            outer.into_iter().map(|outer| joined(&outer, &mount.prefix))
        })
        .collect();
    if found.is_empty() {
        found.push(String::new());
    }
    found.sort();
    found.dedup();
    found
}

fn mounts(code: &Code<'_>, unit: usize) -> Vec<Mount> {
    let (facts, mut found) = (code.facts(unit), Vec::new());
    for id in facts.tree.ids() {
        let Syntax::Call { callee, args, .. } = facts.tree.syntax(id) else {
            continue;
        };
        let Syntax::Member { property, .. } = facts.tree.syntax(*callee) else {
            continue;
        };
        let name = facts.slice(*property);
        if !name.starts_with("use") && !MOUNTS.contains(&name) {
            continue;
        }
        let Some(prefix) = args.iter().find_map(|arg| prefix(facts, *arg)) else {
            continue;
        };
        let targets = args.iter().filter_map(|arg| router(code, At { unit, node: *arg }, 0));
        found.extend(targets.filter(|to| *to != unit).map(|to| Mount {
            from: unit,
            to,
            prefix: prefix.clone(),
        }));
    }
    found
}

/// The prefix that an argument gives: a path, one after a hole (`${base}/api`), or `{ prefix: '/api' }`.
fn prefix(facts: &FileFacts, arg: NodeId) -> Option<String> {
    let tree = &facts.tree;
    match tree.syntax(tree.bare(arg)) {
        Syntax::Text(text) if text.starts_with('/') => Some(text.to_string()),
        Syntax::Template(parts) => match parts.as_slice() {
            [_, last] => match tree.syntax(*last) {
                Syntax::Text(text) if text.starts_with('/') => Some(text.to_string()),
                _ => None,
            },
            _ => None,
        },
        Syntax::Object { entries, .. } => entries.iter().find_map(|entry| match tree.syntax(*entry) {
            Syntax::Entry {
                key: Key::Name(key, _),
                value,
            } if &**key == "prefix" => prefix(facts, *value),
            _ => None,
        }),
        _ => None,
    }
}

/// The file whose router an expression is: `new Quotes(x).router`, `quotes`, `quotes.routes()`, `makeRouter(x)`.
fn router(code: &Code<'_>, at: At, depth: usize) -> Option<usize> {
    if depth > DEEPEST {
        return None;
    }
    let at = at.with(code.tree(at.unit).bare(at.node));
    // What the object is tells more than where its getter stands: `router` may be a member of a base class.
    if let Syntax::New { callee, .. } | Syntax::Call { callee, .. } = code.syntax(at) {
        return router(code, at.with(*callee), depth + 1);
    }
    if let Syntax::Member { object, .. } = code.syntax(at)
        && let Some(found) = router(code, at.with(*object), depth + 1)
    {
        return Some(found);
    }
    let settled = code.settle(at, &mut Trail::default());
    match code.syntax(settled) {
        _ if settled.unit != at.unit => Some(settled.unit),
        _ if settled == at => None,
        _ => router(code, settled, depth + 1),
    }
}

/// The function that an expression is: `this.create`, `this.create.bind(this)`, `wrapped(create)`, or itself.
fn function(code: &Code<'_>, at: At, depth: usize) -> Option<At> {
    if depth > DEEPEST {
        return None;
    }
    let at = code.settle(at, &mut Trail::default());
    match code.syntax(at) {
        Syntax::Function(_) => Some(at),
        Syntax::Call { callee, args, .. } => {
            if let Syntax::Member { object, property } = code.syntax(at.with(*callee))
                && code.slice(at.unit, *property) == "bind"
            {
                return function(code, at.with(*object), depth + 1);
            }
            let mut args = args.iter().rev();
            args.find_map(|arg| function(code, at.with(*arg), depth + 1))
        }
        Syntax::Array(list) => function(code, at.with(*list.last()?), depth + 1),
        _ => None,
    }
}
