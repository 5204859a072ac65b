//! Functions that give out what a map holds for their parameter. Enters: a function. Leaves: a [`Home`], with what sets the map beside it.

use std::cell::OnceCell;

use super::maps;
use super::{Entry, Home, Setter};
use crate::index::code::{At, Code, Declared, Trail};
use crate::lang::tree::{Function, Key, NodeId, Syntax, Tree};
use crate::lang::{FileFacts, Language};

/// Larger functions do more than look something up.
const MOST_NODES: usize = 400;
/// Methods by which a map gives out what it holds.
const GETS: [&str; 2] = ["get", "get_copied"];
/// Methods that look for a row.
const FINDS: [&str; 2] = ["find", "some"];
/// Methods by which a map takes what it shall hold.
const SETS: [&str; 3] = ["set", "insert", "put"];

/// One function.
struct Asked<'a> {
    code: &'a Code<'a>,
    pairs: &'a Pairs,
    tree: &'a Tree,
    at: At,
    below: Vec<NodeId>,
}

/// What a function looks up: the key where it is used, what the map is called, and what it holds.
struct Found {
    node: NodeId,
    key: NodeId,
    map: String,
    entries: Vec<Entry>,
}

/// The pairs of a whole file (`maps::of_file`); they are looked for once, and only where a function asks.
#[derive(Default)]
pub(super) struct Pairs(OnceCell<Option<Vec<Entry>>>);

/// The functions of a file that may be the door of a home, by what stands in them: what is looked up with a name for its key.
pub(super) fn doors(facts: &FileFacts) -> Vec<NodeId> {
    let tree = &facts.tree;
    let is_name = |id: NodeId| matches!(tree.syntax(tree.bare(id)), Syntax::Name);
    let looks_up = |id: &NodeId| match tree.syntax(*id) {
        Syntax::Index { index, .. } => is_name(*index),
        Syntax::Switch { subject, .. } => is_name(*subject),
        Syntax::Call { callee, .. } => match tree.syntax(*callee) {
            Syntax::Member { property, .. } => {
                let method = facts.slice(*property);
                GETS.contains(&method) || FINDS.contains(&method)
            }
            _ => false,
        },
        _ => false,
    };
    let may_be = |id: &NodeId| {
        let Syntax::Function(function) = tree.syntax(*id) else {
            return false;
        };
        let Some(body) = function.body.filter(|_| (1..=3).contains(&function.params.len())) else {
            return false;
        };
        let below = tree.below(body);
        below.len() <= MOST_NODES && below.iter().any(looks_up)
    };
    tree.ids().filter(may_be).collect()
}

/// The home that a function is the door of.
pub(super) fn home(code: &Code<'_>, at: At, pairs: &Pairs, trail: &mut Trail) -> Option<Home> {
    let tree = code.tree(at.unit);
    let Syntax::Function(function) = tree.syntax(at.node) else {
        return None;
    };
    if function.params.is_empty() || function.params.len() > 3 {
        return None;
    }
    let below = tree.below(function.body?);
    if below.len() > MOST_NODES {
        return None;
    }
    let asked = Asked {
        code,
        pairs,
        tree,
        at,
        below,
    };
    let found = asked.below.iter().find_map(|id| asked.looks_up(*id, trail))?;
    if !asked.is_returned(function, found.node) {
        return None;
    }
    let name = name_of(code, at, function);
    let words = asked.words(function, &name, &found);
    Some(Home {
        function: at,
        name,
        key: found.key,
        map: found.map,
        entries: found.entries,
        setters: setters(code, at.unit),
        other: asked.other(function, found.node),
        words,
    })
}

impl Asked<'_> {
    /// True for the first parameters of this function, as they are.
    fn is_param(&self, id: NodeId) -> bool {
        let id = self.tree.bare(id);
        if !matches!(self.tree.syntax(id), Syntax::Name) {
            return false;
        }
        let declared = self.code.declared(self.at.with(id));
        matches!(declared, Some(Declared::Param { function, parts, .. }) if function == self.at.node && parts.is_empty())
    }

    fn looks_up(&self, id: NodeId, trail: &mut Trail) -> Option<Found> {
        let trail = trail.restart();
        match self.tree.syntax(id) {
            Syntax::Index { object, index } if self.is_param(*index) => {
                let entries = match maps::of_map(self.code, self.at.with(*object), trail) {
                    Some(entries) => entries,
                    // What stands in a file that is no code is defined there.
                    None if self.is_data(*object) => Vec::new(),
                    None => return None,
                };
                Some(self.found(id, *index, *object, entries))
            }
            Syntax::Call { callee, args, .. } => self.asks(id, *callee, args, trail),
            Syntax::Switch { subject, cases } if self.is_param(*subject) => {
                let entries = maps::of_arms(self.code, self.at, cases)?;
                Some(Found {
                    node: id,
                    key: self.tree.bare(*subject),
                    map: String::new(),
                    entries,
                })
            }
            _ => None,
        }
    }

    /// `map.get(name)`, `rows.find((row) => row.key === name)`
    fn asks(&self, id: NodeId, callee: NodeId, args: &[NodeId], trail: &mut Trail) -> Option<Found> {
        let (Syntax::Member { object, property }, Some(first)) = (self.tree.syntax(callee), args.first()) else {
            return None;
        };
        let method = self.code.slice(self.at.unit, *property);
        let object = *object;
        if GETS.contains(&method) && self.is_param(*first) {
            let entries = match maps::of_map(self.code, self.at.with(object), trail) {
                Some(entries) => entries,
                // A map that is made lazily, or filled step by step.
                None if self.code.facts(self.at.unit).language == Language::Rust => {
                    let pairs = self.pairs.0.get_or_init(|| maps::of_file(self.code, self.at.unit));
                    pairs.clone()?
                }
                None => return None,
            };
            return Some(self.found(id, *first, object, entries));
        }
        if FINDS.contains(&method) {
            let inner = self.tree.below(*first);
            let key = inner.into_iter().find_map(|id| match self.tree.syntax(id) {
                Syntax::Compare { left, right, .. } => {
                    let is_key = |id: NodeId| {
                        let property = match self.tree.syntax(self.tree.bare(id)) {
                            Syntax::Member { property, .. } => self.code.slice(self.at.unit, *property),
                            Syntax::Name => self.code.words(self.at.with(self.tree.bare(id))),
                            _ => return false,
                        };
                        maps::KEYS.contains(&property)
                    };
                    match (self.is_param(*left), self.is_param(*right)) {
                        (true, false) if is_key(*right) => Some(*left),
                        (false, true) if is_key(*left) => Some(*right),
                        _ => None,
                    }
                }
                _ => None,
            })?;
            let entries = maps::of_rows(self.code, self.at.with(object), trail)?;
            return Some(self.found(id, key, object, entries));
        }
        None
    }

    fn found(&self, node: NodeId, key: NodeId, object: NodeId, entries: Vec<Entry>) -> Found {
        Found {
            node,
            key: self.tree.bare(key),
            map: self.map_name(object),
            entries,
        }
    }

    /// `DEFAULTS` of `DEFAULTS`, `this.defaults` and `useContext(Defaults)`.
    fn map_name(&self, object: NodeId) -> String {
        let words = self.code.words(self.at.with(object));
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        let mut parts = words.split(|c| !is_word(c)).filter(|part| !part.is_empty());
        parts.next_back().unwrap_or_default().to_owned()
    }

    /// `import defaults from './features.json'`
    fn is_data(&self, object: NodeId) -> bool {
        let declared = self.code.declared(self.at.with(self.tree.bare(object)));
        matches!(declared, Some(Declared::Import { module, .. }) if module.ends_with(".json"))
    }

    /// True if what was looked up is what the function gives: in a `return`, or by a name that is returned.
    fn is_returned(&self, function: &Function, node: NodeId) -> bool {
        let tree = self.tree;
        let own = |id: &NodeId| {
            let mut around = tree.ancestors(*id);
            around.find(|up| matches!(tree.syntax(*up), Syntax::Function(_))) == Some(self.at.node)
        };
        let is_arrow = function
            .body
            .is_some_and(|body| !matches!(tree.syntax(body), Syntax::Block(_)));
        let returns = self
            .below
            .iter()
            .filter(|id| matches!(tree.syntax(**id), Syntax::Return(_)) && own(id));
        let returns: Vec<NodeId> = returns.copied().collect();
        let mut above = std::iter::once(node)
            .chain(tree.ancestors(node))
            .take_while(|up| *up != self.at.node);
        let within = |outer: NodeId, inner: NodeId| tree.bytes(outer).contains(tree.bytes(inner));
        if is_arrow || above.any(|up| returns.contains(&up)) || returns.iter().any(|at| within(node, *at)) {
            return true;
        }
        let mut up = tree.ancestors(node).take_while(|up| *up != self.at.node);
        let bound = up.find_map(|up| match tree.syntax(up) {
            Syntax::Let { pattern, .. } => Some(self.code.words(self.at.with(*pattern))),
            _ => None,
        });
        let names = |at: &NodeId| {
            let mut below = tree.below(*at).into_iter();
            below.any(|id| matches!(tree.syntax(id), Syntax::Name) && Some(self.code.words(self.at.with(id))) == bound)
        };
        bound.is_some() && returns.iter().any(names)
    }

    /// A value that the function may give and that comes neither from the map nor from what is kept beside it.
    fn other(&self, function: &Function, looked_up: NodeId) -> Option<NodeId> {
        super::other::other(self.code, self.at, function, looked_up)
    }

    /// The map, the function, what it is a method of, the type of its parameters, and the module that the map comes from.
    fn words(&self, function: &Function, name: &str, found: &Found) -> String {
        let unit = self.at.unit;
        let mut words = vec![found.map.clone(), name.to_owned()];
        for up in self.tree.ancestors(self.at.node) {
            match self.tree.syntax(up) {
                Syntax::Class {
                    name: Some((name, _)), ..
                } => words.push(name.to_string()),
                Syntax::Impl { target, .. } => words.push(self.code.words(self.at.with(*target)).to_owned()),
                _ => {}
            }
        }
        for ty in function.param_types.iter().flatten() {
            words.push(
                self.code
                    .facts(unit)
                    .words(*ty)
                    .trim_start_matches(':')
                    .trim()
                    .to_owned(),
            );
        }
        words.join(" ")
    }
}

/// The function's own name, or that of what holds it.
fn name_of(code: &Code<'_>, at: At, function: &Function) -> String {
    if let Some((name, _)) = &function.name {
        return name.to_string();
    }
    let tree = code.tree(at.unit);
    let holder = tree
        .ancestors(at.node)
        .find(|id| !matches!(tree.syntax(*id), Syntax::Wrap(..)));
    match holder.map(|id| tree.syntax(id)) {
        Some(Syntax::Let { pattern, .. }) => code.words(at.with(*pattern)).to_owned(),
        Some(
            Syntax::Entry {
                key: Key::Name(name, _),
                ..
            }
            | Syntax::Field {
                key: Key::Name(name, _),
                ..
            },
        ) => name.to_string(),
        _ => String::new(),
    }
}

/// What sets an entry of some map of a file by a parameter: `overrides[name] = on`, `overrides.set(name, on)`.
fn setters(code: &Code<'_>, unit: usize) -> Vec<Setter> {
    let tree = code.tree(unit);
    let param = |id: NodeId| match code.declared(At {
        unit,
        node: tree.bare(id),
    })? {
        Declared::Param { function, parts, .. } if parts.is_empty() => Some(function),
        _ => None,
    };
    let found = tree.ids().filter_map(|id| {
        let (key, value) = match tree.syntax(id) {
            Syntax::Assign { target, value } => match tree.syntax(tree.bare(*target)) {
                Syntax::Index { index, .. } => (*index, *value),
                _ => return None,
            },
            Syntax::Call { callee, args, .. } => match (tree.syntax(*callee), args.as_slice()) {
                (Syntax::Member { property, .. }, [key, value]) if SETS.contains(&code.slice(unit, *property)) => {
                    (*key, *value)
                }
                _ => return None,
            },
            _ => return None,
        };
        let function = param(key)?;
        let is_set = param(value) == Some(function) || matches!(tree.syntax(tree.bare(value)), Syntax::Bool(_));
        is_set.then_some(Setter {
            node: id,
            function,
            key,
            value,
        })
    });
    found.collect()
}
