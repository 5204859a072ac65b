//! What a component asks of who shows it: the attributes that its type of properties insists on. Enters: a file of TSX as it was and as it is, an element.
//! Leaves: what is asked for anew, and what the element has.

use std::collections::{BTreeMap, BTreeSet};

use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::Bytes;

/// What React gives itself.
const GIVEN: [&str; 3] = ["children", "key", "ref"];

/// The properties of a component.
pub(super) struct Properties {
    /// Those that have to be there.
    pub(super) required: BTreeSet<String>,
    /// All of them.
    pub(super) all: BTreeSet<String>,
    /// Its name.
    pub(super) bytes: Bytes,
}

/// The components of a file whose properties it tells, by name; not those of which there are two.
pub(super) fn components(facts: &FileFacts) -> BTreeMap<String, Properties> {
    let mut found = BTreeMap::new();
    if facts.language != Language::Tsx {
        return found;
    }
    let tree = &facts.tree;
    let mut twice = BTreeSet::new();
    let mut add = |name: &str, bytes: Bytes, ty: &str| {
        if !name.starts_with(char::is_uppercase) {
            return;
        }
        let Some((required, all)) = members(facts, ty) else {
            return;
        };
        if found
            .insert(name.to_owned(), Properties { required, all, bytes })
            .is_some()
        {
            twice.insert(name.to_owned());
        }
    };
    for id in tree.ids() {
        match tree.syntax(id) {
            Syntax::Function(function) => {
                let ty = function.param_types.first().copied().flatten();
                if let (Some((name, bytes)), Some(ty), 1) = (&function.name, ty, function.params.len()) {
                    add(name, *bytes, facts.words(ty));
                }
            }
            Syntax::Let {
                pattern,
                ty,
                value: Some(value),
                ..
            } => {
                let bytes = tree.bytes(*pattern);
                let own = ty.and_then(|ty| {
                    let words = facts.words(ty).trim_start_matches(':').trim();
                    let (head, inner) = words.split_once('<')?;
                    let component = matches!(
                        head,
                        "FC" | "React.FC" | "FunctionComponent" | "React.FunctionComponent"
                    );
                    component.then(|| inner.trim_end_matches('>'))
                });
                let of_param = match tree.syntax(tree.bare(*value)) {
                    Syntax::Function(function) if function.params.len() == 1 => {
                        let ty = function.param_types.first().copied().flatten();
                        ty.map(|ty| facts.words(ty))
                    }
                    _ => None,
                };
                if let Some(ty) = own.or(of_param) {
                    add(facts.words(*pattern), bytes, ty);
                }
            }
            _ => {}
        }
    }
    found.retain(|name, _| !twice.contains(name));
    found
}

/// What a type of properties names: one that is written out, or of the file.
fn members(facts: &FileFacts, ty: &str) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
    let ty = ty.trim_start_matches(':').trim();
    let ty = ty
        .strip_prefix("Readonly<")
        .and_then(|ty| ty.strip_suffix('>'))
        .unwrap_or(ty);
    if ty.starts_with('{') {
        return listed(ty);
    }
    if !ty.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let tree = &facts.tree;
    let mut all = tree.ids().filter_map(|id| match tree.syntax(id) {
        Syntax::Interface { name, .. } if &*name.0 == ty => {
            let words = facts.words(id);
            Some(words.find('{').map_or("", |at| &words[at..]))
        }
        Syntax::TypeAlias { name, value } if &*name.0 == ty => Some(facts.words(*value)),
        _ => None,
    });
    match (all.next(), all.next()) {
        (Some(body), None) => listed(body),
        _ => None,
    }
}

/// The members of `{ a: string; b?: number }`; nothing where more than members stands there.
fn listed(body: &str) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
    let body = body.trim().trim_end_matches(';').strip_prefix('{')?.strip_suffix('}')?;
    let (mut required, mut all) = (BTreeSet::new(), BTreeSet::new());
    let mut depth = 0i32;
    let mut before = ' ';
    let ends = |c: char, depth: &mut i32, before: char| {
        match c {
            '{' | '(' | '[' | '<' => *depth += 1,
            '}' | ')' | ']' => *depth -= 1,
            '>' if before != '=' => *depth -= 1,
            _ => {}
        }
        *depth == 0 && matches!(c, ';' | ',' | '\n')
    };
    let parts = body.split(|c: char| {
        let end = ends(c, &mut depth, before);
        before = c;
        end
    });
    for part in parts {
        let part = part.trim();
        let part = part.strip_prefix("readonly ").unwrap_or(part);
        let name: String = part
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
            .collect();
        let rest = part[name.len()..].trim_start();
        if name.is_empty() || GIVEN.contains(&name.as_str()) {
            continue;
        }
        if rest.starts_with(':') || rest.starts_with('(') {
            required.insert(name.clone());
        } else if !rest.starts_with('?') {
            continue;
        }
        all.insert(name);
    }
    (depth == 0).then_some((required, all))
}

/// The attributes of the element that a name begins, and whether more may come from elsewhere.
pub(super) fn shown(facts: &FileFacts, node: NodeId) -> Option<(BTreeSet<String>, bool)> {
    let tree = &facts.tree;
    let parent = tree.node(node).parent?;
    let Syntax::Element {
        name: Some(name),
        attributes,
        ..
    } = tree.syntax(parent)
    else {
        return None;
    };
    if *name != node {
        return None;
    }
    let (mut names, mut open) = (BTreeSet::new(), false);
    for attribute in attributes {
        match tree.syntax(*attribute) {
            Syntax::Attribute { name, .. } => _ = names.insert(facts.slice(*name).to_owned()),
            _ => open = true,
        }
    }
    Some((names, open))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_a_type_that_is_written_out() {
        let (required, all) = listed("{\n  // a comment\n  title: string;\n  onClose?: () => void,\n  list: Array<{ a: b; c: d }>\n  children: Node }").expect("it is plain");
        assert_eq!(
            required.iter().map(String::as_str).collect::<Vec<_>>(),
            ["list", "title"]
        );
        assert_eq!(all.len(), 3);
        assert!(listed("A & { b: c }").is_none());
    }
}
