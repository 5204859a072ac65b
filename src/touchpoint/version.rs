//! The version of what is built. Enters: PRDs that give it a new number, the files that exist. Leaves: a claim on the number, in the file that has it.
//!
//! Two that raise one number choose it without each other: the second one lands on the number of the first, or on lines that it changed.

use super::look::{self, Look};
use super::resolve::Claimed;
use super::{Certainty, Target, TargetKind, known};
use crate::prd::{Access, Claim, MentionKind, Prd};
use crate::source::{RepoPath, View};

/// The files that hold the number, the likeliest first.
const HOLDERS: [&str; 8] = [
    "package.json",
    "Cargo.toml",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "pom.xml",
    "VERSION",
    "version.txt",
];

/// What the number is called.
const NAME: &str = "version";

/// The version of what `path` describes.
pub(super) fn of(path: Option<RepoPath>) -> Target {
    Target {
        kind: TargetKind::Config,
        name: NAME.to_owned(),
        path,
    }
}

/// Who gives it a new number.
pub(super) fn claims<'a>(prds: &'a [Prd], known: &known::Known<'_>, view: &View) -> Vec<Claimed<'a>> {
    let mut claimed = Vec::new();
    for prd in prds {
        for statement in prd.statements.iter().filter(|said| said.claim == Claim::Bumps) {
            let path = named(prd, known).or_else(|| at_root(view));
            claimed.push(Claimed {
                prd: &prd.id,
                exists: path.is_some(),
                target: of(path),
                access: Access::Write,
                certainty: Certainty::Mentioned,
                quality: 1.0,
                span: statement.span,
                unsaid: false,
                contract: None,
            });
        }
    }
    claimed
}

/// The first file that holds such a number among those that the document names.
fn named(prd: &Prd, known: &known::Known<'_>) -> Option<RepoPath> {
    let nearby = look::nearby(prd, known);
    let paths = prd
        .mentions
        .iter()
        .filter(|one| one.kind == MentionKind::Path && !one.negated);
    let mut found = paths.filter_map(|mention| match look::look(mention, known, &nearby) {
        Look::Found(targets, _) => match targets.as_slice() {
            [one] => one.path.clone(),
            _ => None,
        },
        _ => None,
    });
    found.find(|path| HOLDERS.contains(&path.file_name()))
}

fn at_root(view: &View) -> Option<RepoPath> {
    let there = HOLDERS.iter().filter_map(|name| RepoPath::new(name));
    there.into_iter().find(|path| view.exists(path))
}
