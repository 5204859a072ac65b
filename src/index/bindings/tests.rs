//! Declarations and uses, marked in the text: `«a»` is declared, and its uses are exactly the `‹a›`.

use super::*;
use crate::lang::Language;
use crate::source::{FileId, RepoPath};
use std::sync::Arc;

fn bindings(path: &str, text: &str) -> (FileFacts, Bindings) {
    let path = RepoPath::new(path).expect("a path");
    let language = Language::of(&path).expect("a language");
    let facts = crate::lang::read(FileId(0), &path, &Arc::from(text), language, &[]);
    let bindings = Bindings::of(&facts);
    (facts, bindings)
}

/// The text without its marks, and the bytes between each pair of `open` and `close`.
fn take_marks(text: &str) -> (String, Vec<Bytes>, Vec<Bytes>) {
    let (mut out, mut declared, mut uses, mut start) = (String::new(), Vec::new(), Vec::new(), 0);
    for c in text.chars() {
        match c {
            '«' | '‹' => start = out.len(),
            '»' => declared.push(Bytes::new(start, out.len())),
            '›' => uses.push(Bytes::new(start, out.len())),
            c => out.push(c),
        }
    }
    (out, declared, uses)
}

/// `«a»` is declared, and its uses are exactly the `‹a›`.
#[track_caller]
fn check_in(path: &str, marked: &str) {
    let (text, declared, uses) = take_marks(marked);
    let (facts, bindings) = bindings(path, &text);
    let found = bindings.all().iter().find(|d| d.bytes == declared[0]);
    let Some(found) = found else {
        panic!("not declared: {marked}\n{:#?}", bindings.all())
    };
    let bytes: Vec<Bytes> = bindings
        .uses(found)
        .iter()
        .map(|node| facts.tree.bytes(*node))
        .collect();
    assert_eq!(bytes, uses, "{marked}");
    for node in bindings.uses(found) {
        assert_eq!(
            bindings.declaration(*node).map(|d| d.bytes),
            Some(declared[0]),
            "{marked}"
        );
    }
}

#[track_caller]
fn check(marked: &str) {
    check_in("a.tsx", marked);
}

#[test]
fn what_declares_is_found() {
    check("import «flags» from './f'; ‹flags›.x; function f() { return ‹flags› }");
    check("import { a as «b» } from './f'; ‹b›(); a()");
    check("import * as «ns» from 'm'; ‹ns›.a");
    check("const «f» = require('m'); ‹f›()");
    check("const «on» = useFlag('k'); if (‹on›) { ‹on›; x.on; ({ on: 1 }) }");
    check("const { data: «on» = false } = q(); ‹on› && data");
    check("const [, «set»] = useState(); ‹set›(1)");
    check("function f(«a», b = ‹a›) { return ‹a› }");
    check("({ flags: «f» }) => ‹f›.x");
    check("try {} catch («e») { ‹e› }; e");
    check("for (const «k» of ks) { ‹k› } k");
    check("class «A» {} new ‹A›(); class B extends ‹A› {}");
    check("enum «E» { A } ‹E›.A");
    check("function «C»() {} const x = <‹C› a={‹C›} />");
    check("const «a» = 1; const o = { ‹a›, b: ‹a›, a() {} }");
    check("const «a» = 1; export { a }; export default ‹a›");
}

#[test]
fn shadows_are_respected() {
    check("const «a» = 1; { const a = 2; a } ‹a›");
    check("const a = 1; { const «a» = 2; ‹a› } a");
    check("import { «a» } from 'm'; function f(a) { a } ‹a›");
    check("const «a» = 1; function f() { a; var a = 2 } ‹a›");
    check("const «a» = 1; xs.map(({ a }) => a); ‹a›");
    check("const «a» = 1; switch (x) { case 1: let a; a }");
    check("const f = function «g»() { ‹g›() }; g()");
    check("type T = 1; const «T» = 1; ‹T›");
    check(
        "function «f»(): void; function f(a) { }"
            .replace("«f»", "f")
            .replace("f(a)", "«f»(a)")
            .as_str(),
    );
}

#[test]
fn functions_and_vars_are_hoisted() {
    check("‹f›(); function «f»() {}");
    check("‹v›; if (x) { var «v» = 1 } ‹v›");
    check("function g() { ‹v›; { var «v» } } v");
    check("{ let a } a; let «b»; ‹b›");
}

#[test]
fn rust_lets_shadow_in_order() {
    let check = |text: &str| check_in("src/a.rs", text);
    check("fn f() { let «a» = 1; g(‹a›); let a = ‹a›; g(a); }");
    check("fn f() { let a = 1; let «a» = a; g(‹a›); }");
    check("const «K»: u8 = 1; fn f() { g(‹K›); }");
    check("fn f() { g(‹K›); const «K»: u8 = 1; }");
    check("fn f() { if let Some(«x») = y { g(‹x›); } g(x); }");
    check("fn f() { match v { Some(«x») => ‹x›, None => x } }");
    check("fn f(«a»: A) -> bool { xs.map(|a| a); ‹a›.b }");
    check("use a::«flags»; fn f() { ‹flags::on›() }");
    check("fn f() { let Some(«a») = b else { return; }; g(‹a›); }");
    check("fn f() { ‹g›(); } fn «g»() {}");
}

#[test]
fn paths_and_defaults_lead_to_the_value() {
    let (facts, bindings) = bindings("a.ts", "const { data: { on = false, ...r }, xs: [, y] = [] } = q()");
    let path = |name: &str| {
        let declaration = bindings.top(name).expect(name);
        (
            declaration.path.clone(),
            declaration.default.map(|node| facts.words(node)),
        )
    };
    let property = |name: &str| Step::Property(name.into());
    assert_eq!(path("on"), (vec![property("data"), property("on")], Some("false")));
    assert_eq!(path("r"), (vec![property("data"), Step::Rest], None));
    assert_eq!(path("y"), (vec![property("xs"), Step::Element(1)], None));
}

#[test]
fn later_assignments_are_known() {
    let check = |text: &str, expected: &[&str]| {
        let (facts, bindings) = bindings("a.ts", text);
        let a = bindings.top("a").expect("a");
        let words: Vec<&str> = a.assignments.iter().map(|node| facts.words(*node)).collect();
        assert_eq!(words, expected, "{text}");
        assert!(a.uses.is_empty(), "{text}");
    };
    check(
        "let a; a = 1; a++; --a; [a] = b; ({ a } = b); { let a; a = 2 }",
        &["a = 1", "a++", "--a", "[a] = b", "{ a } = b"],
    );
    check("const a = 1", &[]);
    check("let a; for (a of b) {}", &["for (a of b) {}"]);
}
