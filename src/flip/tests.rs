//! Flips of small projects: the whole pure part, from texts to the answer.

use std::collections::BTreeMap;

use super::*;
use crate::analysis::{Inputs, PrdFile, analyze};
use crate::assumption::proof::Proofs;
use crate::check::{Level, Settings};
use crate::flag::Ledger;
use crate::rules;
use crate::source::fixture;

const STRICT: Strictness = Strictness {
    fail_on: Level::Error,
    hold_wave: true,
};

const FLAGS: &str = "//- src/flags.ts
export const FLAG_DEFAULTS = { fast_pricing: false, new_cart: false, old_mail: true };
export function isEnabled(key: string): boolean { return FLAG_DEFAULTS[key]; }
export function withFlags(flags: Record<string, boolean>, run: () => void) { run(); }
";

fn inputs(text: &str, ambient: Option<FlagValue>) -> Inputs {
    let (sources, base) = fixture(text);
    let prds = base.files.iter().filter(|(path, _)| path.as_str().starts_with("docs/"));
    let prds = prds.map(|(_, file)| PrdFile::alone(*file)).collect();
    let settings = Settings {
        environment: "default".to_owned(),
        ambient,
        ..Settings::default()
    };
    Inputs {
        sources,
        base,
        rules: rules::load_builtin(),
        settings,
        prds,
        unread_prds: Vec::new(),
        ledger: Ok(Ledger::default()),
        supposed: BTreeMap::new(),
        landed: std::collections::BTreeSet::new(),
        at_wave: false,
        without: std::collections::BTreeSet::new(),
        branches: Vec::new(),
        conflicts: Vec::new(),
        clean: std::collections::BTreeSet::new(),
        breaches: Vec::new(),
        proofs: Proofs::default(),
        parse_all: false,
    }
}

/// The flip of `key`, with the analysis of things as they are.
fn flipped(inputs: Inputs, key: &str, to: FlagValue) -> (Analysis, Flip) {
    let mut supposing = inputs.clone();
    supposing.supposed.insert(FlagKey::new(key), to);
    let (before, after) = (analyze(inputs), analyze(supposing));
    let flip = flip(&before, &after, &FlagKey::new(key), to, STRICT);
    (before, flip)
}

fn titles(analysis: &Analysis, hits: &[TestHit]) -> Vec<String> {
    let title = |hit: &TestHit| hit.code(analysis).tests[hit.need.test].name.clone();
    hits.iter().map(title).collect()
}

/// The first line of each region's text.
fn codes<'a>(analysis: &'a Analysis, regions: &[Region]) -> Vec<&'a str> {
    let text = |region: &Region| analysis.sources.text(region.span).lines().next().unwrap_or("").trim();
    regions.iter().map(text).collect()
}

const PRICING: &str = "//- src/pricing.ts
import { isEnabled } from './flags';
export function price(): string {
  if (isEnabled('fast_pricing')) { return 'the fast price'; }
  return 'the slow price';
}
//- src/pricing.test.ts
import { price } from './pricing';
import { withFlags } from './flags';
it('is slow while fast_pricing is off', () => { expect(price()).toBe('the slow price'); });
it('is fast while fast_pricing is on', () => { expect(price()).toBe('the fast price'); });
it('is slow when fast_pricing is off, whatever it is', () => {
  withFlags({ fast_pricing: false }, () => { expect(price()).toBe('the slow price'); });
});
it('has a price', () => { expect(price()).toBeTruthy(); });
";

#[test]
fn what_passes_only_by_the_default_breaks_and_what_sets_the_flag_does_not() {
    let text = format!("{FLAGS}{PRICING}");
    let (before, flip) = flipped(inputs(&text, None), "fast_pricing", FlagValue::On);
    assert_eq!(
        titles(&before, &flip.tests.breaks),
        ["is slow while fast_pricing is off"]
    );
    assert_eq!(titles(&before, &flip.tests.fixes), ["is fast while fast_pricing is on"]);
    assert_eq!(
        (flip.tests.unknown.len(), flip.tests.forced, flip.tests.near),
        (0, 1, 1)
    );
    assert_eq!(flip.verdict(), Verdict::Blocked);
    assert_eq!(codes(&before, &flip.dark), ["return 'the slow price';"]);
    assert_eq!(flip.live.len(), 1);
}

#[test]
fn a_flip_to_what_is_changes_nothing() {
    let text = format!("{FLAGS}{PRICING}");
    let (_, flip) = flipped(inputs(&text, None), "fast_pricing", FlagValue::Off);
    assert!(flip.is_nothing() && flip.live.is_empty() && flip.tests == TestHits::default());
    assert_eq!(flip.verdict(), Verdict::Clear);
}

#[test]
fn where_it_is_not_known_what_tests_see_nothing_is_said_to_break() {
    let text = format!("{FLAGS}{PRICING}");
    let (before, flip) = flipped(inputs(&text, Some(FlagValue::Unknown)), "fast_pricing", FlagValue::On);
    assert_eq!(titles(&before, &flip.tests.breaks), [""; 0]);
    assert_eq!(
        titles(&before, &flip.tests.unknown),
        ["is slow while fast_pricing is off"]
    );
    assert_eq!(flip.tests.unknown[0].doubt, Some(Doubt::RunsWith));
    assert_eq!(flip.verdict(), Verdict::Unknown);
}

#[test]
fn what_the_project_says_that_tests_see_outlasts_the_flip() {
    let text = format!("{FLAGS}{PRICING}");
    let (_, flip) = flipped(inputs(&text, Some(FlagValue::Off)), "fast_pricing", FlagValue::On);
    assert_eq!((flip.tests.breaks.len(), flip.tests.kept), (0, 1));
    assert_eq!(flip.tests.fixes.len(), 0);
}

#[test]
fn code_that_waits_for_two_flags_does_not_go_live_by_one() {
    let text = format!(
        "{FLAGS}//- src/cart.ts
import {{ isEnabled }} from './flags';
export function cart() {{
  if (isEnabled('new_cart')) {{
    if (isEnabled('fast_pricing')) {{ both(); }}
    if (isEnabled('old_mail')) {{ mail(); }}
  }}
  if (isEnabled('fast_pricing') && isEnabled('old_mail')) {{ quick(); }}
  if (isEnabled('fast_pricing') || isEnabled('old_mail')) {{ either(); }}
}}
"
    );
    let (before, flip) = flipped(inputs(&text, None), "fast_pricing", FlagValue::On);
    assert_eq!(codes(&before, &flip.live), ["{ quick(); }"]);
    assert_eq!(codes(&before, &flip.waits), ["{ both(); }"]);
    let other = |region: &Region| region.others[0].clone();
    let (mail, cart) = (other(&flip.live[0]), other(&flip.waits[0]));
    assert_eq!(
        (mail.any, mail.holds),
        (vec![(FlagKey::new("old_mail"), FlagValue::On)], FlagValue::On)
    );
    assert_eq!(
        (cart.any, cart.holds),
        (vec![(FlagKey::new("new_cart"), FlagValue::On)], FlagValue::Off)
    );
    // What stands inside of what goes live goes with it, and is told once.
    let (before, flip) = flipped(inputs(&text, None), "new_cart", FlagValue::On);
    assert_eq!(codes(&before, &flip.live).len(), 1);
    // The other side of a choice keeps it running.
    let (before, flip) = flipped(inputs(&text, None), "old_mail", FlagValue::Off);
    assert_eq!(codes(&before, &flip.dark), ["{ either(); }"]);
}

#[test]
fn prds_are_unlocked_and_held() {
    let text = format!(
        "{FLAGS}{PRICING}//- docs/001-fast.md
# Fast
This PRD assumes that `fast_pricing` is on.
//- docs/002-slow.md
# Slow
This PRD assumes that `fast_pricing` is off.
"
    );
    let (_, flip) = flipped(inputs(&text, None), "fast_pricing", FlagValue::On);
    assert_eq!(flip.unlocks, [PrdId("001-fast".into())]);
    assert_eq!(
        flip.held.iter().map(|held| held.prd.0.as_str()).collect::<Vec<_>>(),
        ["002-slow"]
    );
    assert_eq!(flip.held[0].check, Some("assumes-unset-flag"));
}

#[test]
fn what_could_not_be_read_makes_it_unknown() {
    let mut inputs = inputs(&format!("{FLAGS}{PRICING}"), None);
    let path = crate::source::RepoPath::new("flags.toml").unwrap();
    inputs.ledger = Err(Skipped {
        path,
        reason: SkipReason::Syntax("no table".into()),
    });
    let (_, flip) = flipped(inputs, "fast_pricing", FlagValue::On);
    assert_eq!((flip.from, flip.unread.len()), (FlagValue::Unknown, 1));
    assert_ne!(flip.verdict(), Verdict::Clear);
}
