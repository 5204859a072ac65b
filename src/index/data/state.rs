//! What a piece of data says that a flag is. Enters: [`Data`]. Leaves: [`FlagValue`]; what depends on who asks is unknown.

use super::path::{Data, Value};
use crate::flag::FlagValue;

/// Entries that make a flag differ from one user to the next, where they are not empty.
const CONDITIONS: [&str; 7] = [
    "conditions",
    "rules",
    "strategies",
    "targeting",
    "segments",
    "percentage",
    "rollout",
];

/// Entries that hold the value, the first that is there counts.
const VALUES: [&str; 6] = ["enabled", "defaultValue", "default_value", "default", "value", "on"];

/// Levels of `value` in `value`.
const DEPTH: usize = 4;

/// What the data says: `true`, `"off"`, `{ enabled: true }`, `{ state, variants, defaultVariant }`.
pub(super) fn of(data: &Data) -> FlagValue {
    at_depth(data, DEPTH)
}

fn at_depth(data: &Data, depth: usize) -> FlagValue {
    let Some(depth) = depth.checked_sub(1) else {
        return FlagValue::Unknown;
    };
    match &data.value {
        Value::Scalar(text) => FlagValue::parse(text),
        Value::Null | Value::List(_) => FlagValue::Unknown,
        Value::Map(_) => entries(data, depth),
    }
}

fn entries(data: &Data, depth: usize) -> FlagValue {
    let state = data.get("state").and_then(Data::scalar);
    if state.is_some_and(|state| FlagValue::parse(state) == FlagValue::Off) {
        return FlagValue::Off;
    }
    let chosen = data.get("defaultRule").and_then(|rule| rule.get("variation"));
    let variants = data.get("variants").or_else(|| data.get("variations"));
    let value = match (variants, data.get("defaultVariant").or(chosen).and_then(Data::scalar)) {
        (Some(variants), Some(name)) => variants.get(name),
        _ => VALUES.iter().find_map(|name| data.get(name)),
    };
    let value = value.map_or(FlagValue::Unknown, |value| at_depth(value, depth));
    let conditional = CONDITIONS
        .iter()
        .any(|name| data.get(name).is_some_and(|data| !is_empty(data)));
    // Off for everybody stays off whatever the conditions are, where the value is the main switch.
    let switch = data.get("enabled").is_some();
    if conditional && !(switch && value == FlagValue::Off) {
        FlagValue::Unknown
    } else {
        value
    }
}

fn is_empty(data: &Data) -> bool {
    match &data.value {
        Value::Null => true,
        Value::Scalar(text) => text.is_empty() || text == "100",
        Value::List(list) => list.is_empty(),
        Value::Map(entries) => entries.is_empty(),
    }
}
