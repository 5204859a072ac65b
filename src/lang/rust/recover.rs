//! Files that `syn` refuses. Enters: the text. Leaves: nodes of all that can be read of it.
//!
//! tree-sitter's tree says where items, blocks and statements begin and end. Each piece that it finds whole is shown to `syn` alone
//! and translated by the same code as a sound file; a broken function, impl, module or `if` keeps its head, and what stands in it is
//! read piece by piece. The rest is an error node with what could be read of its insides, and is counted.

use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Block, Expr, ImplItem, Item, Stmt, TraitItem};
use tree_sitter::Node;

use super::build::{Build, Graft, join};
use super::{NESTING_LIMIT, parse, scan};
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{Bytes, SkipReason};

/// Pieces within pieces, at most.
const DEPTH_LIMIT: u32 = 200;

/// `syn` may be shown this many bytes for each byte of the file: a piece that it refuses is shown again in smaller pieces.
const SHOWN_PER_BYTE: usize = 16;

/// Everything in a file that `syn` refuses as a whole.
pub(super) fn file(build: &mut Build, text: &str) -> Result<Vec<NodeId>, SkipReason> {
    let tree = parse::parse(Language::Rust, text)?;
    let mut recover = Recover {
        build,
        text,
        budget: text.len().saturating_mul(SHOWN_PER_BYTE),
        depth: 0,
    };
    let nodes = recover.children(tree.root_node(), Place::Module);
    build.lost = build.lost.max(1);
    Ok(nodes)
}

/// What the children of a node are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Module,
    Impl,
    Trait,
    Block,
    /// Anything: only what can be recognised by itself is kept.
    Rubble,
}

/// Statements, as a thing that can be parsed.
struct Statements(Vec<Stmt>);

impl Parse for Statements {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Block::parse_within).map(Self)
    }
}

/// Attributes before an expression, and the expression.
struct Attributes(Vec<Attribute>);

impl Parse for Attributes {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer).map(Self)
    }
}

/// An item whose body was read before.
enum Head {
    Item(Item),
    Impl(ImplItem),
    Trait(TraitItem),
}

struct Recover<'a, 'b> {
    build: &'a mut Build,
    text: &'b str,
    /// How many bytes may still be shown to `syn`.
    budget: usize,
    depth: u32,
}

impl Recover<'_, '_> {
    /// The nodes of what stands in `parent`.
    fn children(&mut self, parent: Node<'_>, place: Place) -> Vec<NodeId> {
        let mut nodes = Vec::new();
        let mut attributes = None;
        let mut cursor = parent.walk();
        let children: Vec<Node<'_>> = parent.children(&mut cursor).collect();
        for child in children {
            match child.kind() {
                "line_comment" | "block_comment" => continue,
                "attribute_item" => {
                    attributes.get_or_insert(child.start_byte());
                    continue;
                }
                "ERROR" => {
                    let inside = self.children(child, Place::Rubble);
                    nodes.push(self.error(child, inside));
                }
                _ if child.is_missing() => self.build.lost += 1,
                _ if !child.is_named() => continue,
                kind if place == Place::Rubble && !stands_alone(kind) => {
                    nodes.extend(self.deeper(|recover| recover.children(child, Place::Rubble)));
                }
                _ => {
                    let start = attributes.unwrap_or(child.start_byte());
                    let read = self.deeper(|recover| recover.piece(start, child, place));
                    nodes.extend(read);
                }
            }
            attributes = None;
        }
        nodes
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Vec<NodeId>) -> Vec<NodeId> {
        if self.depth >= DEPTH_LIMIT {
            self.build.lost += 1;
            return Vec::new();
        }
        self.depth += 1;
        let nodes = read(self);
        self.depth -= 1;
        nodes
    }

    /// One child, with the attributes from `start` on.
    fn piece(&mut self, start: usize, node: Node<'_>, place: Place) -> Vec<NodeId> {
        if !node.has_error()
            && let Some(nodes) = self.whole(start, node, place)
        {
            return nodes;
        }
        let headed = match node.kind() {
            "function_item" => Some(Place::Block),
            "mod_item" => Some(Place::Module),
            "impl_item" => Some(Place::Impl),
            "trait_item" => Some(Place::Trait),
            _ => None,
        };
        if let (Some(inside), Some(body)) = (headed, node.child_by_field_name("body")) {
            return self.headed(start, body, place, inside);
        }
        let inner = match node.kind() {
            "expression_statement" => node.named_child(0).unwrap_or(node),
            _ => node,
        };
        let inside = self.expression(inner);
        self.attributed(start, node, inside)
    }

    /// A piece without an error in it, as `syn` reads it.
    fn whole(&mut self, start: usize, node: Node<'_>, place: Place) -> Option<Vec<NodeId>> {
        let end = node.end_byte();
        match place {
            Place::Module => self.show(start, end).map(|item: Item| self.build.item(&item)),
            Place::Impl => self
                .show(start, end)
                .map(|item: ImplItem| vec![self.build.impl_member(&item)]),
            Place::Trait => self
                .show(start, end)
                .map(|item: TraitItem| vec![self.build.trait_member(&item)]),
            Place::Block | Place::Rubble => {
                let statements: Statements = self.show(start, end)?;
                Some(self.build.statements(&statements.0))
            }
        }
    }

    /// Parses a stretch of the text, if it is safe to and the budget allows it.
    fn show<T: Parse>(&mut self, start: usize, end: usize) -> Option<T> {
        let piece = self.text.get(start..end)?;
        self.budget = self.budget.checked_sub(piece.len())?;
        if scan::scan(piece).nesting > NESTING_LIMIT {
            return None;
        }
        self.build.piece(self.text.get(..end)?, start)
    }

    /// A function, module, impl or trait: its head with an empty body is shown to `syn`, and its insides are put into it. They are
    /// read once, whatever comes of the head: reading them twice on each level would never end.
    fn headed(&mut self, start: usize, body: Node<'_>, place: Place, inside: Place) -> Vec<NodeId> {
        let nodes = self.children(body, inside);
        let graft = Graft {
            bytes: bytes(body),
            value: inside == Place::Block && ends_with_value(body, self.text),
            nodes,
        };
        match self.head(start, body.start_byte(), place) {
            Some(head) => {
                self.build.graft = Some(graft);
                match head {
                    Head::Item(item) => self.build.item(&item),
                    Head::Impl(item) => vec![self.build.impl_member(&item)],
                    Head::Trait(item) => vec![self.build.trait_member(&item)],
                }
            }
            None => vec![self.error(body, graft.nodes)],
        }
    }

    /// What stands from `start` to a body, as an item without one.
    fn head(&mut self, start: usize, end: usize, place: Place) -> Option<Head> {
        let head = format!("{}{{}}", self.text.get(start..end)?);
        self.budget = self.budget.checked_sub(head.len())?;
        if scan::scan(&head).nesting > NESTING_LIMIT {
            return None;
        }
        match place {
            Place::Impl => self.build.piece_at(&head, start).map(Head::Impl),
            Place::Trait => self.build.piece_at(&head, start).map(Head::Trait),
            Place::Module | Place::Block | Place::Rubble => self.build.piece_at(&head, start).map(Head::Item),
        }
    }

    /// `nodes`, which stand in `node`, below the attributes before it.
    fn attributed(&mut self, start: usize, node: Node<'_>, nodes: Vec<NodeId>) -> Vec<NodeId> {
        if start == node.start_byte() {
            return nodes;
        }
        let Some(attributes) = self.show::<Attributes>(start, node.start_byte()) else {
            self.build.lost += 1;
            return nodes;
        };
        let mut children = self.build.decorators(&attributes.0);
        if children.is_empty() {
            return nodes;
        }
        children.extend(nodes);
        vec![self.build.other(children)]
    }

    /// An expression, broken or not.
    fn expression(&mut self, node: Node<'_>) -> Vec<NodeId> {
        if !node.has_error()
            && let Some(expr) = self.show::<Expr>(node.start_byte(), node.end_byte())
        {
            return vec![self.build.expr(&expr)];
        }
        let node_made = match node.kind() {
            "block" => Some(self.block(node)),
            "if_expression" => self.branch(node),
            _ => None,
        };
        let made = node_made.unwrap_or_else(|| {
            let inside = self.children(node, Place::Rubble);
            self.error(node, inside)
        });
        vec![made]
    }

    fn block(&mut self, node: Node<'_>) -> NodeId {
        let nodes = self.children(node, Place::Block);
        self.build.add(bytes(node), Syntax::Block(nodes))
    }

    fn branch(&mut self, node: Node<'_>) -> Option<NodeId> {
        let test = node.child_by_field_name("condition")?;
        let yes = node.child_by_field_name("consequence")?;
        let test = self.one(test);
        let yes = self.block(yes);
        let no = node.child_by_field_name("alternative").and_then(|no| no.named_child(0));
        let no = no.map(|no| self.one(no));
        let bytes = bytes(node);
        Some(self.build.add(bytes, Syntax::If { test, yes, no }))
    }

    /// An expression as exactly one node.
    fn one(&mut self, node: Node<'_>) -> NodeId {
        let nodes = self.deeper(|recover| recover.expression(node));
        match nodes.as_slice() {
            [only] => *only,
            _ => self.build.add(bytes(node), Syntax::Error(nodes)),
        }
    }

    fn error(&mut self, node: Node<'_>, inside: Vec<NodeId>) -> NodeId {
        self.build.lost += 1;
        let bytes = inside.iter().map(|id| self.build.of(*id)).fold(bytes(node), join);
        self.build.add(bytes, Syntax::Error(inside))
    }
}

fn bytes(node: Node<'_>) -> Bytes {
    Bytes::new(node.start_byte(), node.end_byte())
}

/// True for what means the same wherever it stands.
fn stands_alone(kind: &str) -> bool {
    kind.ends_with("_item") || kind.ends_with("_expression") || kind.ends_with("_statement") || is_other_statement(kind)
}

fn is_other_statement(kind: &str) -> bool {
    matches!(
        kind,
        "let_declaration" | "use_declaration" | "macro_invocation" | "block"
    )
}

/// True if the last thing in a block is an expression without `;`.
fn ends_with_value(block: Node<'_>, text: &str) -> bool {
    let last = u32::try_from(block.named_child_count())
        .unwrap_or(u32::MAX)
        .checked_sub(1);
    let last = last.and_then(|last| block.named_child(last));
    last.is_some_and(|last| {
        let words = text.get(last.byte_range()).unwrap_or_default();
        !last.is_error()
            && !words.ends_with(';')
            && !last.kind().ends_with("_item")
            && !last.kind().ends_with("comment")
    })
}
