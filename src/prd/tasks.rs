//! Lists of tasks in JSON, as planning tools write them: each task is a PRD. Enters: the text, and the [`TaskList`] that says where the
//! tasks lie and which of their keys mean what. Leaves: [`Task`]s, each with a text of its own in which all that is not its own is blank, so
//! that every place is the place in the file.

use std::borrow::Cow;

use jsonc_parser::ast::{Object, Value as Node};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::Deserialize;

use super::frontmatter::{Data, Field, Value};
use super::markdown::{self, Block};
use crate::source::Bytes;

/// What a planning tool's list of tasks looks like: an entry of `rules/prose/places.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskList {
    /// Ways to the list from the top, the first that leads to one counts: keys joined by `/`; `*` is any key, and then a part of the
    /// ids, unless it is `main`.
    lists: Vec<String>,
    /// The value of `*` whose tasks have the ids that they say.
    main: Option<String>,
    /// Keys that declare something, and the key that says the same in front matter.
    declares: Vec<(String, String)>,
    /// Keys whose text is prose, and the heading that it stands under; an empty heading is none.
    says: Vec<(String, String)>,
    /// The key of a list of parts, whose prose is the task's own.
    parts: Option<String>,
    /// Keys and the values with which a task asks for nothing any more.
    done: Vec<(String, Vec<String>)>,
    /// Keys and the values with which a task is put off: it is none of the wave, and who waits for it waits in vain.
    #[serde(default)]
    off: Vec<(String, Vec<String>)>,
    /// A file, and the key in it whose value is the `*` that alone counts.
    current: Option<(String, String)>,
}

/// One task that is still to be done.
#[derive(Clone, PartialEq, Debug)]
pub struct Task {
    /// Its id, made different from those of other lists in the file.
    pub id: String,
    pub(super) fields: Vec<Field>,
    prose: Vec<Prose>,
}

/// A text of a task: Markdown, mostly.
#[derive(Clone, PartialEq, Debug)]
struct Prose {
    heading: String,
    key: Bytes,
    words: Bytes,
    /// As Markdown, as long as it stands in the file: what an escape has too many are blanks.
    text: String,
}

/// Why a file has no tasks.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoTasks {
    /// It is JSON of another kind.
    #[error("it has no list of tasks")]
    NoList,
    /// It cannot be read.
    #[error("{0}")]
    Broken(String),
}

/// The most that the texts of all tasks of a file may come to, in bytes.
const MOST: usize = 64 << 20;

impl Task {
    /// The text of the task alone: what it declares and its prose stand where they stand in `file`, and all else is blank.
    fn text(&self, file: &str) -> String {
        let declared = self.fields.iter().map(|field| (field.value.bytes.range(), None));
        let prose = self.prose.iter().map(|prose| (prose.words.range(), Some(&prose.text)));
        let mut own: Vec<_> = declared.chain(prose).collect();
        own.sort_by_key(|(place, _)| place.start);
        let mut out = String::new();
        for (place, prose) in own {
            if place.start < out.len() {
                continue;
            }
            let before = file[out.len()..place.start].bytes();
            out.extend(before.map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            // A line that begins in the prose is none of the file.
            let prose = prose.map(|text| text.replace('\n', " "));
            out.push_str(prose.as_deref().unwrap_or(&file[place]));
        }
        out
    }

    /// Its prose, as blocks of one document.
    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut all: Vec<Block> = Vec::new();
        let mut under = "";
        for prose in &self.prose {
            if !prose.heading.is_empty() && under != prose.heading {
                under = &prose.heading;
                all.push(markdown::heading(under, prose.key.range()));
            }
            let from = all.len();
            let more = markdown::blocks(&prose.text, 0).into_iter();
            all.extend(more.map(|block| block.moved(prose.words.range().start, from)));
        }
        all
    }
}

/// The tasks of `text` that are still to be done, in the order of the text, each with its own text; where one of its lists is that of
/// `current`, those of this list alone.
///
/// # Errors
/// Why there are none: see [`NoTasks`].
pub fn read(text: &str, lists: &[&TaskList], current: Option<&str>) -> Result<Vec<(Task, String)>, NoTasks> {
    // Blanks as wide as the mark keep every place where it is.
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => Cow::Owned(format!("   {rest}")),
        None => Cow::Borrowed(text),
    };
    let parsed = parse_to_ast(&text, &CollectOptions::default(), &ParseOptions::default());
    let parsed = parsed.map_err(|error| NoTasks::Broken(format!("it is not JSON: {error}")))?;
    let Some(top) = &parsed.value else {
        return Err(NoTasks::Broken("it is empty".to_owned()));
    };
    let ways = lists
        .iter()
        .flat_map(|list| list.lists.iter().map(move |way| (list, below(top, way))));
    let Some((list, mut found)) = ways.into_iter().find(|(_, found)| !found.is_empty()) else {
        return Err(NoTasks::NoList);
    };
    if current.is_some() && found.iter().any(|(tag, _)| tag.as_deref() == current) {
        found.retain(|(tag, _)| tag.as_deref() == current);
    }
    let is_task = |node: &Node<'_>| node.as_object().is_some();
    let lists = found.iter().filter_map(|(_, node)| node.as_array());
    if lists.into_iter().any(|list| !list.elements.iter().all(is_task)) {
        return Err(NoTasks::Broken("an entry of its list is no task".to_owned()));
    }
    let tasks: Vec<Task> = found
        .iter()
        .flat_map(|(tag, node)| list.tasks(&text, tag.as_deref(), node))
        .collect();
    if tasks.len().saturating_mul(text.len()) > MOST {
        return Err(NoTasks::Broken("its tasks are too many for its size".to_owned()));
    }
    let with_text = |task: Task| {
        let own = task.text(&text);
        (task, own)
    };
    Ok(tasks.into_iter().map(with_text).collect())
}

/// The lists that `path` leads to, each with what its `*` stands for.
fn below<'n, 't>(top: &'n Node<'t>, path: &str) -> Vec<(Option<String>, &'n Node<'t>)> {
    let mut found = vec![(None, top)];
    for step in path.split('/') {
        let objects = found
            .into_iter()
            .filter_map(|(tag, node)| Some((tag, node.as_object()?)));
        found = objects
            .flat_map(|(tag, object)| {
                let fits = object
                    .properties
                    .iter()
                    .filter(move |one| step == "*" || one.name.as_str() == step);
                fits.map(move |one| {
                    let own = (step == "*").then(|| one.name.as_str().to_owned());
                    (own.or_else(|| tag.clone()), &one.value)
                })
            })
            .collect();
    }
    found.retain(|(_, node)| node.as_array().is_some());
    found
}

impl TaskList {
    /// Which of the lists alone counts, as another file says; `text` gives the text of a path.
    #[must_use]
    pub fn current(&self, text: impl Fn(&str) -> Option<String>) -> Option<String> {
        let (file, key) = self.current.as_ref()?;
        let text = text(file)?;
        let parsed = parse_to_ast(&text, &CollectOptions::default(), &ParseOptions::default()).ok()?;
        get(parsed.value.as_ref()?.as_object()?, key).and_then(scalar)
    }

    fn tasks(&self, text: &str, tag: Option<&str>, node: &Node<'_>) -> Vec<Task> {
        let all = node.as_array().map_or(&[][..], |list| &list.elements);
        let all: Vec<&Object<'_>> = all.iter().filter_map(Node::as_object).collect();
        let tag = tag.filter(|tag| self.main.as_deref() != Some(*tag));
        let done: Vec<String> = all
            .iter()
            .filter(|task| has(task, &self.done))
            .filter_map(|task| self.id(task))
            .collect();
        let open = all.iter().enumerate();
        let open = open.filter(|(_, task)| !has(task, &self.done) && !has(task, &self.off));
        open.map(|(at, task)| self.task(text, tag, &done, (at, task))).collect()
    }

    fn id(&self, task: &Object<'_>) -> Option<String> {
        let (key, _) = self.declares.iter().find(|(_, meaning)| meaning == "id")?;
        get(task, key).and_then(scalar).filter(|id| !id.trim().is_empty())
    }

    /// The task at this place of its list. Without an id it is called by its place: nothing is passed over.
    fn task(&self, text: &str, tag: Option<&str>, done: &[String], (at, task): (usize, &Object<'_>)) -> Task {
        let own = self.id(task).unwrap_or_else(|| format!("task-{}", at + 1));
        let called = |id: &str| tag.map_or_else(|| id.to_owned(), |tag| format!("{tag}-{id}"));
        let mut fields = Vec::new();
        for (key, meaning) in &self.declares {
            let Some(property) = task.properties.iter().find(|one| one.name.as_str() == key) else {
                continue;
            };
            let mut value = value(&property.value);
            match meaning.as_str() {
                "id" => continue,
                "depends_on" => relate(&mut value, done, &called),
                _ => {}
            }
            fields.push(Field {
                key: meaning.clone(),
                key_bytes: inside(property.name.range().start, property.name.range().end),
                value,
            });
        }
        let mut prose = Vec::new();
        self.read_prose(text, task, &mut prose);
        Task {
            id: called(&own),
            fields,
            prose,
        }
    }

    /// The texts of a task, and of its parts that are not done, which have no parts.
    fn read_prose(&self, text: &str, task: &Object<'_>, out: &mut Vec<Prose>) {
        for (key, heading) in &self.says {
            let Some(property) = task.properties.iter().find(|one| one.name.as_str() == key) else {
                continue;
            };
            let range = property.name.range();
            let texts = match &property.value {
                Node::StringLit(one) => vec![one],
                Node::Array(list) => list.elements.iter().filter_map(Node::as_string_lit).collect(),
                _ => Vec::new(),
            };
            out.extend(texts.into_iter().map(|one| Prose {
                heading: heading.clone(),
                key: inside(range.start, range.end),
                words: inside(one.range.start, one.range.end),
                text: unescaped(&text[inside(one.range.start, one.range.end).range()]),
            }));
        }
        let parts = self.parts.as_ref().and_then(|key| get(task, key)?.as_array());
        let parts = parts
            .into_iter()
            .flat_map(|list| &list.elements)
            .filter_map(Node::as_object);
        for part in parts.filter(|part| !has(part, &self.done) && !has(part, &self.off)) {
            let bare = Self {
                parts: None,
                ..self.clone()
            };
            bare.read_prose(text, part, out);
        }
    }
}

/// Dependencies on what is done ask for nothing, and a part's (`2.1`) is one on its task.
fn relate(value: &mut Value, done: &[String], called: &dyn Fn(&str) -> String) {
    let whole = |id: &str| match id.split_once('.') {
        Some((task, part)) if !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()) => task.to_owned(),
        _ => id.to_owned(),
    };
    if let Data::List(items) = &mut value.data {
        items.retain(|item| !matches!(&item.data, Data::Scalar(id) if done.contains(&whole(id.trim()))));
        for item in items {
            if let Data::Scalar(id) = &mut item.data {
                *id = called(&whole(id.trim()));
            }
        }
    }
}

/// True if one of the keys has one of its values.
fn has(task: &Object<'_>, values: &[(String, Vec<String>)]) -> bool {
    let says = |(key, words): &(String, Vec<String>)| {
        let value = get(task, key).and_then(scalar);
        value.is_some_and(|value| words.iter().any(|word| word.eq_ignore_ascii_case(&value)))
    };
    values.iter().any(says)
}

fn get<'n, 't>(object: &'n Object<'t>, key: &str) -> Option<&'n Node<'t>> {
    let property = object.properties.iter().find(|one| one.name.as_str() == key);
    property.map(|one| &one.value)
}

fn scalar(node: &Node<'_>) -> Option<String> {
    match node {
        Node::StringLit(text) => Some(text.value.to_string()),
        Node::NumberLit(number) => Some(number.value.to_owned()),
        Node::BooleanLit(word) => Some(word.value.to_string()),
        _ => None,
    }
}

fn value(node: &Node<'_>) -> Value {
    let range = node.range();
    let bytes = if matches!(node, Node::StringLit(_)) {
        inside(range.start, range.end)
    } else {
        Bytes::new(range.start, range.end)
    };
    let data = match node {
        Node::Array(list) => Data::List(list.elements.iter().map(value).collect()),
        Node::Object(object) => Data::Map(
            object
                .properties
                .iter()
                .map(|one| Field {
                    key: one.name.as_str().to_owned(),
                    key_bytes: inside(one.name.range().start, one.name.range().end),
                    value: value(&one.value),
                })
                .collect(),
        ),
        other => scalar(other).map_or(Data::Nothing, Data::Scalar),
    };
    Value { bytes, data }
}

/// A place without its quotes.
fn inside(start: usize, end: usize) -> Bytes {
    Bytes::new(start + 1, (end - 1).max(start + 1))
}

/// The text as its reader sees it, each character at the byte at which it is written: what its escape has too many are blanks, on the side
/// on which no word is torn.
fn unescaped(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at..];
        let (decoded, length) = unescape(escape);
        let blanks = " ".repeat(length - decoded.map_or(0, char::len_utf8));
        match decoded {
            Some('\n' | '\r') => {
                out.push_str(&blanks);
                out.push('\n');
            }
            Some(c) if out.ends_with(char::is_alphanumeric) => {
                out.push(c);
                out.push_str(&blanks);
            }
            Some(c) => {
                out.push_str(&blanks);
                out.push(c);
            }
            None => out.push_str(&blanks),
        }
        rest = &escape[length..];
    }
    out.push_str(rest);
    out
}

/// The character that an escape stands for, and the escape's length in bytes. Half of a pair is none.
fn unescape(escape: &str) -> (Option<char>, usize) {
    let mut chars = escape.chars().skip(1);
    let (c, length) = match chars.next() {
        Some('n') => ('\n', 2),
        Some('r' | 't') => (' ', 2),
        Some('u') => {
            let code = escape.get(2..6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            let length = if escape.is_char_boundary(6.min(escape.len())) {
                6.min(escape.len())
            } else {
                2
            };
            return (code.and_then(char::from_u32).filter(|c| c.len_utf8() <= length), length);
        }
        Some(c) => (c, 1 + c.len_utf8()),
        None => return (None, escape.len()),
    };
    (Some(c), length)
}

#[cfg(test)]
mod tests;
