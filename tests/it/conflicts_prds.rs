//! `flagman conflicts --prds`: what documents promise, and what became of it; and `--watch`.

use std::io::Read as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::git_scratch::Scratch;
use crate::project::{Project, flagman_in};
use crate::schemas::validate;

const PROJECT: &str = "//- src/quote.ts
export function createQuote() { return 1 }
export function dropQuote() { return 2 }
//- src/tax.ts
export function tax() { return 1 }
//- lib/mail/send.ts
export function send() { return 1 }
//- docs/prds/001-tax.md
# Tax

Changes `createQuote` in `src/quote.ts`.
//- docs/prds/002-ship.md
# Ship

Changes `createQuote` in `src/quote.ts`, too.
//- docs/prds/003-drop.md
# Drop

Changes `dropQuote` in `src/quote.ts`.
//- docs/prds/004-mail.md
# Mail

Changes `lib/mail/send.ts`.
//- docs/prds/005-vague.md
# Vague

Makes everything better.
";

fn pair<'a>(document: &'a Value, a: &str, b: &str) -> &'a Value {
    let pairs = document["pairs"].as_array().unwrap();
    let found = pairs.iter().find(|pair| pair["a"] == a && pair["b"] == b);
    found.unwrap_or_else(|| panic!("{a} × {b}: {document:#}"))
}

#[test]
fn prds_collide_by_what_they_say_before_there_is_code() {
    let scratch = Scratch::new(PROJECT);
    let said = flagman_in(&scratch.root(), &["conflicts", "--prds", "--all", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err));
    validate("conflicts", &document);
    assert_eq!(said.code, 1, "{}", said.err);
    let same = pair(&document, "001-tax", "002-ship");
    assert_eq!(
        (same["verdict"].as_str(), same["basis"].as_str()),
        (Some("conflict"), Some("touchpoints"))
    );
    assert_eq!(same["files"][0]["path"], "src/quote.ts");
    assert_eq!(same["files"][0]["symbols"][0], "createQuote");
    assert_eq!(pair(&document, "001-tax", "003-drop")["verdict"], "overlap");
    assert_eq!(pair(&document, "001-tax", "004-mail")["verdict"], "clean");
    let vague = pair(&document, "004-mail", "005-vague");
    assert_eq!(vague["verdict"], "unknown");
    assert!(vague["why"].as_str().unwrap().contains("005-vague"));
    assert!(document.get("drift").is_none(), "nobody has a branch");
}

#[test]
fn what_was_promised_is_held_against_what_is_touched() {
    let scratch = Scratch::new(PROJECT);
    scratch.git(&["switch", "--quiet", "--create", "feat/tax"]);
    scratch.commit(
        "tax",
        "//- src/new.ts\nexport const a = 1\n//- lib/mail/send.ts\nexport function send() { return 2 }\n",
    );
    scratch.git(&["switch", "--quiet", "main"]);
    let said = flagman_in(&scratch.root(), &["conflicts", "--prds", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err));
    validate("conflicts", &document);
    let drift = &document["drift"];
    assert_eq!(drift.as_array().map(Vec::len), Some(1), "{document:#}");
    assert_eq!(
        (drift[0]["prd"].as_str(), drift[0]["branch"].as_str()),
        (Some("001-tax"), Some("feat/tax"))
    );
    let list = |name: &str| drift[0][name].to_string();
    assert_eq!(list("promised"), r#"["src/quote.ts"]"#);
    assert_eq!(list("touched"), r#"["lib/mail/send.ts","src/new.ts"]"#);
    assert_eq!(list("outside"), r#"["lib/mail/send.ts"]"#, "a new file is no news");
    assert_eq!(list("untouched"), r#"["src/quote.ts"]"#);
    let said = flagman_in(&scratch.root(), &["conflicts", "--prds"]);
    assert!(
        said.out
            .contains("001-tax (`feat/tax`): 0 of 1 promised file touched, 1 outside"),
        "{}",
        said.out
    );
}

#[test]
fn a_live_picture_needs_a_terminal() {
    let scratch = Scratch::new("//- a\none\n");
    let said = flagman_in(&scratch.root(), &["conflicts", "--watch"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("terminal"), "{}", said.err);
    let said = flagman_in(&scratch.root(), &["conflicts", "--watch", "--format", "json"]);
    assert!(said.code == 2 && said.err.contains("--format"), "{}", said.err);
}

#[test]
fn the_picture_is_drawn_anew_when_a_branch_moves() {
    let scratch = Scratch::new("//- a\none\n");
    scratch.git(&["branch", "tax"]);
    let watch = format!("{} conflicts --watch", env!("CARGO_BIN_EXE_flagman"));
    // A terminal of its own.
    let child = Command::new("script")
        .args(["--quiet", "--flush", "--command", &watch, "/dev/null"])
        .current_dir(scratch.root())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("skipped: no script");
        return;
    };
    let mut out = child.stdout.take().unwrap();
    let mut drawn = |times: usize| {
        let (mut text, mut byte) = (String::new(), [0; 1]);
        while text.matches("Ctrl-C").count() < times {
            assert_eq!(out.read(&mut byte).unwrap(), 1, "it ended: {text}");
            text.push(char::from(byte[0]));
        }
        text
    };
    let first = drawn(1);
    scratch.commit("main goes on", "//- a\ntwo\n");
    scratch.git(&["switch", "--quiet", "tax"]);
    scratch.commit("tax", "//- a\nthree\n");
    let mut second = drawn(1);
    while !second.contains("conflict: main ") {
        // Between the two commits it may have looked.
        second = drawn(1);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!first.contains("conflict: main "), "{first}");
}

#[test]
fn who_uses_what_another_gives_another_form_is_told_and_no_conflict() {
    let project = Project::of(
        "//- src/fees.ts\nexport class FeeService {\n  total() { return 1 }\n}\n\
         //- src/page.ts\nexport const page = 1;\n\
         //- docs/prds/001-form.md\n# Form\n\n## What changes\n\n- Change the signature of `FeeService.total`.\n\
         //- docs/prds/002-page.md\n# Page\n\n## What changes\n\n- Change `src/page.ts`.\n- A page that calls `FeeService.total`.\n",
    );
    let said = project.flagman(&["conflicts", "--prds", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err));
    validate("conflicts", &document);
    let met = pair(&document, "001-form", "002-page");
    assert_eq!((said.code, &met["verdict"]), (0, &"overlap".into()), "{met:#}");
    let finding = &met["findings"][0];
    assert_eq!(
        (&finding["kind"], &finding["level"]),
        (&"signature".into(), &"warning".into())
    );
    let place = |side: &str| finding["places"][side][0]["path"].clone();
    assert_eq!(
        (place("a"), place("b")),
        ("docs/prds/001-form.md".into(), "docs/prds/002-page.md".into())
    );
    let text = project.flagman(&["conflicts", "--prds"]).out;
    assert!(
        text.contains("001-form changes how FeeService.total is used, 002-page uses it"),
        "{text}"
    );
}

#[test]
fn where_both_have_a_branch_a_merge_of_the_two_decides() {
    let scratch = Scratch::new(PROJECT);
    // Both documents name one function; the branches do the same to it.
    let quote =
        "//- src/quote.ts\nexport function createQuote() { return 9 }\nexport function dropQuote() { return 2 }\n";
    scratch.git(&["switch", "--quiet", "--create", "feat/001-tax"]);
    scratch.commit(
        "tax",
        &format!("{quote}//- src/tax.ts\nexport function tax() {{ return 2 }}\n"),
    );
    scratch.git(&["switch", "--quiet", "--create", "feat/002-ship", "main"]);
    scratch.commit("ship", quote);
    // These two documents have nothing in common, and their branches collide.
    scratch.git(&["switch", "--quiet", "--create", "feat/004-mail", "main"]);
    scratch.commit("mail", "//- src/tax.ts\nexport function tax() { return 4 }\n");
    scratch.git(&["switch", "--quiet", "main"]);
    let said = flagman_in(&scratch.root(), &["conflicts", "--prds", "--all", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err));
    validate("conflicts", &document);
    let told = |a: &str, b: &str| {
        let pair = pair(&document, a, b);
        (pair["verdict"].as_str().unwrap(), pair["basis"].as_str().unwrap())
    };
    assert_eq!(told("001-tax", "002-ship"), ("clean", "merge"));
    assert_eq!(told("001-tax", "004-mail"), ("conflict", "merge"));
    assert_eq!(
        told("001-tax", "003-drop"),
        ("overlap", "touchpoints"),
        "one of them has no branch"
    );
    let said = flagman_in(&scratch.root(), &["conflicts", "--prds"]);
    let head = "conflict: 001-tax × 004-mail (their branches were merged)";
    assert!(said.code == 1 && said.out.contains(head), "{}", said.out);
}

#[test]
fn what_is_promised_and_not_touched_yet_is_still_to_come() {
    let scratch = Scratch::new(PROJECT);
    scratch.git(&["switch", "--quiet", "--create", "feat/001-tax"]);
    scratch.commit(
        "tax",
        "//- src/quote.ts\nexport function createQuote() { return 3 }\nexport function dropQuote() { return 2 }\n",
    );
    scratch.git(&["switch", "--quiet", "--create", "feat/002-ship", "main"]);
    scratch.commit("ship", "//- src/ship.ts\nexport function ship() { return 2 }\n");
    let ask = || {
        let said = flagman_in(&scratch.root(), &["conflicts", "--prds", "--all", "--format", "json"]);
        let document: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err));
        let same = pair(&document, "001-tax", "002-ship").clone();
        let drift: Vec<String> = document["drift"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["prd"].to_string())
            .collect();
        (
            same["verdict"].as_str().unwrap().to_owned(),
            same["basis"].as_str().unwrap().to_owned(),
            drift,
        )
    };
    let both = vec!["\"001-tax\"".to_owned(), "\"002-ship\"".to_owned()];
    let told = ("conflict".to_owned(), "touchpoints".to_owned(), both);
    assert_eq!(
        ask(),
        told,
        "the second has not come to what it promised, and stands on its own branch"
    );
    scratch.git(&["switch", "--quiet", "main"]);
    assert_eq!(ask(), told, "wherever one stands");
}
