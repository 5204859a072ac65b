//! The workbench of the translation: the tree that grows, where the piece being read begins, how deep we are. Enters: spans of `syn`.
//! Leaves: bytes of the file. Knows nothing of what the syntax means.

use proc_macro2::Span;
use proc_macro2::extra::DelimSpan;
use syn::parse::Parse;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, MacroDelimiter, Path, Visibility};

use crate::lang::tree::{Key, NodeId, Syntax, Tree};
use crate::source::Bytes;

/// The neutral tree is at most this many expressions or blocks deep; what stands deeper is counted as lost. Those who walk the tree
/// may recurse on stacks of 2 MiB.
const DEPTH_LIMIT: u32 = 400;

/// The tree under construction.
#[derive(Default)]
pub(super) struct Build {
    /// What has been translated.
    pub(super) tree: Tree,
    /// Places that were not understood.
    pub(super) lost: u32,
    /// Where the piece of text that is being translated begins in the file.
    base: usize,
    depth: u32,
    /// What the next function, module, impl or trait has in it instead of what its text says.
    pub(super) graft: Option<Graft>,
}

/// The insides of an item that were read before its head.
pub(super) struct Graft {
    /// The bytes of its body, with the brackets.
    pub(super) bytes: Bytes,
    /// The last of its nodes is the value of the body.
    pub(super) value: bool,
    /// What stands in it.
    pub(super) nodes: Vec<NodeId>,
}

/// From the start of `a` to the end of `b`.
pub(super) fn join(a: Bytes, b: Bytes) -> Bytes {
    Bytes {
        start: a.start.min(b.start),
        end: a.end.max(b.end),
    }
}

impl Build {
    /// Parses the text from `start` on; the spans of the result are good until the next call.
    pub(super) fn piece<T: Parse>(&mut self, text: &str, start: usize) -> Option<T> {
        self.piece_at(text.get(start..)?, start)
    }

    /// Parses `piece`, which begins at byte `start` of the file.
    pub(super) fn piece_at<T: Parse>(&mut self, piece: &str, start: usize) -> Option<T> {
        proc_macro2::extra::invalidate_current_thread_spans();
        self.base = start;
        syn::parse_str(piece).ok()
    }

    /// The bytes of a span of the present piece.
    pub(super) fn at(&self, span: Span) -> Bytes {
        let range = span.byte_range();
        Bytes::new(self.base + range.start, self.base + range.end)
    }

    /// The bytes of a pair of brackets and what stands in it.
    pub(super) fn within(&self, span: &DelimSpan) -> Bytes {
        join(self.at(span.open()), self.at(span.close()))
    }

    /// The bytes of a macro's brackets.
    pub(super) fn delimiter(&self, delimiter: &MacroDelimiter) -> Bytes {
        self.within(delimiter.span())
    }

    /// The bytes of a node that has already been made.
    pub(super) fn of(&self, id: NodeId) -> Bytes {
        self.tree.bytes(id)
    }

    /// Adds a node whose children have been added.
    pub(super) fn add(&mut self, bytes: Bytes, syntax: Syntax) -> NodeId {
        self.tree.add(bytes, syntax)
    }

    /// Goes one level down, or leaves a node that says that something was lost here.
    pub(super) fn deeper<S: Spanned>(&mut self, what: &S, translate: impl FnOnce(&mut Self) -> NodeId) -> NodeId {
        if self.depth >= DEPTH_LIMIT {
            self.lost += 1;
            let bytes = self.at(what.span());
            return self.add(bytes, Syntax::Error(Vec::new()));
        }
        self.depth += 1;
        let id = translate(self);
        self.depth -= 1;
        id
    }

    /// A name as its owner carries it: without `r#`, with its bytes.
    pub(super) fn name(&self, ident: &Ident) -> (Box<str>, Bytes) {
        let bytes = self.at(ident.span());
        (plain(ident).into(), bytes)
    }

    /// A name as a key.
    pub(super) fn key(&self, ident: &Ident) -> Key {
        let (name, bytes) = self.name(ident);
        Key::Name(name, bytes)
    }

    /// A [`Syntax::Name`] of an identifier.
    pub(super) fn name_node(&mut self, ident: &Ident) -> NodeId {
        let bytes = self.at(ident.span());
        self.add(bytes, Syntax::Name)
    }

    /// The bytes of a path, without the type arguments of its last segment.
    pub(super) fn path_bytes(&self, path: &Path) -> Bytes {
        let last = path.segments.last().map(|segment| self.at(segment.ident.span()));
        let first = match (&path.leading_colon, path.segments.first()) {
            (Some(colon), _) => Some(self.at(colon.spans[0])),
            (None, first) => first.map(|segment| self.at(segment.ident.span())),
        };
        match (first, last) {
            (Some(first), Some(last)) => join(first, last),
            (one, other) => one.or(other).unwrap_or_default(),
        }
    }

    /// The first byte of an item: of its first attribute that leaves a node, else of its visibility, else of its keyword.
    pub(super) fn begin(&self, attrs: &[Attribute], visibility: Option<&Visibility>, keyword: Span) -> Bytes {
        let mut first = self.at(keyword);
        match visibility {
            Some(Visibility::Public(token)) => first = join(first, self.at(token.span)),
            Some(Visibility::Restricted(restricted)) => first = join(first, self.at(restricted.pub_token.span)),
            Some(Visibility::Inherited) | None => {}
        }
        for attribute in attrs.iter().filter(|attribute| speaks(attribute)) {
            first = join(first, self.at(attribute.pound_token.span));
        }
        first
    }
}

/// An identifier without `r#`.
pub(super) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

/// False for attributes that say nothing about what runs: documentation and lints.
pub(super) fn speaks(attribute: &Attribute) -> bool {
    const SILENT: [&str; 12] = [
        "doc",
        "allow",
        "warn",
        "deny",
        "forbid",
        "expect",
        "inline",
        "must_use",
        "cold",
        "rustfmt",
        "clippy",
        "track_caller",
    ];
    let first = attribute.path().segments.first();
    first.is_none_or(|segment| !SILENT.contains(&segment.ident.to_string().as_str()))
}
