//! XML, as much of it as configuration has. Enters: a text. Leaves: [`Data`]: an element is a map of its attributes (`@name`) and
//! children, with its text as `#text`; one with neither attributes nor children is its text. No entities are defined, no DTD is read.

use super::path::{Data, Name, Value};
use crate::source::{Bytes, SkipReason};

/// Elements in elements.
const DEPTH: usize = 128;

/// The document, as a map with its root.
pub(super) fn read(text: &str) -> Result<Data, SkipReason> {
    let mut reader = Reader {
        text,
        at: 0,
        open: vec![Element::default()],
    };
    while reader.step()? {}
    match reader.open.as_slice() {
        [root] => Ok(Data {
            bytes: Bytes::new(0, text.len()),
            value: Value::Map(root.entries.clone()),
        }),
        _ => Err(SkipReason::Syntax("an element without an end".into())),
    }
}

/// An element that has not ended yet.
#[derive(Default)]
struct Element {
    name: String,
    name_bytes: Bytes,
    start: usize,
    entries: Vec<(Name, Data)>,
    words: String,
    words_bytes: Option<Bytes>,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Element>,
}

impl Reader<'_> {
    fn wrong(&self, what: &str) -> SkipReason {
        let line = self.text[..self.at].matches('\n').count() + 1;
        SkipReason::Syntax(format!("line {line}: {what}"))
    }

    /// Reads up to the next tag, and the tag.
    fn step(&mut self) -> Result<bool, SkipReason> {
        let rest = &self.text[self.at..];
        let Some(tag) = rest.find('<') else {
            return Ok(false);
        };
        self.words(self.at, self.at + tag, true);
        self.at += tag;
        let rest = &self.text[self.at..];
        for (begin, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")] {
            if rest.starts_with(begin) {
                let inside = rest.find(end).ok_or_else(|| self.wrong("no end"))?;
                if begin == "<![CDATA[" {
                    self.words(self.at + begin.len(), self.at + inside, false);
                }
                self.at += inside + end.len();
                return Ok(true);
            }
        }
        match rest.strip_prefix("</") {
            Some(_) => self.close()?,
            None => self.element()?,
        }
        Ok(true)
    }

    fn words(&mut self, start: usize, end: usize, escaped: bool) {
        let words = self.text[start..end].trim();
        let Some(element) = self.open.last_mut().filter(|_| !words.is_empty()) else {
            return;
        };
        let lead = self.text[start..end].len() - self.text[start..end].trim_start().len();
        element
            .words
            .push_str(&if escaped { unescaped(words) } else { words.to_owned() });
        element
            .words_bytes
            .get_or_insert(Bytes::new(start + lead, start + lead + words.len()));
    }

    fn close(&mut self) -> Result<(), SkipReason> {
        let end = self.text[self.at..].find('>').ok_or_else(|| self.wrong("no end"))?;
        let name = self.text[self.at + 2..self.at + end].trim();
        if self.open.len() < 2 || self.open.last().is_none_or(|element| element.name != name) {
            return Err(self.wrong("an end without its beginning"));
        }
        self.at += end + 1;
        self.finish();
        Ok(())
    }

    /// Puts the innermost open element into the one around it.
    fn finish(&mut self) {
        let Some(mut element) = self.open.pop() else {
            return;
        };
        let words = Data {
            bytes: element.words_bytes.unwrap_or(Bytes::new(element.start, self.at)),
            value: Value::Scalar(element.words),
        };
        let data = if element.entries.is_empty() {
            words
        } else {
            if let Some(bytes) = element.words_bytes {
                let name = "#text".to_owned();
                element.entries.push((Name { text: name, bytes }, words));
            }
            Data {
                bytes: Bytes::new(element.start, self.at),
                value: Value::Map(element.entries),
            }
        };
        let name = Name {
            text: element.name,
            bytes: element.name_bytes,
        };
        if let Some(around) = self.open.last_mut() {
            around.entries.push((name, data));
        }
    }

    fn element(&mut self) -> Result<(), SkipReason> {
        if self.open.len() > DEPTH {
            return Err(SkipReason::TooDeep);
        }
        let start = self.at;
        self.at += 1;
        let (name, name_bytes) = self.name().ok_or_else(|| self.wrong("no name"))?;
        let mut element = Element {
            name,
            name_bytes,
            start,
            ..Element::default()
        };
        loop {
            let rest = &self.text[self.at..];
            let bare = rest.trim_start();
            self.at += rest.len() - bare.len();
            if bare.starts_with("/>") || bare.starts_with('>') {
                let alone = bare.starts_with('/');
                self.at += 1 + usize::from(alone);
                self.open.push(element);
                if alone {
                    self.finish();
                }
                return Ok(());
            }
            element.entries.push(self.attribute()?);
        }
    }

    fn attribute(&mut self) -> Result<(Name, Data), SkipReason> {
        let (name, bytes) = self.name().ok_or_else(|| self.wrong("no attribute"))?;
        let rest = &self.text[self.at..];
        let value = rest.trim_start().strip_prefix('=').map(str::trim_start);
        let quote = value
            .and_then(|value| value.chars().next())
            .filter(|c| matches!(c, '"' | '\''));
        let (Some(value), Some(quote)) = (value, quote) else {
            return Err(self.wrong("an attribute without a value"));
        };
        let start = self.at + rest.len() - value.len() + 1;
        let end = start + self.text[start..].find(quote).ok_or_else(|| self.wrong("no end"))?;
        self.at = end + 1;
        let data = Data {
            bytes: Bytes::new(start, end),
            value: Value::Scalar(unescaped(&self.text[start..end])),
        };
        let text = format!("@{name}");
        Ok((Name { text, bytes }, data))
    }

    fn name(&mut self) -> Option<(String, Bytes)> {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| c.is_whitespace() || "/>=<\"'".contains(c))
            .unwrap_or(rest.len());
        let start = self.at;
        self.at += end;
        (end > 0).then(|| (rest[..end].to_owned(), Bytes::new(start, self.at)))
    }
}

fn unescaped(words: &str) -> String {
    let plain = words.replace("&lt;", "<").replace("&gt;", ">");
    plain
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}
