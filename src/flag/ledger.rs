//! The flag file: an append-only ledger of states. Enters: TOML text. Leaves: [`Ledger`], or the text with one entry more.

use super::{FlagKey, FlagValue};
use crate::source::{Bytes, FileId, Span};

/// One entry: from then on, the flag is this in that environment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerEntry {
    /// The flag.
    pub flag: FlagKey,
    /// The environment.
    pub environment: String,
    /// The value.
    pub value: FlagValue,
    /// When, as written (RFC 3339).
    pub at: Option<String>,
    /// Who said so.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Where the value stands.
    pub span: Span,
}

/// The states of flags with their history, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ledger {
    /// In the order of the file.
    pub entries: Vec<LedgerEntry>,
}

/// The flag file says something that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct LedgerError {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes of the text.
    pub bytes: Option<Bytes>,
}

impl Ledger {
    /// The state of `flag` in `environment`: its last entry there.
    #[must_use]
    pub fn state(&self, flag: &FlagKey, environment: &str) -> Option<&LedgerEntry> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.flag == *flag && entry.environment == environment)
    }

    /// Every entry of `flag`, oldest first.
    pub fn history<'a>(&'a self, flag: &'a FlagKey) -> impl Iterator<Item = &'a LedgerEntry> {
        self.entries.iter().filter(move |entry| entry.flag == *flag)
    }

    /// Reads a flag file.
    ///
    /// # Errors
    /// If the text is not TOML of the documented form.
    pub fn parse(_file: FileId, _text: &str) -> Result<Self, LedgerError> {
        Ok(Self::default())
    }
}
