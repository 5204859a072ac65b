//! SQL cut into statements, and statements into tokens. Enters: a text. Leaves: where each statement stands and what its first words
//! are, so that only those that matter are parsed. Accepts any text, in linear time; knows no grammar.

use std::ops::Range;

/// A token of a statement; comments are none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::index) struct Token {
    /// What it is.
    pub(in crate::index) kind: TokenKind,
    /// Its bytes in the text, with its quotes.
    pub(in crate::index) bytes: Range<usize>,
}

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::index) enum TokenKind {
    /// A bare word or number.
    Word,
    /// A quoted name.
    Quoted,
    /// A string.
    Text,
    /// A string between `$tag$`s.
    Dollar,
    /// One character of punctuation.
    Punctuation,
}

/// A statement.
#[derive(Debug)]
pub(in crate::index) struct Statement {
    /// Its tokens.
    pub(in crate::index) tokens: Vec<Token>,
    /// How deep a parser may nest on it, at most.
    pub(in crate::index) nesting: usize,
}

impl Statement {
    /// From its first token to its last.
    pub(in crate::index) fn bytes(&self) -> Range<usize> {
        let end = self.tokens.last().map_or(0, |last| last.bytes.end);
        self.tokens.first().map_or(0..0, |first| first.bytes.start..end)
    }
}

/// The statements of a text, without their `;`.
pub(in crate::index) fn statements(text: &str) -> Vec<Statement> {
    let mut lexer = Lexer {
        text,
        at: 0,
        open_tags: 0,
    };
    let (mut statements, mut tokens) = (Vec::new(), Vec::new());
    while let Some(token) = lexer.next() {
        let words = &text[token.bytes.clone()];
        let go = token.kind == TokenKind::Word && words.eq_ignore_ascii_case("go") && lexer.is_alone(&token.bytes);
        if words == ";" && token.kind == TokenKind::Punctuation || go {
            finish(text, &mut tokens, &mut statements);
        } else {
            tokens.push(token);
        }
    }
    finish(text, &mut tokens, &mut statements);
    statements
}

fn finish(text: &str, tokens: &mut Vec<Token>, statements: &mut Vec<Statement>) {
    let tokens = std::mem::take(tokens);
    if !tokens.is_empty() {
        let nesting = nesting(text, &tokens);
        statements.push(Statement { tokens, nesting });
    }
}

/// The tokens since the last comma, summed over the open brackets, at the worst place.
fn nesting(text: &str, tokens: &[Token]) -> usize {
    let (mut levels, mut open, mut worst) = (vec![0usize], 0usize, 0usize);
    for token in tokens {
        let words = if token.kind == TokenKind::Punctuation {
            &text[token.bytes.clone()]
        } else {
            ""
        };
        let last = levels.len() - 1;
        match words {
            "," => {
                open -= levels[last];
                levels[last] = 0;
            }
            ")" | "]" if last > 0 => open -= levels.pop().unwrap_or(0),
            _ => {
                levels[last] += 1;
                open += 1;
                worst = worst.max(open);
                if matches!(words, "(" | "[") {
                    levels.push(0);
                }
            }
        }
    }
    worst
}

/// Each `$tag$` without an end costs a look through the whole text: after so many, no more are looked for.
const OPEN_TAGS_LIMIT: usize = 64;

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// `$tag$`s that had no end.
    open_tags: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Passes over what stands up to and with `end`, or over everything.
    fn through(&mut self, end: &str) {
        self.at += self
            .rest()
            .find(end)
            .map_or(self.rest().len(), |found| found + end.len());
    }

    fn next(&mut self) -> Option<Token> {
        loop {
            let rest = self.rest();
            let first = rest.chars().next()?;
            if first.is_whitespace() || first == '\u{feff}' {
                self.at += first.len_utf8();
            } else if rest.starts_with("--") {
                self.through("\n");
            } else if rest.starts_with("/*") {
                self.at += 2;
                self.through("*/");
            } else {
                return Some(self.token(first));
            }
        }
    }

    fn token(&mut self, first: char) -> Token {
        let start = self.at;
        let kind = match first {
            '\'' => {
                self.quoted('\'', false);
                TokenKind::Text
            }
            '"' | '`' => {
                self.quoted(first, false);
                TokenKind::Quoted
            }
            '$' if self.dollar() => TokenKind::Dollar,
            first if is_word(first) => {
                let word = self.rest().find(|c| !is_word(c)).unwrap_or(self.rest().len());
                self.at += word;
                if word == 1 && matches!(first, 'E' | 'e') && self.rest().starts_with('\'') {
                    self.quoted('\'', true);
                    TokenKind::Text
                } else {
                    TokenKind::Word
                }
            }
            other => {
                self.at += other.len_utf8();
                TokenKind::Punctuation
            }
        };
        Token {
            kind,
            bytes: start..self.at,
        }
    }

    /// Passes over a quoted token; a doubled quote does not end it.
    fn quoted(&mut self, quote: char, escapes: bool) {
        self.at += 1;
        let mut chars = self.rest().char_indices().peekable();
        let mut end = self.rest().len();
        while let Some((at, char)) = chars.next() {
            if escapes && char == '\\' {
                chars.next();
            } else if char == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
                end = at + 1;
                break;
            }
        }
        self.at += end;
    }

    /// Passes over `$tag$ … $tag$`, if one begins here.
    fn dollar(&mut self) -> bool {
        let rest = self.rest();
        let Some(tag) = tag(rest).filter(|_| self.open_tags <= OPEN_TAGS_LIMIT) else {
            return false;
        };
        match rest[tag.len()..].find(tag) {
            Some(length) => {
                self.at += length + 2 * tag.len();
                true
            }
            None => {
                self.open_tags += 1;
                false
            }
        }
    }

    /// True if nothing else stands on the line.
    fn is_alone(&self, bytes: &Range<usize>) -> bool {
        let stops = |c: &char| !c.is_whitespace() || *c == '\n';
        let before = self.text[..bytes.start].chars().rev().find(stops);
        let after = self.text[bytes.end..].chars().find(stops);
        before.is_none_or(|c| c == '\n') && after.is_none_or(|c| c == '\n')
    }
}

/// The `$tag$` that a text begins with.
fn tag(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    let word = rest.find(|c| !is_word(c))?;
    let numbered = rest.starts_with(|c: char| c.is_ascii_digit());
    (!numbered && rest[word..].starts_with('$')).then(|| &text[..word + 2])
}

/// What stands between the tags of a [`TokenKind::Dollar`].
pub(in crate::index) fn between_tags(text: &str, token: &Token) -> Range<usize> {
    let tag = tag(&text[token.bytes.clone()]).map_or(0, str::len);
    token.bytes.start + tag..token.bytes.end - tag
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = statements(text)
            .iter()
            .map(|statement| &text[statement.bytes()])
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn statements_end_where_they_end() {
        check(
            "A b; /* ; */ C 'it''s;' -- ;\n; ;D \"x;\"",
            &["A b", "C 'it''s;'", "D \"x;\""],
        );
        check(
            "DO $$ BEGIN x; END $$; B $1; C $tag$ ; $$ ; $tag$",
            &["DO $$ BEGIN x; END $$", "B $1", "C $tag$ ; $$ ; $tag$"],
        );
        check("A E'\\';' ; B", &["A E'\\';'", "B"]);
        check("A\nGO\nB go C", &["A", "B go C"]);
        check("", &[]);
        check("'open ; ", &["'open ; "]);
        check("\u{feff}A é;", &["A é"]);
    }

    #[test]
    fn any_text_is_survived() {
        for text in [
            "$",
            "$$",
            "$a",
            "$a$",
            "\"",
            "E'",
            "--",
            "/*",
            "é$é$é",
            "$1$ x $1$",
            "E'\\",
        ] {
            statements(text);
        }
    }
}
