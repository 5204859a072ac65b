//! Whom a block names. Enters: a block, and what the documents of the wave are called. Leaves: [`Named`]: by number, slug or link, by title, by a run
//! of numbers.

use std::ops::Range;

use super::Document;
use crate::prd::markdown::{Block, BlockKind};
use crate::prd::prose::Sentence;
use crate::prd::reference::{self, Reference};
use crate::prd::titles::Titled;

/// The other documents that a block names.
pub(super) struct Named {
    /// By number, slug or link.
    pub(super) references: Vec<Reference>,
    /// By title, or by a run of numbers.
    titles: Vec<Titled>,
    /// The row of a table: the first number counts the rows.
    pub(super) row: bool,
}

impl Named {
    /// The other documents that `block` names.
    pub(super) fn of(block: &Block, document: Document<'_>) -> Self {
        let mut references = reference::find(&block.flow);
        references.retain(|reference| !reference::is_self(&reference.words, document.id));
        let runs = reference::runs(&block.flow.text);
        references.retain(|one| {
            !runs
                .iter()
                .any(|run| run.at.start < one.at.end && one.at.start < run.at.end)
        });
        let mut titles = document.names.titles.find(&block.flow.text);
        let apart = |title: &Titled| {
            let meets = |at: &Range<usize>| at.start < title.at.end && title.at.start < at.end;
            !references.iter().any(|reference| meets(&reference.at))
        };
        titles.retain(|title| !title.prds.contains(document.id) && apart(title));
        titles.extend(runs);
        titles.sort_by_key(|title| title.at.start);
        Self {
            references,
            titles,
            row: block.kind == BlockKind::Row,
        }
    }

    /// What surely names a document, by its bytes.
    pub(super) fn surely(&self) -> Vec<Reference> {
        let titles = self.titles.iter().filter(|title| !title.bare).map(as_reference);
        let mut all: Vec<Reference> = self.references.iter().cloned().chain(titles).collect();
        all.sort_by_key(|one| one.at.start);
        all
    }

    /// What surely names a document, by the tokens of a sentence.
    pub(super) fn sure(&self, sentence: &Sentence<'_>) -> Vec<Range<usize>> {
        reference::in_tokens(sentence, &self.surely())
    }

    /// The titles, by the tokens of a sentence.
    pub(super) fn titles(&self, sentence: &Sentence<'_>) -> Vec<Titled> {
        let at = |title: &Titled| {
            let at = reference::in_tokens(sentence, &[as_reference(title)]).pop()?;
            Some(Titled { at, ..title.clone() })
        };
        self.titles.iter().filter_map(at).collect()
    }
}

fn as_reference(title: &Titled) -> Reference {
    Reference {
        at: title.at.clone(),
        words: String::new(),
        link: false,
    }
}

/// All of them, in the order of the sentence.
pub(super) fn together(references: &[Range<usize>], titles: &[Titled]) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = references.to_vec();
    all.extend(titles.iter().filter(|title| title.bare).map(|title| title.at.clone()));
    all.sort_by_key(|at| at.start);
    all
}
