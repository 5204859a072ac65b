//! Where the names of a statement stand. Enters: a statement's text and place, and the parser's lines and columns. Leaves: [`Span`]s.

use std::ops::Range;

use sqlparser::ast::Ident;

use crate::source::{Bytes, FileId, Span};

/// Where a piece of SQL stands.
pub(in crate::index) enum Place {
    /// It is a stretch of the file from this byte on.
    At {
        /// Which file.
        file: FileId,
        /// Its first byte.
        start: usize,
    },
    /// It is in a string with escapes: no closer place than the string is known.
    Within(Span),
}

impl Place {
    /// The place of a stretch of the SQL.
    pub(in crate::index) fn span(&self, range: Range<usize>) -> Span {
        match self {
            Self::At { file, start } => Bytes::new(start + range.start, start + range.end).in_file(*file),
            Self::Within(span) => *span,
        }
    }

    /// The place of the SQL that begins at `at` within this one.
    pub(in crate::index) fn inside(&self, at: usize) -> Self {
        match self {
            Self::At { file, start } => Self::At {
                file: *file,
                start: start + at,
            },
            Self::Within(span) => Self::Within(*span),
        }
    }
}

/// A statement's text and place, to find where a name in it stands.
pub(in crate::index) struct Here<'a> {
    text: &'a str,
    place: Place,
    /// Where each line begins.
    lines: Vec<usize>,
    /// How long the first line is.
    first: usize,
    /// Where every so many characters of a text begin that is not all ASCII; empty for one that is.
    marks: Vec<usize>,
    /// The number of the character with which each line begins, for the same texts.
    numbers: Vec<usize>,
}

/// Characters between two marks.
const STRIDE: usize = 64;

impl<'a> Here<'a> {
    /// The statement `text`, which stands at `place`.
    pub(in crate::index) fn new(text: &'a str, place: Place) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines: Vec<usize> = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        let first = text.split('\n').next().unwrap_or("").trim_end().len();
        let (mut marks, mut numbers) = (Vec::new(), Vec::new());
        if !text.is_ascii() {
            let mut line = lines.iter().peekable();
            for (number, (at, _)) in text.char_indices().enumerate() {
                if number % STRIDE == 0 {
                    marks.push(at);
                }
                if line.next_if(|start| **start == at).is_some() {
                    numbers.push(number);
                }
            }
        }
        Self {
            text,
            place,
            lines,
            first,
            marks,
            numbers,
        }
    }

    /// Where a name stands.
    pub(in crate::index) fn span(&self, ident: &Ident) -> Span {
        self.between(ident.span)
    }

    /// Where a piece stands; the statement's first line if the parser lost it.
    pub(in crate::index) fn between(&self, piece: sqlparser::tokenizer::Span) -> Span {
        let (start, end) = (piece.start, piece.end);
        let range = self.byte(start.line, start.column).zip(self.byte(end.line, end.column));
        let range = range.filter(|(start, end)| start < end);
        self.place.span(range.map_or(0..self.first, |(start, end)| start..end))
    }

    fn byte(&self, line: u64, column: u64) -> Option<usize> {
        let line = usize::try_from(line).ok()?.checked_sub(1)?;
        let column = usize::try_from(column).ok()?.checked_sub(1)?;
        let (start, end) = (*self.lines.get(line)?, self.lines.get(line + 1).copied());
        let end = end.unwrap_or(self.text.len());
        if self.marks.is_empty() {
            return (start + column <= end).then_some(start + column);
        }
        let number = match self.numbers.get(line) {
            Some(number) => number + column,
            // The empty end of the text.
            None => return (column == 0).then_some(start),
        };
        let mark = *self.marks.get(number / STRIDE).unwrap_or(self.marks.last()?);
        let rest = number - (number / STRIDE).min(self.marks.len() - 1) * STRIDE;
        let rest_of_text = self.text.get(mark..end)?;
        let mut places = rest_of_text
            .char_indices()
            .map(|(at, _)| at)
            .chain([rest_of_text.len()]);
        Some(mark + places.nth(rest)?)
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::tokenizer::{Location, Span as Piece};

    use super::{Here, Place};
    use crate::source::FileId;

    #[test]
    fn places_are_found_by_lines_and_columns() {
        for text in [
            "SELECT 'a',\n  'b'",
            "SELECT 'äö',\n  'ü', 'b'",
            &format!("é\n{}'b'", "ü ".repeat(300)),
        ] {
            let here = Here::new(
                text,
                Place::At {
                    file: FileId(0),
                    start: 10,
                },
            );
            for (line, words) in text.split('\n').enumerate() {
                for (column, _) in words.chars().enumerate() {
                    let at = |column: usize| Location::new(line as u64 + 1, column as u64 + 1);
                    let span = here.between(Piece::new(at(column), at(column + 1)));
                    let before: usize = text.split('\n').take(line).map(|line| line.len() + 1).sum();
                    let start = before + words.chars().take(column).map(char::len_utf8).sum::<usize>();
                    assert_eq!(span.bytes.start as usize, 10 + start, "{text} {line} {column}");
                }
            }
        }
    }
}
