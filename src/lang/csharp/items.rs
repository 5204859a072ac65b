//! Namespaces, types and their members.

use tree_sitter::Node;

use super::Walk;
use super::calls::plain_name;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{Function, ImportName, Key, NodeId, Syntax};

impl Walk<'_> {
    /// What a declaration is; anything else is an expression.
    pub(super) fn item(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "namespace_declaration" => self.namespace(node),
            // What it holds stands behind it.
            "file_scoped_namespace_declaration" => self.add(node, Syntax::Other(Vec::new())),
            "using_directive" => self.using(node),
            "class_declaration" | "struct_declaration" | "record_declaration" => self.class(node),
            "interface_declaration" => self.interface(node),
            "enum_declaration" => self.enumeration(node),
            "method_declaration"
            | "local_function_statement"
            | "constructor_declaration"
            | "destructor_declaration"
            | "operator_declaration"
            | "conversion_operator_declaration" => self.function(node),
            "property_declaration" | "indexer_declaration" => self.property(node),
            "field_declaration" | "event_field_declaration" => {
                let fields = self.fields(node);
                match fields[..] {
                    [only] => only,
                    _ => self.add(node, Syntax::Other(fields)),
                }
            }
            "global_attribute" | "attribute_list" => {
                let inside = self.attributes_in(node);
                self.add(node, Syntax::Other(inside))
            }
            _ => self.expression(node),
        }
    }

    fn namespace(&mut self, node: Node<'_>) -> NodeId {
        let Some(name) = self.name_in(node, "name") else {
            return self.gap(node);
        };
        let inside = node.child_by_field_name("body").map_or_else(Vec::new, named);
        let items = Some(self.statements(&inside));
        let decorators = Vec::new();
        self.add(
            node,
            Syntax::Module {
                name,
                items,
                decorators,
            },
        )
    }

    /// `using A.B;`, `using C = A.B;`
    fn using(&mut self, node: Node<'_>) -> NodeId {
        let Some(module) = named(node).last().copied() else {
            return self.gap(node);
        };
        let words = self.words(module);
        let (from, names) = match node.child_by_field_name("name") {
            Some(local) if local.id() != module.id() => {
                let (from, imported) = words.rsplit_once('.').unwrap_or(("", words));
                let name = ImportName {
                    imported: imported.into(),
                    local: self.words(local).into(),
                    bytes: bytes(local),
                };
                (from, vec![name])
            }
            _ => (words, Vec::new()),
        };
        let import = Syntax::Import {
            from: from.into(),
            names,
            type_only: false,
        };
        self.add(node, import)
    }

    fn class(&mut self, node: Node<'_>) -> NodeId {
        let name = self.name_in(node, "name");
        let decorators = self.attributes(node);
        let extends = self.bases(node);
        let mut members = Vec::new();
        let parameters = named(node).into_iter().find(|part| part.kind() == "parameter_list");
        if let Some(list) = parameters {
            members.extend(self.positional(list));
        }
        members.extend(self.members(node));
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

    fn bases(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let list = named(node).into_iter().find(|part| part.kind() == "base_list");
        let types = list.map_or_else(Vec::new, named).into_iter();
        let types = types.filter(|ty| ty.kind() != "argument_list");
        types.map(|ty| self.ty_name(ty)).collect()
    }

    /// `record A(bool B = false)`: parameters that are fields too.
    fn positional(&mut self, list: Node<'_>) -> Vec<NodeId> {
        let mut fields = Vec::new();
        for parameter in named(list).into_iter().filter(|part| part.kind() == "parameter") {
            let Some(name) = parameter.child_by_field_name("name") else {
                continue;
            };
            let key = Key::Name(self.words(name).into(), bytes(name));
            let decorators = self.attributes(parameter);
            let ty = parameter.child_by_field_name("type").map(|ty| self.ty(ty));
            let value = named(parameter)
                .into_iter()
                .rfind(|part| part.start_byte() >= name.end_byte());
            let value = value.map(|value| self.value(value));
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

    fn members(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let mut members = Vec::new();
        for member in node.child_by_field_name("body").map_or_else(Vec::new, named) {
            match member.kind() {
                "field_declaration" | "event_field_declaration" => members.extend(self.fields(member)),
                _ => members.push(self.value(member)),
            }
        }
        members
    }

    fn interface(&mut self, node: Node<'_>) -> NodeId {
        let Some(name) = self.name_in(node, "name") else {
            return self.gap(node);
        };
        let members = self.members(node);
        self.add(node, Syntax::Interface { name, members })
    }

    fn enumeration(&mut self, node: Node<'_>) -> NodeId {
        let Some(name) = self.name_in(node, "name") else {
            return self.gap(node);
        };
        let decorators = self.attributes(node);
        let mut members = Vec::new();
        for member in node.child_by_field_name("body").map_or_else(Vec::new, named) {
            let Some(key) = self.key_of(member) else { continue };
            let decorators = self.attributes(member);
            let (ty, value) = (None, self.optional(member, "value"));
            members.push(self.add(
                member,
                Syntax::Field {
                    key,
                    ty,
                    value,
                    decorators,
                },
            ));
        }
        self.add(
            node,
            Syntax::Enum {
                name,
                members,
                decorators,
            },
        )
    }

    fn key_of(&mut self, node: Node<'_>) -> Option<Key> {
        let (name, at) = self.name_in(node, "name")?;
        Some(Key::Name(name, at))
    }

    fn function(&mut self, node: Node<'_>) -> NodeId {
        let name = self.name_in(node, "name");
        let decorators = self.attributes(node);
        let parameters = node.child_by_field_name("parameters");
        let (params, param_types) = parameters.map_or_else(Default::default, |list| self.parameters(list));
        let body = self.body(node);
        self.add(
            node,
            Syntax::Function(Function {
                name,
                params,
                param_types,
                body,
                decorators,
                method: node.kind() != "local_function_statement",
                constructor: node.kind() == "constructor_declaration",
            }),
        )
    }

    /// A property that holds a value is a field; one that computes it is a function without parameters.
    fn property(&mut self, node: Node<'_>) -> NodeId {
        let decorators = self.attributes(node);
        let value = node.child_by_field_name("value");
        let accessors = node.child_by_field_name("accessors").map_or_else(Vec::new, named);
        let getter = accessors.into_iter().find(|accessor| {
            self.words(*accessor).trim_start().starts_with("get") && accessor.child_by_field_name("body").is_some()
        });
        let body = match (value, getter) {
            (Some(arrow), _) if arrow.kind() == "arrow_expression_clause" => {
                let value = self.first(arrow);
                Some(self.given_back(value))
            }
            (_, Some(getter)) => self.body(getter),
            _ => None,
        };
        if body.is_some() {
            let function = Function {
                name: self.name_in(node, "name"),
                body,
                decorators,
                method: true,
                ..Function::default()
            };
            return self.add(node, Syntax::Function(function));
        }
        let Some(key) = self.key_of(node) else {
            return self.gap(node);
        };
        let ty = node.child_by_field_name("type").map(|ty| self.ty(ty));
        let value = value.map(|value| self.value(value));
        self.add(
            node,
            Syntax::Field {
                key,
                ty,
                value,
                decorators,
            },
        )
    }

    /// `const string A = "a", B = "b";`
    fn fields(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let mut fields = Vec::new();
        let declarations = named(node)
            .into_iter()
            .filter(|part| part.kind() == "variable_declaration");
        for declaration in declarations {
            let declarators: Vec<Node<'_>> = named(declaration)
                .into_iter()
                .filter(|part| part.kind() == "variable_declarator")
                .collect();
            let only = declarators.len() == 1;
            for declarator in declarators {
                let Some(key) = self.key_of(declarator) else { continue };
                let decorators = if fields.is_empty() {
                    self.attributes(node)
                } else {
                    Vec::new()
                };
                let ty = declaration.child_by_field_name("type").map(|ty| self.ty(ty));
                let value = named(declarator)
                    .into_iter()
                    .skip(1)
                    .rfind(|part| part.kind() != "bracketed_argument_list");
                let value = value.map(|value| self.value(value));
                fields.push(self.add(
                    if only { node } else { declarator },
                    Syntax::Field {
                        key,
                        ty,
                        value,
                        decorators,
                    },
                ));
            }
        }
        fields
    }

    /// The attributes before a declaration.
    fn attributes(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let lists = named(node).into_iter().filter(|part| part.kind() == "attribute_list");
        lists.flat_map(|list| self.attributes_in(list)).collect()
    }

    /// `[A, B("c", D = e)]`
    fn attributes_in(&mut self, list: Node<'_>) -> Vec<NodeId> {
        let attributes = named(list).into_iter().filter(|part| part.kind() == "attribute");
        attributes.map(|attribute| self.attribute(attribute)).collect()
    }

    fn attribute(&mut self, node: Node<'_>) -> NodeId {
        let Some(name) = node.child_by_field_name("name") else {
            return self.gap(node);
        };
        let callee = match name.kind() {
            "generic_name" => self.add_at(plain_name(name), Syntax::Name),
            _ => self.value(name),
        };
        let arguments = named(node)
            .into_iter()
            .find(|part| part.kind() == "attribute_argument_list");
        let inner = match arguments {
            Some(list) => {
                let args = named(list)
                    .into_iter()
                    .map(|argument| self.attribute_argument(argument))
                    .collect();
                let type_args = Vec::new();
                self.add(
                    node,
                    Syntax::Call {
                        callee,
                        type_args,
                        args,
                    },
                )
            }
            None => callee,
        };
        self.add(node, Syntax::Decorator(inner))
    }

    fn attribute_argument(&mut self, node: Node<'_>) -> NodeId {
        let value = match named(node).last() {
            Some(value) => self.value(*value),
            None => self.gap(node),
        };
        match node.child_by_field_name("name") {
            Some(name) => self.add(
                node,
                Syntax::Attribute {
                    name: bytes(name),
                    value: Some(value),
                },
            ),
            None => value,
        }
    }
}
