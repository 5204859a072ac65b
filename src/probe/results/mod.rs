//! What a runner tells. Enters: its results, or its output, which others wrote and which may say anything. Leaves: [`Ran`]. What cannot be read
//! is told as broken, never guessed.

mod golang;
mod jest;
mod junit;
mod libtest;
mod unittest;

use crate::source::{RepoPath, View};

use super::Ran;
use super::order::{Order, Written};

/// The most bytes of results that are read.
pub const LIMIT: u64 = 64 << 20;

/// Where paths of results lead.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The tree.
    pub view: &'a View,
    /// The project's folder in the copy, absolute.
    pub root: &'a str,
    /// The order that was carried out.
    pub order: &'a Order,
}

impl Place<'_> {
    /// The file of the project that the runner names: by its absolute path, or from the folder where it ran.
    #[must_use]
    pub fn path(&self, named: &str) -> Option<RepoPath> {
        let named = named.strip_prefix("file://").unwrap_or(named);
        let below = named.strip_prefix(self.root).map(|rest| rest.trim_start_matches('/'));
        let tries = match below {
            Some(below) => vec![below.to_owned()],
            None if named.starts_with('/') => return None,
            None => vec![
                format!("{}/{named}", self.order.folder)
                    .trim_start_matches('/')
                    .to_owned(),
                named.to_owned(),
            ],
        };
        tries
            .iter()
            .filter_map(|path| RepoPath::new(path))
            .find(|path| self.view.exists(path))
    }
}

/// Reads the results of a run: the file, if there is one, and what the program printed.
#[must_use]
pub fn read(place: &Place<'_>, file: Option<&[u8]>, printed: &str) -> Ran {
    match place.order.written {
        Written::Lines => return libtest::read(place, printed),
        Written::Events => return golang::read(place, printed),
        Written::Verbose => return unittest::read(place, printed),
        Written::File => {}
    }
    let Some(bytes) = file.filter(|bytes| !bytes.is_empty()) else {
        return broken(&last_words(printed, "it wrote no results"));
    };
    let text = String::from_utf8_lossy(bytes);
    let read = match text.trim_start().chars().next() {
        Some('{') => jest::read(place, &text),
        Some('<') => junit::read(place, &text),
        _ => Err("its results are neither JSON nor JUnit".to_owned()),
    };
    read.unwrap_or_else(|why| broken(&why))
}

fn broken(why: &str) -> Ran {
    Ran {
        broken: vec![why.to_owned()],
        ..Ran::default()
    }
}

/// A sentence with the last lines that a program printed, cut short and on one line.
#[must_use]
pub fn last_words(printed: &str, what: &str) -> String {
    let lines: Vec<&str> = printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(3)..].join(" / ");
    let last = plain(&last);
    if last.is_empty() {
        what.to_owned()
    } else {
        format!("{what}; it said: {last}")
    }
}

/// Text of others without control characters, cut at a length that fits on a screen.
#[must_use]
pub fn plain(text: &str) -> String {
    const MOST: usize = 300;
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // A colour code is dropped whole.
        if c == '\u{1b}' {
            if chars.next_if_eq(&'[').is_some() {
                while chars.next_if(|c| !c.is_ascii_alphabetic()).is_some() {}
                chars.next();
            }
            continue;
        }
        if plain.chars().count() == MOST {
            plain.push('…');
            break;
        }
        plain.push(if c.is_control() { ' ' } else { c });
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests;
