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
}

impl<'a> Here<'a> {
    /// The statement `text`, which stands at `place`.
    pub(in crate::index) fn new(text: &'a str, place: Place) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { text, place, lines }
    }

    /// Where a name stands.
    pub(in crate::index) fn span(&self, ident: &Ident) -> Span {
        self.between(ident.span)
    }

    /// Where a piece stands; the statement's first line if the parser lost it.
    pub(in crate::index) fn between(&self, piece: sqlparser::tokenizer::Span) -> Span {
        let (start, end) = (piece.start, piece.end);
        let range = self.byte(start.line, start.column).zip(self.byte(end.line, end.column));
        let first_line = self.text.split('\n').next().unwrap_or("").trim_end().len();
        let range = range.filter(|(start, end)| start < end);
        self.place.span(range.map_or(0..first_line, |(start, end)| start..end))
    }

    fn byte(&self, line: u64, column: u64) -> Option<usize> {
        let line = usize::try_from(line).ok()?.checked_sub(1)?;
        let column = usize::try_from(column).ok()?.checked_sub(1)?;
        let (start, end) = (*self.lines.get(line)?, self.lines.get(line + 1).copied());
        let line = self.text.get(start..end.unwrap_or(self.text.len()))?;
        if line.is_ascii() {
            return (column <= line.len()).then_some(start + column);
        }
        let in_line = line.char_indices().map(|(at, _)| at).chain([line.len()]).nth(column)?;
        Some(start + in_line)
    }
}
