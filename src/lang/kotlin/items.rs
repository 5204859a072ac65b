//! Imports, functions and properties.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{Function, ImportName, Key, LetKind, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// What a declaration is; anything else is an expression.
    pub(super) fn item(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "package_header" | "shebang" => self.add(node, Syntax::Other(Vec::new())),
            "file_annotation" => {
                let inside = self.annotation(node);
                self.add(node, Syntax::Other(inside))
            }
            "import" => self.import(node),
            "class_declaration" => self.class(node),
            "object_declaration" => self.object(node, true),
            "companion_object" => self.object(node, false),
            "function_declaration" => {
                let is_member = is_member(node);
                self.function(node, is_member)
            }
            "secondary_constructor" => self.constructor(node),
            "property_declaration" => self.property(node),
            "anonymous_initializer" => self.first(node),
            "type_alias" => {
                let Some(name) = self.name_in(node, "type") else {
                    return self.gap(node);
                };
                let value = match named(node).last() {
                    Some(ty) => self.ty(*ty),
                    None => self.gap(node),
                };
                self.add(node, Syntax::TypeAlias { name, value })
            }
            _ => self.expression(node),
        }
    }

    /// `import a.b.C`, `import a.b.C as D`, `import a.b.*`
    fn import(&mut self, node: Node<'_>) -> NodeId {
        let parts = named(node);
        let Some(path) = parts.first() else {
            return self.gap(node);
        };
        let words = self.words(*path);
        let is_whole = self.words(node).trim_end().trim_end_matches(';').ends_with(".*");
        let (from, names) = match words.rsplit_once('.') {
            Some((from, imported)) if !is_whole => {
                let local = parts.get(1).copied().or_else(|| named(*path).last().copied());
                let local = local.unwrap_or(*path);
                let name = ImportName {
                    imported: imported.into(),
                    local: self.words(local).into(),
                    bytes: bytes(local),
                };
                (from, vec![name])
            }
            _ => (words, Vec::new()),
        };
        let (from, type_only) = (from.into(), false);
        self.add(node, Syntax::Import { from, names, type_only })
    }

    /// The name of a declaration, without the marks that allow spaces in it.
    pub(super) fn plain_name(&self, node: Node<'_>, field: &str) -> Option<(Box<str>, Bytes)> {
        let (name, at) = self.name_in(node, field)?;
        match name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) {
            Some(inner) => Some((
                inner.into(),
                Bytes {
                    start: at.start + 1,
                    end: at.end - 1,
                },
            )),
            None => Some((name, at)),
        }
    }

    /// `fun a(b: C): D = e`, `fun A.b() { … }`, `fun(a) { … }`
    pub(super) fn function(&mut self, node: Node<'_>, method: bool) -> NodeId {
        let name = self.plain_name(node, "name");
        let decorators = self.annotations(node);
        let parts = named(node);
        let list = parts
            .iter()
            .copied()
            .find(|part| part.kind() == "function_value_parameters");
        let (params, param_types) = list.map_or_else(Default::default, |list| self.parameters(list));
        let body = parts.into_iter().find(|part| part.kind() == "function_body");
        let body = body.map(|body| self.function_body(body));
        self.add(
            node,
            Syntax::Function(Function {
                name,
                params,
                param_types,
                body,
                decorators,
                method,
                constructor: false,
            }),
        )
    }

    /// `{ … }`, `= a`
    fn function_body(&mut self, node: Node<'_>) -> NodeId {
        let is_block = named(node).first().is_some_and(|inner| inner.kind() == "block");
        let body = self.first(node);
        match is_block {
            true => body,
            false => self.given_back(body),
        }
    }

    fn constructor(&mut self, node: Node<'_>) -> NodeId {
        let decorators = self.annotations(node);
        let parts = named(node);
        let find = |kind: &str| parts.iter().copied().find(|part| part.kind() == kind);
        let list = find("function_value_parameters");
        let (params, param_types) = list.map_or_else(Default::default, |list| self.parameters(list));
        let body = match find("block") {
            Some(body) => self.value(body),
            None => {
                let end = bytes(node).end;
                self.add_at(Bytes { start: end, end }, Syntax::Block(Vec::new()))
            }
        };
        self.add(
            node,
            Syntax::Function(Function {
                name: None,
                params,
                param_types,
                body: Some(body),
                decorators,
                method: true,
                constructor: true,
            }),
        )
    }

    /// `val a: B = c`, `val a by lazy { b }`, `val a get() = b`; a property that computes its value is a function without parameters.
    fn property(&mut self, node: Node<'_>) -> NodeId {
        let parts = named(node);
        let find = |kinds: &[&str]| parts.iter().copied().find(|part| kinds.contains(&part.kind()));
        let Some(variable) = find(&["variable_declaration", "multi_variable_declaration"]) else {
            return self.gap(node);
        };
        let getter = find(&["getter"]).into_iter().flat_map(named);
        let getter = getter.into_iter().find(|part| part.kind() == "function_body");
        let name = named(variable).into_iter().find(|part| part.kind() == "identifier");
        if let (Some(body), Some(name)) = (getter, name) {
            let name = Some((self.words(name).into(), bytes(name)));
            let decorators = self.annotations(node);
            let function = Function {
                name,
                body: Some(self.function_body(body)),
                decorators,
                method: true,
                ..Function::default()
            };
            return self.add(node, Syntax::Function(function));
        }
        let value = parts
            .iter()
            .copied()
            .filter(|part| part.start_byte() >= variable.end_byte())
            .find(|part| !matches!(part.kind(), "getter" | "setter" | "type_constraints"));
        let value = value.map(|value| match value.kind() {
            "property_delegate" => self.delegate(value),
            _ => self.value(value),
        });
        if let (true, Some(name)) = (is_member(node), name) {
            let decorators = self.annotations(node);
            let key = Key::Name(self.words(name).into(), bytes(name));
            let ty = named(variable).into_iter().rfind(|part| part.kind().ends_with("_type"));
            let ty = ty.map(|ty| self.ty(ty));
            return self.add(
                node,
                Syntax::Field {
                    key,
                    ty,
                    value,
                    decorators,
                },
            );
        }
        let mut cursor = node.walk();
        let is_constant = node.children(&mut cursor).any(|part| part.kind() == "val");
        let kind = match is_constant {
            true => LetKind::Constant,
            false => LetKind::Variable,
        };
        let (pattern, ty) = self.bound(variable);
        self.add(
            node,
            Syntax::Let {
                kind,
                pattern,
                ty,
                value,
            },
        )
    }

    /// `by lazy { a }` is `a`, sooner or later.
    fn delegate(&mut self, node: Node<'_>) -> NodeId {
        let Some(call) = named(node).first().copied() else {
            return self.gap(node);
        };
        let parts = named(call);
        let lambda = parts.last().and_then(|last| named(*last).last().copied());
        if let (Some(name), Some(lambda)) = (parts.first(), lambda)
            && self.words(*name) == "lazy"
            && lambda.kind() == "lambda_literal"
            && let [only] = named(lambda)[..]
        {
            return self.value(only);
        }
        self.value(call)
    }
}

/// True for what stands in the braces of a type.
fn is_member(node: Node<'_>) -> bool {
    let up = node.parent();
    up.is_some_and(|up| match up.kind() {
        "class_body" | "enum_class_body" => true,
        // The braces of a class that delegates come as a lambda.
        "lambda_literal" => {
            let call = up.parent().and_then(|lambda| lambda.parent());
            let outer = call.and_then(|call| call.parent());
            outer.is_some_and(|outer| outer.kind() == "explicit_delegation")
        }
        _ => false,
    })
}
