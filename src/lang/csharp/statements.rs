//! Statements: which code runs.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, in_field, named};
use crate::lang::tree::{LetKind, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// Several statements, empty ones left out; a declaration of several names is several.
    pub(super) fn statements(&mut self, nodes: &[Node<'_>]) -> Vec<NodeId> {
        let mut all = Vec::new();
        for node in nodes.iter().filter(|node| node.kind() != "empty_statement") {
            match node.kind() {
                "local_declaration_statement" => all.extend(self.locals(*node)),
                "global_statement" => all.extend(self.statements(&named(*node))),
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
            "block" | "checked_statement" | "unsafe_statement" => return self.block(node),
            "expression_statement" | "global_statement" => return self.first(node),
            "local_declaration_statement" => {
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
            "foreach_statement" => self.foreach(node),
            "using_statement" | "lock_statement" | "fixed_statement" => self.held(node),
            "switch_statement" => self.switch(node),
            "return_statement" => Syntax::Return(named(node).first().map(|value| self.value(*value))),
            "throw_statement" | "throw_expression" => {
                Syntax::Throw(named(node).first().map(|value| self.value(*value)))
            }
            "break_statement" | "continue_statement" | "goto_statement" => Syntax::Leave,
            "empty_statement" => Syntax::Block(Vec::new()),
            _ => return self.item(node),
        };
        self.add(node, syntax)
    }

    /// `const string A = b, C = d;`
    fn locals(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let is_constant = named(node)
            .iter()
            .any(|part| part.kind() == "modifier" && self.words(*part) == "const");
        let kind = if is_constant {
            LetKind::Constant
        } else {
            LetKind::Variable
        };
        let declarations = named(node)
            .into_iter()
            .filter(|part| part.kind() == "variable_declaration");
        declarations
            .flat_map(|declaration| self.variables(declaration, kind))
            .collect()
    }

    /// `T a = b, c`
    fn variables(&mut self, declaration: Node<'_>, kind: LetKind) -> Vec<NodeId> {
        let declarators: Vec<Node<'_>> = named(declaration)
            .into_iter()
            .filter(|part| part.kind() == "variable_declarator")
            .collect();
        let only = declarators.len() == 1;
        let mut all = Vec::new();
        for declarator in declarators {
            let ty = declaration.child_by_field_name("type").map(|ty| self.ty(ty));
            let (pattern, value) = self.declarator(declarator);
            let syntax = Syntax::Let {
                kind,
                pattern,
                ty,
                value,
            };
            let whole = if only { declaration } else { declarator };
            all.push(self.add(whole, syntax));
        }
        all
    }

    fn declarator(&mut self, node: Node<'_>) -> (NodeId, Option<NodeId>) {
        let parts = named(node);
        let pattern = match (node.child_by_field_name("name"), parts.first()) {
            (Some(name), _) => self.add(name, Syntax::Name),
            (None, Some(tuple)) => {
                let names = in_field(*tuple, "name");
                let names = names.into_iter().map(|name| self.add(name, Syntax::Name)).collect();
                self.add(*tuple, Syntax::ArrayPattern(names))
            }
            (None, None) => self.gap(node),
        };
        let value = parts.get(1..).and_then(|rest| rest.last());
        let value = value.filter(|value| value.kind() != "bracketed_argument_list");
        (pattern, value.map(|value| self.value(*value)))
    }

    fn for_loop(&mut self, node: Node<'_>) -> Syntax {
        let mut head = Vec::new();
        for part in in_field(node, "initializer") {
            match part.kind() {
                "variable_declaration" => head.extend(self.variables(part, LetKind::Variable)),
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

    /// `foreach (var a in b) …`
    fn foreach(&mut self, node: Node<'_>) -> Syntax {
        let mut head = Vec::new();
        if let Some(left) = node.child_by_field_name("left") {
            let pattern = match left.kind() {
                "identifier" => self.add(left, Syntax::Name),
                _ => self.value(left),
            };
            let (kind, ty, value) = (LetKind::Variable, None, None);
            head.push(self.add(
                left,
                Syntax::Let {
                    kind,
                    pattern,
                    ty,
                    value,
                },
            ));
        }
        head.push(self.wanted(node, "right"));
        let body = self.wanted(node, "body");
        Syntax::Loop { head, body }
    }

    /// `using (var a = b) …`, `lock (a) …`
    fn held(&mut self, node: Node<'_>) -> Syntax {
        let mut parts = named(node);
        let Some(body) = parts.pop() else {
            return Syntax::Other(Vec::new());
        };
        let mut held = Vec::new();
        for part in parts {
            match part.kind() {
                "variable_declaration" => held.extend(self.variables(part, LetKind::Variable)),
                _ => held.push(self.value(part)),
            }
        }
        let body = self.value(body);
        Syntax::With { held, body }
    }

    fn switch(&mut self, node: Node<'_>) -> Syntax {
        let subject = self.wanted(node, "value");
        let mut cases = Vec::new();
        for section in node.child_by_field_name("body").map_or_else(Vec::new, named) {
            let is_statement = |part: &Node<'_>| part.kind() == "block" || part.kind().ends_with("_statement");
            let (body, tests): (Vec<_>, Vec<_>) = named(section).into_iter().partition(is_statement);
            let tests = tests.into_iter().map(|test| self.test(test)).collect();
            let body = self.statements(&body);
            cases.push(self.add(section, Syntax::Case { tests, body }));
        }
        Syntax::Switch { subject, cases }
    }

    /// `a switch { b => c, _ => d }`
    pub(super) fn switch_expression(&mut self, node: Node<'_>) -> Syntax {
        let mut parts = named(node).into_iter();
        let subject = match parts.next() {
            Some(subject) => self.value(subject),
            None => self.gap(node),
        };
        let mut cases = Vec::new();
        for arm in parts {
            let mut inside = named(arm);
            let body = inside.pop().map(|value| self.value(value)).into_iter().collect();
            let tests = inside
                .into_iter()
                .filter(|test| test.kind() != "discard")
                .map(|test| self.test(test))
                .collect();
            cases.push(self.add(arm, Syntax::Case { tests, body }));
        }
        Syntax::Switch { subject, cases }
    }

    /// A pattern: a constant is its value.
    pub(super) fn test(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "constant_pattern" | "parenthesized_pattern" => match named(node).first() {
                Some(inner) => self.test(*inner),
                None => self.value(node),
            },
            _ => self.value(node),
        }
    }

    /// What a function runs: a block, or the value behind `=>`.
    pub(super) fn body(&mut self, node: Node<'_>) -> Option<NodeId> {
        let body = node.child_by_field_name("body")?;
        Some(match body.kind() {
            "arrow_expression_clause" => {
                let value = self.first(body);
                self.given_back(value)
            }
            _ => self.value(body),
        })
    }

    /// A block that covers nothing, at the end of a node.
    pub(super) fn nothing_at_end(&mut self, node: Node<'_>) -> NodeId {
        let end = bytes(node).end;
        self.add_at(Bytes { start: end, end }, Syntax::Block(Vec::new()))
    }
}
