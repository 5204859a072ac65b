//! Places that write into what holds flags, whoever does it: `FLAGS[key] = true`, `Object.assign(FLAGS, values)`, `process.env[name] = '1'`.
//! Enters: the parsed files, where flags are defined and read. Leaves: [`Write`]s. A place here is no force: nobody says to what it sets
//! which flag, or when it runs. But where one may run for a test, that test cannot be said to run with a default.

mod holder;

use std::collections::{BTreeMap, BTreeSet};

use super::stores::{Store, environment, stores};
use crate::flag::FlagKey;
use crate::index::CodeIndex;
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::{FileId, RepoPath, Sources, Span};

/// Functions that are given an object and leave it as it is.
const LOOKS: &[&str] = &[
    "keys",
    "values",
    "entries",
    "freeze",
    "stringify",
    "structuredClone",
    "cloneDeep",
    "log",
    "debug",
    "info",
    "warn",
    "error",
    "expect",
    "equal",
    "deepEqual",
    "strictEqual",
    "deepStrictEqual",
    "toEqual",
    "ok",
    "assert",
    "hasOwn",
    "includes",
    "Boolean",
    "isFrozen",
    "len",
    "dict",
    "list",
    "sorted",
    "print",
    "String",
    "toBe",
    "toStrictEqual",
    "toMatchObject",
];
/// Functions that write into the first of their arguments alone.
const INTO_FIRST: &[&str] = &["assign", "merge", "defaults", "extend", "mergeWith", "defaultsDeep"];
/// Methods that write into what they are called on.
const INTO_OWNER: &[&str] = &[
    "set",
    "delete",
    "clear",
    "add",
    "insert",
    "update",
    "pop",
    "setdefault",
    "put",
    "remove",
    "store",
];
/// Functions that set variables of the environment by name.
const SET_VARIABLE: &[&str] = &["stubEnv", "setenv", "set_var", "Setenv", "putenv"];
/// What holds the environment.
const ENVIRONMENTS: &[&str] = &[
    "process.env",
    "import.meta.env",
    "os.environ",
    "ENV",
    "Bun.env",
    "globalThis.process.env",
];

/// A place that writes into what holds flags.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Write {
    /// The file.
    pub path: RepoPath,
    /// The place.
    pub span: Span,
    /// The flags that it may be about.
    pub keys: BTreeSet<FlagKey>,
    /// The outermost named function or class that it stands in; `None` for what runs with the file, its hooks or its tests.
    pub within: Option<(String, Span)>,
    /// Which flag is set is a parameter of that very function.
    pub by_parameter: bool,
    /// It runs when the file is loaded.
    pub loaded: bool,
}

/// Every write of a tree, by path and place.
#[must_use]
pub fn writes(sources: &Sources, index: &CodeIndex) -> Vec<Write> {
    let stores = stores(sources, index);
    let environment = environment(index);
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_path: BTreeMap<&RepoPath, Vec<usize>> = BTreeMap::new();
    for (at, store) in stores.iter().enumerate() {
        by_name.entry(&store.name).or_default().push(at);
        if let Some(path) = &store.path {
            by_path.entry(path).or_default().push(at);
        }
    }
    let mut found = Vec::new();
    let mut edges = index.imports.iter().peekable();
    for (path, facts) in &index.files {
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let mut properties: BTreeMap<&str, usize> = BTreeMap::new();
        for at in by_path.get(path).into_iter().flatten() {
            known.insert(stores[*at].name.clone(), *at);
        }
        while edges.next_if(|edge| edge.from < *path).is_some() {}
        let mut imported = Vec::new();
        while let Some(edge) = edges.next_if(|edge| edge.from == *path) {
            imported.push(edge);
        }
        for edge in &imported {
            for at in by_path.get(&edge.to).into_iter().flatten() {
                properties.insert(&stores[*at].name, *at);
                known.extend(by_default(facts, edge.span).map(|local| (local, *at)));
            }
        }
        for (local, name) in names_of_imports(facts) {
            for at in by_name.get(name).into_iter().flatten() {
                known.entry(local.to_owned()).or_insert(*at);
                properties.entry(&stores[*at].name).or_insert(*at);
            }
        }
        let has_environment = !environment.flags.is_empty()
            && (ENVIRONMENTS.iter().chain(SET_VARIABLE)).any(|words| facts.text.contains(words));
        if known.is_empty() && properties.is_empty() && !has_environment {
            continue;
        }
        let file = File {
            facts,
            stores: &stores,
            known,
            properties,
            environment: has_environment.then_some(&environment),
        };
        found.extend(file.writes());
    }
    let defines: BTreeSet<(FileId, u32)> = index
        .definitions
        .iter()
        .map(|of| (of.span.file, of.span.bytes.start))
        .collect();
    found.retain(|write| {
        let own = (write.span.file, write.span.bytes.start)..=(write.span.file, write.span.bytes.end);
        defines.range(own).next().is_none()
    });
    found
}

/// The names of a file and what they are called where they come from.
fn names_of_imports(facts: &FileFacts) -> Vec<(&str, &str)> {
    let names = facts.tree.ids().filter_map(|id| match facts.tree.syntax(id) {
        Syntax::Import {
            names,
            type_only: false,
            ..
        } => Some(names),
        _ => None,
    });
    names.flatten().map(|name| (&*name.local, &*name.imported)).collect()
}

/// What an import calls the default of its module.
fn by_default(facts: &FileFacts, span: Span) -> Option<String> {
    facts.tree.ids().find_map(|id| match facts.tree.syntax(id) {
        Syntax::Import { names, .. }
            if span.bytes.contains(facts.tree.bytes(id)) || facts.tree.bytes(id).contains(span.bytes) =>
        {
            let default = names.iter().find(|name| &*name.imported == "default")?;
            Some(default.local.to_string())
        }
        _ => None,
    })
}

/// A file and what holds flags in it.
struct File<'a> {
    facts: &'a FileFacts,
    stores: &'a [Store],
    /// By local name.
    known: BTreeMap<String, usize>,
    /// By the name of a property of a module.
    properties: BTreeMap<&'a str, usize>,
    environment: Option<&'a Store>,
}

/// Which entries a place is about.
enum About {
    Every,
    /// The key is an expression.
    Some(NodeId),
    Names(Vec<String>),
}

impl<'a> File<'a> {
    fn writes(&self) -> Vec<Write> {
        let tree = &self.facts.tree;
        let mut found = Vec::new();
        for id in tree.ids() {
            let Some((store, about)) = self.write(id) else { continue };
            if self.is_afterwards(id) {
                continue;
            }
            let (keys, key) = match about {
                About::Every => (store.flags.values().cloned().collect(), None),
                About::Some(key) => (store.flags.values().cloned().collect(), Some(key)),
                About::Names(names) => {
                    let known = names.iter().filter_map(|name| store.flags.get(name));
                    (known.cloned().collect::<BTreeSet<FlagKey>>(), None)
                }
            };
            if keys.is_empty() {
                continue;
            }
            let (within, loaded) = self.holder(id);
            found.push(Write {
                path: self.facts.path.clone(),
                span: tree.bytes(id).in_file(self.facts.file),
                keys,
                by_parameter: key.is_some_and(|key| self.is_parameter(key)) && within.is_some(),
                within,
                loaded,
            });
        }
        found
    }

    /// What holds flags and is this expression.
    fn store(&self, id: NodeId) -> Option<&'a Store> {
        let tree = &self.facts.tree;
        let id = tree.bare(id);
        match tree.syntax(id) {
            Syntax::Name => {
                let words = self.facts.words(id);
                let known = self.known.get(words).map(|at| &self.stores[*at]);
                known.or_else(|| self.environment.filter(|_| ENVIRONMENTS.contains(&words)))
            }
            Syntax::Member { property, .. } => {
                let environment = self
                    .environment
                    .filter(|_| ENVIRONMENTS.contains(&self.facts.words(id)));
                environment.or_else(|| Some(&self.stores[*self.properties.get(self.facts.slice(*property))?]))
            }
            _ => None,
        }
    }

    fn is_environment(store: &Store) -> bool {
        store.path.is_none()
    }

    fn write(&self, id: NodeId) -> Option<(&'a Store, About)> {
        let tree = &self.facts.tree;
        match tree.syntax(id) {
            Syntax::Assign { target, value } => {
                let whole = self.store(*target);
                match whole {
                    // What puts the environment back as it was is no setting of a flag.
                    Some(store) if Self::is_environment(store) => Some((store, self.entries(*value)?)),
                    Some(store) => Some((store, About::Every)),
                    None => self.target(*target),
                }
            }
            Syntax::Delete(target) => self.target(*target),
            Syntax::Call { callee, args, .. } => self.call(*callee, args),
            Syntax::New { args, .. } => {
                let store = args.iter().find_map(|arg| self.store(*arg))?;
                (!Self::is_environment(store)).then_some((store, About::Every))
            }
            _ => None,
        }
    }

    /// `FLAGS.k`, `FLAGS[k]`, where it is set.
    fn target(&self, target: NodeId) -> Option<(&'a Store, About)> {
        let tree = &self.facts.tree;
        match tree.syntax(tree.bare(target)) {
            Syntax::Member { object, property } => {
                let store = self.store(*object)?;
                Some((store, About::Names(vec![self.facts.slice(*property).to_owned()])))
            }
            Syntax::Index { object, index } => Some((self.store(*object)?, self.key(*index))),
            _ => None,
        }
    }

    fn key(&self, key: NodeId) -> About {
        let tree = &self.facts.tree;
        match tree.syntax(tree.bare(key)) {
            Syntax::Text(text) => About::Names(vec![text.to_string()]),
            _ => About::Some(tree.bare(key)),
        }
    }

    /// The names that an object writes out; every one where it is none, or holds what is not written out.
    fn entries(&self, value: NodeId) -> Option<About> {
        let tree = &self.facts.tree;
        let Syntax::Object { entries, .. } = tree.syntax(tree.bare(value)) else {
            return None;
        };
        let names = entries.iter().filter_map(|entry| match tree.syntax(*entry) {
            Syntax::Entry {
                key: Key::Name(name, _),
                ..
            } => Some(name.to_string()),
            _ => None,
        });
        Some(About::Names(names.collect()))
    }

    fn call(&self, callee: NodeId, args: &[NodeId]) -> Option<(&'a Store, About)> {
        let tree = &self.facts.tree;
        let words = self.facts.words(callee);
        let last = words.rsplit(['.', ':', ')']).next().unwrap_or(words);
        if SET_VARIABLE.contains(&last)
            && let (Some(environment), Some(first)) = (self.environment, args.first())
        {
            return Some((environment, self.key(*first)));
        }
        if let Syntax::Member { object, .. } = tree.syntax(tree.bare(callee))
            && let Some(store) = self.store(*object)
        {
            let key = args
                .first()
                .map(|key| self.key(*key))
                .filter(|_| last != "clear" && last != "update");
            let into = INTO_OWNER.contains(&last);
            return into.then(|| (store, key.unwrap_or(About::Every)));
        }
        let reads = ["is", "get", "has", "use", "read", "to", "can"].iter().any(|verb| {
            let rest = last.strip_prefix(verb);
            rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase() || c == '_') || rest.is_empty())
        });
        if LOOKS.contains(&last) || reads {
            return None;
        }
        let (at, store) = args
            .iter()
            .enumerate()
            .find_map(|(at, arg)| Some((at, self.store(*arg)?)))?;
        let into_first = INTO_FIRST.contains(&last);
        if Self::is_environment(store) && !(into_first && at == 0) {
            return None;
        }
        if into_first {
            if at > 0 {
                return None;
            }
            let all: Option<Vec<String>> =
                args[1..]
                    .iter()
                    .try_fold(Vec::new(), |mut all, arg| match self.entries(*arg)? {
                        About::Names(names) if !self.has_spread(*arg) => {
                            all.extend(names);
                            Some(all)
                        }
                        _ => None,
                    });
            return Some((store, all.map_or(About::Every, About::Names)));
        }
        let named = args[at + 1..].first().map(|key| self.key(*key));
        Some((
            store,
            named
                .filter(|about| matches!(about, About::Names(_)))
                .unwrap_or(About::Every),
        ))
    }

    fn has_spread(&self, object: NodeId) -> bool {
        let tree = &self.facts.tree;
        let is_open = |id: &NodeId| {
            matches!(
                tree.syntax(*id),
                Syntax::Spread(_)
                    | Syntax::Entry {
                        key: Key::Computed(_),
                        ..
                    }
            )
        };
        matches!(tree.syntax(tree.bare(object)), Syntax::Object { entries, .. } if entries.iter().any(is_open))
    }
}
