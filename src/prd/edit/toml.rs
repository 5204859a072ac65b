//! One step in TOML. Enters: the text and where its head lies. Leaves: the piece that changes; `None` for a shape that this does not know.
//! The lines that stay are the very bytes that were there: only what lies between the first and the last changed line is written anew.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::meaning::{entry, is_same, names, section_names};
use super::words::{Assignment, Change, Key};
use super::{Piece, SamePrd, eol};
use crate::prd::declared::kebab;
use crate::prd::frontmatter::Frame;

pub(super) fn pieces(text: &str, frame: &Frame, step: &Assignment, same: SamePrd<'_>) -> Option<Vec<Piece>> {
    let old = &text[frame.inside..frame.end];
    let mut document: DocumentMut = old.parse().ok()?;
    change(&mut document, step, same)?;
    let new = document.to_string();
    // The library ends every line in the same way; compared are the lines without their ends.
    let (old_lines, new_lines) = (lines(old), lines(&new));
    let alike = |one: &&str, other: &&str| one.trim_end_matches(['\r', '\n']) == other.trim_end_matches(['\r', '\n']);
    let first = old_lines
        .iter()
        .zip(&new_lines)
        .take_while(|(one, other)| alike(one, other))
        .count();
    let most = old_lines.len().min(new_lines.len()) - first;
    let last = old_lines.iter().rev().zip(new_lines.iter().rev());
    let last = last.take(most).take_while(|(one, other)| alike(one, other)).count();
    let length = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    let start = frame.inside + length(&old_lines[..first]);
    let end = frame.end - length(&old_lines[old_lines.len() - last..]);
    let between = new_lines[first..new_lines.len() - last].iter();
    let between = between.map(|line| format!("{}{}", line.trim_end_matches(['\r', '\n']), eol(text)));
    Some(vec![(start..end, between.collect())])
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn change(document: &mut DocumentMut, step: &Assignment, same: SamePrd<'_>) -> Option<()> {
    let root = document.as_table_mut();
    let named = name_in(root, names(&step.key));
    match (&step.key, &step.change) {
        (Key::Word(name), Change::Set(values)) => set(
            root,
            &named.unwrap_or_else(|| (*name).to_owned()),
            word(values.first()?),
        ),
        (Key::List(name), Change::Add(values)) => {
            add(root, &named.unwrap_or_else(|| (*name).to_owned()), values.first()?)
        }
        (Key::List(_), Change::Remove(values)) => {
            let old = values.first()?;
            take_out(root.get_mut(&named?)?, &|words| is_same(&step.key, words, old, same))
        }
        (Key::Flag { section, flag }, Change::Set(values)) => state(root, section, flag, Some(values.first()?)),
        (Key::Flag { section, flag }, Change::Remove(_)) => state(root, section, flag, None),
        _ => None,
    }
}

fn word(text: &str) -> Value {
    match text {
        "true" => true.into(),
        "false" => false.into(),
        text => text.into(),
    }
}

/// The key of the table that has one of these names.
fn name_in(table: &dyn TableLike, names: &[&str]) -> Option<String> {
    let mut keys = table.iter().map(|(key, _)| key.to_owned());
    keys.find(|key| names.contains(&kebab(key).as_str()))
}

/// Sets a key and keeps what stands around its value.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) -> Option<()> {
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        Some(_) => return None,
        None => {
            table.insert(key, Item::Value(value));
        }
    }
    Some(())
}

fn add(table: &mut dyn TableLike, key: &str, new: &str) -> Option<()> {
    match table.get_mut(key) {
        Some(Item::Value(Value::Array(array))) => {
            let mut value = Value::from(new);
            // In a list of lines the new one has a line of its own.
            if let Some(last) = array
                .iter()
                .last()
                .filter(|_| array.len() > 1 || array.trailing_comma())
                && let Some(prefix) = last.decor().prefix().and_then(toml_edit::RawString::as_str)
            {
                // A comment before the last one stays with it.
                let own_line = prefix.rfind('\n').map_or(prefix, |at| &prefix[at..]);
                value.decor_mut().set_prefix(own_line.to_owned());
                array.push_formatted(value);
            } else {
                array.push(value);
            }
        }
        Some(Item::Value(old @ Value::String(_))) => {
            let mut array = Array::new();
            array.push(old.as_str()?.to_owned());
            array.push(new);
            *old = Value::Array(array);
        }
        Some(_) => return None,
        None => {
            let array: Array = std::iter::once(new).collect();
            table.insert(key, Item::Value(Value::Array(array)));
        }
    }
    Some(())
}

/// Takes words out of an array. A comment behind a comma stands before the next value, or before the bracket: it stays with the value that
/// it is about.
fn without(array: &mut Array, gone: &dyn Fn(&str) -> bool) {
    let text = |raw: Option<&toml_edit::RawString>| raw.and_then(toml_edit::RawString::as_str).unwrap_or("").to_owned();
    let from_line = |text: &str| text.find('\n').map_or(String::new(), |at| text[at..].to_owned());
    // What stood before the first of those that are taken out, since the last one that stays.
    let mut held: Option<String> = None;
    let mut kept: Vec<Value> = Vec::new();
    let mut suffix = String::new();
    for value in array.iter() {
        let prefix = text(value.decor().prefix());
        if value.as_str().is_some_and(gone) {
            let more = from_line(&prefix);
            held = Some(match held {
                None => prefix,
                Some(held) if more.contains('#') => held.trim_end_matches([' ', '\t', '\n', '\r']).to_owned() + &more,
                Some(held) => held,
            });
            suffix = text(value.decor().suffix());
            continue;
        }
        let mut value = value.clone();
        if let Some(held) = held.take() {
            let own = from_line(&prefix);
            let joined = match (held.contains('#'), own.is_empty()) {
                (true, false) => held.trim_end_matches([' ', '\t', '\n', '\r']).to_owned() + &own,
                (false, false) => own,
                (_, true) => held,
            };
            value.decor_mut().set_prefix(joined);
        }
        kept.push(value);
    }
    let trailing = text(Some(array.trailing()));
    if let Some(held) = held {
        let own = from_line(&(suffix + &trailing));
        let noted = held.contains('#');
        let line = if own.is_empty() { "\n".to_owned() } else { own.clone() };
        array.set_trailing(if noted {
            held.trim_end_matches([' ', '\t', '\n', '\r']).to_owned() + &line
        } else {
            own
        });
        if noted && !kept.is_empty() {
            array.set_trailing_comma(true);
        }
    }
    array.retain(|value| !value.as_str().is_some_and(gone));
    for (at, value) in kept.into_iter().enumerate() {
        array.replace_formatted(at, value);
    }
}

fn take_out(item: &mut Item, gone: &dyn Fn(&str) -> bool) -> Option<()> {
    match item {
        Item::Value(Value::Array(array)) => {
            without(array, gone);
            Some(())
        }
        Item::Value(old @ Value::String(_)) if old.as_str().is_some_and(gone) => {
            *old = Value::Array(Array::new());
            Some(())
        }
        _ => None,
    }
}

/// Sets the state of a flag, or takes the flag out.
fn state(root: &mut Table, section: &str, flag: &str, state: Option<&str>) -> Option<()> {
    let (within, top) = section_names(section);
    if let Some(key) = name_in(root, top) {
        return in_section(root.get_mut(&key)?, flag, state);
    }
    let flags = name_in(root, &["flags", "feature-flags"]).unwrap_or_else(|| "flags".to_owned());
    let mut implicit = Table::new();
    implicit.set_implicit(true);
    let flags = root
        .entry(&flags)
        .or_insert(Item::Table(implicit))
        .as_table_like_mut()?;
    let place = name_in(flags, within).unwrap_or_else(|| section.to_owned());
    if flags.get(&place).is_none() {
        let empty = if flags.is_empty() || flags.iter().all(|(_, item)| item.is_table()) {
            Item::Table(Table::new())
        } else {
            Item::Value(Value::InlineTable(InlineTable::new()))
        };
        flags.insert(&place, empty);
    }
    in_section(flags.get_mut(&place)?, flag, state)
}

fn in_section(item: &mut Item, flag: &str, state: Option<&str>) -> Option<()> {
    if let Some(table) = item.as_table_like_mut() {
        let Some(state) = state else {
            // A comment above it is perhaps about more than it.
            let noted = table.key(flag).and_then(|key| key.leaf_decor().prefix()?.as_str());
            if noted.is_some_and(|above| above.contains('#')) {
                return None;
            }
            table.remove(flag);
            return Some(());
        };
        return match table.get_mut(flag) {
            Some(inner) if inner.is_table_like() => {
                let inner = inner.as_table_like_mut()?;
                let key = name_in(inner, &["default", "state", "to"])?;
                set(inner, &key, state.into())
            }
            _ => set(table, flag, state.into()),
        };
    }
    let about = |words: &str| entry(words).0 == flag;
    match (item, state) {
        (Item::Value(Value::Array(array)), Some(state)) => {
            let mut value = Value::from(format!("{flag}={state}"));
            let at = array.iter().position(|value| value.as_str().is_some_and(about));
            match at {
                Some(at) => {
                    *value.decor_mut() = array.get(at)?.decor().clone();
                    array.replace_formatted(at, value);
                }
                None => array.push(value),
            }
            Some(())
        }
        (item, None) => take_out(item, &about),
        _ => None,
    }
}
