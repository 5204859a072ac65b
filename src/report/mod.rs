//! Speaking. Enters: [`Analysis`](crate::analysis::Analysis) and the gate's answer. Leaves: text in one of the formats. A reporter decides nothing: what is said,
//! and how bad it is, was decided before. Lines and columns are made here and nowhere else.

pub mod diagram;
pub mod github;
pub mod handover;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod sarif;
pub mod text;

use crate::plan::LeftOut;

/// A format of a report that is written to a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Format {
    /// The JSON of the contract.
    Json,
    /// Workflow commands: annotations.
    Github,
    /// A summary for people, as GitHub renders it.
    Markdown,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// A page for people that needs nothing else.
    Html,
    /// JUnit, for CI servers: a test case for each PRD.
    Junit,
}

impl Format {
    /// The words that `--report KIND=PATH` takes.
    pub const WORDS: &[&str] = &["json", "sarif", "github", "markdown", "html", "junit"];

    /// The format of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "json" => Some(Self::Json),
            "github" => Some(Self::Github),
            "markdown" => Some(Self::Markdown),
            "sarif" => Some(Self::Sarif),
            "html" => Some(Self::Html),
            "junit" => Some(Self::Junit),
            _ => None,
        }
    }
}

/// Who stays behind, in one line; nothing where nobody does.
#[must_use]
pub fn left_out(all: &[LeftOut]) -> String {
    let named: Vec<&str> = all
        .iter()
        .filter(|left| left.waits_for.is_none())
        .map(|left| left.prd.0.as_str())
        .collect();
    if named.is_empty() {
        return String::new();
    }
    let waiting = all
        .iter()
        .filter_map(|left| Some(format!("{} (waits for {})", left.prd, left.waits_for.as_ref()?)));
    let waiting: Vec<String> = waiting.collect();
    let with = if waiting.is_empty() {
        String::new()
    } else {
        format!("; with them {}", waiting.join(", "))
    };
    format!("left out: {}{with}", named.join(", "))
}

/// Text from documents, code or agents with its control and direction-changing characters made visible, so that a terminal or a log
/// shows what is there and obeys none of it.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_direction_marks_never_reach_the_terminal() {
        assert_eq!(visible("a\x1b[31mb\u{202e}c\td"), "a\u{fffd}[31mb\u{fffd}c\td");
    }
}
