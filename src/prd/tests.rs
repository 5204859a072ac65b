//! Whole documents through [`read`].

use super::*;
use crate::flag::{FlagKey, FlagValue};
use crate::source::fixture;

/// The document with this text at this path, where nothing is known of names.
pub(crate) fn document(path: &str, text: &str) -> (Sources, Prd) {
    document_with(path, text, &KnownNames::default())
}

/// The same, where these names are known.
pub(crate) fn document_with(path: &str, text: &str, names: &KnownNames) -> (Sources, Prd) {
    let (sources, view) = fixture(&format!("//- {path}\n{text}"));
    let file = *view.files.values().next().expect("one file");
    let prd = read(&sources, file, None, names);
    (sources, prd)
}

/// The mentions of a document, one line each: kind, words, access, and what else there is to say.
pub(crate) fn mentions(path: &str, text: &str) -> Vec<String> {
    let (sources, prd) = document(path, text);
    lines(&sources, &prd)
}

fn lines(sources: &Sources, prd: &Prd) -> Vec<String> {
    for mention in &prd.mentions {
        assert_eq!(sources.text(mention.span), mention.text);
    }
    prd.mentions.iter().map(line).collect()
}

fn line(mention: &Mention) -> String {
    let access = mention.access.map_or("-", Access::word);
    let negated = if mention.negated { " not" } else { "" };
    let sample = if mention.sample { " sample" } else { "" };
    format!("{:?} {} {access}{negated}{sample}", mention.kind, mention.text)
}

/// What a document waits for, and what waits for it.
pub(crate) fn order_of(prd: &Prd) -> (Vec<String>, Vec<String>) {
    let (mut after, mut before) = (Vec::new(), Vec::new());
    for statement in &prd.statements {
        match &statement.claim {
            Claim::DependsOn { on } => after.push(on.clone()),
            Claim::Before { what } => before.push(what.clone()),
            _ => {}
        }
    }
    (after, before)
}

/// What the head `text` says of order.
fn ordered(text: &str) -> (Vec<String>, Vec<String>) {
    order_of(&document("docs/prds/9-own.md", &format!("---\n{text}\n---\n# Own\n")).1)
}

#[test]
fn order_in_a_head_is_said_in_many_ways() {
    for (text, after) in [
        ("depends_on: PRD 1 and PRD 2", &["PRD 1", "PRD 2"][..]),
        ("depends: 001 002", &["001", "002"]),
        ("dependsOn: 001-a; 002-b", &["001-a", "002-b"]),
        ("prerequisites: [001]", &["001"]),
        ("needs: [001]", &["001"]),
        ("depends_on: none", &[]),
        ("depends_on: n/a", &[]),
        ("depends_on: '-'", &[]),
        ("depends_on: [null]", &[]),
    ] {
        assert_eq!(
            ordered(text),
            (after.iter().map(ToString::to_string).collect(), Vec::new()),
            "{text}"
        );
    }
    assert_eq!(ordered("blocks: [003]"), (Vec::new(), vec!["003".to_owned()]));
}

#[test]
fn a_head_behind_other_lines_is_told() {
    let problems = |text: &str| document("docs/prds/9-own.md", text).1.problems.len();
    assert_eq!(problems("\n---\ndepends_on: [001]\n---\n# Own\n"), 1);
    assert_eq!(problems("<!-- lint -->\n\n---\nid: x\n---\n# Own\n"), 1);
    assert_eq!(problems("\n---\n\nTwo paragraphs, and a rule.\n\n---\n# Own\n"), 0);
    assert_eq!(problems("\n---\n# Own\n---\n"), 0);
}

#[test]
fn a_head_is_read() {
    let (sources, prd) = document(
        "docs/prds/011-tax.md",
        "---\ntitle: Tax\nbranch: feat/tax\ndepends_on: 003-snapshot-writer, 7\ntouches:\n  - create: apps/tax.ts\n  - apps/api/quote-version.service.ts\n  - reads: [TaxService.load, \"table:quotes\"]\nflags:\n  assumes: {quote_snapshot_read: on}\n  introduces: [\"tax_lines=off\"]\n  stubs: k\nfoundation: true\n---\n# Other\n",
    );
    assert_eq!(prd.id.0, "011-tax");
    assert_eq!((prd.title.as_str(), sources.text(prd.title_span)), ("Tax", "Tax"));
    assert_eq!(prd.branch.as_deref(), Some("feat/tax"));
    assert_eq!(prd.problems, []);
    assert_eq!(
        lines(&sources, &prd),
        [
            "Prd 003-snapshot-writer read",
            "Prd 7 read",
            "Path apps/tax.ts create",
            "Path apps/api/quote-version.service.ts write",
            "Symbol TaxService.load read",
            "Table quotes read",
            "Flag quote_snapshot_read read",
            "Flag tax_lines -",
            "Flag k read",
        ]
    );
    let claims: Vec<_> = prd.statements.iter().map(|statement| statement.claim.clone()).collect();
    assert_eq!(claims.len(), 6);
    assert_eq!(
        claims[2],
        Claim::Assumes {
            key: Some(FlagKey::new("quote_snapshot_read")),
            phrase: "quote_snapshot_read".to_owned(),
            needs: FlagValue::On
        }
    );
    assert!(
        matches!(&claims[3], Claim::Introduces { default: FlagValue::Off, key: Some(key), .. } if key.as_str() == "tax_lines")
    );
    assert_eq!(claims[5], Claim::Foundation);
}

#[test]
fn slips_in_the_head_are_said() {
    let (sources, prd) = document(
        "a.md",
        "---\nid: 12\ndepend_on: [1]\nfoundation: perhaps\nflags:\n  assumes: [\"k=sideways\"]\nowner: kim\n---\n",
    );
    assert_eq!(prd.id.0, "12");
    let problems: Vec<_> = prd
        .problems
        .iter()
        .map(|problem| format!("{} | {}", problem.message, sources.text(problem.span)))
        .collect();
    assert_eq!(
        problems,
        [
            "unknown key `depend_on`: did you mean `depends_on`? | depend_on",
            "`foundation` is neither true nor false | perhaps",
            "`k=sideways` is not a flag and its state | k=sideways",
        ]
    );
    assert_eq!(prd.statements, []);
}

#[test]
fn a_state_that_cannot_be_understood_is_lost_and_nothing_is_claimed() {
    let lost = |head: &str| {
        let (sources, prd) = document("a.md", &format!("---\n{head}\n---\n"));
        let assumed = prd.statements.len();
        let hides = prd.problems.iter().filter(|problem| problem.hides);
        let said: Vec<_> = hides
            .map(|problem| format!("{} | {}", problem.message, sources.text(problem.span)))
            .collect();
        (said.join("; "), assumed)
    };
    let neither = "the state of `a_flag` is neither on nor off | maybe";
    assert_eq!(lost("flags: { assumes: { a_flag: maybe } }"), (neither.to_owned(), 0));
    assert_eq!(lost("assumes:\n  - a_flag: maybe"), (neither.to_owned(), 0));
    assert_eq!(lost("flags: { stubs: { a_flag: maybe } }"), (neither.to_owned(), 0));
    // Whatever its default is, the flag is shipped.
    assert_eq!(
        lost("flags: { introduces: { a_flag: maybe } }"),
        (neither.to_owned(), 1)
    );
    let message = "`a_flag:maybe` is not a flag and its state | a_flag:maybe";
    assert_eq!(lost("assumes: [\"a_flag:maybe\"]"), (message.to_owned(), 0));
    let message = "unknown key `asumes` in `flags`; did you mean `assumes`? | asumes";
    assert_eq!(lost("flags: { asumes: { a_flag: on } }"), (message.to_owned(), 0));
    assert_eq!(lost("assumes:\n  - a_flag: on\n  - b_flag"), (String::new(), 2));
    assert_eq!(
        lost("flags: { introduces: { a_flag: { flips: phase 2 } } }"),
        (String::new(), 1)
    );
}

#[test]
fn the_title_is_the_highest_heading() {
    let (sources, prd) = document("docs/prds/009-fees.md", "intro\n\n## Why\n\n# `Fees` for *all*\n");
    assert_eq!(prd.title, "Fees for all");
    assert_eq!(sources.text(prd.title_span), "Fees` for *all");
}

#[test]
#[ignore = "prints"]
fn print_documents() {
    let folder = std::env::var("PRDS").expect("PRDS");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("text");
        let (sources, prd) = document(
            &format!("docs/prds/{}", path.file_name().expect("name").to_string_lossy()),
            &text,
        );
        println!("=== {} | {} | {:?}", prd.id, prd.title, prd.problems);
        for statement in claim::tests::line(&sources, &prd) {
            println!("  * {statement}");
        }
        for mention in prd.mentions.iter().map(line) {
            println!("    {mention}");
        }
    }
}
