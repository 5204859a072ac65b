//! Traits and what implements them, with their members. Enters: `syn`'s items. Leaves: classes and impls with functions, constants and
//! types in them.

use syn::{ImplItem, ItemImpl, ItemTrait, TraitItem, TypeParamBound};

use super::build::{Build, join};
use super::items::{Constant, Fun};
use crate::lang::tree::{NodeId, Syntax};

impl Build {
    pub(super) fn trait_item(&mut self, item: &ItemTrait) -> NodeId {
        let begin = self.begin(&item.attrs, Some(&item.vis), item.trait_token.span);
        let bytes = join(begin, self.within(&item.brace_token.span));
        let extends = item.supertraits.iter().filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) => Some(self.type_path(&bound.path)),
            _ => None,
        });
        let extends = extends.collect();
        let (members, bytes) = match self.graft.take() {
            Some(graft) => (graft.nodes, join(bytes, graft.bytes)),
            None => (
                item.items.iter().map(|member| self.trait_member(member)).collect(),
                bytes,
            ),
        };
        let class = self.class(&item.attrs, &item.ident, members, extends, bytes);
        self.exported(&item.vis, class)
    }

    /// A member of a trait.
    pub(super) fn trait_member(&mut self, member: &TraitItem) -> NodeId {
        match member {
            TraitItem::Fn(member) => self.function(&Fun {
                attrs: &member.attrs,
                visibility: None,
                signature: &member.sig,
                body: member.default.as_ref(),
                semi: member.semi_token.map(|semi| semi.span),
                method: true,
            }),
            TraitItem::Const(member) => self.constant(&Constant {
                attrs: &member.attrs,
                visibility: None,
                keyword: member.const_token.span,
                ident: &member.ident,
                ty: &member.ty,
                value: member.default.as_ref().map(|(_, value)| value),
                mutable: false,
                semi: member.semi_token.span,
            }),
            TraitItem::Macro(member) => self.macro_call(&member.mac),
            other => self.opaque(other),
        }
    }

    pub(super) fn impl_item(&mut self, item: &ItemImpl) -> NodeId {
        let mut begin = self.begin(&item.attrs, None, item.impl_token.span);
        if let Some(unsafety) = &item.unsafety {
            begin = join(begin, self.at(unsafety.span));
        }
        let bytes = join(begin, self.within(&item.brace_token.span));
        let of = item.trait_.as_ref().map(|(path, _)| {
            let bytes = self.path_bytes(path);
            self.add(bytes, Syntax::Name)
        });
        let target = self.impl_type(&item.self_ty);
        let (members, bytes) = match self.graft.take() {
            Some(graft) => (graft.nodes, join(bytes, graft.bytes)),
            None => (
                item.items.iter().map(|member| self.impl_member(member)).collect(),
                bytes,
            ),
        };
        let decorators = self.decorators(&item.attrs);
        let block = Syntax::Impl {
            of,
            target,
            members,
            decorators,
        };
        self.add(bytes, block)
    }

    /// A member of an impl.
    pub(super) fn impl_member(&mut self, member: &ImplItem) -> NodeId {
        match member {
            ImplItem::Fn(member) => self.function(&Fun {
                attrs: &member.attrs,
                visibility: Some(&member.vis),
                signature: &member.sig,
                body: Some(&member.block),
                semi: None,
                method: true,
            }),
            ImplItem::Const(member) => self.constant(&Constant {
                attrs: &member.attrs,
                visibility: Some(&member.vis),
                keyword: member.const_token.span,
                ident: &member.ident,
                ty: &member.ty,
                value: Some(&member.expr),
                mutable: false,
                semi: member.semi_token.span,
            }),
            ImplItem::Type(member) => {
                let begin = self.begin(&member.attrs, Some(&member.vis), member.type_token.span);
                let bytes = join(begin, self.at(member.semi_token.span));
                self.alias(&member.attrs, &member.ident, &member.ty, bytes)
            }
            ImplItem::Macro(member) => self.macro_call(&member.mac),
            other => self.opaque(other),
        }
    }
}
