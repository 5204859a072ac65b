//! Criteria that expect what only a guarded branch yields, and for each condition the neighbour that proves nothing.

use std::collections::BTreeMap;

use super::*;
use crate::flag::Ledger;
use crate::index::store::FactsStore;
use crate::index::{Wanted, build};
use crate::prd;
use crate::rules::load_builtin;
use crate::source::fixture;

const CODE: &str = "
//- src/flags.ts
export const FLAG_DEFAULTS = { fast_quotes: false };
export const flags = { isEnabled: (key: string) => FLAG_DEFAULTS[key] };
//- src/quotes.ts
import { flags } from './flags';
export function quote(draft) {
  if (flags.isEnabled('fast_quotes')) {
    return { status: 'snapshot_mismatch', frozenTotal: 1, text: 'Price locked', kind: 'ready', both: 'quote_is_done' };
  }
  return { status: 'total_from_rates', both: 'quote_is_done' };
}
//- tests/quotes.test.ts
import { quote } from '../src/quotes';
import { test, expect } from 'vitest';
test('a quote', () => { expect(quote().status).toBe('snapshot_mismatch'); });
";

fn check(document: &str, expected: &[&str]) {
    check_in(CODE, document, expected);
}

fn check_in(code: &str, document: &str, expected: &[&str]) {
    let (sources, view) = fixture(&format!("{code}//- docs/001-a.md\n{document}\n"));
    let rules = load_builtin();
    let index = build::build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
    let documents = view.files.iter().filter(|(path, _)| path.as_str().starts_with("docs/"));
    let prds: Vec<Prd> = documents
        .map(|(_, file)| prd::read(&sources, *file, None, &prd::KnownNames::default()))
        .collect();
    let flags = FlagTable::build(&index, &Ledger::default(), "default", &prds, &BTreeMap::new());
    let found = needs(&sources, &view, &prds, &index, &flags);
    assert!(found.iter().all(|need| need.certainty == NeedCertainty::Possible));
    let got: Vec<String> = found
        .iter()
        .map(|need| {
            let places = need.because.iter().map(|evidence| sources.text(evidence.span));
            let places: Vec<&str> = places.collect();
            format!("{} {}: {}", need.flag, need.needs, places.join(" / "))
        })
        .collect();
    assert_eq!(got, expected, "{document}");
}

#[test]
fn what_only_the_guarded_branch_yields_may_need_the_flag() {
    for (said, places) in [
        (
            "the status is `snapshot_mismatch`",
            "snapshot_mismatch / 'snapshot_mismatch'",
        ),
        (
            "it answers `status: snapshot_mismatch`",
            "status: snapshot_mismatch / 'snapshot_mismatch'",
        ),
        ("`quote.frozenTotal` is what it was", "quote.frozenTotal / frozenTotal"),
        ("the page says \"Price locked\"", "Price locked / 'Price locked'"),
    ] {
        let expected = format!("fast_quotes on: {places}");
        check(&format!("# A\n\n## Acceptance criteria\n\n- {said}"), &[&expected]);
        check(&format!("# A\n\n## Test plan\n\n{said}."), &[&expected]);
    }
    check(
        "# A\n\nAcceptance criteria:\n\n- the status is `snapshot_mismatch`",
        &["fast_quotes on: snapshot_mismatch / 'snapshot_mismatch'"],
    );
}

#[test]
fn the_neighbours_prove_nothing() {
    let criterion = |said: &str| format!("# A\n\n## Acceptance criteria\n\n- {said}");
    for document in [
        // Not a criterion.
        "# A\n\n## Background\n\n- the status is `snapshot_mismatch`".to_owned(),
        "# A\n\n## Out of scope\n\n- the status is `snapshot_mismatch`".to_owned(),
        // Neither quoted nor in code voice.
        criterion("the price locked in is shown"),
        // Denied, and both states.
        criterion("the status is never `snapshot_mismatch`"),
        criterion("the status is `snapshot_mismatch`, whether or not the path is on"),
        // A common word, and what both branches yield.
        criterion("the kind is `ready`"),
        criterion("it says `quote_is_done`"),
        // What the branch yields that runs today.
        criterion("the status is `total_from_rates`"),
        // What each side yields.
        criterion("`snapshot_mismatch` for new ones\n- `total_from_rates` for old ones"),
        // It speaks of the flag, in whatever words.
        format!(
            "{}\n\n## Notes\n\nSee `fast_quotes`.",
            criterion("the status is `snapshot_mismatch`")
        ),
    ] {
        check(&document, &[]);
    }
}

#[test]
fn what_other_code_has_too_or_another_state_has_already_needs_nothing() {
    let document = "# A\n\n## Acceptance criteria\n\n- the status is `snapshot_mismatch`";
    let elsewhere = format!("{CODE}//- src/mail.ts\nexport type Status = 'snapshot_mismatch';\n");
    check_in(&elsewhere, document, &[]);
    let on = CODE.replace("fast_quotes: false", "fast_quotes: true");
    check_in(&on, document, &[]);
    let other = document.replace("snapshot_mismatch", "total_from_rates");
    check_in(&on, &other, &["fast_quotes off: total_from_rates / 'total_from_rates'"]);
}
