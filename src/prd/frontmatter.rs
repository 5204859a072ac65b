//! Front matter. Enters: the text of a document. Leaves: a tree of [`Field`]s with their places, where the body begins, and what
//! was broken. Knows YAML (`---`) and TOML (`+++`); knows nothing of what the keys mean.

mod behind;
#[cfg(test)]
mod tests;
mod twice;

pub(crate) use twice::twice;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};
use toml::de::{DeTable, DeValue};

use crate::source::Bytes;

/// Deeper than any list or map that a person writes at the head of a document.
const MAX_DEPTH: usize = 12;

/// A key and its value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Field {
    /// The key as written.
    pub(crate) key: String,
    /// Where it stands.
    pub(crate) key_bytes: Bytes,
    /// What it is set to.
    pub(crate) value: Value,
}

/// A value with its place.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Value {
    /// Where it stands, without quotes.
    pub(crate) bytes: Bytes,
    /// What it is.
    pub(crate) data: Data,
}

/// The three shapes that matter.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Data {
    /// Null, or nothing after the key.
    Nothing,
    /// Text, a number, a boolean: as written.
    Scalar(String),
    /// A list.
    List(Vec<Value>),
    /// A map, in the order of the text.
    Map(Vec<Field>),
}

/// The head of a document.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct FrontMatter {
    /// Its fields; empty where there is no front matter or it is broken.
    pub(crate) fields: Vec<Field>,
    /// The byte at which the body begins.
    pub(crate) body: usize,
    /// What was broken: a sentence and its place.
    pub(crate) problem: Option<(String, Bytes)>,
}

/// The language of a head, as its fence tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fence {
    /// `---`
    Yaml,
    /// `+++`
    Toml,
}

/// Where the head of a document lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Frame {
    /// Its language.
    pub(crate) fence: Fence,
    /// The first byte behind the line of the first fence.
    pub(crate) inside: usize,
    /// Where the closing fence begins.
    pub(crate) end: usize,
}

/// The byte at which a document begins: behind a byte order mark.
pub(crate) fn start(text: &str) -> usize {
    if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    }
}

/// The first fence, and the byte behind its line.
fn opening(text: &str) -> Option<(&'static str, usize)> {
    let (start, rest) = (start(text), &text[start(text)..]);
    let fence = match rest.lines().next().map(str::trim_end) {
        Some("---") => "---",
        Some("+++") => "+++",
        _ => return None,
    };
    Some((fence, start + rest.find('\n').map_or(rest.len(), |at| at + 1)))
}

/// Where the head of `text` lies, if it has one that is closed.
pub(crate) fn frame(text: &str) -> Option<Frame> {
    let (fence, inside) = opening(text)?;
    let (end, _) = closing(text, inside, fence)?;
    let fence = if fence == "---" { Fence::Yaml } else { Fence::Toml };
    Some(Frame { fence, inside, end })
}

/// Reads the front matter of `text`, if it has any.
pub(crate) fn read(text: &str) -> FrontMatter {
    let start = start(text);
    let Some((fence, inside)) = opening(text) else {
        return FrontMatter {
            body: start,
            problem: behind::others(text),
            ..FrontMatter::default()
        };
    };
    let Some((end, body)) = closing(text, inside, fence) else {
        return unclosed(text, start, inside, fence);
    };
    let parsed = if fence == "---" {
        yaml(text, inside, end)
    } else {
        toml_fields(text, inside, end)
    };
    match parsed {
        Ok(fields) => FrontMatter {
            fields,
            body,
            problem: None,
        },
        Err(problem) => FrontMatter {
            fields: Vec::new(),
            body,
            problem: Some(problem),
        },
    }
}

/// Where the closing fence begins, and where the line after it does.
fn closing(text: &str, inside: usize, fence: &str) -> Option<(usize, usize)> {
    let mut at = inside;
    for line in text[inside..].split_inclusive('\n') {
        let words = line.trim_end();
        if words == fence || (fence == "---" && words == "...") {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// A first line of `---` is a thematic break unless a head follows; `+++` is nothing else in Markdown.
fn unclosed(text: &str, start: usize, inside: usize, fence: &str) -> FrontMatter {
    let mut lines = text[inside..].lines();
    let next = lines.next().unwrap_or("");
    // "# ours", and then a key: a comment of YAML, or a heading and a sentence.
    let mut noted = || {
        let key = lines.find(|line| !line.starts_with('#')).unwrap_or("");
        next.starts_with('#') && key.starts_with(|c: char| c.is_ascii_lowercase()) && is_key(key)
    };
    let is_head = fence == "+++" || is_key(next) || is_map(next.trim_start()) || noted();
    let problem = is_head.then(|| {
        let sentence = format!("the front matter is never closed: a line `{fence}` is missing");
        (sentence, Bytes::new(start, start + fence.len()))
    });
    let body = if is_head { inside } else { start };
    FrontMatter {
        fields: Vec::new(),
        body,
        problem,
    }
}

/// `{ id: a }`; `{{< toc >}}`, `{% raw %}` and `{{ x }}` are for a generator of pages.
fn is_map(line: &str) -> bool {
    let template = line.starts_with("{%") || (line.starts_with("{{") && line.contains("}}"));
    line.starts_with('{') && !template
}

/// `depends_on: [3]`, `"id" = 4`
fn is_key(line: &str) -> bool {
    line.split_once([':', '=']).is_some_and(|(key, _)| {
        let key = key.trim().trim_matches(['"', '\'']);
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    })
}

// --- YAML ---

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Data;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Data, E> {
        Ok(Data::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Data, E> {
        Ok(Data::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Data, E> {
        Ok(Data::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Data, E> {
        Ok(Data::Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Data, E> {
        Ok(Data::Scalar(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Data, E> {
        Ok(Data::Nothing)
    }

    fn visit_none<E>(self) -> Result<Data, E> {
        Ok(Data::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        Data::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Data, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Data>>()? {
            list.push(raw(item));
        }
        Ok(Data::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Data, A::Error> {
        let mut fields = Vec::new();
        while let Some(key) = entries.next_key::<Spanned<String>>()? {
            let value = entries.next_value::<Spanned<Data>>()?;
            fields.push(Field {
                key_bytes: location(&key),
                key: key.value,
                value: raw(value),
            });
        }
        Ok(Data::Map(fields))
    }
}

fn location<T>(spanned: &Spanned<T>) -> Bytes {
    let span = spanned.referenced.span();
    let start = span.byte_offset().unwrap_or(0);
    let cut = |n: u64| usize::try_from(n).unwrap_or(0);
    Bytes::new(cut(start), cut(start.saturating_add(span.byte_len().unwrap_or(0))))
}

fn raw(item: Spanned<Data>) -> Value {
    Value {
        bytes: location(&item),
        data: item.value,
    }
}

fn yaml(text: &str, start: usize, end: usize) -> Result<Vec<Field>, (String, Bytes)> {
    let inside = &text[start..end];
    if inside
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
    {
        return Ok(Vec::new());
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_events: 20_000,
            max_nodes: 10_000,
            max_aliases: 100,
            max_anchors: 100,
            max_documents: 1,
        },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
    };
    let root: Spanned<Data> = serde_saphyr::from_str_with_options(inside, options).map_err(|error| {
        let at = error
            .location()
            .and_then(|location| location.span().byte_offset())
            .unwrap_or(0);
        let line = error.location().map_or(1, |location| location.line());
        let lines = usize::try_from(line.saturating_sub(1)).unwrap_or(0);
        let before: usize = inside.split_inclusive('\n').take(lines).map(str::len).sum();
        let at = start + usize::try_from(at).unwrap_or(0).max(before).min(inside.len());
        let why = error.to_string();
        let why = why.lines().next().unwrap_or_default().trim_end_matches(':');
        // The place is told by the finding, in lines of the whole document.
        let why = why.strip_prefix("error: ").unwrap_or(why);
        let why = match why.split_once(": ") {
            Some((place, rest)) if place.starts_with("line ") => rest.to_owned(),
            _ => why.to_owned(),
        };
        // What is refused for its size is YAML all the same.
        let said = match why.starts_with("budget breached") {
            true => "the front matter is too large, too deep, or full of anchors".to_owned(),
            false => format!("the front matter is not YAML: {why}"),
        };
        (said, line_around(text, at, end))
    })?;
    let mut root = raw(root);
    settle(&mut root, text, start, end);
    match root.data {
        Data::Map(fields) => Ok(fields),
        Data::Nothing => Ok(Vec::new()),
        Data::Scalar(_) | Data::List(_) => Err((
            "the front matter is not a map of keys".to_owned(),
            line_around(text, start, end),
        )),
    }
}

/// Makes places relative to the whole text and shrinks those of scalars to the words inside their quotes. Depth is bounded by the
/// parser's budget.
fn settle(value: &mut Value, text: &str, start: usize, end: usize) {
    value.bytes = shifted(value.bytes, text, start, end);
    match &mut value.data {
        Data::Nothing => {}
        Data::Scalar(words) => {
            value.bytes = unquoted(value.bytes, text);
            // Numbers and booleans come back in another spelling (`1.10`, `0x1F`); what the person wrote is what counts.
            let written = &text[value.bytes.range()];
            if written.len() < 32 && !written.contains(['\\', '\n']) && !written.starts_with(['*', '&', '!', '|', '>'])
            {
                written.trim().clone_into(words);
            }
        }
        Data::List(items) => items.iter_mut().for_each(|item| settle(item, text, start, end)),
        Data::Map(fields) => {
            for field in fields {
                field.key_bytes = unquoted(shifted(field.key_bytes, text, start, end), text);
                settle(&mut field.value, text, start, end);
            }
        }
    }
}

fn shifted(bytes: Bytes, text: &str, start: usize, end: usize) -> Bytes {
    let place = |at: u32| floor(text, (start + at as usize).min(end));
    Bytes::new(place(bytes.start), place(bytes.end).max(place(bytes.start)))
}

fn unquoted(bytes: Bytes, text: &str) -> Bytes {
    let written = &text[bytes.range()];
    let trimmed = written.trim_end();
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| trimmed.strip_prefix(*quote)?.strip_suffix(*quote));
    match inner {
        Some(inner) => Bytes::new(bytes.start as usize + 1, bytes.start as usize + 1 + inner.len()),
        None => Bytes::new(bytes.start as usize, bytes.start as usize + trimmed.len()),
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn line_around(text: &str, at: usize, end: usize) -> Bytes {
    let at = floor(text, at.min(end));
    let start = text[..at].rfind('\n').map_or(0, |line| line + 1);
    let end = text[at..].find('\n').map_or(text.len(), |line| at + line);
    Bytes::new(start, end)
}

// --- TOML ---

fn toml_fields(text: &str, start: usize, end: usize) -> Result<Vec<Field>, (String, Bytes)> {
    let inside = &text[start..end];
    let table = DeTable::parse(inside).map_err(|error| {
        let at = start + error.span().map_or(0, |span| span.start.min(inside.len()));
        let why = error.message().lines().next().unwrap_or_default().to_owned();
        (
            format!("the front matter is not TOML: {why}"),
            line_around(text, at, end),
        )
    })?;
    Ok(table_fields(table.get_ref(), text, start, 0))
}

fn table_fields(table: &DeTable<'_>, text: &str, start: usize, depth: usize) -> Vec<Field> {
    let mut fields: Vec<Field> = table
        .iter()
        .map(|(key, value)| Field {
            key: key.get_ref().to_string(),
            key_bytes: unquoted(Bytes::new(start + key.span().start, start + key.span().end), text),
            value: toml_value(value, text, start, depth + 1),
        })
        .collect();
    fields.sort_by_key(|field| field.key_bytes);
    fields
}

fn toml_value(value: &toml::Spanned<DeValue<'_>>, text: &str, start: usize, depth: usize) -> Value {
    let bytes = Bytes::new(start + value.span().start, start + value.span().end);
    let data = match value.get_ref() {
        _ if depth > MAX_DEPTH => Data::Nothing,
        DeValue::Array(items) => Data::List(
            items
                .iter()
                .map(|item| toml_value(item, text, start, depth + 1))
                .collect(),
        ),
        DeValue::Table(table) => Data::Map(table_fields(table, text, start, depth)),
        DeValue::String(words) => {
            let bytes = unquoted(bytes, text);
            return Value {
                bytes,
                data: Data::Scalar(words.to_string()),
            };
        }
        _ => Data::Scalar(text[bytes.range()].to_owned()),
    };
    Value { bytes, data }
}
