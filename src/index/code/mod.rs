//! The parsed files of one tree, and what an expression in one of them stands for. Enters: facts, bindings and import resolution.
//! Leaves: [`Code`], which follows names, members and imports to the expression behind them. Knows nothing of flags.
//!
//! Following is bounded by a [`Trail`]: a cycle of constants, or a chain that nobody would write, ends as "not known".

mod arguments;
mod constants;
mod follow;
mod members;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::Symbol;
use super::bindings::Bindings;
use super::exports::Exports;
use super::symbols::symbols;
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax, Tree};
use crate::source::{Bytes, FileId, RepoPath};

/// The steps of one question, and what it would have needed.
#[derive(Debug)]
pub struct Trail {
    left: u32,
    /// Files that exist, were needed, and are not parsed yet.
    pub missing: BTreeSet<RepoPath>,
}

impl Default for Trail {
    fn default() -> Self {
        let missing = BTreeSet::new();
        Self {
            left: Self::FULL,
            missing,
        }
    }
}

impl Trail {
    /// Enough for a constant behind two re-exports, and no more than a reader would follow.
    const FULL: u32 = 256;

    /// Begins the next question; what is missing stays noted.
    pub fn restart(&mut self) -> &mut Self {
        self.left = Self::FULL;
        self
    }

    /// Takes a step, if one is left.
    pub fn step(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        Some(())
    }
}

/// An expression of one of the files.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct At {
    /// The file: its number in [`Code`].
    pub unit: usize,
    /// The node of its tree.
    pub node: NodeId,
}

impl At {
    /// Another node of the same file.
    #[must_use]
    pub fn with(self, node: NodeId) -> Self {
        Self { node, ..self }
    }
}

/// One parsed file with its scopes and what it gives out.
#[derive(Debug)]
pub struct Unit {
    /// Its facts.
    pub facts: Arc<FileFacts>,
    /// Its scopes.
    pub bindings: Bindings,
    /// What it gives out.
    pub exports: Exports,
    symbols: OnceLock<Vec<Symbol>>,
    /// Functions that may be asked what a map holds.
    doors: OnceLock<Vec<NodeId>>,
}

impl Unit {
    /// The scopes and exports of a file.
    #[must_use]
    pub fn new(facts: Arc<FileFacts>) -> Self {
        let bindings = Bindings::of(&facts);
        let exports = Exports::of(&facts, &bindings);
        Self {
            facts,
            bindings,
            exports,
            symbols: OnceLock::new(),
            doors: OnceLock::new(),
        }
    }

    /// Its functions that may give out what a map holds, as `find` tells them if nobody asked before.
    pub(super) fn doors(&self, find: impl FnOnce(&FileFacts) -> Vec<NodeId>) -> &[NodeId] {
        self.doors.get_or_init(|| find(&self.facts))
    }

    /// Its symbols, in the order of the text; they are looked for once.
    #[must_use]
    pub fn symbols(&self) -> &[Symbol] {
        self.symbols.get_or_init(|| symbols(&self.facts))
    }
}

/// One step into a value, as a pattern takes it apart.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Part {
    /// `{ name }`
    Property(Box<str>),
    /// `[, here]`
    Nth(usize),
}

/// What a name was bound to.
#[derive(Clone, PartialEq, Debug)]
pub enum Declared {
    /// Brought in from another module.
    Import {
        /// The module as written.
        module: Box<str>,
        /// The name there (`*`: the whole module).
        name: Box<str>,
    },
    /// Bound to (a part of) an expression.
    Value {
        /// The name where it is bound.
        name: NodeId,
        /// The expression.
        node: NodeId,
        /// Which part of it.
        parts: Vec<Part>,
        /// What it is where the part is missing.
        default: Option<NodeId>,
        /// Never assigned again.
        constant: bool,
        /// The declared type.
        ty: Option<NodeId>,
    },
    /// A parameter, or a part of one.
    Param {
        /// The name where it is bound.
        name: NodeId,
        /// The function.
        function: NodeId,
        /// Which parameter.
        index: usize,
        /// Which part of it.
        parts: Vec<Part>,
        /// What it is where nothing is given.
        default: Option<NodeId>,
        /// The declared type of the parameter.
        ty: Option<NodeId>,
    },
    /// A function, class or enum.
    Item(NodeId),
}

/// Answers where the name of a module leads.
pub trait Modules: Sync {
    /// The file in which to look for `name` of `module`, seen from a file, and its name there; `None` outside the project.
    fn target(&self, from: &FileFacts, module: &str, name: &str) -> Option<(RepoPath, String)>;

    /// The module `name` of the package that a file is (Python).
    fn submodule(&self, _package: &RepoPath, _name: &str) -> Option<RepoPath> {
        None
    }

    /// False if a file that is not parsed cannot give out this name.
    fn may_give(&self, path: &RepoPath, name: &str) -> bool;

    /// False if no file beside the code names this variable of the environment.
    fn is_set_outside(&self, _variable: &str) -> bool {
        true
    }
}

/// The parsed files of one tree.
pub struct Code<'a> {
    units: Vec<Arc<Unit>>,
    places: BTreeMap<RepoPath, usize>,
    modules: &'a dyn Modules,
}

impl<'a> Code<'a> {
    /// The files `units`, whose modules are found by `modules`.
    #[must_use]
    pub fn new(mut units: Vec<Arc<Unit>>, modules: &'a dyn Modules) -> Self {
        units.sort_by(|a, b| a.facts.path.cmp(&b.facts.path));
        let places = units.iter().enumerate();
        let places = places.map(|(at, unit)| (unit.facts.path.clone(), at)).collect();
        Self { units, places, modules }
    }

    /// The files, by path.
    #[must_use]
    pub fn units(&self) -> &[Arc<Unit>] {
        &self.units
    }

    /// The number of the file at this path, if it is parsed.
    #[must_use]
    pub fn unit_at(&self, path: &RepoPath) -> Option<usize> {
        self.places.get(path).copied()
    }

    /// The facts of a file.
    #[must_use]
    pub fn facts(&self, unit: usize) -> &FileFacts {
        &self.units[unit].facts
    }

    /// The text of the pool that a file is.
    #[must_use]
    pub fn file(&self, unit: usize) -> FileId {
        self.facts(unit).file
    }

    /// The tree of a file.
    #[must_use]
    pub fn tree(&self, unit: usize) -> &Tree {
        &self.facts(unit).tree
    }

    /// What the node is.
    #[must_use]
    pub fn syntax(&self, at: At) -> &Syntax {
        self.tree(at.unit).syntax(at.node)
    }

    /// False if no file beside the code names this variable of the environment.
    #[must_use]
    pub fn is_set_outside(&self, variable: &str) -> bool {
        self.modules.is_set_outside(variable)
    }

    /// The words of the node.
    #[must_use]
    pub fn words(&self, at: At) -> &str {
        self.facts(at.unit).words(at.node)
    }

    /// The words of a range of the file.
    #[must_use]
    pub fn slice(&self, unit: usize, bytes: Bytes) -> &str {
        self.facts(unit).slice(bytes)
    }
}
