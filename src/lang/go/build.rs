//! From the concrete tree to the neutral one, from the top down. What nests deeper than anybody writes is a gap; long chains of operators
//! are no nesting.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::lang::Comment;
use crate::lang::descent::{Translated, bytes, each, named};
use crate::lang::tree::{NodeId, Syntax, Tree};
use crate::source::Bytes;

/// How deep expressions and statements may lie in one another; each level takes a few frames of the stack.
const MAX_DEPTH: usize = 250;

/// The state of the translation.
pub(super) struct Build<'t, 'c> {
    /// The text of the file.
    pub text: &'t str,
    /// What was built so far.
    pub tree: Tree,
    /// The types that the file declares, for literals that leave the types of their elements out.
    pub types: HashMap<&'t str, Node<'c>>,
    /// How many places were not understood.
    pub gaps: u32,
    /// What broken text has no place for; the next list of statements takes it.
    loose: Vec<NodeId>,
    depth: usize,
}

/// Translates a whole file.
pub(super) fn translate(text: &str, concrete: &tree_sitter::Tree) -> Translated {
    let root = concrete.root_node();
    let mut build = Build {
        text,
        tree: Tree::default(),
        types: HashMap::new(),
        gaps: 0,
        loose: Vec::new(),
        depth: 0,
    };
    let comments = build.survey(root);
    let mut items: Vec<NodeId> = build.constraint(&comments).into_iter().collect();
    for child in named(root) {
        items.extend(build.item(child));
        items.append(&mut build.loose);
    }
    let all = Bytes::new(0, text.len());
    let root = build.tree.add(all, Syntax::Block(items));
    build.tree.set_root(root);
    Translated {
        tree: build.tree,
        comments,
        gaps: build.gaps,
    }
}

impl<'t, 'c> Build<'t, 'c> {
    /// Collects the comments, counts what the parser did not understand, and notes the types that are declared.
    fn survey(&mut self, root: Node<'c>) -> Vec<Comment> {
        let mut comments = Vec::new();
        each(root, |node| {
            self.gaps += u32::from(node.is_error() || node.is_missing());
            match node.kind() {
                "comment" => comments.push(Comment { bytes: bytes(node) }),
                "type_spec" => {
                    let (name, ty) = (node.child_by_field_name("name"), node.child_by_field_name("type"));
                    if let (Some(name), Some(ty)) = (name, ty) {
                        self.types.insert(self.words(name), ty);
                    }
                }
                _ => {}
            }
        });
        comments
    }

    /// The words of a node.
    pub(super) fn words(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// Adds a node that covers `node`.
    pub(super) fn add(&mut self, node: Node<'_>, syntax: Syntax) -> NodeId {
        self.tree.add(bytes(node), syntax)
    }

    /// The place of something that is not written, at the begin of `node`.
    pub(super) fn absent(&mut self, node: Node<'_>, syntax: Syntax) -> NodeId {
        let at = node.start_byte();
        self.tree.add(Bytes::new(at, at), syntax)
    }

    /// One level deeper; too deep, an error that covers `node`.
    pub(super) fn deeper(&mut self, node: Node<'c>, read: impl FnOnce(&mut Self) -> NodeId) -> NodeId {
        if self.depth >= MAX_DEPTH {
            self.gaps += 1;
            return self.add(node, Syntax::Error(Vec::new()));
        }
        self.depth += 1;
        self.keep_loose(node);
        let id = read(self);
        self.depth -= 1;
        id
    }

    /// Errors may stand anywhere in broken text; what can be read of them is kept for the next list of statements.
    fn keep_loose(&mut self, node: Node<'c>) {
        let is_list = matches!(
            node.kind(),
            "block" | "statement_list" | "argument_list" | "literal_value" | "ERROR"
        );
        if is_list || !node.has_error() {
            return;
        }
        let mut cursor = node.walk();
        let errors: Vec<Node<'c>> = node.children(&mut cursor).filter(Node::is_error).collect();
        for error in errors {
            let inside = self.rubble(error);
            let id = self.add(error, Syntax::Error(inside));
            self.loose.push(id);
        }
    }

    /// What could not be placed so far, if it lies within `node`.
    pub(super) fn take_loose(&mut self, node: Node<'_>) -> Vec<NodeId> {
        if self.loose.is_empty() {
            return Vec::new();
        }
        let around = bytes(node);
        let tree = &self.tree;
        self.loose
            .extract_if(.., |id| around.contains(tree.bytes(*id)))
            .collect()
    }

    /// The expressions and statements that can be recognised in a place that the parser did not understand.
    pub(super) fn rubble(&mut self, error: Node<'c>) -> Vec<NodeId> {
        let children = named(error);
        children.into_iter().flat_map(|child| self.statement(child)).collect()
    }
}
