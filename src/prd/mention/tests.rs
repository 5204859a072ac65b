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
