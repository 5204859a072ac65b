//! Formats of one name and value for each line: dotenv and Java's properties. Enters: a text. Leaves: [`Data`]; any text is accepted,
//! and a line that is no entry is none.

use super::path::{Data, Name, Value};
use crate::source::Bytes;

/// `KEY=value`, `export KEY="value" # note`.
pub(super) fn dotenv(text: &str) -> Data {
    read(text, |line| {
        let bare = line.trim_start();
        let bare = bare.strip_prefix("export ").map_or(bare, str::trim_start);
        let (name, value) = bare.split_once('=')?;
        let name = name.trim_end();
        let word = |c: char| c.is_alphanumeric() || "_-.".contains(c);
        if name.is_empty() || !name.chars().all(word) {
            return None;
        }
        let value = value.trim();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
        let value = match quote {
            Some(quote) => value[1..].split(quote).next().unwrap_or(""),
            None => value.split(" #").next().unwrap_or("").trim_end(),
        };
        Some((name, value))
    })
}

/// `key=value`, `key: value`, `key value`; `#` and `!` begin a comment. Continued lines are not joined: no switch is that long.
pub(super) fn properties(text: &str) -> Data {
    read(text, |line| {
        let bare = line.trim();
        if bare.starts_with(['#', '!']) {
            return None;
        }
        let end = bare
            .find(|c: char| "=:".contains(c) || c.is_whitespace())
            .unwrap_or(bare.len());
        let (name, rest) = bare.split_at(end);
        let rest = rest.trim_start();
        let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim();
        (!name.is_empty()).then_some((name, value))
    })
}

fn read<'t>(text: &'t str, entry: impl Fn(&'t str) -> Option<(&'t str, &'t str)>) -> Data {
    let (mut entries, mut at) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        // The place of a part of the line, from its offset within the line.
        let place = |part: &str| {
            let offset = (part.as_ptr() as usize)
                .saturating_sub(line.as_ptr() as usize)
                .min(line.len());
            Bytes::new(at + offset, at + offset + part.len())
        };
        if let Some((name, value)) = entry(line.trim_start_matches('\u{feff}')) {
            let data = Data {
                bytes: place(value),
                value: Value::Scalar(value.to_owned()),
            };
            let name = Name {
                text: name.to_owned(),
                bytes: place(name),
            };
            entries.push((name, data));
        }
        at += line.len();
    }
    Data {
        bytes: Bytes::new(0, text.len()),
        value: Value::Map(entries),
    }
}
