//! Whether a document asks for anything still, as planning tools write it. Enters: its text, or a list of all that stands beside it, and the
//! words that mean *done* there. Leaves: yes or no.

use super::declared::kebab;
use super::frontmatter::{self, Data, Field};

/// Keys with the values that mean *done*.
pub type Words = [(String, Vec<String>)];

/// True if the head of a document says one of the `words`, or a line above its first section (`**Status**: Implemented`).
#[must_use]
pub fn is_said(text: &str, words: &Words) -> bool {
    let head = frontmatter::read(text);
    let declared = head.fields.iter().any(|field| match &field.value.data {
        Data::Scalar(value) => fits(&field.key, value, words),
        _ => false,
    });
    let body = text[head.body..].lines();
    let mut above = body.take_while(|line| !line.starts_with("##"));
    declared
        || above.any(|line| {
            let bare = line.replace(['*', '_'], "");
            let pair = bare.trim_start_matches(['-', '>', ' ']).split_once(':');
            pair.is_some_and(|(key, value)| fits(key, value, words))
        })
}

/// True if a list of documents in YAML, below `key`, says one of the `words` of `name`.
#[must_use]
pub fn is_listed(list: &str, key: &str, name: &str, words: &Words) -> bool {
    let all = frontmatter::read(&format!("---\n{list}\n---\n")).fields;
    let Some(Data::Map(entries)) = find(&all, key) else {
        return false;
    };
    match find(entries, name) {
        Some(Data::Scalar(value)) => words.iter().any(|(key, _)| fits(key, value, words)),
        _ => false,
    }
}

fn find<'a>(fields: &'a [Field], key: &str) -> Option<&'a Data> {
    let field = fields.iter().find(|field| field.key == key)?;
    Some(&field.value.data)
}

fn fits(key: &str, value: &str, words: &Words) -> bool {
    let (key, value) = (kebab(key), value.trim());
    let mut meant = words.iter().filter(|(word, _)| *word == key);
    meant.any(|(_, values)| values.iter().any(|one| one.eq_ignore_ascii_case(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_stands_in_the_head_or_above_the_first_section() {
        let words = [("status".to_owned(), vec!["done".to_owned(), "implemented".to_owned()])];
        for (text, said) in [
            ("---\nstatus: done\n---\n# A\n", true),
            ("---\nstatus: open\n---\n# A\n", false),
            ("# A\n\nStatus: Done\n", true),
            ("# A\n\n**Created**: 1\n**Status**: Implemented\n\n## B\n", true),
            ("# A\n\n**Status**: Draft\n", false),
            ("# A\n\n## B\n\nStatus: done\n", false),
            ("# A\n\nThe status is done.\n", false),
        ] {
            assert_eq!(is_said(text, &words), said, "{text}");
        }
        let list = "generated: 1\ndevelopment_status:\n  epic-1: done\n  1-1-a: done\n  1-2-b: backlog\n";
        let listed = |name: &str| is_listed(list, "development_status", name, &words);
        assert!(listed("1-1-a") && !listed("1-2-b") && !listed("1-3-c"));
        assert!(!is_listed(": [", "development_status", "1-1-a", &words));
    }
}
