//! Composite literals. Enters: a literal with its type. Leaves: an object, a list in a cast, or a construction. The types of elements may
//! be left out; they follow from the type around them, as far as the file declares it.

use tree_sitter::Node;

use super::build::Build;
use super::text;
use crate::lang::descent::{bytes, in_field, named};
use crate::lang::tree::{Key, NodeId, Syntax, Through};

/// How many types a name may stand for, one after the other.
const HOPS: usize = 8;

/// How the elements of a literal are to be read.
#[derive(Clone)]
enum Shape<'c> {
    /// The keys are expressions.
    Map(Option<Node<'c>>),
    /// There are no keys, or numbers.
    List(Option<Node<'c>>),
    /// The keys are names; without keys these are the fields.
    Struct(Vec<Node<'c>>),
    /// A type that the file does not declare.
    Foreign,
}

impl<'c> Build<'_, 'c> {
    /// `T{…}`
    pub(super) fn composite(&mut self, node: Node<'c>) -> NodeId {
        let (Some(ty), Some(body)) = (node.child_by_field_name("type"), node.child_by_field_name("body")) else {
            let inside = self.expressions(named(node));
            return self.add(node, Syntax::Other(inside));
        };
        let shape = self.shape(ty);
        let elements = named(body);
        let keyed = elements.iter().any(|element| element.kind() == "keyed_element");
        let in_lists = elements.first().is_some_and(|element| is_elided(*element));
        match shape {
            Shape::List(_) if !keyed => {
                let list = self.literal(body, Some(ty));
                self.add(node, Syntax::Wrap(Through::Cast, list))
            }
            // `VersionedSpecs{{…}, {…}}`: a list by another name.
            Shape::Foreign if !keyed && in_lists => {
                let list = self.literal(body, None);
                self.add(node, Syntax::Wrap(Through::Cast, list))
            }
            Shape::Foreign if !keyed && !elements.is_empty() => {
                let callee = self.ty(ty);
                let values = elements.into_iter().map(|element| self.value(element, None));
                let args = values.collect();
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
            shape => {
                let type_name = Some(self.ty(ty));
                let entries = self.entries(elements, &shape);
                self.add(node, Syntax::Object { type_name, entries })
            }
        }
    }

    /// `{…}` whose type is written, or follows from what it stands in.
    fn literal(&mut self, body: Node<'c>, ty: Option<Node<'c>>) -> NodeId {
        self.deeper(body, |build| build.bare_literal(body, ty))
    }

    fn bare_literal(&mut self, body: Node<'c>, ty: Option<Node<'c>>) -> NodeId {
        let shape = ty.map_or(Shape::Foreign, |ty| self.shape(ty));
        let elements = named(body);
        let keyed = elements.iter().any(|element| element.kind() == "keyed_element");
        let syntax = match &shape {
            Shape::List(element) if !keyed => {
                let values = elements.into_iter().map(|one| self.value(one, *element));
                Syntax::Array(values.collect())
            }
            Shape::Foreign if !keyed => {
                let values = elements.into_iter().map(|one| self.value(one, None));
                Syntax::Array(values.collect())
            }
            _ => Syntax::Object {
                type_name: None,
                entries: self.entries(elements, &shape),
            },
        };
        self.add(body, syntax)
    }

    fn entries(&mut self, elements: Vec<Node<'c>>, shape: &Shape<'c>) -> Vec<NodeId> {
        let mut entries = Vec::new();
        for (at, element) in elements.into_iter().enumerate() {
            let key = element.child_by_field_name("key");
            let (key, value, ty) = match (shape, key, element.child_by_field_name("value")) {
                (Shape::Struct(fields), Some(key), Some(value)) => {
                    let ty = fields.iter().find(|field| self.words(**field) == self.words(key));
                    (self.key(key, false), value, ty.and_then(|field| declared_type(*field)))
                }
                (Shape::Struct(fields), None, _) => match fields.get(at) {
                    Some(field) => {
                        let name = Key::Name(self.words(*field).into(), bytes(*field));
                        (name, element, declared_type(*field))
                    }
                    None => {
                        let loose = self.value(element, None);
                        entries.push(loose);
                        continue;
                    }
                },
                (Shape::Map(ty) | Shape::List(ty), Some(key), Some(value)) => (self.key(key, true), value, *ty),
                (Shape::Foreign, Some(key), Some(value)) => (self.key(key, false), value, None),
                _ => {
                    let loose = self.value(element, None);
                    entries.push(loose);
                    continue;
                }
            };
            let value = self.value(value, ty);
            let entry = self.add(element, Syntax::Entry { key, value });
            entries.push(entry);
        }
        entries
    }

    /// The key of an element: a text is a name wherever it stands, a word only in a struct.
    fn key(&mut self, key: Node<'c>, computed: bool) -> Key {
        let inner = named(key).first().copied().filter(|_| key.kind() == "literal_element");
        let key = inner.unwrap_or(key);
        let words = self.words(key);
        match key.kind() {
            "interpreted_string_literal" | "raw_string_literal" => {
                Key::Name(text::string(words), text::inside(words, bytes(key)))
            }
            "identifier" | "field_identifier" if !computed => Key::Name(words.into(), bytes(key)),
            _ => Key::Computed(self.value(key, None)),
        }
    }

    /// An element: an expression, or a literal without its type.
    fn value(&mut self, element: Node<'c>, ty: Option<Node<'c>>) -> NodeId {
        let inner = match element.kind() {
            "literal_element" => named(element).first().copied().unwrap_or(element),
            _ => element,
        };
        match inner.kind() {
            "literal_value" => self.literal(inner, ty),
            _ => self.expression(inner),
        }
    }

    /// What the literals of a type look like.
    fn shape(&self, ty: Node<'c>) -> Shape<'c> {
        let mut ty = ty;
        for _ in 0..HOPS {
            let next = match ty.kind() {
                "map_type" => return Shape::Map(ty.child_by_field_name("value")),
                "slice_type" | "array_type" | "implicit_length_array_type" => {
                    return Shape::List(ty.child_by_field_name("element"));
                }
                "struct_type" => return Shape::Struct(fields(ty)),
                "pointer_type" | "parenthesized_type" => named(ty).first().copied(),
                "type_identifier" => self.types.get(self.words(ty)).copied(),
                _ => None,
            };
            let Some(next) = next else { break };
            ty = next;
        }
        Shape::Foreign
    }
}

fn is_elided(element: Node<'_>) -> bool {
    let inner = named(element).first().copied();
    element.kind() == "literal_value" || inner.is_some_and(|inner| inner.kind() == "literal_value")
}

/// The names of the fields of a struct, in order.
fn fields(ty: Node<'_>) -> Vec<Node<'_>> {
    let list = named(ty).into_iter().flat_map(named);
    list.flat_map(|field| in_field(field, "name")).collect()
}

/// The type that the declaration of a field gives it.
fn declared_type<'c>(name: Node<'c>) -> Option<Node<'c>> {
    name.parent()?.child_by_field_name("type")
}
