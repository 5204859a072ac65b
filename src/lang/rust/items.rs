//! Items. Enters: `syn`'s items. Leaves: functions, classes, impls, enums, modules, imports, constants, with their attributes.

use proc_macro2::Span;
use syn::{
    Attribute, Block, Field, Fields, FnArg, ForeignItem, Ident, Item, ItemEnum, ItemFn, ItemMod, ReturnType, Signature,
    StaticMutability, Type, Variant, Visibility,
};

use super::build::{Build, join, speaks};
use crate::lang::tree::{Function, Key, LetKind, NodeId, Syntax};
use crate::source::Bytes;

/// A constant or static, wherever it stands.
pub(super) struct Constant<'a> {
    pub(super) attrs: &'a [Attribute],
    pub(super) visibility: Option<&'a Visibility>,
    pub(super) keyword: Span,
    pub(super) ident: &'a Ident,
    pub(super) ty: &'a Type,
    pub(super) value: Option<&'a syn::Expr>,
    pub(super) mutable: bool,
    pub(super) semi: Span,
}

/// A function, wherever it stands.
pub(super) struct Fun<'a> {
    pub(super) attrs: &'a [Attribute],
    pub(super) visibility: Option<&'a Visibility>,
    pub(super) signature: &'a Signature,
    pub(super) body: Option<&'a Block>,
    pub(super) semi: Option<Span>,
    pub(super) method: bool,
}

impl Build {
    /// Everything in a file, in order.
    pub(super) fn file(&mut self, file: &syn::File) -> Vec<NodeId> {
        let mut nodes = self.decorators(&file.attrs);
        for item in &file.items {
            nodes.extend(self.item(item));
        }
        nodes
    }

    /// An item: one node, or one for each leaf of a `use`.
    pub(super) fn item(&mut self, item: &Item) -> Vec<NodeId> {
        let (nodes, attrs) = match item {
            Item::Use(item) => (self.use_item(item), &item.attrs),
            Item::ExternCrate(item) => (self.extern_crate(item), &item.attrs),
            other => return vec![self.deeper(other, |build| build.single_item(other))],
        };
        let mut children = self.decorators(attrs);
        if children.is_empty() {
            return nodes;
        }
        children.extend(nodes);
        vec![self.other(children)]
    }

    fn single_item(&mut self, item: &Item) -> NodeId {
        match item {
            Item::Fn(item) => self.free_function(item),
            Item::Struct(item) => self.structure(item),
            Item::Union(item) => self.union(item),
            Item::Enum(item) => self.enumeration(item),
            Item::Trait(item) => self.trait_item(item),
            Item::Impl(item) => self.impl_item(item),
            Item::Mod(item) => self.module(item),
            Item::Const(item) => self.const_item(item),
            Item::Static(item) => self.static_item(item),
            Item::Type(item) => {
                let begin = self.begin(&item.attrs, Some(&item.vis), item.type_token.span);
                let bytes = join(begin, self.at(item.semi_token.span));
                let alias = self.alias(&item.attrs, &item.ident, &item.ty, bytes);
                self.exported(&item.vis, alias)
            }
            Item::Macro(item) => {
                let call = match &item.ident {
                    Some(name) => self.macro_rules(name, &item.mac),
                    None => self.macro_call(&item.mac),
                };
                self.decorated(&item.attrs, call)
            }
            Item::ForeignMod(item) => {
                let bytes = self.within(&item.brace_token.span);
                let items = item.items.iter().map(|item| self.foreign(item)).collect();
                let block = self.add(bytes, Syntax::Other(items));
                self.decorated(&item.attrs, block)
            }
            other => self.opaque(other),
        }
    }

    fn structure(&mut self, item: &syn::ItemStruct) -> NodeId {
        let begin = self.begin(&item.attrs, Some(&item.vis), item.struct_token.span);
        let end = match (&item.semi_token, &item.fields) {
            (Some(semi), _) => self.at(semi.span),
            (None, Fields::Named(fields)) => self.within(&fields.brace_token.span),
            (None, _) => self.at(item.ident.span()),
        };
        let members = self.fields(item.fields.iter());
        let class = self.class(&item.attrs, &item.ident, members, Vec::new(), join(begin, end));
        self.exported(&item.vis, class)
    }

    fn union(&mut self, item: &syn::ItemUnion) -> NodeId {
        let begin = self.begin(&item.attrs, Some(&item.vis), item.union_token.span);
        let end = self.within(&item.fields.brace_token.span);
        let members = self.fields(item.fields.named.iter());
        let class = self.class(&item.attrs, &item.ident, members, Vec::new(), join(begin, end));
        self.exported(&item.vis, class)
    }

    fn const_item(&mut self, item: &syn::ItemConst) -> NodeId {
        let constant = self.constant(&Constant {
            attrs: &item.attrs,
            visibility: Some(&item.vis),
            keyword: item.const_token.span,
            ident: &item.ident,
            ty: &item.ty,
            value: Some(&item.expr),
            mutable: false,
            semi: item.semi_token.span,
        });
        self.exported(&item.vis, constant)
    }

    fn static_item(&mut self, item: &syn::ItemStatic) -> NodeId {
        let constant = self.constant(&Constant {
            attrs: &item.attrs,
            visibility: Some(&item.vis),
            keyword: item.static_token.span,
            ident: &item.ident,
            ty: &item.ty,
            value: Some(&item.expr),
            mutable: !matches!(item.mutability, StaticMutability::None),
            semi: item.semi_token.span,
        });
        self.exported(&item.vis, constant)
    }

    /// Something that says nothing we know of.
    pub(super) fn opaque(&mut self, what: &impl syn::spanned::Spanned) -> NodeId {
        let bytes = self.at(what.span());
        self.add(bytes, Syntax::Other(Vec::new()))
    }

    pub(super) fn exported(&mut self, visibility: &Visibility, item: NodeId) -> NodeId {
        if matches!(visibility, Visibility::Inherited) {
            return item;
        }
        let export = Syntax::Export {
            from: None,
            names: Vec::new(),
            item: Some(item),
            default: false,
        };
        self.add(self.of(item), export)
    }

    fn free_function(&mut self, item: &ItemFn) -> NodeId {
        let function = self.function(&Fun {
            attrs: &item.attrs,
            visibility: Some(&item.vis),
            signature: &item.sig,
            body: Some(&item.block),
            semi: None,
            method: false,
        });
        self.exported(&item.vis, function)
    }

    pub(super) fn function(&mut self, fun: &Fun<'_>) -> NodeId {
        let signature = fun.signature;
        let mut begin = self.begin(fun.attrs, fun.visibility, signature.fn_token.span);
        let words = [
            signature.constness.map(|token| token.span),
            signature.asyncness.map(|token| token.span),
            signature.abi.as_ref().map(|abi| abi.extern_token.span),
        ];
        for word in words.into_iter().flatten() {
            begin = join(begin, self.at(word));
        }
        let mut decorators = self.decorators(fun.attrs);
        let (mut params, mut param_types) = (Vec::new(), Vec::new());
        for input in &signature.inputs {
            if let FnArg::Typed(typed) = input {
                let (pattern, _, _) = self.binding(&typed.pat);
                params.push(self.parameter(&typed.attrs, pattern, &mut decorators));
                param_types.push(Some(self.ty(&typed.ty)));
            }
        }
        let value = matches!(signature.output, ReturnType::Type(..));
        let body = match self.graft.take() {
            Some(graft) => Some(self.grafted_body(graft, value)),
            None => fun.body.map(|block| self.body(block, value)),
        };
        let end = match (body, fun.semi) {
            (Some(body), _) => self.of(body),
            (None, Some(semi)) => self.at(semi),
            (None, None) => self.within(&signature.paren_token.span),
        };
        let function = Function {
            name: Some(self.name(&signature.ident)),
            params,
            body,
            decorators,
            method: fun.method,
            constructor: false,
            param_types,
        };
        self.add(join(begin, end), Syntax::Function(function))
    }

    /// Attributes of a parameter (`#[values(true, false)] on: bool`) tell about the function, but for `cfg` they tell about it alone.
    fn parameter(&mut self, attrs: &[Attribute], pattern: NodeId, decorators: &mut Vec<NodeId>) -> NodeId {
        if attrs.iter().any(|attribute| attribute.path().is_ident("cfg")) {
            return self.decorated(attrs, pattern);
        }
        decorators.extend(self.decorators(attrs));
        pattern
    }

    pub(super) fn class(
        &mut self,
        attrs: &[Attribute],
        ident: &Ident,
        members: Vec<NodeId>,
        extends: Vec<NodeId>,
        bytes: Bytes,
    ) -> NodeId {
        let class = Syntax::Class {
            name: Some(self.name(ident)),
            extends,
            members,
            decorators: self.decorators(attrs),
        };
        self.add(bytes, class)
    }

    fn fields<'a>(&mut self, fields: impl Iterator<Item = &'a Field>) -> Vec<NodeId> {
        fields
            .enumerate()
            .map(|(index, field)| self.field(index, field))
            .collect()
    }

    fn field(&mut self, index: usize, field: &Field) -> NodeId {
        let ty = self.ty(&field.ty);
        let key = match &field.ident {
            Some(ident) => self.key(ident),
            None => Key::Name(index.to_string().into(), self.of(ty)),
        };
        let decorators = self.decorators(&field.attrs);
        let name = match &key {
            Key::Name(_, bytes) => *bytes,
            Key::Computed(_) => self.of(ty),
        };
        let first = decorators.first().map_or(name, |first| self.of(*first));
        let bytes = join(join(first, name), self.of(ty));
        let field = Syntax::Field {
            key,
            ty: Some(ty),
            value: None,
            decorators,
        };
        self.add(bytes, field)
    }

    fn enumeration(&mut self, item: &ItemEnum) -> NodeId {
        let begin = self.begin(&item.attrs, Some(&item.vis), item.enum_token.span);
        let end = self.within(&item.brace_token.span);
        let members = item.variants.iter().map(|variant| self.variant(variant)).collect();
        let enumeration = Syntax::Enum {
            name: self.name(&item.ident),
            members,
            decorators: self.decorators(&item.attrs),
        };
        let id = self.add(join(begin, end), enumeration);
        self.exported(&item.vis, id)
    }

    fn variant(&mut self, variant: &Variant) -> NodeId {
        let decorators = self.decorators(&variant.attrs);
        let name = self.at(variant.ident.span());
        let mut bytes = decorators.first().map_or(name, |first| join(self.of(*first), name));
        let value = variant.discriminant.as_ref().map(|(_, value)| self.expr(value));
        let delimiter = match &variant.fields {
            Fields::Named(fields) => Some(self.within(&fields.brace_token.span)),
            Fields::Unnamed(fields) => Some(self.within(&fields.paren_token.span)),
            Fields::Unit => None,
        };
        let ty = delimiter.map(|delimiter| {
            let fields = self.fields(variant.fields.iter());
            self.add(delimiter, Syntax::Type(fields))
        });
        for end in [ty, value].into_iter().flatten() {
            bytes = join(bytes, self.of(end));
        }
        let field = Syntax::Field {
            key: self.key(&variant.ident),
            ty,
            value,
            decorators,
        };
        self.add(bytes, field)
    }

    fn module(&mut self, item: &ItemMod) -> NodeId {
        let begin = self.begin(&item.attrs, Some(&item.vis), item.mod_token.span);
        let (items, end) = match (self.graft.take(), &item.content, &item.semi) {
            (Some(graft), ..) => (Some(graft.nodes), graft.bytes),
            (None, Some((brace, items)), _) => {
                let nodes: Vec<Vec<NodeId>> = items.iter().map(|item| self.item(item)).collect();
                (Some(nodes.concat()), self.within(&brace.span))
            }
            (None, None, Some(semi)) => (None, self.at(semi.span)),
            (None, None, None) => (None, self.at(item.ident.span())),
        };
        let module = Syntax::Module {
            name: self.name(&item.ident),
            items,
            decorators: self.decorators(&item.attrs),
        };
        let id = self.add(join(begin, end), module);
        self.exported(&item.vis, id)
    }

    pub(super) fn constant(&mut self, constant: &Constant<'_>) -> NodeId {
        let pattern = self.name_node(constant.ident);
        let ty = self.ty(constant.ty);
        let value = constant.value.map(|value| self.expr(value));
        let kind = if constant.mutable {
            LetKind::Variable
        } else {
            LetKind::Constant
        };
        let begin = self.begin(&[], constant.visibility, constant.keyword);
        let bytes = join(begin, self.at(constant.semi));
        let syntax = Syntax::Let {
            kind,
            pattern,
            ty: Some(ty),
            value,
        };
        let id = self.add(bytes, syntax);
        self.decorated(constant.attrs, id)
    }

    pub(super) fn alias(&mut self, attrs: &[Attribute], ident: &Ident, ty: &Type, bytes: Bytes) -> NodeId {
        let value = self.ty(ty);
        let name = self.name(ident);
        let id = self.add(bytes, Syntax::TypeAlias { name, value });
        self.decorated(attrs, id)
    }

    fn foreign(&mut self, item: &ForeignItem) -> NodeId {
        match item {
            ForeignItem::Fn(item) => self.function(&Fun {
                attrs: &item.attrs,
                visibility: Some(&item.vis),
                signature: &item.sig,
                body: None,
                semi: Some(item.semi_token.span),
                method: false,
            }),
            other => self.opaque(other),
        }
    }

    /// The attributes that leave a node.
    pub(super) fn decorators(&mut self, attrs: &[Attribute]) -> Vec<NodeId> {
        let attrs: Vec<&Attribute> = attrs.iter().filter(|attribute| speaks(attribute)).collect();
        attrs.into_iter().map(|attribute| self.decorator(attribute)).collect()
    }

    /// `inner` below its attributes, if it has any that leave a node.
    pub(super) fn decorated(&mut self, attrs: &[Attribute], inner: NodeId) -> NodeId {
        let mut children = self.decorators(attrs);
        if children.is_empty() {
            return inner;
        }
        children.push(inner);
        self.other(children)
    }
}
