//! Folders that come with files. Enters: the text of a block, the mentions of a sentence. Leaves: the files with their folder.

use super::Found;
use crate::prd::prose::{Form, Sentence, words};
use crate::prd::{Access, MentionKind};

/// "New folder `a/b/` with `x.ts` and `y.ts`": what a new folder comes with is in it.
pub(super) fn fill(text: &str, found: &mut [Found]) {
    let mut folder: Option<(usize, String)> = None;
    for (at, mention) in found
        .iter_mut()
        .filter(|(_, mention)| mention.kind == MentionKind::Path)
    {
        let joins = |end: usize| {
            let between = text.get(end..at.start).unwrap_or("?");
            let words = between.split(|c: char| c.is_whitespace() || ",(:`".contains(c));
            words.filter(|word| !word.is_empty()).all(is_of_content)
        };
        folder = match folder.take() {
            Some((end, name)) if !mention.text.contains('/') && joins(end) => {
                mention.text = format!("{name}{}", mention.text);
                mention.access = Some(Access::Create);
                Some((at.end, name))
            }
            _ if mention.text.ends_with('/') && mention.access == Some(Access::Create) => {
                Some((at.end, mention.text.clone()))
            }
            _ => None,
        };
    }
}

/// Words between a folder and the files that it comes with.
fn is_of_content(word: &str) -> bool {
    matches!(
        word,
        "with" | "and" | "containing" | "holding" | "files" | "modules" | "the" | "two" | "three"
    )
}

/// "Files: everything under `apps/mobile/`, and `x.ts`": the label of the sentence says that files follow.
pub(super) fn lists_files(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens[..at.min(sentence.tokens.len())];
    let first = tokens.iter().position(|token| token.form != Form::Mark).unwrap_or(0);
    let length = words().doing("file_lists").at(&tokens[first..]);
    length > 0 && tokens.get(first + length).is_some_and(|next| next.is_mark(":"))
}
