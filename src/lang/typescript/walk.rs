//! From the concrete tree to the neutral one, bottom up and without recursion: each node becomes a *part* of its parent; when the
//! last child was seen, the parent is built from its parts. Words become nodes only when somebody wants them as values.

use std::collections::BTreeSet;

use super::kinds::{Field, Kind, Step, Tables};
use super::text;
use super::values::Operator;
use crate::lang::descent::Translated;
use crate::lang::tree::{ExportName, ImportName, NodeId, Syntax, Tree};
use crate::lang::{Comment, Language};
use crate::source::Bytes;

/// How deep built nodes may lie in one another. What lies deeper is a gap; nobody writes it, and whoever reads the tree may count
/// on this bound.
const MAX_DEPTH: usize = 1_000;

/// A finished child of a node whose last child was not seen yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// What it is in the grammar.
    pub kind: Kind,
    /// Which field of its parent it fills.
    pub field: Field,
    /// What it covers.
    pub bytes: Bytes,
    /// Its node, if it was built already.
    pub node: Option<NodeId>,
    /// The declared type of a parameter.
    pub ty: Option<NodeId>,
}

/// A node whose last child was not seen yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// What it is in the grammar.
    pub kind: Kind,
    /// Which field of its parent it fills.
    pub field: Field,
    /// What it covers.
    pub bytes: Bytes,
    /// Where its parts begin.
    pub first: usize,
    /// How many nodes there were before it.
    pub nodes: usize,
    /// It will be a node in another one, not be taken up by it.
    deepens: bool,
}

/// The state of the walk.
pub(super) struct Walk<'t> {
    tables: &'static Tables,
    /// The text of the file.
    pub text: &'t str,
    /// What was built so far.
    pub tree: Tree,
    pub(super) parts: Vec<Part>,
    pub(super) frames: Vec<Frame>,
    depth: usize,
    comments: Vec<Comment>,
    gaps: u32,
    broken: bool,
    /// The names of the import statement that is being read, each with whether it is a type only.
    pub imported: Vec<(ImportName, bool)>,
    /// The names of the export statement that is being read.
    pub exported: Vec<ExportName>,
}

/// Translates a whole file.
pub(super) fn translate(language: Language, text: &str, concrete: &tree_sitter::Tree) -> Translated {
    let mut walk = Walk {
        tables: Tables::of(language),
        text,
        tree: Tree::default(),
        parts: Vec::new(),
        frames: Vec::new(),
        depth: 0,
        comments: Vec::new(),
        gaps: 0,
        broken: concrete.root_node().has_error(),
        imported: Vec::new(),
        exported: Vec::new(),
    };
    walk.run(concrete);
    walk.finish()
}

impl Walk<'_> {
    fn run(&mut self, concrete: &tree_sitter::Tree) {
        let mut cursor = concrete.walk();
        loop {
            let field = self.tables.field(cursor.field_id());
            if self.enter(cursor.node(), field) {
                if cursor.goto_first_child() {
                    continue;
                }
                self.leave();
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                self.leave();
            }
        }
    }

    /// Takes a node in; true if its children are to be seen.
    fn enter(&mut self, node: tree_sitter::Node<'_>, field: Field) -> bool {
        let kind = self.tables.kind(node.kind_id());
        let bytes = Bytes::new(node.start_byte(), node.end_byte());
        if kind == Kind::Comment {
            self.comments.push(Comment { bytes });
            return false;
        }
        if self.broken && node.is_missing() {
            // A tagged template with type arguments is read as if a `!` were missing; nothing is.
            let harmless = self.frames.last().is_some_and(|parent| parent.kind == Kind::NonNull);
            self.gaps += u32::from(!harmless);
            if node.is_named() {
                self.leaf(Kind::Missing, field, bytes);
            }
            return false;
        }
        if self.broken && kind == Kind::Error {
            if self.is_ampersand(bytes) {
                self.leaf(Kind::JsxText, field, bytes);
                return false;
            }
            self.gaps += 1;
        }
        let step = if field == Field::Operator {
            Step::Leaf
        } else {
            kind.step()
        };
        if step == Step::Drop || field == Field::ReturnType || self.is_unwanted(kind) {
            self.gaps += u32::from(self.broken && node.has_error());
            return false;
        }
        if step == Step::Leaf {
            self.leaf(if field == Field::Operator { Kind::Token } else { kind }, field, bytes);
            return false;
        }
        let deepens = step == Step::Build && !self.is_nested_union(kind) && !self.is_nested_sum(kind, field, node);
        if deepens && self.depth >= MAX_DEPTH {
            self.gaps += 1;
            self.leaf(Kind::Missing, field, bytes);
            return false;
        }
        self.depth += usize::from(deepens);
        self.frames.push(Frame {
            kind,
            field,
            bytes,
            first: self.parts.len(),
            nodes: self.tree.len(),
            deepens,
        });
        true
    }

    /// `Plans & Billing` between tags is text for everybody but the grammar.
    fn is_ampersand(&self, bytes: Bytes) -> bool {
        let between_tags = self.frames.last().is_some_and(|parent| parent.kind == Kind::JsxElement);
        between_tags && self.slice(bytes).starts_with('&')
    }

    /// Parts that would get no place in their parent's node, and would hang loose.
    fn is_unwanted(&self, kind: Kind) -> bool {
        let Some(parent) = self.frames.last() else { return false };
        match (parent.kind, kind) {
            // `x as T`: the value passes through; the type stays readable in the text.
            (Kind::Cast, _) => self.parts.len() > parent.first,
            (Kind::Assertion | Kind::Extends | Kind::JsxOpening | Kind::JsxSelfClosing, Kind::TypeArguments) => true,
            (Kind::Parameter, Kind::Decorator) => true,
            (Kind::Array | Kind::ArrayPattern, Kind::Comma) => false,
            (_, Kind::Comma) => true,
            _ => false,
        }
    }

    /// Unions nest to the left, one level for each member: `a | b | c` becomes one node.
    fn is_nested_union(&self, kind: Kind) -> bool {
        kind == Kind::Union && self.frames.last().is_some_and(|parent| parent.kind == Kind::Union)
    }

    /// Sums nest in the same way: `a + b + c` becomes one node.
    fn is_nested_sum(&self, kind: Kind, field: Field, node: tree_sitter::Node<'_>) -> bool {
        let chained = kind == Kind::Binary && field == Field::Left;
        chained && self.frames.last().is_some_and(|parent| parent.kind == Kind::Binary) && {
            let operator = node.child_by_field_name("operator");
            Operator::of(operator.map_or("", |operator| &self.text[operator.byte_range()])) == Operator::Term
        }
    }

    fn leaf(&mut self, kind: Kind, field: Field, bytes: Bytes) {
        if kind == Kind::JsxText && self.slice(bytes).trim().is_empty() {
            return;
        }
        self.parts.push(Part {
            kind,
            field,
            bytes,
            node: None,
            ty: None,
        });
    }

    fn leave(&mut self) {
        let frame = self.frames.pop().expect("BUG: a node was left that was not entered");
        self.depth -= usize::from(frame.deepens);
        let nested_union = self.is_nested_union(frame.kind);
        match frame.kind.step() {
            _ if nested_union => {}
            _ if frame.kind == Kind::Binary && !frame.deepens => self.hand_on_terms(&frame),
            Step::Splice => {
                let field = frame.field;
                let unplaced = |part: &&mut Part| part.field == Field::None && part.kind != Kind::Error;
                for part in self.parts[frame.first..].iter_mut().filter(unplaced) {
                    part.field = if field == Field::None { Field::Body } else { field };
                }
            }
            Step::Rename => self.rename(&frame),
            _ => {
                let first = frame.first.min(self.parts.len());
                let own: Vec<Part> = self.parts.drain(first..).collect();
                self.build(&frame, &own);
                if self.broken {
                    self.keep_loose(&frame, &own);
                }
            }
        }
    }

    /// What stands for the one thing in it hands that on as a value; strings are understood here, while their surroundings are known.
    fn rename(&mut self, frame: &Frame) {
        let field = match frame.kind {
            Kind::Arguments => Field::Arguments,
            Kind::TypeArguments => Field::TypeArguments,
            Kind::Params => Field::Parameters,
            Kind::Implements => Field::Value,
            Kind::EnumBody | Kind::InterfaceBody | Kind::SwitchBody => Field::Body,
            _ => frame.field,
        };
        let through = frame.kind == Kind::Through;
        if through {
            // Words like `readonly` tell about what they stand before, not about what that stands in.
            let first = frame.first;
            let words = self
                .parts
                .extract_if(first.., |part| !part.kind.is_value() && part.kind != Kind::Empty);
            words.for_each(drop);
        }
        for at in frame.first..self.parts.len() {
            let mut part = self.parts[at];
            if part.kind == Kind::Error {
                continue;
            }
            part.field = field;
            if through && part.kind.is_value() {
                part.node = Some(self.node(&part));
            }
            self.parts[at] = part;
        }
    }

    /// The terms of a nested sum stay where they are: moved once for each level, a sum of `n` terms would cost `n²`. Its own operator goes; the
    /// one that is found in the end is that of the operation around it.
    fn hand_on_terms(&mut self, frame: &Frame) {
        let inside = &self.parts[frame.first..];
        let terms = inside
            .iter()
            .rposition(|part| part.field == Field::Left && part.kind.is_value());
        let after = frame.first + terms.map_or(0, |last| last + 1);
        let marks = self.parts.extract_if(after.., |part| part.field == Field::Operator);
        marks.for_each(drop);
        for part in self.parts[after..].iter_mut().filter(|part| part.kind.is_value()) {
            part.field = Field::Left;
        }
    }

    /// Errors may stand anywhere. What a node has no place for is handed on, up to the next list of statements.
    fn keep_loose(&mut self, frame: &Frame, own: &[Part]) {
        // In a broken text what stands around may have taken parts of what is before it.
        let kept = self.parts.get(frame.first..).unwrap_or_default();
        let handed_on: BTreeSet<NodeId> = kept.iter().filter_map(|part| part.node).collect();
        for part in own {
            let exists = |node: &NodeId| (node.0 as usize) < self.tree.len();
            let Some(node) = part.node.filter(exists) else { continue };
            if self.tree.node(node).parent.is_none() && !handed_on.contains(&node) {
                let (kind, field) = (Kind::Error, Field::None);
                self.parts.push(Part { kind, field, ..*part });
            }
        }
    }

    fn finish(mut self) -> Translated {
        let parts = std::mem::take(&mut self.parts);
        let root = parts.iter().find_map(|part| part.node);
        let root = match root {
            Some(root) if matches!(self.tree.syntax(root), Syntax::Block(_)) => root,
            _ => {
                let all = Bytes::new(0, self.text.len());
                self.tree.add(all, Syntax::Block(root.into_iter().collect()))
            }
        };
        self.tree.set_root(root);
        Translated {
            tree: self.tree,
            comments: self.comments,
            gaps: self.gaps,
        }
    }

    /// The words of a range of bytes.
    pub(super) fn slice(&self, bytes: Bytes) -> &str {
        self.text.get(bytes.range()).unwrap_or_default()
    }

    /// Adds a part with a node to the parent of `frame`.
    pub(super) fn push(&mut self, frame: &Frame, node: NodeId) {
        self.push_as(frame.kind, frame, node);
    }

    /// Adds a part with a node and a kind of its own.
    pub(super) fn push_as(&mut self, kind: Kind, frame: &Frame, node: NodeId) {
        self.parts.push(Part {
            kind,
            field: frame.field,
            bytes: self.tree.bytes(node),
            node: Some(node),
            ty: None,
        });
    }

    /// Builds the node of `frame` and adds it to its parent.
    pub(super) fn add(&mut self, frame: &Frame, syntax: Syntax) {
        let node = self.tree.add(frame.bytes, syntax);
        self.push(frame, node);
    }

    /// The node of a part; words become nodes here.
    pub(super) fn node(&mut self, part: &Part) -> NodeId {
        if let Some(node) = part.node {
            return node;
        }
        let words = self.slice(part.bytes);
        let syntax = match part.kind {
            Kind::Identifier | Kind::PropertyName => Syntax::Name,
            Kind::String => Syntax::Text(text::string(words)),
            Kind::JsxText => Syntax::Markup(text::folded(words)),
            Kind::Number => Syntax::Number,
            Kind::True => Syntax::Bool(true),
            Kind::False => Syntax::Bool(false),
            Kind::Undefined => Syntax::Nothing,
            Kind::OpaqueType => Syntax::Type(Vec::new()),
            Kind::Leave => Syntax::Leave,
            Kind::Empty => Syntax::Block(Vec::new()),
            Kind::Missing => Syntax::Error(Vec::new()),
            _ => Syntax::Other(Vec::new()),
        };
        self.tree.add(part.bytes, syntax)
    }

    /// The nodes of all parts that are values.
    pub(super) fn values(&mut self, own: &[Part]) -> Vec<NodeId> {
        own.iter()
            .filter(|part| part.kind.is_value())
            .map(|part| self.node(part))
            .collect()
    }

    /// The nodes of the parts in a field.
    pub(super) fn in_field(&mut self, own: &[Part], field: Field) -> Vec<NodeId> {
        let inside = own.iter().filter(|part| part.field == field && part.kind.is_value());
        inside.map(|part| self.node(part)).collect()
    }

    /// The node of the first part in a field.
    pub(super) fn optional(&mut self, own: &[Part], field: Field) -> Option<NodeId> {
        find(own, field).map(|part| self.node(part))
    }

    /// The node of the first part in a field; where broken text has none, an error that covers nothing.
    pub(super) fn wanted(&mut self, frame: &Frame, own: &[Part], field: Field) -> NodeId {
        let node = self.optional(own, field);
        node.unwrap_or_else(|| self.gap(frame))
    }

    /// The node of the first value; where broken text has none, an error that covers nothing.
    pub(super) fn first_value(&mut self, frame: &Frame, own: &[Part]) -> NodeId {
        let first = own.iter().find(|part| part.kind.is_value());
        match first {
            Some(part) => self.node(part),
            None => self.gap(frame),
        }
    }

    fn gap(&mut self, frame: &Frame) -> NodeId {
        let end = frame.bytes.end;
        self.tree.add(Bytes { start: end, end }, Syntax::Error(Vec::new()))
    }

    fn build(&mut self, frame: &Frame, own: &[Part]) {
        let built = self.statement(frame, own)
            || self.value(frame, own)
            || self.item(frame, own)
            || self.module_item(frame, own)
            || self.type_node(frame, own)
            || self.markup(frame, own);
        if !built {
            let inside = self.values(own);
            let syntax = if frame.kind == Kind::Error {
                Syntax::Error(inside)
            } else {
                Syntax::Other(inside)
            };
            self.add(frame, syntax);
        }
    }
}

/// The first part in a field.
pub(super) fn find(own: &[Part], field: Field) -> Option<&Part> {
    own.iter().find(|part| part.field == field)
}
