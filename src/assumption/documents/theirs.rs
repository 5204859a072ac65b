//! A flag that is told by the document that ships it: "PRD 1's flag", "PRD 1 has shipped and its flag is on". Enters: the words of a
//! need. Leaves: the one flag that the other document introduces; none where it introduces several, or none.

use std::collections::BTreeMap;

use crate::assumption::NeedCertainty;
use crate::assumption::table::FlagTable;
use crate::flag::FlagKey;
use crate::prd::prose::{Form, Token, tokens_of, words};
use crate::prd::{Prd, PrdId};
use crate::touchpoint::References;

/// How many tokens may stand between a flag and the document that has it ("the flag of PRD 1").
const NEAR: usize = 2;

/// "PRD 1 is on", "PRD 1 is live for everyone": a document that ships a flag is on with its flag. True where the words are those of a switch, none
/// where they may only tell that it has landed.
fn is_switched(behind: &[Token]) -> Option<bool> {
    let near = &behind[..behind.len().min(STATE)];
    let says = |words: &[&str]| {
        near.iter()
            .any(|token| token.form == Form::Word && words.contains(&&*token.stem))
    };
    let everybody = words().class("everybody").within(behind) || says(&["product", "prod"]);
    // "has landed on main", "is available on staging" tell a place.
    let ends = |at: usize| {
        let next = behind.get(at + 1);
        next.is_none_or(|next| next.form == Form::Mark || words().class("after_state").has(&next.stem))
    };
    let on = (0..near.len()).any(|at| near[at].form == Form::Word && &*near[at].stem == "on" && ends(at));
    if on || says(&["enabl", "activ", "activat"]) {
        return Some(true);
    }
    says(&["live"]).then_some(everybody)
}

/// How near behind a document its state stands.
const STATE: usize = 6;

/// Which flags the documents ship.
pub(super) struct Theirs<'a> {
    names: References<'a>,
    shipped: BTreeMap<&'a PrdId, Vec<&'a FlagKey>>,
}

impl<'a> Theirs<'a> {
    /// What the documents ship, as the table has it.
    pub(super) fn of(prds: &'a [Prd], flags: &'a FlagTable) -> Self {
        let mut shipped: BTreeMap<&PrdId, Vec<&FlagKey>> = BTreeMap::new();
        for (flag, facts) in &flags.flags {
            for intro in &facts.introduced {
                let of = shipped.entry(&intro.prd).or_default();
                if !of.contains(&flag) {
                    of.push(flag);
                }
            }
        }
        Self {
            names: References::new(prds),
            shipped,
        }
    }

    /// The flag that `phrase` means, in a sentence of the document `own`.
    pub(super) fn meant(&self, own: &PrdId, phrase: &str, sentence: &str) -> Option<(FlagKey, NeedCertainty)> {
        let said = tokens_of(phrase);
        let flagword = words().class("flagword");
        let ends = |tokens: &[Token]| (0..tokens.len()).any(|at| at + flagword.at(&tokens[at..]) == tokens.len());
        let tokens = tokens_of(sentence);
        let (prd, surely) = match self.named(&said).as_slice() {
            // "PRD 1's flag", "PRD 1 has shipped and its flag"
            [(prd, _)] if ends(&said) => (*prd, true),
            // "the flag of PRD 1"
            [(prd, 0)] if said.len() == 2 => {
                let (_, at) = *self.named(&tokens).iter().find(|(named, _)| named == prd)?;
                let before = at.saturating_sub(NEAR)..at;
                let of_it = before.into_iter().any(|i| flagword.at(&tokens[i..]) > 0);
                (*prd, of_it || is_switched(&tokens[at + 2..])?)
            }
            [] if ends(&said) && super::only_of("no_name", phrase) => {
                let mut named = self.named(&tokens);
                named.retain(|(prd, _)| *prd != own);
                named.dedup_by_key(|(prd, _)| *prd);
                let [(prd, _)] = named.as_slice() else { return None };
                let its = tokens
                    .windows(2)
                    .any(|pair| matches!(&*pair[0].stem, "it" | "their") && flagword.at(&pair[1..]) > 0);
                (*prd, its)
            }
            _ => return None,
        };
        let [flag] = self.shipped.get(prd).filter(|_| prd != own)?.as_slice() else {
            return None;
        };
        let certainty = if surely {
            NeedCertainty::Likely
        } else {
            NeedCertainty::Possible
        };
        Some(((*flag).clone(), certainty))
    }

    /// The documents that some words name by their numbers, each with its place.
    fn named(&self, tokens: &[Token]) -> Vec<(&'a PrdId, usize)> {
        let numbered = tokens
            .windows(2)
            .enumerate()
            .filter(|(_, pair)| pair[0].form == Form::Word && &*pair[0].stem == "prd" && pair[1].form == Form::Number);
        let found = numbered.filter_map(|(at, pair)| Some((self.names.find(&pair[1].stem).ok()?, at)));
        found.collect()
    }
}
