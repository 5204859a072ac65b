//! JSX: elements, their attributes and children.

use super::kinds::{Field, Kind};
use super::text;
use super::walk::{Frame, Part, Walk};
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// Builds an element or attribute; false if it is none.
    pub(super) fn markup(&mut self, frame: &Frame, own: &[Part]) -> bool {
        let syntax = match frame.kind {
            Kind::JsxElement | Kind::JsxSelfClosing => Syntax::Element {
                name: self.optional(own, Field::Name),
                attributes: self.in_field(own, Field::Attribute),
                children: self.children(own),
            },
            Kind::JsxAttribute => self.attribute(frame, own),
            _ => return false,
        };
        self.add(frame, syntax);
        true
    }

    fn children(&mut self, own: &[Part]) -> Vec<NodeId> {
        let children = own
            .iter()
            .filter(|part| !matches!(part.field, Field::Name | Field::Attribute));
        let children: Vec<Part> = children.copied().collect();
        self.values(&children)
    }

    /// An attribute's string has no escapes.
    fn attribute(&mut self, frame: &Frame, own: &[Part]) -> Syntax {
        let start = frame.bytes.start;
        let (name, rest) = match own {
            [name, rest @ ..] => (name.bytes, rest),
            [] => (Bytes { start, end: start }, own),
        };
        let value = rest.iter().find(|part| part.kind.is_value()).copied();
        let value = value.map(|part| match (part.kind, part.node) {
            (Kind::String, None) => {
                let plain = text::inside_quotes(self.slice(part.bytes)).into();
                self.tree.add(part.bytes, Syntax::Text(plain))
            }
            _ => self.node(&part),
        });
        Syntax::Attribute { name, value }
    }
}
