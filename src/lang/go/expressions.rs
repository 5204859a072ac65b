//! Expressions. Enters: an expression of the concrete tree. Leaves: its node.

use tree_sitter::Node;

use super::build::Build;
use super::text;
use crate::lang::descent::{bytes, in_field, named};
use crate::lang::tree::{CompareOp, Function, LogicOp, NodeId, Syntax, Through};
use crate::source::Bytes;

/// More operators in one chain are a table that somebody generated.
const LONGEST_CHAIN: usize = 400;

impl<'c> Build<'_, 'c> {
    /// The node of an expression.
    pub(super) fn expression(&mut self, node: Node<'c>) -> NodeId {
        self.deeper(node, |build| build.bare_expression(node))
    }

    /// The nodes of several expressions.
    pub(super) fn expressions(&mut self, nodes: Vec<Node<'c>>) -> Vec<NodeId> {
        nodes.into_iter().map(|node| self.expression(node)).collect()
    }

    /// The expression in a field; where broken text has none, an error that covers nothing.
    pub(super) fn wanted(&mut self, node: Node<'c>, field: &str) -> NodeId {
        match node.child_by_field_name(field) {
            Some(child) => self.expression(child),
            None => self.absent(node, Syntax::Error(Vec::new())),
        }
    }

    fn bare_expression(&mut self, node: Node<'c>) -> NodeId {
        let syntax = match node.kind() {
            "identifier" | "blank_identifier" | "package_identifier" | "type_identifier" | "field_identifier"
            | "dot" => Syntax::Name,
            "interpreted_string_literal" | "raw_string_literal" => Syntax::Text(text::string(self.words(node))),
            "int_literal" | "float_literal" | "imaginary_literal" | "rune_literal" => Syntax::Number,
            "true" => Syntax::Bool(true),
            "false" => Syntax::Bool(false),
            "nil" => Syntax::Nothing,
            "parenthesized_expression" => match named(node).first() {
                Some(inner) => Syntax::Wrap(Through::Paren, self.expression(*inner)),
                None => Syntax::Other(Vec::new()),
            },
            "call_expression" => self.call(node),
            "selector_expression" => return self.selector(node),
            "index_expression" => Syntax::Index {
                object: self.wanted(node, "operand"),
                index: self.wanted(node, "index"),
            },
            "unary_expression" => self.unary(node),
            "binary_expression" => return self.chain(node),
            "composite_literal" => return self.composite(node),
            "func_literal" => {
                let function = self.function(node);
                Syntax::Function(function)
            }
            "type_conversion_expression" if self.is_generic_call(node) => self.generic_call(node),
            "type_assertion_expression" | "type_conversion_expression" => {
                Syntax::Wrap(Through::Cast, self.wanted(node, "operand"))
            }
            "variadic_argument" => match named(node).first() {
                Some(inner) => Syntax::Spread(self.expression(*inner)),
                None => Syntax::Other(Vec::new()),
            },
            "ERROR" => Syntax::Error(self.rubble(node)),
            kind if is_type(kind) => return self.ty(node),
            _ => {
                let inside = self.expressions(named(node));
                Syntax::Other(inside)
            }
        };
        self.add(node, syntax)
    }

    /// `f[T](a, b)`; `panic(x)` throws.
    fn call(&mut self, node: Node<'c>) -> Syntax {
        let args = node.child_by_field_name("arguments").map(named).unwrap_or_default();
        let callee = node.child_by_field_name("function");
        if callee.is_some_and(|callee| self.words(callee) == "panic") {
            let thrown = self.expressions(args);
            return match thrown[..] {
                [only] => Syntax::Throw(Some(only)),
                [] => Syntax::Throw(None),
                _ => Syntax::Other(thrown),
            };
        }
        let types = node
            .child_by_field_name("type_arguments")
            .map(named)
            .unwrap_or_default();
        let mut type_args: Vec<NodeId> = types.into_iter().map(|ty| self.ty(ty)).collect();
        let callee = match callee.filter(|callee| callee.kind() == "type_instantiation_expression") {
            // `f[A, B](x)` without the help of the grammar.
            Some(instance) => {
                let mut parts = named(instance).into_iter();
                let callee = parts.next().map(|callee| self.expression(callee));
                type_args.extend(parts.map(|ty| self.ty(ty)).collect::<Vec<_>>());
                callee.unwrap_or_else(|| self.absent(node, Syntax::Error(Vec::new())))
            }
            None => self.wanted(node, "function"),
        };
        Syntax::Call {
            callee,
            type_args,
            args: self.expressions(args),
        }
    }

    /// `f[A, B](x)` looks like a conversion to a generic type.
    fn is_generic_call(&self, node: Node<'c>) -> bool {
        let ty = node.child_by_field_name("type");
        ty.is_some_and(|ty| ty.kind() == "generic_type")
    }

    fn generic_call(&mut self, node: Node<'c>) -> Syntax {
        let ty = node.child_by_field_name("type");
        let callee = match ty.and_then(|ty| ty.child_by_field_name("type")) {
            Some(callee) => self.ty(callee),
            None => self.absent(node, Syntax::Error(Vec::new())),
        };
        let types = ty.and_then(|ty| ty.child_by_field_name("type_arguments"));
        let types = types.map(named).unwrap_or_default().into_iter().flat_map(named);
        let types: Vec<Node<'c>> = types.collect();
        Syntax::Call {
            callee,
            type_args: types.into_iter().map(|ty| self.ty(ty)).collect(),
            args: vec![self.wanted(node, "operand")],
        }
    }

    /// `a.b.c()`: a long chain of calls is deep only as far as it is a chain.
    fn selector(&mut self, node: Node<'c>) -> NodeId {
        let object = self.wanted(node, "operand");
        let Some(field) = node.child_by_field_name("field") else {
            return self.add(node, Syntax::Other(vec![object]));
        };
        let property = bytes(field);
        self.add(node, Syntax::Member { object, property })
    }

    fn unary(&mut self, node: Node<'c>) -> Syntax {
        let operator = node
            .child_by_field_name("operator")
            .map_or("", |operator| operator.kind());
        let operand = self.wanted(node, "operand");
        match operator {
            "!" => Syntax::Not(operand),
            "&" | "*" => Syntax::Wrap(Through::Reference, operand),
            _ => Syntax::Other(vec![operand]),
        }
    }

    /// Operators nest to the left, one level for each; the chain is built from its inner end.
    fn chain(&mut self, node: Node<'c>) -> NodeId {
        let (mut spine, mut inner) = (vec![node], node.child_by_field_name("left"));
        while let Some(left) = inner.filter(|left| left.kind() == "binary_expression") {
            spine.push(left);
            inner = left.child_by_field_name("left");
        }
        let start = node.start_byte();
        let first = match inner {
            Some(left) => self.expression(left),
            None => self.absent(node, Syntax::Error(Vec::new())),
        };
        let too_long = spine.len() > LONGEST_CHAIN && !spine.iter().all(|part| is_sum(operator(*part)));
        self.gaps += u32::from(too_long);
        let mut terms = vec![first];
        let mut end = self.tree.bytes(first).end as usize;
        for part in spine.into_iter().rev() {
            let operator = operator(part);
            let right = self.wanted(part, "right");
            if !(too_long || is_sum(operator)) {
                let left = self.sum(std::mem::take(&mut terms), Bytes::new(start, end));
                let all = Bytes::new(start, part.end_byte());
                let joined = self.tree.add(all, join(operator, left, right));
                terms.push(joined);
            } else {
                terms.push(right);
            }
            end = part.end_byte();
        }
        self.sum(terms, Bytes::new(start, end))
    }

    /// `"a" + b` is a template; other sums only hold their terms.
    fn sum(&mut self, terms: Vec<NodeId>, bytes: Bytes) -> NodeId {
        if let [only] = terms[..] {
            return only;
        }
        let is_text = |id: &NodeId| matches!(self.tree.syntax(*id), Syntax::Text(_));
        let syntax = if terms.iter().any(is_text) {
            Syntax::Template(terms)
        } else {
            Syntax::Other(terms)
        };
        self.tree.add(bytes, syntax)
    }

    /// Parameters, their types and the body of a function of any form.
    pub(super) fn function(&mut self, node: Node<'c>) -> Function {
        let (mut params, mut param_types) = (Vec::new(), Vec::new());
        let list = node.child_by_field_name("parameters").map(named).unwrap_or_default();
        for param in list {
            self.parameter(param, &mut params, &mut param_types);
        }
        let body = node.child_by_field_name("body").map(|body| self.block(body));
        Function {
            params,
            param_types,
            body,
            ..Function::default()
        }
    }

    /// `a, b string`, `rest ...int`, `context.Context`
    fn parameter(&mut self, param: Node<'c>, params: &mut Vec<NodeId>, types: &mut Vec<Option<NodeId>>) {
        let ty = param.child_by_field_name("type");
        let names = in_field(param, "name");
        let is_rest = param.kind() == "variadic_parameter_declaration";
        if names.is_empty() {
            let nameless = self.absent(param, Syntax::Nothing);
            params.push(nameless);
            types.push(ty.map(|ty| self.ty(ty)));
        }
        for name in names {
            let mut pattern = self.pattern(name);
            if is_rest {
                pattern = self.add(name, Syntax::Spread(pattern));
            }
            params.push(pattern);
            types.push(ty.map(|ty| self.ty(ty)));
        }
    }

    /// A name that is bound; `_` binds nothing.
    pub(super) fn pattern(&mut self, name: Node<'c>) -> NodeId {
        match self.words(name) {
            "_" => self.add(name, Syntax::Nothing),
            _ => self.expression(name),
        }
    }
}

/// True for the kinds of nodes that are types wherever they stand.
pub(super) fn is_type(kind: &str) -> bool {
    matches!(
        kind,
        "pointer_type"
            | "slice_type"
            | "array_type"
            | "implicit_length_array_type"
            | "map_type"
            | "channel_type"
            | "function_type"
            | "struct_type"
            | "interface_type"
            | "qualified_type"
            | "generic_type"
            | "parenthesized_type"
            | "negated_type"
            | "type_elem"
            | "type_constraint"
    )
}

fn operator<'c>(node: Node<'c>) -> &'c str {
    let operator = node.child_by_field_name("operator");
    operator.map_or("", |operator| operator.kind())
}

/// True for operators that make numbers and texts.
fn is_sum(operator: &str) -> bool {
    !matches!(operator, "&&" | "||" | "==" | "!=" | "<" | "<=" | ">" | ">=")
}

fn join(operator: &str, left: NodeId, right: NodeId) -> Syntax {
    let op = match operator {
        "&&" => LogicOp::And,
        "||" => LogicOp::Or,
        "==" => return compare(CompareOp::Equal, left, right),
        "!=" => return compare(CompareOp::NotEqual, left, right),
        _ => return compare(CompareOp::Other, left, right),
    };
    Syntax::Logic { op, left, right }
}

fn compare(op: CompareOp, left: NodeId, right: NodeId) -> Syntax {
    Syntax::Compare { op, left, right }
}
