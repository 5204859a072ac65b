//! A summary for people, as GitHub renders it. Enters: the analysis and the gate's answer. Leaves: Markdown that fits on a first
//! screen: the verdict, the PRDs, the findings with their places and the commands that open the gate.
//!
//! Text of documents and code is untrusted: it is put into code spans or escaped, so that it renders as itself, pings nobody and loads
//! nothing.

mod conflicts;

use std::fmt::Write as _;

use super::{left_out, visible};
use crate::analysis::Analysis;
use crate::check::{Finding, Level};
use crate::gate::{GateAnswer, Verdict};

pub use conflicts::conflicts;

/// GitHub refuses a summary of more than 1 MiB; we stop well before.
const LIMIT: usize = 512 * 1024;

/// The summary.
#[must_use]
pub fn summary(analysis: &Analysis, answer: &GateAnswer) -> String {
    let sign = match answer.verdict {
        Verdict::Clear => "✅ clear",
        Verdict::Blocked => "⛔ blocked",
        Verdict::Unknown => "❔ cannot tell",
    };
    let phase = answer.phase.map_or(String::new(), |phase| format!(", phase {phase}"));
    let mut text = format!("## flagman: {sign}{phase}\n\n");
    text.push_str(&verdicts(answer));
    let left = left_out(&analysis.left_out);
    if !left.is_empty() {
        let _ = writeln!(text, "{}.\n", escaped(&left));
    }
    for (count, at) in answer.findings.iter().enumerate() {
        let one = finding(analysis, &analysis.findings[*at]);
        if text.len() + one.len() > LIMIT {
            let _ = writeln!(
                text,
                "… and {} more findings: see the JSON report.",
                answer.findings.len() - count
            );
            break;
        }
        text.push_str(&one);
    }
    let skipped = analysis.skipped().len();
    if skipped > 0 {
        let _ = writeln!(text, "Not read, or understood in part: {skipped} files.");
    }
    text
}

fn verdicts(answer: &GateAnswer) -> String {
    if answer.prds.is_empty() {
        return String::new();
    }
    let mut text = String::from("| PRD | verdict |\n|---|---|\n");
    for (id, verdict) in &answer.prds {
        let _ = writeln!(text, "| {} | {} |", code(&id.0), verdict.word());
    }
    text + "\n"
}

fn finding(analysis: &Analysis, finding: &Finding) -> String {
    let mut text = format!(
        "### {} · `{}`\n\n{}\n\n",
        level(finding.level),
        finding.check,
        escaped(&finding.message)
    );
    for place in &finding.places {
        let at = format!(
            "{}:{}",
            analysis.sources.path(place.span.file),
            analysis.sources.start(place.span).line
        );
        let words = analysis.sources.text(place.span).lines().next().unwrap_or("").trim();
        let words: String = words.chars().take(160).collect();
        let note = if place.note.is_empty() {
            String::new()
        } else {
            format!(" ({})", escaped(&place.note))
        };
        let _ = writeln!(text, "- {} {}{note}", code(&at), code(&words));
    }
    if !finding.remedies.is_empty() {
        text.push_str("\nWays out:\n\n");
    }
    for remedy in &finding.remedies {
        let command = remedy
            .command
            .as_ref()
            .map_or(String::new(), |command| format!("{}{}", remedy.leads(), code(command)));
        let _ = writeln!(text, "- {}{command}", escaped(&remedy.detail));
    }
    text + "\n"
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "Error",
        Level::Warning => "Warning",
        Level::Note => "Note",
    }
}

/// A code span with a fence longer than any run of backticks in the text; `|` would end a table cell.
fn code(text: &str) -> String {
    let text = visible(text).replace(['\n', '\t'], " ").replace('|', "\\|");
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Prose with everything that Markdown or GitHub acts on escaped. Our own backticks around names stay.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in visible(text).replace('\n', " ").split('`').enumerate() {
        if at % 2 == 1 {
            let _ = write!(out, "{}", code(part));
            continue;
        }
        for c in part.chars() {
            match c {
                '<' => out.push_str("&lt;"),
                '@' => out.push_str("@\u{200b}"),
                '\\' | '*' | '_' | '[' | ']' | '!' | '|' | '#' | '~' => {
                    out.push('\\');
                    out.push(c);
                }
                c => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untrusted_text_renders_as_itself() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(
            escaped("<script> @everyone [x](y) ![i](u)"),
            "&lt;script> @\u{200b}everyone \\[x\\](y) \\!\\[i\\](u)"
        );
        assert_eq!(escaped("PRD 1 needs `a_b` on"), "PRD 1 needs `a_b` on");
    }
}
