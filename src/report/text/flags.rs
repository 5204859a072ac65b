//! `flagman flags`, as text: all in a table.

use std::fmt::Write as _;

use super::{counted, table};
use crate::analysis::Analysis;
use crate::assumption::table::{FlagFacts, StateSource};
use crate::flag::FlagKey;
use crate::report::visible;

/// Every flag in a table.
#[must_use]
pub fn flags(analysis: &Analysis) -> String {
    if analysis.flags.flags.is_empty() {
        return "no flags found; if there are some, tell flagman how they are read: flagman init\n".to_owned();
    }
    let header = ["flag", "default", "state", "defined", "read", "tests", "reached by"]
        .map(str::to_owned)
        .to_vec();
    let reached = analysis.reached(None);
    let mut rows = vec![header];
    rows.extend(
        analysis
            .flags
            .flags
            .iter()
            .map(|(key, facts)| row(analysis, key, facts, reached.get(key).map_or(0, Vec::len))),
    );
    let mut text = table(&rows);
    let dynamic = analysis.index.dynamic.len();
    let _ = writeln!(
        text,
        "\n{}, environment {}",
        counted(rows.len() - 1, "flag"),
        analysis.settings.environment
    );
    if dynamic > 0 {
        let _ = writeln!(
            text,
            "{} of a flag whose name is not known (see --format json)",
            counted(dynamic, "read")
        );
    }
    let silent = analysis.index.reads.is_empty() && dynamic == 0 && !analysis.index.definitions.is_empty();
    if silent {
        text.push_str(
            "nothing is seen to read them: if a helper of your own does, `flagman init --suggest` looks for it, and docs/rules.md has the form\n",
        );
    }
    visible(&text)
}

/// `reached` is the number of tests that reach the flag and say nothing of it.
fn row(analysis: &Analysis, key: &FlagKey, facts: &FlagFacts, reached: usize) -> Vec<String> {
    let (state, source) = facts.served();
    let state = match source {
        StateSource::Default => String::new(),
        StateSource::File => format!("{state}"),
        StateSource::Override => format!("{state} (supposed)"),
    };
    let tests = analysis.needs.iter().filter(|need| need.flag == *key).count();
    let number = |count: usize| if count == 0 { "-".to_owned() } else { count.to_string() };
    vec![
        key.as_str().to_owned(),
        facts.default_value().word().to_owned(),
        if state.is_empty() { "-".to_owned() } else { state },
        number(facts.definitions.len()),
        number(facts.reads.len()),
        number(tests),
        number(reached),
    ]
}
