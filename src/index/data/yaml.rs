//! YAML. Enters: a text. Leaves: the [`Data`] of each document, with places. Bombs of aliases and deep nesting are refused by the
//! parser's budget.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::path::{Data, Name, Value};
use crate::source::{Bytes, SkipReason};

/// The documents of a text.
pub(super) fn read(text: &str) -> Result<Vec<Data>, SkipReason> {
    let documents: Vec<Spanned<Node>> =
        serde_saphyr::from_multiple(text).map_err(|error| SkipReason::Syntax(error.to_string()))?;
    Ok(documents.iter().map(|document| data(text, document)).collect())
}

/// A node as the parser gives it.
enum Node {
    Null,
    Scalar(String),
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

fn data(text: &str, node: &Spanned<Node>) -> Data {
    let value = match &node.value {
        Node::Null => Value::Null,
        Node::Scalar(scalar) => Value::Scalar(scalar.clone()),
        Node::List(list) => Value::List(list.iter().map(|node| data(text, node)).collect()),
        Node::Map(entries) => {
            let entry = |(name, node): &(Spanned<String>, Spanned<Node>)| {
                let name = Name {
                    text: name.value.clone(),
                    bytes: bytes(text, name.referenced),
                };
                (name, data(text, node))
            };
            Value::Map(entries.iter().map(entry).collect())
        }
    };
    Data {
        bytes: bytes(text, node.referenced),
        value,
    }
}

/// The bytes of a node, without its quotes.
fn bytes(text: &str, location: Location) -> Bytes {
    let span = location.span();
    let number = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok());
    let start = number(span.byte_offset()).unwrap_or(0).min(text.len());
    let end = (start + number(span.byte_len()).unwrap_or(0)).min(text.len());
    let words = text.get(start..end).unwrap_or("").trim_end();
    let quoted = words.len() >= 2 && words.starts_with(['"', '\'']) && words.ends_with(['"', '\'']);
    let inset = usize::from(quoted);
    Bytes::new(
        start + inset,
        (start + words.len()).saturating_sub(inset).max(start + inset),
    )
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any YAML")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_owned()))
    }

    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }
}
