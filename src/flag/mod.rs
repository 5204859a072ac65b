//! Flags as such: their names, their values, and the ledger of states. Enters: the text of the flag file. Leaves: [`FlagKey`],
//! [`FlagValue`] and the [`Ledger`]. Knows nothing of code or documents.

pub mod ledger;

pub use ledger::{Ledger, LedgerEntry, LedgerError, NewState};

use std::fmt;
use std::sync::Arc;

/// The name by which a flag is read, as it stands in code (`quote_snapshot_read`).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlagKey(Arc<str>);

impl FlagKey {
    /// The flag of this name.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(key.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as one word of a command line that people copy.
    #[must_use]
    pub fn word(&self) -> String {
        shell_word(&self.0)
    }
}

/// `text` as one word of a POSIX shell, in quotes only where it needs them: what a repository names must not become a command.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

impl fmt::Display for FlagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FlagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flag {:?}", &*self.0)
    }
}

/// What a flag is. *Unknown* is neither on nor off: it never satisfies a need and never proves that one is unmet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum FlagValue {
    /// The flag is on for everybody.
    On,
    /// The flag is off for everybody.
    Off,
    /// Not known, or not the same for everybody.
    #[default]
    Unknown,
}

impl FlagValue {
    /// The word used in output and in the flag file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Unknown => "unknown",
        }
    }

    /// On for off and off for on; unknown stays unknown.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::On => Self::Off,
            Self::Off => Self::On,
            Self::Unknown => Self::Unknown,
        }
    }

    /// Reads what people write for a boolean: `on`, `true`, `enabled`, `yes`, `1` and their opposites, in any case.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "on" | "true" | "enabled" | "enable" | "yes" | "1" => Self::On,
            "off" | "false" | "disabled" | "disable" | "no" | "0" => Self::Off,
            _ => Self::Unknown,
        }
    }
}

impl From<bool> for FlagValue {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

impl fmt::Display for FlagValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
