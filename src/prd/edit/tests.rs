//! Front matter as people write it, and one assignment: what changes, to the byte, and what is refused.

use proptest::prelude::*;

use super::*;

fn by_number(old: &str, new: &str) -> bool {
    let digits = |words: &str| {
        let number: String = words
            .chars()
            .skip_while(|c| !c.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .collect();
        number.parse::<u32>().ok()
    };
    digits(old).is_some() && digits(old) == digits(new)
}

pub(super) fn run(text: &str, words: &str) -> Result<String, Refusal> {
    let assignments: Vec<Assignment> = words
        .split_whitespace()
        .map(|one| Assignment::parse(one).unwrap())
        .collect();
    edit(text, &assignments, &by_number)
}

/// `before` and `after` are the lines between the fences of one document with a body.
fn check_in(fence: &str, before: &str, words: &str, after: &str) {
    for (bom, eol) in [("", "\n"), ("\u{feff}", "\n"), ("", "\r\n"), ("\u{feff}", "\r\n")] {
        let document =
            |head: &str| format!("{bom}{fence}\n{head}{fence}\n# Tax \n\n  body: [x]\t\n").replace('\n', eol);
        let edited = run(&document(before), words).unwrap_or_else(|refusal| panic!("{before}{words}: {refusal:?}"));
        assert_eq!(edited, document(after), "{before}{words}");
        // To say it again changes nothing.
        assert_eq!(run(&edited, words).as_ref(), Ok(&edited), "{before}{words}");
    }
}

pub(super) fn yaml(before: &str, words: &str, after: &str) {
    check_in("---", before, words, after);
}

pub(super) fn toml(before: &str, words: &str, after: &str) {
    check_in("+++", before, words, after);
}

#[test]
fn a_list_of_yaml_grows_as_it_is_written() {
    let add = "depends_on+=013-flip";
    yaml("", add, "depends_on: [013-flip]\n");
    yaml("# ours\n", add, "# ours\ndepends_on: [013-flip]\n");
    yaml("id: 011-tax\n", add, "id: 011-tax\ndepends_on: [013-flip]\n");
    yaml(
        "depends_on: [003]\nid: a\n",
        add,
        "depends_on: [003, 013-flip]\nid: a\n",
    );
    yaml(
        "depends_on: ['003', \"4\"] # why\n",
        add,
        "depends_on: ['003', \"4\", 013-flip] # why\n",
    );
    yaml(
        "depends_on: [\n  003, # first\n  004\n]\n",
        add,
        "depends_on: [\n  003, # first\n  004, 013-flip\n]\n",
    );
    yaml("depends_on: []\n", add, "depends_on: [013-flip]\n");
    yaml("depends_on: [ ]  # none\n", add, "depends_on: [013-flip]  # none\n");
    yaml(
        "depends_on:\n  - 003\n  - \"004\" # four\nid: a\n",
        add,
        "depends_on:\n  - 003\n  - \"004\" # four\n  - 013-flip\nid: a\n",
    );
    yaml("depends_on:\n- 003\n", add, "depends_on:\n- 003\n- 013-flip\n");
    yaml("depends_on: 003-writer\n", add, "depends_on: [003-writer, 013-flip]\n");
    yaml("depends_on: 3, 4\n", add, "depends_on: [3, 4, 013-flip]\n");
    yaml("depends_on:\nid: a\n", add, "depends_on: [013-flip]\nid: a\n");
    yaml("depends_on: # none yet\n", add, "depends_on: [013-flip] # none yet\n");
    yaml("dependsOn: ~\n", add, "dependsOn: [013-flip]\n");
    yaml("blocked-by: [3]\n", add, "blocked-by: [3, 013-flip]\n");
    yaml(
        "note: |\n  depends_on: [9]\n",
        add,
        "note: |\n  depends_on: [9]\ndepends_on: [013-flip]\n",
    );
    yaml(
        "owner: Zoë, \"Q\"\n\n",
        add,
        "owner: Zoë, \"Q\"\n\ndepends_on: [013-flip]\n",
    );
}

#[test]
fn what_is_there_already_is_not_added_twice() {
    for head in [
        "depends_on: [13]\n",
        "dependsOn:\n  - PRD 13\n",
        "merge_after: 013-flip\n",
    ] {
        yaml(head, "depends_on+=013-flip", head);
    }
    toml(
        "depends_on = [\"013\"]\n",
        "depends_on+=013-flip",
        "depends_on = [\"013\"]\n",
    );
    yaml(
        "flags:\n  assumes: { k: ON }\n",
        "flags.assumes.k=on",
        "flags:\n  assumes: { k: ON }\n",
    );
    yaml(
        "flags: { assumes: [k=on] }\n",
        "flags.assumes.k=on",
        "flags: { assumes: [k=on] }\n",
    );
}

#[test]
fn what_a_list_of_yaml_has_is_taken_out() {
    let gone = "depends_on-=004";
    yaml("depends_on: [3, 4, 5]\n", gone, "depends_on: [3, 5]\n");
    yaml("depends_on: [4, 5]\n", gone, "depends_on: [5]\n");
    yaml("depends_on: [3, '004-x'] # why\n", gone, "depends_on: [3] # why\n");
    yaml("depends_on: [4]\n", gone, "depends_on: []\n");
    yaml("depends_on: [4, 004, 5]\n", gone, "depends_on: [5]\n");
    yaml(
        "depends_on:\n  - 3\n  - PRD 4 # four\n  - 5\n",
        gone,
        "depends_on:\n  - 3\n  - 5\n",
    );
    yaml("depends_on: 4\nid: a\n", gone, "depends_on: []\nid: a\n");
    yaml("depends_on: 3, 4\n", gone, "depends_on: [3]\n");
    yaml("depends_on: [3]\n", gone, "depends_on: [3]\n");
    yaml("depends_on: [3, 5]\n", "depends_on=5,6", "depends_on: [5, 6]\n");
    yaml(
        "depends_on: [3, 4]\n",
        "depends_on-=3 depends_on+=7",
        "depends_on: [4, 7]\n",
    );
}

#[test]
fn states_of_flags_go_where_the_others_are() {
    let on = "flags.assumes.k=on";
    yaml("id: a\n", on, "id: a\nflags:\n  assumes: { k: on }\n");
    yaml(
        "flags:\n  stubs: { k: off }\n",
        on,
        "flags:\n  assumes: { k: on }\n  stubs: { k: off }\n",
    );
    yaml(
        "flags: { stubs: { k: off } }\n",
        on,
        "flags: { assumes: { k: on }, stubs: { k: off } }\n",
    );
    yaml(
        "flags:\n  assumes: { a: on }\n",
        on,
        "flags:\n  assumes: { a: on, k: on }\n",
    );
    yaml(
        "flags:\n  assumes:\n    a: on # why\n",
        on,
        "flags:\n  assumes:\n    a: on # why\n    k: on\n",
    );
    yaml(
        "flags:\n  assumes: { a: on, k: off }\n",
        on,
        "flags:\n  assumes: { a: on, k: on }\n",
    );
    yaml(
        "flags:\n  assumes:\n    k: \"off\"\n",
        on,
        "flags:\n  assumes:\n    k: on\n",
    );
    yaml(
        "flags:\n  assumes: [a, k=off]\n",
        on,
        "flags:\n  assumes: [a, 'k=on']\n",
    );
    yaml(
        "flags:\n  assumes:\n    - a\n",
        on,
        "flags:\n  assumes:\n    - a\n    - 'k=on'\n",
    );
    yaml("flags:\n  assumes: a\n", on, "flags:\n  assumes: [a, 'k=on']\n");
    yaml("flags:\n  assumes:\n", on, "flags:\n  assumes: { k: on }\n");
    yaml("flags:\n", on, "flags: { assumes: { k: on } }\n");
    yaml("flags: {}\n", on, "flags: { assumes: { k: on } }\n");
    yaml("assumes: { a: on }\n", on, "assumes: { a: on, k: on }\n");
    yaml(
        "flags:\n  needs: { a: on }\n",
        on,
        "flags:\n  needs: { a: on, k: on }\n",
    );
    yaml(
        "flags:\n  assumes: { a.b: on }\n",
        "flags.assumes.a.c=off",
        "flags:\n  assumes: { a.b: on, a.c: off }\n",
    );
    yaml(
        "flags:\n  introduces:\n    k:\n      default: on\n      flips: later\n",
        "flags.introduces.k=off",
        "flags:\n  introduces:\n    k:\n      default: off\n      flips: later\n",
    );
    yaml(
        "flags:\n  assumes: { x: on, k: on, y: off }\n",
        "flags.assumes-=k",
        "flags:\n  assumes: { x: on, y: off }\n",
    );
    yaml(
        "flags:\n  assumes:\n    x: on\n    k: on\n",
        "flags.assumes-=k",
        "flags:\n  assumes:\n    x: on\n",
    );
    yaml(
        "flags:\n  assumes: [k, x]\n",
        "flags.assumes-=k",
        "flags:\n  assumes: [x]\n",
    );
}

#[test]
fn words_are_set_and_quoted_where_they_need_it() {
    yaml("id: a\n", "branch=feat/tax", "id: a\nbranch: feat/tax\n");
    yaml("branch: 'old' # ours\n", "branch=feat/tax", "branch: feat/tax # ours\n");
    yaml("branch:\n", "branch=#1", "branch: '#1'\n");
    yaml("", "touches+=table:quotes", "touches: ['table:quotes']\n");
    yaml("hotfix: false\n", "hotfix=true", "hotfix: true\n");
}

#[test]
fn toml_keeps_its_layout() {
    let add = "depends_on+=013-flip";
    toml("", add, "depends_on = [\"013-flip\"]\n");
    toml(
        "id = \"a\" # ours\n",
        add,
        "id = \"a\" # ours\ndepends_on = [\"013-flip\"]\n",
    );
    toml(
        "depends_on = [\"003\", 9]\n",
        add,
        "depends_on = [\"003\", 9, \"013-flip\"]\n",
    );
    toml(
        "depends_on = [\n  \"3\", # three\n  \"4\",\n]\n",
        add,
        "depends_on = [\n  \"3\", # three\n  \"4\",\n  \"013-flip\",\n]\n",
    );
    toml("depends_on = \"3\"\n", add, "depends_on = [\"3\", \"013-flip\"]\n");
    toml(
        "id='a'\n\n[flags.assumes]\nk = true\n",
        add,
        "id='a'\ndepends_on = [\"013-flip\"]\n\n[flags.assumes]\nk = true\n",
    );
    toml(
        "depends_on = [\"3\", \"4\"]\n",
        "depends_on-=4",
        "depends_on = [\"3\"]\n",
    );
    toml("branch = \"a\" # b\n", "branch=feat/tax", "branch = \"feat/tax\" # b\n");
    toml(
        "id = \"a\"\n",
        "flags.assumes.k=on",
        "id = \"a\"\n\n[flags.assumes]\nk = \"on\"\n",
    );
    toml(
        "[flags.assumes]\na = true\n",
        "flags.assumes.k=on",
        "[flags.assumes]\na = true\nk = \"on\"\n",
    );
    toml(
        "[flags.assumes]\nk = false # no\n",
        "flags.assumes.k=on",
        "[flags.assumes]\nk = \"on\" # no\n",
    );
    toml(
        "flags = { stubs = { k = \"on\" } }\n",
        "flags.stubs-=k",
        "flags = { stubs = {} }\n",
    );
    toml(
        "[flags]\nassumes = [\"a\", \"k\"]\n",
        "flags.assumes.k=off",
        "[flags]\nassumes = [\"a\", \"k=off\"]\n",
    );
}

#[test]
fn a_document_without_a_head_gets_one() {
    let head = |text: &str| run(text, "depends_on+=013-flip branch=feat/tax").unwrap();
    let lines = "---\ndepends_on: [013-flip]\nbranch: feat/tax\n---\n";
    assert_eq!(head("# Tax\n"), format!("{lines}\n# Tax\n"));
    assert_eq!(head("\n# Tax"), format!("{lines}\n# Tax"));
    assert_eq!(head(""), lines);
    assert_eq!(
        head("\u{feff}# Tax\r\n"),
        format!("\u{feff}{}", format!("{lines}\n# Tax\n").replace('\n', "\r\n"))
    );
    // A line across the page is no head.
    assert_eq!(head("---\n\nTax\n"), format!("{lines}\n---\n\nTax\n"));
}

#[test]
fn what_cannot_be_edited_is_refused_with_the_line_to_write() {
    let refused = |text: &str, words: &str| run(text, words).unwrap_err();
    let broken = refused("---\nid: [a\n---\n", "depends_on+=3");
    assert!(
        broken
            .why
            .starts_with("it is broken already (the front matter is not YAML"),
        "{}",
        broken.why
    );
    assert_eq!(broken.by_hand, "write this line into it by hand: depends_on: [3]");
    let odd = [
        (
            "---\n{ id: a }\n---\n",
            "depends_on+=3",
            "write this line into it by hand: depends_on: [3]",
        ),
        (
            "---\nflags: [k]\n---\n",
            "flags.assumes.k=on",
            "write this line into it by hand: flags: { assumes: { k: on } }",
        ),
        (
            "---\ndepends_on: { a: b }\n---\n",
            "depends_on+=3",
            "add `3` to `depends_on` by hand",
        ),
        (
            "---\ndepends_on: &all [2]\nmerge: *all\n---\n",
            "depends_on+=3",
            "add `3` to `depends_on` by hand",
        ),
        (
            "---\ndepends_on: [2, {prd: 3}]\n---\n",
            "depends_on+=4",
            "add `4` to `depends_on` by hand",
        ),
        (
            "+++\ndepends_on = { a = 1 }\n+++\n",
            "depends_on+=3",
            "add `3` to `depends_on` by hand",
        ),
        (
            "+++\nflags = [\"k\"]\n+++\n",
            "flags.stubs.k=on",
            "write this line into it by hand: flags.stubs.\"k\" = \"on\"",
        ),
        // What is taken out is no line to write.
        (
            "---\ndepends_on: [&a 2, *a]\n---\n",
            "depends_on-=2",
            "take `2` out of `depends_on` by hand",
        ),
        (
            "+++\n[flags.assumes]\n# both of them\nk = true\n+++\n",
            "flags.assumes-=k",
            "take `k` out of `flags.assumes` by hand",
        ),
    ];
    for (text, words, line) in odd {
        let refusal = refused(text, words);
        assert_eq!(refusal.by_hand, line, "{text}");
        assert!(refusal.why.contains("cannot be edited safely"), "{text}");
    }
}

#[test]
fn only_what_is_read_can_be_assigned() {
    let says = |words: &str| Assignment::parse(words).unwrap_err();
    assert!(
        says("depend_on+=3").ends_with("; did you mean `depends_on`?"),
        "{}",
        says("depend_on+=3")
    );
    assert!(says("flags.asumes.k=on").ends_with("; did you mean `assumes`?"));
    assert!(says("flags.assumes.k=maybe").contains("`k` is on or off, not `maybe`"));
    assert!(says("flags.assumes=k").contains("write flags.assumes.FLAG=on"));
    assert!(says("branch+=x").contains("is one word, not a list"));
    assert!(says("branch=").contains("is set to nothing"));
    assert!(says("id=a b").contains("is not fit"));
    assert!(says("hotfix=perhaps").contains("true or false"));
    assert!(says("depends_on").contains("assigns nothing"));
    assert!(says("depends_on+=").contains("say what is added to"));
    assert!(says("title=a\nb").contains("more than one line"));
}

proptest! {
    /// Whatever the text is: the result says what was asked for and the body is as it was, or it is refused.
    #[test]
    fn every_text_is_edited_right_or_refused(
        head in "(id: a\n|depends_on:( 3| \\[3, '4'\\]|\n  - 3)?\n|flags:\n  assumes:( k| \\{ a: on \\})?\n|#[a-z ]{0,5}\n|[a-z:\\[\\]{}'\"|&* -]{0,9}\n){0,5}",
        body in "[a-z\r\n -]{0,20}",
        list in any::<bool>(),
    ) {
        let text = format!("---\n{head}---\n{body}");
        let words = if list { "depends_on+=7" } else { "flags.assumes.z=on" };
        if let Ok(edited) = run(&text, words) {
            prop_assert!(edited.ends_with(&body));
            prop_assert_eq!(run(&edited, words), Ok(edited.clone()));
            let read = frontmatter::read(&edited);
            prop_assert!(read.problem.is_none());
        }
    }
}
