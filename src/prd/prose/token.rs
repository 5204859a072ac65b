//! Tokens. Enters: the running text of a block. Leaves: words, numbers, pieces of code and punctuation marks, each with its place and
//! its stem, so that "flips", "flipped" and "flipping" are one word.

use std::cell::RefCell;
use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};

use super::words::words;
use crate::prd::markdown::Flow;
use crate::prd::shape;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// A word of prose.
    Word,
    /// Digits.
    Number,
    /// A code span, or a bare word that can only be code.
    Code,
    /// A punctuation mark.
    Mark,
}

/// One token of a block's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    /// Its bytes in the block's text.
    pub(crate) at: Range<usize>,
    /// What it is.
    pub(crate) form: Form,
    /// Lower case and without its ending for a word; the words themselves otherwise.
    pub(crate) stem: Box<str>,
    /// Written with backticks.
    pub(crate) ticked: bool,
}

impl Token {
    /// True for this punctuation mark.
    pub(crate) fn is_mark(&self, marks: &str) -> bool {
        self.form == Form::Mark && marks.contains(&*self.stem)
    }
}

/// Longer than any word of a language: not worth a stem.
const LONGEST_WORD: usize = 40;

/// The word without its ending, in lower case.
pub(crate) fn stem(word: &str) -> Box<str> {
    thread_local! {
        static STEMMER: RefCell<Stemmer> = RefCell::new(Stemmer::create(Algorithm::English));
    }
    let lower = word.to_lowercase();
    if lower.len() > LONGEST_WORD || !lower.is_ascii() {
        return lower.into();
    }
    let stem = STEMMER.with_borrow(|stemmer| stemmer.stem(&lower).into_owned());
    // The algorithm takes the second consonant of "added" for a doubled one.
    if stem == "ad" && lower != "ad" {
        "add".into()
    } else {
        stem.into()
    }
}

/// The tokens of a block's text.
pub(crate) fn tokens(flow: &Flow) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    for code in &flow.code {
        plain(&flow.text, at..code.start, &mut out);
        let written = &flow.text[code.clone()];
        if is_state(written) {
            word(written, code.start, &mut out);
        } else if !setting(written, code.start, true, &mut out) {
            out.push(Token {
                at: code.clone(),
                form: Form::Code,
                stem: written.into(),
                ticked: true,
            });
        }
        at = code.end;
    }
    plain(&flow.text, at..flow.text.len(), &mut out);
    out
}

/// `true` in backticks is what a flag is, like the bare word.
fn is_state(code: &str) -> bool {
    ["true", "false", "on", "off"]
        .iter()
        .any(|word| code.eq_ignore_ascii_case(word))
}

/// The tokens of a text that is not Markdown.
pub(crate) fn tokens_of(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    plain(text, 0..text.len(), &mut out);
    out
}

/// Tokens of a stretch without code spans.
fn plain(text: &str, range: Range<usize>, out: &mut Vec<Token>) {
    let mut at = range.start;
    for chunk in text[range].split(|c: char| c.is_whitespace()) {
        if !chunk.is_empty() {
            self::chunk(chunk, at, out);
        }
        at += chunk.len();
        // The white space that ended the chunk; at the end of the stretch there is none, and nothing more is read.
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
}

/// Tokens of a stretch without white space.
fn chunk(chunk: &str, at: usize, out: &mut Vec<Token>) {
    let opening = chunk.len() - chunk.trim_start_matches(|c: char| "([{\"'“‘«*<".contains(c)).len();
    let inner = &chunk[opening..];
    let closed = inner.trim_end_matches(|c: char| ")]}\"'”’».,;:!?…*>".contains(c));
    // `create()` keeps its parentheses.
    let call = inner[closed.len()..].starts_with(')') && closed.ends_with('(');
    let middle = if call { &inner[..=closed.len()] } else { closed };
    marks(&chunk[..opening], at, out);
    let from = at + opening;
    if let Some(word) = short_for(middle) {
        out.push(Token {
            at: from..from + middle.len(),
            form: Form::Word,
            stem: stem(word),
            ticked: false,
        });
    } else if setting(middle, from, false, out) {
        // Its tokens are pushed.
    } else if is_bare_code(middle) {
        out.push(Token {
            at: from..from + middle.len(),
            form: Form::Code,
            stem: middle.into(),
            ticked: false,
        });
    } else {
        pieces(middle, from, out);
    }
    marks(&inner[middle.len()..], from + middle.len(), out);
}

/// `x=on`, `x: true`: a name, a mark and a state. False, and nothing pushed, where the text is none.
fn setting(text: &str, at: usize, ticked: bool, out: &mut Vec<Token>) -> bool {
    let Some((name, state)) = text.split_once(['=', ':', '→']) else {
        return false;
    };
    let (key, value) = (name.trim_end(), state.trim_start_matches(['=', ' ']));
    let is_state = ["on", "off", "true", "false", "enabled", "disabled"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word));
    // `X=1`: a variable of the environment is a text.
    let digit = [("1", "true"), ("0", "false")]
        .into_iter()
        .find(|(digit, _)| value == *digit);
    let digit = digit.filter(|_| !key.contains(char::is_lowercase) && text.contains('='));
    if !(is_state || digit.is_some()) || !shape::is_flag_key(key) || !(ticked || is_bare_code(key)) {
        return false;
    }
    out.push(Token {
        at: at..at + key.len(),
        form: Form::Code,
        stem: key.into(),
        ticked,
    });
    marks(&text[name.len()..text.len() - state.len()], at + name.len(), out);
    let from = at + text.len() - value.len();
    match digit {
        Some((_, state)) => out.push(Token {
            at: from..from + value.len(),
            form: Form::Word,
            stem: state.into(),
            ticked: false,
        }),
        None => word(value, from, out),
    }
    true
}

/// "w/ the flag on"
fn short_for(text: &str) -> Option<&'static str> {
    match text {
        "w/" => Some("with"),
        "w/o" => Some("without"),
        _ => None,
    }
}

/// A bare word that can only be code: a path, `snake_case`, `QuoteService.create()`, `useQuote`.
fn is_bare_code(word: &str) -> bool {
    let looks = &words().looks;
    if word.len() < 3 || word.len() > 300 {
        return false;
    }
    if shape::is_path(word) {
        let first = word.split('/').next().unwrap_or_default();
        let rooted = word.contains('/') && (word.ends_with('/') || looks.folders.contains(first));
        return (rooted || shape::has_extension(word)) && !looks.not_files.contains(&word.to_lowercase());
    }
    let name = shape::symbol_name(word);
    let inner_upper = name
        .chars()
        .zip(name.chars().skip(1))
        .any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    let compound = name.trim_matches('_').contains('_') || inner_upper;
    compound && shape::is_symbol(word) && !looks.not_symbols.contains(name)
}

fn marks(text: &str, at: usize, out: &mut Vec<Token>) {
    for (offset, mark) in text.char_indices() {
        let range = at + offset..at + offset + mark.len_utf8();
        out.push(Token {
            at: range,
            form: Form::Mark,
            stem: mark.to_string().into(),
            ticked: false,
        });
    }
}

/// Words joined by hyphens and slashes are words of their own; "doesn't" is "does" and "not".
fn pieces(text: &str, at: usize, out: &mut Vec<Token>) {
    let mut start = None;
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '\'' || c == '’';
    for (offset, c) in text.char_indices() {
        if is_word(c) {
            start.get_or_insert(offset);
            continue;
        }
        if let Some(start) = start.take() {
            word(&text[start..offset], at + start, out);
        }
        let hyphen = c == '-' && offset > 0 && !text[offset + 1..].is_empty() && !text[offset + 1..].starts_with('-');
        let dash = c == '-' && text[..offset].ends_with('-');
        if !hyphen && !dash {
            let mark = if c == '-' || c == '–' { '—' } else { c };
            let range = at + offset..at + offset + c.len_utf8();
            out.push(Token {
                at: range,
                form: Form::Mark,
                stem: mark.to_string().into(),
                ticked: false,
            });
        }
    }
    if let Some(start) = start {
        word(&text[start..], at + start, out);
    }
}

fn word(text: &str, at: usize, out: &mut Vec<Token>) {
    let end = at + text.len();
    let mut push = |words: &str, range: Range<usize>| {
        let number = words.chars().all(|c| c.is_ascii_digit());
        let form = if number { Form::Number } else { Form::Word };
        let stem = if number { words.into() } else { stem(words) };
        out.push(Token {
            at: range,
            form,
            stem,
            ticked: false,
        });
    };
    for ending in ["n't", "n’t"] {
        if let Some(verb) = text.strip_suffix(ending).filter(|verb| !verb.is_empty()) {
            push(verb, at..at + verb.len());
            push("not", at + verb.len()..end);
            return;
        }
    }
    let bare = ["'s", "’s", "'", "’"]
        .iter()
        .find_map(|ending| text.strip_suffix(ending))
        .unwrap_or(text);
    if !bare.is_empty() {
        push(bare, at..at + bare.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prd::markdown;

    fn check(document: &str, expected: &[&str]) {
        let blocks = markdown::blocks(document, 0);
        let tokens = tokens(&blocks[0].flow);
        let got: Vec<_> = tokens
            .iter()
            .map(|token| {
                let words = &blocks[0].flow.text[token.at.clone()];
                match token.form {
                    Form::Word => words.to_owned(),
                    Form::Number => format!("#{words}"),
                    Form::Code => format!("`{words}`"),
                    Form::Mark => format!("'{}'", token.stem),
                }
            })
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn words_marks_and_code() {
        check(
            "A feature-flagged path (default OFF), doesn't use `k`.",
            &[
                "A", "feature", "flagged", "path", "'('", "default", "OFF", "')'", "','", "does", "n't", "use", "`k`",
                "'.'",
            ],
        );
        check(
            "Change apps/api/x.ts, and/or QuoteService.create() - see PRD-007 — Node.js's",
            &[
                "Change",
                "`apps/api/x.ts`",
                "','",
                "and",
                "'/'",
                "or",
                "`QuoteService.create()`",
                "'—'",
                "see",
                "PRD",
                "#007",
                "'—'",
                "Node",
                "'.'",
                "js",
            ],
        );
        check(
            "a_b=on, `x`=on, `x: TRUE` and `k=v`",
            &[
                "`a_b`", "'='", "on", "','", "`x`", "'='", "on", "','", "`x`", "':'", "TRUE", "and", "`k=v`",
            ],
        );
        check(
            "snake_case -- `a`b, 'quoted' é",
            &["`snake_case`", "'—'", "`a`", "b", "','", "'''", "quoted", "'''", "é"],
        );
    }

    #[test]
    fn stems_join_the_forms_of_a_word() {
        for (a, b) in [
            ("flips", "flipped"),
            ("relies", "relying"),
            ("assumes", "assuming"),
            ("depends", "depend"),
            ("reads", "Read"),
        ] {
            assert_eq!(stem(a), stem(b));
        }
    }
}
