//! Annotations, as GitHub's runner reads them. Enters: the analysis and the gate's answer. Leaves: workflow commands, one a line.
//!
//! The runner takes at most ten errors and ten warnings of a step, so the worst come first and the rest is counted. Escapes follow
//! the toolkit: `%`, CR and LF in data, and `:` and `,` in properties too.

use std::fmt::Write as _;

use super::visible;
use crate::analysis::Analysis;
use crate::check::{Finding, Level};
use crate::gate::GateAnswer;

/// The most annotations of one level that one step shows.
const MOST: usize = 10;

/// The annotations of the answer's findings.
#[must_use]
pub fn annotations(analysis: &Analysis, answer: &GateAnswer) -> String {
    let mut text = String::new();
    for level in [Level::Error, Level::Warning, Level::Note] {
        let ours: Vec<&Finding> = answer
            .findings
            .iter()
            .map(|at| &analysis.findings[*at])
            .filter(|finding| finding.level == level)
            .collect();
        for finding in ours.iter().take(MOST) {
            let _ = writeln!(text, "{}", annotation(analysis, finding));
        }
        if ours.len() > MOST {
            let _ = writeln!(
                text,
                "::notice title=flagman::{} more of level {}, see the summary",
                ours.len() - MOST,
                level.word()
            );
        }
    }
    text
}

fn annotation(analysis: &Analysis, finding: &Finding) -> String {
    let command = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let title = property(&format!("flagman: {}", finding.check));
    let place = finding.places.first().map_or(String::new(), |place| {
        let (start, end) = (analysis.sources.start(place.span), analysis.sources.end(place.span));
        let path = property(analysis.sources.path(place.span.file).as_str());
        // Columns make sense to the runner on a single line only.
        let columns = if start.line == end.line {
            format!(",col={},endColumn={}", start.column, end.column)
        } else {
            String::new()
        };
        format!("file={path},line={},endLine={}{columns},", start.line, end.line)
    });
    let mut message = finding.message.clone();
    for remedy in &finding.remedies {
        let _ = write!(message, "\n{}", remedy.line());
    }
    format!("::{command} {place}title={title}::{}", data(&message))
}

fn data(text: &str) -> String {
    visible(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_from_an_annotation() {
        assert_eq!(property("a::error::x,y%\n"), "a%3A%3Aerror%3A%3Ax%2Cy%25%0A");
        assert_eq!(
            data("::set-output name=x::y\r\n100%"),
            "::set-output name=x::y\u{fffd}%0A100%25"
        );
    }
}
