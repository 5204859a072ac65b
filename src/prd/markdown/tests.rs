//! Small documents as blocks.

use super::*;

fn check(document: &str, expected: &[(BlockKind, &str)]) {
    let blocks = blocks(document, 0);
    let got: Vec<_> = blocks
        .iter()
        .map(|block| (block.kind, block.flow.text.as_str()))
        .collect();
    assert_eq!(got, expected);
}

#[test]
fn blocks_as_a_reader_sees_them() {
    use BlockKind::{Code, Heading, Item, Paragraph, Row};
    check(
        "# Tax\n\nOne `x`\ntwo **three**.\n\n- a\n- [ ] b\n  - c\n\n> quoted\n\n| A | B |\n|---|---|\n| `k` | v |\n\n```ts\ncode\n```\n",
        &[
            (Heading(1), "Tax"),
            (Paragraph, "One x two three."),
            (Item, "a"),
            (Item, "b"),
            (Item, "c"),
            (Paragraph, "quoted"),
            (Row, "A: B"),
            (Row, "k: v"),
            (Code, "code\n"),
        ],
    );
}

#[test]
fn words_lead_back_to_their_bytes() {
    let document = "A `Foo.bar()` &amp; snake\\_case\nnext [words](./009-fees.md) ``a`b``.\n";
    let blocks = blocks(document, 0);
    let flow = &blocks[0].flow;
    assert_eq!(flow.text, "A Foo.bar() & snake_case next words a`b.");
    let source = |words: &str| {
        let at = flow.text.find(words).expect("the words");
        &document[flow.bytes(at..at + words.len()).range()]
    };
    assert_eq!(source("Foo.bar()"), "Foo.bar()");
    assert_eq!(source("snake_case"), "snake\\_case");
    assert_eq!(source("snake_case next"), "snake\\_case\nnext");
    assert_eq!(source("words"), "words");
    assert_eq!(source("a`b"), "a`b");
    assert_eq!(&document[flow.links[0].bytes.range()], "./009-fees.md");
}

#[test]
fn lines_with_labels_are_blocks_of_their_own() {
    use BlockKind::Paragraph;
    check(
        "**Status:** Draft\n**Depends on:** PRD 3\nFlag: `k`\nand more: see\nthere.\n",
        &[
            (Paragraph, "Status: Draft"),
            (Paragraph, "Depends on: PRD 3"),
            (Paragraph, "Flag: k and more: see there."),
        ],
    );
}

#[test]
fn notes_are_no_quotations() {
    let quoted = |document| blocks(document, 0)[0].quoted;
    assert!(quoted("> he said\n"));
    assert!(!quoted("> **Note** that\n") && !quoted("> [!IMPORTANT]\n> That.\n"));
}

#[test]
fn a_list_knows_what_introduces_it() {
    let blocks = blocks("We change:\n\n- a\n  - b\n- c\n", 0);
    let intros: Vec<_> = blocks.iter().map(|block| block.intro).collect();
    assert_eq!(intros, [None, Some(0), Some(1), Some(0)]);
}

#[test]
fn a_fence_that_nobody_closes_is_found() {
    let at = |text: &str| {
        let found = unclosed_fence(text, &blocks(text, 0));
        found.map(|bytes| text[bytes.range()].to_owned())
    };
    assert_eq!(
        at("Words\n\n```ts\na();\n\n## Scope\n\nMore\n").as_deref(),
        Some("```ts")
    );
    assert_eq!(at("````\na\n```\n").as_deref(), Some("````"));
    assert_eq!(at("- item\n\n  ~~~\n  a\n").as_deref(), Some("  ~~~"));
    for closed in [
        "```ts\na();\n```\n",
        "```\na\n```",
        "~~~\na\n~~~\n\n<!-- end -->\n",
        "- item\n\n  ```\n  a\n  ```\n",
        "> ```\n> a\n> ```\n",
        "    indented();\n",
        "```\na\n",
        "Words\n",
    ] {
        let open = closed == "```\na\n";
        assert_eq!(at(closed).is_some(), open, "{closed}");
    }
}
