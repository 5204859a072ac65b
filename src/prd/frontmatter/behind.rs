//! A head in the wrong place. Enters: the text of a document without front matter. Leaves: what is to be told of one that stands further below.

use super::{closing, is_key, opening, start, yaml};
use crate::source::Bytes;

/// A head that does not begin on the first line: behind empty lines or a comment it is a part of the text, and what it says would be lost without a
/// word. A rule between two paragraphs is none: what it encloses is no map of keys.
pub(super) fn others(text: &str) -> Option<(String, Bytes)> {
    let mut at = start(text);
    loop {
        let rest = &text[at..];
        let blank = rest.len() - rest.trim_start().len();
        let comment = rest[blank..]
            .strip_prefix("<!--")
            .and_then(|comment| comment.find("-->"));
        match comment {
            Some(end) => at += blank + "<!--".len() + end + "-->".len(),
            None => {
                at += blank;
                break;
            }
        }
    }
    let (fence, inside) = opening(&text[at..])?;
    let inside = at + inside;
    let (end, _) = closing(text, inside, fence).filter(|_| fence == "---")?;
    let fields = yaml(text, inside, end).ok()?;
    let keyed = !fields.is_empty() && fields.iter().all(|field| is_key(&format!("{}:", field.key)));
    let sentence = "the front matter does not begin on the first line: nothing of it is read";
    keyed.then(|| (sentence.to_owned(), Bytes::new(at, at + fence.len())))
}
