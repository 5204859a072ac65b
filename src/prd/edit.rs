//! Writing front matter. Enters: the text of a document and [`Assignment`]s (`depends_on+=013-flip`). Leaves: the text with them, every
//! other byte as it was; or a [`Refusal`] with the line to write by hand. What was written is read again, and must say what was asked
//! for and nothing else: an edit that this cannot show is none.

mod meaning;
#[cfg(test)]
mod tests;
mod toml;
mod words;
mod yaml;

pub use words::{Assignment, Change, Key};

use std::ops::Range;

use super::frontmatter::{self, Fence};

/// Whether two references of a list mean one PRD (`3` and `003-snapshot-writer`).
pub type SamePrd<'a> = &'a dyn Fn(&str, &str) -> bool;

/// The front matter is of a shape that cannot be edited safely.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Why, in one sentence.
    pub why: String,
    /// The line to write by hand, in the language of the front matter.
    pub line: String,
}

/// A piece of the text and what takes its place.
type Piece = (Range<usize>, String);

/// The text with all assignments, in their order. What is so already stays as it is, byte for byte.
///
/// # Errors
/// If the front matter is broken, or of a shape in which the result could not be shown to be right.
pub fn edit(text: &str, assignments: &[Assignment], same: SamePrd<'_>) -> Result<String, Refusal> {
    let mut text = text.to_owned();
    for assignment in assignments {
        for step in meaning::steps(&frontmatter::read(&text).fields, assignment, same) {
            text = one(&text, &step, same)?;
        }
    }
    Ok(text)
}

fn one(text: &str, step: &Assignment, same: SamePrd<'_>) -> Result<String, Refusal> {
    let before = frontmatter::read(text);
    let fence = frontmatter::frame(text).map_or(Fence::Yaml, |frame| frame.fence);
    let refused = |why: String| Refusal {
        why,
        line: step.line(fence),
    };
    if let Some((problem, _)) = before.problem {
        return Err(refused(format!("it is broken already ({problem})")));
    }
    if meaning::holds(&before.fields, step, same) {
        return Ok(text.to_owned());
    }
    let pieces = match frontmatter::frame(text) {
        None => Some(vec![yaml::head(text, step)]),
        Some(frame) if frame.fence == Fence::Yaml => yaml::pieces(text, &frame, &before.fields, step, same),
        Some(frame) => toml::pieces(text, &frame, step, same),
    };
    let odd = || refused("it is written in a way that cannot be edited safely".to_owned());
    let after = applied(text, pieces.ok_or_else(odd)?);
    let read = frontmatter::read(&after);
    let kept = meaning::rest(&before.fields, step, same) == meaning::rest(&read.fields, step, same);
    if read.problem.is_some() || !kept {
        return Err(odd());
    }
    match &step.change {
        _ if meaning::holds(&read.fields, step, same) => Ok(after),
        // What is there twice is taken out one by one.
        Change::Remove(_) if after.len() < text.len() => one(&after, step, same),
        _ => Err(odd()),
    }
}

fn applied(text: &str, mut pieces: Vec<Piece>) -> String {
    pieces.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = text.to_owned();
    for (range, new) in pieces {
        text.replace_range(range, &new);
    }
    text
}

/// The end of line that this text uses.
fn eol(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
