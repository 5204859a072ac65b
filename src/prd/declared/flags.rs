//! What front matter declares of flags. Enters: the value of `flags`, `assumes` or `introduces_flag`. Leaves: mentions and claims in the
//! reader, and what could not be understood.

use super::{Reader, kebab, within};
use crate::flag::{FlagKey, FlagValue};
use crate::nearest::did_you_mean;
use crate::prd::frontmatter::{Data, Value};
use crate::prd::{Claim, MentionKind};
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
                "states" => self.settings(&field.value, FlagValue::Unknown, states),
                _ => {
                    let known = did_you_mean(&field.key, ["introduces", "assumes", "stubs", "states"]);
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
            self.mention(MentionKind::Flag, key, None, bytes);
            self.state(claim(FlagKey::new(key), state), bytes);
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
                flips = word("flips").or_else(|| word("flip"));
                word("default")
                    .or_else(|| word("state"))
                    .map_or(otherwise, |words| FlagValue::parse(&words))
            }
        };
        self.mention(MentionKind::Flag, key, None, at);
        let untold = otherwise == FlagValue::Unknown && matches!(value.data, Data::Nothing | Data::Map(_));
        if state == FlagValue::Unknown && !untold {
            self.loss(format!("the state of `{key}` is neither on nor off"), value.bytes);
            // Nobody needs, or sets, an unknown state; who ships a flag ships it whatever its default is.
            if otherwise != FlagValue::Unknown {
                return;
            }
        }
        let mut said = claim(FlagKey::new(key), state);
        if let (Claim::Introduces { flips: when, .. }, Some(words)) = (&mut said, flips) {
            *when = Some(crate::prd::claim::flip_of(&words));
        }
        self.state(said, at);
    }
}

pub(super) fn assumes(key: FlagKey, needs: FlagValue) -> Claim {
    Claim::Assumes {
        phrase: key.to_string(),
        key: Some(key),
        needs,
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
