//! Types. Enters: `syn`'s types. Leaves: [`Syntax::Type`] nodes that hold the names in them, in the order of the text: what a type is
//! made of decides nothing about what runs, but names of flags stand in it.

use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{AngleBracketedGenericArguments, GenericArgument, Path, PathArguments, Type};

use super::build::Build;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

/// The paths of a type.
struct Paths<'a>(Vec<&'a Path>);

impl<'a> Visit<'a> for Paths<'a> {
    fn visit_path(&mut self, path: &'a Path) {
        self.0.push(path);
        syn::visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}

    /// Array lengths and constants in types are values; none of them reads a flag.
    fn visit_expr(&mut self, _: &'a syn::Expr) {}

    fn visit_macro(&mut self, _: &'a syn::Macro) {}
}

impl Build {
    /// A type.
    pub(super) fn ty(&mut self, ty: &Type) -> NodeId {
        let mut paths = Paths(Vec::new());
        paths.visit_type(ty);
        let bytes = self.at(ty.span());
        self.type_of(bytes, &paths.0)
    }

    /// A path that is a type though it may look like a value (in a pattern, after `impl`).
    pub(super) fn type_path(&mut self, path: &Path) -> NodeId {
        let mut paths = Paths(Vec::new());
        paths.visit_path(path);
        let bytes = self.at(path.span());
        self.type_of(bytes, &paths.0)
    }

    fn type_of(&mut self, bytes: Bytes, paths: &[&Path]) -> NodeId {
        let names = paths.iter().map(|path| {
            let bytes = self.path_bytes(path);
            self.add(bytes, Syntax::Name)
        });
        let names = names.collect();
        self.add(bytes, Syntax::Type(names))
    }

    /// What stands after `impl` or `for`: a name for a plain path (`Foo<T>` is `Foo`), else a type.
    pub(super) fn impl_type(&mut self, ty: &Type) -> NodeId {
        match ty {
            Type::Path(path) if path.qself.is_none() => {
                let bytes = self.path_bytes(&path.path);
                self.add(bytes, Syntax::Name)
            }
            other => self.ty(other),
        }
    }

    /// The type arguments of every segment of a path.
    pub(super) fn path_type_args(&mut self, path: &Path) -> Vec<NodeId> {
        let mut args = Vec::new();
        for segment in &path.segments {
            if let PathArguments::AngleBracketed(generic) = &segment.arguments {
                args.extend(self.type_args(generic));
            }
        }
        args
    }

    /// Types and constants between angle brackets, without lifetimes and constraints.
    pub(super) fn type_args(&mut self, generic: &AngleBracketedGenericArguments) -> Vec<NodeId> {
        let args = generic.args.iter().filter_map(|arg| match arg {
            GenericArgument::Type(ty) => Some(self.ty(ty)),
            GenericArgument::Const(value) => Some(self.expr(value)),
            _ => None,
        });
        args.collect()
    }
}
