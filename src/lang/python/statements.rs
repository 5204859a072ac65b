//! Statements: which code runs. A statement may leave several nodes, or none.

use tree_sitter::Node;

use super::walk::Walk;
use crate::lang::descent::{Descend, bytes, in_field, named};
use crate::lang::tree::{LetKind, NodeId, Syntax};
use crate::source::Bytes;

/// `elif`s of one `if`; what follows them stands beside it.
const MAX_ELIFS: usize = 200;

impl Walk<'_> {
    /// The statements in a block or file.
    pub(super) fn statements(&mut self, block: Node<'_>) -> Vec<NodeId> {
        let mut nodes = Vec::new();
        for statement in named(block) {
            self.statement(statement, &mut nodes);
        }
        nodes
    }

    /// A block of statements.
    pub(super) fn block(&mut self, node: Node<'_>) -> NodeId {
        let inside = self.statements(node);
        self.add(node, Syntax::Block(inside))
    }

    /// The block in a field; where broken text has none, an empty one.
    pub(super) fn block_in(&mut self, node: Node<'_>, field: &str) -> NodeId {
        match node.child_by_field_name(field) {
            Some(block) => self.block(block),
            None => {
                let end = bytes(node).end;
                self.at.tree.add(Bytes { start: end, end }, Syntax::Block(Vec::new()))
            }
        }
    }

    /// What one statement leaves.
    pub(super) fn statement(&mut self, node: Node<'_>, nodes: &mut Vec<NodeId>) {
        let mut inside = Vec::new();
        self.deeper(node, |walk| walk.statement_here(node, &mut inside), |_| ());
        nodes.extend(inside);
    }

    fn statement_here(&mut self, node: Node<'_>, nodes: &mut Vec<NodeId>) {
        match node.kind() {
            "expression_statement" => self.expressions(node, nodes),
            "import_statement" | "import_from_statement" | "future_import_statement" => self.import(node, nodes),
            "pass_statement" => {}
            "delete_statement" => self.delete(node, nodes),
            "global_statement" | "nonlocal_statement" => {
                for name in named(node) {
                    self.names.elsewhere(self.words(name));
                }
            }
            _ => {
                let one = self.single(node);
                nodes.push(one);
            }
        }
    }

    fn single(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "return_statement" => {
                let value = self.listed(node);
                self.add(node, Syntax::Return(value))
            }
            "raise_statement" => {
                let values = self.values(&named(node));
                let value = match values.as_slice() {
                    // What it is raised from stands beside it.
                    [_, _, ..] => Some(self.add(node, Syntax::Other(values))),
                    _ => values.first().copied(),
                };
                self.add(node, Syntax::Throw(value))
            }
            "break_statement" | "continue_statement" => self.add(node, Syntax::Leave),
            "if_statement" => self.conditional(node),
            "while_statement" => {
                let head = vec![self.wanted(node, "condition")];
                let body = self.block_in(node, "body");
                self.looped(node, head, body)
            }
            "for_statement" => self.for_loop(node),
            "try_statement" => self.attempt(node),
            "with_statement" => self.with(node),
            "match_statement" => self.switch(node),
            "assert_statement" => self.assertion(node),
            "function_definition" => self.function(node, node, Vec::new(), false),
            "class_definition" => self.class(node, node, Vec::new()),
            "decorated_definition" => self.decorated(node, false),
            "block" => self.block(node),
            _ => self.value(node),
        }
    }

    /// One value, or several as a tuple.
    pub(super) fn listed(&mut self, node: Node<'_>) -> Option<NodeId> {
        match named(node).as_slice() {
            [] => None,
            [only] => Some(self.value(*only)),
            several => {
                let values = self.values(several);
                Some(self.add(node, Syntax::Array(values)))
            }
        }
    }

    /// What stands alone on a line: a call, an assignment, several values.
    fn expressions(&mut self, node: Node<'_>, nodes: &mut Vec<NodeId>) {
        match named(node).as_slice() {
            [only] if only.kind() == "assignment" => self.assignment(*only, nodes),
            _ => nodes.extend(self.listed(node)),
        }
    }

    /// `a = b = value`: each target is bound; the first one holds the value, the others stand for the first.
    fn assignment(&mut self, node: Node<'_>, nodes: &mut Vec<NodeId>) {
        let (mut targets, mut last) = (Vec::new(), node);
        targets.extend(last.child_by_field_name("left"));
        while let Some(right) = last
            .child_by_field_name("right")
            .filter(|right| right.kind() == "assignment")
        {
            last = right;
            targets.extend(last.child_by_field_name("left"));
        }
        let value = self.optional(last, "right");
        let ty = last.child_by_field_name("type").map(|ty| self.type_node(ty));
        let Some((first, others)) = targets.split_first() else {
            nodes.extend(value);
            return;
        };
        nodes.push(self.bound(node, *first, ty, value));
        for target in others {
            let copied = (first.kind() == "identifier").then(|| self.add(*first, Syntax::Name));
            nodes.push(self.bound(node, *target, None, copied));
        }
    }

    fn bound(&mut self, node: Node<'_>, target: Node<'_>, ty: Option<NodeId>, value: Option<NodeId>) -> NodeId {
        let pattern = self.pattern(target);
        let is_new = self.binds(pattern);
        match value {
            Some(value) if !is_new => {
                let mut value = value;
                if let Some(ty) = ty {
                    value = self.add(node, Syntax::Other(vec![ty, value]));
                }
                self.add(node, Syntax::Assign { target: pattern, value })
            }
            None if !is_new => {
                let inside = std::iter::once(pattern).chain(ty).collect();
                self.add(node, Syntax::Other(inside))
            }
            value => {
                let kind = LetKind::Hoisted;
                self.add(
                    node,
                    Syntax::Let {
                        kind,
                        pattern,
                        ty,
                        value,
                    },
                )
            }
        }
    }

    /// Binds the names of a pattern: true if all of them are names, and new in their scope.
    pub(super) fn binds(&mut self, pattern: NodeId) -> bool {
        let (mut is_new, mut open) = (true, vec![pattern]);
        while let Some(id) = open.pop() {
            match self.at.tree.syntax(id) {
                Syntax::Name => {
                    let name = self.slice(self.at.tree.bytes(id));
                    is_new &= self.names.bind(name);
                }
                Syntax::ArrayPattern(list) => open.extend(list),
                Syntax::Spread(inner) => open.push(*inner),
                _ => is_new = false,
            }
        }
        is_new
    }

    fn delete(&mut self, node: Node<'_>, nodes: &mut Vec<NodeId>) {
        let mut targets = named(node);
        if let [list] = targets[..]
            && list.kind() == "expression_list"
        {
            targets = named(list);
        }
        for target in targets {
            let value = self.value(target);
            nodes.push(self.add(target, Syntax::Delete(value)));
        }
    }

    /// `assert a, b` is a call of `assert`.
    fn assertion(&mut self, node: Node<'_>) -> NodeId {
        let start = node.start_byte();
        let callee = self
            .at
            .tree
            .add(Bytes::new(start, start + "assert".len()), Syntax::Name);
        let args = self.values(&named(node));
        self.add(
            node,
            Syntax::Call {
                callee,
                type_args: Vec::new(),
                args,
            },
        )
    }

    fn conditional(&mut self, node: Node<'_>) -> NodeId {
        let test = self.wanted(node, "condition");
        let yes = self.block_in(node, "consequence");
        let mut arms = Vec::new();
        let mut otherwise = None;
        for arm in in_field(node, "alternative") {
            if arm.kind() == "else_clause" {
                otherwise = Some(self.block_in(arm, "body"));
            } else {
                let test = self.wanted(arm, "condition");
                let yes = self.block_in(arm, "consequence");
                arms.push((arm.start_byte(), test, yes));
            }
        }
        let end = node.end_byte();
        // A chain that nobody would write by hand is cut, so that trees stay flat: what follows runs under no known condition.
        if arms.len() > MAX_ELIFS {
            let cut = arms.split_off(MAX_ELIFS);
            let start = cut[0].0;
            let inside = cut.into_iter().flat_map(|(_, test, yes)| [test, yes]).chain(otherwise);
            let inside = inside.collect();
            otherwise = Some(self.at.tree.add(Bytes::new(start, end), Syntax::Other(inside)));
        }
        for (start, test, yes) in arms.into_iter().rev() {
            let syntax = Syntax::If {
                test,
                yes,
                no: otherwise,
            };
            otherwise = Some(self.at.tree.add(Bytes::new(start, end), syntax));
        }
        self.add(
            node,
            Syntax::If {
                test,
                yes,
                no: otherwise,
            },
        )
    }

    fn for_loop(&mut self, node: Node<'_>) -> NodeId {
        let value = self.wanted(node, "right");
        let bound = node.child_by_field_name("left").map(|left| self.loop_variable(left));
        let head = bound.into_iter().chain([value]).collect();
        let body = self.block_in(node, "body");
        self.looped(node, head, body)
    }

    /// The variable of a loop; whoever uses it after the loop is not understood.
    pub(super) fn loop_variable(&mut self, left: Node<'_>) -> NodeId {
        let pattern = self.pattern(left);
        let syntax = Syntax::Let {
            kind: LetKind::Constant,
            pattern,
            ty: None,
            value: None,
        };
        self.add(left, syntax)
    }

    /// A loop; its `else` runs after it.
    fn looped(&mut self, node: Node<'_>, head: Vec<NodeId>, body: NodeId) -> NodeId {
        let Some(after) = node.child_by_field_name("alternative") else {
            return self.add(node, Syntax::Loop { head, body });
        };
        let end = self.at.tree.bytes(body).end;
        let bytes = Bytes::new(node.start_byte(), end as usize);
        let looped = self.at.tree.add(bytes, Syntax::Loop { head, body });
        let after = self.block_in(after, "body");
        self.add(node, Syntax::Other(vec![looped, after]))
    }

    fn attempt(&mut self, node: Node<'_>) -> NodeId {
        let mut inside = vec![self.block_in(node, "body")];
        for clause in named(node) {
            match clause.kind() {
                "except_clause" => inside.push(self.except(clause)),
                "else_clause" => inside.push(self.block_in(clause, "body")),
                "finally_clause" => {
                    let blocks = named(clause);
                    inside.extend(blocks.into_iter().map(|block| self.block(block)));
                }
                _ => {}
            }
        }
        self.add(node, Syntax::Other(inside))
    }

    /// `except E as e: …`: what is caught and a block.
    fn except(&mut self, node: Node<'_>) -> NodeId {
        let mut inside = Vec::new();
        for child in named(node) {
            inside.push(match child.kind() {
                "block" => self.block(child),
                "as_pattern" => self.held(child),
                _ => self.value(child),
            });
        }
        self.add(node, Syntax::Other(inside))
    }

    /// `with a as b, c: …`
    fn with(&mut self, node: Node<'_>) -> NodeId {
        let clauses = named(node).into_iter().filter(|child| child.kind() == "with_clause");
        let items: Vec<Node<'_>> = clauses.flat_map(named).collect();
        let mut held = Vec::new();
        for item in items {
            let value = item.child_by_field_name("value").unwrap_or(item);
            match value.kind() {
                "as_pattern" => held.push(self.held(value)),
                // `with (a as b, c as d):` is read as a tuple.
                "tuple" => {
                    for inner in named(value) {
                        held.push(if inner.kind() == "as_pattern" {
                            self.held(inner)
                        } else {
                            self.value(inner)
                        });
                    }
                }
                _ => held.push(self.value(value)),
            }
        }
        let body = self.block_in(node, "body");
        self.add(node, Syntax::With { held, body })
    }

    /// `value as name`
    pub(super) fn held(&mut self, node: Node<'_>) -> NodeId {
        let parts = named(node);
        let Some(value) = parts.first().map(|value| self.value(*value)) else {
            return self.gap(node);
        };
        let target = node.child_by_field_name("alias");
        let target = target.map(|alias| named(alias).first().copied().unwrap_or(alias));
        match target {
            Some(target) => self.bound(node, target, None, Some(value)),
            None => value,
        }
    }
}
