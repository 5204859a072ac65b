//! Expressions and patterns. Built from the parts of one expression.

use super::kinds::{Field, Kind};
use super::text;
use super::walk::{Frame, Part, Walk, find};
use crate::lang::tree::{CompareOp, Key, LogicOp, NodeId, Syntax, Through};
use crate::source::Bytes;

/// What two operands are to each other.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Operator {
    /// `&&`, `||`, `??`
    Logic(LogicOp),
    /// `===`, `<`, `in` and their like
    Compare(CompareOp),
    /// `+` and its like: how much it comes to decides nothing.
    Term,
}

impl Operator {
    /// The operator that is written so.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "&&" => Self::Logic(LogicOp::And),
            "||" => Self::Logic(LogicOp::Or),
            "??" => Self::Logic(LogicOp::Coalesce),
            "==" | "===" => Self::Compare(CompareOp::Equal),
            "!=" | "!==" => Self::Compare(CompareOp::NotEqual),
            "<" | ">" | "<=" | ">=" | "instanceof" | "in" => Self::Compare(CompareOp::Other),
            _ => Self::Term,
        }
    }
}

impl Walk<'_> {
    /// Builds an expression or pattern; false if it is none.
    pub(super) fn value(&mut self, frame: &Frame, own: &[Part]) -> bool {
        let syntax = match frame.kind {
            Kind::Call => self.call(frame, own),
            Kind::New => Syntax::New {
                callee: self.wanted(frame, own, Field::Constructor),
                type_args: self.in_field(own, Field::TypeArguments),
                args: self.in_field(own, Field::Arguments),
            },
            Kind::Member => return self.member(frame, own),
            Kind::Subscript => Syntax::Index {
                object: self.wanted(frame, own, Field::Object),
                index: self.wanted(frame, own, Field::Index),
            },
            Kind::Object => Syntax::Object {
                type_name: None,
                entries: self.entries(own),
            },
            Kind::ObjectPattern => Syntax::ObjectPattern(self.entries(own)),
            Kind::Pair => self.pair(frame, own),
            Kind::Array => Syntax::Array(self.elements(own)),
            Kind::ArrayPattern => Syntax::ArrayPattern(self.elements(own)),
            Kind::DefaultPattern => Syntax::Default {
                pattern: self.wanted(frame, own, Field::Left),
                default: self.wanted(frame, own, Field::Right),
            },
            Kind::Spread => Syntax::Spread(self.first_value(frame, own)),
            Kind::Paren => return self.paren(frame, own),
            Kind::ComputedName => {
                self.computed_name(frame, own);
                return true;
            }
            Kind::Unary => self.unary(frame, own),
            Kind::Binary => {
                self.binary(frame, own);
                return true;
            }
            Kind::Ternary => Syntax::Choose {
                test: self.wanted(frame, own, Field::Condition),
                yes: self.wanted(frame, own, Field::Consequence),
                no: self.wanted(frame, own, Field::Alternative),
            },
            Kind::Assignment => Syntax::Assign {
                target: self.wanted(frame, own, Field::Left),
                value: self.wanted(frame, own, Field::Right),
            },
            Kind::Await if self.is_misplaced(frame) => {
                self.misplaced_await(frame, own);
                return true;
            }
            Kind::Await => Syntax::Wrap(Through::Await, self.first_value(frame, own)),
            Kind::Cast | Kind::Assertion => Syntax::Wrap(Through::Cast, self.first_value(frame, own)),
            Kind::Instantiation if self.is_called(frame) => {
                self.tag(own);
                return true;
            }
            Kind::NonNull if own.iter().any(|part| part.field == Field::TypeArguments) => {
                self.tag(own);
                return true;
            }
            Kind::NonNull => Syntax::Wrap(Through::Assert, self.first_value(frame, own)),
            Kind::Template => self.template(frame, own),
            Kind::Hole => {
                self.hole(frame, own);
                return true;
            }
            _ => return false,
        };
        self.add(frame, syntax);
        true
    }

    /// A call; a tagged template is one whose only argument is the template.
    fn call(&mut self, frame: &Frame, own: &[Part]) -> Syntax {
        let syntax = Syntax::Call {
            callee: self.wanted(frame, own, Field::Function),
            type_args: self.in_field(own, Field::TypeArguments),
            args: self.in_field(own, Field::Arguments),
        };
        match (find(own, Field::Operator), find(own, Field::Function)) {
            (Some(_), Some(function)) => {
                let (start, end) = (function.bytes.start, frame.bytes.end);
                Syntax::Wrap(Through::Await, self.tree.add(Bytes { start, end }, syntax))
            }
            _ => syntax,
        }
    }

    /// `await f<T>()` is read as if the awaited `f` were called.
    fn is_misplaced(&self, frame: &Frame) -> bool {
        frame.field == Field::Function && self.frames.last().is_some_and(|parent| parent.kind == Kind::Call)
    }

    fn misplaced_await(&mut self, frame: &Frame, own: &[Part]) {
        let node = self.first_value(frame, own);
        self.push(frame, node);
        let (kind, field, bytes) = (Kind::Token, Field::Operator, frame.bytes);
        let (node, ty) = (None, None);
        self.parts.push(Part {
            kind,
            field,
            bytes,
            node,
            ty,
        });
    }

    /// True for the `f<T>` of a call, also where the grammar puts a `!` behind it.
    fn is_called(&self, frame: &Frame) -> bool {
        let mut outside = self.frames.iter().rev();
        match (outside.next(), outside.next()) {
            (Some(call), _) if call.kind == Kind::Call => frame.field == Field::Function,
            (Some(assertion), Some(call)) => {
                let asserted = assertion.kind == Kind::NonNull && assertion.field == Field::Function;
                asserted && call.kind == Kind::Call
            }
            _ => false,
        }
    }

    /// What is called and its type arguments become parts of the call.
    fn tag(&mut self, own: &[Part]) {
        for part in own.iter().filter(|part| part.kind.is_value()) {
            let is_type = part.field == Field::TypeArguments;
            let field = if is_type { part.field } else { Field::Function };
            self.parts.push(Part { field, ..*part });
        }
    }

    fn member(&mut self, frame: &Frame, own: &[Part]) -> bool {
        let property = find(own, Field::Property).or_else(|| find(own, Field::Name));
        let property = property.map_or(
            Bytes {
                start: frame.bytes.end,
                end: frame.bytes.end,
            },
            |part| part.bytes,
        );
        let object = match find(own, Field::Object).or_else(|| find(own, Field::Module)) {
            Some(part) => self.node(part),
            None => self.first_value(frame, own),
        };
        self.add(frame, Syntax::Member { object, property });
        true
    }

    /// `['a']` is the same name as `a`.
    fn computed_name(&mut self, frame: &Frame, own: &[Part]) {
        match own.iter().find(|part| part.kind.is_value()) {
            Some(part) if part.kind == Kind::String => self.parts.push(Part {
                field: frame.field,
                ..*part
            }),
            _ => {
                let inside = self.first_value(frame, own);
                self.push(frame, inside);
            }
        }
    }

    /// Parentheses are a node of their own only where they are written by choice.
    fn paren(&mut self, frame: &Frame, own: &[Part]) -> bool {
        let inside = self.first_value(frame, own);
        let demanded = matches!(frame.field, Field::Condition | Field::Value | Field::Object)
            && self
                .frames
                .last()
                .is_some_and(|parent| matches!(parent.kind, Kind::If | Kind::While | Kind::Switch));
        if demanded {
            self.push(frame, inside);
        } else {
            self.add(frame, Syntax::Wrap(Through::Paren, inside));
        }
        true
    }

    fn pair(&mut self, frame: &Frame, own: &[Part]) -> Syntax {
        let key = match find(own, Field::Key) {
            Some(part) => self.key(part),
            None => Key::Name(
                "".into(),
                Bytes {
                    start: frame.bytes.start,
                    end: frame.bytes.start,
                },
            ),
        };
        Syntax::Entry {
            key,
            value: self.wanted(frame, own, Field::Value),
        }
    }

    /// The members of an object or of its pattern; a bare name is an entry with itself as its value.
    fn entries(&mut self, own: &[Part]) -> Vec<NodeId> {
        let values = own.iter().filter(|part| part.kind.is_value());
        values.map(|part| self.entry(part)).collect()
    }

    fn entry(&mut self, part: &Part) -> NodeId {
        let node = self.node(part);
        let name = match self.tree.syntax(node) {
            Syntax::Name => Some(part.bytes),
            Syntax::Default { pattern, .. } if matches!(self.tree.syntax(*pattern), Syntax::Name) => {
                Some(self.tree.bytes(*pattern))
            }
            _ => None,
        };
        let Some(name) = name else { return node };
        let key = Key::Name(self.slice(name).into(), name);
        self.tree.add(part.bytes, Syntax::Entry { key, value: node })
    }

    /// The elements of an array or of its pattern; a hole is nothing.
    fn elements(&mut self, own: &[Part]) -> Vec<NodeId> {
        let (mut elements, mut after_value) = (Vec::new(), false);
        for part in own {
            match (part.kind, after_value) {
                (Kind::Comma, true) => after_value = false,
                (Kind::Comma, false) => elements.push(self.tree.add(part.bytes, Syntax::Nothing)),
                _ if part.kind.is_value() => {
                    elements.push(self.node(part));
                    after_value = true;
                }
                _ => {}
            }
        }
        elements
    }

    fn unary(&mut self, frame: &Frame, own: &[Part]) -> Syntax {
        let argument = self.wanted(frame, own, Field::Argument);
        let operator = find(own, Field::Operator).map_or("", |part| self.slice(part.bytes));
        match operator {
            "!" => Syntax::Not(argument),
            "delete" => Syntax::Delete(argument),
            "-" | "+" if matches!(self.tree.syntax(argument), Syntax::Number) => {
                self.tree.truncate(frame.nodes);
                Syntax::Number
            }
            _ => Syntax::Other(vec![argument]),
        }
    }

    /// Sums nest to the left, one level for each term: `a + b + c` becomes one node. An operand that is the left end of another
    /// operation hands its terms on ([`Walk::hand_on_terms`]), since only that operation knows whether it is a sum too.
    fn binary(&mut self, frame: &Frame, own: &[Part]) {
        let operator = find(own, Field::Operator).map_or("", |part| self.slice(part.bytes));
        if operator == "<" && self.is_left_end(frame) && self.is_before_template(frame) {
            return self.hand_on_tag(own);
        }
        let syntax = match Operator::of(operator) {
            _ if find(own, Field::Function).is_some() => Syntax::Call {
                callee: self.wanted(frame, own, Field::Function),
                type_args: self.in_field(own, Field::TypeArguments),
                args: self.in_field(own, Field::Right),
            },
            Operator::Term => {
                let is_sum = operator == "+";
                let terms = self.values(own);
                let is_text = |id: &NodeId| matches!(self.tree.syntax(*id), Syntax::Text(_) | Syntax::Template(_));
                match is_sum && terms.iter().any(is_text) {
                    true => Syntax::Template(terms),
                    false => Syntax::Other(terms),
                }
            }
            Operator::Logic(op) => Syntax::Logic {
                op,
                left: self.left_operand(frame, own),
                right: self.wanted(frame, own, Field::Right),
            },
            Operator::Compare(op) => Syntax::Compare {
                op,
                left: self.left_operand(frame, own),
                right: self.wanted(frame, own, Field::Right),
            },
        };
        self.add(frame, syntax);
    }

    fn is_left_end(&self, frame: &Frame) -> bool {
        frame.field == Field::Left && self.frames.last().is_some_and(|parent| parent.kind == Kind::Binary)
    }

    /// What is called and its type arguments become parts of the operation that was read around them.
    fn hand_on_tag(&mut self, own: &[Part]) {
        for part in own.iter().filter(|part| part.kind.is_value()) {
            let is_called = part.field == Field::Left;
            let field = if is_called {
                Field::Function
            } else {
                Field::TypeArguments
            };
            self.parts.push(Part { field, ..*part });
        }
    }

    /// `tag<T>` before a template is read as two comparisons.
    fn is_before_template(&self, frame: &Frame) -> bool {
        let after = self.text.get(frame.bytes.end as usize..).unwrap_or_default();
        let inside = after.trim_start().strip_prefix('>');
        inside.is_some_and(|rest| rest.trim_start().starts_with('`'))
    }

    fn left_operand(&mut self, frame: &Frame, own: &[Part]) -> NodeId {
        let terms = self.in_field(own, Field::Left);
        match terms[..] {
            [] => self.wanted(frame, own, Field::Left),
            [only] => only,
            [first, .., last] => {
                let bytes = Bytes {
                    start: self.tree.bytes(first).start,
                    end: self.tree.bytes(last).end,
                };
                self.tree.add(bytes, Syntax::Other(terms))
            }
        }
    }

    /// Without holes a template is a text; with holes, the texts and holes in order.
    fn template(&mut self, frame: &Frame, own: &[Part]) -> Syntax {
        let holes: Vec<Part> = own.iter().filter(|part| part.kind == Kind::Hole).copied().collect();
        if holes.is_empty() {
            return Syntax::Text(text::string(self.slice(frame.bytes)));
        }
        let mut all = Vec::new();
        let mut start = frame.bytes.start + 1;
        for hole in &holes {
            let end = hole.bytes.start;
            self.template_text(&mut all, Bytes { start, end });
            all.extend(hole.node);
            start = hole.bytes.end;
        }
        let end = frame.bytes.end.saturating_sub(1).max(start);
        self.template_text(&mut all, Bytes { start, end });
        Syntax::Template(all)
    }

    /// A hole's part covers its braces, its node what stands in them.
    fn hole(&mut self, frame: &Frame, own: &[Part]) {
        let node = self.first_value(frame, own);
        self.push_as(Kind::Hole, frame, node);
        if let Some(part) = self.parts.last_mut() {
            part.bytes = frame.bytes;
        }
    }

    fn template_text(&mut self, all: &mut Vec<NodeId>, bytes: Bytes) {
        let raw = self.slice(bytes);
        if !raw.is_empty() {
            let syntax = Syntax::Text(text::cooked(raw));
            all.push(self.tree.add(bytes, syntax));
        }
    }
}
