//! Flags as the code spells them. Enters: documents, and the flags that the code has. Leaves: the same documents, where a flag that is spelled
//! otherwise (`double_entry` for `DoubleEntry`) has the code's name, if only one flag has these letters. Knows nothing of the code itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{Claim, MentionKind, Prd};
use crate::flag::FlagKey;

/// Names the flags of the documents as the code does.
pub fn spell_as<'a>(prds: &mut [Prd], known: impl Iterator<Item = &'a FlagKey>) {
    let mut exact: BTreeSet<&str> = BTreeSet::new();
    let mut by_letters: BTreeMap<String, BTreeSet<&FlagKey>> = BTreeMap::new();
    for key in known {
        exact.insert(key.as_str());
        by_letters.entry(letters(key.as_str())).or_default().insert(key);
    }
    let spelled = |key: &str| -> Option<&FlagKey> {
        let same = by_letters.get(&letters(key)).filter(|_| !exact.contains(key))?;
        same.first().copied().filter(|_| same.len() == 1)
    };
    for prd in prds {
        for statement in &mut prd.statements {
            if let Some(key) = flag_of(&mut statement.claim)
                && let Some(known) = spelled(key.as_str())
            {
                *key = known.clone();
            }
        }
        let flags = prd
            .mentions
            .iter_mut()
            .filter(|mention| mention.kind == MentionKind::Flag);
        for mention in flags {
            if let Some(known) = spelled(&mention.text) {
                mention.text = known.as_str().to_owned();
            }
        }
    }
}

fn flag_of(claim: &mut Claim) -> Option<&mut FlagKey> {
    match claim {
        Claim::Introduces { key, .. }
        | Claim::Assumes { key, .. }
        | Claim::Stubs { key, .. }
        | Claim::PlansFlip { key, .. } => key.as_mut(),
        Claim::States { key, .. } => Some(key),
        Claim::DependsOn { .. } | Claim::Before { .. } | Claim::Foundation | Claim::Hotfix | Claim::Bumps => None,
    }
}

/// A name without its spelling.
pub(super) fn letters(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prd::read;
    use crate::source::{RepoPath, Sources};

    #[test]
    fn a_flag_has_the_name_that_the_code_gives_it_if_that_is_clear() {
        let check = |known: &[&str], expected: &str| {
            let mut sources = Sources::default();
            let path = RepoPath::new("docs/prds/001-a.md").expect("a path");
            let text = "# A\n\nThis PRD assumes that the flag `double_entry` is on.\n";
            let file = sources.add(path, text);
            let mut prds = [read(&sources, file, None, &crate::prd::KnownNames::default())];
            let known: Vec<FlagKey> = known.iter().map(|key| FlagKey::new(key)).collect();
            spell_as(&mut prds, known.iter());
            let found = prds[0]
                .statements
                .iter_mut()
                .find_map(|statement| flag_of(&mut statement.claim));
            assert_eq!(found.map(|key| key.as_str().to_owned()).as_deref(), Some(expected));
        };
        check(&["DoubleEntry", "Audit"], "DoubleEntry");
        check(&["DoubleEntry", "doubleEntry"], "double_entry");
        check(&["DoubleEntry", "double_entry"], "double_entry");
        check(&["Audit"], "double_entry");
    }
}
