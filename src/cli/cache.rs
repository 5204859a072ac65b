//! What was found out before, kept beside git's own files. Enters: a name and bytes. Leaves: the same bytes, or nothing.
//!
//! The files lie in a folder of their own under git's (`.git/flagman/cache`), never among refs or objects. Each carries a checksum: one that is
//! cut off or was written to by somebody else is nothing, and is said once. Losing them costs time and changes no answer.

use std::path::{Path, PathBuf};

/// Larger files are not read.
const LIMIT: u64 = 256 << 20;

/// The first words of every file; another version is another word.
const MAGIC: &[u8] = b"flagman cache 1\n";

/// A checksum's length.
const SUM: usize = 32;

/// A folder of files that may be lost.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    /// `None`: nothing is kept and nothing is read.
    folder: Option<PathBuf>,
}

/// What is kept under a name.
#[derive(Debug)]
pub(super) enum Kept {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Nothing.
    Nothing,
    /// A file that is none of ours any more; where.
    Broken(PathBuf),
}

impl Cache {
    /// The cache of a repository, by git's own folder.
    #[must_use]
    pub(super) fn of(common_dir: &Path) -> Self {
        Self::beside(common_dir, "cache")
    }

    /// A folder of another name for what is no cache.
    #[must_use]
    pub(super) fn beside(common_dir: &Path, name: &str) -> Self {
        Self {
            folder: Some(common_dir.join("flagman").join(name)),
        }
    }

    /// One that keeps nothing.
    #[must_use]
    pub(super) fn none() -> Self {
        Self { folder: None }
    }

    /// True if it keeps nothing.
    #[must_use]
    pub(super) fn is_none(&self) -> bool {
        self.folder.is_none()
    }

    /// What is kept under a name.
    #[must_use]
    pub(super) fn read(&self, name: &str) -> Kept {
        let Some(folder) = &self.folder else {
            return Kept::Nothing;
        };
        let path = folder.join(name);
        let size = match std::fs::symlink_metadata(&path) {
            Ok(facts) if facts.is_file() => facts.len(),
            Ok(_) => return Kept::Broken(path),
            Err(_) => return Kept::Nothing,
        };
        if size > LIMIT {
            return Kept::Broken(path);
        }
        match std::fs::read(&path) {
            Ok(bytes) => match opened(&bytes) {
                Some(kept) => Kept::Bytes(kept.to_vec()),
                None => Kept::Broken(path),
            },
            Err(_) => Kept::Broken(path),
        }
    }

    /// Keeps bytes under a name, whole or not at all. Where the disk is full or the folder cannot be written, nothing is kept.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) {
        // A cache that cannot be written is one that has nothing.
        let _ = self.try_write(name, bytes);
    }

    /// The same for what must not be lost.
    ///
    /// # Errors
    /// If it could not be written.
    pub(super) fn try_write(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
        std::io::Write::write_all(&mut file, &[MAGIC, bytes, blake3::hash(bytes).as_bytes()].concat())?;
        file.persist(folder.join(name)).map_err(|error| error.error)?;
        Ok(())
    }
}

/// The bytes between the first words and the checksum, if it fits them.
fn opened(file: &[u8]) -> Option<&[u8]> {
    let rest = file.strip_prefix(MAGIC)?;
    let (bytes, sum) = rest.split_at_checked(rest.len().checked_sub(SUM)?)?;
    (blake3::hash(bytes).as_bytes() == sum).then_some(bytes)
}

/// Fields of bytes, one after the other, each with its length before it.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<u8>);

impl Fields {
    /// Adds a field.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.0.extend(length.to_le_bytes());
        self.0.extend(&bytes[..length as usize]);
    }

    /// Adds a number.
    pub(super) fn number(&mut self, number: usize) {
        self.put(&(number as u64).to_le_bytes());
    }

    /// All of them.
    #[must_use]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Fields being read.
#[derive(Debug)]
pub(super) struct Reading<'a>(&'a [u8]);

impl<'a> Reading<'a> {
    /// The fields of these bytes.
    #[must_use]
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next field; nothing at the end.
    pub(super) fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let (field, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.0 = rest;
        Some(field)
    }

    /// The next field as text.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.next()?).ok()
    }

    /// The next field as a number.
    pub(super) fn number(&mut self) -> Option<usize> {
        let bytes: [u8; 8] = self.next()?.try_into().ok()?;
        usize::try_from(u64::from_le_bytes(bytes)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::of(folder.path());
        assert!(matches!(cache.read("a"), Kept::Nothing));
        let mut fields = Fields::default();
        fields.put(b"x\0");
        fields.number(3);
        cache.write("a", fields.bytes());
        let Kept::Bytes(bytes) = cache.read("a") else {
            panic!("it is kept");
        };
        let mut reading = Reading::of(&bytes);
        assert_eq!(
            (reading.next(), reading.number(), reading.next()),
            (Some(&b"x\0"[..]), Some(3), None)
        );
        let path = folder.path().join("flagman/cache/a");
        let whole = std::fs::read(&path).expect("a file");
        for end in 0..whole.len() {
            std::fs::write(&path, &whole[..end]).expect("a file");
            assert!(matches!(cache.read("a"), Kept::Broken(_)), "{end}");
        }
        assert!(matches!(Cache::none().read("a"), Kept::Nothing));
    }
}
