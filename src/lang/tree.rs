//! The neutral syntax tree: one vocabulary for every language, so that what is known of SDKs and guards is written once.
//!
//! A language front end translates its parse tree into this one. It keeps every construct that decides which code runs, what is
//! called with what, and what is bound to which name; the rest becomes [`Syntax::Other`] with its children, so that nothing
//! below it is lost. Comments and punctuation leave no node.

pub use super::syntax::{
    CompareOp, ExportName, Function, ImportName, Key, LetKind, LogicOp, Node, NodeId, Syntax, Through,
};
use crate::source::Bytes;

/// The neutral tree of one file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    root: Option<NodeId>,
}

/// What stands for a node that a tree does not have.
static NO_NODE: Node = Node {
    bytes: Bytes { start: 0, end: 0 },
    parent: None,
    syntax: Syntax::Other(Vec::new()),
};

impl Tree {
    /// Adds a node whose children have been added before, and makes itself their parent.
    pub fn add(&mut self, bytes: Bytes, syntax: Syntax) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).expect("BUG: more than 4 billion nodes"));
        let mut children = Vec::new();
        for_each_child(&syntax, &mut |child| children.push(child));
        for child in children {
            self.nodes[child.0 as usize].parent = Some(id);
        }
        self.nodes.push(Node {
            bytes,
            parent: None,
            syntax,
        });
        id
    }

    /// Makes a node cover `bytes`: a binding that turns out to be the only one of its declaration covers all of it.
    pub fn widen(&mut self, id: NodeId, bytes: Bytes) {
        self.nodes[id.0 as usize].bytes = bytes;
    }

    /// Takes back the nodes that were added since there were `len`; none of them may have a parent that stays.
    pub fn truncate(&mut self, len: usize) {
        self.nodes.truncate(len);
    }

    /// Says which node is the whole file.
    pub fn set_root(&mut self, root: NodeId) {
        self.root = Some(root);
    }

    /// The whole file.
    #[must_use]
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// The node with this id. An id of another tree names nothing here: it gets a node without bytes and children, since no mistake in
    /// following a name through files may end a run.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id.0 as usize).unwrap_or(&NO_NODE)
    }

    /// What the node is.
    #[must_use]
    pub fn syntax(&self, id: NodeId) -> &Syntax {
        &self.node(id).syntax
    }

    /// The bytes that the node covers.
    #[must_use]
    pub fn bytes(&self, id: NodeId) -> Bytes {
        self.node(id).bytes
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True for a file without a node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Every node, children before their parents.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The children in the order in which they stand.
    #[must_use]
    pub fn children(&self, id: NodeId) -> Vec<NodeId> {
        let mut children = Vec::new();
        for_each_child(self.syntax(id), &mut |child| children.push(child));
        children.sort_by_key(|child| (self.bytes(*child).start, child.0));
        children
    }

    /// The node that `id` stands in, the one that that stands in, and so on.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.node(id).parent, |id| self.node(*id).parent)
    }

    /// `id` and everything below it, in the order of the text.
    #[must_use]
    pub fn below(&self, id: NodeId) -> Vec<NodeId> {
        let (mut stack, mut all) = (vec![id], Vec::new());
        while let Some(id) = stack.pop() {
            all.push(id);
            stack.extend(self.children(id).into_iter().rev());
        }
        all
    }

    /// The node without `await`, parentheses, casts and references around it.
    #[must_use]
    pub fn bare(&self, mut id: NodeId) -> NodeId {
        while let Syntax::Wrap(_, inner) = self.syntax(id) {
            id = *inner;
        }
        id
    }
}

fn key_child(key: &Key, visit: &mut impl FnMut(NodeId)) {
    if let Key::Computed(id) = key {
        visit(*id);
    }
}

/// Calls `visit` for each child of a node, in no promised order.
pub fn for_each_child(syntax: &Syntax, visit: &mut impl FnMut(NodeId)) {
    match syntax {
        Syntax::Name
        | Syntax::Text(_)
        | Syntax::Bool(_)
        | Syntax::Number
        | Syntax::Nothing
        | Syntax::Markup(_)
        | Syntax::Leave
        | Syntax::Import { .. } => {}
        Syntax::Member { object, .. } => visit(*object),
        Syntax::Index { object: a, index: b }
        | Syntax::Logic { left: a, right: b, .. }
        | Syntax::Compare { left: a, right: b, .. }
        | Syntax::Assign { target: a, value: b }
        | Syntax::Default { pattern: a, default: b } => [*a, *b].into_iter().for_each(visit),
        Syntax::Call {
            callee,
            type_args,
            args,
        }
        | Syntax::New {
            callee,
            type_args,
            args,
        } => std::iter::once(callee)
            .chain(type_args)
            .chain(args)
            .copied()
            .for_each(visit),
        Syntax::Macro { args: list, .. }
        | Syntax::Template(list)
        | Syntax::Array(list)
        | Syntax::Block(list)
        | Syntax::ObjectPattern(list)
        | Syntax::ArrayPattern(list)
        | Syntax::Type(list)
        | Syntax::Other(list)
        | Syntax::Error(list)
        | Syntax::Interface { members: list, .. } => list.iter().copied().for_each(visit),
        Syntax::Object { type_name, entries } => type_name.iter().chain(entries).copied().for_each(visit),
        Syntax::Entry { key, value } => {
            key_child(key, visit);
            visit(*value);
        }
        Syntax::Spread(id)
        | Syntax::Not(id)
        | Syntax::Wrap(_, id)
        | Syntax::Delete(id)
        | Syntax::Decorator(id)
        | Syntax::TypeAlias { value: id, .. } => visit(*id),
        Syntax::Function(f) => f
            .decorators
            .iter()
            .chain(&f.params)
            .chain(f.param_types.iter().flatten())
            .chain(&f.body)
            .copied()
            .for_each(visit),
        Syntax::Choose { test, yes, no } => [*test, *yes, *no].into_iter().for_each(visit),
        Syntax::Element {
            name,
            attributes,
            children,
        } => name.iter().chain(attributes).chain(children).copied().for_each(visit),
        Syntax::Attribute { value: id, .. }
        | Syntax::Return(id)
        | Syntax::Throw(id)
        | Syntax::Export { item: id, .. } => id.iter().copied().for_each(visit),
        Syntax::If { test, yes, no } => [test, yes].into_iter().chain(no).copied().for_each(visit),
        Syntax::Switch { subject, cases } => std::iter::once(subject).chain(cases).copied().for_each(visit),
        Syntax::Case { tests, body } => tests.iter().chain(body).copied().for_each(visit),
        Syntax::Let { pattern, ty, value, .. } => {
            std::iter::once(pattern).chain(ty).chain(value).copied().for_each(visit);
        }
        Syntax::Loop { head: list, body } | Syntax::With { held: list, body } => {
            list.iter().chain(std::iter::once(body)).copied().for_each(visit);
        }
        Syntax::Class {
            extends,
            members,
            decorators,
            ..
        } => decorators.iter().chain(extends).chain(members).copied().for_each(visit),
        Syntax::Field {
            key,
            ty,
            value,
            decorators,
        } => {
            key_child(key, visit);
            decorators.iter().chain(ty).chain(value).copied().for_each(visit);
        }
        Syntax::Impl {
            of,
            target,
            members,
            decorators,
        } => decorators
            .iter()
            .chain(of)
            .chain(std::iter::once(target))
            .chain(members)
            .copied()
            .for_each(visit),
        Syntax::Enum {
            members, decorators, ..
        } => decorators.iter().chain(members).copied().for_each(visit),
        Syntax::Module { items, decorators, .. } => {
            decorators.iter().chain(items.iter().flatten()).copied().for_each(visit);
        }
    }
}
