//! Statements: which code runs.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{LetKind, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// Several statements.
    pub(super) fn statements(&mut self, nodes: &[Node<'_>]) -> Vec<NodeId> {
        nodes.iter().map(|node| self.value(*node)).collect()
    }

    /// A block of statements.
    pub(super) fn block(&mut self, node: Node<'_>) -> NodeId {
        let inside = self.statements(&named(node));
        self.add(node, Syntax::Block(inside))
    }

    /// What one statement is.
    pub(super) fn statement(&mut self, node: Node<'_>) -> NodeId {
        let syntax = match node.kind() {
            "block" => return self.block(node),
            "if_expression" => return self.condition(node),
            "when_expression" => return self.when(node),
            "while_statement" | "do_while_statement" => {
                let head = vec![self.wanted(node, "condition")];
                let test = node.child_by_field_name("condition").map(|test| test.id());
                let body = named(node)
                    .into_iter()
                    .rfind(|part| Some(part.id()) != test && part.kind() != "label");
                let body = self.body(node, body);
                Syntax::Loop { head, body }
            }
            "for_statement" => self.for_each(node),
            "return_expression" => {
                let label = node.child_by_field_name("label").map(|label| label.id());
                let value = named(node).into_iter().find(|part| Some(part.id()) != label);
                Syntax::Return(value.map(|value| self.value(value)))
            }
            "throw_expression" => Syntax::Throw(named(node).first().map(|value| self.value(*value))),
            "identifier" if matches!(self.words(node), "break" | "continue") => Syntax::Leave,
            "assignment" => Syntax::Assign {
                target: self.wanted(node, "left"),
                value: self.wanted(node, "right"),
            },
            "labeled_expression" | "annotated_expression" => match named(node).last() {
                Some(inner) => return self.value(*inner),
                None => return self.gap(node),
            },
            _ => return self.item(node),
        };
        self.add(node, syntax)
    }

    /// What is repeated or runs in a branch; nothing where there is nothing.
    fn body(&mut self, node: Node<'_>, body: Option<Node<'_>>) -> NodeId {
        match body {
            Some(body) => self.value(body),
            None => {
                let end = bytes(node).end;
                self.add_at(Bytes { start: end, end }, Syntax::Block(Vec::new()))
            }
        }
    }

    /// `if (a) b else c`; where both are values it chooses one.
    fn condition(&mut self, node: Node<'_>) -> NodeId {
        let Some(test) = node.child_by_field_name("condition") else {
            return self.gap(node);
        };
        let mut cursor = node.walk();
        let (mut yes, mut no, mut is_else) = (None, None, false);
        for part in node.children(&mut cursor) {
            if part.kind() == "else" {
                is_else = true;
            }
            let is_body = part.is_named() && part.id() != test.id() && !part.kind().ends_with("comment");
            if is_body && is_else {
                no.get_or_insert(part);
            } else if is_body {
                yes.get_or_insert(part);
            }
        }
        let test = self.value(test);
        let syntax = match (yes, no) {
            (Some(yes), Some(no)) if self.is_value(yes) && self.is_value(no) => Syntax::Choose {
                test,
                yes: self.value(yes),
                no: self.value(no),
            },
            _ => Syntax::If {
                test,
                yes: self.body(node, yes),
                no: match is_else {
                    true => Some(self.body(node, no)),
                    false => None,
                },
            },
        };
        self.add(node, syntax)
    }

    /// `for (a in b) …`
    fn for_each(&mut self, node: Node<'_>) -> Syntax {
        let mut head = Vec::new();
        let mut rest = Vec::new();
        for part in named(node) {
            match part.kind() {
                "label" | "annotation" => {}
                "variable_declaration" | "multi_variable_declaration" if head.is_empty() => {
                    let (pattern, ty) = self.bound(part);
                    let (kind, value) = (LetKind::Variable, None);
                    head.push(self.add(
                        part,
                        Syntax::Let {
                            kind,
                            pattern,
                            ty,
                            value,
                        },
                    ));
                }
                _ => rest.push(part),
            }
        }
        let mut rest = rest.into_iter();
        if let Some(iterated) = rest.next() {
            head.push(self.value(iterated));
        }
        let body = self.body(node, rest.next());
        Syntax::Loop { head, body }
    }

    /// `when (a) { b, c -> d; else -> e }`, `when { a -> b }`, `when (val a = b) { … }`
    fn when(&mut self, node: Node<'_>) -> NodeId {
        let parts = named(node);
        let subject_node = parts.iter().copied().find(|part| part.kind() == "when_subject");
        let start = bytes(node).start;
        let (mut binding, mut from) = (None, start);
        let subject = match subject_node {
            None => self.add_at(Bytes { start, end: start }, Syntax::Bool(true)),
            Some(subject) => {
                let inside = named(subject);
                let name = inside
                    .iter()
                    .copied()
                    .find(|part| part.kind() == "variable_declaration");
                let value = inside.iter().copied().rfind(|part| part.kind() != "annotation");
                match (name, value) {
                    (Some(name), Some(value)) => {
                        let (pattern, ty) = self.bound(name);
                        let (kind, value) = (LetKind::Constant, Some(self.value(value)));
                        binding = Some(self.add(
                            subject,
                            Syntax::Let {
                                kind,
                                pattern,
                                ty,
                                value,
                            },
                        ));
                        from = bytes(name).start;
                        let own = self.at.tree.bytes(pattern);
                        self.add_at(own, Syntax::Name)
                    }
                    (None, Some(value)) => self.value(value),
                    _ => self.gap(subject),
                }
            }
        };
        let entries = parts.into_iter().filter(|part| part.kind() == "when_entry");
        let cases = entries.map(|entry| self.case(entry)).collect();
        let whole = Bytes {
            start: from,
            end: bytes(node).end,
        };
        let switch = self.add_at(whole, Syntax::Switch { subject, cases });
        match binding {
            Some(binding) => self.add(node, Syntax::Block(vec![binding, switch])),
            None => switch,
        }
    }

    fn case(&mut self, node: Node<'_>) -> NodeId {
        let mut cursor = node.walk();
        let (mut tests, mut body, mut behind) = (Vec::new(), Vec::new(), false);
        for part in node.children(&mut cursor) {
            behind |= part.kind() == "->";
            if !part.is_named() || part.kind().ends_with("comment") {
                continue;
            }
            match behind {
                true => body.push(self.value(part)),
                false => tests.push(self.value(part)),
            }
        }
        self.add(node, Syntax::Case { tests, body })
    }

    /// What a declaration of a variable binds, and its type.
    pub(super) fn bound(&mut self, node: Node<'_>) -> (NodeId, Option<NodeId>) {
        if node.kind() == "multi_variable_declaration" {
            let names = named(node).into_iter().map(|part| self.bound(part).0).collect();
            return (self.add(node, Syntax::ArrayPattern(names)), None);
        }
        let parts = named(node);
        let name = parts.iter().copied().find(|part| part.kind() == "identifier");
        let ty = parts.iter().copied().rfind(|part| part.kind().ends_with("_type"));
        let pattern = match name {
            Some(name) => self.add(name, Syntax::Name),
            None => self.gap(node),
        };
        (pattern, ty.map(|ty| self.ty(ty)))
    }

    /// True for what is a value and no way out: neither a block nor a jump.
    fn is_value(&self, node: Node<'_>) -> bool {
        match node.kind() {
            "block" | "assignment" | "return_expression" | "throw_expression" | "when_expression" | ";" => false,
            "if_expression" => {
                let parts = named(node);
                parts.len() == 3 && parts.iter().skip(1).all(|part| self.is_value(*part))
            }
            _ => !matches!(self.words(node), "break" | "continue"),
        }
    }
}
