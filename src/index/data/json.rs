//! JSON with comments and trailing commas. Enters: a text. Leaves: [`Data`] with places, which no JSON crate of ours keeps.

use super::path::{Data, Name, Value};
use crate::source::{Bytes, SkipReason};

/// Levels of lists and objects.
const DEPTH: u32 = 128;

/// The one value of a text.
pub(super) fn read(text: &str) -> Result<Data, SkipReason> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    reader.blank();
    let data = reader.value()?;
    reader.blank();
    if reader.at < text.len() {
        return Err(reader.wrong("more than one value"));
    }
    Ok(data)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self, what: &str) -> SkipReason {
        let line = self
            .text
            .get(..self.at)
            .map_or(0, |before| before.matches('\n').count())
            + 1;
        SkipReason::Syntax(format!("line {line}: {what}"))
    }

    /// Passes over white space and comments.
    fn blank(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let bare = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            self.at += rest.len() - bare.len();
            let end = if bare.starts_with("//") {
                bare.find('\n')
            } else if bare.starts_with("/*") {
                bare.find("*/").map(|end| end + 2)
            } else {
                return;
            };
            self.at += end.unwrap_or(bare.len());
        }
    }

    fn value(&mut self) -> Result<Data, SkipReason> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::list)?,
            Some(b'"') => {
                let (text, bytes) = self.string()?;
                return Ok(Data {
                    bytes,
                    value: Value::Scalar(text),
                });
            }
            _ => self.word()?,
        };
        Ok(Data {
            bytes: Bytes::new(start, self.at),
            value,
        })
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<Value, SkipReason>) -> Result<Value, SkipReason> {
        if self.depth >= DEPTH {
            return Err(SkipReason::TooDeep);
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    /// Passes over a comma; true if `close` follows and has been passed over.
    fn closed(&mut self, close: u8, first: bool) -> Result<bool, SkipReason> {
        self.blank();
        if !first && self.peek() == Some(b',') {
            self.at += 1;
            self.blank();
        } else if !first && self.peek() != Some(close) {
            return Err(self.wrong("expected a comma"));
        }
        let closed = self.peek() == Some(close);
        self.at += usize::from(closed);
        Ok(closed)
    }

    fn object(&mut self) -> Result<Value, SkipReason> {
        let mut entries = Vec::new();
        while !self.closed(b'}', entries.is_empty())? {
            let (text, bytes) = self.string()?;
            self.blank();
            if self.peek() != Some(b':') {
                return Err(self.wrong("expected a colon"));
            }
            self.at += 1;
            self.blank();
            entries.push((Name { text, bytes }, self.value()?));
        }
        Ok(Value::Map(entries))
    }

    fn list(&mut self) -> Result<Value, SkipReason> {
        let mut list = Vec::new();
        while !self.closed(b']', list.is_empty())? {
            list.push(self.value()?);
        }
        Ok(Value::List(list))
    }

    fn word(&mut self) -> Result<Value, SkipReason> {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))
            .unwrap_or(rest.len());
        let word = &rest[..end];
        let value = match word {
            "null" => Value::Null,
            "true" | "false" => Value::Scalar(word.into()),
            number if number.parse::<f64>().is_ok() => Value::Scalar(number.into()),
            _ => return Err(self.wrong("expected a value")),
        };
        self.at += end;
        Ok(value)
    }

    /// A string and the bytes between its quotes.
    fn string(&mut self) -> Result<(String, Bytes), SkipReason> {
        if self.peek() != Some(b'"') {
            return Err(self.wrong("expected a string"));
        }
        let start = self.at + 1;
        let (mut text, mut chars) = (String::new(), self.text[start..].char_indices());
        while let Some((at, char)) = chars.next() {
            match char {
                '"' => {
                    self.at = start + at + 1;
                    return Ok((text, Bytes::new(start, start + at)));
                }
                '\\' => match chars.next().map(|(_, escaped)| escaped) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('b') => text.push('\u{8}'),
                    Some('f') => text.push('\u{c}'),
                    Some('u') => {
                        let digits: String = chars.by_ref().take(4).map(|(_, digit)| digit).collect();
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        text.push(code.unwrap_or('\u{fffd}'));
                    }
                    Some(other) => text.push(other),
                    None => break,
                },
                '\n' => break,
                other => text.push(other),
            }
        }
        Err(self.wrong("a string without an end"))
    }
}
