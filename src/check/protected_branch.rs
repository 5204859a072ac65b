//! `protected-branch`: the branch that the dispatcher merges into is one that must never move.

use super::{Facts, Finding, Level, Remedy, RemedyKind};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let target = &facts.settings.release_branch;
    let Some(glob) = facts.settings.protected.iter().find(|glob| matches(glob, target)) else {
        return Vec::new();
    };
    let message = format!("the release branch `{target}` is protected by `{glob}`: nothing may be merged into it");
    let detail = "name a branch that may be thrown away as `project.release_branch` in flagman.toml";
    vec![Finding::new("protected-branch", Level::Error, message).help(Remedy::new(RemedyKind::Declare, detail))]
}

/// A glob that does not compile was refused when the configuration was read.
fn matches(glob: &str, branch: &str) -> bool {
    let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
    globset::Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(branch))
}
