//! One dispatcher at a time. Enters: a repository. Leaves: a [`Lock`] that vanishes with the process, or who holds it. The file lies in
//! git's own folder, so that the same repository by another path or work tree is the same lock.

use super::DispatchError;
use crate::git::Repository;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::time::Duration;

/// The right to dispatch in a repository, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    /// The operating system's lock is on the open file; the text in it is for people.
    _file: File,
}

impl Lock {
    /// Takes the lock.
    ///
    /// # Errors
    /// [`DispatchError::Locked`] if another process has it.
    pub(super) fn take(repository: &Repository) -> Result<Self, DispatchError> {
        let folder = repository.common_dir().join("flagman");
        std::fs::create_dir_all(&folder).map_err(DispatchError::file(&folder))?;
        let path = folder.join("lock");
        let wrong = DispatchError::file(&path);
        let open = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut file = open.map_err(&wrong)?;
        // Whoever only looks holds it for a moment.
        for patience in (0..5).rev() {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if patience > 0 => std::thread::sleep(Duration::from_millis(100)),
                Err(TryLockError::WouldBlock) => {
                    return Err(DispatchError::Locked {
                        holder: holder(&mut file),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(wrong(error)),
            }
        }
        let text = format!("process {}, since {}\n", std::process::id(), jiff::Timestamp::now());
        let written = file.set_len(0).and_then(|()| file.write_all(text.as_bytes()));
        written.map_err(&wrong)?;
        Ok(Self { _file: file })
    }

    /// Who has the lock; `None` if nobody has.
    #[must_use]
    pub(super) fn held_by(repository: &Repository) -> Option<String> {
        let mut file = File::open(repository.common_dir().join("flagman/lock")).ok()?;
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| holder(&mut file))
    }
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let _ = file.read_to_string(&mut text);
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
