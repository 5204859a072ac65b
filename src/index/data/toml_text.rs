//! TOML. Enters: a text. Leaves: [`Data`] with places. The parser bounds its own depth.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::path::{Data, Name, Value};
use crate::source::{Bytes, SkipReason};

/// The table that a text is.
pub(super) fn read(text: &str) -> Result<Data, SkipReason> {
    let table = DeTable::parse(text).map_err(|error| SkipReason::Syntax(error.message().to_owned()))?;
    Ok(Data {
        bytes: Bytes::new(0, text.len()),
        value: entries(text, table.get_ref()),
    })
}

fn entries(text: &str, table: &DeTable<'_>) -> Value {
    let entry = |(name, value): (&Spanned<toml::de::DeString<'_>>, &Spanned<DeValue<'_>>)| {
        let name = Name {
            text: name.get_ref().to_string(),
            bytes: bytes(text, name.span()),
        };
        (name, data(text, value))
    };
    let mut entries: Vec<(Name, Data)> = table.iter().map(entry).collect();
    entries.sort_by_key(|(name, _)| name.bytes);
    Value::Map(entries)
}

fn data(text: &str, value: &Spanned<DeValue<'_>>) -> Data {
    let bytes = bytes(text, value.span());
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Scalar(text.to_string()),
        DeValue::Integer(number) => Value::Scalar(number.to_string()),
        DeValue::Float(number) => Value::Scalar(number.to_string()),
        DeValue::Boolean(value) => Value::Scalar(value.to_string()),
        DeValue::Datetime(date) => Value::Scalar(date.to_string()),
        DeValue::Array(list) => Value::List(list.iter().map(|value| data(text, value)).collect()),
        DeValue::Table(table) => entries(text, table),
    };
    Data { bytes, value }
}

/// The bytes without quotes.
fn bytes(text: &str, range: std::ops::Range<usize>) -> Bytes {
    let words = text.get(range.clone()).unwrap_or("");
    let quoted = words.len() >= 2 && words.starts_with(['"', '\'']) && words.ends_with(['"', '\'']);
    let inset = usize::from(quoted);
    Bytes::new(range.start + inset, range.end - inset)
}
