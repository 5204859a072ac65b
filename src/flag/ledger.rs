//! The flag file: an append-only ledger of states. Enters: TOML text. Leaves: [`Ledger`], or the text with one entry more.
//!
//! ```toml
//! schema = 1
//!
//! [[state]]
//! flag = "quote_snapshot_read"
//! environment = "default"
//! value = "off"
//! at = "2026-11-20T22:40:00Z"
//! by = "brett"
//! reason = "first week after the snapshot writer ships"
//! ```
//!
//! The last entry of a flag in an environment counts. `flags set` only ever appends.

use serde::Deserialize;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

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
    /// There is a flag file, and it could not be read: what it says of any flag is unknown.
    pub unread: bool,
}

/// The flag file says something that cannot be understood.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct LedgerError {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes of the text.
    pub bytes: Option<Bytes>,
}

/// A state to record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewState<'a> {
    /// The flag.
    pub flag: &'a FlagKey,
    /// The environment.
    pub environment: &'a str,
    /// On or off.
    pub value: FlagValue,
    /// When (RFC 3339).
    pub at: &'a str,
    /// Who.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    schema: Option<i64>,
    #[serde(default)]
    state: Vec<RawState>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawState {
    flag: String,
    #[serde(default = "default_environment")]
    environment: String,
    value: toml::Spanned<toml::Value>,
    at: Option<toml::Value>,
    by: Option<String>,
    reason: Option<String>,
}

fn default_environment() -> String {
    "default".to_owned()
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

    /// The ledger of a flag file that is there and could not be read.
    #[must_use]
    pub fn unread() -> Self {
        Self {
            entries: Vec::new(),
            unread: true,
        }
    }

    /// Every entry of `flag`, oldest first.
    pub fn history<'a>(&'a self, flag: &'a FlagKey) -> impl Iterator<Item = &'a LedgerEntry> {
        self.entries.iter().filter(move |entry| entry.flag == *flag)
    }

    /// Reads a flag file.
    ///
    /// # Errors
    /// If the text is not TOML of the documented form, or was written for a newer flagman.
    pub fn parse(file: FileId, text: &str) -> Result<Self, LedgerError> {
        let raw: RawFile = toml::from_str(text).map_err(|error| LedgerError {
            message: error.message().to_owned(),
            bytes: error.span().map(|range| Bytes::new(range.start, range.end)),
        })?;
        if raw.schema.is_some_and(|schema| schema != 1) {
            return Err(LedgerError {
                message: "`schema` must be 1: this file is newer than flagman".into(),
                bytes: None,
            });
        }
        let entries = raw
            .state
            .into_iter()
            .map(|state| entry(file, state))
            .collect::<Result<_, _>>()?;
        Ok(Self { entries, unread: false })
    }
}

fn entry(file: FileId, raw: RawState) -> Result<LedgerEntry, LedgerError> {
    let range = raw.value.span();
    let bytes = Bytes::new(range.start, range.end);
    let value = match raw.value.get_ref() {
        toml::Value::Boolean(on) => FlagValue::from(*on),
        toml::Value::String(word) if word == "unknown" => FlagValue::Unknown,
        toml::Value::String(word) => match FlagValue::parse(word) {
            FlagValue::Unknown => return Err(bad_value(word, bytes)),
            known => known,
        },
        other => return Err(bad_value(&other.to_string(), bytes)),
    };
    let (environment, by, reason) = (raw.environment, raw.by, raw.reason);
    let at = raw
        .at
        .map(|at| at.as_str().map_or_else(|| at.to_string(), str::to_owned));
    Ok(LedgerEntry {
        flag: FlagKey::new(&raw.flag),
        environment,
        value,
        at,
        by,
        reason,
        span: bytes.in_file(file),
    })
}

fn bad_value(word: &str, bytes: Bytes) -> LedgerError {
    LedgerError {
        message: format!("`value` must be \"on\", \"off\" or \"unknown\", not {word:?}"),
        bytes: Some(bytes),
    }
}

/// The text of the flag file with one state more; comments and layout stay. An empty text becomes a new file.
///
/// # Errors
/// If the text is not a flag file.
pub fn append(text: &str, state: &NewState<'_>) -> Result<String, LedgerError> {
    let fail = |message: String| LedgerError { message, bytes: None };
    Ledger::parse(FileId(0), text)?;
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| fail(error.message().to_owned()))?;
    if !document.contains_key("schema") {
        document.insert("schema", value(1));
    }
    let mut table = Table::new();
    table.insert("flag", value(state.flag.as_str()));
    table.insert("environment", value(state.environment));
    table.insert("value", value(state.value.word()));
    table.insert("at", value(state.at));
    table.insert("by", value(state.by));
    table.insert("reason", value(state.reason));
    table.decor_mut().set_prefix("\n");
    match document
        .entry("state")
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()))
    {
        Item::ArrayOfTables(states) => states.push(table),
        _ => {
            return Err(fail(
                "`state` must be written as [[state]] tables for `flags set` to append to it".into(),
            ));
        }
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "schema = 1 # ours\n\n[[state]]\nflag = \"a\"\nvalue = \"off\"\n\n[[state]]\nflag = \"a\"\nvalue = true\nenvironment = \"staging\"\n";

    fn set(flag: &FlagKey, value: FlagValue) -> NewState<'_> {
        NewState {
            flag,
            environment: "default",
            value,
            at: "2026-11-22T05:01:00Z",
            by: "brett",
            reason: "a \"quoted\" reason",
        }
    }

    #[test]
    fn the_last_entry_of_an_environment_counts() {
        let ledger = Ledger::parse(FileId(0), FILE).unwrap();
        let a = FlagKey::new("a");
        assert_eq!(ledger.state(&a, "default").unwrap().value, FlagValue::Off);
        assert_eq!(ledger.state(&a, "staging").unwrap().value, FlagValue::On);
        assert_eq!(ledger.state(&a, "production"), None);
        let bytes = ledger.state(&a, "default").unwrap().span.bytes;
        assert_eq!(&FILE[bytes.range()], "\"off\"");
    }

    #[test]
    fn appending_keeps_comments_and_history() {
        let a = FlagKey::new("a");
        let text = append(FILE, &set(&a, FlagValue::On)).unwrap();
        assert!(text.starts_with(FILE), "{text}");
        let ledger = Ledger::parse(FileId(0), &text).unwrap();
        assert_eq!(ledger.history(&a).count(), 3);
        assert_eq!(ledger.state(&a, "default").unwrap().value, FlagValue::On);
        assert_eq!(
            ledger.state(&a, "default").unwrap().reason.as_deref(),
            Some("a \"quoted\" reason")
        );
    }

    #[test]
    fn appending_to_nothing_makes_a_file() {
        let text = append("", &set(&FlagKey::new("new-flag"), FlagValue::Off)).unwrap();
        assert!(text.starts_with("schema = 1\n"), "{text}");
        assert_eq!(Ledger::parse(FileId(0), &text).unwrap().entries.len(), 1);
    }

    #[test]
    fn what_is_not_a_flag_file_is_refused_with_a_place() {
        let error = Ledger::parse(FileId(0), "[[state]]\nflag = \"a\"\nvalue = \"maybe\"\n").unwrap_err();
        assert_eq!(error.bytes, Some(Bytes::new(29, 36)));
        assert!(Ledger::parse(FileId(0), "schema = 2\n").is_err());
        assert!(
            Ledger::parse(FileId(0), "[[states]]\n")
                .unwrap_err()
                .message
                .contains("unknown field")
        );
        assert!(append("state = 1\n", &set(&FlagKey::new("a"), FlagValue::On)).is_err());
    }
}
