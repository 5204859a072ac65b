//! What front ends share that go down tree-sitter's tree by recursion. Enters: tree-sitter's tree. Leaves: [`Translated`]. Knows no
//! language: each says what its own nodes are.

use std::borrow::Cow;

use tree_sitter::Node;

use super::tree::{NodeId, Syntax, Tree};
use super::{Comment, CompiledQuery, FileFacts, ParseHealth, parse, queries};
use crate::source::Bytes;

/// How deep grammar nodes may lie in one another; what lies deeper is a gap. Nobody writes it, and whoever reads the neutral tree may count on
/// this bound.
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

/// Fills `facts` from its text, with the translation of its language. `readable` is the text with what the grammar cannot read put into words
/// of the same length that it can; most languages need none.
pub(super) fn read(
    facts: &mut FileFacts,
    queries: &[CompiledQuery],
    readable: impl FnOnce(&str) -> Cow<'_, str>,
    translate: impl FnOnce(&str, &tree_sitter::Tree) -> Translated,
) {
    let tree = match parse::parse(facts.language, &readable(&facts.text)) {
        Ok(tree) => tree,
        Err(reason) => {
            facts.health = ParseHealth::Failed(reason);
            return;
        }
    };
    let translated = translate(&facts.text, &tree);
    let (matches, all_matches) = queries::run(facts.language, &tree, &facts.text, queries);
    let gaps = translated.gaps + u32::from(!all_matches);
    if gaps > 0 {
        facts.health = ParseHealth::Partial(gaps);
    }
    facts.tree = translated.tree;
    facts.comments = translated.comments;
    facts.matches = matches;
}

/// The text of a language whose grammar reads all of it.
pub(super) fn as_written(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// The state of the way down.
pub(super) struct Descent<'t> {
    /// The text of the file.
    pub text: &'t str,
    /// What was built so far.
    pub tree: Tree,
    /// How many places were not understood.
    pub gaps: u32,
    comments: Vec<Comment>,
    depth: usize,
}

impl<'t> Descent<'t> {
    /// Before the first node: the comments of the whole text are taken, and what the parser did not understand is counted.
    pub(super) fn new(text: &'t str, concrete: &tree_sitter::Tree) -> Self {
        let (mut comments, mut gaps) = (Vec::new(), 0);
        each(concrete.root_node(), |node| {
            if node.kind().ends_with("comment") {
                comments.push(Comment { bytes: bytes(node) });
            }
            gaps += u32::from(node.is_error() || node.is_missing());
        });
        Self {
            text,
            tree: Tree::default(),
            gaps,
            comments,
            depth: 0,
        }
    }

    /// After the last one: the file's statements become its root.
    pub(super) fn finish(mut self, statements: Vec<NodeId>) -> Translated {
        let root = self.tree.add(Bytes::new(0, self.text.len()), Syntax::Block(statements));
        self.tree.set_root(root);
        Translated {
            tree: self.tree,
            comments: self.comments,
            gaps: self.gaps,
        }
    }
}

/// A front end on its way down.
pub(super) trait Descend<'t>: Sized {
    /// How much of the bearable depth one grammar node takes: more where the way through one has more steps.
    const WEIGHT: usize = 1;

    /// Where it is.
    fn at(&mut self) -> &mut Descent<'t>;

    /// Where it is, to look at.
    fn here(&self) -> &Descent<'t>;

    /// What a node is; called at a depth that can be borne.
    fn build(&mut self, node: Node<'_>) -> NodeId;

    /// What a node is.
    fn value(&mut self, node: Node<'_>) -> NodeId {
        self.deeper(node, |front| front.build(node), |gap| gap)
    }

    /// Runs `inside` one level deeper; where that is too deep, the node is a gap, and `otherwise` says what comes of it.
    fn deeper<T>(
        &mut self,
        node: Node<'_>,
        inside: impl FnOnce(&mut Self) -> T,
        otherwise: impl FnOnce(NodeId) -> T,
    ) -> T {
        if self.at().depth >= MAX_DEPTH {
            self.at().gaps += 1;
            let gap = self.add(node, Syntax::Error(Vec::new()));
            return otherwise(gap);
        }
        self.at().depth += Self::WEIGHT;
        let result = inside(self);
        self.at().depth -= Self::WEIGHT;
        result
    }

    /// What several nodes are.
    fn values(&mut self, nodes: &[Node<'_>]) -> Vec<NodeId> {
        nodes.iter().map(|node| self.value(*node)).collect()
    }

    /// What the named children are, comments left out.
    fn inside(&mut self, node: Node<'_>) -> Vec<NodeId> {
        self.values(&named(node))
    }

    /// What stands in a field; where broken text has nothing, an error that covers nothing.
    fn wanted(&mut self, node: Node<'_>, field: &str) -> NodeId {
        match node.child_by_field_name(field) {
            Some(child) => self.value(child),
            None => self.gap(node),
        }
    }

    /// What stands in a field.
    fn optional(&mut self, node: Node<'_>, field: &str) -> Option<NodeId> {
        node.child_by_field_name(field).map(|child| self.value(child))
    }

    /// What the first named child is; where broken text has none, an error that covers nothing.
    fn first(&mut self, node: Node<'_>) -> NodeId {
        match named(node).first() {
            Some(child) => self.value(*child),
            None => self.gap(node),
        }
    }

    /// What a function without a block gives back.
    fn given_back(&mut self, value: NodeId) -> NodeId {
        let bytes = self.here().tree.bytes(value);
        self.add_at(bytes, Syntax::Return(Some(value)))
    }

    /// Adds what a node of the grammar is.
    fn add(&mut self, node: Node<'_>, syntax: Syntax) -> NodeId {
        self.at().tree.add(bytes(node), syntax)
    }

    /// Adds what stands at these bytes.
    fn add_at(&mut self, bytes: Bytes, syntax: Syntax) -> NodeId {
        self.at().tree.add(bytes, syntax)
    }

    /// An error that covers nothing, at the end of a node.
    fn gap(&mut self, node: Node<'_>) -> NodeId {
        let end = bytes(node).end;
        self.add_at(Bytes { start: end, end }, Syntax::Error(Vec::new()))
    }

    /// The words of a node of the grammar.
    fn words(&self, node: Node<'_>) -> &'t str {
        self.slice(bytes(node))
    }

    /// The words of a range of bytes.
    fn slice(&self, bytes: Bytes) -> &'t str {
        self.here().text.get(bytes.range()).unwrap_or_default()
    }

    /// A name that stands in a field, with its bytes.
    fn name_in(&self, node: Node<'_>, field: &str) -> Option<(Box<str>, Bytes)> {
        let name = node.child_by_field_name(field)?;
        Some((self.words(name).into(), bytes(name)))
    }
}

/// What a node of the grammar covers.
pub(super) fn bytes(node: Node<'_>) -> Bytes {
    Bytes::new(node.start_byte(), node.end_byte())
}

/// The named children, comments left out.
pub(super) fn named<'n>(node: Node<'n>) -> Vec<Node<'n>> {
    let mut cursor = node.walk();
    let children = node.named_children(&mut cursor);
    children.filter(|child| !is_silent(*child)).collect()
}

/// The named children in a field.
pub(super) fn in_field<'n>(node: Node<'n>, field: &str) -> Vec<Node<'n>> {
    let mut cursor = node.walk();
    let children = node.children_by_field_name(field, &mut cursor);
    children
        .filter(|child| child.is_named() && !is_silent(*child))
        .collect()
}

/// The word of an operator, a keyword or a mark that stands in a field.
pub(super) fn mark<'n>(node: Node<'n>, field: &str) -> &'n str {
    node.child_by_field_name(field).map_or("", |mark| mark.kind())
}

/// Calls `visit` for each node in the order of the text, without recursion.
pub(super) fn each<'n>(root: Node<'n>, mut visit: impl FnMut(Node<'n>)) {
    let mut cursor = root.walk();
    loop {
        visit(cursor.node());
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// Comments, and the backslashes that join lines.
fn is_silent(node: Node<'_>) -> bool {
    node.kind().ends_with("comment") || node.kind() == "line_continuation"
}
