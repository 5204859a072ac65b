//! One test file, looked at once for all of its tests. Enters: its facts. Leaves: [`TestFile`], which finds the nodes of a region and the
//! functions of the file by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::index::bindings::Bindings;
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

/// What is known of a file once.
#[derive(Debug)]
pub struct Known {
    bindings: Bindings,
    /// By where they begin.
    nodes: Vec<(u32, NodeId)>,
    functions: BTreeMap<String, NodeId>,
    /// Names that several functions have.
    several: BTreeSet<String>,
    /// Texts that name what the file puts something else in the place of.
    pub(super) replaced: BTreeSet<String>,
}

impl Known {
    /// The names, nodes and functions of a file.
    #[must_use]
    pub fn of(facts: &FileFacts) -> Self {
        let mut nodes: Vec<(u32, NodeId)> = facts.tree.ids().map(|id| (facts.tree.bytes(id).start, id)).collect();
        nodes.sort();
        let (mut once, mut several) = (BTreeSet::new(), BTreeSet::new());
        for (name, _) in local_functions(facts) {
            if !once.insert(name) {
                several.insert(name.to_owned());
            }
        }
        Self {
            several,
            bindings: Bindings::of(facts),
            nodes,
            functions: local_functions(facts).map(|(name, id)| (name.to_owned(), id)).collect(),
            replaced: super::replaced::replaced(facts),
        }
    }
}

/// A test file.
#[derive(Clone, Copy, Debug)]
pub struct TestFile<'a> {
    /// Its facts.
    pub facts: &'a FileFacts,
    pub(super) known: &'a Known,
}

impl<'a> TestFile<'a> {
    /// A file and what is known of it.
    #[must_use]
    pub fn new(facts: &'a FileFacts, known: &'a Known) -> Self {
        Self { facts, known }
    }

    /// Its names.
    #[must_use]
    pub fn bindings(self) -> &'a Bindings {
        &self.known.bindings
    }

    /// The function of this name.
    #[must_use]
    pub fn function(self, name: &str) -> Option<NodeId> {
        self.known.functions.get(name).copied()
    }

    /// The same, where no other one of the file has the name.
    #[must_use]
    pub fn only_function(self, name: &str) -> Option<NodeId> {
        self.function(name).filter(|_| !self.known.several.contains(name))
    }

    /// The nodes in a region, by where they begin.
    pub fn nodes(self, region: Bytes) -> impl Iterator<Item = NodeId> + 'a {
        let first = self.known.nodes.partition_point(|(start, _)| *start < region.start);
        let begun = self.known.nodes[first..]
            .iter()
            .take_while(move |(start, _)| *start <= region.end);
        begun
            .map(|(_, id)| *id)
            .filter(move |id| region.contains(self.facts.tree.bytes(*id)))
    }
}

/// The named functions of a file.
fn local_functions(facts: &FileFacts) -> impl Iterator<Item = (&str, NodeId)> {
    facts.tree.ids().filter_map(|id| match facts.tree.syntax(id) {
        Syntax::Function(function) => Some((&*function.name.as_ref()?.0, id)),
        Syntax::Let {
            pattern,
            value: Some(value),
            ..
        } => {
            let value = facts.tree.bare(*value);
            let is_function = matches!(facts.tree.syntax(value), Syntax::Function(_));
            is_function.then(|| (facts.words(*pattern), value))
        }
        _ => None,
    })
}
