//! What a document points at. Enters: its blocks. Leaves: [`Mention`]s with their places.

use super::markdown::{Block, BlockKind};
use super::{Mention, shape};
use crate::source::FileId;

/// The mentions of a document's body, in the order of the text.
pub(crate) fn find(blocks: &[Block], file: FileId) -> Vec<Mention> {
    let mut out = Vec::new();
    for block in blocks.iter().filter(|block| block.kind != BlockKind::Code) {
        for words in &block.flow.code {
            let text = &block.flow.text[words.clone()];
            let Some(kind) = shape::of(text) else { continue };
            out.push(Mention {
                kind,
                text: text.to_owned(),
                access: None,
                declared: false,
                sample: false,
                negated: false,
                span: block.flow.bytes(words.clone()).in_file(file),
            });
        }
    }
    out
}
