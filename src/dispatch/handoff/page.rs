//! Markdown that is safe to make of other people's text. Enters: lines, texts, names, commands. Leaves: a page. Nothing in a text is Markdown but
//! its pairs of backticks, nothing in a name or a command is more than that.

use crate::prd::PrdId;
use std::fmt::Write;

/// A page that is being written.
pub(super) struct Page(pub(super) String);

impl Page {
    pub(super) fn line(&mut self, text: &str) {
        let _ = writeln!(self.0, "{text}");
    }

    /// An empty line, unless there is one already.
    pub(super) fn gap(&mut self) {
        if !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.gap();
        self.line(&format!("## {text}"));
        self.gap();
    }

    /// Commands to be copied, one a line.
    pub(super) fn commands(&mut self, indent: &str, commands: &[String]) {
        if commands.is_empty() {
            return;
        }
        self.line(&format!("{indent}```sh"));
        for command in commands {
            self.line(&format!("{indent}{}", plain(command)));
        }
        self.line(&format!("{indent}```"));
    }
}

/// One line without control characters and without those that turn the direction of writing around.
pub(super) fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars()
        .map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Text of others within a line of ours: what stands between backticks is code, and nothing else in it is Markdown.
pub(super) fn prose(text: &str) -> String {
    let text = plain(text);
    let parts: Vec<&str> = text.split('`').collect();
    let paired = parts.len() % 2 == 1 && parts.iter().skip(1).step_by(2).all(|part| !part.is_empty());
    if !paired {
        return escaped(&text);
    }
    let part = |(at, part): (usize, &&str)| if at % 2 == 0 { escaped(part) } else { code(part) };
    parts.iter().enumerate().map(part).collect()
}

fn escaped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let word = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphanumeric());
    let mut out = String::new();
    for (at, c) in letters.iter().enumerate() {
        // An underscore within a word is only that.
        let harmless = *c == '_' && word(at.checked_sub(1)) && word(Some(at + 1));
        if "\\`*_[]<>|#!&~".contains(*c) && !harmless {
            out.push('\\');
        }
        out.push(*c);
    }
    out
}

/// Text of others as code, whatever backticks it has.
pub(super) fn code(text: &str) -> String {
    let text = plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// One word for a shell.
pub(super) fn shell(text: &str) -> String {
    let text = plain(text);
    let safe = |c: char| c.is_ascii_alphanumeric() || "._-/@:=+".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(safe) {
        return text;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A sentence's beginning.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

pub(super) fn list<'a>(ids: impl Iterator<Item = &'a PrdId>) -> String {
    let ids: Vec<String> = ids.map(|id| code(&id.0)).collect();
    if ids.is_empty() {
        "nothing".to_owned()
    } else {
        ids.join(", ")
    }
}

pub(super) fn times(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_text() {
        assert_eq!(
            prose("a\n<script> [l](u)\u{202e} *b* _c_ snake_case"),
            "a \\<script\\> \\[l\\](u)\u{fffd} \\*b\\* \\_c\\_ snake_case"
        );
        assert_eq!(prose("set `a_b` to <on>"), "set `a_b` to \\<on\\>");
        assert_eq!(prose("one ` alone, <b>"), "one \\` alone, \\<b\\>");
        assert_eq!(prose("``` x ```"), "\\`\\`\\` x \\`\\`\\`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`x\n"), "`` `x ``");
    }

    #[test]
    fn a_word_for_a_shell_is_one_word() {
        assert_eq!(shell("011-tax"), "011-tax");
        assert_eq!(shell("a'; rm -rf /"), "'a'\\''; rm -rf /'");
        assert_eq!(shell("-x"), "'-x'");
        assert_eq!(shell("$(id)"), "'$(id)'");
    }
}
