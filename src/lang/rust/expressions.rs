//! Expressions. Enters: `syn`'s expressions. Leaves: nodes of the neutral tree that keep what decides which code runs.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{
    Arm, BinOp, Block, Expr, ExprBinary, ExprCall, ExprClosure, ExprIf, ExprMatch, ExprMethodCall, ExprPath,
    ExprStruct, ExprUnary, Lit, Pat, UnOp,
};

use super::build::{Build, join};
use crate::lang::tree::{CompareOp, Function, Key, LogicOp, NodeId, Syntax, Through};

impl Build {
    /// An expression, without its attributes.
    pub(super) fn expr(&mut self, expr: &Expr) -> NodeId {
        self.deeper(expr, |build| build.simple(expr))
    }

    /// Expressions that are one thing; the others are in [`Self::compound`].
    fn simple(&mut self, expr: &Expr) -> NodeId {
        match expr {
            Expr::Lit(lit) => self.literal(&lit.lit),
            Expr::Path(path) => self.path(path),
            Expr::Field(field) => {
                let object = self.expr(&field.base);
                let property = self.at(field.member.span());
                self.add(join(self.of(object), property), Syntax::Member { object, property })
            }
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Macro(call) => self.macro_call(&call.mac),
            Expr::Paren(inner) => {
                let bytes = self.within(&inner.paren_token.span);
                let inner = self.expr(&inner.expr);
                self.add(bytes, Syntax::Wrap(Through::Paren, inner))
            }
            Expr::Group(inner) => self.expr(&inner.expr),
            Expr::Await(inner) => self.wrap_after(Through::Await, &inner.base, inner.await_token.span),
            Expr::Try(inner) => self.wrap_after(Through::Assert, &inner.expr, inner.question_token.span),
            Expr::Cast(cast) => self.wrap_after(Through::Cast, &cast.expr, cast.ty.span()),
            Expr::Reference(inner) => self.wrap_before(Through::Reference, inner.and_token.span, &inner.expr),
            Expr::RawAddr(inner) => self.wrap_before(Through::Reference, inner.and_token.span, &inner.expr),
            Expr::Unary(unary) => self.unary(unary),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => {
                let (target, value) = (self.expr(&assign.left), self.expr(&assign.right));
                self.pair(target, value, Syntax::Assign { target, value })
            }
            Expr::Index(index) => {
                let (object, inside) = (self.expr(&index.expr), self.expr(&index.index));
                let end = self.within(&index.bracket_token.span);
                let syntax = Syntax::Index { object, index: inside };
                self.add(join(self.of(object), end), syntax)
            }
            other => self.compound(other),
        }
    }

    fn compound(&mut self, expr: &Expr) -> NodeId {
        match expr {
            Expr::Array(array) => {
                let elements = self.elements(&array.elems);
                let bytes = self.within(&array.bracket_token.span);
                self.add(bytes, Syntax::Array(elements))
            }
            Expr::Tuple(tuple) => {
                let elements = self.elements(&tuple.elems);
                let bytes = self.within(&tuple.paren_token.span);
                let unit = elements.is_empty();
                self.add(bytes, if unit { Syntax::Nothing } else { Syntax::Array(elements) })
            }
            Expr::Repeat(repeat) => {
                let children = vec![self.expr(&repeat.expr), self.expr(&repeat.len)];
                let bytes = self.within(&repeat.bracket_token.span);
                self.add(bytes, Syntax::Other(children))
            }
            Expr::Struct(value) => self.struct_literal(value),
            Expr::Closure(closure) => self.closure(closure),
            Expr::If(test) => self.if_expr(test),
            Expr::Match(subject) => self.match_expr(subject),
            Expr::Block(block) => self.block(&block.block),
            Expr::Unsafe(block) => self.block(&block.block),
            Expr::Const(block) => self.block(&block.block),
            Expr::Async(block) => self.keyword_block(block.async_token.span, &block.block),
            Expr::TryBlock(block) => self.keyword_block(block.try_token.span, &block.block),
            Expr::Loop(repeat) => self.loop_node(repeat.loop_token.span, Vec::new(), &repeat.body),
            Expr::While(repeat) => {
                let head = vec![self.expr(&repeat.cond)];
                self.loop_node(repeat.while_token.span, head, &repeat.body)
            }
            Expr::ForLoop(repeat) => {
                let bound = self.bound(&repeat.pat, None);
                let head = vec![bound, self.expr(&repeat.expr)];
                self.loop_node(repeat.for_token.span, head, &repeat.body)
            }
            Expr::Let(test) => {
                let bound = self.bound(&test.pat, Some(&test.expr));
                let bytes = join(self.at(test.let_token.span), self.of(bound));
                self.add(bytes, Syntax::Other(vec![bound]))
            }
            other => self.leaving(other),
        }
    }

    /// Expressions that leave, and the rest.
    fn leaving(&mut self, expr: &Expr) -> NodeId {
        match expr {
            Expr::Return(leave) => {
                let value = leave.expr.as_ref().map(|value| self.expr(value));
                let word = self.at(leave.return_token.span);
                let bytes = value.map_or(word, |value| join(word, self.of(value)));
                self.add(bytes, Syntax::Return(value))
            }
            Expr::Break(leave) => {
                let word = self.at(leave.break_token.span);
                let gone = self.add(word, Syntax::Leave);
                match &leave.expr {
                    None => gone,
                    Some(value) => {
                        let value = self.expr(value);
                        self.other(vec![gone, value])
                    }
                }
            }
            Expr::Continue(leave) => {
                let word = self.at(leave.continue_token.span);
                self.add(word, Syntax::Leave)
            }
            Expr::Range(range) => {
                let ends = [&range.start, &range.end].into_iter().flatten();
                let ends = ends.map(|end| self.expr(end)).collect();
                let bytes = self.at(range.span());
                self.add(bytes, Syntax::Other(ends))
            }
            Expr::Yield(value) => {
                let word = self.at(value.yield_token.span);
                let values: Vec<NodeId> = value.expr.iter().map(|value| self.expr(value)).collect();
                let bytes = values.first().map_or(word, |value| join(word, self.of(*value)));
                self.add(bytes, Syntax::Other(values))
            }
            other => {
                let bytes = self.at(other.span());
                self.add(bytes, Syntax::Other(Vec::new()))
            }
        }
    }

    fn pair(&mut self, left: NodeId, right: NodeId, syntax: Syntax) -> NodeId {
        self.add(join(self.of(left), self.of(right)), syntax)
    }

    fn wrap_after(&mut self, through: Through, inner: &Expr, end: Span) -> NodeId {
        let inner = self.expr(inner);
        let bytes = join(self.of(inner), self.at(end));
        self.add(bytes, Syntax::Wrap(through, inner))
    }

    fn wrap_before(&mut self, through: Through, begin: Span, inner: &Expr) -> NodeId {
        let inner = self.expr(inner);
        let bytes = join(self.at(begin), self.of(inner));
        self.add(bytes, Syntax::Wrap(through, inner))
    }

    /// A literal.
    pub(super) fn literal(&mut self, lit: &Lit) -> NodeId {
        let syntax = match lit {
            Lit::Str(text) => Syntax::Text(text.value().into()),
            Lit::Bool(value) => Syntax::Bool(value.value),
            Lit::Int(_) | Lit::Float(_) | Lit::Byte(_) => Syntax::Number,
            _ => Syntax::Other(Vec::new()),
        };
        let bytes = self.at(lit.span());
        self.add(bytes, syntax)
    }

    /// A path as a value; `None` is nothing.
    pub(super) fn path(&mut self, path: &ExprPath) -> NodeId {
        let mut bytes = self.path_bytes(&path.path);
        if let Some(qself) = &path.qself {
            bytes = join(self.at(qself.lt_token.span), bytes);
        }
        let nothing = path.qself.is_none() && path.path.is_ident("None");
        self.add(bytes, if nothing { Syntax::Nothing } else { Syntax::Name })
    }

    fn call(&mut self, call: &ExprCall) -> NodeId {
        let callee = self.expr(&call.func);
        let type_args = match &*call.func {
            Expr::Path(path) => self.path_type_args(&path.path),
            _ => Vec::new(),
        };
        let args = self.elements(&call.args);
        let bytes = join(self.of(callee), self.within(&call.paren_token.span));
        let syntax = Syntax::Call {
            callee,
            type_args,
            args,
        };
        self.add(bytes, syntax)
    }

    fn method_call(&mut self, call: &ExprMethodCall) -> NodeId {
        let object = self.expr(&call.receiver);
        let property = self.at(call.method.span());
        let member = join(self.of(object), property);
        let callee = self.add(member, Syntax::Member { object, property });
        let type_args = call
            .turbofish
            .as_ref()
            .map_or_else(Vec::new, |generic| self.type_args(generic));
        let args = self.elements(&call.args);
        let bytes = join(member, self.within(&call.paren_token.span));
        let syntax = Syntax::Call {
            callee,
            type_args,
            args,
        };
        self.add(bytes, syntax)
    }

    fn unary(&mut self, unary: &ExprUnary) -> NodeId {
        let inner = self.expr(&unary.expr);
        let bytes = join(self.at(unary.op.span()), self.of(inner));
        let syntax = match unary.op {
            UnOp::Not(_) => Syntax::Not(inner),
            UnOp::Deref(_) => Syntax::Wrap(Through::Reference, inner),
            _ => Syntax::Other(vec![inner]),
        };
        self.add(bytes, syntax)
    }

    fn binary(&mut self, binary: &ExprBinary) -> NodeId {
        let syntax: fn(NodeId, NodeId) -> Syntax = match &binary.op {
            BinOp::And(_) => |left, right| Syntax::Logic {
                op: LogicOp::And,
                left,
                right,
            },
            BinOp::Or(_) => |left, right| Syntax::Logic {
                op: LogicOp::Or,
                left,
                right,
            },
            BinOp::Eq(_) => |left, right| Syntax::Compare {
                op: CompareOp::Equal,
                left,
                right,
            },
            BinOp::Ne(_) => |left, right| Syntax::Compare {
                op: CompareOp::NotEqual,
                left,
                right,
            },
            BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => |left, right| Syntax::Compare {
                op: CompareOp::Other,
                left,
                right,
            },
            op if arithmetic(op) => return self.arithmetic(binary),
            _ => |target, value| Syntax::Assign { target, value },
        };
        let (left, right) = (self.expr(&binary.left), self.expr(&binary.right));
        self.pair(left, right, syntax(left, right))
    }

    /// `a + b + c` as one flat node: such chains are long where text or tables are built.
    fn arithmetic(&mut self, binary: &ExprBinary) -> NodeId {
        let mut operands = vec![&*binary.right];
        let mut left = &*binary.left;
        while let Expr::Binary(inner) = left {
            if !arithmetic(&inner.op) {
                break;
            }
            operands.push(&inner.right);
            left = &inner.left;
        }
        operands.push(left);
        let operands = operands.into_iter().rev().map(|operand| self.expr(operand)).collect();
        self.other(operands)
    }

    fn struct_literal(&mut self, value: &ExprStruct) -> NodeId {
        let name = self.path_bytes(&value.path);
        let type_name = self.add(name, Syntax::Name);
        let mut entries = Vec::new();
        for field in &value.fields {
            let key = self.member_key(&field.member);
            let inner = self.expr(&field.expr);
            let bytes = match &key {
                Key::Name(_, bytes) => join(*bytes, self.of(inner)),
                Key::Computed(_) => self.of(inner),
            };
            let entry = self.add(bytes, Syntax::Entry { key, value: inner });
            entries.push(self.decorated(&field.attrs, entry));
        }
        if let Some(rest) = &value.rest {
            let inner = self.expr(rest);
            let dots = value.dot2_token.map_or(self.of(inner), |dots| self.at(dots.spans[0]));
            entries.push(self.add(join(dots, self.of(inner)), Syntax::Spread(inner)));
        }
        let bytes = join(name, self.within(&value.brace_token.span));
        let syntax = Syntax::Object {
            type_name: Some(type_name),
            entries,
        };
        self.add(bytes, syntax)
    }

    fn closure(&mut self, closure: &ExprClosure) -> NodeId {
        let params = closure.inputs.iter().map(|input| self.binding(input).0).collect();
        let body = match &*closure.body {
            Expr::Block(block) if block.label.is_none() => self.body(&block.block, true),
            value => {
                let value = self.expr(value);
                self.returned(value)
            }
        };
        let mut begin = self.at(closure.inputs_begin.span);
        let words = [
            closure.constness.map(|token| token.span),
            closure.asyncness.map(|token| token.span),
            closure.capture.map(|token| token.span),
        ];
        for word in words.into_iter().flatten() {
            begin = join(begin, self.at(word));
        }
        let bytes = join(begin, self.of(body));
        let function = Function {
            params,
            body: Some(body),
            ..Function::default()
        };
        self.add(bytes, Syntax::Function(function))
    }

    fn if_expr(&mut self, branch: &ExprIf) -> NodeId {
        let (test, yes) = (self.expr(&branch.cond), self.block(&branch.then_branch));
        let no = branch.else_branch.as_ref().map(|(_, no)| self.expr(no));
        let bytes = join(self.at(branch.if_token.span), self.of(no.unwrap_or(yes)));
        self.add(bytes, Syntax::If { test, yes, no })
    }

    fn match_expr(&mut self, switch: &ExprMatch) -> NodeId {
        let subject = self.expr(&switch.expr);
        let cases = switch.arms.iter().map(|arm| self.arm(arm)).collect();
        let bytes = join(self.at(switch.match_token.span), self.within(&switch.brace_token.span));
        self.add(bytes, Syntax::Switch { subject, cases })
    }

    fn arm(&mut self, arm: &Arm) -> NodeId {
        let (tests, guard) = self.arm_tests(&arm.pat);
        let mut begin = self.at(arm.fat_arrow_token.spans[0]);
        begin = tests.first().map_or(begin, |first| join(self.of(*first), begin));
        if let Pat::Wild(wild) = &arm.pat {
            begin = join(self.at(wild.underscore_token.span), begin);
        }
        let test = guard.map(|guard| self.expr(guard));
        let mut body = self.expr(&arm.body);
        if let Some(test) = test {
            let syntax = Syntax::If {
                test,
                yes: body,
                no: None,
            };
            body = self.pair(test, body, syntax);
        }
        let body = self.decorated(&arm.attrs, body);
        let bytes = join(begin, self.of(body));
        let syntax = Syntax::Case {
            tests,
            body: vec![body],
        };
        self.add(bytes, syntax)
    }

    fn keyword_block(&mut self, keyword: Span, block: &Block) -> NodeId {
        let inner = self.block(block);
        let bytes = join(self.at(keyword), self.of(inner));
        self.add(bytes, Syntax::Other(vec![inner]))
    }

    fn loop_node(&mut self, keyword: Span, head: Vec<NodeId>, body: &Block) -> NodeId {
        let body = self.block(body);
        let bytes = join(self.at(keyword), self.of(body));
        self.add(bytes, Syntax::Loop { head, body })
    }
}

fn arithmetic(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::Add(_)
            | BinOp::Sub(_)
            | BinOp::Mul(_)
            | BinOp::Div(_)
            | BinOp::Rem(_)
            | BinOp::BitXor(_)
            | BinOp::BitAnd(_)
            | BinOp::BitOr(_)
            | BinOp::Shl(_)
            | BinOp::Shr(_)
    )
}
