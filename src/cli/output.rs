//! Where text goes. Enters: text with colour codes. Leaves: the standard streams (colour only where it is wanted) and report files, written
//! whole or not at all.

use std::io::Write;
use std::path::Path;

use super::args::Global;
use super::failure::Failure;
use crate::report;

/// The streams of this run.
#[derive(Debug)]
pub(super) struct Output {
    choice: anstream::ColorChoice,
    quiet: bool,
}

impl Output {
    /// The streams as the arguments want them.
    #[must_use]
    pub(super) fn new(global: &Global) -> Self {
        Self {
            choice: super::colours(global),
            quiet: global.quiet,
        }
    }

    /// Prints the answer. A reader that went away (`| head`) is no failure.
    ///
    /// # Errors
    /// If the stream cannot be written (a full disk).
    pub(super) fn answer(&mut self, text: &str) -> Result<(), Failure> {
        if self.quiet {
            return Ok(());
        }
        let mut stream = anstream::AutoStream::new(std::io::stdout(), self.choice);
        written(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()))
    }

    /// Prints a document for programs, as it is: `--quiet` does not hide what was asked for by `--format json`.
    ///
    /// # Errors
    /// If the stream cannot be written.
    pub(super) fn document(&mut self, text: &str) -> Result<(), Failure> {
        let mut stream = std::io::stdout().lock();
        written(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()))
    }

    /// Says something to people beside the answer.
    pub(super) fn aside(&mut self, text: &str) {
        if !self.quiet {
            self.error(text);
        }
    }

    /// Says what went wrong.
    pub(super) fn error(&mut self, text: &str) {
        let mut stream = anstream::AutoStream::new(std::io::stderr(), self.choice);
        // There is nobody left to tell if this fails.
        let _ = stream.write_all(text.as_bytes());
    }
}

fn written(result: std::io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::internal(format!("the output could not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes the JSON reports that are asked for beside the answer; the other kinds are refused before (see `super::execute`).
///
/// # Errors
/// If a file cannot be written.
pub(super) fn write_reports(
    global: &Global,
    output: &mut Output,
    document: impl Fn() -> String,
) -> Result<(), Failure> {
    write_each(global, output, |_| document())
}

/// Writes the reports that are asked for beside the answer, each in its format.
///
/// # Errors
/// If a file cannot be written.
pub(super) fn write_each(
    global: &Global,
    output: &mut Output,
    text: impl Fn(report::Format) -> String,
) -> Result<(), Failure> {
    global
        .reports
        .iter()
        .try_for_each(|(kind, path)| write_report(path, &text(*kind), output))
}

/// Writes a report where the user says: into a device or a pipe, which stays what it is; anything else is a file of its own.
///
/// # Errors
/// As for [`write_file`].
pub(super) fn write_report(path: &Path, text: &str, output: &mut Output) -> Result<(), Failure> {
    // What the metadata tell is behind a link; a link to a file is replaced, because a repository may hold it.
    if std::fs::metadata(path).map_or(true, |there| there.is_file() || there.is_dir()) {
        return write_file(path, text, output);
    }
    let failed = |error: std::io::Error| Failure::internal(format!("{} could not be written: {error}", path.display()));
    // A pipe waits for its reader here, as it does for any program.
    let mut file = std::fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// Writes a file whole or not at all. A folder that is not there is made, and named: a slip in its name must not pass in silence.
///
/// # Errors
/// If the folder cannot be made or the disk is full.
pub(super) fn write_file(path: &Path, text: &str, output: &mut Output) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::internal(format!("{} could not be written: {error}", path.display()));
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.exists() {
        std::fs::create_dir_all(folder).map_err(failed)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let note = format!("note: made the folder {} for {name}\n", folder.display());
        output.aside(&report::visible(&note));
    }
    let mut file = tempfile::Builder::new()
        .prefix(".flagman-")
        .permissions_of(path)
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

trait PermissionsOf {
    fn permissions_of(&mut self, path: &Path) -> &mut Self;
}

impl PermissionsOf for tempfile::Builder<'_, '_> {
    /// A replaced file keeps its permissions; a new one is readable as any file that a program makes.
    fn permissions_of(&mut self, path: &Path) -> &mut Self {
        use std::os::unix::fs::PermissionsExt;
        let permissions =
            std::fs::metadata(path).map_or_else(|_| PermissionsExt::from_mode(0o644), |file| file.permissions());
        self.permissions(permissions)
    }
}
