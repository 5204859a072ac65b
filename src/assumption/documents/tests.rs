//! Documents set against each other.

use super::*;
use crate::assumption::words::speaks_of;
use crate::flag::Ledger;
use crate::index::CodeIndex;
use crate::prd::{self, Flip};
use crate::source::{Sources, fixture};

fn assumptions(text: &str) -> (Sources, Vec<Assumption>) {
    assumptions_with(text, &prd::KnownNames::default())
}

fn assumptions_with(text: &str, names: &prd::KnownNames) -> (Sources, Vec<Assumption>) {
    let (sources, view) = fixture(text);
    let prds: Vec<Prd> = view
        .files
        .values()
        .map(|file| prd::read(&sources, *file, None, names))
        .collect();
    let table = FlagTable::build(
        &CodeIndex::default(),
        &Ledger::default(),
        "default",
        &prds,
        &BTreeMap::new(),
    );
    let mut found = document_assumptions(&prds, &table);
    let told = |one: &Assumption| found.iter().any(|known| known.prd == one.prd && known.flag == one.flag);
    let alike = crate::assumption::resembles::needs(&prds, &table).into_iter();
    let alike: Vec<Assumption> = alike.filter(|one| !told(one)).collect();
    found.extend(alike);
    (sources, found)
}

fn line(sources: &Sources, assumption: &Assumption) -> String {
    let because: Vec<String> = assumption
        .because
        .iter()
        .map(|evidence| format!("{}: {}", evidence.note, sources.text(evidence.span).replace('\n', " ")))
        .collect();
    format!(
        "{} needs {} {} ({:?}, {:?}) {}",
        assumption.prd,
        assumption.flag,
        assumption.needs,
        assumption.certainty,
        assumption.supply,
        because.join(" / ")
    )
}

const SHIPS: &str = "//- p/003-snapshot.md\nThe snapshot READ path sits behind the feature flag `quote_snapshot_read`, default OFF for the first week.\n";

fn check(consumer: &str, expected: &[&str]) {
    let (sources, found) = assumptions(&format!("{SHIPS}//- p/011-tax.md\n{consumer}\n"));
    let got: Vec<String> = found
        .iter()
        .map(|assumption| {
            line(&sources, assumption)
                .split(" said to be")
                .next()
                .unwrap_or_default()
                .trim_end_matches(" /")
                .to_owned()
        })
        .collect();
    assert_eq!(got, expected, "{consumer}");
}

#[test]
fn a_phrase_finds_the_flag_behind_which_it_is_shipped() {
    check(
        "This PRD assumes the snapshot read path is live.",
        &[
            "011-tax needs quote_snapshot_read on (Likely, Nobody) assumed to be on here: assumes the snapshot read path is live",
        ],
    );
    check(
        "Lead quotes read their rates from the snapshot, so the read path has to be active.",
        &["011-tax needs quote_snapshot_read on (Likely, Nobody) assumed to be on here: read path has to be active"],
    );
    check(
        "Now that reads come from the frozen snapshot, totals stay.",
        &[
            "011-tax needs quote_snapshot_read on (Likely, Nobody) assumed to be on here: Now that reads come from the frozen snapshot",
        ],
    );
    check(
        "Requires `quote_snapshot_read` on.",
        &[
            "011-tax needs quote_snapshot_read on (Proven, Nobody) assumed to be on here: Requires `quote_snapshot_read` on",
        ],
    );
}

#[test]
fn what_the_document_stubs_it_supplies() {
    check(
        "This assumes the snapshot read path is live. The tests force `quote_snapshot_read` on.",
        &[
            "011-tax needs quote_snapshot_read on (Likely, Stub) assumed to be on here: assumes the snapshot read path is live",
        ],
    );
}

#[test]
fn what_only_sounds_alike_is_nothing() {
    for sentence in [
        "The audit reads the snapshot columns, which are written already.",
        "It must not rely on the snapshot read path and does not assume that it is on.",
        "Now that the snapshot columns are in place, we copy them.",
        "It needs the snapshot writer to be live.",
        "If the snapshot read path is on, the total is frozen.",
        "The page must be active.",
        "```\nassumes the snapshot read path is live\n```",
        "## Out of scope\n\nAnything that assumes the snapshot read path is live.",
        "The read replica has to be active.",
    ] {
        let (sources, found) = assumptions(&format!("{SHIPS}//- p/011-tax.md\n{sentence}\n"));
        let strong: Vec<String> = found
            .iter()
            .filter(|assumption| assumption.certainty > NeedCertainty::Possible)
            .map(|assumption| line(&sources, assumption))
            .collect();
        assert!(strong.is_empty(), "{sentence}: {strong:?}");
    }
}

#[test]
fn who_ships_it_does_not_assume_it() {
    let (_, found) = assumptions(&format!(
        "{SHIPS}With the flag on, totals stay. Once the snapshot read path is live we are done.\n"
    ));
    assert_eq!(found, []);
}

#[test]
fn a_flag_without_a_name_is_named_by_its_phrase() {
    let (sources, found) = assumptions(
        "//- p/003-snapshot.md\nUse a feature-flag on the snapshot READ path (default OFF for first week) so a regression is reversible.\n//- p/011-tax.md\nAssumes the snapshot read path is live.\n",
    );
    let got: Vec<String> = found.iter().map(|assumption| line(&sources, assumption)).collect();
    assert_eq!(
        got,
        [
            "011-tax needs snapshot read path on (Likely, Nobody) assumed to be on here: Assumes the snapshot read path is live / said to be off here: Use a feature-flag on the snapshot READ path (default OFF for first week)"
        ]
    );
    let known = [FlagKey::new("quote_snapshot_read"), FlagKey::new("sms_reminders")];
    assert_eq!(unnamed_flag("snapshot read path", &known), Some(known[0].clone()));
    assert_eq!(unnamed_flag("chip", &known), None);
}

#[test]
fn two_flags_that_fit_alike_are_only_possible() {
    let (_, found) = assumptions(
        "//- p/003-a.md\nThe quote read path sits behind the flag `quote_read`.\n//- p/004-b.md\nThe invoice read path sits behind the flag `invoice_read`.\n//- p/011-tax.md\nAssumes the read path is live.\n",
    );
    assert_eq!(found.len(), 2);
    assert!(
        found
            .iter()
            .all(|assumption| assumption.certainty == NeedCertainty::Possible)
    );
}

/// The story: of the six PRDs of phase 2, two assume what is not there, and nobody else does.
#[test]
fn the_story() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stories/skip-launch/docs/prds");
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).expect("the fixture") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        text.push_str(&format!(
            "//- docs/prds/{name}\n{}",
            std::fs::read_to_string(&path).expect("text")
        ));
    }
    let (sources, found) = assumptions(&text);
    let got: Vec<String> = found
        .iter()
        .map(|assumption| {
            let first = assumption.because[0].span;
            format!(
                "{} {} {:?} line {}",
                assumption.prd,
                assumption.flag,
                assumption.certainty,
                sources.start(first).line
            )
        })
        .collect();
    assert_eq!(
        got,
        [
            "007-leads quote_snapshot_read Likely line 27",
            "011-tax quote_snapshot_read Likely line 15",
            "019-refunds quote_snapshot_read Proven line 10",
        ]
    );
    let lines: Vec<u32> = found[1]
        .because
        .iter()
        .map(|evidence| sources.start(evidence.span).line)
        .collect();
    assert_eq!(
        lines,
        [15, 27, 38],
        "the assumption, where it is said to be off, the test plan"
    );
}

#[test]
fn what_is_told_of_a_state_is_needed_only_where_a_test_expects_it() {
    let possible =
        "011-tax needs quote_snapshot_read on (Possible, Nobody) assumed to be on here: With the snapshot read path on";
    let likely =
        "011-tax needs quote_snapshot_read on (Likely, Nobody) assumed to be on here: With the snapshot read path on";
    check(
        "With the snapshot read path on, guests see the lower total.",
        &[possible],
    );
    check("With the snapshot read path on, expect 6300.", &[likely]);
    check(
        "# Tax\n\n## Test plan\n\n- With the snapshot read path on, the total is 6300.",
        &[likely],
    );
    check(
        "# Tax\n\n## Acceptance criteria\n\n- With the snapshot read path on, the total is 6300.",
        &[likely],
    );
    check(
        "# Tax\n\n## Acceptance criteria\n\n- With the snapshot read path on, the total is 6300.\n- With the snapshot read path off, it is 6000.",
        &[],
    );
}

/// What 002 needs of the flag that 001, "Express checkout", ships in these words.
fn beside(ships: &str, consumer: &str) -> Vec<String> {
    let ships = format!("//- p/001-express.md\n# Express checkout\n\n{ships}\n");
    let (_, found) = assumptions(&format!("{ships}//- p/002-mail.md\n# Mail\n\n{consumer}\n"));
    let line = |one: &Assumption| format!("{} {} {:?} {:?}", one.flag, one.needs, one.certainty, one.supply);
    found.iter().map(line).collect()
}

#[test]
fn who_ships_all_of_it_ships_what_the_title_says_and_the_key_counts_all_the_same() {
    for ships in [
        "It is hidden behind the flag `fast_checkout`, default off.",
        "The whole thing sits behind the feature flag `fast_checkout`, default off.",
        "Everything here ships behind the flag `fast_checkout`, off by default.",
        "This feature is behind the flag `fast_checkout` (off until the pilot is over).",
        "Everything in this document is wrapped in the flag `fast_checkout`, default off.",
        "Rollout: feature flag `fast_checkout`, default off.",
        "## Flag\n\n`fast_checkout` (default: off)",
        "| Flag | Default |\n|---|---|\n| `fast_checkout` | off |",
    ] {
        for consumer in [
            "This PRD assumes fast checkout is on.",
            "This PRD assumes the express checkout is live.",
        ] {
            assert_eq!(
                beside(ships, consumer),
                ["fast_checkout on Likely Nobody"],
                "{ships} {consumer}"
            );
        }
    }
}

#[test]
fn few_words_of_a_title_or_key_are_only_possible_or_nothing() {
    let ships = "It is hidden behind the flag `fast_checkout`, default off.";
    let strong = |consumer: &str| beside(ships, consumer).iter().any(|line| !line.contains("Possible"));
    for consumer in [
        "This PRD assumes the checkout is live.",
        "It needs the fast checkout columns to be in place.",
        "The express lane must be active.",
    ] {
        assert!(!strong(consumer), "{consumer}");
    }
}

#[test]
fn the_flag_that_tests_set_is_the_one_named_before() {
    let ships = "It is hidden behind the flag `fast_checkout`, default off.";
    for needs in [
        "Requires `fast_checkout` to be enabled.",
        "This PRD assumes the express checkout is live.",
    ] {
        for (stubs, supply) in [
            ("Tests turn `fast_checkout` on themselves.", "Stub"),
            ("Tests set the flag themselves.", "Stub"),
            ("Tests set the flag to on themselves.", "Stub"),
            ("Every test enables the flag in its setup.", "Stub"),
            ("Unit tests stub it.", "Stub"),
            ("Tests set the flag to off themselves.", "Nobody"),
            ("Every test disables the flag in its setup.", "Nobody"),
            ("Tests set the clock themselves.", "Nobody"),
            ("Tests do not set the flag.", "Nobody"),
        ] {
            let got = beside(ships, &format!("{needs} {stubs}"));
            assert!(got.len() == 1 && got[0].ends_with(supply), "{needs} {stubs} {got:?}");
        }
    }
}

#[test]
fn what_a_later_document_needs_this_one_does_not() {
    let ships = "It is hidden behind the flag `fast_checkout`, default off.";
    for other in [
        "A later PRD will require `fast_checkout` on.",
        "Waits for nothing, but a later PRD will require `fast_checkout` on.",
        "A follow-up will assume that the express checkout is live.",
        "`fast_checkout` must be on for a later PRD, not for this one.",
    ] {
        assert_eq!(beside(ships, other), [""; 0], "{other}");
    }
    let own = "Unlike other PRDs, this one requires `fast_checkout` on.";
    assert_eq!(beside(ships, own), ["fast_checkout on Proven Nobody"]);
}

#[test]
fn the_flag_of_another_document_is_the_one_that_it_ships() {
    let ships = "It is hidden behind the flag `fast_checkout`, default off.";
    let certainty = |words: &str| {
        let text = format!("//- p/003-x.md\n{ships}\n//- p/011-y.md\n# Mail\n\n{words}\n");
        let (_, found) = assumptions(&text);
        found.iter().map(|one| (one.needs, one.certainty)).collect::<Vec<_>>()
    };
    for words in [
        "This assumes that PRD 003 has shipped and its flag is on.",
        "This assumes that PRD 3's flag has been flipped.",
        "PRD 3's flag must be on.",
        "The flag of PRD 3 must be on.",
        "It comes after PRD 3, and needs its flag to be on.",
        "We assume that PRD 3 is live in all environments.",
        "Assumes PRD 3 is on.",
        "PRD 3 must be live for everyone before this ships.",
    ] {
        assert_eq!(certainty(words), [(FlagValue::On, NeedCertainty::Likely)], "{words}");
    }
    for words in [
        "This assumes that PRD 003 has shipped.",
        "PRD 3's flag need not be on.",
        "PRD 9's flag must be on.",
        "This works whether or not PRD 3's flag is on.",
        "PRD 9 assumes that PRD 3's flag is on.",
        "PRD 3 must be merged, and its flag is documented.",
        "PRD 9 assumes PRD 3 is on.",
        "PRD 3 does not have to be on.",
        "We assume that PRD 3 is available on staging.",
        "Assumes PRD 3 is in place on main.",
    ] {
        assert_eq!(certainty(words), [], "{words}");
    }
}

/// What a document says of a flag that another one ships: nothing, that it may need it, or that it does.
fn answer(consumer: &str, flag: &str) -> &'static str {
    let shipped = format!("//- p/001-pay.md\nThe quick payment sits behind the feature flag `{flag}`, default OFF.\n");
    let mut names = prd::KnownNames::default();
    if !flag.contains('_') {
        names.add_flag(flag);
    }
    names.add_settled(flag);
    let text = format!("{shipped}//- p/011-mail.md\n# Mail\n\n{consumer}\n");
    let (_, found) = assumptions_with(&text, &names);
    let states = |statement: &Statement| {
        let on = matches!(&statement.claim, Claim::States { key, value: FlagValue::On, .. } if key.as_str() == flag);
        on && speaks_of(&statement.sentence, "production")
    };
    let clash = document_with(consumer, &names).statements.iter().any(states);
    let unmet = found
        .iter()
        .filter(|one| one.prd.0 == "011-mail" && one.flag.as_str() == flag && one.supply == Supply::Nobody);
    // It is off already: what is read as a need of off blocks nothing.
    let certainty = |one: &Assumption| match one.needs {
        FlagValue::On => one.certainty,
        _ => NeedCertainty::Possible,
    };
    match unmet.map(certainty).max() {
        None if clash => "clash",
        None => "quiet",
        Some(NeedCertainty::Possible) => "note",
        Some(_) => "block",
    }
}

#[test]
fn every_wording_gets_its_answer() {
    every_wording("fast_pay");
}

#[test]
fn every_wording_gets_its_answer_in_camel_case() {
    every_wording("fastPay");
}

fn every_wording(flag: &str) {
    let path = std::env::var("NEEDS").ok();
    let text = path.map_or_else(
        || include_str!("../../../fixtures/prose/needs.txt").to_owned(),
        |path| std::fs::read_to_string(path).expect("a file of wordings"),
    );
    let (mut wrong, mut class) = (Vec::new(), "");
    let (mut right, mut all) = (BTreeMap::<&str, u32>::new(), BTreeMap::<&str, u32>::new());
    for line in text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with("# "))
    {
        if let Some(heading) = line.strip_prefix("## ") {
            class = heading;
            continue;
        }
        let Some((expected, words)) = line.split_once(' ') else {
            continue;
        };
        let words = words.replace("fast_pay", flag);
        let got = answer(&words.replace("\\n", "\n"), flag);
        *all.entry(class).or_default() += 1;
        if got == expected.trim_end_matches('~') || (expected.ends_with('~') && got == "note") {
            *right.entry(class).or_default() += 1;
        } else {
            wrong.push(format!("[{class}] {expected} but {got}: {words}"));
        }
    }
    let counts: Vec<String> = all
        .iter()
        .map(|(class, all)| format!("{class}: {} of {all}", right.get(class).copied().unwrap_or_default()))
        .collect();
    assert!(wrong.is_empty(), "{}\n{}\n", wrong.join("\n"), counts.join("\n"));
}

/// All that a document says of the flag `fast_pay`, which another one ships off, in one word: `clash` (it states the other state),
/// `needs`, `note` (it may need it), `flips` (with its own work), `part` (it turns it, and not for everybody), `later`, `ships` (a flag of
/// its own) or `nothing`.
fn told(consumer: &str) -> &'static str {
    let own = document_with(consumer, &prd::KnownNames::default());
    let is = |wanted: fn(&Claim) -> bool| own.statements.iter().any(|statement| wanted(&statement.claim));
    match answer(consumer, "fast_pay") {
        "block" => "needs",
        _ if is(|claim| {
            matches!(
                claim,
                Claim::PlansFlip {
                    when: Flip::WithPrd(_),
                    ..
                }
            )
        }) =>
        {
            "flips"
        }
        "clash" => "clash",
        "note" => "note",
        _ if is(|claim| {
            matches!(
                claim,
                Claim::PlansFlip {
                    when: Flip::Part(_),
                    ..
                }
            )
        }) =>
        {
            "part"
        }
        _ if is(|claim| matches!(claim, Claim::PlansFlip { .. })) => "later",
        _ if is(|claim| matches!(claim, Claim::Introduces { .. })) => "ships",
        _ => "nothing",
    }
}

fn document_with(consumer: &str, names: &prd::KnownNames) -> Prd {
    let (sources, view) = fixture(&format!("//- p/011-mail.md\n# Mail\n\n{consumer}\n"));
    let file = view.files.values().next().expect("the document");
    prd::read(&sources, *file, None, names)
}

#[test]
fn every_voice_is_understood() {
    let lines = include_str!("../../../fixtures/prose/voices.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let told = lines.filter_map(|line| line.split_once(' ')).map(|(expected, words)| {
        let got = told(&words.replace("\\n", "\n"));
        (got != expected).then(|| format!("{expected} but {got}: {words}"))
    });
    let wrong: Vec<String> = told.flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What 009 needs of the flags that 004 ships: `block`, `note` or `quiet`.
fn between(ships: &str, consumer: &str) -> &'static str {
    let text = format!("//- p/004-first.md\n# First\n\n{ships}\n//- p/009-second.md\n# Second\n\n{consumer}\n");
    let (sources, view) = fixture(&text);
    let read = |names: &prd::KnownNames| -> Vec<Prd> {
        let files = view.files.values();
        files.map(|file| prd::read(&sources, *file, None, names)).collect()
    };
    let (index, ledger) = (CodeIndex::default(), Ledger::default());
    let names = crate::assumption::names::flag_names(&index, &ledger, &read(&prd::KnownNames::default()));
    let prds = read(&names);
    let table = FlagTable::build(&index, &ledger, "default", &prds, &BTreeMap::new());
    let told = document_assumptions(&prds, &table);
    let unmet = told
        .into_iter()
        .chain(crate::assumption::resembles::needs(&prds, &table))
        .filter(|one| one.prd.0 == "009-second" && one.supply == Supply::Nobody && one.needs == FlagValue::On);
    match unmet.map(|one| one.certainty).max() {
        None => "quiet",
        Some(NeedCertainty::Possible) => "note",
        Some(_) => "block",
    }
}

#[test]
fn every_wording_of_a_pair_gets_its_answer() {
    let path = std::env::var("PAIRS").ok();
    let text = path.map_or_else(
        || include_str!("../../../fixtures/prose/pairs.txt").to_owned(),
        |path| std::fs::read_to_string(path).expect("a file of pairs"),
    );
    let (mut wrong, mut all) = (Vec::new(), 0);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<String> = line.split("|||").map(|part| part.trim().replace("\\n", "\n")).collect();
        let [label, ships, consumer] = parts.as_slice() else {
            continue;
        };
        all += 1;
        let got = between(ships, consumer);
        if got != label {
            wrong.push(format!("{label} but {got}: {ships} ||| {consumer}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{} of {all} are wrong",
        wrong.join("\n"),
        wrong.len()
    );
}

#[test]
fn likeness_is_told_in_a_wave_of_ten_as_between_two() {
    let ships = "When a booked seat is cancelled, the first person on the waiting list is moved into it.\n\nOff by default; key `list_autofill`.";
    let needs = "The test cancels a booked seat and expects the first of the waiting list in it.";
    let other = |n: usize| {
        format!("//- p/{n:03}-other.md\n# Other {n}\n\nThe page number {n} gets a ribbon and a larger heading.\n")
    };
    let others: String = (20..28).map(other).collect();
    let text = format!("//- p/001-list.md\n# List\n\n{ships}\n//- p/002-page.md\n# Page\n\n{needs}\n{others}");
    let (_, found) = assumptions(&text);
    let told: Vec<(&str, NeedCertainty)> = found.iter().map(|one| (&*one.prd.0, one.certainty)).collect();
    assert_eq!(told, [("002-page", NeedCertainty::Possible)]);
}
