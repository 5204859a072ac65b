//! Statements: which code runs.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, in_field, named};
use crate::lang::tree::{LetKind, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// Several statements; a declaration of several names is several.
    pub(super) fn statements(&mut self, nodes: &[Node<'_>]) -> Vec<NodeId> {
        let mut all = Vec::new();
        for node in nodes {
            match node.kind() {
                "local_variable_declaration" => all.extend(self.locals(*node)),
                _ => all.push(self.value(*node)),
            }
        }
        all
    }

    /// A block of statements.
    pub(super) fn block(&mut self, node: Node<'_>) -> NodeId {
        let inside = self.statements(&named(node));
        self.add(node, Syntax::Block(inside))
    }

    /// What one statement is.
    pub(super) fn statement(&mut self, node: Node<'_>) -> NodeId {
        let syntax = match node.kind() {
            "block" | "constructor_body" => return self.block(node),
            "expression_statement" => return self.first(node),
            "labeled_statement" => match named(node).last() {
                Some(inner) => return self.value(*inner),
                None => return self.gap(node),
            },
            "local_variable_declaration" => {
                let locals = self.locals(node);
                match locals[..] {
                    [only] => return only,
                    _ => Syntax::Other(locals),
                }
            }
            "if_statement" => Syntax::If {
                test: self.wanted(node, "condition"),
                yes: self.wanted(node, "consequence"),
                no: self.optional(node, "alternative"),
            },
            "while_statement" | "do_statement" => Syntax::Loop {
                head: vec![self.wanted(node, "condition")],
                body: self.wanted(node, "body"),
            },
            "for_statement" => self.for_loop(node),
            "enhanced_for_statement" => self.for_each(node),
            "try_with_resources_statement" => return self.try_with(node),
            "synchronized_statement" => Syntax::With {
                held: vec![self.first(node)],
                body: self.wanted(node, "body"),
            },
            "switch_expression" => self.switch(node),
            "return_statement" => Syntax::Return(named(node).first().map(|value| self.value(*value))),
            "throw_statement" => Syntax::Throw(named(node).first().map(|value| self.value(*value))),
            "break_statement" | "continue_statement" => Syntax::Leave,
            "yield_statement" => {
                let value = self.first(node);
                let end = bytes(node).end;
                let leave = self.add_at(Bytes { start: end, end }, Syntax::Leave);
                Syntax::Block(vec![value, leave])
            }
            _ => return self.item(node),
        };
        self.add(node, syntax)
    }

    /// `final T a = b, c = d;`
    pub(super) fn locals(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let kind = match self.has_modifier(node, "final") {
            true => LetKind::Constant,
            false => LetKind::Variable,
        };
        let declarators = in_field(node, "declarator");
        let only = declarators.len() == 1;
        let mut all = Vec::new();
        for (nth, declarator) in declarators.into_iter().enumerate() {
            // The type stands before the first of several names.
            let ty = node.child_by_field_name("type").filter(|_| nth == 0);
            let ty = ty.map(|ty| self.ty(ty));
            let pattern = self.pattern(declarator);
            let value = self.optional(declarator, "value");
            let syntax = Syntax::Let {
                kind,
                pattern,
                ty,
                value,
            };
            let start = if nth == 0 {
                node.start_byte()
            } else {
                declarator.start_byte()
            };
            let end = if only { node.end_byte() } else { declarator.end_byte() };
            all.push(self.add_at(Bytes::new(start, end), syntax));
        }
        all
    }

    /// The name that a declarator binds.
    fn pattern(&mut self, node: Node<'_>) -> NodeId {
        match node.child_by_field_name("name") {
            Some(name) => self.add(name, Syntax::Name),
            None => self.gap(node),
        }
    }

    fn for_loop(&mut self, node: Node<'_>) -> Syntax {
        let mut head = Vec::new();
        for part in in_field(node, "init") {
            match part.kind() {
                "local_variable_declaration" => head.extend(self.locals(part)),
                _ => head.push(self.value(part)),
            }
        }
        head.extend(self.optional(node, "condition"));
        for part in in_field(node, "update") {
            head.push(self.value(part));
        }
        let body = self.wanted(node, "body");
        Syntax::Loop { head, body }
    }

    /// `for (T a : b) …`
    fn for_each(&mut self, node: Node<'_>) -> Syntax {
        let mut head = Vec::new();
        if let Some(name) = node.child_by_field_name("name") {
            let pattern = self.add(name, Syntax::Name);
            let (kind, ty, value) = (LetKind::Variable, None, None);
            head.push(self.add(
                name,
                Syntax::Let {
                    kind,
                    pattern,
                    ty,
                    value,
                },
            ));
        }
        head.push(self.wanted(node, "value"));
        let body = self.wanted(node, "body");
        Syntax::Loop { head, body }
    }

    /// `try (T a = b; c) { … } catch …`
    fn try_with(&mut self, node: Node<'_>) -> NodeId {
        let mut held = Vec::new();
        for resource in node.child_by_field_name("resources").map_or_else(Vec::new, named) {
            if resource.child_by_field_name("value").is_none() {
                held.push(self.first(resource));
                continue;
            }
            let ty = resource.child_by_field_name("type").map(|ty| self.ty(ty));
            let pattern = self.pattern(resource);
            let value = self.optional(resource, "value");
            let kind = LetKind::Constant;
            held.push(self.add(
                resource,
                Syntax::Let {
                    kind,
                    pattern,
                    ty,
                    value,
                },
            ));
        }
        let body = self.wanted(node, "body");
        let clauses: Vec<Node<'_>> = named(node)
            .into_iter()
            .filter(|part| matches!(part.kind(), "catch_clause" | "finally_clause"))
            .collect();
        let end = self.at.tree.bytes(body).end;
        let held = self.add_at(
            Bytes {
                start: bytes(node).start,
                end,
            },
            Syntax::With { held, body },
        );
        let rest = self.values(&clauses);
        let all = std::iter::once(held).chain(rest).collect();
        self.add(node, Syntax::Other(all))
    }

    /// `switch (a) { case b: …; case c -> …; default -> … }`
    fn switch(&mut self, node: Node<'_>) -> Syntax {
        let subject = self.wanted(node, "condition");
        let mut cases = Vec::new();
        for group in node.child_by_field_name("body").map_or_else(Vec::new, named) {
            let (labels, body): (Vec<_>, Vec<_>) =
                named(group).into_iter().partition(|part| part.kind() == "switch_label");
            let tests = labels.into_iter().flat_map(named).collect::<Vec<_>>();
            let tests = self.values(&tests);
            let body = self.statements(&body);
            cases.push(self.add(group, Syntax::Case { tests, body }));
        }
        Syntax::Switch { subject, cases }
    }
}
