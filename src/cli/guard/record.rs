//! What `flagman guard install` wrote, so that `uninstall` takes away that and nothing else. Enters: a file before and after. Leaves: a [`Record`],
//! kept under git's folder.

use std::path::Path;

use super::super::cache::{Cache, Fields, Kept, Reading};
use super::super::failure::Failure;

/// What was done to a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Record {
    /// What was written.
    pub(super) after: String,
    /// What was there before; nothing where there was no file.
    pub(super) before: Option<String>,
    /// Its permissions before.
    pub(super) mode: Option<u32>,
    /// Its folder was made for it.
    pub(super) made_folder: bool,
    /// The command of our entry.
    pub(super) command: String,
}

impl Record {
    /// What was done to a file, if anything was and nobody has taken it back.
    pub(super) fn of(kept: &Cache, path: &Path) -> Option<Self> {
        let Kept::Bytes(bytes) = kept.read(&name_of(path)) else {
            return None;
        };
        let mut reading = Reading::of(&bytes);
        let after = reading.text()?.to_owned();
        let was_there = reading.number()? == 1;
        let before = Some(reading.text()?.to_owned()).filter(|_| was_there);
        let mode = u32::try_from(reading.number()?).ok().filter(|mode| *mode > 0);
        Some(Self {
            after,
            before,
            mode,
            made_folder: reading.number()? == 1,
            command: reading.text()?.to_owned(),
        })
    }

    /// Keeps it.
    ///
    /// # Errors
    /// If it could not be written: then nothing should be done that it would have to undo.
    pub(super) fn keep(&self, kept: &Cache, path: &Path) -> Result<(), Failure> {
        let mut fields = Fields::default();
        fields.put(self.after.as_bytes());
        fields.number(usize::from(self.before.is_some()));
        fields.put(self.before.as_deref().unwrap_or_default().as_bytes());
        fields.number(self.mode.map_or(0, |mode| mode as usize));
        fields.number(usize::from(self.made_folder));
        fields.put(self.command.as_bytes());
        kept.try_write(&name_of(path), fields.bytes()).map_err(|error| {
            let why = format!(
                "what `uninstall` needs could not be written down, so {} was left alone: {error}",
                path.display()
            );
            Failure::internal(why)
        })
    }

    /// Forgets what was done to a file: it is undone.
    pub(super) fn forget(kept: &Cache, path: &Path) {
        kept.write(&name_of(path), &[]);
    }
}

fn name_of(path: &Path) -> String {
    blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex()[..32].to_owned()
}
