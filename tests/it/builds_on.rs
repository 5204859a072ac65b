//! Documents that come after the one that ships a dark flag and name what only the flag decides: a note with its three places.

use serde_json::Value;

use crate::project::Project;

const CODE: &str = "//- package.json
{\"devDependencies\": {\"vitest\": \"3\"}}
//- src/flags.ts
export const FLAG_DEFAULTS = { new_checkout: false };
export function isEnabled(key: string): boolean { return FLAG_DEFAULTS[key]; }
//- src/short.ts
export function payInOneStep(total: number) { return { total, steps: 1 }; }
export function addUpTotals(totals: number[]) { return totals.reduce((a, b) => a + b, 0); }
//- src/checkout.ts
import { isEnabled } from './flags';
import { payInOneStep, addUpTotals } from './short';
export function checkoutOfCart(totals: number[]) {
  const total = addUpTotals(totals);
  if (isEnabled('new_checkout')) { return { ...payInOneStep(total), engine: 'one-page-checkout' }; }
  return { total, engine: 'classic-checkout' };
}
//- docs/prds/001-checkout.md
# 001 Checkout
Ships behind the feature flag `new_checkout`, default OFF.
//- docs/prds/002-mail.md
";

/// What the gate notes of a document that says this.
fn notes(text: &str) -> Vec<Value> {
    let gate = Project::of(&format!("{CODE}{text}\n")).json(&["gate"]);
    assert_eq!(gate["verdict"], "clear", "{text}");
    let findings = gate["findings"].as_array().unwrap().iter();
    let of_flags = |finding: &&Value| finding["check"] == "assumes-unset-flag";
    findings.filter(of_flags).cloned().collect()
}

#[test]
fn who_names_what_only_the_flag_decides_gets_a_note() {
    for (words, why) in [
        (
            "The mail calls `payInOneStep` for the total.",
            "`payInOneStep`, which runs only with `new_checkout` on",
        ),
        (
            "The mail calls `checkoutOfCart`.",
            "`checkoutOfCart`, which decides by `new_checkout`",
        ),
        (
            "It shows orders of the engine \"one-page-checkout\".",
            "`one-page-checkout`, which runs only with `new_checkout` on",
        ),
    ] {
        for after in [
            "---\ndepends_on: [001]\n---\n# Mail\n\n",
            "# Mail\n\nDepends on PRD 001.\n\n",
            "# Mail\n\nThis builds on PRD 1: it comes second.\n\n",
        ] {
            let notes = notes(&format!("{after}{words}"));
            assert_eq!(notes.len(), 1, "{after}{words}");
            assert_eq!(notes[0]["level"], "note");
            let message = notes[0]["message"].as_str().unwrap();
            let says = "PRD 002-mail may need `new_checkout` on, and `new_checkout` is off: it comes after PRD 001-checkout, which ships that, and names ";
            assert!(message.starts_with(says) && message.contains(why), "{message}");
            let places = notes[0]["places"].as_array().unwrap();
            let at = |path: &str, role: &str| {
                places
                    .iter()
                    .any(|place| place["path"] == path && place["role"] == role)
            };
            assert!(at("docs/prds/002-mail.md", "prd"), "{places:?}");
            assert!(
                at("docs/prds/001-checkout.md", "prd") && at("src/flags.ts", "definition"),
                "{places:?}"
            );
            assert!(at("src/checkout.ts", "guard"), "{places:?}");
        }
    }
}

#[test]
fn who_does_not_come_after_it_or_names_other_things_gets_none() {
    for text in [
        "# Mail\n\nThe mail calls `payInOneStep` for the total.",
        "---\ndepends_on: [001]\n---\n# Mail\n\nThe mail calls `addUpTotals`.",
        "---\ndepends_on: [001]\n---\n# Mail\n\nThe mail must not call `payInOneStep`.",
        "---\ndepends_on: [001]\n---\n# Mail\n\nWe change `checkoutOfCart` so that it rounds.",
        "---\ndepends_on: [001]\n---\n# Mail\n\nThe mail shows \"classic-checkout\".",
        "---\ndepends_on: [001]\n---\n# Mail\n\nThe mail calls `payInOneStep`; it works with `new_checkout` on or off.",
        "---\ndepends_on: [001]\n---\n# Mail\n\n## Out of scope\n\n- `payInOneStep`",
        "---\ndepends_on: [001]\n---\n# Mail\n\nThe mail is sent twice.",
    ] {
        assert!(notes(text).is_empty(), "{text}");
    }
}
