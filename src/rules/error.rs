//! What is wrong with a rule file. Enters: an offset into its text and a reason. Leaves: [`RuleError`], which a person can act on.

/// A rule file (or a `[[flags.rule]]` table) that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{origin}:{line}: {message}{}", hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default())]
pub struct RuleError {
    /// The file, as the caller named it.
    pub origin: String,
    /// One-based line.
    pub line: u32,
    /// What is wrong.
    pub message: String,
    /// What was probably meant (`did you mean …?`).
    pub hint: Option<String>,
}

/// The one-based line of a byte of `text`.
pub(super) fn line_of(text: &str, byte: usize) -> u32 {
    let before = text.as_bytes().get(..byte.min(text.len())).unwrap_or_default();
    let breaks = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks + 1).unwrap_or(u32::MAX)
}

/// The word of `known` that is close enough to `word` to be what was meant.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let distance = |other: &str| strsim::damerau_levenshtein(word, other);
    let best = known.into_iter().min_by_key(|other| (distance(other), *other))?;
    (distance(best) <= 1 + word.chars().count() / 3).then(|| format!("did you mean `{best}`?"))
}
