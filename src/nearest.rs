//! "Did you mean". Enters: a word that was not found and the words that exist. Leaves: the nearest of them, if it is near enough.

/// The candidate nearest to `word`, if it is close enough to be what was meant; ties go to the first in sorted order.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let score = |candidate: &str| strsim::jaro_winkler(&lower, &candidate.to_lowercase());
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let score = score(candidate);
        if score >= 0.84 && best.is_none_or(|(top, name)| score > top || (score == top && candidate < name)) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, name)| name)
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
        assert_eq!(did_you_mean("gaet", ["gate"]), "; did you mean `gate`?");
    }
}
