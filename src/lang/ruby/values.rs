//! Expressions and patterns.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, mark, named};
use crate::lang::tree::{CompareOp, Key, LetKind, LogicOp, NodeId, Syntax, Through};
use crate::source::Bytes;

impl Walk<'_, '_> {
    /// What an expression is.
    pub(super) fn expression(&mut self, node: Node<'_>) -> NodeId {
        let syntax = match node.kind() {
            "identifier" | "constant" | "self" | "super" | "instance_variable" | "class_variable"
            | "global_variable" => Syntax::Name,
            "true" => Syntax::Bool(true),
            "false" => Syntax::Bool(false),
            "nil" => Syntax::Nothing,
            "integer" | "float" => Syntax::Number,
            "string" | "simple_symbol" | "delimited_symbol" | "bare_symbol" | "bare_string" => return self.text(node),
            "chained_string" => return self.chained(node),
            "heredoc_beginning" => return self.heredoc(node),
            // The text was taken where it was opened.
            "heredoc_body" => {
                let holes: Vec<Node<'_>> = named(node)
                    .into_iter()
                    .filter(|part| part.kind() == "interpolation")
                    .collect();
                Syntax::Other(holes.iter().map(|hole| self.first(*hole)).collect())
            }
            "array" | "string_array" | "symbol_array" | "right_assignment_list" => Syntax::Array(self.inside(node)),
            "hash" => Syntax::Object {
                type_name: None,
                entries: self.inside(node),
            },
            "pair" | "keyword_pattern" => return self.pair(node),
            "splat_argument" | "hash_splat_argument" | "block_argument" => Syntax::Spread(self.first(node)),
            "scope_resolution" => return self.scoped(node),
            "call" => return self.call(node),
            "element_reference" => return self.element(node),
            "binary" => self.binary(node),
            "unary" => self.unary(node),
            "conditional" => Syntax::Choose {
                test: self.wanted(node, "condition"),
                yes: self.wanted(node, "consequence"),
                no: self.wanted(node, "alternative"),
            },
            "assignment" => return self.assignment(node),
            "operator_assignment" => Syntax::Assign {
                target: self.wanted(node, "left"),
                value: self.wanted(node, "right"),
            },
            "parenthesized_statements" => match named(node).as_slice() {
                [only] => Syntax::Wrap(Through::Paren, self.value(*only)),
                _ => Syntax::Other(self.statements(node)),
            },
            "lambda" => return self.block_function(node, node.child_by_field_name("body").unwrap_or(node)),
            "ERROR" => Syntax::Error(self.inside(node)),
            _ => Syntax::Other(self.inside(node)),
        };
        self.add(node, syntax)
    }

    /// `a: b`, `:a => b`, `a:` (which is `a: a`).
    fn pair(&mut self, node: Node<'_>) -> NodeId {
        let Some(key_node) = node.child_by_field_name("key") else {
            return self.gap(node);
        };
        let key = self.key(key_node);
        let value = match (self.optional(node, "value"), &key) {
            (Some(value), _) => value,
            (None, Key::Name(_, bytes)) => self.add_at(*bytes, Syntax::Name),
            (None, Key::Computed(_)) => self.gap(node),
        };
        self.add(node, Syntax::Entry { key, value })
    }

    /// `A::B`
    fn scoped(&mut self, node: Node<'_>) -> NodeId {
        let Some(name) = node.child_by_field_name("name") else {
            return self.gap(node);
        };
        match self.optional(node, "scope") {
            Some(object) => {
                let property = bytes(name);
                self.add(node, Syntax::Member { object, property })
            }
            // `::B` is `B`, seen from the top.
            None => self.add(name, Syntax::Name),
        }
    }

    /// `a[b]`
    fn element(&mut self, node: Node<'_>) -> NodeId {
        let object = self.wanted(node, "object");
        let taken = node.child_by_field_name("object").map(|object| object.id());
        let rest: Vec<Node<'_>> = named(node)
            .into_iter()
            .filter(|child| Some(child.id()) != taken)
            .collect();
        let syntax = match rest.as_slice() {
            [index] => Syntax::Index {
                object,
                index: self.value(*index),
            },
            several => {
                let mut all = vec![object];
                all.extend(self.values(several));
                Syntax::Other(all)
            }
        };
        self.add(node, syntax)
    }

    fn binary(&mut self, node: Node<'_>) -> Syntax {
        let (left, right) = (self.wanted(node, "left"), self.wanted(node, "right"));
        let logic = |op| Syntax::Logic { op, left, right };
        let compare = |op| Syntax::Compare { op, left, right };
        let is_text = |id| matches!(self.at.tree.syntax(id), Syntax::Text(_) | Syntax::Template(_));
        match mark(node, "operator") {
            "+" if is_text(left) || is_text(right) => Syntax::Template(vec![left, right]),
            "&&" | "and" => logic(LogicOp::And),
            "||" | "or" => logic(LogicOp::Or),
            "==" | "===" => compare(CompareOp::Equal),
            "!=" => compare(CompareOp::NotEqual),
            "<" | ">" | "<=" | ">=" | "=~" | "!~" | "<=>" => compare(CompareOp::Other),
            _ => Syntax::Other(vec![left, right]),
        }
    }

    fn unary(&mut self, node: Node<'_>) -> Syntax {
        let operand = self.wanted(node, "operand");
        match mark(node, "operator") {
            "!" | "not" => Syntax::Not(operand),
            _ => Syntax::Other(vec![operand]),
        }
    }

    /// `a = b`: the first one in a scope binds the name; a constant is bound once.
    fn assignment(&mut self, node: Node<'_>) -> NodeId {
        let Some(left) = node.child_by_field_name("left") else {
            return self.gap(node);
        };
        let is_new = self.binds(left);
        let pattern = self.pattern(left);
        let value = self.optional(node, "right");
        let syntax = match (left.kind(), value) {
            ("constant", value) => Syntax::Let {
                kind: LetKind::Constant,
                pattern,
                ty: None,
                value,
            },
            (_, Some(value)) if !is_new => Syntax::Assign { target: pattern, value },
            (_, value) => Syntax::Let {
                kind: LetKind::Hoisted,
                pattern,
                ty: None,
                value,
            },
        };
        self.add(node, syntax)
    }

    /// Binds the names of a pattern: true if all of them are names, and new in their scope.
    pub(super) fn binds(&mut self, node: Node<'_>) -> bool {
        match node.kind() {
            "identifier" => {
                let name = self.words(node);
                self.names.bind(name)
            }
            "left_assignment_list" | "destructured_left_assignment" | "destructured_parameter" => {
                let names = named(node);
                // Each is asked, so that each is bound.
                names.iter().filter(|name| !self.binds(**name)).count() == 0
            }
            _ => false,
        }
    }

    /// What is bound or set.
    pub(super) fn pattern(&mut self, node: Node<'_>) -> NodeId {
        let syntax = match node.kind() {
            "left_assignment_list" | "destructured_left_assignment" | "destructured_parameter" => {
                let inside: Vec<NodeId> = named(node).iter().map(|inner| self.pattern(*inner)).collect();
                Syntax::ArrayPattern(inside)
            }
            "rest_assignment" | "splat_parameter" | "hash_splat_parameter" | "block_parameter" => {
                match named(node).first() {
                    Some(name) => Syntax::Spread(self.pattern(*name)),
                    None => Syntax::Other(Vec::new()),
                }
            }
            "optional_parameter" | "keyword_parameter" => {
                let Some(name) = node.child_by_field_name("name") else {
                    return self.gap(node);
                };
                let pattern = self.add(name, Syntax::Name);
                match self.optional(node, "value") {
                    Some(default) => Syntax::Default { pattern, default },
                    None => return pattern,
                }
            }
            // `a.b = c` sets what `a.b` reads, whatever the grammar calls it.
            "call" => match node.child_by_field_name("method") {
                Some(method) => Syntax::Member {
                    object: self.wanted(node, "receiver"),
                    property: bytes(method),
                },
                None => return self.gap(node),
            },
            _ => return self.value(node),
        };
        self.add(node, syntax)
    }

    /// The bytes from the first of these nodes to the last.
    pub(super) fn across(&mut self, first: NodeId, last: NodeId) -> Bytes {
        let tree = &self.at.tree;
        Bytes {
            start: tree.bytes(first).start,
            end: tree.bytes(last).end,
        }
    }
}
