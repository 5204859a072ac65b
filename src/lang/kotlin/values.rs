//! Expressions.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, mark, named};
use crate::lang::tree::{CompareOp, Function, LogicOp, NodeId, Syntax, Through};
use crate::source::Bytes;

impl Walk<'_> {
    /// What an expression is.
    pub(super) fn expression(&mut self, node: Node<'_>) -> NodeId {
        let syntax = match node.kind() {
            "identifier" => match self.words(node) {
                "true" => Syntax::Bool(true),
                "false" => Syntax::Bool(false),
                "null" => Syntax::Nothing,
                _ => Syntax::Name,
            },
            "this_expression" | "super_expression" => Syntax::Name,
            "number_literal" | "float_literal" => Syntax::Number,
            "character_literal" => Syntax::Text(self.words(node).trim_matches('\'').into()),
            "string_literal" | "multiline_string_literal" => return self.text(node),
            "call_expression" => return self.chain(node, |walk| walk.call(node)),
            "navigation_expression" => return self.chain(node, |walk| walk.member(node)),
            "index_expression" => return self.chain(node, |walk| walk.element(node)),
            "unary_expression" => return self.unary(node),
            "collection_literal" => Syntax::Array(self.inside(node)),
            "parenthesized_expression" => Syntax::Wrap(Through::Paren, self.first(node)),
            "as_expression" => Syntax::Wrap(Through::Cast, self.wanted(node, "left")),
            "spread_expression" => Syntax::Spread(self.first(node)),
            "binary_expression" => self.binary(node),
            "in_expression" => {
                let (left, right) = (self.wanted(node, "left"), self.wanted(node, "right"));
                Syntax::Other(vec![left, right])
            }
            "is_expression" => {
                let left = self.wanted(node, "left");
                let right = match node.child_by_field_name("right") {
                    Some(ty) => self.ty(ty),
                    None => self.gap(node),
                };
                let op = CompareOp::Other;
                Syntax::Compare { op, left, right }
            }
            "infix_expression" => return self.infix(node),
            "lambda_literal" => return self.lambda(node),
            "annotated_lambda" => match named(node).last() {
                Some(inner) => return self.value(*inner),
                None => return self.gap(node),
            },
            "anonymous_function" => return self.function(node, false),
            "callable_reference" => return self.reference(node),
            "object_literal" => return self.object_literal(node),
            "ERROR" => Syntax::Error(self.inside(node)),
            kind if kind.ends_with("_type") => return self.ty(node),
            _ => Syntax::Other(self.inside(node)),
        };
        self.add(node, syntax)
    }

    /// `a + b` of texts is a template.
    fn binary(&mut self, node: Node<'_>) -> Syntax {
        let (left, right) = (self.wanted(node, "left"), self.wanted(node, "right"));
        let logic = |op| Syntax::Logic { op, left, right };
        let compare = |op| Syntax::Compare { op, left, right };
        let is_text = |id| matches!(self.at.tree.syntax(id), Syntax::Text(_) | Syntax::Template(_));
        match mark(node, "operator") {
            "&&" => logic(LogicOp::And),
            "||" => logic(LogicOp::Or),
            "?:" => logic(LogicOp::Coalesce),
            "==" | "===" => compare(CompareOp::Equal),
            "!=" | "!==" => compare(CompareOp::NotEqual),
            "<" | ">" | "<=" | ">=" => compare(CompareOp::Other),
            "+" if is_text(left) || is_text(right) => Syntax::Template(vec![left, right]),
            _ => Syntax::Other(vec![left, right]),
        }
    }

    /// `a and b`, `a or b`, `a to b` (an entry), `a shouldBe b` (a call)
    fn infix(&mut self, node: Node<'_>) -> NodeId {
        let [left, name, right] = named(node)[..] else {
            let inside = self.inside(node);
            return self.add(node, Syntax::Other(inside));
        };
        let op = match self.words(name) {
            "to" => {
                let key = self.key(left);
                let value = self.value(right);
                return self.add(node, Syntax::Entry { key, value });
            }
            "and" => LogicOp::And,
            "or" => LogicOp::Or,
            _ => {
                let object = self.value(left);
                let whole = Bytes::new(node.start_byte(), name.end_byte());
                let property = bytes(name);
                let callee = self.add_at(whole, Syntax::Member { object, property });
                let (type_args, args) = (Vec::new(), vec![self.value(right)]);
                return self.add(
                    node,
                    Syntax::Call {
                        callee,
                        type_args,
                        args,
                    },
                );
            }
        };
        let (left, right) = (self.value(left), self.value(right));
        self.add(node, Syntax::Logic { op, left, right })
    }

    /// `{ a, b -> c }`: the last expression is what it gives back.
    pub(super) fn lambda(&mut self, node: Node<'_>) -> NodeId {
        let (mut params, mut param_types, mut statements) = (Vec::new(), Vec::new(), Vec::new());
        for part in named(node) {
            match part.kind() {
                "lambda_parameters" => {
                    for parameter in named(part) {
                        let (pattern, ty) = self.bound(parameter);
                        params.push(pattern);
                        param_types.push(ty);
                    }
                }
                _ => statements.push(part),
            }
        }
        let body = match statements[..] {
            [only] if gives(only) => {
                let value = self.value(only);
                self.given_back(value)
            }
            _ => {
                let mut inside = self.statements(&statements);
                if let (Some(last), Some(id)) = (statements.last(), inside.last_mut())
                    && gives(*last)
                {
                    *id = self.given_back(*id);
                }
                let (start, end) = (
                    statements.first().map_or(node.end_byte(), Node::start_byte),
                    statements.last().map_or(node.end_byte(), Node::end_byte),
                );
                self.add_at(Bytes::new(start, end), Syntax::Block(inside))
            }
        };
        self.add(
            node,
            Syntax::Function(Function {
                params,
                param_types,
                body: Some(body),
                ..Function::default()
            }),
        )
    }

    /// `A::b`: named as `A.b` is.
    fn reference(&mut self, node: Node<'_>) -> NodeId {
        match named(node)[..] {
            [owner, name] if name.kind() == "identifier" => {
                let object = self.ty_name(owner);
                let property = bytes(name);
                self.add(node, Syntax::Member { object, property })
            }
            [only] if only.kind() == "identifier" => self.value(only),
            [owner] => {
                let owner = self.ty_name(owner);
                self.add(node, Syntax::Type(vec![owner]))
            }
            _ => self.add(node, Syntax::Other(Vec::new())),
        }
    }

    /// `(a: T = b, vararg c: U)`: the names and the types.
    pub(super) fn parameters(&mut self, list: Node<'_>) -> (Vec<NodeId>, Vec<Option<NodeId>>) {
        let (mut params, mut types) = (Vec::new(), Vec::new());
        for part in named(list) {
            match part.kind() {
                "parameter" => {
                    let (pattern, ty) = self.bound(part);
                    params.push(pattern);
                    types.push(ty);
                }
                "parameter_modifiers" => {}
                _ => {
                    let default = self.value(part);
                    let Some(pattern) = params.pop() else {
                        params.push(default);
                        types.push(None);
                        continue;
                    };
                    let (start, end) = (self.at.tree.bytes(pattern).start, bytes(part).end);
                    params.push(self.add_at(Bytes { start, end }, Syntax::Default { pattern, default }));
                }
            }
        }
        (params, types)
    }
}

/// True for an expression that a function may end with and give back.
fn gives(node: Node<'_>) -> bool {
    !matches!(
        node.kind(),
        "if_expression"
            | "when_expression"
            | "try_expression"
            | "assignment"
            | "for_statement"
            | "while_statement"
            | "do_while_statement"
            | "return_expression"
            | "throw_expression"
            | "property_declaration"
            | "function_declaration"
            | "class_declaration"
            | "object_declaration"
            | "type_alias"
            | "ERROR"
    )
}
