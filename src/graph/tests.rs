//! Graphs from real documents over a small tree.

use super::*;
use crate::assumption::{Evidence, Role};
use crate::source::Bytes;
use crate::source::FileId;
use crate::touchpoint::{self, tests::world};

/// The graph of the documents in `text`, over the code of the touchpoint tests.
fn graph(text: &str, assumptions: &[Assumption]) -> DependencyGraph {
    let (sources, view, index, prds) = world(&format!("{}{text}", touchpoint::tests::CODE));
    let touchpoints = touchpoint::resolve(&prds, &index, &view, &sources, &[]).points;
    build(&Inputs {
        prds: &prds,
        touchpoints: &touchpoints,
        assumptions,
        flips: &[],
        merges: &Merges::default(),
        unclear_together: false,
        sources: &sources,
    })
}

fn edge_words(edges: &[Edge]) -> Vec<String> {
    edges
        .iter()
        .map(|edge| {
            assert!(!edge.because.is_empty(), "an edge without a place");
            format!("{} > {} {:?}", edge.from, edge.to, edge.kind)
        })
        .collect()
}

fn check_edges(text: &str, expected: &[&str]) {
    assert_eq!(edge_words(&graph(text, &[]).edges), expected, "{text}");
}

fn check_exclusions(text: &str, expected: &[&str]) {
    let graph = graph(text, &[]);
    let got: Vec<String> = graph
        .exclusions
        .iter()
        .map(|pair| {
            assert!(!pair.because.is_empty(), "an exclusion without a place");
            format!("{} x {} {:?} {}", pair.a, pair.b, pair.kind, pair.target)
        })
        .collect();
    assert_eq!(got, expected, "{text}");
}

#[test]
fn documents_state_their_order() {
    check_edges(
        "//- docs/1-a.md\n# A\n//- docs/2-b.md\n---\ndepends_on: [1-a]\n---\n# B\n//- docs/3-c.md\n---\nafter: PRD 2\n---\n# C\n",
        &["1-a > 2-b Declared", "2-b > 3-c Declared"],
    );
}

#[test]
fn who_blocks_another_comes_before_it() {
    check_edges(
        "//- docs/1-a.md\n# A\n\nThis blocks PRD 2.\n//- docs/2-b.md\n# B\n\nPRD 3 waits for this one.\n//- docs/3-c.md\n# C\n",
        &["1-a > 2-b Declared", "2-b > 3-c Declared"],
    );
}

#[test]
fn who_uses_what_another_makes_comes_later() {
    let maker = "//- docs/2-maker.md\n# M\n\nAdds a table `lead_offers`.\n";
    check_edges(
        &format!("{maker}//- docs/1-user.md\n# U\n\nIt counts the rows in `lead_offers`.\n"),
        &["2-maker > 1-user Produces"],
    );
    // What exists already is no reason.
    check_edges(
        "//- docs/2-maker.md\n# M\n\nAdds the column `quotes.note`.\n//- docs/1-user.md\n# U\n\nIt reads `quotes.note`.\n",
        &[],
    );
    // A sample in a code block is no use.
    check_edges(
        &format!("{maker}//- docs/1-user.md\n# U\n\n```sql\nselect * from lead_offers\n```\n"),
        &[],
    );
}

#[test]
fn what_a_document_contradicts_is_not_followed() {
    let graph = graph(
        "//- docs/1-user.md\n# U\n\nIt counts the rows in `lead_offers`.\n//- docs/2-maker.md\n---\ndepends_on: [1]\n---\n# M\n\nAdds a table `lead_offers`.\n",
        &[],
    );
    assert_eq!(edge_words(&graph.edges), ["1-user > 2-maker Declared"]);
    assert_eq!(edge_words(&graph.contradicted), ["2-maker > 1-user Produces"]);
    assert!(graph.cycles.is_empty());
}

#[test]
fn who_makes_what_the_other_uses_is_a_guess_where_both_do() {
    let graph = graph(
        "//- docs/1-a.md\n# A\n\nA new table `lead_offers`. The page lists the rows of `lead_visits`.\n//- docs/2-b.md\n# B\n\nA new table `lead_visits`. It counts the rows of `lead_offers`.\n",
        &[],
    );
    assert_eq!(edge_words(&graph.edges), [""; 0]);
    assert_eq!(
        edge_words(&graph.circular),
        ["1-a > 2-b Produces", "2-b > 1-a Produces"]
    );
    assert!(graph.cycles.is_empty());
}

#[test]
fn a_foundation_comes_before_all_but_its_own_needs_and_hotfixes_before_it() {
    check_edges(
        "//- docs/1-a.md\n# A\n//- docs/2-fix.md\n---\nhotfix: true\n---\n# Fix\n//- docs/3-base.md\n---\nfoundation: true\ndepends_on: [1]\n---\n# Base
//- docs/4-b.md\n# B\n//- docs/5-c.md\n---\ndepends_on: [4]\n---\n# C\n",
        &["1-a > 3-base Declared", "2-fix > 3-base Hotfix", "3-base > 4-b Foundation", "4-b > 5-c Declared"],
    );
}

#[test]
fn two_foundations_do_not_wait_for_each_other() {
    check_edges(
        "//- docs/1-a.md\n---\nfoundation: true\ndepends_on: [3]\n---\n# A\n//- docs/2-b.md\n---\nfoundation: true\ndepends_on: [4]\n---\n# B\n//- docs/3-c.md\n# C\n//- docs/4-d.md\n# D\n",
        &["3-c > 1-a Declared", "4-d > 2-b Declared"],
    );
}

#[test]
fn a_cycle_is_told_as_a_way_around() {
    let graph = graph(
        "//- docs/1-a.md\n---\ndepends_on: [3]\n---\n# A\n//- docs/2-b.md\n---\ndepends_on: [1]\n---\n# B\n//- docs/3-c.md\n---\ndepends_on: [2]\n---\n# C\n",
        &[],
    );
    let ids: Vec<&str> = graph.cycles.iter().flatten().map(|id| id.0.as_str()).collect();
    assert_eq!(ids, ["1-a", "2-b", "3-c"]);
}

fn changes(number: u32, words: &str) -> String {
    format!("//- docs/{number}-p.md\n# P{number}\n\n## What changes\n\n{words}\n")
}

#[test]
fn the_same_symbol_keeps_prds_apart_and_the_same_file_does_not() {
    let list = "- `QuoteVersionService.list` takes more.";
    check_exclusions(
        &[changes(1, list), changes(2, list)].concat(),
        &["1-p x 2-p SameSymbol QuoteVersionService.list"],
    );
    let text = [
        changes(1, list),
        changes(2, "- `QuoteVersionService.create` takes less."),
    ]
    .concat();
    check_exclusions(&text, &[]);
    let graph = graph(&text, &[]);
    assert_eq!(graph.overlaps.len(), 1);
    assert_eq!(
        graph.overlaps[0].paths[0].as_str(),
        "apps/api/src/quotes/quote-version.service.ts"
    );
    assert!(graph.overlaps[0].unnamed.is_empty());
}

#[test]
fn a_whole_file_overlaps_and_says_that_the_part_is_not_named() {
    let text = [
        changes(1, "- `apps/api/src/quotes/quote-version.service.ts` is rewritten."),
        changes(2, "- `QuoteVersionService.create` takes less."),
    ];
    check_exclusions(&text.concat(), &[]);
    let overlap = &graph(&text.concat(), &[]).overlaps[0];
    assert_eq!(overlap.paths, overlap.unnamed);
}

#[test]
fn a_class_that_is_named_with_its_method_is_the_method_only() {
    let both = |method: &str| format!("- `QuoteVersionService` changes: `QuoteVersionService.{method}` takes more.");
    check_exclusions(&[changes(1, &both("list")), changes(2, &both("create"))].concat(), &[]);
    let whole = "- `QuoteVersionService` is split.";
    check_exclusions(
        &[changes(1, whole), changes(2, whole)].concat(),
        &["1-p x 2-p SameSymbol QuoteVersionService"],
    );
    // A component beside the one that the file is named after.
    let part = "- `GuestPanel` in `ReservationDetail` shows more.";
    check_exclusions(
        &[changes(1, part), changes(2, "- `ReservationDetail` has a title.")].concat(),
        &[],
    );
}

#[test]
fn two_that_redefine_one_constraint_race() {
    let widen = "- Widen the constraint `reservations_status_check`.";
    let race = ["1-p x 2-p SameSchemaObject reservations_status_check"];
    check_exclusions(&[changes(1, widen), changes(2, widen)].concat(), &race);
}

#[test]
fn the_coordinated_migration_comes_before_the_others() {
    let widen = "- Widen the constraint `reservations_status_check`.";
    let migration = "//- docs/9-m.md\n# Coordinated migration of the status\n\n## What changes\n\n- Widen the constraint `reservations_status_check` for both.\n";
    let text = [&changes(1, widen), &changes(2, widen), migration].concat();
    check_edges(&text, &["9-m > 1-p Schema", "9-m > 2-p Schema"]);
}

#[test]
fn new_migrations_with_one_number_exclude_each_other() {
    let file = |name: &str| format!("- New migration `db/migrations/{name}.sql`.");
    check_exclusions(
        &[
            changes(1, &file("002_a")),
            changes(2, &file("002_b")),
            changes(3, &file("003_c")),
        ]
        .concat(),
        &["1-p x 2-p SameMigration db/migrations/002"],
    );
}

#[test]
fn a_flag_is_needed_after_it_is_introduced_and_a_missing_flip_is_noted() {
    let span = Bytes::new(0, 1).in_file(FileId(0));
    let needs = |prd: &str, certainty| Assumption {
        prd: PrdId(prd.into()),
        flag: FlagKey::new("new_flag"),
        needs: FlagValue::On,
        supply: Supply::Nobody,
        certainty,
        because: vec![Evidence {
            role: Role::Prd,
            span,
            note: String::new(),
        }],
        test: None,
        why: None,
    };
    let text = "//- docs/1-user.md\n# U\n//- docs/2-maker.md\n---\nflags: {introduces: {new_flag: off}}\n---\n# M\n//- docs/3-perhaps.md\n# P\n";
    let assumptions = [
        needs("1-user", NeedCertainty::Likely),
        needs("3-perhaps", NeedCertainty::Possible),
    ];
    let graph = graph(text, &assumptions);
    assert_eq!(edge_words(&graph.edges), ["2-maker > 1-user Flag"]);
    let flips: Vec<&str> = graph.flips.iter().map(|flip| flip.prd.0.as_str()).collect();
    assert_eq!(flips, ["1-user"]);
}

#[test]
fn who_does_not_say_what_is_changed_goes_alone_and_a_declaration_lifts_it() {
    let text = "//- docs/1-vague.md\n# Vague\n\nMake it faster, everywhere.\n\
        //- docs/2-clear.md\n# Clear\n\nChange `FeeService.total`.\n\
        //- docs/3-nothing.md\n---\ntouches: []\n---\n# Nothing\n\nAsk around.\n\
        //- docs/4-named.md\n# Named\n\n`QuoteVersionService.list` is slow.\n\
        //- docs/5-lost.md\n# Lost\n\nChange `apps/api/src/gone/gone.service.ts`.\n\
        //- docs/6-passing.md\n# Passing\n\nAs `FeeService.total` does, it rounds. Behind the flag `new_round`, off by default.\n\
        //- docs/7-spike.md\n# Spike: why is `QuoteVersionService.list` slow?\n\nIt reads `apps/api/src/flags.ts`.\n\
        //- docs/8-none.md\n# Study\n\n`FeeService.total` is read. No code changes.\n\
        //- docs/9-test.md\n# Cover\n\nAdd a case to `apps/api/src/fees/fees.spec.ts`.\n\
        //- docs/10-beside.md\n# Beside\n\nWe all know `FeeService.total`.\n\n## Tests\n\nA case in `apps/api/src/fees/fees.spec.ts`.\n";
    let alone = |graph: &DependencyGraph| -> Vec<String> {
        let all = graph.alone.iter();
        all.map(|one| one.prd.0.clone()).collect()
    };
    let found = graph(text, &[]);
    assert_eq!(
        alone(&found),
        ["1-vague", "10-beside", "4-named", "5-lost", "6-passing"],
        "what is named in passing, a path that is not there, a new flag and a test beside tell nothing"
    );
    assert_eq!(
        found.alone(&PrdId("1-vague".into())).map(|one| one.because.len()),
        Some(1)
    );
    assert_eq!(
        alone(&found.once_clear(&PrdId("1-vague".into()))),
        ["10-beside", "4-named", "5-lost", "6-passing"]
    );
}

#[test]
fn who_uses_what_another_gives_another_form_is_kept_apart() {
    let meets = |change: &str, other: &str| {
        let graph = graph(&[changes(1, change), changes(2, other)].concat(), &[]);
        let pairs = graph.exclusions.iter();
        pairs.map(|pair| pair.meeting.clone()).collect::<Vec<_>>()
    };
    let first = || vec![Meeting::Contract(PrdId("1-p".into()))];
    let user = "- A page that calls `FeeService.total`.";
    for change in [
        "- Change the signature of `FeeService.total`.",
        "- Add a parameter `currency` to `FeeService.total`.",
        "- Make `FeeService.total` async: change it and its file.",
    ] {
        assert_eq!(meets(change, user), first(), "{change}");
    }
    for change in [
        "- Change `FeeService.total`: it rounds.",
        "- Add an optional parameter to `FeeService.total`.",
        "- Remove the cache from `FeeService.total`.",
        "- `FeeService.total` is removed from the docs page; change its colour.",
        "- Fix `FeeService.total`: the argument is rounded twice.",
        "- Drop `FeeService.total` test data.",
        "- Delete `FeeService.total` calls from `QuoteVersionService.list`.",
    ] {
        assert_eq!(meets(change, user), [], "{change}");
    }
}

#[test]
fn who_uses_what_another_takes_away_goes_first() {
    let order = |change: &str, other: &str, more: &str| {
        let graph = graph(&([changes(1, change), changes(2, other)].concat() + more), &[]);
        let edges = graph.edges.iter();
        let shown: Vec<String> = edges
            .map(|edge| format!("{} > {} {:?}", edge.from, edge.to, edge.kind))
            .collect();
        shown
    };
    let user = "- A page that calls `FeeService.total`.";
    for change in ["- Rename `FeeService.total`.", "- `FeeService.total` is removed."] {
        assert_eq!(order(change, user, ""), ["2-p > 1-p Gone"], "{change}");
    }
    let change = "- Change `FeeService.total`: it rounds.";
    assert_eq!(order(change, user, ""), [""; 0]);
    // Who is told to come after it knows what it finds.
    let waits = "- A page that calls `FeeService.total`. Depends on PRD 1.";
    assert_eq!(order("- Rename `FeeService.total`.", waits, ""), ["1-p > 2-p Declared"]);
    // Of two that take it away nobody knows which one does.
    let both = changes(3, "- Remove `FeeService.total`.");
    assert_eq!(order("- Rename `FeeService.total`.", user, &both), [""; 0]);
}

#[test]
fn who_only_names_what_another_changes_is_kept_apart_unless_more_is_said() {
    let change = changes(1, "- Change `FeeService.total`.");
    let named = |more: &str| {
        let other = format!("//- docs/2-p.md\n# P\n\nWe all know `FeeService.total`. {more}\n");
        let graph = graph(&format!("{change}{other}"), &[]);
        graph
            .exclusions
            .iter()
            .map(|pair| pair.meeting.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(named(""), [Meeting::Unsaid(PrdId("1-p".into()))]);
    assert_eq!(named("Change `QuoteVersionService.list`."), []);
}

#[test]
fn what_is_taken_away_meets_who_changes_a_part_of_it() {
    let apart = |first: &str, second: &str| {
        let graph = graph(&(changes(1, first) + &changes(2, second)), &[]);
        graph
            .exclusions
            .iter()
            .map(|pair| pair.target.clone())
            .collect::<Vec<_>>()
    };
    let drop = "- Drop table `reservations`.";
    assert_eq!(
        apart(drop, "- Adds column `muted_until` to the `reservations` table."),
        ["reservations"]
    );
    let file = "apps/api/src/fees/fees.service.ts";
    let delete = format!("- Delete `{file}`.");
    assert_eq!(apart(&delete, "- Change `FeeService.total`."), [file]);
    assert_eq!(
        apart(&delete, "- Uses `FeeService.total`. Change `QuoteVersionService.list`."),
        [file]
    );
    assert_eq!(apart(&delete, "- Change `QuoteVersionService.list`."), [""; 0]);
    // A signature in the file, or a part of it, is not the file.
    for change in [
        "Change the signature of `FeeService.total` in `FILE`.",
        "Rename `FeeService.total` in `FILE`.",
    ] {
        let change = format!("- {}", change.replace("FILE", file));
        assert_eq!(apart(&change, "- Change `FeeService.create`."), [""; 0], "{change}");
    }
}

#[test]
fn two_new_version_numbers_meet() {
    let text = [
        changes(1, "- Bump the version to 2.0.0."),
        changes(2, "- Bump the version to 2.1.0."),
        changes(3, "- Bump the version of `date-fns` to 4."),
    ];
    check_exclusions(&text.concat(), &["1-p x 2-p SameSymbol version"]);
}

#[test]
fn who_needs_a_flag_as_it_is_goes_before_who_needs_it_turned() {
    let need = |prd: &str, needs, supply| Assumption {
        prd: PrdId(prd.into()),
        flag: FlagKey::new("tax"),
        needs,
        supply,
        certainty: NeedCertainty::Likely,
        because: vec![Evidence {
            role: Role::Prd,
            span: Bytes::new(0, 1).in_file(FileId(0)),
            note: String::new(),
        }],
        test: None,
        why: None,
    };
    let text = "//- docs/1-a.md\n# A\n//- docs/2-b.md\n# B\n";
    let on = need("1-a", FlagValue::On, Supply::Nobody);
    let off = need("2-b", FlagValue::Off, Supply::Ambient);
    assert_eq!(
        edge_words(&graph(text, &[on.clone(), off.clone()]).edges),
        ["2-b > 1-a Held"]
    );
    // What only may be needed orders nobody, and a declared order holds.
    let perhaps = Assumption {
        certainty: NeedCertainty::Possible,
        ..off.clone()
    };
    assert_eq!(edge_words(&graph(text, &[on.clone(), perhaps]).edges), [""; 0]);
    let declared = text.replace("# B", "---\ndepends_on: [1]\n---\n# B");
    assert_eq!(edge_words(&graph(&declared, &[on, off]).edges), ["1-a > 2-b Declared"]);
}

#[test]
fn a_hotfix_goes_before_who_changes_the_same() {
    check_edges(
        "//- src/a.ts\nexport function sendMail() { return 1; }\n//- docs/1-a.md\n# A\n\nChange `sendMail` so that it takes a template.\n//- docs/2-b.md\n---\nhotfix: true\n---\n# B\n\nFix `sendMail`.\n",
        &["2-b > 1-a Hotfix"],
    );
}

#[test]
fn who_renames_a_class_is_kept_apart_from_who_uses_a_member_of_it() {
    let graph = graph(
        "//- src/tax.ts\nexport class Tax {\n  rate() { return 1; }\n}\n//- docs/1-a.md\n# A\n\nRename `Tax` to `Levy`.\n//- docs/2-b.md\n# B\n\nThe page shows `Tax.rate`, in the new file `src/page.ts`.\n",
        &[],
    );
    let meetings: Vec<&Meeting> = graph.exclusions.iter().map(|one| &one.meeting).collect();
    assert_eq!(meetings, [&Meeting::Contract(PrdId("1-a".into()))]);
}
