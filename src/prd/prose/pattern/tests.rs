//! Patterns on sentences.

use super::*;
use crate::prd::markdown;
use crate::prd::prose::sentences;

fn check(pattern: &str, document: &str, expected: &[(&str, Option<&str>)]) {
    let blocks = markdown::blocks(document, 0);
    let sentences = sentences(&blocks[0].flow);
    let sentence = &sentences[0];
    let found = Pattern::parse(pattern).unwrap().find(sentence, &[]);
    let got: Vec<_> = found
        .iter()
        .map(|found| {
            (
                sentence.words(found.at.clone()),
                found.thing.clone().map(|thing| sentence.words(thing)),
            )
        })
        .collect();
    assert_eq!(got, expected, "{pattern}");
}

#[test]
fn patterns_match() {
    check(
        "assume that? <thing> {be} {state}",
        "This assumes that the read path is turned on.",
        &[("assumes that the read path is turned on", Some("the read path"))],
    );
    check(
        "<thing> {sit}? behind {det}? {flagword}",
        "So the snapshot READ path sits behind a feature flag.",
        &[(
            "snapshot READ path sits behind a feature flag",
            Some("snapshot READ path"),
        )],
    );
    check(
        "now that <thing>",
        "Now that reads come from the snapshot, we go.",
        &[(
            "Now that reads come from the snapshot",
            Some("reads come from the snapshot"),
        )],
    );
    check(
        "{flagword} <key>",
        "Add the flag `a_b` and flag `x y`.",
        &[("flag a_b", None)],
    );
    check("relies on <thing> {on}", "It relies on a thing, but it is on.", &[]);
    check("need <thing> {be} {on}", "The read path needs to be on.", &[]);
}

#[test]
fn a_state_is_read_off() {
    let blocks = markdown::blocks("Needs `k` turned off.", 0);
    let sentences = sentences(&blocks[0].flow);
    let found = Pattern::parse("need <key> {state}").unwrap().find(&sentences[0], &[]);
    assert_eq!((found[0].state, found[0].key), (Some(FlagValue::Off), Some(1)));
}

#[test]
fn broken_patterns_are_refused() {
    assert!(matches!(Pattern::parse("a <nothing>"), Err(PatternError::Element(_))));
    assert!(matches!(Pattern::parse("a {nothing}"), Err(PatternError::Class(_))));
    assert!(matches!(Pattern::parse("<thing> ..."), Err(PatternError::Empty)));
}
