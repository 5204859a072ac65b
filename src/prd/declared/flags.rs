//! What front matter declares of flags. Enters: the value of `flags`, `assumes` or `introduces_flag`. Leaves: mentions and claims in the
//! reader, and what could not be understood.

use super::{Reader, kebab, within};
use crate::flag::{FlagKey, FlagValue};
use crate::nearest::did_you_mean;
use crate::prd::claim::{THIS_PRD, flip_of};
use crate::prd::frontmatter::{Data, Value};
use crate::prd::{Access, Claim, Flip, MentionKind};
use crate::source::Bytes;

impl Reader {
    pub(super) fn flags(&mut self, value: &Value) {
        let Data::Map(fields) = &value.data else {
            for (key, bytes) in self.words(value, "flags") {
                self.mention(MentionKind::Flag, &key, None, bytes);
            }
            return;
        };
        for field in fields {
            match kebab(&field.key).as_str() {
                "introduces" | "introduce" | "adds" | "creates" => self.introduces(&field.value),
                "assumes" | "assume" | "needs" | "requires" => self.settings(&field.value, FlagValue::On, assumes),
                "stubs" | "stub" | "forces" => self.settings(&field.value, FlagValue::On, stubs),
                "flips" | "flip" | "turns" => self.settings(&field.value, FlagValue::On, flips),
                "states" => self.settings(&field.value, FlagValue::Unknown, states),
                _ => {
                    let known = did_you_mean(&field.key, ["introduces", "assumes", "stubs", "flips", "states"]);
                    self.loss(
                        format!("unknown key `{}` in `flags`{known}", field.key),
                        field.key_bytes,
                    );
                }
            }
        }
    }

    pub(super) fn introduces(&mut self, value: &Value) {
        self.settings(value, FlagValue::Unknown, |key, default| Claim::Introduces {
            phrase: key.to_string(),
            key: Some(key),
            default,
            flips: None,
        });
    }

    /// `{k: on}`, `["k=on", "k"]`, `k=on`, `k`
    pub(super) fn settings(&mut self, value: &Value, otherwise: FlagValue, claim: fn(FlagKey, FlagValue) -> Claim) {
        let maps = match &value.data {
            Data::Map(_) => std::slice::from_ref(value),
            Data::List(items) if items.iter().any(|item| matches!(item.data, Data::Map(_))) => items,
            _ => &[],
        };
        for item in maps {
            match &item.data {
                Data::Map(fields) => {
                    for field in fields {
                        self.setting(&field.key, field.key_bytes, &field.value, otherwise, claim);
                    }
                }
                _ => self.settings(item, otherwise, claim),
            }
        }
        if !maps.is_empty() {
            return;
        }
        for (words, bytes) in self.words(value, "flags") {
            let (key, state) = match words.split_once(['=', ':']) {
                Some((key, state)) => (key.trim(), FlagValue::parse(state)),
                None => (words.trim(), otherwise),
            };
            if key.is_empty() || (words.contains(['=', ':']) && state == FlagValue::Unknown) {
                self.loss(format!("`{words}` is not a flag and its state"), bytes);
                continue;
            }
            let bytes = within(bytes, &words, key);
            let claim = claim(FlagKey::new(key), state);
            self.mention(MentionKind::Flag, key, access(&claim), bytes);
            self.state(claim, bytes);
        }
    }

    fn setting(
        &mut self,
        key: &str,
        at: Bytes,
        value: &Value,
        otherwise: FlagValue,
        claim: fn(FlagKey, FlagValue) -> Claim,
    ) {
        let mut flips = None;
        let state = match &value.data {
            Data::Nothing => otherwise,
            Data::Scalar(words) => FlagValue::parse(words),
            Data::List(_) => FlagValue::Unknown,
            Data::Map(fields) => {
                let word = |name: &str| {
                    fields
                        .iter()
                        .find(|field| kebab(&field.key) == name)
                        .and_then(|field| match &field.value.data {
                            Data::Scalar(words) => Some(words.clone()),
                            _ => None,
                        })
                };
                flips = word("flips").or_else(|| word("flip")).or_else(|| word("when"));
                word("default")
                    .or_else(|| word("state"))
                    .or_else(|| word("to"))
                    .map_or(otherwise, |words| FlagValue::parse(&words))
            }
        };
        self.mention(MentionKind::Flag, key, access(&claim(FlagKey::new(key), state)), at);
        let untold = otherwise == FlagValue::Unknown && matches!(value.data, Data::Nothing | Data::Map(_));
        if state == FlagValue::Unknown && !untold {
            self.loss(format!("the state of `{key}` is neither on nor off"), value.bytes);
            // Nobody needs, or sets, an unknown state; who ships a flag ships it whatever its default is.
            if otherwise != FlagValue::Unknown {
                return;
            }
        }
        let mut said = claim(FlagKey::new(key), state);
        let told = flips.map(|words| flip_of(&words));
        match (&mut said, told) {
            (Claim::Introduces { flips: when, .. }, told @ Some(_)) => *when = told,
            (Claim::PlansFlip { when, .. }, Some(told)) => *when = told,
            _ => {}
        }
        self.state(said, at);
    }
}

/// What is done with the flag: who assumes or stubs a state only reads it.
fn access(claim: &Claim) -> Option<Access> {
    match claim {
        Claim::Assumes { .. } | Claim::Stubs { .. } | Claim::States { .. } => Some(Access::Read),
        Claim::PlansFlip { .. } => Some(Access::Write),
        _ => None,
    }
}

pub(super) fn assumes(key: FlagKey, needs: FlagValue) -> Claim {
    Claim::Assumes {
        phrase: key.to_string(),
        key: Some(key),
        needs,
    }
}

/// Who says no time makes the flip with its own work.
fn flips(key: FlagKey, to: FlagValue) -> Claim {
    Claim::PlansFlip {
        phrase: key.to_string(),
        key: Some(key),
        to,
        when: Flip::WithPrd(THIS_PRD.to_owned()),
    }
}

fn stubs(key: FlagKey, value: FlagValue) -> Claim {
    Claim::Stubs {
        phrase: key.to_string(),
        key: Some(key),
        value,
    }
}

fn states(key: FlagKey, value: FlagValue) -> Claim {
    let by_default = false;
    Claim::States { key, value, by_default }
}
