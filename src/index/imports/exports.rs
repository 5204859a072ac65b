//! Who really has an exported name. Enters: a file, a name, the facts of files. Leaves: an [`Exporter`]. Follows re-exports through
//! any number of barrels, but each file and name once.

use std::collections::{BTreeSet, VecDeque};

use super::Imports;
use super::constants::TOP;
use crate::index::bindings::Bindings;
use crate::index::exports::{Export, Exports};
use crate::lang::tree::{NodeId, Syntax, Tree};
use crate::lang::{FileFacts, Language};
use crate::source::RepoPath;

/// How many files are looked at for one name.
const FARTHEST: usize = 2_000;

/// Who has an exported name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Exporter {
    /// This file has it, under this name (`default` for what has no name, `*` for the whole module).
    Found(RepoPath, String),
    /// It may come from this file, whose facts are not there yet.
    Unread(RepoPath),
    /// It comes from outside of the view: the module's name.
    Outside(String),
    /// Nobody has it, as far as can be seen.
    Nobody,
}

/// Where a name leads within one file.
enum Lead {
    Here(String),
    Module {
        specifier: String,
        name: String,
    },
    /// Perhaps one of these: `export * from …`.
    Stars(Vec<String>),
}

impl Imports {
    /// Who has what `path` exports as `name`.
    pub fn exporter<'f>(
        &self,
        facts: impl Fn(&RepoPath) -> Option<&'f FileFacts>,
        path: &RepoPath,
        name: &str,
    ) -> Exporter {
        let mut open = VecDeque::from([(path.clone(), name.to_owned())]);
        let mut seen = BTreeSet::new();
        // What is said if nobody has it: the first file that could not be looked at, else the first module outside.
        let (mut unread, mut outside) = (None, None);
        while let Some((path, name)) = open.pop_front() {
            if seen.len() >= FARTHEST || !seen.insert((path.clone(), name.clone())) {
                continue;
            }
            if name == "*" {
                return Exporter::Found(path, name);
            }
            let Some(facts) = facts(&path) else {
                unread.get_or_insert(path);
                continue;
            };
            let mut follow =
                |specifier: &str, name: &str, open: &mut VecDeque<_>| match self.target(facts, specifier, name) {
                    Some(found) => open.push_back(found),
                    None => {
                        outside.get_or_insert_with(|| specifier.to_owned());
                    }
                };
            match lead(facts, &name) {
                Lead::Here(local) => return Exporter::Found(path, local),
                Lead::Module { specifier, name } => follow(&specifier, &name, &mut open),
                Lead::Stars(specifiers) => {
                    for specifier in specifiers {
                        follow(&specifier, &name, &mut open);
                    }
                }
            }
        }
        let outside = outside.map_or(Exporter::Nobody, Exporter::Outside);
        unread.map_or(outside, Exporter::Unread)
    }

    /// Who has what `path` exports as `name`, if that can be said.
    pub fn exporter_of<'f>(
        &self,
        facts: impl Fn(&RepoPath) -> Option<&'f FileFacts>,
        path: &RepoPath,
        name: &str,
    ) -> Option<(RepoPath, String)> {
        match self.exporter(facts, path, name) {
            Exporter::Found(path, name) => Some((path, name)),
            _ => None,
        }
    }

    /// The file of the view in which to look for `name` of the module `specifier`, seen from a file, and its name there.
    pub fn target(&self, facts: &FileFacts, specifier: &str, name: &str) -> Option<(RepoPath, String)> {
        match facts.language {
            Language::Rust => self.crates.item(facts, specifier, name),
            Language::Go => self.packages.item(facts, specifier, name),
            Language::Python => self.python.item(facts, specifier, name),
            Language::CSharp => self.types.item(specifier, name),
            Language::Java | Language::Kotlin => self.jvm.item(facts, specifier, name),
            Language::Ruby if specifier.starts_with(TOP) => self.constants.item(specifier, name),
            _ => Some((self.resolve(&facts.path, specifier)?, name.to_owned())),
        }
    }

    /// The module `name` of the package that a file is, where the language has packages of files.
    pub fn submodule(&self, package: &RepoPath, name: &str) -> Option<RepoPath> {
        self.python.submodule(package, name)
    }
}

/// Where the exported `name` leads.
fn lead(facts: &FileFacts, name: &str) -> Lead {
    let Some(root) = facts.tree.root() else {
        return Lead::Stars(Vec::new());
    };
    if facts.language == Language::Python {
        return lead_of_module(facts, name);
    }
    let (mut stars, mut bare) = (Vec::new(), None);
    for statement in facts.tree.children(root) {
        match facts.tree.syntax(statement) {
            Syntax::Export {
                from: Some(from),
                names,
                ..
            } => {
                for given in names {
                    match (&*given.local, &*given.exported) {
                        ("*", "*") => stars.push(from.to_string()),
                        (local, exported) if exported == name => {
                            let (specifier, name) = (from.to_string(), local.to_owned());
                            return Lead::Module { specifier, name };
                        }
                        _ => {}
                    }
                }
            }
            Syntax::Export {
                names, item, default, ..
            } => {
                if let Some(given) = names.iter().find(|given| &*given.exported == name) {
                    return local(facts, root, &given.local);
                }
                match item {
                    Some(item) if *default && name == "default" => return default_item(facts, root, *item),
                    Some(item) if !default && declares(facts, *item, name) => return Lead::Here(name.to_owned()),
                    _ => {}
                }
            }
            Syntax::Assign { target, value } => {
                bare = bare.or_else(|| assigned(facts, root, *target, *value, name));
            }
            _ if matches!(facts.language, Language::Rust | Language::Go) && declares(facts, statement, name) => {
                bare = bare.or_else(|| Some(Lead::Here(name.to_owned())));
            }
            _ => {}
        }
    }
    bare.unwrap_or(Lead::Stars(stars))
}

/// Python: whatever stands at the top level is given out, imports too.
fn lead_of_module(facts: &FileFacts, name: &str) -> Lead {
    let exports = Exports::of(facts, &Bindings::default());
    match exports.names.get(name) {
        Some(Export::Node(..)) => Lead::Here(name.to_owned()),
        Some(Export::From { module, name }) => Lead::Module {
            specifier: module.to_string(),
            name: name.to_string(),
        },
        None => Lead::Stars(exports.stars.iter().map(ToString::to_string).collect()),
    }
}

/// A name of this file: an import of it leads on.
fn local(facts: &FileFacts, root: NodeId, name: &str) -> Lead {
    for statement in facts.tree.children(root) {
        if let Syntax::Import { from, names, .. } = facts.tree.syntax(statement)
            && let Some(import) = names.iter().find(|import| &*import.local == name)
        {
            let (specifier, name) = (from.to_string(), import.imported.to_string());
            return Lead::Module { specifier, name };
        }
    }
    Lead::Here(name.to_owned())
}

fn default_item(facts: &FileFacts, root: NodeId, item: NodeId) -> Lead {
    let item = facts.tree.bare(item);
    match facts.tree.syntax(item) {
        Syntax::Name => local(facts, root, facts.words(item)),
        Syntax::Function(function) => Lead::Here(
            function
                .name
                .as_ref()
                .map_or("default".into(), |(name, _)| name.to_string()),
        ),
        Syntax::Class { name, .. } => Lead::Here(name.as_ref().map_or("default".into(), |(name, _)| name.to_string())),
        _ => Lead::Here("default".into()),
    }
}

/// `module.exports = x`, `module.exports = { a }`, `exports.a = …`.
fn assigned(facts: &FileFacts, root: NodeId, target: NodeId, value: NodeId, name: &str) -> Option<Lead> {
    let path = facts.words(target);
    let path = path.strip_prefix("module.").unwrap_or(path);
    let value = facts.tree.bare(value);
    if path.strip_prefix("exports.") == Some(name) {
        return Some(match facts.tree.syntax(value) {
            Syntax::Name => local(facts, root, facts.words(value)),
            _ => Lead::Here(name.to_owned()),
        });
    }
    if path != "exports" {
        return None;
    }
    match facts.tree.syntax(value) {
        Syntax::Name if name == "default" => Some(local(facts, root, facts.words(value))),
        Syntax::Object { entries, .. } => {
            let entry = entries
                .iter()
                .find(|entry| entry_key(&facts.tree, **entry) == Some(name))?;
            Some(match facts.tree.syntax(*entry) {
                Syntax::Entry { value, .. } if matches!(facts.tree.syntax(*value), Syntax::Name) => {
                    local(facts, root, facts.words(*value))
                }
                _ => Lead::Here(name.to_owned()),
            })
        }
        _ => None,
    }
}

fn entry_key(tree: &Tree, entry: NodeId) -> Option<&str> {
    match tree.syntax(entry) {
        Syntax::Entry {
            key: crate::lang::tree::Key::Name(name, _),
            ..
        } => Some(name),
        Syntax::Function(function) => function.name.as_ref().map(|(name, _)| &**name),
        _ => None,
    }
}

/// True if the item declares `name`.
fn declares(facts: &FileFacts, item: NodeId, name: &str) -> bool {
    let tree = &facts.tree;
    match tree.syntax(item) {
        Syntax::Let { pattern, .. } => {
            let mut inside = tree.below(*pattern).into_iter();
            inside.any(|inner| matches!(tree.syntax(inner), Syntax::Name) && facts.words(inner) == name)
        }
        Syntax::Function(function) => function.name.as_ref().is_some_and(|(own, _)| &**own == name),
        Syntax::Class { name: own, .. } => own.as_ref().is_some_and(|(own, _)| &**own == name),
        Syntax::Enum { name: own, .. }
        | Syntax::TypeAlias { name: own, .. }
        | Syntax::Interface { name: own, .. }
        | Syntax::Module { name: own, .. } => &*own.0 == name,
        // Rust: an attribute and its item.
        Syntax::Other(inside) => inside.iter().any(|inner| match tree.syntax(*inner) {
            Syntax::Decorator(_) | Syntax::Other(_) => false,
            _ => declares(facts, *inner, name),
        }),
        Syntax::Export { item: Some(item), .. } => declares(facts, *item, name),
        _ => false,
    }
}
