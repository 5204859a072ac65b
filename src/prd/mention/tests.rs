//! Mentions of small documents.

use crate::prd::tests::mentions;

fn check(document: &str, expected: &[&str]) {
    assert_eq!(mentions("docs/prds/050-x.md", document), expected, "{document}");
}

#[test]
fn paths_and_symbols() {
    check(
        "Modify `apps/api/src/x.ts` and ReservationDetail.tsx; it calls `QuoteVersionService.create()`.",
        &[
            "Path apps/api/src/x.ts write",
            "Path ReservationDetail.tsx write",
            "Symbol QuoteVersionService.create() read",
        ],
    );
    check(
        "Node.js, GitHub and and/or are no names, `npm run test` neither, nor `true`.",
        &[],
    );
    check(
        "Add src/api/__tests__/metrics.test.js.",
        &["Path src/api/__tests__/metrics.test.js create"],
    );
    check(
        "We extend QuoteVersionService with `recalculate()`.",
        &["Symbol QuoteVersionService write", "Symbol recalculate() read"],
    );
}

#[test]
fn routes_and_schema_words() {
    check(
        "Add `POST /quotes/:id/x` and GET /quotes.",
        &["Route POST /quotes/:id/x create", "Route GET /quotes create"],
    );
    check(
        "The `reservations_status_check` constraint is widened, table `quotes` is read, and we add columns `a_b` and `quotes.total`.",
        &[
            "Constraint reservations_status_check write",
            "Table quotes read",
            "Column a_b create",
            "Column quotes.total create",
        ],
    );
    check(
        "Adds status `rescheduled` to `reservations_status_check`.",
        &["Enum rescheduled create", "Constraint reservations_status_check write"],
    );
}

#[test]
fn flags_and_prds() {
    check(
        "It ships behind the flag `tax_lines`, after PRD 7 and 009-fees.",
        &["Flag tax_lines -", "Prd PRD 7 read", "Prd 009-fees read"],
    );
    check("See [fees](../prds/009-fees.md).", &["Prd 009-fees read"]);
}

#[test]
fn what_is_done() {
    check(
        "Add a method `foo()` to `bar.ts`.",
        &["Symbol foo() create", "Path bar.ts write"],
    );
    check("`bar.ts`: add a total", &["Path bar.ts write"]);
    check("- `bar.ts` (new)", &["Path bar.ts create"]);
    check(
        "| File | Change |\n|---|---|\n| `bar.ts` | rename the total |",
        &["Path bar.ts write"],
    );
    check("Use the new `FeeTable` component.", &["Symbol FeeTable read"]);
    check("A new `FeeTable` component shows it.", &["Symbol FeeTable create"]);
    check(
        "`QuoteVersionService.create` must now call `loadRates`.",
        &["Symbol QuoteVersionService.create write", "Symbol loadRates read"],
    );
    check(
        "Replace `oldRates` with `newRates`.",
        &["Symbol oldRates write", "Symbol newRates read"],
    );
    check("## Files to change\n\n- `bar.ts`\n", &["Path bar.ts write"]);
}

#[test]
fn what_is_not_touched() {
    check("We must not touch `bar.ts`.", &["Path bar.ts write not"]);
    check(
        "There are no changes to `bar.ts`, but `foo.ts` is changed.",
        &["Path bar.ts write not", "Path foo.ts write"],
    );
    check("`bar.ts` stays untouched.", &["Path bar.ts - not"]);
    check("## Out of scope\n\n- Changing `bar.ts`\n", &["Path bar.ts write not"]);
    check(
        "Change ~~`bar.ts`~~ `foo.ts`.",
        &["Path bar.ts write not", "Path foo.ts write"],
    );
    check("It no longer reads `foo.ts`.", &["Path foo.ts read"]);
}

#[test]
fn code_blocks_are_samples() {
    check(
        "```ts\nimport { isEnabled } from './flags.ts'\nisEnabled('quote_snapshot_read')\n```\n",
        &[
            "Symbol isEnabled - sample",
            "Path flags.ts - sample",
            "Symbol isEnabled - sample",
            "Symbol quote_snapshot_read - sample",
        ],
    );
}

/// What is done with `A`.
fn done(text: &str, expected: &str) {
    let mentions = mentions("docs/prds/050-x.md", text);
    let of_it = mentions.iter().find_map(|line| line.strip_prefix("Symbol AaBb "));
    assert_eq!(of_it, Some(expected), "{text}: {mentions:?}");
}

#[test]
fn a_heading_that_speaks_of_changes_means_a_write() {
    done("# T\n\n## What changes\n\nThen `AaBb` is longer.\n", "write");
    done("# T\n\n## Implementation\n### Server\n\nwith `AaBb`\n", "write");
    done("# T\n\n**Where.**\n\n- see `AaBb`\n", "write");
    done("# T\n\nWhat we want:\n\n- a row in `AaBb`\n", "write");
    done("# T\n\n## Backend changes\n\n- `AaBb`\n", "write");
}

#[test]
fn other_headings_do_not() {
    done("# What changes\n\nWe looked at `AaBb`.\n", "read");
    done("# What changes\n\nThen there is `AaBb`.\n", "-");
    done("# T\n\n## Test plan\n\n- `AaBb` is called\n", "read");
    done("# T\n## Changes\nx\n## How we know it works\n\n`AaBb` answers.\n", "-");
    done("# T\n## Changes\n\n### Why not the database\n\n`AaBb` is slow.\n", "-");
    done("# T\n## Changes\n\n**Out of scope.** `AaBb`\n", "write not");
    done("```\n## Changes\n```\nWe looked at `AaBb`\n", "read");
    done("# T\n\n## How pricing works today\n\n- `AaBb` adds the tax.\n", "-");
}

#[test]
fn what_begins_a_sentence_or_item_is_changed() {
    done("# T\n\n* `AaBb` links to the statement.\n", "write");
    done("# T\n\nFirst this. The component `AaBb` shows more.\n", "write");
    done("# T\n\n1. In `AaBb`, lines have numbers.\n", "write");
    done("# T\n\nIt is sent by `AaBb`.\n", "read");
    done("# T\n\n## Problem\n\n`AaBb` forgets it.\n", "-");
}

#[test]
fn what_something_is_put_into_is_changed() {
    done("# T\n\nThe key is added to `AaBb`.\n", "write");
    done("# T\n\nThe key goes into `AaBb`.\n", "write");
    done("# T\n\nThe key is compared with `AaBb`.\n", "read");
}

#[test]
fn the_verb_wins_and_what_stays_is_not_changed() {
    done("# T\n\n## Changes\n\nIt calls `AaBb`.\n", "read");
    done("# T\n\n* `AaBb` is used as it is.\n", "read");
    done(
        "# T\n\n## Work\n\nAlerts go out through `AaBb`, which is used as it is.\n",
        "read",
    );
    done("# T\n\n## Tests\n\nA new `AaBb`.\n", "create");
}

#[test]
fn the_place_of_a_thing_shares_what_is_done_with_it() {
    check(
        "Rename `AaBb` in `bar.ts`.",
        &["Symbol AaBb write", "Path bar.ts write"],
    );
    check(
        "It calls `AaBb` (file `bar.ts`).",
        &["Symbol AaBb read", "Path bar.ts read"],
    );
}

#[test]
fn what_is_only_asked_supposed_remembered_or_said_of_others_is_no_change() {
    done("We refactored `AaBb` last month.", "read");
    done("PRD 4 changes `AaBb`.", "read");
    done("After PRD 4, change `AaBb`.", "write");
    done("Another PRD rewrites `AaBb`.", "read");
    done("Someone might change `AaBb`.", "read");
    done("Could we change `AaBb`?", "read");
    done("## Alternatives\n\n- Change `AaBb`.", "write sample");
    done("> Change `AaBb`.", "write sample");
    done("> **Note:** Change `AaBb`.", "write");
    done("## Changes\n\nUnlike `AaBb` it rounds.", "read");
}

#[test]
fn what_is_cleaned_or_written_is_changed() {
    check("Cleans `src/search.ts`.", &["Path src/search.ts write"]);
    check("Writes `README.md`.", &["Path README.md write"]);
    check("Tidies `src/search.ts` up.", &["Path src/search.ts write"]);
    check("Does not clean `src/search.ts`.", &["Path src/search.ts write not"]);
}

#[test]
fn what_is_refused_or_excepted_stays() {
    done("## API\n\n- `AaBb` must not change", "write not");
    done("## Files\n\n- `AaBb` should never be edited.", "write not");
    done("Modify everything except `AaBb`.", "write not");
    done("Instead of changing `Other`, add `AaBb`.", "create");
    done("- ❌ change `AaBb`", "write not");
    done("| Name | Kind | |\n|---|---|---|\n| x | `AaBb` | unchanged |", "- not");
    done(
        "| File | Action | Why |\n|---|---|---|\n| `AaBb` | read-only | to see |",
        "read",
    );
    done(
        "| File | Action | Why |\n|---|---|---|\n| `AaBb` | none | x |",
        "write not",
    );
    done("| Field | Value |\n|---|---|\n| Out of scope | `AaBb` |", "- not");
}

#[test]
fn values_targets_and_new_things() {
    for (document, expected) in [
        (
            "Raise `MAX_UPLOAD_MB` from 20 to 50.",
            &["Symbol MAX_UPLOAD_MB write"][..],
        ),
        (
            "Add a constant `PAGE_SIZE = 25` to `src/limits.ts`.",
            &["Symbol PAGE_SIZE create", "Path src/limits.ts write"],
        ),
        (
            "Replace `Cart.items: string[]` with `Cart.lines: Line[]`.",
            &["Symbol Cart.items write", "Symbol Cart.lines read"],
        ),
        (
            "Migrate `Cart` to the `priceOf` + `formatPrice()` pattern.",
            &["Symbol Cart write", "Symbol priceOf read", "Symbol formatPrice() read"],
        ),
        (
            "Add the migration `db/migrations/0002_orders.sql`.",
            &["Path db/migrations/0002_orders.sql create"],
        ),
        (
            "A new endpoint `GET /invoices` gives accounting all invoices.",
            &["Route GET /invoices create"],
        ),
        ("The new endpoint `GET /invoices` is slow.", &["Route GET /invoices -"]),
        ("Set `api_url = x` and `TAX_ON: yes`.", &[]),
    ] {
        check(document, expected);
    }
}

#[test]
fn what_is_bidden_in_the_next_sentence_is_done_to_what_was_named() {
    for document in [
        "`postUser` in `src/post.ts` looks the e-mail up as typed. Lower-case it first.",
        "`postUser` in `src/post.ts` knows the e-mail. Trim it, please.",
    ] {
        check(document, &["Symbol postUser write", "Path src/post.ts write"]);
    }
    for document in [
        "`postUser` in `src/post.ts` looks the e-mail up as typed. Keep it so.",
        "`postUser` in `src/post.ts` knows the e-mail. If it fails, nothing comes.",
        "`postUser` in `src/post.ts` knows the e-mail. It is lower-case.",
        "`postUser` in `src/post.ts` knows the e-mail. Fix it?",
    ] {
        check(document, &["Symbol postUser -", "Path src/post.ts -"]);
    }
    check(
        "With the scroller off, show a marker where posts are missing. `app/Paginator.vue` renders it.",
        &["Path app/Paginator.vue write"],
    );
    check(
        "The page shows a marker where posts are missing. `app/Paginator.vue` renders it.",
        &["Path app/Paginator.vue -"],
    );
}

#[test]
fn who_turns_something_in_a_file_changes_the_file() {
    check(
        "We turn it on by default in `src/settings/definition.ts`, next sprint.",
        &["Path src/settings/definition.ts write"],
    );
    check(
        "Enable it for everybody in `src/flags.ts`.",
        &["Path src/flags.ts write"],
    );
    for document in [
        "People turn it on by default in `src/settings/page.ts`.",
        "Turn it on to see `src/settings/page.ts`.",
        "Once it is turned on, see `src/settings/page.ts`.",
    ] {
        let found = mentions("docs/prds/050-x.md", document);
        assert!(!found[0].ends_with("write"), "{document}: {found:?}");
    }
}

#[test]
fn a_sentence_that_is_a_file_says_where_the_work_is() {
    check("Zen mode is behind a flag. `app/Nav.vue`.", &["Path app/Nav.vue write"]);
    check("## Background\n\nIt is slow. `app/Nav.vue`.", &["Path app/Nav.vue -"]);
    check("See `app/Nav.vue`.", &["Path app/Nav.vue read"]);
}

#[test]
fn behind_a_label_of_files_an_aside_says_nothing_of_what_follows() {
    check(
        "Files: everything under `apps/mobile/` that fetches links, and `src/links.tsx`.",
        &["Path apps/mobile/ write", "Path src/links.tsx write"],
    );
    check(
        "It is everything under `apps/mobile/` that fetches links, and `src/links.tsx`.",
        &["Path apps/mobile/ -", "Path src/links.tsx read"],
    );
}

#[test]
fn a_flag_that_was_just_named_goes() {
    let gone = |document: &str| {
        let (_, prd) = crate::prd::tests::document("docs/prds/050-x.md", document);
        let flags = prd
            .mentions
            .iter()
            .filter(|mention| mention.kind == crate::prd::MentionKind::Flag);
        flags.map(|flag| (flag.access, flag.contract)).collect::<Vec<_>>()
    };
    let goes = [(Some(crate::prd::Access::Write), Some(crate::prd::Contract::Gone))];
    for next in [
        "Delete the deprecated path in `src/links.ts` and the flag itself.",
        "Remove the flag.",
        "Drop the old page and the toggle with it.",
    ] {
        assert_eq!(
            gone(&format!("The flag `old_links` has been on since spring. {next}")),
            goes,
            "{next}"
        );
    }
    for next in [
        "Delete the docs of the flag.",
        "Delete the code behind the flag.",
        "The flag stays.",
        "Delete the flag page.",
    ] {
        let found = gone(&format!("The flag `old_links` has been on since spring. {next}"));
        assert!(found.iter().all(|one| one.1.is_none()), "{next}: {found:?}");
    }
}
