//! Which `flags` is this `flags`? Enters: the facts of one file. Leaves: [`Bindings`]: for each name the place that declares it, for
//! each declaration its uses and later assignments. Knows the scope rules of JavaScript (hoisting, blocks, shadowing) and of Rust
//! (lexical, a later `let` shadows); knows nothing of other files.

mod resolve;
mod scopes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use crate::lang::FileFacts;
use crate::lang::tree::NodeId;
use crate::source::Bytes;

use resolve::Resolve;
use scopes::Collect;

/// One step from a bound value to what a name of its pattern stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// `{ a }`: the property of this name.
    Property(Box<str>),
    /// `[, a]`: the element at this place.
    Element(usize),
    /// `...rest`: what was not taken by its neighbours.
    Rest,
    /// `{ [k]: a }`, a Rust variant's payload, or too deep a pattern.
    Unknown,
}

/// What declares a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Binding {
    /// The name at this place of a [`Syntax::Import`](crate::lang::tree::Syntax::Import).
    Import {
        /// The import.
        node: NodeId,
        /// Which of its names.
        at: usize,
    },
    /// A [`Syntax::Let`](crate::lang::tree::Syntax::Let), also that of a loop's head.
    Let(NodeId),
    /// A parameter of a [`Syntax::Function`](crate::lang::tree::Syntax::Function).
    Param {
        /// The function.
        function: NodeId,
        /// Which parameter.
        at: usize,
    },
    /// The [`Syntax::Let`](crate::lang::tree::Syntax::Let) of a `catch`.
    Catch(NodeId),
    /// A pattern of a [`Syntax::Case`](crate::lang::tree::Syntax::Case).
    Case(NodeId),
    /// A function, class, enum, type, interface or module of its own name.
    Item(NodeId),
}

/// A name that a file declares.
#[derive(Clone, PartialEq, Debug)]
pub struct Declaration {
    /// Its number in [`Bindings::all`].
    pub id: usize,
    /// The name.
    pub name: Box<str>,
    /// Where the name stands.
    pub bytes: Bytes,
    /// What declares it.
    pub binding: Binding,
    /// From the bound value to this name; empty where the name is all of the pattern.
    pub path: Vec<Step>,
    /// What it is where the value had nothing at `path` (`{ a = 1 }`, `(a = 1) =>`).
    pub default: Option<NodeId>,
    /// The names that read it, in the order of the text.
    pub uses: Vec<NodeId>,
    /// The assignments (or `a++`, or loops) that change it later, in the order of the text.
    pub assignments: Vec<NodeId>,
    /// Declared at the top level of the file.
    pub top: bool,
}

impl Declaration {
    /// True where the name always stands for the value that it was declared with.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.assignments.is_empty()
    }
}

/// The names of one file.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    declarations: Vec<Declaration>,
    of_node: HashMap<NodeId, usize>,
    top: BTreeMap<Box<str>, usize>,
}

impl Bindings {
    /// The names of `facts`.
    #[must_use]
    pub fn of(facts: &FileFacts) -> Self {
        let Some(root) = facts.tree.root() else {
            return Self::default();
        };
        Resolve::new(Collect::of(facts, root)).run(root)
    }

    /// The declaration that a name refers to (or is); `None` for globals and everything that is no name.
    #[must_use]
    pub fn declaration(&self, name: NodeId) -> Option<&Declaration> {
        self.of_node.get(&name).map(|id| &self.declarations[*id])
    }

    /// The names that read what a declaration declares.
    #[must_use]
    pub fn uses(&self, declaration: &Declaration) -> &[NodeId] {
        self.declarations.get(declaration.id).map_or(&[], |d| &d.uses)
    }

    /// The declaration of a name at the top level of the file.
    #[must_use]
    pub fn top(&self, name: &str) -> Option<&Declaration> {
        self.top.get(name).map(|id| &self.declarations[*id])
    }

    /// Every declaration, in the order of the text.
    #[must_use]
    pub fn all(&self) -> &[Declaration] {
        &self.declarations
    }

    /// Numbers the declarations in the order of the text.
    fn in_order(mut self) -> Self {
        let mut order: Vec<usize> = (0..self.declarations.len()).collect();
        order.sort_by_key(|id| (self.declarations[*id].bytes, *id));
        let mut new = vec![0; order.len()];
        for (place, old) in order.iter().enumerate() {
            new[*old] = place;
        }
        self.declarations.sort_by_key(|declaration| new[declaration.id]);
        for declaration in &mut self.declarations {
            declaration.id = new[declaration.id];
        }
        self.of_node.values_mut().for_each(|id| *id = new[*id]);
        self.top.values_mut().for_each(|id| *id = new[*id]);
        self
    }
}
