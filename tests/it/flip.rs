//! `flagman flip` and one flag's life, by command: on the story with its branches, and on a project whose tests rest on a default.

use serde_json::Value;

use crate::project::{Project, flagman_in};
use crate::stories::Repository;

/// `path:line` of every entry of a list.
fn places(list: &Value) -> Vec<String> {
    let all = list.as_array().unwrap().iter();
    all.map(|one| format!("{}:{}", one["path"].as_str().unwrap(), one["line"]))
        .collect()
}

/// One field of every entry of a list.
fn each<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|one| one[field].as_str().unwrap())
        .collect()
}

#[test]
fn the_flip_of_the_story_unlocks_the_held_ones_and_mends_the_tests_of_their_branches() {
    let story = Repository::new();
    let said = flagman_in(&story.root, &["flip", "quote_snapshot_read=on", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let flip: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        (&flip["from"], &flip["to"], &flip["verdict"]),
        (&"off".into(), &"on".into(), &"clear".into())
    );
    assert_eq!(
        flip["unlocks"],
        serde_json::json!(["007-leads", "011-tax", "019-refunds"])
    );
    assert_eq!(
        (flip["breaks"].as_array().unwrap().len(), &flip["forced"]),
        (0, &2.into())
    );
    assert_eq!(each(&flip["fixes"], "branch"), ["feat/leads", "feat/tax"]);
    assert_eq!(
        places(&flip["live"]),
        ["apps/api/src/quotes/quote-version.service.ts:57"]
    );
    assert_eq!(
        places(&flip["dark"]),
        ["apps/api/src/quotes/quote-version.service.ts:61"]
    );
    assert_eq!(flip["dark"][0]["guard"]["line"], 57);
    assert_eq!(flip["barriers"][0]["before_phase"], 2);
    assert!(
        each(&flip["planned"], "prd").contains(&"003-snapshot-writer"),
        "{flip:#}"
    );

    let said = flagman_in(&story.root, &["flip", "quote_snapshot_read=on"]);
    let expected = "\
quote_snapshot_read: off now, on after the flip (environment default)
breaks no test that is known to need it off · mends 2 tests · unlocks 3 PRDs
";
    assert!(said.out.starts_with(expected), "{}", said.out);
    for line in [
        "  the plan             turns it on before phase 2\n",
        "unaffected: 2 tests set the flag themselves and stay as is\n",
        "next: flagman probe quote_snapshot_read ",
        "      flagman flags set quote_snapshot_read on --reason \"…\"\n",
    ] {
        assert!(said.out.contains(line), "{line}\n{}", said.out);
    }
    let said = flagman_in(&story.root, &["flip", "quote_snapshot_read=off"]);
    assert_eq!(said.code, 0);
    assert!(
        said.out
            .contains("is off already in environment default: nothing changes"),
        "{}",
        said.out
    );
}

#[test]
fn the_state_of_the_environment_that_is_asked_for_counts() {
    let story = Project::copy(&crate::project::checkout("fixtures/stories/skip-launch"));
    let set = [
        "flags",
        "set",
        "quote_snapshot_read",
        "on",
        "--env",
        "staging",
        "--reason",
        "tried out",
    ];
    assert_eq!(story.flagman(&set).code, 0);
    let said = story.flagman(&["flip", "quote_snapshot_read=off", "--env", "staging"]);
    assert!(
        said.out.contains("on now, off after the flip (environment staging)"),
        "{}",
        said.out
    );
    assert!(
        said.out
            .contains("flags set quote_snapshot_read off --reason \"…\" --env staging"),
        "{}",
        said.out
    );
    // What the gate lets go in staging it would hold again.
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.contains("holds 3 PRDs"), "{}", said.out);
    let said = story.flagman(&["flip", "quote_snapshot_read=on", "--env", "staging"]);
    assert!(
        said.out.contains("is on already in environment staging"),
        "{}",
        said.out
    );
}

const SHOP: &str = "//- src/flags.ts
export const FLAG_DEFAULTS = { fast_pricing: true, new_cart: false };
export function isEnabled(key: string): boolean { return FLAG_DEFAULTS[key]; }
export function withFlags(flags: Record<string, boolean>, run: () => void) { run(); }
//- src/pricing.ts
import { isEnabled } from './flags';
export function price(): string {
  if (isEnabled('fast_pricing')) { return 'the fast price'; }
  return 'the slow price';
}
//- src/banner.ts
import { isEnabled } from './flags';
export function banner(): string {
  let text = '';
  if (isEnabled('new_banner')) { text = 'a banner'; }
  return text;
}
//- src/pricing.test.ts
import { price } from './pricing';
import { withFlags } from './flags';
it('is fast while fast_pricing is on', () => { expect(price()).toBe('the fast price'); });
it('is slow when fast_pricing is off', () => {
  withFlags({ fast_pricing: false }, () => { expect(price()).toBe('the slow price'); });
});
//- flags.toml
schema = 1
[[state]]
flag = \"new_banner\"
value = \"on\"
reason = \"for all\"
";

#[test]
fn what_breaks_is_told_first_and_blocks() {
    let project = Project::of(SHOP);
    let said = project.flagman(&["flip", "fast_pricing=off"]);
    let expected = "\
fast_pricing: on now, off after the flip (environment default)
breaks 1 test known to need it on

breaks: needs on, and nothing in the test sets it
  src/pricing.test.ts:3  is fast while fast_pricing is on  likely  fragile: only by a default

unaffected: 1 test sets the flag itself and stays as is

goes live
  src/pricing.ts:4  price  guard at line 3

goes dark
  src/pricing.ts:3  price  guard at line 3
";
    assert!(said.out.starts_with(expected), "{}", said.out);
    assert_eq!(said.code, 1);
    let flip = project.json(&["flip", "fast_pricing=off"]);
    assert_eq!(each(&flip["breaks"], "verdict"), ["fragile"]);
    assert_eq!(flip["verdict"], "blocked");
}

#[test]
fn one_flag_has_its_whole_life_on_one_screen() {
    let project = Project::of(SHOP);
    let said = project.flagman(&["flags", "fast_pricing"]);
    let expected = "\
fast_pricing: on in environment default (default on)

defaults
  declared  on   src/flags.ts:1
  fallback  -    no read gives one
";
    assert!(said.out.starts_with(expected), "{}", said.out);
    for line in [
        "  in tests  on   a test that sets nothing sees the default\n",
        "  promised  -    by no PRD\n",
        "  src/pricing.ts:3  price via isEnabled  off: 4; on: 3\n",
        "  src/pricing.test.ts:5  off  for ",
        "needs on   fragile: only by a default\n",
        "next: flagman flip fast_pricing=off ",
    ] {
        assert!(said.out.contains(line), "{line}\n{}", said.out);
    }
    let flags = project.json(&["flags", "fast_pricing"]);
    let flag = &flags["flags"][0];
    assert_eq!(
        (&flag["defaults"]["declared"], &flag["forces"][0]["value"]),
        (&"on".into(), &"off".into())
    );
}

#[test]
fn what_has_gone_stale_is_hinted_at() {
    let project = Project::of(SHOP);
    let hints = |key: &str| {
        let flags = project.json(&["flags", key]);
        each(&flags["flags"][0]["hints"], "kind").join(" ")
    };
    assert_eq!(hints("new_cart"), "never-read");
    assert_eq!(hints("new_banner"), "always-on");
    assert_eq!(hints("fast_pricing"), "");
    // Where it is off in one environment, it is not done with.
    assert_eq!(
        project
            .flagman(&["flags", "set", "new_banner", "off", "--env", "eu", "--reason", "law"])
            .code,
        0
    );
    assert_eq!(hints("new_banner"), "");
    let said = project.flagman(&["flags", "new_cart"]);
    assert!(
        said.out.contains("stale?\n  no code outside of tests reads it\n"),
        "{}",
        said.out
    );
}

#[test]
fn long_lists_are_cut_with_a_count() {
    let reads: String = (0..30)
        .map(|n| format!("export function f{n}() {{ if (isEnabled('fast_pricing')) {{ go({n}); }} }}\n"))
        .collect();
    let project = Project::of(&format!(
        "{SHOP}//- src/many.ts\nimport {{ isEnabled }} from './flags';\n{reads}"
    ));
    let short = project.flagman(&["flags", "fast_pricing"]).out;
    assert!(short.contains("  … and 23 more: --all\n"), "{short}");
    assert!(short.lines().count() < 50, "{short}");
    let all = project.flagman(&["flags", "fast_pricing", "--all"]).out;
    assert!(all.contains("f29") && !all.contains("more: --all"), "{all}");
    let flip = project.flagman(&["flip", "fast_pricing=off"]).out;
    assert!(flip.contains("more: --all"), "{flip}");
    assert!(
        !project
            .flagman(&["flip", "fast_pricing=off", "--all"])
            .out
            .contains("more: --all")
    );
}
