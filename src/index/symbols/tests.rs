//! Symbols as the text declares them: their kinds, owners and whether they are given out.

use super::*;
use crate::source::{FileId, RepoPath};
use std::sync::Arc;

fn facts(path: &str, text: &str) -> FileFacts {
    let path = RepoPath::new(path).expect("a path");
    let language = Language::of(&path).expect("a language");
    crate::lang::read(FileId(0), &path, &Arc::from(text), language, &[])
}

#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    let facts = facts(path, text);
    let symbols = symbols(&facts);
    let shown = symbols.iter().map(|symbol| {
        let name = facts.slice(symbol.name_span.bytes);
        assert!(
            symbol.name.ends_with(name) || symbol.name.ends_with("default"),
            "{name} for {}",
            symbol.name
        );
        assert!(symbol.span.contains(symbol.name_span), "{symbol:?}");
        let public = if symbol.exported { "pub " } else { "" };
        format!("{public}{:?} {}", symbol.kind, symbol.name)
    });
    assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn typescript_symbols_have_their_owners() {
    check(
        "a.ts",
        "export class Q extends B { x = 1; on = () => {}; @D() create() { const inner = () => {} } static of() {} }\n\
         function f(a: number): void; function f(a) { function g() {} }\n\
         const h = () => 1, k = 2; const { l, m: [n] } = o;\n\
         type T = 1; interface I {} enum E { A }\n\
         namespace N { export function p() {} }",
        &[
            "pub Class Q",
            "pub Method Q.on",
            "pub Method Q.create",
            "pub Method Q.of",
            "Function f",
            "Function h",
            "Constant k",
            "Constant l",
            "Constant n",
            "Type T",
            "Type I",
            "Enum E",
            "Module N",
            "pub Function N.p",
        ],
    );
    check(
        "a.ts",
        "const api = { get() {}, post: async () => {}, url: '/x', deep: { f() {} } }; export { api, z as y }; const z = 1",
        &[
            "pub Constant api",
            "pub Method api.get",
            "pub Method api.post",
            "pub Method api.deep.f",
            "pub Constant z",
        ],
    );
    check("a.ts", "export default () => 1", &["pub Function default"]);
    check(
        "a.ts",
        "export default class { f() {} }",
        &["pub Class default", "pub Method default.f"],
    );
    check("a.ts", "export default function f() {}", &["pub Function f"]);
    check("a.ts", "function f() {} export default f", &["pub Function f"]);
    check(
        "a.js",
        "exports.f = function () {}; A.prototype.g = () => {}; module.exports = { h() {}, k }; function k() {}",
        &["pub Function f", "Method A.g", "pub Method h", "pub Function k"],
    );
}

#[test]
fn rust_symbols_have_their_paths() {
    check(
        "src/a.rs",
        "pub fn f() {} struct S<T> { a: T } impl<T> Trait for S<T> { const N: u8 = 1; type O = u8; fn m(&self) {} }\n\
         mod inner { pub(crate) fn g() {} } trait Trait { fn m(&self); } enum E { A } pub const C: u8 = 1;\n\
         #[cfg(feature = \"x\")] const D: u8 = 2;",
        &[
            "pub Function f",
            "Class S",
            "Constant S::N",
            "Method S::m",
            "Module inner",
            "pub Function inner::g",
            "Class Trait",
            "Method Trait::m",
            "Enum E",
            "pub Constant C",
            "Constant D",
        ],
    );
}

#[test]
fn the_innermost_symbol_holds_a_place() {
    let text = "import a from 'b';\n@Dec() export class Q { @Get('x') create() { return HERE } }\nTOP()";
    let facts = facts("a.ts", text);
    let at = |words: &str| {
        let start = text.find(words).expect(words);
        symbol_at(&facts, Bytes::new(start, start + words.len()))
    };
    assert_eq!(at("HERE"), "Q.create");
    assert_eq!(at("'x'"), "Q.create");
    assert_eq!(at("@Dec"), "Q");
    assert_eq!(at("TOP"), "");
}
