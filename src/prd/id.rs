//! Ids and titles. Enters: the path of a document, what its front matter says. Leaves: its [`PrdId`].

use super::PrdId;
use crate::source::RepoPath;

/// An id ends up in the name of a branch and of a file.
const LONGEST: usize = 80;

/// File names that say what a document is, not which one: the folder above names it.
const GENERIC: &[&str] = &[
    "spec",
    "prd",
    "_prd",
    "proposal",
    "requirements",
    "readme",
    "index",
    "epic",
    "plan",
    "tasks",
    "_tasks",
    "design",
    "_techspec",
    "techspec",
    "feature",
    "brief",
];

/// The id of the document at `path`: the number and slug of its file name, or of its folder where the file's name is generic.
pub(crate) fn from_path(path: &RepoPath) -> PrdId {
    let stem = stem(path.file_name());
    let folder = path.parent().rsplit('/').next().unwrap_or("");
    let name = if is_generic(path) && !folder.is_empty() {
        folder
    } else {
        stem
    };
    let id = slug(name);
    PrdId(if id.is_empty() { path.as_str().to_owned() } else { id })
}

/// True if the file's name says what it is, and the folder's which one.
pub(crate) fn is_generic(path: &RepoPath) -> bool {
    let stem = stem(path.file_name());
    GENERIC.iter().any(|name| stem.eq_ignore_ascii_case(name))
}

/// What front matter says, if it is fit to be an id: an id ends up in branch names and in output.
pub(crate) fn from_words(words: &str) -> Option<PrdId> {
    let words = words.trim();
    let id = if is_fit(words) {
        words.to_owned()
    } else {
        let short: String = slug(words).chars().take(LONGEST).collect();
        short.trim_end_matches(['-', '.']).to_owned()
    };
    (!id.is_empty()).then_some(PrdId(id))
}

/// True if the words are an id as they stand: fit to be a part of the name of a branch, a file, and an argument of a command.
pub(crate) fn is_fit(words: &str) -> bool {
    let fit = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    words.starts_with(char::is_alphanumeric)
        && words.chars().all(fit)
        && words.chars().count() <= LONGEST
        && !words.contains("..")
        && !words.ends_with('.')
        && !words.to_ascii_lowercase().ends_with(".lock")
}

/// The file name without its last extension.
pub(crate) fn stem(file_name: &str) -> &str {
    match file_name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file_name,
    }
}

/// Lower-case words joined by `-`; a leading "PRD" before a number is not part of the name.
fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let mut words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric() && c != '.')
        .flat_map(|word| word.split(".."))
        .map(|word| word.strip_suffix(".lock").unwrap_or(word))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .collect();
    let number_follows = words
        .get(1)
        .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    if words.first() == Some(&"prd") && number_follows {
        words.remove(0);
    }
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        assert_eq!(from_path(&RepoPath::new(path).unwrap()).0, expected);
    }

    #[test]
    fn ids_from_paths() {
        check("docs/prds/011-tax.md", "011-tax");
        check("docs/prds/PRD-011-Tax Breakdown.md", "011-tax-breakdown");
        check("specs/007-fees/spec.md", "007-fees");
        check("tax.md", "tax");
        check("spec.md", "spec");
        check("docs/prd-process.md", "prd-process");
        check("docs/Ümläut.md", "ümläut");
        check("docs/.md", "md");
        check("docs/---.md", "docs/---.md");
    }

    #[test]
    fn ids_from_words() {
        assert_eq!(from_words(" PRD-7 "), Some(PrdId("PRD-7".to_owned())));
        for (words, id) in [
            ("../x", "x"),
            ("-rf", "rf"),
            ("refs/heads/main", "refs-heads-main"),
            (".git", "git"),
            ("a.lock", "a"),
            ("x..y", "x-y"),
            ("$(id)", "id"),
            ("--help", "help"),
            ("1.2-a_b", "1.2-a_b"),
        ] {
            assert_eq!(from_words(words), Some(PrdId(id.to_owned())), "{words}");
        }
        assert_eq!(from_words(".."), None);
        assert_eq!(from_words(&"x".repeat(5000)).map(|id| id.0.len()), Some(LONGEST));
        assert_eq!(from_words("7; rm -rf"), Some(PrdId("7-rm-rf".to_owned())));
        assert_eq!(from_words(" \n"), None);
    }
}
