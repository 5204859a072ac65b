//! Keys that stand in a head twice. Enters: the text, and the fields that were read. Leaves: what comes of it, with its place. TOML refuses such a
//! head itself.

use super::{Fence, Field, Frame, frame};
use crate::source::Bytes;

/// The keys of the head that stand there a second time, with what comes of it: the last one counts.
pub(crate) fn twice(text: &str, fields: &[Field]) -> Vec<(String, Bytes)> {
    let Some(Frame {
        fence: Fence::Yaml,
        inside,
        end,
    }) = frame(text)
    else {
        return Vec::new();
    };
    let (mut seen, mut out, mut at) = (Vec::new(), Vec::new(), inside);
    for line in text[inside..end].split_inclusive('\n') {
        let key = line.split_once(':').map_or("", |(key, _)| key);
        if fields.iter().any(|field| field.key == key) {
            if seen.contains(&key) {
                let message = format!("`{key}` stands in its front matter twice: the last one counts");
                out.push((message, Bytes::new(at, at + line.trim_end().len())));
            }
            seen.push(key);
        }
        at += line.len();
    }
    out
}
