//! Classes, objects, interfaces and enums.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// `class A(val b: C = d) : E(f), G { … }`, `enum class …`, `interface …`
    pub(super) fn class(&mut self, node: Node<'_>) -> NodeId {
        let Some(name) = self.plain_name(node, "name") else {
            return self.gap(node);
        };
        let decorators = self.annotations(node);
        let mut members = self.components(node);
        members.extend(self.members(node));
        if self.has_modifier(node, "enum") {
            return self.add(
                node,
                Syntax::Enum {
                    name,
                    members,
                    decorators,
                },
            );
        }
        let mut cursor = node.walk();
        let is_interface = node.children(&mut cursor).any(|part| part.kind() == "interface");
        let is_signature = |id: &NodeId| match self.at.tree.syntax(*id) {
            Syntax::Function(function) => function.body.is_none(),
            Syntax::Field { value, .. } => value.is_none(),
            _ => false,
        };
        if is_interface && decorators.is_empty() && members.iter().all(is_signature) {
            return self.add(node, Syntax::Interface { name, members });
        }
        let extends = self.bases(node);
        let name = Some(name);
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

    /// `object A : B { … }`, `companion object { … }`: a class; a companion's members are the members of what it stands in.
    pub(super) fn object(&mut self, node: Node<'_>, is_named: bool) -> NodeId {
        let name = self.plain_name(node, "name").filter(|_| is_named);
        let decorators = self.annotations(node);
        let extends = self.bases(node);
        let members = self.members(node);
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

    /// `object : A(b), C { … }`: something new of `A`, and behind its arguments the class without a name that it is of.
    pub(super) fn object_literal(&mut self, node: Node<'_>) -> NodeId {
        let all = specifiers(node);
        let first = all.first().copied();
        let (callee, mut args) = match first {
            Some(first) if first.kind() == "constructor_invocation" => {
                let parts = named(first);
                let callee = parts.first().map(|ty| self.ty_name(*ty));
                let lists = parts.into_iter().filter(|part| part.kind() == "value_arguments");
                let args: Vec<NodeId> = lists.flat_map(named).map(|argument| self.argument(argument)).collect();
                (callee, args)
            }
            Some(first) => (Some(self.base(first)), Vec::new()),
            None => (None, Vec::new()),
        };
        let extends = all.iter().skip(1).map(|specifier| self.base(*specifier)).collect();
        let members = self.members(node);
        let body = named(node).into_iter().find(|part| part.kind() == "class_body");
        // Other bases stand before the braces.
        let whole = body.filter(|_| all.len() == 1).unwrap_or(node);
        let class = Syntax::Class {
            name: None,
            extends,
            members,
            decorators: Vec::new(),
        };
        let class = self.add(whole, class);
        let Some(callee) = callee else { return class };
        args.push(class);
        let type_args = Vec::new();
        self.add(
            node,
            Syntax::New {
                callee,
                type_args,
                args,
            },
        )
    }

    /// What a type extends and implements.
    fn bases(&mut self, node: Node<'_>) -> Vec<NodeId> {
        specifiers(node)
            .into_iter()
            .map(|specifier| self.base(specifier))
            .collect()
    }

    fn base(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "constructor_invocation" => self.construction(node, true),
            "explicit_delegation" => match named(node).first() {
                Some(ty) => self.ty_name(*ty),
                None => self.gap(node),
            },
            _ => self.ty_name(node),
        }
    }

    /// The parameters of the primary constructor are fields.
    fn components(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let constructors = named(node)
            .into_iter()
            .filter(|part| part.kind() == "primary_constructor");
        let lists = constructors
            .flat_map(named)
            .filter(|part| part.kind() == "class_parameters");
        let mut fields = Vec::new();
        for parameter in lists.flat_map(named) {
            let decorators = self.annotations(parameter);
            let parts = named(parameter);
            let Some(name) = parts.iter().copied().find(|part| part.kind() == "identifier") else {
                continue;
            };
            let key = Key::Name(self.words(name).into(), bytes(name));
            let behind: Vec<Node<'_>> = parts
                .into_iter()
                .filter(|part| part.start_byte() >= name.end_byte())
                .collect();
            let ty = behind.first().map(|ty| self.ty(*ty));
            let value = behind.get(1).map(|value| self.value(*value));
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
        let bodies = named(node)
            .into_iter()
            .filter(|part| matches!(part.kind(), "class_body" | "enum_class_body"));
        let bodies: Vec<Node<'_>> = match bodies.collect::<Vec<_>>() {
            none if none.is_empty() => delegated_body(node).into_iter().collect(),
            bodies => bodies,
        };
        let mut members = Vec::new();
        for member in bodies.into_iter().flat_map(named) {
            match member.kind() {
                "enum_entry" => members.extend(self.constant(member)),
                _ => members.push(self.value(member)),
            }
        }
        members
    }

    /// `A`, `A("b", c = d) { … }`: a field whose value is what is made of the arguments.
    fn constant(&mut self, node: Node<'_>) -> Option<NodeId> {
        let parts = named(node);
        let name = parts.iter().copied().find(|part| part.kind() == "identifier")?;
        let decorators = self.annotations(node);
        let behind = parts.iter().copied().find(|part| part.start_byte() >= name.end_byte());
        let value = behind.map(|first| {
            let start = bytes(first).start;
            let callee = self.add_at(Bytes { start, end: start }, Syntax::Name);
            let lists = parts.iter().copied().filter(|part| part.kind() == "value_arguments");
            let mut args: Vec<NodeId> = lists.flat_map(named).map(|argument| self.argument(argument)).collect();
            if let Some(body) = parts.iter().copied().find(|part| part.kind() == "class_body") {
                let members = self.members(node);
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
            let (type_args, end) = (Vec::new(), bytes(node).end);
            self.add_at(
                Bytes { start, end },
                Syntax::New {
                    callee,
                    type_args,
                    args,
                },
            )
        });
        let key = Key::Name(self.words(name).into(), bytes(name));
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
}

/// `class A : B by c { … }`: the grammar takes the braces for a lambda that `c` is called with.
fn delegated_body<'n>(node: Node<'n>) -> Option<Node<'n>> {
    let delegation = specifiers(node)
        .pop()
        .filter(|last| last.kind() == "explicit_delegation")?;
    let call = named(delegation)
        .pop()
        .filter(|last| last.kind() == "call_expression")?;
    let lambda = named(call).pop().filter(|last| last.kind() == "annotated_lambda")?;
    named(lambda).pop()
}

/// What stands behind the colon of a type: constructions, delegations and types.
fn specifiers<'n>(node: Node<'n>) -> Vec<Node<'n>> {
    let lists = named(node)
        .into_iter()
        .filter(|part| part.kind() == "delegation_specifiers");
    let all = lists.flat_map(named);
    all.filter_map(|specifier| named(specifier).into_iter().rfind(|part| part.kind() != "annotation"))
        .collect()
}
