//! Blocks, statements and elements of lists. Enters: `syn`'s statements. Leaves: [`Syntax::Block`]s in which what a function ends
//! with is a [`Syntax::Return`], and below their attributes the statements that have some.

use syn::{Attribute, Block, Expr, Local, Pat, Stmt};

use super::build::{Build, Graft, join};
use crate::lang::tree::{NodeId, Syntax};

impl Build {
    /// An element of a list, which may have attributes.
    pub(super) fn element(&mut self, expr: &Expr) -> NodeId {
        let id = self.expr(expr);
        self.decorated(leading_attrs(expr), id)
    }

    /// The elements of a list.
    pub(super) fn elements<'a>(&mut self, exprs: impl IntoIterator<Item = &'a Expr>) -> Vec<NodeId> {
        exprs.into_iter().map(|expr| self.element(expr)).collect()
    }

    /// A pattern that is bound without a `let` statement.
    pub(super) fn bound(&mut self, pattern: &Pat, value: Option<&Expr>) -> NodeId {
        let (pattern, _, kind) = self.binding(pattern);
        let value = value.map(|value| self.expr(value));
        let bytes = value.map_or(self.of(pattern), |value| join(self.of(pattern), self.of(value)));
        let syntax = Syntax::Let {
            kind,
            pattern,
            ty: None,
            value,
        };
        self.add(bytes, syntax)
    }

    /// A block in which the last expression is a value like any other.
    pub(super) fn block(&mut self, block: &Block) -> NodeId {
        let statements = self.statements(&block.stmts);
        let bytes = self.within(&block.brace_token.span);
        self.add(bytes, Syntax::Block(statements))
    }

    /// The block of a function or closure: what it ends with is returned, if it has a `value`.
    pub(super) fn body(&mut self, block: &Block, value: bool) -> NodeId {
        let mut statements = self.statements(&block.stmts);
        let ends_with_value = match block.stmts.last() {
            Some(Stmt::Expr(expr, None)) => !matches!(expr, Expr::ForLoop(_) | Expr::While(_)),
            Some(Stmt::Macro(last)) => last.semi_token.is_none(),
            _ => false,
        };
        if value
            && ends_with_value
            && let Some(last) = statements.pop()
        {
            statements.push(self.returned(last));
        }
        let bytes = self.within(&block.brace_token.span);
        self.add(bytes, Syntax::Block(statements))
    }

    /// A body whose statements were read before.
    pub(super) fn grafted_body(&mut self, graft: Graft, value: bool) -> NodeId {
        let mut nodes = graft.nodes;
        if value
            && graft.value
            && let Some(last) = nodes.pop()
        {
            nodes.push(self.returned(last));
        }
        self.add(graft.bytes, Syntax::Block(nodes))
    }

    /// `value` as what is returned, unless it never comes to that.
    pub(super) fn returned(&mut self, value: NodeId) -> NodeId {
        match self.tree.syntax(value) {
            Syntax::Return(_) | Syntax::Throw(_) | Syntax::Leave => value,
            _ => self.add(self.of(value), Syntax::Return(Some(value))),
        }
    }

    /// Statements in order.
    pub(super) fn statements(&mut self, statements: &[Stmt]) -> Vec<NodeId> {
        let mut nodes = Vec::new();
        for statement in statements {
            match statement {
                Stmt::Local(local) => nodes.push(self.local(local)),
                Stmt::Item(item) => nodes.extend(self.item(item)),
                // A lone `;`.
                Stmt::Expr(Expr::Verbatim(tokens), _) if tokens.is_empty() => {}
                Stmt::Expr(expr, _) => nodes.push(self.element(expr)),
                Stmt::Macro(call) => {
                    let id = self.macro_call(&call.mac);
                    nodes.push(self.decorated(&call.attrs, id));
                }
            }
        }
        nodes
    }

    fn local(&mut self, local: &Local) -> NodeId {
        let (pattern, ty, kind) = self.binding(&local.pat);
        let ty = ty.map(|ty| self.ty(ty));
        let value = local.init.as_ref().map(|init| self.expr(&init.expr));
        let bytes = join(self.at(local.let_token.span), self.at(local.semi_token.span));
        let syntax = Syntax::Let {
            kind,
            pattern,
            ty,
            value,
        };
        let mut id = self.add(bytes, syntax);
        if let Some((_, otherwise)) = local.init.as_ref().and_then(|init| init.diverge.as_ref()) {
            let otherwise = self.expr(otherwise);
            id = self.other(vec![id, otherwise]);
        }
        self.decorated(&local.attrs, id)
    }
}

/// The attributes before an expression, which `syn` hangs on the leftmost expression in it.
fn leading_attrs(mut expr: &Expr) -> &[Attribute] {
    loop {
        expr = match expr {
            Expr::Assign(outer) => &outer.left,
            Expr::Binary(outer) => &outer.left,
            Expr::Cast(outer) => &outer.expr,
            other => return own_attrs(other),
        };
    }
}

fn own_attrs(expr: &Expr) -> &[Attribute] {
    match expr {
        Expr::Array(e) => &e.attrs,
        Expr::Async(e) => &e.attrs,
        Expr::Await(e) => &e.attrs,
        Expr::Block(e) => &e.attrs,
        Expr::Break(e) => &e.attrs,
        Expr::Call(e) => &e.attrs,
        Expr::Closure(e) => &e.attrs,
        Expr::Const(e) => &e.attrs,
        Expr::Continue(e) => &e.attrs,
        Expr::Field(e) => &e.attrs,
        Expr::ForLoop(e) => &e.attrs,
        Expr::If(e) => &e.attrs,
        Expr::Index(e) => &e.attrs,
        Expr::Lit(e) => &e.attrs,
        Expr::Loop(e) => &e.attrs,
        Expr::Macro(e) => &e.attrs,
        Expr::Match(e) => &e.attrs,
        Expr::MethodCall(e) => &e.attrs,
        Expr::Paren(e) => &e.attrs,
        Expr::Path(e) => &e.attrs,
        Expr::Reference(e) => &e.attrs,
        Expr::Repeat(e) => &e.attrs,
        Expr::Return(e) => &e.attrs,
        Expr::Struct(e) => &e.attrs,
        Expr::Try(e) => &e.attrs,
        Expr::Tuple(e) => &e.attrs,
        Expr::Unary(e) => &e.attrs,
        Expr::Unsafe(e) => &e.attrs,
        Expr::While(e) => &e.attrs,
        _ => &[],
    }
}
