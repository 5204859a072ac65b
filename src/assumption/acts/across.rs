//! Functions that a function calls, wherever they stand. Enters: a call. Leaves: the one function of the code that it can mean: of its own file, of a
//! file that it imports (through barrels), of its package. Where two could be meant, none is.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::modules::names_of;
use super::replaced::{names_file, replaced};
use super::{deeper, yields::callee_name};
use crate::index::bindings::{Binding, Bindings, Declaration};
use crate::index::{CodeIndex, Guard, ImportEdge};
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::{FileId, RepoPath};

/// How many files may pass a name on.
const BARRELS: u32 = 3;

/// The functions of the code.
pub struct Code<'a> {
    files: BTreeMap<FileId, OfFile<'a>>,
    ids: BTreeMap<&'a RepoPath, FileId>,
    /// What the set-up of tests puts something else in the place of, for all of them.
    replaced: BTreeSet<String>,
}

/// What is known of a file.
struct OfFile<'a> {
    facts: &'a FileFacts,
    imports: Vec<&'a ImportEdge>,
    guards: Vec<&'a Guard>,
    bindings: OnceCell<Bindings>,
}

/// A function of the code.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its file.
    pub facts: &'a FileFacts,
    /// The function.
    pub function: NodeId,
}

/// What a test may put something else in the place of: a name, and the file that has it or passes it on.
pub type Passed<'a> = (String, &'a RepoPath);

impl<'a> Code<'a> {
    /// The functions of this code.
    #[must_use]
    pub fn of(index: &'a CodeIndex) -> Self {
        let of = |facts: &'a FileFacts| OfFile {
            facts,
            imports: Vec::new(),
            guards: Vec::new(),
            bindings: OnceCell::new(),
        };
        let mut files: BTreeMap<FileId, OfFile<'a>> =
            index.files.values().map(|facts| (facts.file, of(facts))).collect();
        let ids: BTreeMap<&RepoPath, FileId> = index.files.iter().map(|(path, facts)| (path, facts.file)).collect();
        for edge in index.imports.iter().filter(|edge| !edge.type_only) {
            if let Some(of) = ids.get(&edge.from).and_then(|id| files.get_mut(id)) {
                of.imports.push(edge);
            }
        }
        for guard in &index.guards {
            if let Some(of) = files.get_mut(&guard.region.file) {
                of.guards.push(guard);
            }
        }
        let with_tests: BTreeSet<&RepoPath> = index.tests.iter().map(|test| &test.path).collect();
        let set_up = index.test_files.iter().filter(|path| !with_tests.contains(path));
        let set_up = set_up.filter_map(|path| index.files.get(path));
        Self {
            replaced: set_up.flat_map(|facts| replaced(facts)).collect(),
            files,
            ids,
        }
    }

    /// The names of a file.
    pub fn bindings(&self, facts: &FileFacts) -> &Bindings {
        static NONE: std::sync::OnceLock<Bindings> = std::sync::OnceLock::new();
        match self.files.get(&facts.file) {
            Some(of) => of.bindings.get_or_init(|| Bindings::of(of.facts)),
            None => NONE.get_or_init(Bindings::default),
        }
    }

    /// The guards of a file.
    pub fn guards(&self, file: FileId) -> &[&'a Guard] {
        self.files.get(&file).map_or(&[], |of| &of.guards)
    }

    /// The function that is called; in `passed` every name and file on the way to it.
    pub fn function<'c>(
        &'c self,
        facts: &'c FileFacts,
        callee: NodeId,
        passed: &mut Vec<Passed<'c>>,
    ) -> Option<Place<'c>> {
        let bindings = self.bindings(facts);
        let name = callee_name(facts, callee);
        if let Some(function) = deeper::function(facts, bindings, callee) {
            passed.push((name.to_owned(), &facts.path));
            return Some(Place { facts, function });
        }
        let mut way = Vec::new();
        let mut found = Vec::new();
        for (edge, name) in self.asked(facts, bindings, callee) {
            self.follow(&edge.to, name, BARRELS, &mut way, &mut found);
        }
        found.sort_by_key(|of| (of.facts.file, of.function));
        found.dedup_by_key(|of| (of.facts.file, of.function));
        let [one] = found.as_slice() else { return None };
        if way
            .iter()
            .any(|(name, path)| self.replaced.iter().any(|text| names_file(text, name, path)))
        {
            return None;
        }
        passed.append(&mut way);
        Some(*one)
    }

    /// The imports that may bring in what is called, each with the name that it has there.
    fn asked<'c>(
        &'c self,
        facts: &'c FileFacts,
        bindings: &'c Bindings,
        callee: NodeId,
    ) -> Vec<(&'c ImportEdge, &'c str)> {
        let tree = &facts.tree;
        let Some(of) = self.files.get(&facts.file) else {
            return Vec::new();
        };
        let callee = tree.bare(callee);
        let imports = of.imports.iter().copied();
        let words = facts.words(callee);
        match (tree.syntax(callee), facts.language) {
            (Syntax::Name, Language::Rust) if words.contains("::") => {
                let mut parts = words.rsplit("::");
                let (Some(name), Some(module)) = (parts.next(), parts.next()) else {
                    return Vec::new();
                };
                let is_it = |edge: &&ImportEdge| self.is_module(&edge.to, module);
                imports.filter(is_it).map(|edge| (edge, name)).collect()
            }
            (Syntax::Name, _) => match bindings.declaration(callee).map(|of| of.binding) {
                Some(Binding::Import { node, at }) => {
                    let name = imported(facts, node, at);
                    let is_it = |edge: &&ImportEdge| tree.bytes(node).contains(edge.span.bytes) && names(edge, name);
                    imports.filter(is_it).map(|edge| (edge, name)).collect()
                }
                // The files of a package know each other's names.
                None if facts.language == Language::Go => {
                    let is_it = |edge: &&ImportEdge| edge.to.parent() == facts.path.parent() && names(edge, words);
                    imports.filter(is_it).map(|edge| (edge, words)).collect()
                }
                _ => Vec::new(),
            },
            (Syntax::Member { object, property }, _) => {
                let Some(Binding::Import { node, at }) = bindings.declaration(tree.bare(*object)).map(|of| of.binding)
                else {
                    return Vec::new();
                };
                let (name, module) = (facts.slice(*property), imported(facts, node, at));
                let is_it = |edge: &&ImportEdge| match facts.language {
                    Language::Go => edge.names.iter().any(|of| of == name) && edge.to.parent() != facts.path.parent(),
                    // Elsewhere a name of an import is one of the things in a module, and not a module.
                    Language::Python => tree.bytes(node).contains(edge.span.bytes) && self.is_module(&edge.to, module),
                    _ => tree.bytes(node).contains(edge.span.bytes) && module == "*",
                };
                imports.filter(is_it).map(|edge| (edge, name)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn is_module(&self, path: &RepoPath, module: &str) -> bool {
        let facts = self.ids.get(path).and_then(|id| self.files.get(id));
        facts.is_some_and(|of| names_of(of.facts).contains(&module))
    }

    /// The functions that a file gives out under a name, its own or passed on.
    fn follow<'c>(
        &'c self,
        path: &'c RepoPath,
        name: &'c str,
        left: u32,
        way: &mut Vec<Passed<'c>>,
        found: &mut Vec<Place<'c>>,
    ) {
        let Some(of) = self.ids.get(path).and_then(|id| self.files.get(id)) else {
            return;
        };
        way.push((name.to_owned(), path));
        let bindings = self.bindings(of.facts);
        if let Some(function) = own(of.facts, bindings, name) {
            return found.push(Place {
                facts: of.facts,
                function,
            });
        }
        let Some(left) = left.checked_sub(1) else { return };
        match bindings.top(name).map(|of| of.binding) {
            Some(Binding::Import { node, at }) => {
                let there = imported(of.facts, node, at);
                let within = of.facts.tree.bytes(node);
                for edge in of
                    .imports
                    .iter()
                    .filter(|edge| within.contains(edge.span.bytes) && names(edge, there))
                {
                    self.follow(&edge.to, there, left, way, found);
                }
            }
            None => {
                for edge in of.imports.iter().filter(|edge| edge.reexport && names(edge, name)) {
                    self.follow(&edge.to, name, left, way, found);
                }
            }
            _ => {}
        }
    }
}

/// The one function of this name at the top level of a file, which nothing replaces there.
fn own(facts: &FileFacts, bindings: &Bindings, name: &str) -> Option<NodeId> {
    let tree = &facts.tree;
    let has_body = |id: NodeId| matches!(tree.syntax(id), Syntax::Function(of) if of.body.is_some());
    let function = |of: &Declaration| match of.binding {
        Binding::Item(item) => Some(item),
        // A variable of Go may be given another function by a test.
        Binding::Let(place) if facts.language != Language::Go => match tree.syntax(place) {
            Syntax::Let { value, .. } => value.map(|value| tree.bare(value)),
            _ => None,
        },
        _ => None,
    };
    let named = || bindings.all().iter().filter(|of| of.top && *of.name == *name);
    let mut bodies = named().filter_map(|of| function(of).filter(|id| has_body(*id)));
    let calm = named().all(|of| of.is_constant() && of.path.is_empty() && function(of).is_some());
    match (bodies.next(), bodies.next()) {
        (Some(one), None) if calm => Some(one),
        _ => None,
    }
}

fn imported(facts: &FileFacts, import: NodeId, at: usize) -> &str {
    match facts.tree.syntax(import) {
        Syntax::Import { names, .. } => names.get(at).map_or("", |name| &*name.imported),
        _ => "",
    }
}

fn names(edge: &ImportEdge, name: &str) -> bool {
    edge.names.iter().any(|of| of == name || of == "*")
}
