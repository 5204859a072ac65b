//! What a document says, paragraph by paragraph. Enters: its blocks and their contexts. Leaves: [`Passage`]s, without what is out of scope, history,
//! headings and code.

use super::context::Context;
use super::markdown::{Block, BlockKind};
use crate::source::{FileId, Span};

/// A paragraph, an item of a list or a row of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passage {
    /// Where.
    pub span: Span,
    /// Its words without marks and Markdown.
    pub text: String,
    /// It tells how things came to be, and not what is to be.
    pub past: bool,
}

/// The passages of a document's blocks.
pub(super) fn find(blocks: &[Block], contexts: &[Context], file: FileId) -> Vec<Passage> {
    let said = blocks.iter().zip(contexts).filter(|(block, context)| {
        let prose = !matches!(block.kind, BlockKind::Heading(_) | BlockKind::Code);
        prose && !context.negated && !context.silent
    });
    let passage = |(block, context): (&Block, &Context)| {
        let text = block.flow.text.clone();
        let bytes = block.flow.bytes(0..text.len());
        (!text.trim().is_empty()).then(|| Passage {
            span: bytes.in_file(file),
            text,
            past: context.past,
        })
    };
    said.filter_map(passage).collect()
}
