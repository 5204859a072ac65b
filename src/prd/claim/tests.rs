//! Claims of small documents, and the examples of every rule.

use super::*;
use crate::prd::tests::{document, document_with, order_of};
use crate::prd::{Flip, KnownNames, Prd};
use crate::source::Sources;

pub(super) fn kind_of(claim: &Claim) -> Kind {
    match claim {
        Claim::Introduces { .. } => Kind::Introduces,
        Claim::Assumes { .. } => Kind::Assumes,
        Claim::Stubs { .. } => Kind::Stubs,
        Claim::PlansFlip { .. } => Kind::Flips,
        Claim::States { .. } => Kind::States,
        Claim::DependsOn { .. } => Kind::Depends,
        Claim::Before { .. } => Kind::Before,
        Claim::Foundation => Kind::Foundation,
        Claim::Hotfix => Kind::Hotfix,
        Claim::Bumps => Kind::Bumps,
    }
}

#[test]
fn every_example_of_every_rule() {
    let mut wrong = Vec::new();
    for rule in rules() {
        let heading = match rule.only {
            Some(rule::Only::Tests) => "## Test plan\n\n",
            Some(rule::Only::Flags) => "## Feature flags\n\n",
            Some(rule::Only::Expects) => "## Acceptance criteria\n\n",
            Some(rule::Only::Assumptions) => "## Assumptions\n\n",
            None => "",
        };
        for (sentences, expected) in [(&rule.example, true), (&rule.not, false)] {
            for sentence in sentences {
                let (_, prd) = document("docs/prds/050-x.md", &format!("{heading}{sentence}\n"));
                let found = prd
                    .statements
                    .iter()
                    .any(|statement| kind_of(&statement.claim) == rule.kind);
                if found != expected {
                    wrong.push(format!(
                        "{:?} {expected}: {sentence}\n    {:?}",
                        rule.kind,
                        prd.statements
                            .iter()
                            .map(|statement| &statement.claim)
                            .collect::<Vec<_>>()
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of the examples:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The statements of a document, one line each.
pub(crate) fn line(sources: &Sources, prd: &Prd) -> Vec<String> {
    let key = |key: &Option<FlagKey>| key.as_ref().map_or("-".to_owned(), FlagKey::to_string);
    let flip = |flip: &Flip| match flip {
        Flip::Later(words) => format!("later: {words}"),
        Flip::WithPrd(prd) => format!("with {prd}"),
        Flip::Phase(number) => format!("phase {number}"),
        Flip::Part(part) => format!("only {}", part.words),
    };
    prd.statements
        .iter()
        .map(|statement| {
            let words = sources.text(statement.span).replace('\n', " ");
            let claim = match &statement.claim {
                Claim::Introduces {
                    key: k,
                    phrase,
                    default,
                    flips,
                } => {
                    format!(
                        "introduces {} [{phrase}] {default} {}",
                        key(k),
                        flips.as_ref().map_or("-".to_owned(), flip)
                    )
                }
                Claim::Assumes { key: k, phrase, needs } => format!("assumes {} [{phrase}] {needs}", key(k)),
                Claim::Stubs { key: k, phrase, value } => format!("stubs {} [{phrase}] {value}", key(k)),
                Claim::PlansFlip {
                    key: k,
                    phrase,
                    to,
                    when,
                } => format!("flips {} [{phrase}] {to} {}", key(k), flip(when)),
                Claim::States { key, value, by_default } => {
                    format!("states {key} {value}{}", if *by_default { " by default" } else { "" })
                }
                Claim::DependsOn { on } => format!("depends {on}"),
                Claim::Before { what } => format!("before {what}"),
                Claim::Foundation => "foundation".to_owned(),
                Claim::Hotfix => "hotfix".to_owned(),
                Claim::Bumps => "bumps".to_owned(),
            };
            format!("{claim} | {words}")
        })
        .collect()
}

fn check(text: &str, expected: &[&str]) {
    let (sources, prd) = document("docs/prds/050-x.md", text);
    assert_eq!(line(&sources, &prd), expected, "{text}");
}

#[test]
fn what_is_shipped_behind_a_flag() {
    check(
        "Use a feature-flag on the snapshot READ path (default OFF for first week) so a regression is reversible.",
        &[
            "introduces - [snapshot read path] off later: for first week | Use a feature-flag on the snapshot READ path (default OFF for first week)",
        ],
    );
    check(
        "Ship the read path behind `quote_snapshot_read`, default OFF for the first week.",
        &[
            "introduces quote_snapshot_read [read path] off later: for the first week | read path behind `quote_snapshot_read`, default OFF for the first week",
        ],
    );
    check(
        "The tax lines are gated by the flag `tax_lines`. It defaults to on. The tests stub the flag off.",
        &[
            "introduces tax_lines [tax lines] on - | tax lines are gated by the flag `tax_lines`",
            "stubs tax_lines [flag] off | tests stub the flag off",
        ],
    );
}

#[test]
fn a_flag_in_a_table_or_list_of_flags_is_introduced_with_its_default() {
    check(
        "| Toggle | Owner | Default |\n|---|---|---|\n| `tax_lines` | kim | OFF |\n| `tax_old` | kim | ? |\n",
        &["introduces tax_lines [tax_lines] off - | `tax_lines` | kim | OFF"],
    );
    check(
        "## Dependencies\n\n| Flag | Default |\n|---|---|\n| `tax_lines` | off |\n",
        &[],
    );
    check(
        "| Flag | Default |\n|---|---|\n| `tax_lines` (PRD 3) | off |\n| `tax_old`, of PRD 3 | off |\n",
        &[],
    );
    check("| Name | Default |\n|---|---|\n| `page_size` | off |\n", &[]);
}

#[test]
fn what_is_assumed() {
    check(
        "Lead quotes read their tax and fee rates from the snapshot, so the read path has to be active.",
        &["assumes - [read path] on | read path has to be active"],
    );
    check(
        "This relies on `a_b` being off; the flag `a_b` is off.",
        &[
            "assumes a_b [a_b] off | relies on `a_b` being off",
            "states a_b off | `a_b` is off",
        ],
    );
    check(
        "It assumes the page is active.",
        &["assumes - [page] on | assumes the page is active"],
    );
}

#[test]
fn what_it_comes_after() {
    check(
        "Depends on: 7, #9 and `leads`",
        &[
            "depends 7 | Depends on: 7",
            "depends 9 | Depends on: 7, #9",
            "depends leads | Depends on: 7, #9 and `leads`",
        ],
    );
    check(
        "## Dependencies\n\n- After 003 (release order) and after the hotfix 002.\n- 018-guest-messages: the confirmation.\n",
        &[
            "depends 003 | After 003",
            "depends 002 | After 003 (release order) and after the hotfix 002",
            "depends 018-guest-messages | 018-guest-messages",
        ],
    );
    check("## Dependencies\n\n- Systemd: 244 or later\n", &[]);
    check(
        "**Blocked by:** —\n**Blocks:** PRD-005\n**Target release:** 2.4\n",
        &["before PRD-005 | Blocks:** PRD-005"],
    );
    check(
        "We can do this after 017-payment and 021-revenue have landed, not before. It needs 30 days.",
        &[
            "depends 017-payment | after 017-payment",
            "depends 021-revenue | after 017-payment and 021-revenue",
        ],
    );
}

#[test]
fn the_thing_is_what_stands_before_its_verb() {
    check(
        "Vouchers come on top, so the new cart calculation needs to be enabled for all customers.",
        &["assumes - [new cart calculation] on | new cart calculation needs to be enabled"],
    );
    check(
        "The new total is hidden behind a feature toggle (`new-cart`), which is off until we have watched a week of traffic.",
        &[
            "introduces new-cart [new total] off later: a week | new total is hidden behind a feature toggle (`new-cart`), which is off until we have watched a week",
        ],
    );
}

#[test]
fn what_only_works_in_a_state_needs_it() {
    check(
        "This only works with the snapshot read path switched on.",
        &["assumes - [snapshot read path] on | only works with the snapshot read path switched on"],
    );
}

/// The wordings that are kept, or those of the file that the variable names.
fn wordings(variable: &str, kept: &str) -> String {
    std::env::var(variable).ok().map_or_else(
        || kept.to_owned(),
        |path| std::fs::read_to_string(path).expect("a file of wordings"),
    )
}

/// The lines of a file of wordings, each with what is expected of it, that come out otherwise.
pub(super) fn wrong(wordings: &str, names: &KnownNames, answer: impl Fn(&Prd) -> String) -> Vec<String> {
    let lines = wordings
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "));
    let told = lines.filter_map(|line| line.split_once(' ')).map(|(expected, words)| {
        let text = format!("# List\n\n{}\n", words.replace("\\n", "\n"));
        let (_, prd) = document_with("docs/prds/050-x.md", &text, names);
        let got = answer(&prd);
        (got != expected).then(|| format!("{expected} but {got}: {words}"))
    });
    told.flatten().collect()
}

/// The default with which the document ships `flag`, or `none`.
pub(super) fn shipped(prd: &Prd, flag: &str) -> String {
    let shipped = prd.statements.iter().find_map(|statement| match &statement.claim {
        Claim::Introduces {
            key: Some(key),
            default,
            ..
        } if key.as_str() == flag => Some(*default),
        _ => None,
    });
    shipped.map_or("none".to_owned(), |default| default.to_string())
}

#[test]
fn every_wording_of_what_is_shipped() {
    let text = wordings("SHIPS", include_str!("../../../fixtures/prose/ships.txt"));
    let wrong = wrong(&text, &KnownNames::default(), |prd| shipped(prd, "slow_pay"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the document comes before PRD 4, after it, or says nothing of it.
pub(super) fn ordered(prd: &Prd) -> String {
    let four = |name: &str| name.trim_end_matches(char::is_numeric).len() < name.len() && name.ends_with('4');
    let order = prd.statements.iter().find_map(|statement| match &statement.claim {
        Claim::Before { what } if four(what) => Some("before"),
        Claim::DependsOn { on } if four(on) => Some("after"),
        _ => None,
    });
    order.unwrap_or("none").to_owned()
}

#[test]
fn every_wording_of_an_order() {
    let text = wordings("ORDER", include_str!("../../../fixtures/prose/order.txt"));
    let wrong = wrong(&text, &KnownNames::default(), ordered);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the document turns `flag` (in words: "slow pay") to: `on`, `off` (with its own work), `later`, `none`.
pub(super) fn turned(prd: &Prd, flag: &str) -> String {
    let flips = prd.statements.iter().find_map(|statement| match &statement.claim {
        Claim::PlansFlip { key, phrase, to, when }
            if key.as_ref().is_some_and(|key| key.as_str() == flag)
                || phrase.split(' ').any(|word| word == flag)
                || phrase == "slow pay" =>
        {
            Some((*to, when.clone()))
        }
        _ => None,
    });
    match flips {
        None => "none".to_owned(),
        Some((to, Flip::WithPrd(prd))) if prd == "050-x" => to.to_string(),
        Some((_, Flip::Part(_))) => "part".to_owned(),
        Some(_) => "later".to_owned(),
    }
}

#[test]
fn every_wording_of_a_flip() {
    let text = wordings("FLIPS", include_str!("../../../fixtures/prose/flips.txt"));
    let wrong = wrong(&text, &KnownNames::default(), |prd| turned(prd, "slow_pay"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a document of this text waits for, and what waits for it.
fn orders(text: &str) -> (Vec<String>, Vec<String>) {
    order_of(&document("docs/prds/9-own.md", &format!("# Own\n\n{text}\n")).1)
}

#[test]
fn documents_are_named_in_lists_runs_and_asides() {
    for (text, after) in [
        (
            "Depends on both the digest writer (PRD 1) and smart routing (PRD 2).",
            &["PRD 1", "PRD 2"][..],
        ),
        ("Depends on PRD 1 as well as on PRD 2.", &["PRD 1", "PRD 2"]),
        ("Depends on: PRD 1; PRD 2", &["PRD 1", "PRD 2"]),
        ("Depends on PRDs 1-3.", &["1", "2", "3"]),
        ("It depends on PRDs 1 to 3.", &["1", "2", "3"]),
        ("## Blocked by\n\n- PRD 1", &["PRD 1"]),
        ("## Dependencies\n\n- PRD 1: the table", &["PRD 1"]),
        ("## Dependencies\n\n- ~~PRD 1~~ dropped in review", &[]),
        ("## Dependencies\n\n- PRD 1: no dependency, just related reading", &[]),
        ("## Dependencies\n\n- Soft: PRD 1 (nice to have, not required)", &[]),
        (
            "## Dependencies\n\n| # | Dependency | Owner |\n|---|---|---|\n| 1 | Stripe | kim |\n| 2 | Legal | sam |",
            &[],
        ),
        ("It needs 003 in the header. Error 001 blocks this for guests.", &[]),
        ("Starts after 003 lands.", &["003"]),
        ("Depends on 007 tax lines.", &["007"]),
        (
            "## Dependencies\n\n- PRD 1: drops the old column\n- PRD 2: makes the field optional",
            &["PRD 1", "PRD 2"],
        ),
        ("## Dependencies\n\n- PRD 1 (optional)\n- PRD 2, resolved", &[]),
    ] {
        assert_eq!(
            orders(text),
            (after.iter().map(ToString::to_string).collect(), Vec::new()),
            "{text}"
        );
    }
}
