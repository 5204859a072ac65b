//! Functions of every form, and their parameters.

use super::kinds::{Field, Kind};
use super::walk::{Frame, Part, Walk, find};
use crate::lang::tree::{Function, Key, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// Builds a function or a parameter; false if it is none.
    pub(super) fn function_item(&mut self, frame: &Frame, own: &[Part]) -> bool {
        match frame.kind {
            Kind::Function | Kind::Arrow => {
                let function = Function {
                    name: find(own, Field::Name).map(|part| (self.slice(part.bytes).into(), part.bytes)),
                    ..self.function(own)
                };
                self.add(frame, Syntax::Function(function));
            }
            Kind::Method => self.method(frame, own),
            Kind::Parameter => self.parameter(frame, own),
            _ => return false,
        }
        true
    }

    fn function(&mut self, own: &[Part]) -> Function {
        let is_param = |part: &&Part| {
            matches!(part.field, Field::Parameters | Field::Parameter)
                && part.kind.is_value()
                && part.kind != Kind::Property
        };
        let (mut params, mut param_types) = (Vec::new(), Vec::new());
        for part in own.iter().filter(is_param) {
            params.push(self.node(part));
            param_types.push(part.ty);
        }
        Function {
            params,
            param_types,
            body: self.body(own),
            ..Function::default()
        }
    }

    /// A block, or the value that an arrow returns.
    fn body(&mut self, own: &[Part]) -> Option<NodeId> {
        let part = find(own, Field::Body)?;
        let body = self.node(part);
        let is_block = part.kind == Kind::Block;
        Some(if is_block {
            body
        } else {
            self.tree.add(self.tree.bytes(body), Syntax::Return(Some(body)))
        })
    }

    /// A method of a class, an interface or an object. With a computed name it is the value of an entry or field of that name.
    fn method(&mut self, frame: &Frame, own: &[Part]) {
        let decorators = self.take_decorators();
        let key = find(own, Field::Name).map(|part| self.key(part));
        let function = self.function(own);
        let in_object = self.frames.last().is_some_and(|parent| parent.kind == Kind::Object);
        match key {
            Some(key @ Key::Computed(_)) => {
                let function = Function {
                    method: true,
                    ..function
                };
                let value = self.tree.add(frame.bytes, Syntax::Function(function));
                let syntax = match in_object {
                    true => Syntax::Entry { key, value },
                    false => Syntax::Field {
                        key,
                        ty: None,
                        value: Some(value),
                        decorators,
                    },
                };
                self.add(frame, syntax);
            }
            key => {
                let name = match key {
                    Some(Key::Name(name, bytes)) => Some((name, bytes)),
                    _ => None,
                };
                let constructor = !in_object && name.as_ref().is_some_and(|(name, _)| &**name == "constructor");
                let function = Function {
                    name,
                    decorators,
                    method: true,
                    constructor,
                    ..function
                };
                self.add(frame, Syntax::Function(function));
            }
        }
        // The fields that a constructor's parameters declare are members of the class too.
        let fields = own.iter().filter(|part| part.kind == Kind::Property);
        self.parts.extend(fields.map(|part| Part {
            field: Field::None,
            ..*part
        }));
    }

    fn parameter(&mut self, frame: &Frame, own: &[Part]) {
        let Some(pattern) = find(own, Field::Pattern).or_else(|| find(own, Field::Name)) else {
            self.tree.truncate(frame.nodes);
            return;
        };
        // `this: T` is no parameter, only a type.
        if self.slice(pattern.bytes) == "this" {
            self.tree.truncate(frame.nodes);
            return;
        }
        let (name, bytes) = (self.slice(pattern.bytes).into(), pattern.bytes);
        let ty = self.optional(own, Field::Type);
        // `[a: T]`: a label, not a parameter.
        if self.frames.last().is_some_and(|parent| parent.kind == Kind::Type) {
            if let Some(ty) = ty {
                self.push(frame, ty);
            }
            return;
        }
        let mut node = self.node(pattern);
        if let Some(default) = self.optional(own, Field::Value) {
            let whole = Bytes {
                start: bytes.start,
                end: frame.bytes.end,
            };
            node = self.tree.add(whole, Syntax::Default { pattern: node, default });
        }
        let is_field = own.iter().any(|part| part.kind == Kind::Modifier);
        self.push(frame, node);
        if let Some(part) = self.parts.last_mut().filter(|_| !is_field) {
            part.ty = ty;
        }
        if is_field {
            let syntax = Syntax::Field {
                key: Key::Name(name, bytes),
                ty,
                value: None,
                decorators: Vec::new(),
            };
            let field = self.tree.add(frame.bytes, syntax);
            self.push_as(Kind::Property, frame, field);
        }
    }

    /// The decorators that stand before the item that was just finished, in its parent.
    pub(super) fn take_decorators(&mut self) -> Vec<NodeId> {
        let first = self.frames.last().map_or(0, |parent| parent.first);
        let mut taken = Vec::new();
        self.parts
            .extract_if(first.., |part| part.kind == Kind::Decorator)
            .for_each(|part| taken.extend(part.node));
        taken
    }
}
