//! The lines of a journal. Enters: a record, or the bytes of a file. Leaves: a sealed line, or the longest prefix of records that is certain.
//! Touches no file.

use super::{JournalError, Record, SCHEMA};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A line without its seal.
#[derive(Serialize, Deserialize)]
pub(super) struct Line<R> {
    /// Counted from one.
    pub(super) seq: u64,
    /// The hash of the line before.
    pub(super) prev: String,
    /// A time stamp for people.
    pub(super) at: String,
    /// What it says.
    #[serde(flatten)]
    pub(super) record: R,
}

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Loaded {
    /// The certain records.
    pub records: Vec<Record>,
    /// The time stamp of the last one.
    pub last_at: String,
    /// Bytes at the end that no record could be made of.
    pub torn: usize,
    /// Bytes up to the end of the last certain line.
    pub(super) whole: usize,
    /// The hash of that line.
    pub(super) hash: String,
}

/// What stands in the place of a hash before the first line.
pub(super) const NO_HASH: &str = "0000000000000000";
const PREFIX: &str = "{\"crc\":\"";

/// `{"crc":"xxxxxxxx",` and the body without its brace: the checksum covers all that follows it.
pub(super) fn seal(body: &str) -> String {
    let rest = body.strip_prefix('{').unwrap_or(body);
    format!("{PREFIX}{:08x}\",{rest}", crc32fast::hash(rest.as_bytes()))
}

/// The JSON of a line whose checksum is right.
fn unseal(line: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(line).ok()?;
    let (sum, rest) = line.strip_prefix(PREFIX)?.split_once("\",")?;
    let right = sum.len() == 8 && u32::from_str_radix(sum, 16).ok()? == crc32fast::hash(rest.as_bytes());
    right.then(|| format!("{{{rest}"))
}

/// What the next line names this one by.
pub(super) fn hash(line: &[u8]) -> String {
    blake3::hash(line).to_hex()[..16].to_owned()
}

/// The certain records of a file's bytes; the path is for messages.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Loaded, JournalError> {
    let mut loaded = Loaded {
        hash: NO_HASH.to_owned(),
        ..Loaded::default()
    };
    while let Some(length) = bytes[loaded.whole..].iter().position(|byte| *byte == b'\n') {
        let line = &bytes[loaded.whole..loaded.whole + length];
        let damaged = |why| JournalError::Damaged {
            path: path.to_owned(),
            line: loaded.records.len() + 1,
            why,
        };
        let last = loaded.whole + length + 1 == bytes.len();
        let Some(body) = unseal(line) else {
            if last {
                break;
            }
            return Err(damaged("its checksum is wrong"));
        };
        let parsed = read_line(path, &body)?;
        if parsed.prev != loaded.hash {
            return Err(damaged("it does not follow the line before it"));
        }
        if parsed.seq != loaded.records.len() as u64 + 1 {
            return Err(damaged("its number is wrong"));
        }
        if matches!(parsed.record, Record::Opened { .. }) != loaded.records.is_empty() {
            return Err(damaged("a journal begins once"));
        }
        loaded.hash = hash(line);
        loaded.records.push(parsed.record);
        loaded.last_at = parsed.at;
        loaded.whole += length + 1;
    }
    loaded.torn = bytes.len() - loaded.whole;
    Ok(loaded)
}

fn read_line(path: &Path, body: &str) -> Result<Line<Record>, JournalError> {
    let other = |what: String| JournalError::OtherVersion {
        path: path.to_owned(),
        what,
    };
    // The schema first: a newer one may have records that we cannot even take apart.
    let value: serde_json::Value = serde_json::from_str(body).map_err(|error| other(error.to_string()))?;
    if let Some(schema) = value.get("schema").and_then(|schema| schema.as_str())
        && schema != SCHEMA
    {
        return Err(other(format!("its form is {schema}, this one knows {SCHEMA}")));
    }
    serde_json::from_value(value).map_err(|error| other(error.to_string()))
}
