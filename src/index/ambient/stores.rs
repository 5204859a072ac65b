//! What holds flags. Enters: the index, with its definitions and reads. Leaves: [`Store`]s: the objects whose entries define flags, each by its
//! name, and the environment.

use std::collections::BTreeMap;

use crate::flag::FlagKey;
use crate::index::CodeIndex;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{FileId, RepoPath, Sources};

/// Flags of one object beyond which it is data.
const MOST: usize = 2_000;

/// An object that holds flags.
#[derive(Debug, Default)]
pub(super) struct Store {
    /// The file; the environment has none.
    pub(super) path: Option<RepoPath>,
    /// What it is called there.
    pub(super) name: String,
    /// By the name of the entry.
    pub(super) flags: BTreeMap<String, FlagKey>,
}

/// The objects whose entries define flags.
pub(super) fn stores(sources: &Sources, index: &CodeIndex) -> Vec<Store> {
    let mut by_file: BTreeMap<FileId, Vec<usize>> = BTreeMap::new();
    for (at, definition) in index.definitions.iter().enumerate() {
        by_file.entry(definition.span.file).or_default().push(at);
    }
    let mut found = Vec::new();
    for (path, facts) in &index.files {
        let Some(defined) = by_file.get(&facts.file) else {
            continue;
        };
        let tree = &facts.tree;
        for id in tree.ids() {
            let (pattern, value) = match tree.syntax(id) {
                Syntax::Let {
                    pattern,
                    value: Some(value),
                    ..
                } => (*pattern, *value),
                Syntax::Assign { target, value } => (*target, *value),
                _ => continue,
            };
            let is_name = matches!(tree.syntax(pattern), Syntax::Name);
            let inner = |up: NodeId| matches!(tree.syntax(up), Syntax::Function(_));
            let holds = matches!(
                tree.syntax(tree.bare(value)),
                Syntax::Object { .. } | Syntax::Array(_) | Syntax::New { .. } | Syntax::Call { .. }
            );
            if !is_name || !holds || tree.ancestors(id).any(inner) {
                continue;
            }
            let region = tree.bytes(value);
            let own = defined.iter().map(|at| &index.definitions[*at]);
            let own = own.filter(|of| region.contains(of.span.bytes)).take(MOST);
            let flags: BTreeMap<String, FlagKey> = own
                .map(|of| {
                    let name = sources.text(of.span).trim_matches(['"', '\'', '`']);
                    (name.to_owned(), of.key.clone())
                })
                .collect();
            if !flags.is_empty() {
                found.push(Store {
                    path: Some(path.clone()),
                    name: facts.words(pattern).to_owned(),
                    flags,
                });
            }
        }
    }
    found
}

/// The flags that are variables of the environment.
pub(super) fn environment(index: &CodeIndex) -> Store {
    let of_environment = |rule: &str| rule.contains("/env/") || rule.contains("-env/");
    let read = index.reads.iter().filter(|read| of_environment(&read.rule));
    let mut flags: BTreeMap<String, FlagKey> = read
        .map(|read| (read.key.as_str().to_owned(), read.key.clone()))
        .collect();
    for definition in &index.definitions {
        let of_it = definition.aliases.iter().filter(|alias| {
            alias
                .chars()
                .all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
        });
        flags.extend(of_it.map(|alias| (alias.clone(), definition.key.clone())));
    }
    Store {
        path: None,
        name: String::new(),
        flags,
    }
}
