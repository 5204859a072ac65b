//! Switches of a process beside flags. Enters: the definitions of the tree. Leaves: those that are flags: in a project that keeps a list
//! of its flags, a variable of its environment that is named like a setting (`METRICS_ENABLED`) is none of them.

use super::FlagDefinition;
use crate::rules::{RuleFile, RuleSet};

/// As many flags that are no settings make a list of flags.
const LISTED: usize = 3;

/// Features of packages are chosen when something is built: they are no list of what a program switches.
const BUILT: &str = "rust/cargo-features/";

/// The definitions without what is more likely a setting.
#[must_use]
pub fn without(rules: &RuleSet, mut definitions: Vec<FlagDefinition>) -> Vec<FlagDefinition> {
    let file = |of: &FlagDefinition| -> Option<&RuleFile> {
        let id = of.rule.rsplit_once('/').map_or(&*of.rule, |(file, _)| file);
        rules.files.iter().find(|file| file.id == id)
    };
    let is_listed = |of: &&FlagDefinition| {
        let of_settings = file(of).is_some_and(|file| file.flags.key_sure.is_some());
        !of_settings && !of.rule.starts_with(BUILT)
    };
    if definitions.iter().filter(is_listed).take(LISTED).count() == LISTED {
        definitions.retain(|of| file(of).is_none_or(|file| file.flags.is_sure(of.key.as_str())));
    }
    definitions
}
