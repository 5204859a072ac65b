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
            "identifier" | "type_identifier" | "this" | "super" | "underscore_pattern" => Syntax::Name,
            "true" | "false" => Syntax::Bool(node.kind() == "true"),
            "null_literal" => Syntax::Nothing,
            "decimal_integer_literal"
            | "hex_integer_literal"
            | "octal_integer_literal"
            | "binary_integer_literal"
            | "decimal_floating_point_literal"
            | "hex_floating_point_literal" => Syntax::Number,
            "character_literal" => Syntax::Text(self.words(node).trim_matches('\'').into()),
            "string_literal" => return self.text(node),
            "method_invocation" => return self.call(node),
            "explicit_constructor_invocation" => return self.delegation(node),
            "field_access" => return self.member(node, "object", "field"),
            "scoped_identifier" => return self.member(node, "scope", "name"),
            "array_access" => Syntax::Index {
                object: self.wanted(node, "array"),
                index: self.wanted(node, "index"),
            },
            "object_creation_expression" => return self.made(node),
            "array_creation_expression" => match node.child_by_field_name("value") {
                Some(list) => Syntax::Array(self.inside(list)),
                None => Syntax::Array(Vec::new()),
            },
            "array_initializer" | "element_value_array_initializer" => Syntax::Array(self.inside(node)),
            "annotation" | "marker_annotation" => return self.annotation(node),
            "parenthesized_expression" => Syntax::Wrap(Through::Paren, self.first(node)),
            "cast_expression" => Syntax::Wrap(Through::Cast, self.wanted(node, "value")),
            "ternary_expression" => Syntax::Choose {
                test: self.wanted(node, "condition"),
                yes: self.wanted(node, "consequence"),
                no: self.wanted(node, "alternative"),
            },
            "binary_expression" => self.binary(node),
            "instanceof_expression" => {
                let left = self.wanted(node, "left");
                let right = match node.child_by_field_name("right") {
                    Some(ty) => self.ty(ty),
                    None => self.gap(node),
                };
                let op = CompareOp::Other;
                Syntax::Compare { op, left, right }
            }
            "unary_expression" => {
                let operand = self.wanted(node, "operand");
                match mark(node, "operator") {
                    "!" => Syntax::Not(operand),
                    _ => Syntax::Other(vec![operand]),
                }
            }
            "assignment_expression" => Syntax::Assign {
                target: self.wanted(node, "left"),
                value: self.wanted(node, "right"),
            },
            "lambda_expression" => return self.lambda(node),
            "method_reference" => return self.reference(node),
            "class_literal" => match named(node).first() {
                Some(ty) => Syntax::Type(vec![self.ty_name(*ty)]),
                None => Syntax::Other(Vec::new()),
            },
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
            "&&" | "&" => logic(LogicOp::And),
            "||" | "|" => logic(LogicOp::Or),
            "==" => compare(CompareOp::Equal),
            "!=" => compare(CompareOp::NotEqual),
            "<" | ">" | "<=" | ">=" => compare(CompareOp::Other),
            "+" if is_text(left) || is_text(right) => Syntax::Template(vec![left, right]),
            _ => Syntax::Other(vec![left, right]),
        }
    }

    /// `this(a)`, `super(a)`
    fn delegation(&mut self, node: Node<'_>) -> NodeId {
        let callee = match node.child_by_field_name("constructor") {
            Some(own) => self.add(own, Syntax::Name),
            None => self.gap(node),
        };
        let args = self.arguments(node);
        let type_args = Vec::new();
        self.add(
            node,
            Syntax::Call {
                callee,
                type_args,
                args,
            },
        )
    }

    /// `a -> b`, `(T a, U b) -> { … }`
    fn lambda(&mut self, node: Node<'_>) -> NodeId {
        let (mut params, mut param_types) = (Vec::new(), Vec::new());
        match node.child_by_field_name("parameters") {
            Some(list) if list.kind() == "formal_parameters" => (params, param_types) = self.parameters(list),
            Some(list) if list.kind() == "inferred_parameters" => params = self.inside(list),
            Some(only) => params.push(self.add(only, Syntax::Name)),
            None => {}
        }
        let is_block = node
            .child_by_field_name("body")
            .is_some_and(|body| body.kind() == "block");
        let body = self.wanted(node, "body");
        let body = Some(if is_block { body } else { self.given_back(body) });
        self.add(
            node,
            Syntax::Function(Function {
                params,
                param_types,
                body,
                ..Function::default()
            }),
        )
    }

    /// `A::b`: named as `A.b` is; `A::new` is the class.
    fn reference(&mut self, node: Node<'_>) -> NodeId {
        let parts = named(node);
        let Some(owner) = parts.first() else {
            return self.gap(node);
        };
        let object = match owner.kind() {
            "generic_type" | "array_type" | "type_identifier" | "scoped_type_identifier" => self.ty_name(*owner),
            _ => self.value(*owner),
        };
        match parts.last() {
            Some(name) if parts.len() > 1 && name.kind() == "identifier" => {
                let property = bytes(*name);
                self.add(node, Syntax::Member { object, property })
            }
            _ => self.add(node, Syntax::Other(vec![object])),
        }
    }

    /// `(T a, @B U b, V... c)`: the names and the types.
    pub(super) fn parameters(&mut self, list: Node<'_>) -> (Vec<NodeId>, Vec<Option<NodeId>>) {
        let (mut params, mut types) = (Vec::new(), Vec::new());
        for parameter in named(list) {
            let rest = match parameter.kind() {
                "formal_parameter" => None,
                "spread_parameter" => named(parameter)
                    .into_iter()
                    .find(|part| part.kind() == "variable_declarator"),
                _ => continue,
            };
            let holder = rest.unwrap_or(parameter);
            let Some(name) = holder.child_by_field_name("name") else {
                continue;
            };
            params.push(self.add(name, Syntax::Name));
            types.push(parameter.child_by_field_name("type").map(|ty| self.ty(ty)));
        }
        (params, types)
    }

    /// `"a"`, `"""a"""`
    fn text(&mut self, node: Node<'_>) -> NodeId {
        let parts = named(node);
        if !parts.iter().any(|part| part.kind() == "string_interpolation") {
            let text: String = parts.iter().map(|part| self.part(*part)).collect();
            return self.add(node, Syntax::Text(text.into()));
        }
        let mut pieces = Vec::new();
        for part in parts {
            pieces.push(match part.kind() {
                "string_interpolation" => self.first(part),
                _ => {
                    let text = self.part(part);
                    self.add(part, Syntax::Text(text.into()))
                }
            });
        }
        self.add(node, Syntax::Template(pieces))
    }

    fn part(&self, node: Node<'_>) -> String {
        let words = self.words(node);
        match (node.kind(), words) {
            ("escape_sequence", "\\n") => "\n".into(),
            ("escape_sequence", "\\t") => "\t".into(),
            ("escape_sequence", _) => words.trim_start_matches('\\').into(),
            _ => words.into(),
        }
    }

    /// A block that covers nothing, at the end of a node.
    pub(super) fn nothing_at_end(&mut self, node: Node<'_>) -> NodeId {
        let end = bytes(node).end;
        self.add_at(Bytes { start: end, end }, Syntax::Block(Vec::new()))
    }
}
