//! Values of flags in lines, by their words. Enters: lines. Leaves: [`Values`], and whether some stand against others.

use super::touched::words;

/// Words that say that a flag is on.
const ON: [&str; 5] = ["on", "true", "enabled", "enable", "yes"];

/// Words that say that it is off.
const OFF: [&str; 5] = ["off", "false", "disabled", "disable", "no"];

/// How the environment is asked, in lower case.
const ENVIRONMENT: [&str; 9] = [
    "env.",
    "env[",
    "env(",
    "env::",
    "env!",
    "environ.",
    "environ[",
    "environmentvariable",
    "getenv",
];

/// What lines say that may be the value of a flag. One is turned where the opposite stands instead.
#[derive(Default)]
pub(super) struct Values {
    on: bool,
    off: bool,
    /// Comparisons with the environment, attributes that give a default: how they are read hangs on more than a word.
    pub(super) conditions: Vec<String>,
}

impl Values {
    /// True if some of these have their opposite among others.
    pub(super) fn turns(&self, others: &Self) -> bool {
        (self.on && others.off) || (self.off && others.on)
    }

    /// Takes these, too.
    pub(super) fn also(&mut self, others: &Self) {
        self.on |= others.on;
        self.off |= others.off;
    }

    /// What these lines say.
    pub(super) fn of<'t>(lines: impl Iterator<Item = &'t str>) -> Self {
        let mut values = Self::default();
        for line in lines {
            let lower = line.to_lowercase();
            for word in words(&lower) {
                values.on |= ON.contains(&word);
                values.off |= OFF.contains(&word);
            }
            // `limit: 1`, `TAX = "0"`
            let end = lower.trim_end_matches([',', ';', ')', '"', '\'', ' ']);
            if let Some(before) = end.strip_suffix(['0', '1'])
                && before.trim_end_matches(['"', '\'', ' ']).ends_with([':', '='])
            {
                values.on |= end.ends_with('1');
                values.off |= end.ends_with('0');
            }
            if lower.trim_start().starts_with("#[") || ENVIRONMENT.iter().any(|sign| lower.contains(sign)) {
                values.conditions.push(lower.trim().to_owned());
            }
        }
        values
    }
}
