//! What is answered. Enters: the [`Facts`], and the [`Policy`] of the project. Leaves: an [`Answer`]: the gravest of its reasons.

use crate::conflict::{Clash, LineRange};

/// What is to become of it, from the mildest to the gravest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Decision {
    /// Nothing speaks against it.
    #[default]
    Allow,
    /// It may go; something is to be said.
    Warn,
    /// A person decides.
    Ask,
    /// It may not go.
    Deny,
}

impl Decision {
    /// The word used in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

/// How grave each kind of reason is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// A real conflict with somebody else's work.
    pub conflict: Decision,
    /// A file that the PRD does not speak of.
    pub outside: Decision,
    /// Something could not be told.
    pub unknown: Decision,
}

/// What was found out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// The files that are about to be written.
    pub files: Vec<FileFacts>,
    /// The refs that are about to move.
    pub refs: Vec<RefFacts>,
    /// What could not be read or told, each a sentence.
    pub unread: Vec<String>,
    /// What is worth a word and changes no answer, each a sentence.
    pub notes: Vec<String>,
}

/// A file that is about to be written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileFacts {
    /// As people see it: relative to its work tree where it is in one.
    pub path: String,
    /// Why nobody may write it.
    pub protected: Option<String>,
    /// It is in this work tree, which is not the one in which the agent works.
    pub elsewhere: Option<String>,
    /// The PRD of the branch does not speak of it.
    pub outside: Option<Outside>,
    /// Those who change it, too.
    pub sides: Vec<SideFacts>,
}

/// A file that the PRD of the branch does not speak of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outside {
    /// The PRD of the branch.
    pub prd: String,
    /// The PRDs that say that they change it.
    pub owners: Vec<String>,
}

/// Somebody who changes the file, too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SideFacts {
    /// Who.
    pub name: String,
    /// The work tree in which it is not committed.
    pub uncommitted: Option<String>,
    /// The conflict in git's word, with the lines; `None` where a merge is clean.
    pub conflict: Option<(String, Vec<Clash>)>,
    /// It conflicted before, at the same lines.
    pub earlier: bool,
    /// Why nobody can tell.
    pub unknown: Option<String>,
    /// Why it is not known what will be written; the other side changes the file in any case.
    pub unseen: Option<String>,
}

/// A ref that is about to move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefFacts {
    /// Its full name.
    pub name: String,
    /// No one may move it.
    pub protected: bool,
}

/// What kind of reason.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReasonKind {
    /// A file or ref that nobody may write or move.
    Protected,
    /// A conflict with somebody else's work.
    Conflict,
    /// A conflict that was there before.
    StillConflicts,
    /// Both sides change it, and merge cleanly.
    Overlap,
    /// The file is in somebody else's work tree.
    Elsewhere,
    /// The PRD does not speak of it.
    Outside,
    /// Nobody can tell.
    Unknown,
    /// A word on the way.
    Note,
}

impl ReasonKind {
    /// The word used in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Conflict => "conflict",
            Self::StillConflicts => "still-conflicts",
            Self::Overlap => "overlap",
            Self::Elsewhere => "elsewhere",
            Self::Outside => "outside",
            Self::Unknown => "unknown",
            Self::Note => "note",
        }
    }
}

/// One reason of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// How grave.
    pub level: Decision,
    /// What kind.
    pub kind: ReasonKind,
    /// The file or ref.
    pub subject: String,
    /// Whose work, where it is somebody's.
    pub side: Option<String>,
    /// The lines of both, where they are known: ours as they will be.
    pub clashes: Vec<Clash>,
    /// One sentence that stands alone.
    pub message: String,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// The gravest level of the reasons.
    pub decision: Decision,
    /// Why, the gravest first.
    pub reasons: Vec<Reason>,
}

impl Answer {
    /// True if something that the answer needs is not known.
    #[must_use]
    pub fn is_unsure(&self) -> bool {
        self.reasons.iter().any(|reason| reason.kind == ReasonKind::Unknown)
    }
}

/// Weighs the facts.
#[must_use]
pub fn decide(facts: &Facts, policy: Policy) -> Answer {
    let mut reasons: Vec<Reason> = facts.refs.iter().filter_map(moved).collect();
    for file in &facts.files {
        written(file, policy, &mut reasons);
    }
    let plain = |level, kind, message: &String| Reason {
        level,
        kind,
        subject: String::new(),
        side: None,
        clashes: Vec::new(),
        message: message.clone(),
    };
    let unread = facts.unread.iter();
    reasons.extend(unread.map(|why| plain(policy.unknown, ReasonKind::Unknown, why)));
    let notes = facts.notes.iter();
    reasons.extend(notes.map(|note| plain(Decision::Allow, ReasonKind::Note, note)));
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.level));
    Answer {
        decision: reasons.first().map_or(Decision::Allow, |reason| reason.level),
        reasons,
    }
}

fn moved(one: &RefFacts) -> Option<Reason> {
    let message = format!(
        "`{}` is protected (`project.protected` in flagman.toml; main and master always): it is not to be moved from here",
        one.name
    );
    one.protected.then(|| Reason {
        level: Decision::Deny,
        kind: ReasonKind::Protected,
        subject: one.name.clone(),
        side: None,
        clashes: Vec::new(),
        message,
    })
}

fn written(file: &FileFacts, policy: Policy, reasons: &mut Vec<Reason>) {
    let reason = |level, kind, message| Reason {
        level,
        kind,
        subject: file.path.clone(),
        side: None,
        clashes: Vec::new(),
        message,
    };
    if let Some(why) = &file.protected {
        let message = format!("`{}` is protected: {why}", file.path);
        reasons.push(reason(Decision::Deny, ReasonKind::Protected, message));
        return;
    }
    if let Some(tree) = &file.elsewhere {
        let message = format!("`{}` is in the work tree {tree}, where somebody else works", file.path);
        reasons.push(reason(Decision::Ask, ReasonKind::Elsewhere, message));
    }
    if let Some(outside) = &file.outside {
        let owners = match &outside.owners[..] {
            [] => String::new(),
            owners => format!(", and PRD {} says that it changes it", owners.join(" and PRD ")),
        };
        let message = format!("PRD {} does not speak of `{}`{owners}", outside.prd, file.path);
        reasons.push(reason(policy.outside, ReasonKind::Outside, message));
    }
    for side in &file.sides {
        reasons.push(met(&file.path, side, policy));
    }
}

fn met(path: &str, side: &SideFacts, policy: Policy) -> Reason {
    let whose = match &side.uncommitted {
        Some(tree) => format!("`{}` (not committed, in {tree})", side.name),
        None => format!("`{}`", side.name),
    };
    let (level, kind, message) = match (&side.conflict, &side.unknown) {
        (Some((kind, clashes)), _) => {
            let lines = at_lines(clashes);
            if side.earlier {
                let message = format!("`{path}` conflicts with {whose} as it did before ({kind}{lines})");
                (policy.conflict.min(Decision::Warn), ReasonKind::StillConflicts, message)
            } else {
                let message = format!("this change of `{path}` conflicts with {whose} ({kind}{lines})");
                (policy.conflict, ReasonKind::Conflict, message)
            }
        }
        (None, Some(why)) => {
            let message = format!("whether `{path}` conflicts with {whose} cannot be told: {why}");
            (policy.unknown, ReasonKind::Unknown, message)
        }
        (None, None) if side.unseen.is_some() => {
            let why = side.unseen.as_deref().unwrap_or_default();
            let message = format!("{whose} changes `{path}`, too; whether this change conflicts is not known: {why}");
            (Decision::Warn, ReasonKind::Overlap, message)
        }
        (None, None) => {
            let message = format!("{whose} changes `{path}`, too, and a merge has room for both");
            (Decision::Allow, ReasonKind::Overlap, message)
        }
    };
    Reason {
        level,
        kind,
        subject: path.to_owned(),
        side: Some(side.name.clone()),
        clashes: side
            .conflict
            .as_ref()
            .map_or_else(Vec::new, |(_, clashes)| clashes.clone()),
        message,
    }
}

fn at_lines(clashes: &[Clash]) -> String {
    let Some(first) = clashes.first() else {
        return String::new();
    };
    let more = match clashes.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    format!(
        "; line {} here, line {} there{more}",
        range(first.ours),
        range(first.theirs)
    )
}

fn range(range: LineRange) -> String {
    match range.count {
        0 | 1 => range.start.to_string(),
        count => format!("{}-{}", range.start, range.start + count - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Policy = Policy {
        conflict: Decision::Ask,
        outside: Decision::Warn,
        unknown: Decision::Warn,
    };

    fn side(conflict: bool, earlier: bool, unknown: Option<&str>) -> SideFacts {
        SideFacts {
            name: "feat/tax".to_owned(),
            uncommitted: None,
            conflict: conflict.then(|| ("content".to_owned(), Vec::new())),
            earlier,
            unknown: unknown.map(str::to_owned),
            unseen: None,
        }
    }

    fn answer(side: SideFacts, policy: Policy) -> Decision {
        let file = FileFacts {
            path: "a".to_owned(),
            sides: vec![side],
            ..FileFacts::default()
        };
        let facts = Facts {
            files: vec![file],
            ..Facts::default()
        };
        decide(&facts, policy).decision
    }

    #[test]
    fn only_direct_evidence_is_more_than_a_word() {
        assert_eq!(answer(side(true, false, None), USUAL), Decision::Ask);
        assert_eq!(answer(side(true, true, None), USUAL), Decision::Warn);
        assert_eq!(answer(side(false, false, None), USUAL), Decision::Allow);
        assert_eq!(answer(side(false, false, Some("why")), USUAL), Decision::Warn);
        let strict = Policy {
            conflict: Decision::Deny,
            ..USUAL
        };
        assert_eq!(answer(side(true, false, None), strict), Decision::Deny);
        assert_eq!(answer(side(true, true, None), strict), Decision::Warn);
    }

    #[test]
    fn what_is_protected_is_refused_and_nothing_else_is_said_of_it() {
        let file = FileFacts {
            path: ".git/config".to_owned(),
            protected: Some("it is git's own".to_owned()),
            sides: vec![side(true, false, None)],
            ..FileFacts::default()
        };
        let facts = Facts {
            files: vec![file],
            ..Facts::default()
        };
        let answer = decide(&facts, USUAL);
        assert_eq!((answer.decision, answer.reasons.len()), (Decision::Deny, 1));
    }
}
