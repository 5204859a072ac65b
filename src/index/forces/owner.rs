//! What a place stands in, as far as it matters for when it runs: a test, a suite, a hook, a function that others call, a name that others
//! use, the file. Enters: a place. Leaves: its [`Owner`], and whether it runs only sometimes.

use super::Ground;
use crate::index::code::At;
use crate::lang::tree::{NodeId, Syntax, Tree};

/// What a place stands in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Owner {
    /// A test, suite or hook: its number in the outline.
    Site(usize),
    /// A function: it counts where that is called.
    Function(NodeId),
    /// The value of a name: it counts where that is used.
    Binding(NodeId),
    /// The file itself.
    File,
}

/// What a place stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// What it stands in.
    pub(super) owner: Owner,
    /// A condition decides whether it runs.
    pub(super) conditional: bool,
}

impl Ground<'_> {
    /// What runs a place. `by_value`: it is no statement but a value, which counts where it is used.
    pub(super) fn place(&self, at: At, by_value: bool) -> Place {
        let (tree, outline) = (self.code.tree(at.unit), &self.outlines[at.unit]);
        let (mut conditional, mut binding, mut below) = (false, None, at.node);
        let done = |owner, conditional, binding: Option<NodeId>| {
            let counts_by_name = match owner {
                Owner::File => true,
                Owner::Site(site) => outline.is_suite(site),
                Owner::Function(_) | Owner::Binding(_) => false,
            };
            let owner = binding.filter(|_| counts_by_name).map_or(owner, Owner::Binding);
            Place { owner, conditional }
        };
        for up in std::iter::once(at.node).chain(tree.ancestors(at.node)) {
            if let Some(site) = outline.opened_by(up) {
                return done(Owner::Site(site), conditional, binding);
            }
            match tree.syntax(up) {
                Syntax::Function(_) if up != at.node && is_called_by_name(tree, up, by_value) => {
                    return done(Owner::Function(up), conditional, binding);
                }
                Syntax::Let { value: Some(value), .. } if by_value && below == *value && binding.is_none() => {
                    binding = Some(*value);
                }
                syntax => conditional |= up != below && decides(syntax, below),
            }
            below = up;
        }
        done(Owner::File, conditional, binding)
    }
}

/// True if the syntax decides whether its child `below` runs.
fn decides(syntax: &Syntax, below: NodeId) -> bool {
    match syntax {
        Syntax::If { test, .. } | Syntax::Choose { test, .. } => below != *test,
        Syntax::Logic { right, .. } => below == *right,
        Syntax::Switch { subject, .. } => below != *subject,
        _ => false,
    }
}

/// True for a function that runs where others call it; false for one that is handed to a call, which as a rule runs it at once.
fn is_called_by_name(tree: &Tree, function: NodeId, by_value: bool) -> bool {
    let mut below = function;
    for up in tree.ancestors(function) {
        match tree.syntax(up) {
            Syntax::Wrap(..) => below = up,
            Syntax::Call { .. }
            | Syntax::New { .. }
            | Syntax::Attribute { .. }
            | Syntax::Array(_)
            | Syntax::Macro { .. } => {
                return false;
            }
            Syntax::Entry { value, .. } => return !(by_value && *value == below),
            _ => break,
        }
    }
    true
}
