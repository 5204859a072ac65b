//! The lines of Python's unittest with `-v` (and of Django's `manage.py test -v 2`). Enters: what was printed. Leaves: [`Ran`]. A line names the
//! test (`test_a (tests.test_cart.TestTotals.test_a) ... ok`); its description and its own output may stand between name and outcome.

use super::{Place, last_words};
use crate::probe::{Outcome, Ran, TestId};

/// Reads the lines.
pub(super) fn read(place: &Place<'_>, printed: &str) -> Ran {
    let mut ran = Ran::default();
    let mut running: Option<TestId> = None;
    for line in printed.lines() {
        // The list of what failed, behind all: `FAIL: test_a (tests.test_cart.TestTotals.test_a)`, once more for each sub-test.
        let failed = line.strip_prefix("FAIL: ").or_else(|| line.strip_prefix("ERROR: "));
        if let Some(header) = failed {
            match id(place, header) {
                Some(id) => ran.add(id, Outcome::Failed),
                None if header.contains("unittest.loader._FailedTest") => {
                    let module = header.split([' ', '(']).next().unwrap_or(header);
                    ran.broken.push(format!("{module} could not be imported"));
                }
                None => {}
            }
            continue;
        }
        let (before, after) = line.split_once(" ... ").unwrap_or((line, ""));
        if let Some(id) = id(place, before) {
            running = Some(id);
        }
        let outcome = outcome(after).or_else(|| outcome(line));
        if let Some(outcome) = outcome
            && let Some(id) = running.take()
        {
            ran.add(id, outcome);
        }
    }
    if ran.tests.is_empty() && ran.broken.is_empty() && !printed.contains("Ran 0 tests") {
        ran.broken.push(last_words(printed, "it did not come to run tests"));
    }
    ran
}

fn outcome(words: &str) -> Option<Outcome> {
    let words = words.trim();
    match words {
        "ok" | "expected failure" => Some(Outcome::Passed),
        "FAIL" | "ERROR" | "unexpected success" => Some(Outcome::Failed),
        _ if words.starts_with("skipped ") => Some(Outcome::Skipped),
        _ => None,
    }
}

/// `test_a (tests.test_cart.TestTotals.test_a)`; before Python 3.11 without the name at the end.
fn id(place: &Place<'_>, header: &str) -> Option<TestId> {
    let (name, rest) = header.trim_end().split_once(" (")?;
    let dotted = rest.split(')').next()?;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(is_word) || !dotted.contains('.') {
        return None;
    }
    let dotted = dotted.strip_suffix(&format!(".{name}")).unwrap_or(dotted);
    let (module, class) = dotted.rsplit_once('.')?;
    let path = place.path(&format!("{}.py", module.replace('.', "/")))?;
    Some(TestId {
        path,
        suite: vec![class.to_owned()],
        name: name.to_owned(),
    })
}
