//! What will be in a file. Enters: an edit, and the text that is there. Leaves: the text that will be.

use super::patch::Hunk;

/// One text in place of another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The text that is there.
    pub old: String,
    /// The text in its place.
    pub new: String,
    /// Wherever it is there, and not just once.
    pub all: bool,
}

/// What a tool will do to a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proposal {
    /// All that will be in it.
    Content(Vec<u8>),
    /// One edit after the other.
    Edits(Vec<Edit>),
    /// The hunks of a patch.
    Hunks(Vec<Hunk>),
    /// It is deleted.
    Deleted,
    /// It is written, and nobody says with what; why.
    Unknown(String),
}

/// What will be in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proposed {
    /// These bytes.
    Text(Vec<u8>),
    /// There will be no such file.
    Gone,
    /// Nobody knows; why.
    Unknown(String),
}

impl Proposal {
    /// What will be in a file in which `current` is now.
    #[must_use]
    pub fn applied(&self, current: Option<&[u8]>) -> Proposed {
        let text = |current: Option<&[u8]>| String::from_utf8(current.unwrap_or_default().to_vec());
        match self {
            Self::Content(bytes) => Proposed::Text(bytes.clone()),
            Self::Deleted => Proposed::Gone,
            Self::Unknown(why) => Proposed::Unknown(why.clone()),
            Self::Edits(edits) => match text(current) {
                Ok(text) => edited(text, edits),
                Err(_) => Proposed::Unknown("the file is no text".to_owned()),
            },
            Self::Hunks(hunks) => match text(current) {
                Ok(text) => super::patch::apply(&text, hunks).map_or_else(
                    || Proposed::Unknown("the patch does not fit the file as it is".to_owned()),
                    |text| Proposed::Text(text.into_bytes()),
                ),
                Err(_) => Proposed::Unknown("the file is no text".to_owned()),
            },
        }
    }
}

fn edited(mut text: String, edits: &[Edit]) -> Proposed {
    for edit in edits {
        if edit.old.is_empty() {
            // An edit without an old text makes the file.
            if !text.is_empty() {
                return Proposed::Unknown("the edit does not say what it replaces".to_owned());
            }
            text.clone_from(&edit.new);
            continue;
        }
        // Files with both kinds of line breaks are shown to agents with one.
        let (old, new) = if text.contains(&edit.old) || !text.contains("\r\n") {
            (edit.old.clone(), edit.new.clone())
        } else {
            (edit.old.replace('\n', "\r\n"), edit.new.replace('\n', "\r\n"))
        };
        if !text.contains(&old) {
            return Proposed::Unknown("the text that the edit replaces is not in the file".to_owned());
        }
        text = if edit.all {
            text.replace(&old, &new)
        } else {
            text.replacen(&old, &new, 1)
        };
        if text.len() as u64 > super::LIMIT {
            return Proposed::Unknown("the edited file would be larger than 16 MiB".to_owned());
        }
    }
    Proposed::Text(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(old: &str, new: &str, all: bool) -> Edit {
        Edit {
            old: old.to_owned(),
            new: new.to_owned(),
            all,
        }
    }

    #[test]
    fn edits_follow_each_other() {
        let edits = Proposal::Edits(vec![edit("a", "b", false), edit("b", "c", true)]);
        assert_eq!(edits.applied(Some(b"a a b\n")), Proposed::Text(b"c a c\n".to_vec()));
        assert!(matches!(edits.applied(Some(b"zzz")), Proposed::Unknown(_)));
        assert!(matches!(edits.applied(Some(b"\xff")), Proposed::Unknown(_)));
    }

    #[test]
    fn an_edit_that_grows_without_end_is_not_followed() {
        let edits: Vec<Edit> = (0..40).map(|_| edit("a", "aa", true)).collect();
        assert!(matches!(
            Proposal::Edits(edits).applied(Some(b"a")),
            Proposed::Unknown(_)
        ));
    }
}
