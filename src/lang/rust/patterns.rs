//! Patterns. Enters: `syn`'s patterns. Leaves: names that are bound or compared ([`Syntax::Name`]), values ([`Syntax::Text`], …),
//! [`Syntax::ArrayPattern`]s and [`Syntax::ObjectPattern`]s; the path of a struct or variant stands before them in a [`Syntax::Type`].

use syn::spanned::Spanned;
use syn::{FieldPat, Member, Pat, PatStruct, Type};

use super::build::{Build, join};
use crate::lang::tree::{Key, LetKind, NodeId, Syntax};
use crate::source::Bytes;

impl Build {
    /// A pattern.
    pub(super) fn pattern(&mut self, pattern: &Pat) -> NodeId {
        self.deeper(pattern, |build| build.plain_pattern(pattern))
    }

    fn plain_pattern(&mut self, pattern: &Pat) -> NodeId {
        match pattern {
            Pat::Ident(ident) => {
                if ident.ident == "None" && ident.subpat.is_none() {
                    let bytes = self.at(ident.ident.span());
                    return self.add(bytes, Syntax::Nothing);
                }
                let name = self.name_node(&ident.ident);
                match &ident.subpat {
                    None => name,
                    Some((_, inner)) => {
                        let inner = self.pattern(inner);
                        self.other(vec![name, inner])
                    }
                }
            }
            Pat::Lit(lit) => self.literal(&lit.lit),
            Pat::Path(path) => self.path(path),
            Pat::Paren(inner) => self.pattern(&inner.pat),
            Pat::Reference(inner) => self.pattern(&inner.pat),
            Pat::Type(typed) => self.pattern(&typed.pat),
            Pat::Or(or) => {
                let cases = or.cases.iter().map(|case| self.pattern(case)).collect();
                self.other(cases)
            }
            Pat::Guard(guard) => {
                let (pattern, test) = (self.pattern(&guard.pat), self.expr(&guard.guard));
                self.other(vec![pattern, test])
            }
            Pat::Slice(slice) => {
                let bytes = self.within(&slice.bracket_token.span);
                self.patterns(bytes, &slice.elems)
            }
            Pat::Tuple(tuple) => {
                let bytes = self.within(&tuple.paren_token.span);
                self.patterns(bytes, &tuple.elems)
            }
            Pat::TupleStruct(tuple) => {
                let path = self.type_path(&tuple.path);
                let bytes = self.within(&tuple.paren_token.span);
                let fields = self.patterns(bytes, &tuple.elems);
                self.other(vec![path, fields])
            }
            Pat::Struct(fields) => self.struct_pattern(fields),
            Pat::Range(range) => {
                let ends = [&range.start, &range.end].into_iter().flatten();
                let ends = ends.map(|end| self.expr(end)).collect();
                let bytes = self.at(range.span());
                self.add(bytes, Syntax::Other(ends))
            }
            Pat::Macro(mac) => self.macro_call(&mac.mac),
            Pat::Const(block) => self.block(&block.block),
            Pat::Wild(_) | Pat::Rest(_) => {
                let bytes = self.at(pattern.span());
                self.add(bytes, Syntax::Nothing)
            }
            other => {
                let bytes = self.at(other.span());
                self.add(bytes, Syntax::Other(Vec::new()))
            }
        }
    }

    fn patterns<'a>(&mut self, bytes: Bytes, patterns: impl IntoIterator<Item = &'a Pat>) -> NodeId {
        let patterns = patterns.into_iter().map(|pattern| self.pattern(pattern)).collect();
        self.add(bytes, Syntax::ArrayPattern(patterns))
    }

    fn struct_pattern(&mut self, pattern: &PatStruct) -> NodeId {
        let path = self.type_path(&pattern.path);
        let entries = pattern.fields.iter().map(|field| self.field_pattern(field)).collect();
        let bytes = self.within(&pattern.brace_token.span);
        let fields = self.add(bytes, Syntax::ObjectPattern(entries));
        self.other(vec![path, fields])
    }

    fn field_pattern(&mut self, field: &FieldPat) -> NodeId {
        let value = self.pattern(&field.pat);
        let key = self.member_key(&field.member);
        let bytes = match &key {
            Key::Name(_, bytes) => join(*bytes, self.of(value)),
            Key::Computed(_) => self.of(value),
        };
        let entry = self.add(bytes, Syntax::Entry { key, value });
        if field.attrs.is_empty() {
            return entry;
        }
        self.decorated(&field.attrs, entry)
    }

    /// The name of a field; a number for a tuple's.
    pub(super) fn member_key(&self, member: &Member) -> Key {
        match member {
            Member::Named(ident) => self.key(ident),
            Member::Unnamed(index) => Key::Name(index.index.to_string().into(), self.at(index.span)),
        }
    }

    /// The values that lead to a match arm (none for `_`), and its guard.
    pub(super) fn arm_tests<'a>(&mut self, pattern: &'a Pat) -> (Vec<NodeId>, Option<&'a syn::Expr>) {
        match pattern {
            Pat::Guard(guard) => (self.arm_tests(&guard.pat).0, Some(&guard.guard)),
            Pat::Or(or) => (or.cases.iter().map(|case| self.pattern(case)).collect(), None),
            Pat::Wild(_) => (Vec::new(), None),
            other => (vec![self.pattern(other)], None),
        }
    }

    /// The pattern and the type of a `let` or a parameter, and whether what it binds can be assigned again.
    pub(super) fn binding<'a>(&mut self, pattern: &'a Pat) -> (NodeId, Option<&'a Type>, LetKind) {
        let (bare, ty) = match pattern {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            other => (other, None),
        };
        let kind = match bare {
            Pat::Ident(ident) if ident.mutability.is_some() => LetKind::Variable,
            _ => LetKind::Constant,
        };
        (self.pattern(bare), ty, kind)
    }

    /// A node that only keeps its children; there is at least one.
    pub(super) fn other(&mut self, children: Vec<NodeId>) -> NodeId {
        let bytes = children
            .iter()
            .map(|child| self.of(*child))
            .reduce(join)
            .unwrap_or_default();
        self.add(bytes, Syntax::Other(children))
    }
}
