//! Work that changes nothing. Enters: a PRD. Leaves: whether it says that it only looks: a spike, a piece of research, a check of what is there.

use super::Prd;
use super::prose::{Form, Token, tokens_of, words};

/// True for "Spike: …", "Investigate …", and where a passage says that nothing is changed ("No code changes").
#[must_use]
pub fn only_looks(prd: &Prd) -> bool {
    let title = tokens_of(&prd.title);
    let counted = |token: &Token| matches!(token.form, Form::Number | Form::Mark) || &*token.stem == "prd";
    let first = title.iter().position(|token| !counted(token)).unwrap_or(title.len());
    let research = words().doing("research").at(&title[first..]) > 0;
    // "No code changes in the billing service" tells of one place.
    let nothing = |text: &str| {
        let tokens = tokens_of(text);
        let said = |at: usize| {
            let length = words().doing("changes_nothing").at(&tokens[at..]);
            length > 0 && tokens.get(at + length).is_none_or(|next| next.form == Form::Mark)
        };
        (0..tokens.len()).any(said)
    };
    research
        || prd
            .passages
            .iter()
            .any(|passage| !passage.past && nothing(&passage.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prd::KnownNames;
    use crate::prd::tests::document_with;

    #[test]
    fn research_and_what_says_so_only_looks() {
        let looks = |text: &str| only_looks(&document_with("docs/prds/001-a.md", text, &KnownNames::default()).1);
        for text in [
            "# Spike: how slow is the list?\n",
            "# 001 Investigate the slow list\n",
            "# PRD 1: Research: rounding\n",
            "# Rounding\n\nThis is a study. No code changes.\n",
            "# Rounding\n\nIt changes no code: we read `src/a.ts`.\n",
        ] {
            assert!(looks(text), "{text}");
        }
        for text in [
            "# The research page is slow\n",
            "# Rounding\n\nNo code changes in the billing service.\n",
            "# Rounding\n\n## Background\n\nThe first draft said: no code changes.\n",
            "# Rounding\n",
        ] {
            assert!(!looks(text), "{text}");
        }
    }
}
