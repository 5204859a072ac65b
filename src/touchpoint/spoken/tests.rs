//! What one document does something to and another one speaks of, in the words of both.

use super::*;
use crate::touchpoint::tests::world;

/// What the second document speaks of that the first one takes away or changes.
fn of(first: &str, second: &str) -> Vec<String> {
    let (_, _, _, prds) = world(&format!(
        "//- docs/prds/001-a.md\n{first}\n//- docs/prds/002-b.md\n{second}\n"
    ));
    let all = spoken(&prds, &[]);
    all.into_iter()
        .map(|one| format!("{} {:?} {}", one.name, one.deed, one.words))
        .collect()
}

#[test]
fn what_goes_here_and_is_read_there() {
    for (first, second, expected) in [
        (
            "The answer stops saying `total`.",
            "| Amount | the `total` of the order, in euro |",
            "total Goes `total`",
        ),
        (
            "`useHistory` → `useNavigate`.",
            "For Next it uses `useHistory().push`.",
            "useHistory Goes `useHistory`",
        ),
        (
            "Rename `REDIS_URL` to `CACHE_URL`.",
            "It reads the Redis URL.",
            "REDIS_URL Goes “Redis URL”",
        ),
        (
            "`Sluggable` is deleted.",
            "It is made by the sluggable concern.",
            "Sluggable Goes “sluggable concern”",
        ),
    ] {
        assert_eq!(of(first, second), [expected], "{second}");
    }
}

#[test]
fn what_is_told_of_the_past_or_means_something_else_is_left_alone() {
    for (first, second) in [
        ("`total` is read by the app.", "It shows the `total`."),
        ("Rename `total` to `sum`.", "## Background\n\nWe never liked `total`."),
        ("Rename `total` to `sum`.", "## Out of scope\n\nThe `total`."),
        ("`Badge` is deleted.", "Everybody gets a badge at the fair."),
        (
            "Rename `REDIS_URL` to `CACHE_URL`.",
            "Redis is asked. URL lists are kept.",
        ),
        ("Rename `total` to `sum`.", "Rename `total` to `amount`."),
    ] {
        assert_eq!(of(first, second), [""; 0], "{second}");
    }
}
