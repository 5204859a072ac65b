//! What an edit keeps beside what it changes, what it makes, and what is too broken to be edited.

use super::tests::{run, toml, yaml};
use super::*;

#[test]
fn broken_front_matter_says_nothing_already() {
    for (text, words) in [
        ("---\nid: [a\n---\n", "depends_on="),
        ("---\nid: [a\n---\n", "depends_on-=3"),
        ("+++\nid = \n+++\n", "depends_on="),
    ] {
        let refusal = run(text, words).unwrap_err();
        assert!(refusal.why.starts_with("it is broken already"), "{}", refusal.why);
    }
}

#[test]
fn comments_of_others_stay_when_one_is_taken_out() {
    let gone = "depends_on-=004";
    yaml(
        "depends_on: [\n  003, # three\n  004 # four\n]\n",
        gone,
        "depends_on: [\n  003, # three\n]\n",
    );
    yaml(
        "depends_on: [\n  003,\n  # of the fourth\n  004, # four\n  # the last\n  005\n]\n",
        gone,
        "depends_on: [\n  003,\n  # of the fourth\n  # the last\n  005\n]\n",
    );
    yaml(
        "depends_on: [004, # four\n  005]\n",
        gone,
        "depends_on: [ # four\n  005]\n",
    );
    yaml(
        "depends_on: [\n  3, 4,\n  5\n]\n",
        gone,
        "depends_on: [\n  3,\n  5\n]\n",
    );
    yaml(
        "depends_on:\n  # why\n  - 3\n  # who\n  - 4\n",
        gone,
        "depends_on:\n  # why\n  - 3\n  # who\n",
    );
    toml(
        "depends_on = [\n  \"3\", # three\n  \"4\", # four\n]\n",
        gone,
        "depends_on = [\n  \"3\", # three\n]\n",
    );
    toml(
        "depends_on = [\n  \"3\", # three\n  \"4\"\n]\n",
        gone,
        "depends_on = [\n  \"3\", # three\n]\n",
    );
    toml(
        "depends_on = [\n  \"3\", # three\n  \"4\", # four\n  \"5\",\n]\n",
        gone,
        "depends_on = [\n  \"3\", # three\n  \"5\",\n]\n",
    );
    toml(
        "depends_on = [\n  \"4\", # four\n  # of five\n  \"5\",\n]\n",
        gone,
        "depends_on = [\n  # of five\n  \"5\",\n]\n",
    );
    toml("depends_on = [\"4\", \"5\"]\n", gone, "depends_on = [\"5\"]\n");
    toml(
        "[flags]\nassumes = [\"k\", # why\n  \"a\"]\n",
        "flags.assumes.k=off",
        "[flags]\nassumes = [\"k=off\", # why\n  \"a\"]\n",
    );
}

#[test]
fn what_is_there_many_times_is_taken_out() {
    let many = vec!["4"; 3_000].join(", ");
    yaml(
        &format!("depends_on: [3, {many}]\n"),
        "depends_on-=4",
        "depends_on: [3]\n",
    );
    yaml(
        &format!("depends_on:\n{}  - 3\n", "  - 4\n".repeat(3_000)),
        "depends_on-=4",
        "depends_on:\n  - 3\n",
    );
}

#[test]
fn a_document_that_is_made_says_in_words_what_it_does() {
    let assignments = |words: &[&str]| {
        words
            .iter()
            .map(|one| Assignment::parse(one).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        draft("turn k on", &assignments(&["flags.flips.k=on", "depends_on+=3"])),
        "# turn k on\n\nThis PRD turns `k` on for everybody.\n"
    );
    assert_eq!(
        draft("ship k", &assignments(&["flags.introduces.k=off"])),
        "# ship k\n\nThis PRD ships the feature flag `k`, off by default.\n"
    );
    assert_eq!(draft("tax", &assignments(&["hotfix=true"])), "# tax\n");
}
