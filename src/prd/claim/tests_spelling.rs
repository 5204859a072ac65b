//! The same sentences with the names spelled otherwise: what `slow_pay` means to a document, `slowPay` means to it where a flag is called so,
//! and `slowpay` where "flag" stands beside it.

use super::rule::{Only, rules};
use super::tests::{kind_of, ordered, shipped, turned, wrong};
use crate::prd::tests::document_with;
use crate::prd::{Claim, KnownNames, MentionKind};

/// `slow_pay` and `tax-lines` in backticks, joined as `join` does; all else as it is.
pub(crate) fn respelled(text: &str, join: fn(&str) -> String) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let (mut out, mut rest, mut ticked) = (String::new(), text, false);
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end.max(if end == 0 { first.len_utf8() } else { 0 }));
        let small = name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains(char::is_uppercase);
        let joined = name.contains('_') || (ticked && name.contains('-'));
        let file = after.starts_with(['.', '/']) && !after.starts_with(". ") && after.len() > 1 || out.ends_with('/');
        match small && joined && !file && !name.ends_with(['_', '-']) {
            true => out.push_str(&join(name)),
            false => out.push_str(name),
        }
        ticked ^= name == "`";
        rest = after;
    }
    out
}

/// `slowPay`
pub(crate) fn camel(name: &str) -> String {
    let mut words = name.split(['_', '-']);
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |all, word| {
        let (head, tail) = word.split_at(word.len().min(1));
        all + &head.to_uppercase() + tail
    })
}

/// `slowpay`
pub(crate) fn one_word(name: &str) -> String {
    name.replace(['_', '-'], "")
}

/// True if "flag" or "toggle" stands right beside each name in backticks of `text`.
pub(crate) fn says_flag(text: &str, name: &str) -> bool {
    let mut places = text.match_indices(name).peekable();
    let near = |(at, _): (usize, &str)| {
        let before = text[..at]
            .trim_end_matches(['`', ' ', ':', ',', '(', '='])
            .to_lowercase();
        let after = text[at + name.len()..].trim_start_matches(['`', ' ']).to_lowercase();
        let word = |text: &str, of: fn(&str, &str) -> bool| {
            ["flag", "toggle", "feature flag"].iter().any(|word| of(text, word))
        };
        word(&before, |text, word| text.ends_with(word)) || word(&after, |text, word| text.starts_with(word))
    };
    places.peek().is_some() && places.all(near)
}

/// What every name of the examples is known for.
fn known(names: &[&str]) -> KnownNames {
    let mut known = KnownNames::default();
    names.iter().for_each(|name| known.add_flag(name));
    known
}

/// The examples of claims.toml that `spell` changes and that come out otherwise.
fn wrong_examples(spell: impl Fn(&str) -> Option<String>, knows: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for rule in rules() {
        let heading = match rule.only {
            Some(Only::Tests) => "## Test plan\n\n",
            Some(Only::Flags) => "## Feature flags\n\n",
            Some(Only::Expects) => "## Acceptance criteria\n\n",
            Some(Only::Assumptions) => "## Assumptions\n\n",
            None => "",
        };
        let examples = rule.example.iter().map(|sentence| (sentence, true));
        for (sentence, expected) in examples.chain(rule.not.iter().map(|sentence| (sentence, false))) {
            let Some(spelled) = spell(sentence) else { continue };
            // Only what the respelling made is a flag: `QuoteService` is none.
            let names = if knows {
                fresh(sentence, &spelled)
            } else {
                KnownNames::default()
            };
            let (_, prd) = document_with("docs/prds/050-x.md", &format!("{heading}{spelled}\n"), &names);
            let found = prd.statements.iter().any(|said| kind_of(&said.claim) == rule.kind);
            if found != expected {
                wrong.push(spelled);
            }
        }
    }
    wrong
}

/// The names that stand in `spelled` and not in `text`.
fn fresh(text: &str, spelled: &str) -> KnownNames {
    let words = |text: &str| -> std::collections::BTreeSet<String> {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .map(str::to_owned)
            .collect()
    };
    let old = words(text);
    let new = words(spelled);
    known(&new.difference(&old).map(String::as_str).collect::<Vec<_>>())
}

fn in_camel(text: &str) -> Option<String> {
    let spelled = respelled(text, camel);
    (spelled != text).then_some(spelled)
}

const FILES: [(&str, &str); 3] = [
    ("ships", include_str!("../../../fixtures/prose/ships.txt")),
    ("flips", include_str!("../../../fixtures/prose/flips.txt")),
    ("order", include_str!("../../../fixtures/prose/order.txt")),
];

/// The wordings that come out otherwise with `slow_pay` spelled as `key`; of those that `wanted` takes.
fn wrong_wordings(key: &'static str, names: &KnownNames, wanted: fn(&str) -> bool) -> Vec<String> {
    let mut all = Vec::new();
    for (name, text) in FILES {
        let lines = text.lines().filter(|line| line.starts_with("# ") || wanted(line));
        let text: String = lines.map(|line| line.replace("slow_pay", key) + "\n").collect();
        let answer = |prd: &crate::prd::Prd| match name {
            "ships" => shipped(prd, key),
            "flips" => turned(prd, key),
            _ => ordered(prd),
        };
        all.extend(wrong(&text, names, answer));
    }
    all
}

#[test]
fn a_name_in_camel_case_that_is_known_is_read_as_one_in_snake_case() {
    let mut wrong = wrong_examples(in_camel, true);
    // Two letters without backticks are no name.
    wrong.retain(|sentence| sentence != "- behind flag aB, off 1st week");
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
    let wrong = wrong_wordings("slowPay", &known(&["slowPay"]), |_| true);
    assert!(wrong.is_empty(), "{} wordings:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_name_of_one_word_is_a_flag_where_the_sentence_says_so() {
    let spell = |text: &str| {
        let spelled = respelled(text, one_word);
        let ticked: Vec<&str> = text
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| name.contains(['_', '-']))
            .collect();
        let said = !ticked.is_empty() && ticked.iter().all(|name| says_flag(text, name));
        (said && spelled != text).then_some(spelled)
    };
    let wrong = wrong_examples(spell, false);
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
    let wrong = wrong_wordings("slowpay", &KnownNames::default(), |line| says_flag(line, "slow_pay"));
    assert!(wrong.is_empty(), "{} wordings:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is only said of a flag if one knows it for a flag: options are enabled, mocked and set too.
const UNSAID: &[&str] = &[
    "Force `quoteSnapshotRead` in every spec.",
    "Depends on `aFlag` being enabled - specs mock it.",
    "- enable `aFlag` in the setup",
    "Our work lands dormant, guarded by `aFlag`.",
    "Released dark: `aFlag=false`.",
    "We introduce `aFlag` and leave it disabled.",
    "- behind flag aB, off 1st week",
    "When this is merged, `aFlag` will be on.",
    "With this release `aFlag` goes from off to on for everyone.",
    "The pilot went well, so `aFlag` is hereby enabled everywhere as part of this change.",
    "With this PRD `aFlag` is on for everyone.",
    "off but none: The list fills by itself. Everything stays under `slowPay`, which is off until the pilot is over.",
    "off but none: Seats are held for ten minutes. Guard: `slowPay` (off)",
    "off but none: Seats are held for ten minutes. It is merged dark under `slowPay`.",
    "on but none: Enable `slowPay`.",
    "on but none: Enables `slowPay`.",
    "on but none: Once the backfill is through, we enable `slowPay`.",
    "on but none: The default for everybody changes: set `slowPay` = true.",
    "part but none: Turn `slowPay` on locally.",
    "part but none: We turn `slowPay` on locally.",
    "part but none: Enable `slowPay` for the beta group.",
    "part but none: This PRD turns `slowPay` on if support agrees.",
    "part but none: This PRD turns `slowPay` on once legal has signed.",
    "part but none: This PRD turns `slowPay` on temporarily.",
    "on but none: When this is merged, `slowPay` will be on; no further step is needed.",
    "on but none: From this merge on, `slowPay` is on.",
    "on but none: - [ ] in `src/switches/board.ts` change `slowPay` to `true`",
];

#[test]
fn a_name_that_nothing_knows_says_less_in_few_sentences_and_never_more() {
    let nothing = KnownNames::default();
    let wrong = [
        wrong_examples(in_camel, false),
        wrong_wordings("slowPay", &nothing, |_| true),
    ]
    .concat();
    assert_eq!(wrong, UNSAID, "{}", wrong.join("\n"));
}

/// Sentences of real documents, in which nothing is a flag.
const NO_FLAGS: &[&str] = &[
    "Turn on `strictNullChecks`.",
    "Turn on `noImplicitAny` in tsconfig.json.",
    "Enable `esModuleInterop` and `skipLibCheck` in `tsconfig.base.json`.",
    "Turn `exactOptionalPropertyTypes` on for all packages.",
    "Set `timeout` to true.",
    "Set `isOpen` to false when the dialog closes.",
    "Set `maxRetries` to 3.",
    "Set `disabled` to true while the request runs.",
    "The button has the `disabled` prop on.",
    "`onClick` is off while the form is sent.",
    "`onClick` is off.",
    "`isEnabled` is off by default.",
    "`autoFocus` is off by default.",
    "`strict` is on.",
    "With `strict` on, the build fails.",
    "With `strictNullChecks` on, the build fails.",
    "The API sits behind `nginx`.",
    "The API sits behind `nginx`, which is off by default in development.",
    "The page is behind `AuthGuard`.",
    "The page is behind `AuthGuard`, off by default in tests.",
    "The page is behind `authGuard`, which is on by default.",
    "The page is wrapped in `ErrorBoundary`, on by default.",
    "Requires `node` on the PATH.",
    "Requires `docker` on the build machine.",
    "Requires `fetchCart` to return a total.",
    "Requires `QuoteService`.",
    "Use `useEffect` to load the cart.",
    "Turn off `useEffect` in the test.",
    "Turn on `react-hooks/exhaustive-deps` as a lint rule.",
    "Switch `sortOrder` to ascending.",
    "Switch `currentTab` on click.",
    "Flip `sortOrder` when the header is clicked.",
    "Enable `sourceMaps`.",
    "Enable `cors`.",
    "Turn on `debug`.",
    "Disable `cacheControl` for the endpoint.",
    "Activate `focusTrap` when the modal opens.",
    "Change the default of `pageSize` to 50.",
    "Change the default of `sortOrder` to ascending.",
    "Add `createdBy` to the table.",
    "Add `rowCount: 3` to `src/table.ts`.",
    "The list is controlled by `selectedIds`.",
    "The list is hidden behind `isLoading`, which is false at first.",
    "The totals are guarded by `requireAuth`.",
    "Once `loadCart` is done, the page is live.",
    "`newTotals` takes the cart and gives the sum.",
    "Depends on `lodash` and `zod`.",
    "Set `NODE_ENV` to production.",
];

#[test]
fn what_else_is_on_off_set_and_stood_behind_is_no_flag() {
    let mut names = KnownNames::default();
    names.add_code("authGuard");
    let mut wrong = Vec::new();
    for text in NO_FLAGS {
        let (_, prd) = document_with("docs/prds/050-x.md", &format!("# List\n\n{text}\n"), &names);
        let claims = prd.statements.iter().map(|said| &said.claim);
        let named = claims.filter(|claim| match claim {
            Claim::Assumes { key, .. } | Claim::PlansFlip { key, .. } => key.is_some(),
            Claim::Introduces { .. } | Claim::States { .. } => true,
            _ => false,
        });
        let flags = prd.mentions.iter().filter(|mention| mention.kind == MentionKind::Flag);
        let said: Vec<String> = named
            .map(|claim| format!("{claim:?}"))
            .chain(flags.map(|flag| flag.text.clone()))
            .collect();
        if !said.is_empty() {
            wrong.push(format!("{text}\n    {}", said.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A flag of this name is known, and so is something else of the code: the sentence decides.
#[test]
fn a_name_that_a_flag_shares_with_a_function_is_what_the_sentence_says() {
    let mut names = KnownNames::default();
    names.add_flag("newCheckout");
    names.add_code("newCheckout");
    for (text, expected) in [
        ("Turn on `newCheckout`.", true),
        ("Set `newCheckout` to true.", true),
        ("It is behind `newCheckout`.", true),
        ("Requires `newCheckout` on.", true),
        ("`newCheckout` must be on before this ships.", true),
        ("Depends on `newCheckout` being enabled.", true),
        ("`newCheckout` takes the cart.", false),
        ("`newCheckout()` takes the cart; requires `newCheckout()`.", false),
        ("Requires `newCheckout` to be exported.", false),
        ("Requires `newCheckout`.", false),
        (
            "Call the function `newCheckout` and turn the `newCheckout` function on.",
            false,
        ),
        ("Move `newCheckout` to `src/newCheckout.ts`.", false),
    ] {
        let (_, prd) = document_with("docs/prds/050-x.md", &format!("# List\n\n{text}\n"), &names);
        let flag = prd.mentions.iter().any(|mention| mention.kind == MentionKind::Flag);
        assert_eq!(flag, expected, "{text} {:?}", prd.statements);
    }
}
