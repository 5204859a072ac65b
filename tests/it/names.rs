//! Documents that name flags as code in camelCase does: what they ship, need and turn is understood, ordered and shown as it is for
//! `snake_case`, and what else has such a name stays what it is.

use serde_json::Value;

use crate::project::Project;

const CODE: &str = "//- src/flags.ts
export const flags = { newCheckout: false } as const;
export function isEnabled(key: keyof typeof flags): boolean { return flags[key]; }
//- src/checkout.ts
import { isEnabled } from './flags';
export function checkout(cart: string[]): string {
  if (isEnabled('newCheckout')) { return onePage(cart); }
  return `three steps for ${cart.length}`;
}
export function onePage(cart: string[]): string { return `one page for ${cart.length}`; }
";

const SHIPS: &str = "It is behind `newCheckout`, which is off by default.";
const NEEDS: &str = "Now that the one-page checkout is live, the reminder mail links to it.";
const TURNS: &str = "Set `newCheckout` to true in `src/flags.ts`.";

/// The three documents, in the words of each; without words there is no such document.
fn documents(ships: &str, needs: &str, turns: &str) -> String {
    let document = |path: &str, title: &str, text: &str| match text {
        "" => String::new(),
        _ => format!("//- docs/prds/{path}.md\n# {title}\n\n{text}\n"),
    };
    document("001-one-page", "One-page checkout", ships)
        + &document("002-mail", "Mail", needs)
        + &document("003-live", "Launch", turns)
}

fn project(ships: &str, needs: &str, turns: &str) -> Project {
    Project::of(&format!("{CODE}{}", documents(ships, needs, turns)))
}

fn phases(project: &Project) -> Vec<Vec<String>> {
    let plan = project.json(&["plan"]);
    let ids = |phase: &Value| -> Vec<String> {
        let prds = phase["prds"].as_array().unwrap().iter();
        prds.map(|id| id.as_str().unwrap().to_owned()).collect()
    };
    plan["phases"].as_array().unwrap().iter().map(ids).collect()
}

#[test]
fn what_is_shipped_and_needed_in_camel_case_is_held_and_opened_by_who_turns_it() {
    let held = project(SHIPS, NEEDS, "");
    let gate = held.flagman(&["gate"]);
    assert_eq!(gate.code, 1, "{}", gate.out);
    assert!(
        gate.out.contains("`newCheckout` is off") && gate.out.contains("docs/prds/002-mail.md:3"),
        "{}",
        gate.out
    );
    let open = project(SHIPS, NEEDS, TURNS);
    assert_eq!(open.flagman(&["gate"]).code, 0);
    assert_eq!(phases(&open), [["001-one-page"], ["003-live"], ["002-mail"]]);
    let plan = open.json(&["plan"]);
    let flag = |edge: &&Value| edge["kind"] == "flag" && edge["from"] == "003-live" && edge["to"] == "002-mail";
    assert!(
        plan["edges"].as_array().unwrap().iter().any(|edge| flag(&edge)),
        "{plan}"
    );
    let text = open.flagman(&["plan"]).out;
    assert!(
        text.contains("── newCheckout on ── unlocks 002-mail\n   003-live makes it (docs/prds/003-live.md:3)"),
        "{text}"
    );
    assert!(
        text.contains("after 001-one-page which ships the flag that it turns (docs/prds/001-one-page.md:3)")
            && text.contains("after 003-live which turns a flag that it needs (docs/prds/003-live.md:3)"),
        "{text}"
    );
}

#[test]
fn every_way_of_shipping_needing_and_turning_is_understood() {
    for ships in [
        SHIPS,
        "Ships behind `newCheckout` (off).",
        "The page sits behind `newCheckout`. It is off by default.",
        "It is gated on `newCheckout`, default off.",
        "| Flag | Default |\n|---|---|\n| `newCheckout` | off |",
        "## Feature flags\n\n- `newCheckout` (default: off)",
    ] {
        let project = project(ships, NEEDS, "");
        assert_eq!(project.flagman(&["gate"]).code, 1, "{ships}");
    }
    for needs in [
        "Requires `newCheckout` on.",
        "Requires `newCheckout`.",
        "Wait for `newCheckout`.",
        "Requires: `newCheckout`",
    ] {
        let project = project(SHIPS, needs, "");
        assert_eq!(project.flagman(&["gate"]).code, 1, "{needs}");
    }
    for turns in [
        TURNS,
        "Turn on `newCheckout`.",
        "Flip `newCheckout` to on.",
        "Change the default of `newCheckout` to on.",
        "Make `newCheckout` on by default.",
        "## Turn on `newCheckout`",
        "Enable `newCheckout`.",
        "This PRD turns on `newCheckout`.",
    ] {
        let project = project(SHIPS, NEEDS, turns);
        assert_eq!(project.flagman(&["gate"]).code, 0, "{turns}");
    }
}

#[test]
fn a_flag_that_only_documents_name_is_understood_too() {
    let texts = documents(
        "Ships behind `expressPay` (off).",
        "Requires `expressPay`.",
        "Turn on `expressPay`.",
    );
    let project = Project::of(&texts);
    let gate = project.flagman(&["gate"]);
    assert_eq!(gate.code, 0, "{}", gate.out);
    assert!(!gate.out.contains("unknown-flag"), "{}", gate.out);
    assert_eq!(phases(&project), [["001-one-page"], ["003-live"], ["002-mail"]]);
    let held = Project::of(&documents(
        "Ships behind `expressPay` (off).",
        "Requires `expressPay` on.",
        "",
    ));
    let gate = held.flagman(&["gate"]);
    assert!(gate.code == 1 && !gate.out.contains("unknown-flag"), "{}", gate.out);
}

/// The same three documents with the name spelled as a flag's name mostly is.
#[test]
fn the_order_does_not_depend_on_the_spelling() {
    let texts = format!("{CODE}{}", documents(SHIPS, NEEDS, TURNS)).replace("newCheckout", "new_checkout");
    let project = Project::of(&texts);
    assert_eq!(phases(&project), [["001-one-page"], ["003-live"], ["002-mail"]]);
    assert_eq!(project.flagman(&["gate"]).code, 0);
}

#[test]
fn a_function_of_the_name_is_no_flag() {
    let code = "//- src/cart.ts
export function quickTotal(cart: number[]): number { return cart.length; }
export function authGuard(): boolean { return true; }
";
    let project = Project::of(&format!(
        "{code}{}",
        documents(
            "The page is behind `authGuard`, which is on by default.",
            "Requires `quickTotal` to be exported. `quickTotal` takes the cart.",
            "Turn on `quickTotal`."
        )
    ));
    let prds = project.json(&["prds"]);
    for prd in prds["prds"].as_array().unwrap() {
        for list in ["introduces", "flips", "assumptions"] {
            assert_eq!(prd[list].as_array().unwrap().len(), 0, "{prd}");
        }
    }
    assert_eq!(project.flagman(&["gate"]).code, 0);
}

#[test]
fn the_flip_that_a_document_makes_is_shown_with_its_line() {
    let project = project(SHIPS, NEEDS, TURNS);
    let one = project.flagman(&["prds", "3"]).out;
    assert!(
        one.contains("\nturns\n  newCheckout on  with this PRD  docs/prds/003-live.md:3\n"),
        "{one}"
    );
    let all = project.flagman(&["prds"]).out;
    assert!(all.contains("turns newCheckout on"), "{all}");
    let flip = &project.json(&["prds", "3"])["prds"][0]["flips"][0];
    assert_eq!((&flip["flag"], &flip["to"]), (&"newCheckout".into(), &"on".into()));
    assert_eq!(
        (&flip["with"], &flip["when"]),
        (&"003-live".into(), &"with 003-live".into())
    );
    assert_eq!(flip["because"][0]["line"], 3);
    assert_eq!(flip["because"][0]["role"], "prd");
}

#[test]
fn a_setting_that_a_prd_ships_is_a_flag_where_code_asks_for_it() {
    let code = "//- package.json\n{}\n//- src/a.ts\nexport const run = () => { if (process.env.NEW_ENGINE === '1' && process.env.OTHER) { return 1; } return 2; };\n";
    let ships =
        "//- docs/prds/001-engine.md\n# Engine\n\nThe second engine sits behind `NEW_ENGINE`, off by default.\n";
    let read = |text: &str| {
        let flags = Project::of(text).json(&["flags"]);
        let all = flags["flags"].as_array().unwrap().iter();
        all.map(|flag| {
            (
                flag["key"].as_str().unwrap().to_owned(),
                flag["reads"].as_array().unwrap().len(),
            )
        })
        .collect::<Vec<_>>()
    };
    assert_eq!(read(&format!("{code}{ships}")), [("NEW_ENGINE".to_owned(), 1)]);
    assert_eq!(read(code), [], "by itself it may be any setting");
}
