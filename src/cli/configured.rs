//! The project's `flagman.toml`: read, or refused with its line drawn.

use std::path::Path;

use super::failure::Failure;
use crate::config::{self, Config};
use crate::source::{RepoPath, Sources};
use crate::workspace;

/// What is configured, and whether anything is.
///
/// # Errors
/// If there is a configuration, and it cannot be read or is none.
pub(super) fn read_config(root: &Path) -> Result<(Config, bool), Failure> {
    let path = root.join(config::FILE_NAME);
    let text = match workspace::read_named(&path, workspace::SIZE_LIMIT) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok((Config::default(), false)),
        Err(reason) => {
            return Err(Failure::usage(format!(
                "{} cannot be read ({reason})",
                config::FILE_NAME
            )));
        }
    };
    match Config::parse(&text) {
        Ok(config) => Ok((config, true)),
        Err(error) => Err(drawn(&text, &error)),
    }
}

/// The configuration's error, drawn with its line.
fn drawn(text: &str, error: &config::ConfigError) -> Failure {
    let (Some(path), Some(bytes)) = (RepoPath::new(config::FILE_NAME), error.bytes) else {
        return Failure::usage(format!("{}: {}", config::FILE_NAME, error.message));
    };
    let mut sources = Sources::default();
    let file = sources.add(path, text);
    let message = crate::report::text::failure_at(&error.message, &sources, bytes.in_file(file), &[]);
    Failure {
        drawn: true,
        ..Failure::usage(message)
    }
}
