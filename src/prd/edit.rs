//! Writing front matter. Enters: the text of a document and [`Assignment`]s (`depends_on+=013-flip`). Leaves: the text with them, every
//! other byte as it was; or a [`Refusal`] with the line to write by hand. What was written is read again, and must say what was asked
//! for and nothing else: an edit that this cannot show is none.

mod meaning;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_kept;
mod toml;
mod words;
mod yaml;

pub use words::{Assignment, Change, Key};

use std::ops::Range;

use super::frontmatter::{self, Fence, Field};

/// Whether two references of a list mean one PRD (`3` and `003-snapshot-writer`).
pub type SamePrd<'a> = &'a dyn Fn(&str, &str) -> bool;

/// The front matter is of a shape that cannot be edited safely.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Why, in one sentence.
    pub why: String,
    /// What to do by hand, with the line to write in the language of the front matter.
    pub by_hand: String,
}

/// A document that is made to say this: its heading, and a sentence for people.
#[must_use]
pub fn draft(title: &str, assignments: &[Assignment]) -> String {
    let said: Vec<String> = assignments.iter().filter_map(Assignment::sentence).collect();
    match said.as_slice() {
        [] => format!("# {title}\n"),
        said => format!("# {title}\n\n{}\n", said.join(" ")),
    }
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
        let read = frontmatter::read(&text);
        // What cannot be read says nothing already.
        if let Some((problem, _)) = read.problem {
            let fence = frontmatter::frame(&text).map_or(Fence::Yaml, |frame| frame.fence);
            return Err(Refusal {
                why: format!("it is broken already ({problem})"),
                by_hand: assignment.by_hand(fence, false),
            });
        }
        for step in meaning::steps(&read.fields, assignment, same) {
            text = one(text, &step, same)?;
        }
    }
    Ok(text)
}

/// The text with one step. What is there twice may take more than one change.
fn one(mut text: String, step: &Assignment, same: SamePrd<'_>) -> Result<String, Refusal> {
    loop {
        let before = frontmatter::read(&text).fields;
        if meaning::holds(&before, step, same) {
            return Ok(text);
        }
        let after = changed(&text, &before, step, same);
        let goes_on = |after: &String| matches!(step.change, Change::Remove(_)) && after.len() < text.len();
        match after {
            Some((after, true)) => return Ok(after),
            Some((after, false)) if goes_on(&after) => text = after,
            _ => {
                let fence = frontmatter::frame(&text).map_or(Fence::Yaml, |frame| frame.fence);
                let is_there = meaning::find(&before, meaning::names(&step.key)).next().is_some();
                return Err(Refusal {
                    why: "it is written in a way that cannot be edited safely".to_owned(),
                    by_hand: step.by_hand(fence, is_there),
                });
            }
        }
    }
}

/// The text after one change, and whether it says by now what was asked for; `None` where that cannot be shown.
fn changed(text: &str, before: &[Field], step: &Assignment, same: SamePrd<'_>) -> Option<(String, bool)> {
    let pieces = match frontmatter::frame(text) {
        None => vec![yaml::head(text, step)],
        Some(frame) if frame.fence == Fence::Yaml => yaml::pieces(text, &frame, before, step, same)?,
        Some(frame) => toml::pieces(text, &frame, step, same)?,
    };
    let after = applied(text, pieces);
    let read = frontmatter::read(&after);
    let kept = meaning::rest(before, step, same) == meaning::rest(&read.fields, step, same);
    let says_so = meaning::holds(&read.fields, step, same);
    (read.problem.is_none() && kept).then_some((after, says_so))
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
