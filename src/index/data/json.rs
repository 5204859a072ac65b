//! JSON with comments and trailing commas. Enters: a text. Leaves: [`Data`] with places. The parser bounds its own depth.

use std::borrow::Cow;

use jsonc_parser::ast::{ObjectPropName, Value as Node};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::path::{Data, Name, Value};
use crate::source::{Bytes, SkipReason};

/// The one value of a text.
pub(super) fn read(text: &str) -> Result<Data, SkipReason> {
    // Blanks as wide as the mark keep every place where it is.
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => Cow::Owned(format!("   {rest}")),
        None => Cow::Borrowed(text),
    };
    let options = ParseOptions {
        allow_missing_commas: false,
        ..ParseOptions::default()
    };
    let parsed = parse_to_ast(&text, &CollectOptions::default(), &options).map_err(|error| match error.kind() {
        ParseErrorKind::NestingDepthExceeded => SkipReason::TooDeep,
        _ => SkipReason::Syntax(error.to_string()),
    })?;
    parsed
        .value
        .map_or_else(|| Err(SkipReason::Syntax("no value".into())), |value| Ok(data(&value)))
}

fn data(node: &Node<'_>) -> Data {
    let range = node.range();
    let scalar = |text: &str| Value::Scalar(text.to_owned());
    let (value, inset) = match node {
        Node::StringLit(text) => (scalar(&text.value), 1),
        Node::NumberLit(number) => (scalar(number.value), 0),
        Node::BooleanLit(word) => (scalar(if word.value { "true" } else { "false" }), 0),
        Node::NullKeyword(_) => (Value::Null, 0),
        Node::Array(list) => (Value::List(list.elements.iter().map(data).collect()), 0),
        Node::Object(object) => {
            let entries = object.properties.iter();
            (
                Value::Map(entries.map(|entry| (name(&entry.name), data(&entry.value))).collect()),
                0,
            )
        }
    };
    let bytes = Bytes::new(range.start + inset, range.end - inset);
    Data { bytes, value }
}

/// A name with its place, without its quotes.
fn name(name: &ObjectPropName<'_>) -> Name {
    let (range, inset) = match name {
        ObjectPropName::String(text) => (text.range, 1),
        ObjectPropName::Word(word) => (word.range, 0),
    };
    Name {
        text: name.as_str().to_owned(),
        bytes: Bytes::new(range.start + inset, range.end - inset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_value() {
        let data = read("\u{feff}{\"a\": true}").expect("JSON");
        let Value::Map(entries) = data.value else {
            panic!("a map")
        };
        assert_eq!(
            (entries[0].0.text.as_str(), entries[0].0.bytes),
            ("a", Bytes::new(5, 6))
        );
    }
}
