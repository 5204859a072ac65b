//! From the concrete tree to the neutral one. Enters: tree-sitter's tree. Leaves: [`Translated`]. Goes down by recursion, as deep as
//! [`MAX_DEPTH`]: what lies deeper is a gap. Python itself refuses more than a hundred indentations and two hundred brackets.

use tree_sitter::Node;

use crate::lang::Comment;
use crate::lang::names::Names;
use crate::lang::tree::{NodeId, Syntax, Tree};
use crate::source::Bytes;

/// How deep grammar nodes may lie in one another.
const MAX_DEPTH: usize = 300;

/// What became of a file.
pub(super) struct Translated {
    /// The neutral tree.
    pub tree: Tree,
    /// The comments in the order of the text.
    pub comments: Vec<Comment>,
    /// How many places were not understood.
    pub gaps: u32,
}

/// The state of the walk.
pub(super) struct Walk<'t> {
    /// The text of the file.
    pub text: &'t str,
    /// What was built so far.
    pub tree: Tree,
    /// Which names are bound already, scope by scope.
    pub names: Names,
    /// How many places were not understood.
    pub gaps: u32,
    depth: usize,
}

/// Translates a whole file.
pub(super) fn translate(text: &str, concrete: &tree_sitter::Tree) -> Translated {
    let mut walk = Walk {
        text,
        tree: Tree::default(),
        names: Names::default(),
        gaps: 0,
        depth: 0,
    };
    let root = concrete.root_node();
    let comments = walk.sweep(root);
    let inside = walk.statements(root);
    let root = walk.tree.add(Bytes::new(0, text.len()), Syntax::Block(inside));
    walk.tree.set_root(root);
    Translated {
        tree: walk.tree,
        comments,
        gaps: walk.gaps,
    }
}

/// The children of a node that are not comments or words.
pub(super) fn named<'n>(node: Node<'n>) -> Vec<Node<'n>> {
    let mut cursor = node.walk();
    let children = node.named_children(&mut cursor);
    children.filter(|child| !is_silent(*child)).collect()
}

/// The children in a field.
pub(super) fn in_field<'n>(node: Node<'n>, field: &str) -> Vec<Node<'n>> {
    let mut cursor = node.walk();
    let children = node.children_by_field_name(field, &mut cursor);
    children
        .filter(|child| child.is_named() && !is_silent(*child))
        .collect()
}

fn is_silent(node: Node<'_>) -> bool {
    matches!(node.kind(), "comment" | "line_continuation")
}

/// What a node of the grammar covers.
pub(super) fn bytes(node: Node<'_>) -> Bytes {
    Bytes::new(node.start_byte(), node.end_byte())
}

impl<'t> Walk<'t> {
    /// The comments of the whole text; counts what the parser did not understand.
    fn sweep(&mut self, root: Node<'_>) -> Vec<Comment> {
        let (mut comments, mut cursor) = (Vec::new(), root.walk());
        loop {
            let node = cursor.node();
            if node.kind() == "comment" {
                comments.push(Comment { bytes: bytes(node) });
            }
            self.gaps += u32::from(node.is_error() || node.is_missing());
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return comments;
                }
            }
        }
    }

    /// The words of a node of the grammar.
    pub(super) fn words(&self, node: Node<'_>) -> &'t str {
        self.slice(bytes(node))
    }

    /// The words of a range of bytes.
    pub(super) fn slice(&self, bytes: Bytes) -> &'t str {
        self.text.get(bytes.range()).unwrap_or_default()
    }

    /// Adds what a node of the grammar is.
    pub(super) fn add(&mut self, node: Node<'_>, syntax: Syntax) -> NodeId {
        self.tree.add(bytes(node), syntax)
    }

    /// The values of several nodes.
    pub(super) fn values(&mut self, nodes: &[Node<'_>]) -> Vec<NodeId> {
        nodes.iter().map(|node| self.value(*node)).collect()
    }

    /// The value in a field; where broken text has none, an error that covers nothing.
    pub(super) fn wanted(&mut self, node: Node<'_>, field: &str) -> NodeId {
        match node.child_by_field_name(field) {
            Some(child) => self.value(child),
            None => self.gap(node),
        }
    }

    /// The value in a field.
    pub(super) fn optional(&mut self, node: Node<'_>, field: &str) -> Option<NodeId> {
        node.child_by_field_name(field).map(|child| self.value(child))
    }

    /// An error that covers nothing, at the end of a node.
    pub(super) fn gap(&mut self, node: Node<'_>) -> NodeId {
        let end = bytes(node).end;
        self.tree.add(Bytes { start: end, end }, Syntax::Error(Vec::new()))
    }

    /// Runs `inside` one level deeper; where that is too deep, the node is a gap.
    pub(super) fn deeper<T>(
        &mut self,
        node: Node<'_>,
        inside: impl FnOnce(&mut Self) -> T,
        otherwise: impl FnOnce(NodeId) -> T,
    ) -> T {
        if self.depth >= MAX_DEPTH {
            self.gaps += 1;
            let gap = self.add(node, Syntax::Error(Vec::new()));
            return otherwise(gap);
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        result
    }
}
