//! Statements: which code runs. In Ruby they are expressions too, and the last one is the value of its function.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, in_field, named};
use crate::lang::tree::{LetKind, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_, '_> {
    /// The statements in a block or file.
    pub(super) fn statements(&mut self, block: Node<'_>) -> Vec<NodeId> {
        let statements: Vec<Node<'_>> = named(block)
            .into_iter()
            .filter(|child| child.kind() != "empty_statement")
            .collect();
        self.values(&statements)
    }

    /// A block of statements.
    pub(super) fn block(&mut self, node: Node<'_>) -> NodeId {
        let inside = self.statements(node);
        self.add(node, Syntax::Block(inside))
    }

    /// The block in a field; where there is none, an empty one at the node's end.
    fn block_in(&mut self, node: Node<'_>, field: &str) -> NodeId {
        match node.child_by_field_name(field) {
            Some(block) => self.block(block),
            None => self.nothing_at_end(node),
        }
    }

    fn nothing_at_end(&mut self, node: Node<'_>) -> NodeId {
        let end = bytes(node).end;
        self.add_at(Bytes { start: end, end }, Syntax::Block(Vec::new()))
    }

    /// The statements of a function or block; the last one is what it returns.
    pub(super) fn function_body(&mut self, node: Node<'_>) -> NodeId {
        let mut inside = self.statements(node);
        if let Some(last) = inside.last_mut()
            && self.is_value(*last)
        {
            let bytes = self.at.tree.bytes(*last);
            *last = self.add_at(bytes, Syntax::Return(Some(*last)));
        }
        self.add(node, Syntax::Block(inside))
    }

    fn is_value(&self, id: NodeId) -> bool {
        !matches!(
            self.at.tree.syntax(id),
            Syntax::Return(_)
                | Syntax::Throw(_)
                | Syntax::Leave
                | Syntax::Let { .. }
                | Syntax::Loop { .. }
                | Syntax::Block(_)
                | Syntax::Class { .. }
                | Syntax::Module { .. }
                | Syntax::Import { .. }
                | Syntax::Error(_)
        )
    }

    /// What one statement is.
    pub(super) fn statement(&mut self, node: Node<'_>) -> NodeId {
        let syntax = match node.kind() {
            "if" | "elsif" => self.conditional(node, false),
            "unless" => self.conditional(node, true),
            "if_modifier" => self.modified(node, false),
            "unless_modifier" => self.modified(node, true),
            "else" | "ensure" | "then" | "do" | "block_body" => return self.block(node),
            "body_statement" | "begin" | "begin_block" | "end_block" => return self.block(node),
            "rescue" => return self.rescue(node),
            "rescue_modifier" => Syntax::Other(self.inside(node)),
            "while" | "while_modifier" => self.looped(node, false),
            "until" | "until_modifier" => self.looped(node, true),
            "for" => self.for_loop(node),
            "case" | "case_match" => return self.case(node),
            "return" | "next" => Syntax::Return(self.returned(node)),
            "break" | "redo" | "retry" => Syntax::Leave,
            "method" | "singleton_method" => return self.method(node),
            "class" | "singleton_class" => return self.class(node),
            "module" => return self.module(node),
            _ => return self.expression(node),
        };
        self.add(node, syntax)
    }

    /// The condition of a statement, turned round for `unless` and `until`.
    fn condition(&mut self, node: Node<'_>, negated: bool) -> NodeId {
        let test = self.wanted(node, "condition");
        if !negated {
            return test;
        }
        let bytes = self.at.tree.bytes(test);
        self.add_at(bytes, Syntax::Not(test))
    }

    fn conditional(&mut self, node: Node<'_>, negated: bool) -> Syntax {
        Syntax::If {
            test: self.condition(node, negated),
            yes: self.block_in(node, "consequence"),
            no: self.optional(node, "alternative"),
        }
    }

    /// `a if b`
    fn modified(&mut self, node: Node<'_>, negated: bool) -> Syntax {
        let test = self.condition(node, negated);
        let body = self.wanted(node, "body");
        let bytes = self.at.tree.bytes(body);
        let yes = self.add_at(bytes, Syntax::Block(vec![body]));
        Syntax::If { test, yes, no: None }
    }

    fn looped(&mut self, node: Node<'_>, negated: bool) -> Syntax {
        Syntax::Loop {
            head: vec![self.condition(node, negated)],
            body: self.wanted(node, "body"),
        }
    }

    fn for_loop(&mut self, node: Node<'_>) -> Syntax {
        let mut head = Vec::new();
        if let Some(pattern) = node.child_by_field_name("pattern") {
            self.binds(pattern);
            let pattern_id = self.pattern(pattern);
            head.push(self.add(
                pattern,
                Syntax::Let {
                    kind: LetKind::Variable,
                    pattern: pattern_id,
                    ty: None,
                    value: None,
                },
            ));
        }
        head.push(
            match node
                .child_by_field_name("value")
                .and_then(|value| named(value).first().copied())
            {
                Some(value) => self.value(value),
                None => self.gap(node),
            },
        );
        Syntax::Loop {
            head,
            body: self.block_in(node, "body"),
        }
    }

    /// `return a, b`
    fn returned(&mut self, node: Node<'_>) -> Option<NodeId> {
        let list = named(node).first().copied()?;
        match named(list).as_slice() {
            [only] if list.kind() == "argument_list" => Some(self.value(*only)),
            several if list.kind() == "argument_list" => {
                let values = self.values(several);
                Some(self.add(list, Syntax::Array(values)))
            }
            _ => Some(self.value(list)),
        }
    }

    /// `rescue A => e`: a binding and a block.
    fn rescue(&mut self, node: Node<'_>) -> NodeId {
        let mut inside = Vec::new();
        for part in named(node) {
            match part.kind() {
                "exceptions" => inside.extend(self.inside(part)),
                "exception_variable" => {
                    let Some(name) = named(part).first().copied() else {
                        continue;
                    };
                    self.binds(name);
                    let pattern = self.pattern(name);
                    let (kind, ty, value) = (LetKind::Variable, None, None);
                    inside.push(self.add(
                        name,
                        Syntax::Let {
                            kind,
                            pattern,
                            ty,
                            value,
                        },
                    ));
                }
                _ => inside.push(self.block(part)),
            }
        }
        self.add(node, Syntax::Other(inside))
    }

    /// `case a when b …`; without a subject it is a chain of conditions.
    fn case(&mut self, node: Node<'_>) -> NodeId {
        let arms: Vec<Node<'_>> = named(node)
            .into_iter()
            .filter(|arm| matches!(arm.kind(), "when" | "in_clause" | "else"))
            .collect();
        let Some(subject) = self.optional(node, "value") else {
            return self.conditions(node, &arms);
        };
        let mut cases = Vec::new();
        for arm in arms {
            let (tests, body) = match arm.kind() {
                "else" => (Vec::new(), self.statements(arm)),
                _ => (
                    self.tests(arm),
                    arm.child_by_field_name("body")
                        .map_or_else(Vec::new, |body| self.statements(body)),
                ),
            };
            cases.push(self.add(arm, Syntax::Case { tests, body }));
        }
        self.add(node, Syntax::Switch { subject, cases })
    }

    fn tests(&mut self, arm: Node<'_>) -> Vec<NodeId> {
        let patterns = in_field(arm, "pattern");
        let inner = |pattern: &Node<'_>| pattern.kind() == "pattern";
        let mut tests = Vec::new();
        for pattern in &patterns {
            tests.push(if inner(pattern) {
                self.first(*pattern)
            } else {
                self.value(*pattern)
            });
        }
        tests
    }

    /// `case when a then b else c end`: from the last arm to the first, each holds what follows it.
    fn conditions(&mut self, node: Node<'_>, arms: &[Node<'_>]) -> NodeId {
        let mut otherwise = None;
        let end = node.end_byte();
        for arm in arms.iter().rev() {
            if arm.kind() == "else" {
                otherwise = Some(self.block(*arm));
                continue;
            }
            let tests = self.tests(*arm);
            let test = match tests.as_slice() {
                [only] => *only,
                [first, .., last] => {
                    let bytes = self.across(*first, *last);
                    self.add_at(bytes, Syntax::Other(tests))
                }
                [] => self.gap(*arm),
            };
            let yes = self.block_in(*arm, "body");
            let bytes = Bytes::new(arm.start_byte(), end);
            otherwise = Some(self.add_at(
                bytes,
                Syntax::If {
                    test,
                    yes,
                    no: otherwise,
                },
            ));
        }
        otherwise.unwrap_or_else(|| self.gap(node))
    }
}
