//! What a name was bound to, in the words of [`super::code`]. Enters: a file's scopes and a name. Leaves: [`Declared`]. Knows nothing of
//! other files.

use super::bindings::{Binding, Declaration, Step};
use super::code::{Declared, Part, Unit};
use super::imports::packages::OWN;
use crate::lang::Language;
use crate::lang::tree::{Function, NodeId, Syntax, Tree};

/// What the name at `node` was bound to.
#[must_use]
pub fn declared(unit: &Unit, node: NodeId) -> Option<Declared> {
    let tree = &unit.facts.tree;
    let Some(declaration) = unit.bindings.declaration(node) else {
        return of_package(unit, node);
    };
    match declaration.binding {
        Binding::Import { node, at } => {
            let Syntax::Import { from, names, .. } = tree.syntax(node) else {
                return None;
            };
            Some(Declared::Import {
                module: from.clone(),
                name: names.get(at)?.imported.clone(),
            })
        }
        Binding::Let(node) => of_let(tree, declaration, node),
        Binding::Param { function, at } => Some(Declared::Param {
            name: binder(tree, declaration, param(tree, function, at)?)?,
            function,
            index: at,
            parts: parts(declaration)?,
            default: declaration.default,
            ty: param_type(tree, function, at),
        }),
        Binding::Item(node) => Some(Declared::Item(node)),
        Binding::Catch(_) | Binding::Case(_) => None,
    }
}

/// Go: a name that the file does not declare, another file of its package may.
fn of_package(unit: &Unit, node: NodeId) -> Option<Declared> {
    let is_name = matches!(unit.facts.tree.syntax(node), Syntax::Name);
    (unit.facts.language == Language::Go && is_name).then(|| Declared::Import {
        module: OWN.into(),
        name: unit.facts.words(node).into(),
    })
}

fn of_let(tree: &Tree, declaration: &Declaration, node: NodeId) -> Option<Declared> {
    let Syntax::Let { pattern, value, ty, .. } = tree.syntax(node) else {
        return None;
    };
    let name = binder(tree, declaration, *pattern)?;
    let parts = parts(declaration)?;
    match (value, declaration.assignments.as_slice()) {
        (Some(value), assignments) => Some(Declared::Value {
            name,
            node: *value,
            parts,
            default: declaration.default,
            constant: assignments.is_empty(),
            ty: *ty,
        }),
        // `let on; on = read();`
        (None, [only]) => match tree.syntax(*only) {
            Syntax::Assign { target, value } if matches!(tree.syntax(*target), Syntax::Name) => Some(Declared::Value {
                name,
                node: *value,
                parts,
                default: None,
                constant: true,
                ty: *ty,
            }),
            _ => None,
        },
        (None, _) => None,
    }
}

fn function(tree: &Tree, node: NodeId) -> Option<&Function> {
    match tree.syntax(node) {
        Syntax::Function(function) => Some(function),
        _ => None,
    }
}

fn param(tree: &Tree, node: NodeId, at: usize) -> Option<NodeId> {
    function(tree, node)?.params.get(at).copied()
}

fn param_type(tree: &Tree, node: NodeId, at: usize) -> Option<NodeId> {
    function(tree, node)?.param_types.get(at).copied().flatten()
}

/// The name of a declaration within its pattern.
fn binder(tree: &Tree, declaration: &Declaration, pattern: NodeId) -> Option<NodeId> {
    if tree.bytes(pattern) == declaration.bytes && matches!(tree.syntax(pattern), Syntax::Name) {
        return Some(pattern);
    }
    let is_it = |id: &NodeId| tree.bytes(*id) == declaration.bytes && matches!(tree.syntax(*id), Syntax::Name);
    tree.below(pattern).into_iter().find(is_it)
}

/// The way from the bound value to the name; `None` where it cannot be said.
fn parts(declaration: &Declaration) -> Option<Vec<Part>> {
    let part = |step: &Step| match step {
        Step::Property(name) => Some(Part::Property(name.clone())),
        Step::Element(nth) => Some(Part::Nth(*nth)),
        Step::Rest | Step::Unknown => None,
    };
    declaration.path.iter().map(part).collect()
}
