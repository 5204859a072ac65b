//! What titles say of a flag, and what only looks like it.

use super::*;

fn check(titles: &[&str], key: &str, expected: Option<FlagValue>) {
    let words: Vec<Words> = titles.iter().map(|title| Words::of(title)).collect();
    assert_eq!(stated_value(&words, &Words::of(key), &[]), expected, "{titles:?} {key}");
}

#[test]
fn a_title_names_flag_and_value() {
    check(
        &["quotes", "when quoteSnapshotRead is off"],
        "quote_snapshot_read",
        Some(FlagValue::Off),
    );
    check(
        &["with quote_snapshot_read enabled", "uses frozen rates"],
        "quote_snapshot_read",
        Some(FlagValue::On),
    );
    check(
        &["new-checkout is on", "and new-checkout is off"],
        "new-checkout",
        Some(FlagValue::Off),
    );
}

#[test]
fn what_is_denied_asked_or_somebody_elses_is_no_need() {
    for title in [
        "does not need new_checkout on",
        "doesn't need new_checkout on",
        "no longer needs new_checkout on",
        "works without new_checkout on",
        "works with and without new_checkout on",
        "is not affected by new_checkout being on",
        "is not affected when new_checkout is on",
        "ignores whether new_checkout is on",
        "prints the old total unless new_checkout is on",
        "shows a hint that new_checkout is on",
        "throws if someone turns new_checkout on",
        "works even when new_checkout is on",
        "works either way with new_checkout on",
        "gives the same in either state when new_checkout is on",
        "tells the reader that new_checkout is on",
        "shows a label that new_checkout is on",
        "works not only with new_checkout on",
        "does not need to run with new_checkout on",
        "works regardless of the new_checkout flag being on",
        "test_does_not_need_new_checkout_on",
    ] {
        check(&[title], "new_checkout", None);
    }
    for title in [
        "with new_checkout on",
        "when new_checkout is on",
        "adds new_checkout on",
        "shows no totals (new_checkout on)",
        "shows no totals - new_checkout on",
        "shows no totals when new_checkout is on",
        "does not throw if new_checkout is on",
        "does not need a coupon, new_checkout on",
        "test_prints_no_total_with_new_checkout_on",
        "a user without a session, with new_checkout on",
        "does not require a coupon when new_checkout is on",
        "does not need to log in when new_checkout is on",
        "shows either card or cash when new_checkout is on",
        "marks the affected rows when new_checkout is on",
        "lists the rows affected when new_checkout is on",
        "asks whether to pay when new_checkout is on",
        "ignores expired coupons when new_checkout is on",
        "test that new_checkout on shows the total",
        "checks that new_checkout being on shows the total",
    ] {
        check(&[title], "new_checkout", Some(FlagValue::On));
    }
}

#[test]
fn what_the_words_of_a_flag_are_otherwise_is_no_need() {
    for title in [
        "new checkout is on the page",
        "new checkout is enabled for admins",
        "new checkout is on by default in the theme picker",
        "sets newCheckout to on",
        "stores newCheckout=on",
        "parses \"newCheckout=on\"",
        "keeps newCheckout on when saved",
        "rejects newCheckout: on for guests",
        "flag newCheckout enabled in staging only",
        "only when newCheckout is enabled, which it is not",
        "if newCheckout were enabled",
        "newCheckout enabled flag is listed",
        "returns isNewCheckoutEnabled as it is",
    ] {
        check(&[title], "new_checkout", None);
    }
    for title in [
        "when new checkout is enabled for admins",
        "when new checkout is on the total is shown",
        "new checkout is on",
        "stores the total with newCheckout=on",
        "sets the total when newCheckout is on",
        "newCheckout enabled in the cart",
        "test_sets_total_new_checkout_on",
    ] {
        check(&[title], "new_checkout", Some(FlagValue::On));
    }
    check(
        &["returns isNewCheckoutEnabled: false if the feature is NOT enabled"],
        "new_checkout",
        Some(FlagValue::Off),
    );
}

#[test]
fn a_longer_name_is_not_the_shorter_one() {
    let titles = [
        Words::of("when NewCheckoutPage is off"),
        Words::of("new checkout is on"),
    ];
    let (key, longer) = (Words::of("NewCheckout"), Words::of("NewCheckoutPage"));
    assert_eq!(stated_value(&titles[..1], &key, &[&key, &longer]), None);
    assert_eq!(
        stated_value(&titles[..1], &longer, &[&key, &longer]),
        Some(FlagValue::Off)
    );
    assert_eq!(stated_value(&titles, &key, &[&key, &longer]), Some(FlagValue::On));
}

#[test]
fn a_value_that_is_filled_in_says_nothing() {
    check(&["newCheckout enabled: %t"], "new_checkout", None);
    check(&["newCheckout enabled=${on}, off: ${off}"], "new_checkout", None);
    check(&["newCheckout enabled: true"], "new_checkout", Some(FlagValue::On));
}

#[test]
fn names_of_code_that_ask_are_no_values() {
    let (on, off) = (Some(FlagValue::On), Some(FlagValue::Off));
    check(
        &["returns isTaxRatesEnabled: false if the feature is NOT enabled"],
        "taxRates",
        off,
    );
    check(
        &["useIsTaxRatesEnabled", "returns false if the feature is NOT enabled"],
        "taxRates",
        None,
    );
    check(
        &["hides the column when isTaxRatesEnabled flag is off and nobody is logged in"],
        "taxRates",
        off,
    );
    check(&["when isTaxRatesEnabled is true"], "taxRates", on);
    check(&["with taxRatesEnabled: false"], "taxRates", off);
    check(&["taxRatesDisabled flag is true"], "taxRates", off);
    check(&["with tax rates enabled, the cart is disabled"], "taxRates", on);
    check(&["with tax rates enabled the cart is disabled"], "taxRates", on);
    check(&["when tax rates is enabled"], "taxRates", on);
}

#[test]
fn a_title_that_names_half_of_it_says_nothing() {
    check(&["snapshot read is described"], "quote_snapshot_read", None);
    check(&["quote snapshot read works on and off"], "quote_snapshot_read", None);
    check(&["turns search off"], "search", None);
    check(&["with the search flag off"], "search", Some(FlagValue::Off));
}

#[test]
fn the_value_stands_beside_the_flag_or_beside_the_word_flag() {
    check(&["says disabled snapshotRead"], "snapshot_read", Some(FlagValue::Off));
    check(
        &["keeps the shared preview for video when the feature is enabled"],
        "shared_preview",
        Some(FlagValue::On),
    );
    check(&["snapshotRead is not enabled"], "snapshot_read", Some(FlagValue::Off));
    check(&["snapshotRead flag set to true"], "snapshot_read", Some(FlagValue::On));
    check(&["should show error message on failure"], "show_error", None);
    check(
        &["new checkout evaluation with a disabled parent"],
        "new_checkout",
        None,
    );
    check(&["goes on new checkout"], "new_checkout", None);
    check(&["get_enabled_new_checkout_config_count"], "new_checkout", None);
    check(
        &["with disabled newCheckout, falls back"],
        "new_checkout",
        Some(FlagValue::Off),
    );
    check(&["login_with_asymmetric_token_on_stdin"], "asymmetric_token", None);
    check(
        &["login_with_asymmetric_token_on"],
        "asymmetric_token",
        Some(FlagValue::On),
    );
    check(&["new checkout on, shows totals"], "new_checkout", Some(FlagValue::On));
    check(
        &["when newCheckout is on it shows totals"],
        "new_checkout",
        Some(FlagValue::On),
    );
    check(
        &["anonymises if newCheckout flag is set"],
        "new_checkout",
        Some(FlagValue::On),
    );
    check(&["shows the new checkout set of pages"], "new_checkout", None);
    check(&["newCheckout: on"], "new_checkout", Some(FlagValue::On));
    check(&["newCheckout off falls back"], "new_checkout", Some(FlagValue::Off));
    check(&["new checkout: on and off"], "new_checkout", None);
}

#[test]
fn what_a_function_of_a_flag_returns_is_its_value_as_a_condition() {
    check(&["when useNewTax() returns true"], "useNewTax", Some(FlagValue::On));
    check(&["if use_new_tax returns false"], "USE_NEW_TAX", Some(FlagValue::Off));
    check(&["useNewTax() returns true"], "useNewTax", None);
    check(&["useNewTax returns true when rates are there"], "useNewTax", None);
}
