//! The named things of one file. Enters: its facts. Leaves: [`Symbol`]s with their owners in their names (`Class.method`, Rust
//! `Type::method`), and the one that a place stands in. What is local to a function is no symbol.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{Symbol, SymbolKind};
use crate::lang::tree::{Function, Key, NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::Bytes;

/// How deep objects in objects are looked into for functions.
const DEEPEST_OBJECT: usize = 4;

/// The symbols of a file, in the order of the text.
#[must_use]
pub fn symbols(facts: &FileFacts) -> Vec<Symbol> {
    let Some(root) = facts.tree.root() else {
        return Vec::new();
    };
    let mut collect = Collect {
        facts,
        separator: if facts.language == Language::Rust { "::" } else { "." },
        given_out: given_out(facts, root),
        found: Vec::new(),
        open: Vec::new(),
    };
    let top = Place {
        owner: String::new(),
        exported: false,
        whole: None,
        objects: 0,
    };
    collect.open.push((root, top));
    while let Some((id, place)) = collect.open.pop() {
        collect.visit(id, place);
    }
    collect.found.sort();
    collect.found.sort_by_key(|symbol| (symbol.span, symbol.name_span));
    collect.found
}

/// The innermost of `symbols` (of one file) that holds `bytes`.
#[must_use]
pub fn enclosing(symbols: &[Symbol], bytes: Bytes) -> Option<&Symbol> {
    let holding = symbols.iter().filter(|symbol| symbol.span.bytes.contains(bytes));
    holding.min_by_key(|symbol| symbol.span.bytes.end - symbol.span.bytes.start)
}

/// The name of the innermost symbol that holds `bytes`; empty at the top level.
#[must_use]
pub fn symbol_at(facts: &FileFacts, bytes: Bytes) -> String {
    enclosing(&symbols(facts), bytes).map_or(String::new(), |symbol| symbol.name.clone())
}

/// Names that are exported apart from their declaration: `export { a }`, `module.exports = { a }`.
fn given_out(facts: &FileFacts, root: NodeId) -> BTreeSet<&str> {
    let tree = &facts.tree;
    let mut names = BTreeSet::new();
    for id in tree.children(root) {
        match tree.syntax(id) {
            Syntax::Export {
                from: None,
                names: list,
                item,
                ..
            } => {
                names.extend(list.iter().map(|name| &*name.local));
                names.extend(
                    item.filter(|item| matches!(tree.syntax(*item), Syntax::Name))
                        .map(|item| facts.words(item)),
                );
            }
            Syntax::Assign { target, value } if facts.words(*target) == "module.exports" => match tree.syntax(*value) {
                Syntax::Object { entries, .. } => {
                    names.extend(entries.iter().filter_map(|entry| entry_name(facts, *entry)));
                }
                Syntax::Name => {
                    names.insert(facts.words(*value));
                }
                _ => {}
            },
            _ => {}
        }
    }
    names
}

/// `a` for `a` and `b: a`.
fn entry_name(facts: &FileFacts, entry: NodeId) -> Option<&str> {
    let Syntax::Entry { value, .. } = facts.tree.syntax(entry) else {
        return None;
    };
    matches!(facts.tree.syntax(*value), Syntax::Name).then(|| facts.words(*value))
}

/// Where a node stands.
#[derive(Clone)]
struct Place {
    /// The owners' names, joined.
    owner: String,
    exported: bool,
    /// The bytes of the statement around it (`export …`), if it is more than the node.
    whole: Option<Bytes>,
    /// How many objects it is in.
    objects: usize,
}

struct Collect<'a> {
    facts: &'a FileFacts,
    separator: &'static str,
    given_out: BTreeSet<&'a str>,
    found: Vec<Symbol>,
    open: Vec<(NodeId, Place)>,
}

impl<'a> Collect<'a> {
    fn visit(&mut self, id: NodeId, place: Place) {
        let facts = self.facts;
        match facts.tree.syntax(id) {
            Syntax::Block(items) => self.all(items, &place),
            // Rust: an attribute and its item.
            Syntax::Other(items) if facts.language == Language::Rust => self.all(items, &place),
            Syntax::Export {
                item: Some(item),
                default,
                ..
            } => self.export(id, *item, *default, place),
            Syntax::Impl { target, members, .. } => {
                let owner = self.join(&place.owner, self.type_name(*target));
                let objects = 1;
                self.all(
                    members,
                    &Place {
                        owner,
                        objects,
                        ..place
                    },
                );
            }
            Syntax::Let { pattern, value, .. } => self.binding(id, *pattern, *value, &place),
            Syntax::Entry {
                key: Key::Name(name, bytes),
                value,
            } => self.entry(id, name, *bytes, *value, &place),
            Syntax::Assign { target, value } => self.assignment(id, *target, *value, &place),
            _ => self.named(id, &place),
        }
    }

    /// What has a name of its own.
    fn named(&mut self, id: NodeId, place: &Place) {
        let facts = self.facts;
        match facts.tree.syntax(id) {
            Syntax::Function(function) => self.function(id, function, place),
            Syntax::Class {
                name: Some((name, bytes)),
                members,
                ..
            } => self.owner(id, name, *bytes, SymbolKind::Class, members, place),
            Syntax::Module {
                name: (name, bytes),
                items,
                ..
            } => {
                let items = items.as_deref().unwrap_or_default();
                self.owner(id, name, *bytes, SymbolKind::Module, items, place);
            }
            // An associated type of a Rust impl belongs to its trait.
            Syntax::Interface { .. } | Syntax::TypeAlias { .. } if place.objects > 0 => {}
            Syntax::Interface {
                name: (name, bytes), ..
            }
            | Syntax::TypeAlias {
                name: (name, bytes), ..
            } => self.add(id, name, *bytes, SymbolKind::Type, place),
            Syntax::Enum {
                name: (name, bytes), ..
            } => self.add(id, name, *bytes, SymbolKind::Enum, place),
            Syntax::Field {
                key: Key::Name(name, bytes),
                value: Some(value),
                ..
            } if matches!(facts.tree.syntax(facts.tree.bare(*value)), Syntax::Function(_)) => {
                self.add(id, name, *bytes, SymbolKind::Method, place);
            }
            _ => {}
        }
    }

    /// A function with a name; a signature without a body only tells how one is called, but in Rust it is what a trait promises.
    fn function(&mut self, id: NodeId, function: &Function, place: &Place) {
        let Some((name, bytes)) = &function.name else { return };
        let kind = match function.method {
            true => SymbolKind::Method,
            false => SymbolKind::Function,
        };
        if function.body.is_some() || function.method || self.facts.language == Language::Rust {
            self.add(id, name, *bytes, kind, place);
        }
    }

    fn all(&mut self, items: &[NodeId], place: &Place) {
        self.open.extend(items.iter().map(|item| (*item, place.clone())));
    }

    fn export(&mut self, id: NodeId, item: NodeId, default: bool, place: Place) {
        let (facts, bytes) = (self.facts, self.facts.tree.bytes(id));
        let inner = Place {
            exported: true,
            whole: Some(bytes),
            ..place
        };
        let bare = facts.tree.bare(item);
        let nameless = match facts.tree.syntax(bare) {
            Syntax::Function(function) => function.name.is_none(),
            Syntax::Class { name, .. } => name.is_none(),
            _ => false,
        };
        match facts.tree.syntax(bare) {
            Syntax::Object { entries, .. } if default => {
                let owner = self.join(&inner.owner, "default");
                self.all(
                    entries,
                    &Place {
                        owner,
                        whole: None,
                        objects: 1,
                        ..inner
                    },
                );
            }
            Syntax::Class { members, .. } if nameless => {
                self.owner(
                    item,
                    "default",
                    first_word(bytes, facts),
                    SymbolKind::Class,
                    members,
                    &inner,
                );
            }
            _ if nameless => self.add(item, "default", first_word(bytes, facts), SymbolKind::Function, &inner),
            _ => self.open.push((item, inner)),
        }
    }

    fn owner(&mut self, id: NodeId, name: &str, bytes: Bytes, kind: SymbolKind, members: &[NodeId], place: &Place) {
        self.add(id, name, bytes, kind, place);
        let owner = self.join(&place.owner, name);
        let exported = place.exported || self.given_out.contains(name);
        self.all(
            members,
            &Place {
                owner,
                exported,
                whole: None,
                ..place.clone()
            },
        );
    }

    /// A constant, a function bound to a name, or the functions of an object.
    fn binding(&mut self, id: NodeId, pattern: NodeId, value: Option<NodeId>, place: &Place) {
        let facts = self.facts;
        let tree = &facts.tree;
        let Syntax::Name = tree.syntax(pattern) else {
            let names = tree
                .below(pattern)
                .into_iter()
                .filter(|inner| matches!(tree.syntax(*inner), Syntax::Name));
            for name in names {
                self.add(id, facts.words(name), tree.bytes(name), SymbolKind::Constant, place);
            }
            return;
        };
        let (name, bytes) = (facts.words(pattern), tree.bytes(pattern));
        match value.map(|value| tree.syntax(tree.bare(value))) {
            Some(Syntax::Function(_)) => self.add(id, name, bytes, SymbolKind::Function, place),
            Some(Syntax::Object { entries, .. }) if facts.language != Language::Rust => {
                self.owner(id, name, bytes, SymbolKind::Constant, &[], place);
                self.members(name, entries, place);
            }
            Some(Syntax::Class { members, .. }) => self.owner(id, name, bytes, SymbolKind::Class, members, place),
            _ => self.add(id, name, bytes, SymbolKind::Constant, place),
        }
    }

    /// The functions of an object.
    fn members(&mut self, name: &str, entries: &[NodeId], place: &Place) {
        let owner = self.join(&place.owner, name);
        let exported = place.exported || self.given_out.contains(name);
        if place.objects < DEEPEST_OBJECT {
            let objects = place.objects + 1;
            self.all(
                entries,
                &Place {
                    owner,
                    exported,
                    whole: None,
                    objects,
                },
            );
        }
    }

    fn entry(&mut self, id: NodeId, name: &str, bytes: Bytes, value: NodeId, place: &Place) {
        let tree = &self.facts.tree;
        match tree.syntax(tree.bare(value)) {
            Syntax::Function(_) => self.add(id, name, bytes, SymbolKind::Method, place),
            Syntax::Object { entries, .. } => self.members(name, entries, place),
            _ => {}
        }
    }

    /// `exports.f = function …`, `A.prototype.f = …`, `module.exports = { f() {} }`.
    fn assignment(&mut self, id: NodeId, target: NodeId, value: NodeId, place: &Place) {
        let facts = self.facts;
        let tree = &facts.tree;
        let Syntax::Member { property, .. } = tree.syntax(target) else {
            return;
        };
        let path = facts.words(target);
        let bare = path
            .strip_prefix("module.exports")
            .or_else(|| path.strip_prefix("exports"));
        let place = Place {
            exported: bare.is_some(),
            ..place.clone()
        };
        let name = bare
            .map_or(path, |rest| rest.trim_start_matches('.'))
            .replace(".prototype.", ".");
        match tree.syntax(tree.bare(value)) {
            Syntax::Function(_) if name.is_empty() => self.add(id, "default", *property, SymbolKind::Function, &place),
            Syntax::Function(_) if !name.contains(char::is_whitespace) && !name.starts_with("this.") => {
                let kind = if name.contains('.') {
                    SymbolKind::Method
                } else {
                    SymbolKind::Function
                };
                self.add(id, &name, *property, kind, &place);
            }
            Syntax::Object { entries, .. } if name.is_empty() => self.all(entries, &Place { objects: 1, ..place }),
            _ => {}
        }
    }

    fn join(&self, owner: &str, name: &str) -> String {
        if owner.is_empty() {
            name.to_owned()
        } else {
            format!("{owner}{}{name}", self.separator)
        }
    }

    /// `Foo` of `Foo<T>`, `a::Foo`, `&Foo`.
    fn type_name(&self, target: NodeId) -> &'a str {
        let words = self.facts.words(target).split('<').next().unwrap_or_default();
        let words = words.rsplit("::").next().unwrap_or(words);
        words.trim_start_matches(['&', '(', ' ']).trim_end_matches([' ', ')'])
    }

    fn add(&mut self, id: NodeId, name: &str, name_bytes: Bytes, kind: SymbolKind, place: &Place) {
        let facts = self.facts;
        let mut bytes = place.whole.unwrap_or(facts.tree.bytes(id));
        // A decorator may stand before `export`, and before a method.
        if let Syntax::Class { decorators, .. } | Syntax::Field { decorators, .. } = facts.tree.syntax(id) {
            widen(facts, &mut bytes, decorators);
        }
        if let Syntax::Function(function) = facts.tree.syntax(id) {
            widen(facts, &mut bytes, &function.decorators);
        }
        self.found.push(Symbol {
            path: facts.path.clone(),
            name: self.join(&place.owner, name),
            kind,
            span: bytes.in_file(facts.file),
            name_span: name_bytes.in_file(facts.file),
            exported: place.exported || (place.owner.is_empty() && self.given_out.contains(name)),
        });
    }
}

fn widen(facts: &FileFacts, bytes: &mut Bytes, decorators: &[NodeId]) {
    for decorator in decorators {
        bytes.start = bytes.start.min(facts.tree.bytes(*decorator).start);
    }
}

/// What has no name is shown at its `export`.
fn first_word(bytes: Bytes, facts: &FileFacts) -> Bytes {
    let word = facts.slice(bytes).split_whitespace().next().map_or(0, str::len);
    Bytes::new(bytes.start as usize, bytes.start as usize + word)
}
