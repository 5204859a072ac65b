//! Trees drawn as one line for the tests of front ends. Drawing also holds every tree to the laws of `lang::tree`.

use std::sync::Arc;

use super::tree::{Key, LetKind, LogicOp, NodeId, Syntax, Through, Tree};
use super::{FileFacts, Language, ParseHealth, queries};
use crate::source::{FileId, RepoPath};

pub(super) fn facts(path: &str, text: &str) -> FileFacts {
    facts_with(path, text, &[])
}

pub(super) fn facts_with(path: &str, text: &str, queries: &[queries::CompiledQuery]) -> FileFacts {
    let path = RepoPath::new(path).expect("a path");
    let language = Language::of(&path).expect("a language");
    let facts = crate::lang::read(FileId(0), &path, &Arc::from(text), language, queries);
    laws(&facts);
    facts
}

/// What holds for every tree: one root, no loose nodes, children within their parents, bytes on character boundaries.
pub(super) fn laws(facts: &FileFacts) {
    let tree = &facts.tree;
    let Some(root) = tree.root() else {
        assert!(
            matches!(facts.health, ParseHealth::Failed(_)),
            "no root, but {:?}",
            facts.health
        );
        return;
    };
    assert!(matches!(tree.syntax(root), Syntax::Block(_)));
    for id in tree.ids() {
        let (node, words) = (tree.node(id), facts.text.get(tree.bytes(id).range()));
        assert!(words.is_some(), "{node:?} cuts a character");
        match node.parent {
            None => assert_eq!(id, root, "{node:?} {words:?} hangs loose"),
            Some(parent) => {
                // A decorator may stand before `export`, which is not part of the item.
                let inside = tree.bytes(parent).contains(node.bytes) || matches!(node.syntax, Syntax::Decorator(_));
                assert!(inside, "{node:?} sticks out of {:?}", tree.node(parent));
                assert!(
                    tree.children(parent).contains(&id),
                    "{node:?} is no child of its parent"
                );
            }
        }
    }
}

/// One line for a node: head first, then children.
pub(super) fn draw(facts: &FileFacts, id: NodeId) -> String {
    let tree: &Tree = &facts.tree;
    let all = |ids: &[NodeId]| ids.iter().map(|id| draw(facts, *id)).collect::<Vec<_>>().join(" ");
    let one = |id: &NodeId| draw(facts, *id);
    let maybe = |id: &Option<NodeId>| id.as_ref().map_or("-".into(), one);
    let key = |key: &Key| match key {
        Key::Name(name, bytes) => {
            assert!(
                facts.slice(*bytes) == &**name || facts.slice(*bytes).contains('\\'),
                "{name:?} is not at its bytes"
            );
            name.to_string()
        }
        Key::Computed(id) => format!("[{}]", draw(facts, *id)),
    };
    match tree.syntax(id) {
        Syntax::Name => facts.words(id).to_string(),
        Syntax::Text(text) => format!("{text:?}"),
        Syntax::Template(parts) => format!("(template {})", all(parts)),
        Syntax::Bool(value) => value.to_string(),
        Syntax::Number => format!("#{}", facts.words(id)),
        Syntax::Nothing => "nothing".into(),
        Syntax::Member { object, property } => format!("{}.{}", one(object), facts.slice(*property)),
        Syntax::Index { object, index } => format!("{}[{}]", one(object), one(index)),
        Syntax::Call {
            callee,
            type_args,
            args,
        } if type_args.is_empty() => format!("{}({})", one(callee), all(args)),
        Syntax::Call {
            callee,
            type_args,
            args,
        } => format!("{}<{}>({})", one(callee), all(type_args), all(args)),
        Syntax::New { callee, args, .. } => format!("new:{}({})", one(callee), all(args)),
        Syntax::Object { entries, .. } => format!("{{{}}}", all(entries)),
        Syntax::Entry { key: k, value } => format!("{}:{}", key(k), one(value)),
        Syntax::Array(items) => format!("[{}]", all(items)),
        Syntax::Spread(id) => format!("...{}", one(id)),
        Syntax::Function(f) => {
            let name = f.name.as_ref().map_or("", |(name, _)| name);
            let kind = if f.constructor {
                "constructor"
            } else if f.method {
                "method"
            } else {
                "fn"
            };
            let at = if f.decorators.is_empty() {
                String::new()
            } else {
                format!("{} ", all(&f.decorators))
            };
            let ty = |at: usize| {
                f.param_types
                    .get(at)
                    .copied()
                    .flatten()
                    .map_or(String::new(), |ty| format!("::{}", draw(facts, ty)))
            };
            let params: Vec<String> = f.params.iter().enumerate().map(|(at, id)| one(id) + &ty(at)).collect();
            format!("({at}{kind} {name}({}) {})", params.join(" "), maybe(&f.body))
        }
        Syntax::Not(id) => format!("!{}", one(id)),
        Syntax::Logic { op, left, right } => {
            let op = match op {
                LogicOp::And => "&&",
                LogicOp::Or => "||",
                LogicOp::Coalesce => "??",
            };
            format!("({} {op} {})", one(left), one(right))
        }
        Syntax::Compare { op, left, right } => format!("({} {op:?} {})", one(left), one(right)),
        Syntax::Choose { test, yes, no } => format!("({} ? {} : {})", one(test), one(yes), one(no)),
        Syntax::Wrap(through, id) => {
            let word = match through {
                Through::Await => "await",
                Through::Paren => "paren",
                Through::Cast => "cast",
                Through::Assert => "assert",
                Through::Reference => "ref",
            };
            format!("{word}({})", one(id))
        }
        Syntax::Element {
            name,
            attributes,
            children,
        } => {
            format!("<{} {}>{}</>", maybe(name), all(attributes), all(children))
        }
        Syntax::Attribute { name, value } => format!("@{}={}", facts.slice(*name), maybe(value)),
        Syntax::Markup(text) => format!("~{text}~"),
        Syntax::Assign { target, value } => format!("({} := {})", one(target), one(value)),
        Syntax::Delete(id) => format!("(delete {})", one(id)),
        Syntax::Block(items) => format!("{{ {} }}", all(items)),
        Syntax::If { test, yes, no } => format!("(if {} {} {})", one(test), one(yes), maybe(no)),
        Syntax::Switch { subject, cases } => format!("(switch {} {})", one(subject), all(cases)),
        Syntax::Case { tests, body } => format!("(case [{}] {})", all(tests), all(body)),
        Syntax::Return(id) => format!("(return {})", maybe(id)),
        Syntax::Throw(id) => format!("(throw {})", maybe(id)),
        Syntax::Leave => "leave".into(),
        Syntax::Let {
            kind,
            pattern,
            ty,
            value,
        } => {
            let word = match kind {
                LetKind::Constant => "const",
                LetKind::Variable => "let",
                LetKind::Hoisted => "var",
            };
            let ty = ty.as_ref().map_or(String::new(), |ty| format!(":{}", draw(facts, *ty)));
            format!("({word} {}{ty} = {})", one(pattern), maybe(value))
        }
        Syntax::Loop { head, body } => format!("(loop [{}] {})", all(head), one(body)),
        Syntax::With { held, body } => format!("(with [{}] {})", all(held), one(body)),
        Syntax::ObjectPattern(items) => format!("{{|{}|}}", all(items)),
        Syntax::ArrayPattern(items) => format!("[|{}|]", all(items)),
        Syntax::Default { pattern, default } => format!("{}={}", one(pattern), one(default)),
        Syntax::Class {
            name,
            extends,
            members,
            decorators,
        } => format!(
            "(class {} <{}> {} {})",
            name.as_ref().map_or("-", |(name, _)| name),
            all(extends),
            all(decorators),
            all(members)
        ),
        Syntax::Field {
            key: k,
            ty,
            value,
            decorators,
        } => {
            format!(
                "(field {} {}:{} = {})",
                all(decorators),
                key(k),
                maybe(ty),
                maybe(value)
            )
        }
        Syntax::TypeAlias { name, value } => format!("(type {} = {})", name.0, one(value)),
        Syntax::Interface { name, members } => format!("(interface {} {})", name.0, all(members)),
        Syntax::Enum { name, members, .. } => format!("(enum {} {})", name.0, all(members)),
        Syntax::Module { name, items, .. } => format!("(module {} {})", name.0, all(items.as_deref().unwrap_or(&[]))),
        Syntax::Import { from, names, type_only } => {
            let names: Vec<String> = names
                .iter()
                .map(|name| {
                    assert_eq!(facts.slice(name.bytes), &*name.local);
                    format!("{}>{}", name.imported, name.local)
                })
                .collect();
            format!(
                "(import{} {from:?} {})",
                if *type_only { " type" } else { "" },
                names.join(" ")
            )
        }
        Syntax::Export {
            from,
            names,
            item,
            default,
        } => {
            let names: Vec<String> = names
                .iter()
                .map(|name| format!("{}>{}", name.local, name.exported))
                .collect();
            let from = from.as_ref().map_or(String::new(), |from| format!(" {from:?}"));
            format!(
                "(export{}{from} [{}] {})",
                if *default { " default" } else { "" },
                names.join(" "),
                maybe(item)
            )
        }
        Syntax::Decorator(id) => format!("@{}", one(id)),
        Syntax::Type(inside) => format!("type<{}>", all(inside)),
        Syntax::Other(inside) => format!("other({})", all(inside)),
        Syntax::Error(inside) => format!("error({})", all(inside)),
        other => format!("{other:?}"),
    }
}

pub(super) fn drawn(path: &str, text: &str) -> String {
    let facts = facts(path, text);
    let Some(Syntax::Block(items)) = facts.tree.root().map(|root| facts.tree.syntax(root)) else {
        return "-".into();
    };
    items.iter().map(|id| draw(&facts, *id)).collect::<Vec<_>>().join("\n")
}
