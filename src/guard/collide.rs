//! One file of two sides, merged. Enters: what both sides had, what lies here, what will be here, and what the other side has. Leaves: a
//! [`Meeting`]. What hangs on more than this one file (a rename, a link) is [`Meeting::Ask`].

use crate::conflict::{Clash, LineRange, TextMerge, merge_texts};
use crate::git::PathMerge;

/// A file of one side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Version {
    /// There is none.
    Absent,
    /// Its bytes.
    File(Vec<u8>),
    /// A link, a submodule, a folder.
    Other,
}

/// One file on both sides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Three<'a> {
    /// What both had.
    pub base: &'a Version,
    /// What lies here before it is written.
    pub before: &'a Version,
    /// What will be here; `None` where nobody knows.
    pub after: Option<&'a Version>,
    /// What the other side has.
    pub theirs: &'a Version,
    /// How git merges it.
    pub by: PathMerge,
}

/// What becomes of a file that both sides change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Meeting {
    /// The other side leaves it alone, or has the same.
    Apart,
    /// Both change it, and a merge has room for both.
    Overlap,
    /// A merge needs a person.
    Conflict {
        /// The kind, in git's word.
        kind: &'static str,
        /// The lines of both sides, where they are known.
        clashes: Vec<Clash>,
        /// It did before, at just these lines of the other side.
        earlier: bool,
    },
    /// Both change it; what will be in it is not known.
    Unseen,
    /// Only the user's merge driver knows.
    Driver,
    /// Only git knows.
    Ask,
}

/// How the two sides meet.
#[must_use]
pub fn collide(three: &Three<'_>) -> Meeting {
    if three.theirs == three.base {
        return Meeting::Apart;
    }
    let Some(after) = three.after else {
        return match meet(three, three.before) {
            Meeting::Conflict { kind, clashes, .. } => Meeting::Conflict {
                kind,
                clashes,
                earlier: true,
            },
            _ => Meeting::Unseen,
        };
    };
    let met = meet(three, after);
    match met {
        Meeting::Conflict { kind, clashes, .. } => {
            let before = match meet(three, three.before) {
                Meeting::Conflict {
                    kind: other, clashes, ..
                } if other == kind => Some(clashes),
                _ => None,
            };
            let theirs = |clashes: &[Clash]| -> Vec<LineRange> { clashes.iter().map(|clash| clash.theirs).collect() };
            let earlier = before.is_some_and(|before| {
                let known = theirs(&before);
                theirs(&clashes).iter().all(|range| known.contains(range))
            });
            Meeting::Conflict { kind, clashes, earlier }
        }
        other => other,
    }
}

fn meet(three: &Three<'_>, ours: &Version) -> Meeting {
    let conflict = |kind, clashes| Meeting::Conflict {
        kind,
        clashes,
        earlier: false,
    };
    if ours == three.theirs || ours == three.base {
        return Meeting::Apart;
    }
    let (base, ours, theirs) = match (three.base, ours, three.theirs) {
        (Version::Other, ..) | (_, Version::Other, _) | (.., Version::Other) => return Meeting::Ask,
        (_, Version::Absent, _) | (.., Version::Absent) => return conflict("modify-delete", Vec::new()),
        (Version::Absent, Version::File(ours), Version::File(theirs)) => (None, ours, theirs),
        (Version::File(base), Version::File(ours), Version::File(theirs)) => (Some(base), ours, theirs),
    };
    let kind = if base.is_some() { "content" } else { "add-add" };
    match three.by {
        PathMerge::Driver => return Meeting::Driver,
        PathMerge::Union => return Meeting::Overlap,
        PathMerge::Binary => return conflict("binary", Vec::new()),
        PathMerge::Text => {}
    }
    match merge_texts(base.map_or(&[][..], Vec::as_slice), ours, theirs) {
        TextMerge::Clean => Meeting::Overlap,
        TextMerge::Conflict(clashes) => conflict(kind, clashes),
        TextMerge::Binary => conflict("binary", Vec::new()),
        TextMerge::Doubt => Meeting::Ask,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Version {
        Version::File(text.as_bytes().to_vec())
    }

    fn met(base: &str, before: &str, after: &str, theirs: &str) -> Meeting {
        let [base, before, after, theirs] = [base, before, after, theirs].map(|text| match text {
            "" => Version::Absent,
            text => file(text),
        });
        collide(&Three {
            base: &base,
            before: &before,
            after: Some(&after),
            theirs: &theirs,
            by: PathMerge::Text,
        })
    }

    fn kind(meeting: &Meeting) -> Option<(&'static str, bool)> {
        match meeting {
            Meeting::Conflict { kind, earlier, .. } => Some((kind, *earlier)),
            _ => None,
        }
    }

    #[test]
    fn a_write_collides_as_git_would_say() {
        assert_eq!(met("a\nb\nc\n", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nc\n"), Meeting::Apart);
        assert_eq!(
            met("a\nb\nc\n", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n"),
            Meeting::Overlap
        );
        assert_eq!(met("a\nb\nc\n", "a\nb\nc\n", "A\nb\nc\n", "A\nb\nc\n"), Meeting::Apart);
        let meeting = met("a\nb\nc\n", "a\nb\nc\n", "A\nb\nc\n", "X\nb\nc\n");
        assert_eq!(kind(&meeting), Some(("content", false)));
        assert_eq!(kind(&met("", "", "a\n", "b\n")), Some(("add-add", false)));
        assert_eq!(kind(&met("a\n", "a\n", "b\n", "")), Some(("modify-delete", false)));
        assert_eq!(kind(&met("a\n", "a\n", "", "b\n")), Some(("modify-delete", false)));
    }

    #[test]
    fn a_conflict_that_was_there_before_is_no_news_and_another_place_is() {
        let base = "a\nb\nc\nd\ne\n";
        let theirs = "T\nb\nc\nd\nT\n";
        assert_eq!(
            kind(&met(base, "A\nb\nc\nd\ne\n", "AA\nb\nc\nd\ne\n", theirs)),
            Some(("content", true))
        );
        assert_eq!(
            kind(&met(base, "A\nb\nc\nd\ne\n", "A\nb\nc\nd\nE\n", theirs)),
            Some(("content", false))
        );
    }
}
