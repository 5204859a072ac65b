//! "Did you mean". Enters: a word that was not found and the words that exist. Leaves: the nearest of them, if it is near enough.

/// Fewer letters stand in too many names to tell which is meant.
const SHORTEST_PART: usize = 4;

/// The candidate nearest to `word`, if it is close enough to be what was meant; ties go to the first in sorted order. Where none is, the only
/// one that has `word` in it.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let score = |candidate: &str| strsim::jaro_winkler(&lower, &candidate.to_lowercase());
    let mut best: Option<(f64, &str)> = None;
    let mut with_it: Vec<&str> = Vec::new();
    for candidate in candidates {
        let score = score(candidate);
        if score >= 0.84 && best.is_none_or(|(top, name)| score > top || (score == top && candidate < name)) {
            best = Some((score, candidate));
        }
        if lower.len() >= SHORTEST_PART && candidate.to_lowercase().contains(&lower) {
            with_it.push(candidate);
        }
    }
    with_it.dedup();
    match (best, with_it.as_slice()) {
        (Some((_, name)), _) => Some(name),
        (None, [only]) => Some(only),
        _ => None,
    }
}

/// `; did you mean …?`, or nothing.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_offered_and_far_ones_are_not() {
        assert_eq!(
            nearest("quote_snapshot_raed", ["quote_snapshot_read", "new_checkout"]),
            Some("quote_snapshot_read")
        );
        assert_eq!(nearest("protectd", ["release_branch", "protected"]), Some("protected"));
        assert_eq!(nearest("zebra", ["release_branch", "protected"]), None);
        assert_eq!(
            nearest("autofill", ["waitlist_autofill", "refund_ledger"]),
            Some("waitlist_autofill")
        );
        assert_eq!(nearest("refund", ["new_refund_page", "old_refund_page"]), None);
        assert_eq!(nearest("a", ["release_branch"]), None);
        assert_eq!(did_you_mean("gaet", ["gate"]), "; did you mean `gate`?");
    }
}
