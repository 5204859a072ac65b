//! Source text in, neutral tree out, drawn as one line. Drawing it also holds every tree to the laws of `lang::tree`.

use std::sync::Arc;

use crate::lang::drawing::{drawn, facts, facts_with};
use crate::lang::tree::Syntax;
use crate::lang::{FileFacts, Language, ParseHealth};
use crate::source::{Bytes, FileId, RepoPath};

#[track_caller]
fn check(text: &str, expected: &str) {
    check_in("a.ts", text, expected);
}

#[track_caller]
fn check_in(path: &str, text: &str, expected: &str) {
    assert_eq!(drawn(path, text), expected, "\nfor {text}");
    assert_eq!(facts(path, text).health, ParseHealth::Whole, "\nfor {text}");
}

#[test]
fn calls() {
    check("f(a, /* c */ 'b')", r#"f(a "b")"#);
    check("a?.b?.(1)", "a.b(#1)");
    check("x.y<Foo, 'k'>(z)", r#"x.y<Foo "k">(z)"#);
    check("new Feature<boolean>('k', false)", r#"new:Feature("k" false)"#);
    check("new A", "new:A()");
    check("it.each`a|b ${1}`('t', fn)", r#"it.each((template "a|b " #1))("t" fn)"#);
    check("tag`plain`", r#"tag("plain")"#);
    check("f(...xs, -1, !y, !!z)", "f(...xs #-1 !y !!z)");
    check("import('./m').then(f)", r#"import("./m").then(f)"#);
    check("await f()", "await(f())");
    check("(await f()).x", "paren(await(f())).x");
    check("process.env['A']", r#"process.env["A"]"#);
    check("styled.a<{ b: C }>`x`", r#"styled.a<type<(field  b:C = -)>>("x")"#);
    check("styled(A)<B>`x${c}`", r#"styled(A)<B>((template "x" c))"#);
    check("a < b > c; f<T>!()", "((a Other b) Other c)\nf<T>()");
    check(
        "await vi.importActual<typeof import('./m')>('./m')",
        r#"await(vi.importActual<_>("./m"))"#.replace('_', "typeof import('./m')").as_str(),
    );
    check("import.meta.env.VITE_X", "import.meta.env.VITE_X");
    check("this.#on", "this.#on");
}

#[test]
fn values() {
    check(
        "x = { a, 'b-c': 1, [d]: 2, ['e']: 3, ...f, g() {}, get h() { return 1 }, 7: null }",
        "(x := {a:a b-c:#1 [d]:#2 e:#3 ...f (method g() {  }) (method h() { (return #1) }) 7:nothing})",
    );
    check("a && b || !c ?? d", "(((a && b) || !c) ?? d)");
    check(
        "a === 'on'; b !== true; c < 1; d instanceof E",
        "(a Equal \"on\")\n(b NotEqual true)\n(c Other #1)\n(d Other E)",
    );
    check("a + b + c", "other(a b c)");
    check("a + b === c", "(other(a b) Equal c)");
    check("a + b && c", "(other(a b) && c)");
    check("t ? y : n", "(t ? y : n)");
    check("'k' as const", r#"cast("k")"#);
    check("({ a: 1 }) satisfies Record<K, T>", "cast(paren({a:#1}))");
    check("<T>x", "cast(x)");
    check("x!.y", "assert(x).y");
    check("`a${b}c\\n${ d }`", r#"(template "a" b "c\n" d)"#);
    check("``", r#""""#);
    check("[1, , x]", "[#1 nothing x]");
    check(
        "typeof x; void 0; i++; delete process.env.X",
        "other(x)\nother(#0)\nother(i)\n(delete process.env.X)",
    );
    check("a ||= b; c += 1", "(a := b)\n(c := #1)");
    check("undefined; null; /re/g", "nothing\nnothing\nother()");
    check("'\\u0061\\'b'", r#""a'b""#);
    check("a, b", "other(a b)");
}

#[test]
fn functions() {
    check(
        "function f(a: number, { b, c: d = 1, ...r }: P, [e, , g] = []) { return a }",
        "(fn f(a::type<> {|b:b c:d=#1 ...r|}::P [|e nothing g|]=[]) { (return a) })",
    );
    check(
        "const f = async (x) => await g(x)",
        "(const f = (fn (x) (return await(g(x)))))",
    );
    check("x => ({ a: x })", "(fn (x) (return paren({a:x})))");
    check("(this: Foo, a?: A) => {}", "(fn (a::A) {  })");
    check("function* g() { yield h() }", "(fn g() { other(h()) })");
    check("declare function f(a: T): void", "(fn f(a::T) -)");
    check("(a: readonly K[]) => 0", "(fn (a::type<K>) (return #0))");
    check("(...rest) => 0", "(fn (...rest) (return #0))");
}

#[test]
fn statements() {
    check("if (a) b(); else if (c) {} else { d }", "(if a b() (if c {  } { d }))");
    check("if (a) ; else b", "(if a {  } b)");
    check(
        "switch (v) { case 'a': case 'b': f(); break; default: g() }",
        "(switch v (case [\"a\"] ) (case [\"b\"] f() leave) (case [] g()))",
    );
    check("for (const x of xs) f(x)", "(loop [(const x = -) xs] f(x))");
    check(
        "for (let i = 0, n = 1; i < n; i++) {}",
        "(loop [(let i = #0) (let n = #1) (i Other n) other(i)] {  })",
    );
    check("for (x in y) {}", "(loop [x y] {  })");
    check("while (a) b; do c; while (d)", "(loop [a] b)\n(loop [d] c)");
    check("out: for (;;) { continue out }", "(loop [] { leave })");
    check(
        "try { a } catch (e) { b } finally { c }",
        "other({ a } other((let e = -) { b }) { c })",
    );
    check("try { a } catch { b }", "other({ a } other({ b }))");
    check(
        "throw new E('x'); function f() { return }",
        "(throw new:E(\"x\"))\n(fn f() { (return -) })",
    );
    check(
        "const a = 1, b: B = 2; let c; var d = 3",
        "(const a = #1)\n(const b:B = #2)\n(let c = -)\n(var d = #3)",
    );
    check(
        "const { data: { on } = {} } = useQuery()",
        "(const {|data:{|on:on|}={}|} = useQuery())",
    );
    check("'use client'; debugger; ;", r#""use client""#);
}

#[test]
fn items() {
    check(
        "@Injectable() export class A extends B<C> implements D, E { private x: T = 1; #y; static z = () => 1; f() {} }",
        "(export [] (class A <B D E> @Injectable() (field  x:T = #1) (field  #y:- = -) (field  z:- = (fn () (return #1))) (method f() {  })))",
    );
    check(
        "class A { constructor(private readonly flags: Flags, public a = 1, b: B) { super() } }",
        "(class A <>  (constructor constructor(flags a=#1 b::B) { super() }) (field  flags:Flags = -) (field  a:- = -))",
    );
    check(
        "class A { @Get('x') @Flag(F.a) f() {} @Input() on = false; @Dec g = 1; ['k']() {} [c]() {} }",
        concat!(
            r#"(class A <>  (@Get("x") @Flag(F.a) method f() {  }) (field @Input() on:- = false) (field @Dec g:- = #1) "#,
            r#"(method k() {  }) (field  [c]:- = (method () {  })))"#
        ),
    );
    check(
        "abstract class A { abstract f(a: X): Y; static { init() } }",
        "(class A <>  (method f(a::X) -) { init() })",
    );
    check("export default class {}", "(export default [] (class - <>  ))");
    check(
        "interface I extends J { a: boolean; 'b-c'?: T; f(x: X): void; (y): Z; [k: string]: boolean }",
        "(interface I (field  a:type<> = -) (field  b-c:T = -) (method f(x::X) -) type<k type<> type<>>)",
    );
    check(
        "type K = 'a' | 'b' | \"c\" | undefined",
        r#"(type K = type<"a" "b" "c" nothing>)"#,
    );
    check(
        "type R = Record<K, boolean> & { x: typeof y }",
        "(type R = type<type<Record K type<>> type<(field  x:type<y> = -)>>)",
    );
    check(
        "enum E { A = 'a', B, 'c-d' = 1 }",
        r#"(enum E (field  A:- = "a") (field  B:- = -) (field  c-d:- = #1))"#,
    );
    check(
        "namespace N { export const a = 1 }",
        "(module N (export [] (const a = #1)))",
    );
    check("declare module 'm' { function f(): void }", "(module m (fn f() -))");
    check("type T = [a: A, b?: B]", "(type T = type<A B>)");
    check(
        "let f: (string) => void, g: (a: A) => B",
        "(let f:type<> = -)\n(let g:type<> = -)",
    );
    check("declare const x: T", "(const x:T = -)");
}

#[test]
fn modules() {
    check(
        "import d, { a, b as c, type T } from './m'",
        r#"(import "./m" default>d a>a b>c T>T)"#,
    );
    check(
        "import * as ns from 'm'; import 'x'",
        "(import \"m\" *>ns)\n(import \"x\" )",
    );
    check(
        "import type { A } from 'm'; import { type B } from 'm'",
        "(import type \"m\" A>A)\n(import type \"m\" B>B)",
    );
    check("import x = require('m')", r#"(import "m" *>x)"#);
    check("import A = B.C", "(const A = B.C)");
    check(
        "const x = require('m'); const { a, b: c } = require('m')",
        "(import \"m\" *>x)\n(import \"m\" a>a b>c)",
    );
    check("const f = require('m').default", r#"(import "m" default>f)"#);
    check("const { a } = await import('m')", r#"(import "m" a>a)"#);
    check("const { a = 1 } = require('m')", r#"(const {|a:a=#1|} = require("m"))"#);
    check(
        "function f() { const x = require('m') }",
        r#"(fn f() { (const x = require("m")) })"#,
    );
    check(
        "export { a, b as c, d as default }; export { e } from 'm'; export * from 'n'; export * as o from 'p'",
        "(export [a>a b>c d>default] -)\n(export \"m\" [e>e] -)\n(export \"n\" [*>*] -)\n(export \"p\" [*>o] -)",
    );
    check(
        "export const a = 1, b = 2; export default f(x); export function g() {}",
        "(export [] (const a = #1))\n(export [] (const b = #2))\n(export default [] f(x))\n(export [] (fn g() {  }))",
    );
    check(
        "export = x; export type { T } from 'm'",
        "(export default [] x)\n(export \"m\" [T>T] -)",
    );
}

#[test]
fn markup() {
    let check = |text: &str, expected: &str| check_in("a.tsx", text, expected);
    check(
        "<Feature name='x' on {...p} render={() => <B/>}>hi  there {on && <A />}</Feature>",
        r#"<Feature @name="x" @on=- ...p @render=(fn () (return <B ></>))>~hi there~ (on && <A ></>)</>"#,
    );
    check(
        "<><Ld.Flag key={'a'} b={`c`}/>{/* none */}</>",
        r#"<- ><Ld.Flag @key="a" @b="c"></></>"#,
    );
    check("<a b=\"c\\n\">{x ? 1 : 2}</a>", r#"<a @b="c\\n">(x ? #1 : #2)</>"#);
    check("<p>a & b {c} & d</p>", "<p >~a~ ~& b~ c ~& d~</>");
    check("<Foo<T> a />", "<Foo @a=-></>");
}

#[test]
fn javascript_is_read_with_the_tsx_grammar() {
    check_in(
        "a.js",
        "const a = <div>{b}</div>; module.exports = { a }",
        "(const a = <div >b</>)\n(module.exports := {a:a})",
    );
    check_in(
        "a.mjs",
        "export const f = (x) => x",
        "(export [] (const f = (fn (x) (return x))))",
    );
}

#[test]
fn comments_are_kept_aside_and_in_order() {
    let text = "// one\nf(/* two */ a) /** three */\n<!-- no";
    let facts = facts("a.js", "// one\nf(/* two */ a) /** three */\n");
    let words: Vec<&str> = facts
        .comments
        .iter()
        .map(|comment| facts.slice(comment.bytes))
        .collect();
    assert_eq!(words, ["// one", "/* two */", "/** three */"], "{text}");
}

#[test]
fn broken_text_keeps_its_whole_parts() {
    let text = "import { a } from 'm'\nconst x = {{{ ;\nfunction ok() { return flag('k') }\n";
    let facts = facts("a.ts", text);
    assert!(
        matches!(facts.health, ParseHealth::Partial(n) if n > 0),
        "{:?}",
        facts.health
    );
    let calls = facts
        .tree
        .ids()
        .filter(|id| matches!(facts.tree.syntax(*id), Syntax::Call { .. }));
    assert_eq!(calls.map(|id| facts.words(id)).collect::<Vec<_>>(), ["flag('k')"]);
    assert!(
        facts
            .tree
            .ids()
            .any(|id| matches!(facts.tree.syntax(id), Syntax::Error(_)))
    );
}

#[test]
fn odd_texts_do_no_harm() {
    for text in [
        "",
        "\u{feff}",
        "\u{feff}const a = 1",
        "#!/usr/bin/env node\nf()",
        "}",
        "'",
        "`${",
        "\0\0",
        "class",
        "é = 'ü'",
        "a ? b",
        "x.",
        "({",
        "<a",
        "<a b=",
        "@",
        "import {",
        "export {",
        "enum {",
        "type =",
        "f(",
        "a[",
        "for (",
        "switch (a) { case",
        "\r\n\r\n",
    ] {
        for path in ["a.ts", "a.tsx", "a.js"] {
            let facts = facts(path, text);
            assert!(facts.tree.root().is_some(), "{path} {text:?}");
        }
    }
}

/// Runs on a thread with the stack that a worker has.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    thread.expect("a thread").join().expect("no overflow");
}

#[test]
fn depth_is_bounded() {
    on_a_small_stack(|| {
        let deep = 5_000;
        let texts = [
            "(".repeat(100_000) + "x" + &")".repeat(100_000),
            "[".repeat(deep),
            "{".repeat(deep),
            "a".to_string() + &".b()".repeat(deep),
            "!".repeat(deep) + "a",
            "a".to_string() + &" && a".repeat(deep),
            "if (a) {} else ".repeat(deep) + "b",
            "f(() => {".repeat(deep),
        ];
        for text in texts {
            let facts = facts_without_laws("a.tsx", &text);
            assert!(facts.health != ParseHealth::Whole, "{}", &text[..8]);
            let depth = facts
                .tree
                .ids()
                .rev()
                .take(1)
                .map(|id| facts.tree.ancestors(id).count())
                .max();
            assert!(depth.unwrap_or(0) <= 3_000);
        }
    });
}

fn facts_without_laws(path: &str, text: &str) -> FileFacts {
    let path = RepoPath::new(path).expect("a path");
    crate::lang::read(FileId(0), &path, &Arc::from(text), Language::Tsx, &[])
}

#[test]
fn long_sums_and_unions_are_not_deep() {
    let sum = format!("x = {}'z'", "'a' +\n".repeat(5_000));
    assert_eq!(facts("a.ts", &sum).health, ParseHealth::Whole);
    let union = format!("type K = {} 'z'", "| 'a'\n".repeat(5_000).replacen("| ", "", 1) + "|");
    let facts = facts("a.ts", &union);
    assert_eq!(facts.health, ParseHealth::Whole);
    let texts = facts
        .tree
        .ids()
        .filter(|id| matches!(facts.tree.syntax(*id), Syntax::Text(_)))
        .count();
    assert_eq!(texts, 5_001);
}

/// The bytes between the marks `«` and `»` of `text`, which are taken out.
fn marked(text: &str) -> (String, Bytes) {
    let start = text.find('«').expect("a mark");
    let rest = text.replacen('«', "", 1);
    let end = rest.find('»').expect("a mark");
    (rest.replacen('»', "", 1), Bytes::new(start, end))
}

#[test]
fn bytes_are_those_of_the_source() {
    let check = |text: &str, is: fn(&Syntax) -> bool| {
        let (text, bytes) = marked(text);
        let facts = facts("a.tsx", &text);
        let found: Vec<Bytes> = facts
            .tree
            .ids()
            .filter(|id| is(facts.tree.syntax(*id)))
            .map(|id| facts.tree.bytes(id))
            .collect();
        assert_eq!(found, [bytes], "{text}");
    };
    check("f(); «const a = 1;» g()", |s| matches!(s, Syntax::Let { .. }));
    check("é(«`x${a}`»)", |s| matches!(s, Syntax::Template(_)));
    check(
        "if (a) «{ }» else c",
        |s| matches!(s, Syntax::Block(items) if items.is_empty()),
    );
    check("<A «b={c}» />", |s| matches!(s, Syntax::Attribute { .. }));
    check("«export const x = 1;»\n", |s| matches!(s, Syntax::Export { .. }));
    check("() => «a.b»", |s| matches!(s, Syntax::Return(_)));
    check("class A { @D() «f() {}» }", |s| matches!(s, Syntax::Function(_)));
}

#[test]
fn queries_are_checked_and_run() {
    use crate::lang::queries::{CompiledQuery, QueryError, compile};
    let refused = |text: &str| compile(Language::TypeScript, text).expect_err(text);
    assert!(matches!(
        refused("(no_such_node) @a"),
        QueryError::Rejected { line: 1, .. }
    ));
    assert!(matches!(
        refused("(call_expression no_field: (_) @a)"),
        QueryError::Rejected { .. }
    ));
    assert!(matches!(refused("(call_expression"), QueryError::Rejected { .. }));
    assert!(matches!(
        refused("(identifier) @a\n(string)"),
        QueryError::NoCapture { line: 2 }
    ));
    assert!(matches!(
        refused("((identifier) @a)\n(#eq? @a \"x\")"),
        QueryError::NoCapture { .. }
    ));
    assert!(matches!(refused(""), QueryError::Empty));
    assert!(matches!(refused("((identifier) @a (#foo? @a))"), QueryError::UnknownPredicate { name } if name == "foo?"));
    assert!(matches!(
        refused("((identifier) @a (#in-kind? \"x\"))"),
        QueryError::BadArguments { .. }
    ));

    let text = r#"((string) @key (#eq? @key "'k'") (#not-in-kind? @key "arguments") (#import? "sdk"))"#;
    let query = |language| compile(language, text).expect("compiles");
    let list: [CompiledQuery; 2] = [query(Language::TypeScript), query(Language::Tsx)];
    assert_eq!(list[0].captures_of(0).into_iter().collect::<Vec<_>>(), ["key"]);
    assert_eq!(&*list[0].predicates(0)[0].name, "import?");
    let facts = facts_with("a.tsx", "f('k'); x = 'k'; y = 'j'", &list);
    let found: Vec<_> = facts
        .matches
        .iter()
        .map(|m| (m.query, facts.slice(m.captures[0].1), m.captures[0].1.start))
        .collect();
    assert_eq!(found, [(1, "'k'", 12)]);
}
