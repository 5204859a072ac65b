//! Classes, interfaces, enums, type aliases, namespaces, decorators.

use super::kinds::{Field, Kind};
use super::text;
use super::walk::{Frame, Part, Walk, find};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// Builds an item; false if it is none.
    pub(super) fn item(&mut self, frame: &Frame, own: &[Part]) -> bool {
        let syntax = match frame.kind {
            Kind::Class => self.class(own),
            Kind::FieldDefinition => self.field(frame, own),
            Kind::EnumAssignment => {
                let value = self.optional(own, Field::Value);
                self.enum_member(own, value)
            }
            Kind::Enum => Syntax::Enum {
                name: self.name(frame, own),
                members: self.enum_members(own),
                decorators: Vec::new(),
            },
            Kind::Interface => Syntax::Interface {
                name: self.name(frame, own),
                members: self.in_field(own, Field::Body),
            },
            Kind::TypeAlias => Syntax::TypeAlias {
                name: self.name(frame, own),
                value: self.wanted(frame, own, Field::Value),
            },
            Kind::Namespace => Syntax::Module {
                name: self.name(frame, own),
                items: Some(self.in_field(own, Field::Body)),
                decorators: Vec::new(),
            },
            Kind::Decorator => {
                let inside = self.first_value(frame, own);
                let node = self.tree.add(frame.bytes, Syntax::Decorator(inside));
                self.push(frame, node);
                return true;
            }
            _ => return self.function_item(frame, own),
        };
        self.add(frame, syntax);
        true
    }

    fn class(&mut self, own: &[Part]) -> Syntax {
        let mut decorators = self.in_field(own, Field::Decorator);
        if self.frames.last().is_some_and(|parent| parent.kind == Kind::Export) {
            decorators.splice(0..0, self.take_decorators());
        }
        Syntax::Class {
            name: find(own, Field::Name).map(|part| (self.slice(part.bytes).into(), part.bytes)),
            extends: self.in_field(own, Field::Value),
            members: self.in_field(own, Field::Body),
            decorators,
        }
    }

    fn field(&mut self, frame: &Frame, own: &[Part]) -> Syntax {
        let mut decorators = self.take_decorators();
        decorators.extend(self.in_field(own, Field::Decorator));
        let nowhere = Bytes {
            start: frame.bytes.start,
            end: frame.bytes.start,
        };
        Syntax::Field {
            key: find(own, Field::Name).map_or(Key::Name("".into(), nowhere), |part| self.key(part)),
            ty: self.optional(own, Field::Type),
            value: self.optional(own, Field::Value),
            decorators,
        }
    }

    fn enum_members(&mut self, own: &[Part]) -> Vec<NodeId> {
        let members = own
            .iter()
            .filter(|part| part.field == Field::Body && part.kind != Kind::Comma);
        let mut nodes = Vec::new();
        for part in members {
            nodes.push(match part.node {
                Some(node) if part.kind != Kind::ComputedName => node,
                _ => {
                    let member = self.enum_member(
                        &[Part {
                            field: Field::Name,
                            ..*part
                        }],
                        None,
                    );
                    self.tree.add(part.bytes, member)
                }
            });
        }
        nodes
    }

    fn enum_member(&mut self, own: &[Part], value: Option<NodeId>) -> Syntax {
        let key = find(own, Field::Name).map(|part| self.key(part));
        Syntax::Field {
            key: key.unwrap_or(Key::Name("".into(), Bytes::default())),
            ty: None,
            value,
            decorators: Vec::new(),
        }
    }

    /// The name of an item; for `declare module 'm'` without quotes.
    fn name(&self, frame: &Frame, own: &[Part]) -> (Box<str>, Bytes) {
        let end = frame.bytes.start;
        let bytes = find(own, Field::Name).map_or(Bytes { start: end, end }, |part| part.bytes);
        (text::inside_quotes(self.slice(bytes)).into(), bytes)
    }
}
