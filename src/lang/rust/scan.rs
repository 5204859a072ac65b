//! One linear pass over the characters of a Rust file before any parser sees it. Enters: the text. Leaves: its comments, and a
//! bound on how deeply a recursive parser could nest on it. Knows only what a lexer knows: it never fails, whatever the text.
//!
//! `syn` recurses for each level of nesting and aborts the process when the stack ends, and a level need not have a bracket
//! (`&&&&x`, `A<B<C<`, `|a| |b| |c|`, `a.b.c`). So the bound counts, for each bracket that is open, the tokens since the last
//! point at which a parser must have come back to the level of that bracket.

use crate::lang::Comment;
use crate::source::Bytes;

/// What one pass found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Every comment, documentation comments too, in the order of the text.
    pub(super) comments: Vec<Comment>,
    /// The deepest nesting of brackets.
    pub(super) brackets: usize,
    /// A recursive parser nests at most this deep.
    pub(super) nesting: usize,
}

/// Scans `text`. A `#!` line counts as a comment that is not recorded.
pub(super) fn scan(text: &str) -> Scan {
    let mut lexer = Lexer {
        text: text.as_bytes(),
        at: preamble(text),
        found: Scan::default(),
        levels: vec![Level::default()],
        open: 0,
    };
    while lexer.step() {}
    lexer.found
}

/// The bytes before the first token that `syn` must not see: a `#!` line. (It skips a byte order mark itself.)
pub(super) fn preamble(text: &str) -> usize {
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let rest = &text[mark..];
    if !rest.starts_with("#!") || rest[2..].trim_start().starts_with('[') {
        return 0;
    }
    mark + rest.find('\n').unwrap_or(rest.len())
}

/// An open bracket (or the file).
#[derive(Default)]
struct Level {
    /// Tokens since a parser must last have been back here.
    tokens: usize,
    /// `<` that may still be open: a comma within them is no such point.
    angles: usize,
    /// A `|` was seen: commas may part the parameters of a closure.
    bars: bool,
    /// The last token was `}`: a word now begins a new statement or item.
    closed: bool,
}

struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    found: Scan,
    levels: Vec<Level>,
    /// The sum of `tokens` over all levels.
    open: usize,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Passes over one token or comment; false at the end.
    fn step(&mut self) -> bool {
        let Some(&byte) = self.text.get(self.at) else {
            return false;
        };
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
            b'/' if self.peek(1) == b'/' => self.line_comment(),
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'"' => {
                self.at += 1;
                self.string();
                self.token(false);
            }
            b'\'' => self.quote(),
            b'(' | b'[' | b'{' => self.enter(),
            b')' | b']' | b'}' => self.leave(byte),
            b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => self.word(),
            _ => self.punctuation(byte),
        }
        true
    }

    fn line_comment(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let carriage = usize::from(length > 0 && rest[length - 1] == b'\r');
        self.at += length;
        self.comment(start, self.at - carriage);
    }

    fn block_comment(&mut self) {
        let (start, mut depth) = (self.at, 0u32);
        while self.at < self.text.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        break;
                    }
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.text.len());
        self.comment(start, self.at);
    }

    fn comment(&mut self, start: usize, end: usize) {
        self.found.comments.push(Comment {
            bytes: Bytes::new(start, end),
        });
    }

    /// Passes over the rest of a string with escapes, after its opening quote.
    fn string(&mut self) {
        while let Some(&byte) = self.text.get(self.at) {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.text.len());
    }

    /// Passes over a raw string from its first `#` or quote on.
    fn raw_string(&mut self) {
        let hashes = self.text[self.at..].iter().take_while(|byte| **byte == b'#').count();
        self.at += hashes + 1;
        while let Some(&byte) = self.text.get(self.at) {
            self.at += 1;
            let after = self.text[self.at..].iter().take(hashes);
            let closes = || after.take_while(|byte| **byte == b'#').count() == hashes;
            if byte == b'"' && closes() {
                self.at += hashes;
                break;
            }
        }
    }

    /// A character or a lifetime.
    fn quote(&mut self) {
        self.at += 1;
        if self.peek(0) == b'\\' {
            self.at += 2;
            while !matches!(self.peek(0), b'\'' | b'\n' | 0) {
                self.at += 1;
            }
            self.at += 1;
        } else {
            let length = std::str::from_utf8(&self.text[self.at..(self.at + 4).min(self.text.len())]);
            let valid = length.map_or_else(|error| error.valid_up_to(), str::len);
            let first = std::str::from_utf8(&self.text[self.at..self.at + valid]).ok();
            let width = first.and_then(|text| text.chars().next()).map_or(1, char::len_utf8);
            if self.peek(width) == b'\'' {
                self.at += width + 1;
            }
        }
        self.at = self.at.min(self.text.len());
        self.token(true);
    }

    fn word(&mut self) {
        let start = self.at;
        while matches!(self.peek(0), b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | 0x80..) {
            self.at += 1;
        }
        let word = &self.text[start..self.at];
        let hashes = self.text[self.at..].iter().take_while(|byte| **byte == b'#').count();
        if matches!(word, b"r" | b"br" | b"cr") && self.peek(hashes) == b'"' {
            self.raw_string();
        }
        self.token(!matches!(word, b"else" | b"as"));
    }

    fn punctuation(&mut self, byte: u8) {
        self.at += 1;
        let next = self.peek(0);
        self.token(byte == b'#');
        let level = self.level();
        match byte {
            b';' => self.back(),
            b'=' if next == b'>' => {
                self.at += 1;
                self.back();
            }
            b'-' if next == b'>' => self.at += 1,
            b'<' => level.angles += 1,
            b'>' => level.angles = level.angles.saturating_sub(1),
            b'|' => level.bars = true,
            b',' if level.angles == 0 && !level.bars => self.back(),
            _ => {}
        }
    }

    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// Counts a token. `begins` says that after a `}` it can only begin a new statement, item or arm.
    fn token(&mut self, begins: bool) {
        let level = self.level();
        if std::mem::take(&mut level.closed) && begins && level.angles == 0 {
            self.back();
        }
        self.level().tokens += 1;
        self.open += 1;
        self.found.nesting = self.found.nesting.max(self.open);
    }

    /// A parser is back at the level of the innermost open bracket.
    fn back(&mut self) {
        let level = std::mem::take(self.level());
        self.open -= level.tokens;
    }

    fn enter(&mut self) {
        self.at += 1;
        self.token(false);
        self.levels.push(Level::default());
        self.found.brackets = self.found.brackets.max(self.levels.len() - 1);
    }

    fn leave(&mut self, byte: u8) {
        self.at += 1;
        if self.levels.len() > 1 {
            self.back();
            self.levels.pop();
        }
        self.level().closed = byte == b'}';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comments(text: &str) -> Vec<&str> {
        scan(text)
            .comments
            .iter()
            .map(|comment| &text[comment.bytes.range()])
            .collect()
    }

    #[test]
    fn comments_are_found_and_strings_are_not_comments() {
        let text = "a // one\r\n/* two /* in */ */ \"// no\" r#\"/* \" no\"# '/' '\\'' 'a /// three\n/* open";
        assert_eq!(comments(text), ["// one", "/* two /* in */ */", "/// three", "/* open"]);
        assert_eq!(comments("#!/usr/bin/env // run\n// yes"), ["// yes"]);
        assert_eq!(comments("#![allow(x)] // yes"), ["// yes"]);
        assert_eq!(
            comments("'é' // a\n'\\u{28}' // b\nb\"\\\"// no\" // c"),
            ["// a", "// b", "// c"]
        );
    }

    fn check_bound(text: &str, at_least: usize, below: usize) {
        let nesting = scan(text).nesting;
        assert!((at_least..below).contains(&nesting), "{nesting} for {text:.60}");
    }

    #[test]
    fn flat_text_stays_shallow() {
        check_bound(&"fn f(a: A, b: Vec<B>) -> C { g(a); h(b) }\n".repeat(1000), 8, 40);
        check_bound(&"if a { b } else { c }\n".repeat(1000), 5, 20);
        check_bound(&format!("[{}]", "(1, 'a', \"b\"), ".repeat(1000)), 3, 20);
        check_bound(
            &format!("match x {{ {} }}", "A | B => f(|a, b| c), ".repeat(1000)),
            5,
            30,
        );
    }

    #[test]
    fn every_way_to_nest_is_counted() {
        for unit in [
            "(",
            "[",
            "{",
            "&",
            "!",
            "-",
            "*",
            "A<",
            "A<B, ",
            "|a, b| ",
            "x | |a, b| ",
            "a.",
            "a(",
            "return ",
            "a::",
            "if a {} else ",
            "a = ",
            "a + ",
        ] {
            check_bound(&unit.repeat(1000), 1000, 100_000);
        }
    }

    #[test]
    fn any_text_is_survived() {
        for text in [
            "",
            "'",
            "\"",
            "r#",
            "r#\"",
            "/*",
            "'\\",
            ")]}",
            "\u{feff}#!",
            "b'",
            "é'é",
            "\\",
            "'\u{10ffff}",
            "/",
        ] {
            scan(text);
        }
    }
}
