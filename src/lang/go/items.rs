//! Declarations. Enters: a declaration of the concrete tree. Leaves: its nodes; one declaration may declare many things.

use tree_sitter::Node;

use super::build::Build;
use super::statements::listed;
use super::text;
use crate::lang::descent::{bytes, in_field, named};
use crate::lang::tree::{Function, ImportName, LetKind, NodeId, Syntax};
use crate::source::Bytes;

impl<'c> Build<'_, 'c> {
    /// The nodes of a declaration, or of whatever else stands at the top level of broken text.
    pub(super) fn item(&mut self, node: Node<'c>) -> Vec<NodeId> {
        match node.kind() {
            "import_declaration" => self.imports(node),
            "const_declaration" | "var_declaration" => self.specs(node),
            "type_declaration" => self.types(node),
            "function_declaration" => vec![self.deeper(node, |build| build.declaration(node))],
            "method_declaration" => vec![self.deeper(node, |build| build.method(node))],
            _ => self.statement(node),
        }
    }

    fn imports(&mut self, node: Node<'c>) -> Vec<NodeId> {
        let mut all = Vec::new();
        for child in named(node) {
            match child.kind() {
                "import_spec_list" => all.extend(self.imports(child)),
                "import_spec" => all.push(self.import(child)),
                _ => all.extend(self.statement(child)),
            }
        }
        all
    }

    /// `import alias "path"`: the whole package, under its alias or the name that its path gives it.
    fn import(&mut self, node: Node<'c>) -> NodeId {
        let path = node.child_by_field_name("path");
        let from = path.map_or("".into(), |path| text::string(self.words(path)));
        let alias = node.child_by_field_name("name");
        let name = match (alias, path) {
            (Some(alias), _) => match self.words(alias) {
                "_" | "." => None,
                name => Some((name.into(), bytes(alias))),
            },
            (None, Some(path)) => package_name(&from).map(|name| {
                let start = path.start_byte() + self.words(path).rfind(name).unwrap_or(0);
                (name.into(), Bytes::new(start, start + name.len()))
            }),
            (None, None) => None,
        };
        let names = name.into_iter().map(|(local, bytes)| ImportName {
            imported: "*".into(),
            local,
            bytes,
        });
        let names = names.collect();
        self.add(
            node,
            Syntax::Import {
                from,
                names,
                type_only: false,
            },
        )
    }

    /// The constants or variables of a declaration; the only one of it covers all of it.
    fn specs(&mut self, node: Node<'c>) -> Vec<NodeId> {
        let kind = if node.kind() == "const_declaration" {
            LetKind::Constant
        } else {
            LetKind::Variable
        };
        let mut all = Vec::new();
        let mut open = named(node);
        open.reverse();
        let single = !is_grouped(node);
        while let Some(spec) = open.pop() {
            match spec.kind() {
                "var_spec_list" => open.extend(named(spec).into_iter().rev()),
                "const_spec" | "var_spec" => {
                    let names = in_field(spec, "name");
                    let names = names
                        .into_iter()
                        .filter(|name| name.kind().contains("identifier"))
                        .collect();
                    let ty = spec.child_by_field_name("type");
                    let values = spec.child_by_field_name("value").map(listed).unwrap_or_default();
                    let around = if single { node } else { spec };
                    all.extend(self.lets(around, kind, names, ty, values));
                }
                _ => all.extend(self.statement(spec)),
            }
        }
        all
    }

    fn types(&mut self, node: Node<'c>) -> Vec<NodeId> {
        let specs = named(node);
        let single = !is_grouped(node);
        let mut all = Vec::new();
        for spec in specs {
            match spec.kind() {
                "type_spec" | "type_alias" => {
                    let around = if single { node } else { spec };
                    all.push(self.deeper(spec, |build| build.type_spec(around, spec)));
                }
                _ => all.extend(self.statement(spec)),
            }
        }
        all
    }

    fn type_spec(&mut self, around: Node<'c>, spec: Node<'c>) -> NodeId {
        let name = self.name(spec);
        let Some(ty) = spec.child_by_field_name("type") else {
            let value = self.absent(spec, Syntax::Error(Vec::new()));
            return self.add(around, Syntax::TypeAlias { name, value });
        };
        let syntax = match ty.kind() {
            "struct_type" => Syntax::Class {
                name: Some(name),
                extends: Vec::new(),
                members: self.members(ty),
                decorators: Vec::new(),
            },
            "interface_type" => Syntax::Interface {
                name,
                members: self.members(ty),
            },
            _ => Syntax::TypeAlias {
                name,
                value: self.ty(ty),
            },
        };
        self.add(around, syntax)
    }

    fn name(&self, node: Node<'c>) -> (Box<str>, Bytes) {
        match node.child_by_field_name("name") {
            Some(name) => (self.words(name).into(), bytes(name)),
            None => {
                let at = node.start_byte();
                ("".into(), Bytes::new(at, at))
            }
        }
    }

    fn declaration(&mut self, node: Node<'c>) -> NodeId {
        let function = Function {
            name: Some(self.name(node)),
            ..self.function(node)
        };
        self.add(node, Syntax::Function(function))
    }

    /// `func (s *Service) Name(…) {…}`
    fn method(&mut self, node: Node<'c>) -> NodeId {
        let function = Function {
            name: Some(self.name(node)),
            method: true,
            ..self.function(node)
        };
        let function = self.add(node, Syntax::Function(function));
        let receiver = node.child_by_field_name("receiver");
        let param = receiver.and_then(|receiver| named(receiver).first().copied());
        let ty = param.and_then(|param| param.child_by_field_name("type"));
        let target = match ty.and_then(named_type) {
            Some(name) => self.ty(name),
            None => self.absent(node, Syntax::Error(Vec::new())),
        };
        let mut members = Vec::new();
        if let Some(param) = param
            && let Some(name) = param.child_by_field_name("name")
        {
            let pattern = self.pattern(name);
            let bound = Syntax::Let {
                kind: LetKind::Constant,
                pattern,
                ty: ty.map(|ty| self.ty(ty)),
                value: None,
            };
            let bound = self.add(param, bound);
            members.push(self.add(param, Syntax::Other(vec![bound])));
        }
        members.push(function);
        self.add(
            node,
            Syntax::Impl {
                of: None,
                target,
                members,
                decorators: Vec::new(),
            },
        )
    }
}

/// `const ( … )`
fn is_grouped(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    let children = node.children(&mut cursor);
    let mut children = children.filter(|child| child.kind() != "comment").skip(1);
    children
        .next()
        .is_none_or(|child| matches!(child.kind(), "(" | "var_spec_list"))
}

/// The name in `T`, `*T`, `*T[A]`.
fn named_type(ty: Node<'_>) -> Option<Node<'_>> {
    let mut ty = ty;
    for _ in 0..8 {
        match ty.kind() {
            "type_identifier" => return Some(ty),
            "generic_type" => ty = ty.child_by_field_name("type")?,
            _ => ty = named(ty).first().copied()?,
        }
    }
    None
}

/// What a package is called by the end of its path: `/v2`, `.v3`, `go-` and `-go` are no part of the name.
fn package_name(path: &str) -> Option<&str> {
    let is_version =
        |part: &str| part.len() > 1 && part.starts_with('v') && part[1..].bytes().all(|b| b.is_ascii_digit());
    let last = path.rsplit('/').find(|part| !is_version(part))?;
    let last = match last.rsplit_once('.') {
        Some((name, version)) if is_version(version) || version == "go" => name,
        _ => last,
    };
    let last = last.strip_prefix("go-").unwrap_or(last);
    let last = last.strip_suffix("-go").unwrap_or(last);
    (!last.is_empty()).then_some(last)
}
