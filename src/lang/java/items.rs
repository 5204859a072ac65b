//! Imports, types and their members.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, in_field, named};
use crate::lang::tree::{Function, ImportName, Key, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// What a declaration is; anything else is an expression.
    pub(super) fn item(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            // What it holds stands behind it.
            "package_declaration" => self.add(node, Syntax::Other(Vec::new())),
            "import_declaration" => self.import(node),
            "class_declaration" | "record_declaration" => self.class(node),
            "interface_declaration" | "annotation_type_declaration" => self.interface(node),
            "enum_declaration" => self.enumeration(node),
            "method_declaration" | "constructor_declaration" | "compact_constructor_declaration" => self.function(node),
            "annotation_type_element_declaration" => self.function(node),
            "static_initializer" => self.first(node),
            "field_declaration" | "constant_declaration" => {
                let fields = self.fields(node);
                match fields[..] {
                    [only] => only,
                    _ => self.add(node, Syntax::Other(fields)),
                }
            }
            _ => self.expression(node),
        }
    }

    /// `import a.b.C;`, `import static a.B.c;`, `import a.b.*;`
    fn import(&mut self, node: Node<'_>) -> NodeId {
        let parts = named(node);
        let Some(path) = parts.first() else {
            return self.gap(node);
        };
        let words = self.words(*path);
        let is_whole = parts.iter().any(|part| part.kind() == "asterisk");
        let (from, names) = match path.child_by_field_name("name") {
            Some(name) if !is_whole => {
                let imported = self.words(name);
                let name = ImportName {
                    imported: imported.into(),
                    local: imported.into(),
                    bytes: bytes(name),
                };
                (words.rsplit_once('.').map_or("", |(from, _)| from), vec![name])
            }
            _ => (words, Vec::new()),
        };
        let (from, type_only) = (from.into(), false);
        self.add(node, Syntax::Import { from, names, type_only })
    }

    fn class(&mut self, node: Node<'_>) -> NodeId {
        let name = self.name_in(node, "name");
        let decorators = self.annotations(node);
        let extends = self.bases(node);
        let mut members = Vec::new();
        if let Some(list) = node.child_by_field_name("parameters") {
            members.extend(self.components(list));
        }
        if let Some(body) = node.child_by_field_name("body") {
            members.extend(self.members(body));
        }
        self.add(
            node,
            Syntax::Class {
                name,
                extends,
                members,
                decorators,
            },
        )
    }

    /// What a type extends and implements.
    fn bases(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let mut types = Vec::new();
        for part in named(node) {
            match part.kind() {
                "superclass" => types.extend(named(part)),
                "super_interfaces" | "extends_interfaces" => types.extend(named(part).into_iter().flat_map(named)),
                _ => {}
            }
        }
        types.into_iter().map(|ty| self.ty_name(ty)).collect()
    }

    /// `record A(boolean b)`: parameters that are fields too.
    fn components(&mut self, list: Node<'_>) -> Vec<NodeId> {
        let mut fields = Vec::new();
        for parameter in named(list) {
            let Some((name, at)) = self.name_in(parameter, "name") else {
                continue;
            };
            let key = Key::Name(name, at);
            let decorators = self.annotations(parameter);
            let ty = parameter.child_by_field_name("type").map(|ty| self.ty(ty));
            let value = None;
            fields.push(self.add(
                parameter,
                Syntax::Field {
                    key,
                    ty,
                    value,
                    decorators,
                },
            ));
        }
        fields
    }

    /// The members in the braces of a type.
    pub(super) fn members(&mut self, body: Node<'_>) -> Vec<NodeId> {
        let mut members = Vec::new();
        for member in named(body) {
            match member.kind() {
                "field_declaration" | "constant_declaration" => members.extend(self.fields(member)),
                "enum_constant" => members.extend(self.constant(member)),
                "enum_body_declarations" => members.extend(self.members(member)),
                _ => members.push(self.value(member)),
            }
        }
        members
    }

    fn interface(&mut self, node: Node<'_>) -> NodeId {
        let Some(name) = self.name_in(node, "name") else {
            return self.gap(node);
        };
        let members = node
            .child_by_field_name("body")
            .map_or_else(Vec::new, |body| self.members(body));
        let decorators = self.annotations(node);
        // A constant of an interface is one of a class.
        let has_constants = |id: &NodeId| matches!(self.at.tree.syntax(*id), Syntax::Field { value: Some(_), .. });
        if members.iter().any(has_constants) || !decorators.is_empty() {
            let (name, extends) = (Some(name), self.bases(node));
            return self.add(
                node,
                Syntax::Class {
                    name,
                    extends,
                    members,
                    decorators,
                },
            );
        }
        self.add(node, Syntax::Interface { name, members })
    }

    fn enumeration(&mut self, node: Node<'_>) -> NodeId {
        let Some(name) = self.name_in(node, "name") else {
            return self.gap(node);
        };
        let decorators = self.annotations(node);
        let members = node
            .child_by_field_name("body")
            .map_or_else(Vec::new, |body| self.members(body));
        self.add(
            node,
            Syntax::Enum {
                name,
                members,
                decorators,
            },
        )
    }

    /// `A`, `A("b", c) { … }`: a field whose value is what is made of the arguments.
    fn constant(&mut self, node: Node<'_>) -> Option<NodeId> {
        let (name, at) = self.name_in(node, "name")?;
        let decorators = self.annotations(node);
        let has_any = node
            .child_by_field_name("arguments")
            .or(node.child_by_field_name("body"));
        let value = has_any.map(|first| {
            let start = bytes(first).start;
            let callee = self.add_at(Bytes { start, end: start }, Syntax::Name);
            let mut args = self.arguments(node);
            if let Some(body) = node.child_by_field_name("body") {
                let members = self.members(body);
                args.push(self.add(
                    body,
                    Syntax::Class {
                        name: None,
                        extends: Vec::new(),
                        members,
                        decorators: Vec::new(),
                    },
                ));
            }
            let type_args = Vec::new();
            let whole = Bytes {
                start,
                end: bytes(node).end,
            };
            self.add_at(
                whole,
                Syntax::New {
                    callee,
                    type_args,
                    args,
                },
            )
        });
        let key = Key::Name(name, at);
        let ty = None;
        Some(self.add(
            node,
            Syntax::Field {
                key,
                ty,
                value,
                decorators,
            },
        ))
    }

    fn function(&mut self, node: Node<'_>) -> NodeId {
        let name = self.name_in(node, "name");
        let decorators = self.annotations(node);
        let parameters = node.child_by_field_name("parameters");
        let (params, param_types) = parameters.map_or_else(Default::default, |list| self.parameters(list));
        let body = self.optional(node, "body");
        let constructor = node.kind().ends_with("constructor_declaration");
        let body = match body {
            None if constructor => Some(self.nothing_at_end(node)),
            body => body,
        };
        self.add(
            node,
            Syntax::Function(Function {
                name,
                params,
                param_types,
                body,
                decorators,
                method: true,
                constructor,
            }),
        )
    }

    /// `static final String A = "a", B = "b";`
    fn fields(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let mut fields = Vec::new();
        let declarators = in_field(node, "declarator");
        let only = declarators.len() == 1;
        for (nth, declarator) in declarators.into_iter().enumerate() {
            let Some((name, at)) = self.name_in(declarator, "name") else {
                continue;
            };
            let key = Key::Name(name, at);
            // What stands before the first of several names belongs to it.
            let decorators = match nth {
                0 => self.annotations(node),
                _ => Vec::new(),
            };
            let ty = node.child_by_field_name("type").filter(|_| nth == 0);
            let ty = ty.map(|ty| self.ty(ty));
            let value = self.optional(declarator, "value");
            let start = if nth == 0 {
                node.start_byte()
            } else {
                declarator.start_byte()
            };
            let end = if only { node.end_byte() } else { declarator.end_byte() };
            fields.push(self.add_at(
                Bytes::new(start, end),
                Syntax::Field {
                    key,
                    ty,
                    value,
                    decorators,
                },
            ));
        }
        fields
    }
}
