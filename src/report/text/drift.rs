//! What PRDs promised and what their branches touch, as text below the pairs of `flagman conflicts --prds`.

use std::fmt::Write as _;

use super::counted;
use crate::drift::Drift;
use crate::report::visible;
use crate::source::RepoPath;

/// How many files of a list are named.
const NAMED: usize = 5;

/// The drift as text; `all` names every file. Nothing where no PRD has a branch.
#[must_use]
pub fn drift(drift: &[Drift], all: bool) -> String {
    let mut text = String::new();
    if !drift.is_empty() {
        text.push_str("\npromised and touched:\n");
    }
    for one in drift {
        let kept = one.promised.len() - one.untouched.len();
        if one.promised.is_empty() {
            let touched = counted(one.touched.len(), "file");
            let _ = writeln!(
                text,
                "  {} (`{}`): no file promised, {touched} touched",
                one.prd, one.branch
            );
            list(&mut text, "touched", &one.touched, all);
            continue;
        }
        let _ = writeln!(
            text,
            "  {} (`{}`): {} of {} touched, {} outside",
            one.prd,
            one.branch,
            kept,
            counted(one.promised.len(), "promised file"),
            one.outside.len()
        );
        for (word, paths) in [("outside", &one.outside), ("not touched yet", &one.untouched)] {
            list(&mut text, word, paths, all);
        }
    }
    visible(&text)
}

fn list(text: &mut String, word: &str, paths: &[RepoPath], all: bool) {
    let shown = if all { paths.len() } else { NAMED };
    let named: Vec<String> = paths.iter().take(shown).map(ToString::to_string).collect();
    if named.is_empty() {
        return;
    }
    let more = match paths.len().saturating_sub(shown) {
        0 => String::new(),
        count => format!(" and {count} more (--all)"),
    };
    let _ = writeln!(text, "    {word}: {}{more}", named.join(", "));
}
