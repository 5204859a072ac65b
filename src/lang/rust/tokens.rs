//! Attributes and macro calls, whose insides are tokens. Enters: token streams. Leaves: the expressions that they can be read as.
//! Never expands a macro: what a macro makes of its tokens is not known here.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Block, Expr, Ident, Item, Macro, MacroDelimiter, Meta, Pat, Stmt, Token};

use super::build::{Build, join};
use super::formats::{self, Part};
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

/// Macros that never return.
const THROWING: [&str; 4] = ["panic", "todo", "unimplemented", "unreachable"];

/// Braces within braces of a macro's definition that are looked into.
const CONDITIONS_DEEP: usize = 24;

/// What a piece of a macro's tokens can be read as.
enum Piece {
    Expr(Box<Expr>),
    Arm(Box<Pat>, Option<Box<Expr>>),
    Statements(Vec<Stmt>),
    Items(Vec<Item>),
}

impl Build {
    /// An attribute.
    pub(super) fn decorator(&mut self, attribute: &Attribute) -> NodeId {
        let begin = self.at(attribute.pound_token.span);
        let bytes = join(begin, self.within(&attribute.bracket_token.span));
        let inner = self.meta(&attribute.meta);
        self.add(bytes, Syntax::Decorator(inner))
    }

    fn meta(&mut self, meta: &Meta) -> NodeId {
        let name = self.path_bytes(meta.path());
        let path = self.add(name, Syntax::Name);
        match meta {
            Meta::Path(_) => path,
            Meta::NameValue(pair) => {
                let value = self.expr(&pair.value);
                let bytes = join(name, self.of(value));
                self.add(bytes, Syntax::Assign { target: path, value })
            }
            Meta::List(list) => {
                let args = self.list(&list.tokens);
                let bytes = join(name, self.delimiter(&list.delimiter));
                let syntax = Syntax::Call {
                    callee: path,
                    type_args: Vec::new(),
                    args,
                };
                self.add(bytes, syntax)
            }
        }
    }

    /// A macro call.
    pub(super) fn macro_call(&mut self, call: &Macro) -> NodeId {
        self.deeper(call, |build| build.plain_macro(call))
    }

    fn plain_macro(&mut self, call: &Macro) -> NodeId {
        let name = self.path_bytes(&call.path);
        let bytes = join(name, self.delimiter(&call.delimiter));
        let last = call.path.segments.last().map(|segment| segment.ident.to_string());
        let last = last.as_deref().unwrap_or_default();
        if THROWING.contains(&last) {
            let why = self.message(&call.tokens);
            return self.add(bytes, Syntax::Throw(why));
        }
        let known = match last {
            "format" => self.template(&call.tokens, bytes),
            "cfg_if" => self.cfg_if(&call.tokens),
            _ => None,
        };
        if let Some(known) = known {
            return known;
        }
        let args = self.list(&call.tokens);
        self.add(bytes, Syntax::Macro { name, args })
    }

    /// The definition of a macro: patterns of tokens, of which none runs here. What it makes only under a condition (`#[cfg(…)]`) is known.
    pub(super) fn macro_rules(&mut self, _: &Ident, call: &Macro) -> NodeId {
        let bytes = join(self.path_bytes(&call.path), self.delimiter(&call.delimiter));
        let mut conditions = Vec::new();
        self.conditions(call.tokens.clone(), CONDITIONS_DEEP, &mut conditions);
        self.add(bytes, Syntax::Other(conditions))
    }

    /// The `#[cfg(…)]` and `#[cfg_attr(…)]` among tokens.
    fn conditions(&mut self, tokens: TokenStream, deeper: usize, found: &mut Vec<NodeId>) {
        let Some(deeper) = deeper.checked_sub(1) else {
            return;
        };
        let (mut mark, mut asks) = (None, None);
        for token in tokens {
            let TokenTree::Group(group) = &token else {
                asks = match (&token, asks.take()) {
                    (TokenTree::Ident(name), _) if name == "cfg" => Some((token.span(), false)),
                    (TokenTree::Punct(sign), Some((name, false))) if sign.as_char() == '!' => Some((name, true)),
                    _ => None,
                };
                mark = matches!(&token, TokenTree::Punct(sign) if sign.as_char() == '#').then(|| token.span());
                continue;
            };
            if let Some((name, true)) = asks.take() {
                let name = self.at(name);
                let bytes = join(name, self.at(group.span_close()));
                let args = self.list(&group.stream());
                found.push(self.add(bytes, Syntax::Macro { name, args }));
                continue;
            }
            let meta = || syn::parse2::<Meta>(group.stream()).ok();
            match mark.take().and_then(|mark| Some((mark, meta()?))) {
                Some((mark, meta)) if meta.path().is_ident("cfg") || meta.path().is_ident("cfg_attr") => {
                    let bytes = join(self.at(mark), self.at(group.span_close()));
                    let inner = self.meta(&meta);
                    found.push(self.add(bytes, Syntax::Decorator(inner)));
                }
                Some(_) => {}
                None => self.conditions(group.stream(), deeper, found),
            }
        }
    }

    fn message(&mut self, tokens: &TokenStream) -> Option<NodeId> {
        let span = |build: &Self| {
            tokens
                .clone()
                .into_iter()
                .map(|token| build.at(token.span()))
                .reduce(join)
        };
        let bytes = span(self)?;
        if let Some(template) = self.template(tokens, bytes) {
            return Some(template);
        }
        let args = self.list(tokens);
        Some(self.add(bytes, Syntax::Other(args)))
    }

    /// The nodes of a list of tokens: expressions parted by commas, else whatever its parts can be read as.
    pub(super) fn list(&mut self, tokens: &TokenStream) -> Vec<NodeId> {
        if tokens.is_empty() {
            return Vec::new();
        }
        if let Ok(exprs) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            return self.elements(&exprs);
        }
        if let Some(piece) = whole(tokens) {
            return self.read_piece(&piece);
        }
        let mut nodes = Vec::new();
        for part in parts(tokens) {
            match piece(&part) {
                Some(piece) => nodes.extend(self.read_piece(&piece)),
                None => self.scattered(&part, &mut nodes),
            }
        }
        nodes
    }

    fn read_piece(&mut self, piece: &Piece) -> Vec<NodeId> {
        match piece {
            Piece::Expr(expr) => vec![self.element(expr)],
            Piece::Statements(statements) => self.statements(statements),
            Piece::Items(items) => items.iter().flat_map(|item| self.item(item)).collect(),
            Piece::Arm(pattern, guard) => {
                let mut nodes = vec![self.pattern(pattern)];
                nodes.extend(guard.as_ref().map(|guard| self.expr(guard)));
                nodes
            }
        }
    }

    /// What no reading fits: strings, and the insides of brackets.
    fn scattered(&mut self, tokens: &TokenStream, nodes: &mut Vec<NodeId>) {
        for token in tokens.clone() {
            match token {
                TokenTree::Group(group) => {
                    let bytes = self.at(group.span());
                    let inner = group.stream();
                    nodes.push(self.deeper(&group, |build| {
                        let inner = build.list(&inner);
                        build.add(bytes, Syntax::Other(inner))
                    }));
                }
                TokenTree::Literal(literal) => {
                    let lit = syn::Lit::new(literal);
                    nodes.push(self.literal(&lit));
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }

    /// `cfg_if! { if #[cfg(a)] {…} else if #[cfg(b)] {…} else {…} }`
    fn cfg_if(&mut self, tokens: &TokenStream) -> Option<NodeId> {
        let branches = cfg_branches.parse2(tokens.clone()).ok()?;
        let mut no = None;
        for branch in branches.iter().rev() {
            let inner = self.list(&branch.body.tokens);
            let bytes = self.delimiter(&branch.body.delimiter);
            let yes = self.add(bytes, Syntax::Block(inner));
            let Some((word, attribute)) = &branch.test else {
                no = Some(yes);
                continue;
            };
            let test = self.cfg_test(attribute);
            let begin = self.at(word.span);
            let bytes = join(begin, self.of(no.unwrap_or(yes)));
            no = Some(self.add(bytes, Syntax::If { test, yes, no }));
        }
        no
    }

    /// `#[cfg(…)]` as `cfg!(…)`.
    fn cfg_test(&mut self, attribute: &Attribute) -> NodeId {
        let name = self.path_bytes(attribute.path());
        let bytes = self.within(&attribute.bracket_token.span);
        let args = match &attribute.meta {
            Meta::List(list) => self.list(&list.tokens),
            Meta::Path(_) | Meta::NameValue(_) => Vec::new(),
        };
        self.add(bytes, Syntax::Macro { name, args })
    }

    /// `format!`'s arguments as a template; `None` where they are unusual (a width from an argument, the same argument twice).
    fn template(&mut self, tokens: &TokenStream, bytes: Bytes) -> Option<NodeId> {
        let args = Punctuated::<Expr, Token![,]>::parse_terminated
            .parse2(tokens.clone())
            .ok()?;
        let mut args = args.iter();
        let Some(Expr::Lit(first)) = args.next() else {
            return None;
        };
        let syn::Lit::Str(format) = &first.lit else {
            return None;
        };
        let place = self.at(format.span());
        let args: Vec<&Expr> = args.collect();
        let source = format.token().to_string();
        let parts = formats::parts(&format.value(), &source, &args)?;
        let holes = parts.iter().any(|part| !matches!(part, Part::Text(_)));
        let mut nodes = Vec::new();
        for part in parts {
            nodes.push(match part {
                Part::Text(text) if holes => self.add(place, Syntax::Text(text.into())),
                Part::Text(text) => return Some(self.add(bytes, Syntax::Text(text.into()))),
                Part::Arg(expr) => self.expr(expr),
                Part::Captured(range) => {
                    let start = place.start as usize;
                    self.add(Bytes::new(start + range.start, start + range.end), Syntax::Name)
                }
            });
        }
        let empty = nodes.is_empty();
        Some(self.add(
            bytes,
            if empty {
                Syntax::Text("".into())
            } else {
                Syntax::Template(nodes)
            },
        ))
    }
}

/// One branch of `cfg_if!`.
struct CfgBranch {
    test: Option<(Token![if], Attribute)>,
    body: Macro,
}

fn cfg_branches(input: ParseStream<'_>) -> syn::Result<Vec<CfgBranch>> {
    let mut branches = Vec::new();
    loop {
        let test = match input.parse::<Option<Token![if]>>()? {
            None => None,
            Some(word) => {
                let mut attributes = input.call(Attribute::parse_outer)?;
                let attribute = attributes.pop().ok_or_else(|| input.error("expected #[cfg(…)]"))?;
                Some((word, attribute))
            }
        };
        let last = test.is_none();
        branches.push(CfgBranch {
            test,
            body: braced(input)?,
        });
        if last || input.is_empty() {
            return Ok(branches);
        }
        input.parse::<Token![else]>()?;
    }
}

/// `{ … }` with its tokens unread, in the shape of a macro's body.
fn braced(input: ParseStream<'_>) -> syn::Result<Macro> {
    let content;
    let brace_token = syn::braced!(content in input);
    Ok(Macro {
        path: syn::Path {
            leading_colon: None,
            segments: Punctuated::new(),
        },
        bang_token: Token![!](proc_macro2::Span::call_site()),
        delimiter: MacroDelimiter::Brace(brace_token),
        tokens: content.parse()?,
    })
}

/// The whole of a macro's tokens as statements or items.
fn whole(tokens: &TokenStream) -> Option<Piece> {
    let items = |input: ParseStream<'_>| {
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(input.parse::<Item>()?);
        }
        Ok(items)
    };
    if let Ok(items) = items.parse2(tokens.clone()) {
        return Some(Piece::Items(items));
    }
    Block::parse_within.parse2(tokens.clone()).ok().map(Piece::Statements)
}

/// One part as an expression, or as a pattern with a guard (`matches!`).
fn piece(part: &TokenStream) -> Option<Piece> {
    if let Ok(expr) = syn::parse2::<Expr>(part.clone()) {
        return Some(Piece::Expr(Box::new(expr)));
    }
    let arm = |input: ParseStream<'_>| {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = match input.parse::<Option<Token![if]>>()? {
            Some(_) => Some(Box::new(input.parse::<Expr>()?)),
            None => None,
        };
        Ok(Piece::Arm(Box::new(pattern), guard))
    };
    arm.parse2(part.clone()).ok()
}

/// Tokens between commas, semicolons and `=>`.
fn parts(tokens: &TokenStream) -> Vec<TokenStream> {
    let (mut parts, mut part) = (Vec::new(), Vec::new());
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let parts_here = match &token {
            TokenTree::Punct(punct) if punct.as_char() == '=' => {
                let arrow = |next: &TokenTree| matches!(next, TokenTree::Punct(next) if next.as_char() == '>');
                tokens.next_if(arrow).is_some()
            }
            TokenTree::Punct(punct) => matches!(punct.as_char(), ',' | ';'),
            _ => false,
        };
        if parts_here {
            parts.push(part.drain(..).collect());
        } else {
            part.push(token);
        }
    }
    parts.push(part.into_iter().collect());
    parts.retain(|part: &TokenStream| !part.is_empty());
    parts
}
