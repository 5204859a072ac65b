//! Expressions and types.

use tree_sitter::Node;

use super::Walk;
use super::calls::plain_name;
use crate::lang::descent::{Descend, bytes, in_field, mark, named};
use crate::lang::tree::{CompareOp, Function, LogicOp, NodeId, Syntax, Through};
use crate::source::Bytes;

impl Walk<'_> {
    /// What an expression is.
    pub(super) fn expression(&mut self, node: Node<'_>) -> NodeId {
        let syntax = match node.kind() {
            "identifier" | "predefined_type" | "discard" => Syntax::Name,
            "this_expression" | "this" | "base_expression" | "base" => Syntax::Name,
            "generic_name" => return self.add_at(plain_name(node), Syntax::Name),
            "boolean_literal" => Syntax::Bool(self.words(node) == "true"),
            "null_literal" | "default_expression" => Syntax::Nothing,
            "integer_literal" | "real_literal" => Syntax::Number,
            "character_literal" => Syntax::Text(self.words(node).trim_matches('\'').into()),
            "string_literal" | "verbatim_string_literal" | "raw_string_literal" => return self.text(node),
            "interpolated_string_expression" => return self.template(node),
            "invocation_expression" => return self.call(node),
            "member_access_expression" | "qualified_name" => return self.member(node),
            "conditional_access_expression" => return self.conditional_access(node),
            "member_binding_expression" | "element_binding_expression" => return self.bound(node),
            "element_access_expression" => return self.element(node),
            "object_creation_expression"
            | "implicit_object_creation_expression"
            | "anonymous_object_creation_expression" => return self.made(node),
            "array_creation_expression" | "implicit_array_creation_expression" => {
                let list = named(node)
                    .into_iter()
                    .find(|part| part.kind() == "initializer_expression");
                Syntax::Array(list.map_or_else(Vec::new, |list| self.inside(list)))
            }
            "initializer_expression" | "collection_expression" | "tuple_expression" => Syntax::Array(self.inside(node)),
            "argument" | "collection_element" | "expression_element" => return self.first(node),
            "spread_element" => Syntax::Spread(self.first(node)),
            "with_expression" => Syntax::Other(self.inside(node)),
            "parenthesized_expression" | "checked_expression" => Syntax::Wrap(Through::Paren, self.first(node)),
            "await_expression" => Syntax::Wrap(Through::Await, self.first(node)),
            "cast_expression" => Syntax::Wrap(Through::Cast, self.wanted(node, "value")),
            "as_expression" => Syntax::Wrap(Through::Cast, self.wanted(node, "left")),
            "ref_expression" => Syntax::Wrap(Through::Reference, self.first(node)),
            "conditional_expression" => Syntax::Choose {
                test: self.wanted(node, "condition"),
                yes: self.wanted(node, "consequence"),
                no: self.wanted(node, "alternative"),
            },
            "binary_expression" => self.binary(node),
            "unary_expression" | "prefix_unary_expression" => self.prefix(node),
            "postfix_unary_expression" => match self.words(node).ends_with('!') {
                true => Syntax::Wrap(Through::Assert, self.first(node)),
                false => Syntax::Other(self.inside(node)),
            },
            "assignment_expression" => Syntax::Assign {
                target: self.wanted(node, "left"),
                value: self.wanted(node, "right"),
            },
            "is_expression" => Syntax::Compare {
                op: CompareOp::Other,
                left: self.wanted(node, "left"),
                right: self.wanted(node, "right"),
            },
            "is_pattern_expression" => self.is_pattern(node),
            "switch_expression" => self.switch_expression(node),
            "lambda_expression" | "anonymous_method_expression" => return self.lambda(node),
            "ERROR" => Syntax::Error(self.inside(node)),
            _ => Syntax::Other(self.inside(node)),
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
            "&&" => logic(LogicOp::And),
            "||" => logic(LogicOp::Or),
            "??" => logic(LogicOp::Coalesce),
            "==" => compare(CompareOp::Equal),
            "!=" => compare(CompareOp::NotEqual),
            "<" | ">" | "<=" | ">=" => compare(CompareOp::Other),
            _ => Syntax::Other(vec![left, right]),
        }
    }

    fn prefix(&mut self, node: Node<'_>) -> Syntax {
        let is_not = self.words(node).starts_with('!');
        let inner = self.first(node);
        match is_not {
            true => Syntax::Not(inner),
            false => Syntax::Other(vec![inner]),
        }
    }

    /// `a is true`, `a is not null`, `a is B b`
    fn is_pattern(&mut self, node: Node<'_>) -> Syntax {
        let left = self.wanted(node, "expression");
        let Some(pattern) = node.child_by_field_name("pattern") else {
            return Syntax::Other(vec![left]);
        };
        let negated = (pattern.kind() == "negated_pattern").then(|| named(pattern).first().copied());
        let (op, pattern) = match negated {
            Some(Some(inner)) => (CompareOp::NotEqual, inner),
            _ => (CompareOp::Equal, pattern),
        };
        let op = match pattern.kind() {
            "constant_pattern" => op,
            _ => CompareOp::Other,
        };
        let right = self.test(pattern);
        Syntax::Compare { op, left, right }
    }

    /// `a => b`, `async (a, b) => { … }`, `delegate (T a) { … }`
    fn lambda(&mut self, node: Node<'_>) -> NodeId {
        let (mut params, mut param_types) = (Vec::new(), Vec::new());
        match node.child_by_field_name("parameters") {
            Some(list) if list.kind() == "parameter_list" => (params, param_types) = self.parameters(list),
            Some(only) => {
                params.push(self.add(only, Syntax::Name));
                param_types.push(None);
            }
            None => {}
        }
        let block = || named(node).into_iter().find(|part| part.kind() == "block");
        let body = match node.child_by_field_name("body").or_else(block) {
            Some(body) if body.kind() != "block" => {
                let value = self.value(body);
                self.given_back(value)
            }
            Some(body) => self.value(body),
            None => self.nothing_at_end(node),
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

    /// `(T a, U b = c)`: the names and the types.
    pub(super) fn parameters(&mut self, list: Node<'_>) -> (Vec<NodeId>, Vec<Option<NodeId>>) {
        let (mut params, mut types) = (Vec::new(), Vec::new());
        for parameter in named(list).into_iter().filter(|part| part.kind() == "parameter") {
            let Some(name) = parameter.child_by_field_name("name") else {
                continue;
            };
            let ty = parameter.child_by_field_name("type");
            let pattern = self.add(name, Syntax::Name);
            let default = named(parameter)
                .into_iter()
                .rfind(|part| part.start_byte() >= name.end_byte());
            params.push(match default {
                Some(default) => {
                    let default = self.value(default);
                    let whole = Bytes::new(name.start_byte(), parameter.end_byte());
                    self.add_at(whole, Syntax::Default { pattern, default })
                }
                None => pattern,
            });
            types.push(ty.map(|ty| self.ty(ty)));
        }
        // `params T[] a` stands beside the parameters.
        for name in in_field(list, "name") {
            params.push(self.add(name, Syntax::Name));
            types.push(None);
        }
        (params, types)
    }

    /// A type, with the names in it.
    pub(super) fn ty(&mut self, node: Node<'_>) -> NodeId {
        let inside = match node.kind() {
            "identifier" => vec![self.add(node, Syntax::Name)],
            "predefined_type" | "implicit_type" => Vec::new(),
            "qualified_name" => vec![self.member(node)],
            "generic_name" => {
                let mut inside = vec![self.add_at(plain_name(node), Syntax::Name)];
                for list in named(node).into_iter().skip(1) {
                    inside.extend(named(list).into_iter().map(|ty| self.ty(ty)));
                }
                inside
            }
            _ => self.inside(node),
        };
        self.add_at(bytes(node), Syntax::Type(inside))
    }

    /// The name of a type, as a value is named.
    pub(super) fn ty_name(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "identifier" => self.add(node, Syntax::Name),
            "generic_name" => self.add_at(plain_name(node), Syntax::Name),
            "qualified_name" => self.member(node),
            _ => self.ty(node),
        }
    }
}
