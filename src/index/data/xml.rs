//! XML. Enters: a text. Leaves: [`Data`]: an element is a map of its attributes (`@name`) and children, with its text as `#text`; one
//! with neither attributes nor children is its text. Documents that define entities are refused by the parser.

use roxmltree::{Document, Node};

use super::path::{Data, Name, Value};
use crate::source::{Bytes, SkipReason};

/// Elements in elements.
const DEPTH: u32 = 128;

/// The document, as a map with its root.
pub(super) fn read(text: &str) -> Result<Data, SkipReason> {
    if deepest(text) > DEPTH {
        return Err(SkipReason::TooDeep);
    }
    let document = Document::parse(text).map_err(|error| SkipReason::Syntax(error.to_string()))?;
    let root = document.root_element();
    Ok(Data {
        bytes: Bytes::new(0, text.len()),
        value: Value::Map(vec![(name(root), element(root))]),
    })
}

/// How deep elements may lie at most, found before the parser, which recurses, is let loose: an end or an empty element goes up again.
fn deepest(text: &str) -> u32 {
    let (mut depth, mut most) = (0u32, 0);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let next = bytes.get(at + 1);
        match (byte, next) {
            (b'<', Some(b'/')) | (b'/', Some(b'>')) => depth = depth.saturating_sub(1),
            (b'<', Some(c)) if c.is_ascii_alphabetic() || *c == b'_' || !c.is_ascii() => depth += 1,
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

fn name(node: Node<'_, '_>) -> Name {
    let start = node.range().start + 1;
    let text = node.tag_name().name().to_owned();
    Name {
        bytes: Bytes::new(start, start + text.len()),
        text,
    }
}

fn element(node: Node<'_, '_>) -> Data {
    let mut entries: Vec<(Name, Data)> = node
        .attributes()
        .map(|attribute| {
            let (name, value) = (attribute.range_qname(), attribute.range_value());
            let name = Name {
                text: format!("@{}", attribute.name()),
                bytes: Bytes::new(name.start, name.end),
            };
            let value = Data {
                bytes: Bytes::new(value.start, value.end),
                value: Value::Scalar(attribute.value().to_owned()),
            };
            (name, value)
        })
        .collect();
    entries.extend(
        node.children()
            .filter(Node::is_element)
            .map(|child| (name(child), element(child))),
    );
    let whole = Bytes::new(node.range().start, node.range().end);
    let words = words(node);
    if entries.is_empty() {
        return words.unwrap_or(Data {
            bytes: whole,
            value: Value::Scalar(String::new()),
        });
    }
    if let Some(words) = words {
        let text = "#text".to_owned();
        entries.push((
            Name {
                text,
                bytes: words.bytes,
            },
            words,
        ));
    }
    Data {
        bytes: whole,
        value: Value::Map(entries),
    }
}

/// The text of an element without the blanks around it.
fn words(node: Node<'_, '_>) -> Option<Data> {
    let mut pieces = node.children().filter(Node::is_text);
    let first = pieces
        .clone()
        .find(|piece| piece.text().is_some_and(|text| !text.trim().is_empty()))?;
    let (range, source) = (first.range(), first.document().input_text());
    let written = &source[range.clone()];
    let start = range.start + written.len() - written.trim_start().len();
    let text: String = pieces.by_ref().filter_map(|piece| piece.text()).collect();
    Some(Data {
        bytes: Bytes::new(start, start + written.trim().len()),
        value: Value::Scalar(text.trim().to_owned()),
    })
}
