//! Expressions and patterns.

use tree_sitter::Node;

use super::text;
use super::walk::Walk;
use crate::lang::descent::{Descend, bytes, in_field, mark, named};
use crate::lang::tree::{CompareOp, Key, LogicOp, NodeId, Syntax, Through};
use crate::source::Bytes;

/// Operands of one `and` or `or`: longer chains are no conditions, and trees stay flat.
const MAX_CHAIN: usize = 200;

impl Walk<'_> {
    /// What an expression is.
    pub(super) fn value_here(&mut self, node: Node<'_>) -> NodeId {
        let syntax = match node.kind() {
            "identifier" | "dotted_name" | "as_pattern_target" if node.named_child_count() < 2 => Syntax::Name,
            "dotted_name" => return self.dotted(node),
            "true" => Syntax::Bool(true),
            "false" => Syntax::Bool(false),
            "none" => Syntax::Nothing,
            "integer" | "float" => Syntax::Number,
            "string" => return self.string(node),
            "concatenated_string" => return self.concatenated(node),
            "parenthesized_expression" => match named(node).first() {
                Some(inner) => Syntax::Wrap(Through::Paren, self.value(*inner)),
                None => Syntax::Other(Vec::new()),
            },
            "await" => match named(node).first() {
                Some(inner) => Syntax::Wrap(Through::Await, self.value(*inner)),
                None => Syntax::Other(Vec::new()),
            },
            "not_operator" => Syntax::Not(self.wanted(node, "argument")),
            "boolean_operator" => return self.logic(node),
            "comparison_operator" => return self.comparison(node),
            "binary_operator" => return self.sum(node),
            "unary_operator" => return self.unary(node),
            "conditional_expression" => return self.choice(node),
            "call" => return self.call(node),
            "attribute" => return self.member(node),
            "subscript" => self.subscript(node),
            "keyword_argument" => self.keyword(node),
            "list" | "tuple" | "set" | "expression_list" => Syntax::Array(self.values(&named(node))),
            "pattern_list" | "tuple_pattern" | "list_pattern" => return self.pattern(node),
            "dictionary" => Syntax::Object {
                type_name: None,
                entries: self.values(&named(node)),
            },
            "pair" => return self.pair(node),
            "list_splat"
            | "dictionary_splat"
            | "list_splat_pattern"
            | "dictionary_splat_pattern"
            | "parenthesized_list_splat" => match named(node).first() {
                Some(inner) => Syntax::Spread(self.value(*inner)),
                None => Syntax::Other(Vec::new()),
            },
            "lambda" => return self.lambda(node),
            "list_comprehension" | "set_comprehension" | "dictionary_comprehension" | "generator_expression" => {
                return self.comprehension(node);
            }
            "named_expression" => return self.walrus(node),
            "assignment" | "augmented_assignment" => Syntax::Assign {
                target: self.wanted(node, "left"),
                value: self.wanted(node, "right"),
            },
            "as_pattern" => return self.held(node),
            "type" => return self.type_node(node),
            "function_definition"
            | "class_definition"
            | "decorated_definition"
            | "block"
            | "if_statement"
            | "for_statement"
            | "with_statement"
            | "expression_statement"
            | "return_statement" => {
                // Only in broken text.
                let inside = self.statements(node);
                Syntax::Other(inside)
            }
            "ERROR" => Syntax::Error(self.values(&named(node))),
            _ => Syntax::Other(self.values(&named(node))),
        };
        self.add(node, syntax)
    }

    /// `a.b.c` where the grammar sees one name.
    fn dotted(&mut self, node: Node<'_>) -> NodeId {
        let words = named(node);
        let Some((first, rest)) = words.split_first() else {
            return self.gap(node);
        };
        let mut object = self.add(*first, Syntax::Name);
        for word in rest {
            let property = bytes(*word);
            let all = Bytes::new(node.start_byte(), word.end_byte());
            object = self.at.tree.add(all, Syntax::Member { object, property });
        }
        object
    }

    /// `a and b`, `a or b`: chains nest to the left and are taken apart without recursion.
    fn logic(&mut self, node: Node<'_>) -> NodeId {
        let (mut chain, mut at) = (Vec::new(), node);
        while at.kind() == "boolean_operator" {
            chain.push(at);
            let Some(left) = at.child_by_field_name("left") else {
                break;
            };
            at = left;
        }
        if chain.len() > MAX_CHAIN {
            let mut operands: Vec<Node<'_>> = chain
                .iter()
                .filter_map(|step| step.child_by_field_name("right"))
                .collect();
            operands.push(at);
            operands.reverse();
            let operands = self.values(&operands);
            return self.add(node, Syntax::Other(operands));
        }
        let mut left = if at.kind() == "boolean_operator" {
            self.gap(at)
        } else {
            self.value(at)
        };
        while let Some(step) = chain.pop() {
            let op = match step.child_by_field_name("operator").map(|operator| operator.kind()) {
                Some("and") => LogicOp::And,
                _ => LogicOp::Or,
            };
            let right = self.wanted(step, "right");
            left = self.add(step, Syntax::Logic { op, left, right });
        }
        left
    }

    /// `a == b`; `a in b` is a call of `in` on `b`. A chain of comparisons decides nothing by itself.
    fn comparison(&mut self, node: Node<'_>) -> NodeId {
        let operands = named(node);
        let [a, b] = operands[..] else {
            let operands = self.values(&operands);
            return self.add(node, Syntax::Other(operands));
        };
        let operator = node.child_by_field_name("operators");
        let op = match operator.map_or("", |operator| operator.kind()) {
            "==" | "is" => CompareOp::Equal,
            "!=" | "<>" | "is not" => CompareOp::NotEqual,
            "in" | "not in" => return self.membership(node, a, b),
            _ => CompareOp::Other,
        };
        let (left, right) = (self.value(a), self.value(b));
        self.add(node, Syntax::Compare { op, left, right })
    }

    fn membership(&mut self, node: Node<'_>, a: Node<'_>, b: Node<'_>) -> NodeId {
        let between = Bytes::new(a.end_byte(), b.start_byte());
        let word = self.slice(between).rfind("in").unwrap_or_default();
        let start = a.end_byte() + word;
        let property = Bytes::new(start, (start + 2).min(b.start_byte()));
        let (element, object) = (self.value(a), self.value(b));
        let negative = self.slice(between).contains("not");
        let callee = self
            .at
            .tree
            .add(Bytes::new(start, b.end_byte()), Syntax::Member { object, property });
        let call = self.add(
            node,
            Syntax::Call {
                callee,
                type_args: Vec::new(),
                args: vec![element],
            },
        );
        match negative {
            true => self.add(node, Syntax::Not(call)),
            false => call,
        }
    }

    /// Sums nest to the left, one level for each term: `a + b + c` becomes one node.
    fn sum(&mut self, node: Node<'_>) -> NodeId {
        let (mut terms, mut at) = (Vec::new(), node);
        while at.kind() == "binary_operator" {
            terms.extend(at.child_by_field_name("right"));
            let Some(left) = at.child_by_field_name("left") else {
                break;
            };
            at = left;
        }
        terms.push(at);
        terms.reverse();
        let terms = self.values(&terms);
        let is_text = |id: &NodeId| matches!(self.at.tree.syntax(*id), Syntax::Text(_) | Syntax::Template(_));
        let syntax = match mark(node, "operator") == "+" && terms.iter().any(is_text) {
            true => Syntax::Template(terms),
            false => Syntax::Other(terms),
        };
        self.add(node, syntax)
    }

    fn unary(&mut self, node: Node<'_>) -> NodeId {
        let argument = node.child_by_field_name("argument");
        if argument.is_some_and(|argument| matches!(argument.kind(), "integer" | "float")) {
            return self.add(node, Syntax::Number);
        }
        let inside = argument.map(|argument| self.value(argument)).into_iter().collect();
        self.add(node, Syntax::Other(inside))
    }

    /// `yes if test else no`
    fn choice(&mut self, node: Node<'_>) -> NodeId {
        let parts = named(node);
        let [yes, test, no] = parts[..] else {
            let parts = self.values(&parts);
            return self.add(node, Syntax::Other(parts));
        };
        let (yes, test, no) = (self.value(yes), self.value(test), self.value(no));
        self.add(node, Syntax::Choose { test, yes, no })
    }

    /// A call; named arguments are attributes behind the others. `dict(a=1)` is the object that it makes.
    fn call(&mut self, node: Node<'_>) -> NodeId {
        let Some(arguments) = node.child_by_field_name("arguments") else {
            return self.gap(node);
        };
        let given = match arguments.kind() {
            "argument_list" => named(arguments),
            _ => vec![arguments],
        };
        let function = node.child_by_field_name("function");
        let is_dict = function.is_some_and(|function| self.words(function) == "dict");
        let keywords = |given: &[Node<'_>]| given.iter().all(|one| one.kind() == "keyword_argument");
        if is_dict && !given.is_empty() && keywords(&given) {
            let entries = given.iter().map(|one| self.named_entry(*one)).collect();
            return self.add(
                node,
                Syntax::Object {
                    type_name: None,
                    entries,
                },
            );
        }
        let callee = self.wanted(node, "function");
        let args = self.values(&given);
        self.add(
            node,
            Syntax::Call {
                callee,
                type_args: Vec::new(),
                args,
            },
        )
    }

    fn named_entry(&mut self, node: Node<'_>) -> NodeId {
        let key = match node.child_by_field_name("name") {
            Some(name) => Key::Name(self.words(name).into(), bytes(name)),
            None => Key::Name("".into(), bytes(node)),
        };
        let value = self.wanted(node, "value");
        self.add(node, Syntax::Entry { key, value })
    }

    fn keyword(&mut self, node: Node<'_>) -> Syntax {
        let name = node.child_by_field_name("name").map_or(bytes(node), bytes);
        Syntax::Attribute {
            name,
            value: self.optional(node, "value"),
        }
    }

    fn member(&mut self, node: Node<'_>) -> NodeId {
        let object = self.wanted(node, "object");
        let end = bytes(node).end;
        let property = node
            .child_by_field_name("attribute")
            .map_or(Bytes { start: end, end }, bytes);
        self.add(node, Syntax::Member { object, property })
    }

    fn subscript(&mut self, node: Node<'_>) -> Syntax {
        let object = self.wanted(node, "value");
        let subscripts = in_field(node, "subscript");
        let index = match subscripts.as_slice() {
            [only] => self.value(*only),
            [first, .., last] => {
                let all = Bytes::new(first.start_byte(), last.end_byte());
                let values = self.values(&subscripts);
                self.at.tree.add(all, Syntax::Array(values))
            }
            [] => self.gap(node),
        };
        Syntax::Index { object, index }
    }

    /// `'key': value`
    pub(super) fn pair(&mut self, node: Node<'_>) -> NodeId {
        let key = match node.child_by_field_name("key") {
            Some(key) if matches!(key.kind(), "string") => {
                let at = self.value(key);
                match self.at.tree.syntax(at) {
                    Syntax::Text(text) => {
                        let text = text.clone();
                        self.at.tree.truncate(at.0 as usize);
                        Key::Name(text, self.within_quotes(key))
                    }
                    _ => Key::Computed(at),
                }
            }
            Some(key) => Key::Computed(self.value(key)),
            None => Key::Name("".into(), Bytes::new(node.start_byte(), node.start_byte())),
        };
        let value = self.wanted(node, "value");
        self.add(node, Syntax::Entry { key, value })
    }

    /// `(name := value)` binds a name, and is the value.
    fn walrus(&mut self, node: Node<'_>) -> NodeId {
        let value = self.wanted(node, "value");
        match node.child_by_field_name("name") {
            Some(name) => {
                let pattern = self.add(name, Syntax::Name);
                let kind = crate::lang::tree::LetKind::Hoisted;
                let (ty, is_new) = (None, self.binds(pattern));
                let value = Some(value);
                match (is_new, value) {
                    (false, Some(value)) => self.add(node, Syntax::Assign { target: pattern, value }),
                    (_, value) => self.add(
                        node,
                        Syntax::Let {
                            kind,
                            pattern,
                            ty,
                            value,
                        },
                    ),
                }
            }
            None => value,
        }
    }

    /// What is bound by an assignment or a loop.
    pub(super) fn pattern(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "pattern_list" | "tuple_pattern" | "list_pattern" | "expression_list" | "tuple" | "list" => {
                let inside = named(node);
                let inside = inside.into_iter().map(|one| self.pattern_of(one)).collect();
                self.add(node, Syntax::ArrayPattern(inside))
            }
            _ => self.value(node),
        }
    }

    fn pattern_of(&mut self, node: Node<'_>) -> NodeId {
        self.deeper(node, |walk| walk.pattern(node), |gap| gap)
    }

    /// The bytes of a string literal without its prefix and quotes.
    pub(super) fn within_quotes(&self, node: Node<'_>) -> Bytes {
        let (prefix, quotes) = text::opening(self.words(node));
        let start = node.start_byte() + prefix.len() + quotes.len();
        let closed = self.words(node).len() >= prefix.len() + 2 * quotes.len() && self.words(node).ends_with(quotes);
        let end = node.end_byte() - if closed { quotes.len() } else { 0 };
        Bytes::new(start, end.max(start))
    }

    /// A string; with holes, its texts and holes in order.
    fn string(&mut self, node: Node<'_>) -> NodeId {
        let holes: Vec<Node<'_>> = named(node)
            .into_iter()
            .filter(|part| part.kind() == "interpolation")
            .collect();
        let inside = self.within_quotes(node);
        if holes.is_empty() {
            let text = self.literal(node, inside);
            return self.add(node, Syntax::Text(text));
        }
        let (mut parts, mut start) = (Vec::new(), inside.start);
        for hole in holes {
            let hole_bytes = bytes(hole);
            self.text_part(
                &mut parts,
                node,
                Bytes {
                    start,
                    end: hole_bytes.start,
                },
            );
            let value = self.wanted(hole, "expression");
            parts.push(value);
            start = hole_bytes.end;
        }
        self.text_part(
            &mut parts,
            node,
            Bytes {
                start,
                end: inside.end.max(start),
            },
        );
        self.add(node, Syntax::Template(parts))
    }

    fn literal(&self, node: Node<'_>, part: Bytes) -> Box<str> {
        let (prefix, _) = text::opening(self.words(node));
        let raw = self.slice(part);
        match text::is_raw(prefix) {
            true => raw.into(),
            false => text::cooked(raw).as_ref().into(),
        }
    }

    fn text_part(&mut self, parts: &mut Vec<NodeId>, node: Node<'_>, part: Bytes) {
        if part.start < part.end {
            let text = self.literal(node, part);
            parts.push(self.at.tree.add(part, Syntax::Text(text)));
        }
    }

    /// `'a' 'b'` is one text.
    fn concatenated(&mut self, node: Node<'_>) -> NodeId {
        let (first, mut text, mut whole) = (self.at.tree.len(), String::new(), true);
        let parts = self.values(&named(node));
        for part in &parts {
            match self.at.tree.syntax(*part) {
                Syntax::Text(more) => text.push_str(more),
                _ => whole = false,
            }
        }
        if whole {
            self.at.tree.truncate(first);
            return self.add(node, Syntax::Text(text.into()));
        }
        self.add(node, Syntax::Template(parts))
    }
}
