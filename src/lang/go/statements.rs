//! Statements. Enters: a statement of the concrete tree. Leaves: its nodes; one statement may declare several things.

use tree_sitter::Node;

use super::build::Build;
use crate::lang::descent::{bytes, in_field, named};
use crate::lang::tree::{LetKind, NodeId, Syntax};
use crate::source::Bytes;

impl<'c> Build<'_, 'c> {
    /// The nodes of a statement.
    pub(super) fn statement(&mut self, node: Node<'c>) -> Vec<NodeId> {
        match node.kind() {
            "short_var_declaration" => self.declared(node),
            "assignment_statement" => self.assigned(node),
            "const_declaration"
            | "var_declaration"
            | "type_declaration"
            | "function_declaration"
            | "method_declaration"
            | "import_declaration" => self.item(node),
            "statement_list" => {
                let inside = named(node);
                inside.into_iter().flat_map(|inner| self.statement(inner)).collect()
            }
            "expression_statement" => {
                let inside = named(node);
                self.expressions(inside)
            }
            "labeled_statement" => self.statement(unlabeled(node)),
            "empty_statement" | "empty_labeled_statement" | "label_name" | "package_clause" => Vec::new(),
            _ => vec![self.deeper(node, |build| build.single(node))],
        }
    }

    /// A statement that is one node.
    fn single(&mut self, node: Node<'c>) -> NodeId {
        let syntax = match node.kind() {
            "block" => return self.bare_block(node),
            "if_statement" => return self.if_statement(node),
            "expression_switch_statement" => return self.switch(node),
            "type_switch_statement" => return self.type_switch(node),
            "select_statement" => {
                let cases = named(node);
                let mut inside = Vec::new();
                for case in cases {
                    let body = self.communication(case);
                    inside.push(self.add(case, Syntax::Block(body)));
                }
                Syntax::Other(inside)
            }
            "for_statement" => self.for_statement(node),
            "return_statement" => {
                let values = named(node).into_iter().flat_map(listed).collect::<Vec<_>>();
                let value = match values.as_slice() {
                    [] => None,
                    [only] => Some(self.expression(*only)),
                    [first, .., last] => {
                        let all = Bytes::new(first.start_byte(), last.end_byte());
                        let list = self.expressions(values);
                        Some(self.tree.add(all, Syntax::Array(list)))
                    }
                };
                Syntax::Return(value)
            }
            "break_statement" | "continue_statement" | "goto_statement" => Syntax::Leave,
            "go_statement" | "defer_statement" | "inc_statement" | "dec_statement" | "send_statement"
            | "receive_statement" => {
                let inside = named(node).into_iter().flat_map(listed).collect();
                Syntax::Other(self.expressions(inside))
            }
            "fallthrough_statement" => Syntax::Other(Vec::new()),
            "ERROR" => Syntax::Error(self.rubble(node)),
            _ => return self.expression(node),
        };
        self.add(node, syntax)
    }

    /// `{ … }`
    pub(super) fn block(&mut self, node: Node<'c>) -> NodeId {
        self.deeper(node, |build| build.bare_block(node))
    }

    fn bare_block(&mut self, node: Node<'c>) -> NodeId {
        let statements = self.body(named(node), node);
        self.add(node, Syntax::Block(statements))
    }

    /// Statements with what broken text left between them.
    fn body(&mut self, statements: Vec<Node<'c>>, around: Node<'c>) -> Vec<NodeId> {
        let mut list = Vec::new();
        for statement in statements {
            list.extend(self.statement(statement));
        }
        list.extend(self.take_loose(around));
        list
    }

    /// `if x := f(); x {…} else {…}`: a block, in which `x` is known.
    fn if_statement(&mut self, node: Node<'c>) -> NodeId {
        let before = self.initializer(node);
        let test = self.wanted(node, "condition");
        let yes = match node.child_by_field_name("consequence") {
            Some(block) => self.block(block),
            None => self.absent(node, Syntax::Error(Vec::new())),
        };
        let no = node.child_by_field_name("alternative");
        let no = no.and_then(|no| self.statement(no).first().copied());
        let start = if before.is_empty() {
            node.start_byte()
        } else {
            self.tree.bytes(test).start as usize
        };
        let all = Bytes::new(start, node.end_byte());
        let choice = self.tree.add(all, Syntax::If { test, yes, no });
        self.after(node, before, choice)
    }

    fn initializer(&mut self, node: Node<'c>) -> Vec<NodeId> {
        let first = node.child_by_field_name("initializer");
        first.map(|first| self.statement(first)).unwrap_or_default()
    }

    /// A statement behind its initializer, if it has one.
    fn after(&mut self, node: Node<'c>, mut before: Vec<NodeId>, statement: NodeId) -> NodeId {
        if before.is_empty() {
            return statement;
        }
        before.push(statement);
        self.add(node, Syntax::Block(before))
    }

    /// A switch without a subject asks which case is true.
    fn switch(&mut self, node: Node<'c>) -> NodeId {
        let before = self.initializer(node);
        let subject = match node.child_by_field_name("value") {
            Some(value) => self.expression(value),
            None => self.absent(node, Syntax::Bool(true)),
        };
        self.cases(node, before, subject)
    }

    /// `switch x := y.(type)`: which type it is says nothing here.
    fn type_switch(&mut self, node: Node<'c>) -> NodeId {
        let mut before = self.initializer(node);
        let subject = self.wanted(node, "value");
        if let Some(alias) = node
            .child_by_field_name("alias")
            .and_then(|alias| listed(alias).first().copied())
        {
            let pattern = self.pattern(alias);
            let bound = Syntax::Let {
                kind: LetKind::Variable,
                pattern,
                ty: None,
                value: None,
            };
            before.push(self.add(alias, bound));
        }
        self.cases(node, before, subject)
    }

    fn cases(&mut self, node: Node<'c>, before: Vec<NodeId>, subject: NodeId) -> NodeId {
        let mut cases = Vec::new();
        for case in named(node) {
            let field = match case.kind() {
                "expression_case" => "value",
                "type_case" => "type",
                "default_case" => "",
                _ => continue,
            };
            let tests = in_field(case, field).into_iter().flat_map(listed).collect::<Vec<_>>();
            let is_test = |child: &Node<'c>| tests.iter().any(|test| bytes(*child).contains(bytes(*test)));
            let body: Vec<Node<'c>> = named(case).into_iter().filter(|child| !is_test(child)).collect();
            let tests = self.expressions(tests);
            let body = self.body(body, case);
            cases.push(self.add(case, Syntax::Case { tests, body }));
        }
        let start = if before.is_empty() {
            node.start_byte()
        } else {
            self.tree.bytes(subject).start as usize
        };
        let all = Bytes::new(start, node.end_byte());
        let switch = self.tree.add(all, Syntax::Switch { subject, cases });
        self.after(node, before, switch)
    }

    fn communication(&mut self, case: Node<'c>) -> Vec<NodeId> {
        let mut inside = Vec::new();
        for child in named(case) {
            if child.kind() == "receive_statement" && child.child_by_field_name("left").is_some() {
                inside.extend(self.received(child));
            } else {
                inside.extend(self.statement(child));
            }
        }
        inside
    }

    /// `case v, ok := <-c:` binds; with `=` it sets, which is seen as binding anew.
    fn received(&mut self, node: Node<'c>) -> Vec<NodeId> {
        let value = self.wanted(node, "right");
        let names = node.child_by_field_name("left").map(listed).unwrap_or_default();
        let pattern = self.patterns(names, node);
        let bound = Syntax::Let {
            kind: LetKind::Variable,
            pattern,
            ty: None,
            value: Some(value),
        };
        vec![self.add(node, bound)]
    }

    /// `for`: the element that a range binds comes first, then what is run over, then its index.
    fn for_statement(&mut self, node: Node<'c>) -> Syntax {
        let mut head = Vec::new();
        for child in named(node) {
            match child.kind() {
                "block" => {}
                "range_clause" => self.range(child, &mut head),
                "for_clause" => {
                    for part in ["initializer", "condition", "update"] {
                        let part = child.child_by_field_name(part);
                        head.extend(part.map(|part| self.statement(part)).unwrap_or_default());
                    }
                }
                _ => head.push(self.expression(child)),
            }
        }
        let body = match node.child_by_field_name("body") {
            Some(body) => self.block(body),
            None => self.absent(node, Syntax::Error(Vec::new())),
        };
        Syntax::Loop { head, body }
    }

    fn range(&mut self, clause: Node<'c>, head: &mut Vec<NodeId>) {
        let names = clause.child_by_field_name("left").map(listed).unwrap_or_default();
        let over = self.wanted(clause, "right");
        let binds = self.text[clause.start_byte()..clause.end_byte()].contains(":=");
        let mut bound = Vec::new();
        for name in names {
            if !binds {
                let target = self.expression(name);
                let value = self.absent(name, Syntax::Other(Vec::new()));
                bound.push(self.add(name, Syntax::Assign { target, value }));
                continue;
            }
            let pattern = self.pattern(name);
            let syntax = Syntax::Let {
                kind: LetKind::Variable,
                pattern,
                ty: None,
                value: None,
            };
            bound.push(self.add(name, syntax));
        }
        match bound[..] {
            [index, element] => head.extend([element, over, index]),
            // An index, a key, or what an iterator gives: not known to be an element.
            [only] => {
                let only = self.tree.add(self.tree.bytes(only), Syntax::Other(vec![only]));
                head.extend([over, only]);
            }
            _ => {
                let nothing = self.absent(clause, Syntax::Nothing);
                head.extend([nothing, over]);
                head.extend(bound);
            }
        }
    }

    /// `a, b := f(), g()`; `a, err := f()` takes a list apart.
    fn declared(&mut self, node: Node<'c>) -> Vec<NodeId> {
        let left = node.child_by_field_name("left").map(listed).unwrap_or_default();
        let right = node.child_by_field_name("right").map(listed).unwrap_or_default();
        self.lets(node, LetKind::Variable, left, None, right)
    }

    /// One binding for each name that has a value of its own, else one for all of them.
    pub(super) fn lets(
        &mut self,
        node: Node<'c>,
        kind: LetKind,
        names: Vec<Node<'c>>,
        ty: Option<Node<'c>>,
        values: Vec<Node<'c>>,
    ) -> Vec<NodeId> {
        if values.len() != names.len() && !values.is_empty() {
            let pattern = self.patterns(names, node);
            let mut values = self.expressions(values).into_iter();
            let value = values.next();
            let ty = ty.map(|ty| self.ty(ty));
            let mut all = vec![self.add(
                node,
                Syntax::Let {
                    kind,
                    pattern,
                    ty,
                    value,
                },
            )];
            all.extend(values);
            return all;
        }
        let mut values = values.into_iter();
        let mut all = Vec::new();
        for name in names {
            let value = values.next();
            let ty = ty.map(|ty| self.ty(ty));
            let pattern = self.pattern(name);
            let value = value.map(|value| self.expression(value));
            all.push(self.add(
                node,
                Syntax::Let {
                    kind,
                    pattern,
                    ty,
                    value,
                },
            ));
        }
        all
    }

    fn patterns(&mut self, names: Vec<Node<'c>>, node: Node<'c>) -> NodeId {
        let (Some(first), Some(last)) = (names.first(), names.last()) else {
            return self.absent(node, Syntax::Error(Vec::new()));
        };
        let all = Bytes::new(first.start_byte(), last.end_byte());
        let list = names.into_iter().map(|name| self.pattern(name)).collect();
        self.tree.add(all, Syntax::ArrayPattern(list))
    }

    /// `a, b = 1, 2`, `a += 1`, `a, err = f()`
    fn assigned(&mut self, node: Node<'c>) -> Vec<NodeId> {
        let left = node.child_by_field_name("left").map(listed).unwrap_or_default();
        let right = node.child_by_field_name("right").map(listed).unwrap_or_default();
        if left.len() != right.len() {
            let target = self.patterns(left, node);
            let mut values = self.expressions(right).into_iter();
            let value = values.next();
            let value = value.unwrap_or_else(|| self.absent(node, Syntax::Error(Vec::new())));
            let mut all = vec![self.add(node, Syntax::Assign { target, value })];
            all.extend(values);
            return all;
        }
        let mut all = Vec::new();
        for (target, value) in left.into_iter().zip(right) {
            let (target, value) = (self.expression(target), self.expression(value));
            all.push(self.add(node, Syntax::Assign { target, value }));
        }
        all
    }
}

/// What stands behind any number of labels; a label alone, where nothing does.
fn unlabeled(mut node: Node<'_>) -> Node<'_> {
    while node.kind() == "labeled_statement" {
        let inner = named(node).last().copied();
        let Some(inner) = inner else { break };
        node = inner;
    }
    node
}

/// The members of a list of expressions; anything else is a list of its own.
pub(super) fn listed(node: Node<'_>) -> Vec<Node<'_>> {
    match node.kind() {
        "expression_list" | "variable_list" => named(node),
        _ => vec![node],
    }
}
