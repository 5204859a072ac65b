//! Kotlin as neutral trees, drawn as one line for each statement.

use crate::lang::ParseHealth;
use crate::lang::drawing::{drawn, facts, laws};

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(drawn("a.kt", text), expected, "{text}");
    laws(&facts("a.kt", text));
}

#[test]
fn calls() {
    check("f.isOn(\"k\", default = false)", "f.isOn(\"k\" @default=false)");
    check("a?.b?.c(\"k\")", "a.b.c(\"k\")");
    check("f<T>(x) { y -> z(y) }", "f<type<T>>(x (fn (y) (return z(y))))");
    check(
        "every { f.isOn(\"k\") } returns true",
        "every((fn () (return f.isOn(\"k\")))).returns(true)",
    );
    check("f.onEnabled { a(); b }", "f.onEnabled((fn () { a() (return b) }))");
    check("x = a[\"k\"]!!.b", "(x := assert(a[\"k\"]).b)");
    check("x = mapOf(\"a\" to true, B to c)", "(x := {a:true [B]:c})");
    check("f(setOf(\"a\", B))", "f([\"a\" B])");
    check("f(\"a\" to true)", "f(a:true)");
    check(
        "x = object : A(\"k\") { override fun on() = true }",
        "(x := new:A(\"k\" (class - <>  (method on() (return true)))))",
    );
    check("x = Flags::on", "(x := Flags.on)");
    check("f(*a)", "f(...a)");
}

#[test]
fn negations_bind_as_kotlin_has_them() {
    check("x = !a.b(\"k\")", "(x := !a.b(\"k\"))");
    check("x = !a.b.c && !d()", "(x := (!a.b.c && !d()))");
    check("x = !f(!a.b())", "(x := !f(!a.b()))");
    check("x = !a!!.b(c)", "(x := !assert(a).b(c))");
    check("x = !a", "(x := !a)");
    check("x = !setOf(\"a\").b()", "(x := ![\"a\"].b())");
    check("x = a.b().not()", "(x := !a.b())");
    let facts = facts("a.kt", "x = !a.b(\"k\")");
    let words: Vec<&str> = facts.tree.ids().map(|id| facts.words(id)).collect();
    assert!(words.contains(&"a.b(\"k\")") && words.contains(&"a.b"), "{words:?}");
}

#[test]
fn texts() {
    check("x = \"a $b c\"", "(x := (template \"a \" b \" c\"))");
    check("x = \"${b.c}d\"", "(x := (template b.c \"d\"))");
    check("x = \"a\\nb\"", "(x := \"a\\nb\")");
    check("x = \"5 $\"", "(x := \"5 $\")");
    check("x = \"\"\"a \"b\" \"\"\"", "(x := \"a \\\"b\\\" \")");
    check("x = PREFIX + \"k\"", "(x := (template PREFIX \"k\"))");
}

#[test]
fn what_the_grammar_cannot_read() {
    check("val x = suspend { a() }.b(c)", "(const x = (fn () (return a())).b(c))");
    check("val x = $$\"a.b$c\"", "(const x = \"a.b$c\")");
    assert_eq!(facts("a.kt", "val x = suspend { a() }.b(c)").health, ParseHealth::Whole);
}

#[test]
fn conditions() {
    check("if (a && b) { c() } else d()", "(if (a && b) { c() } d())");
    check(
        "fun f() { if (!a) return; b() }",
        "(fn f() { (if !a (return -) -) b() })",
    );
    check("val x = if (a) b else c", "(const x = (a ? b : c))");
    check("val x = a ?: return", "(const x = (a ?? (return -)))");
    check(
        "val x = when (a) { \"b\", C -> d; else -> { e() } }",
        "(const x = (switch a (case [\"b\" C] d) (case [] { e() })))",
    );
    check(
        "when { a.b() -> c(); else -> d() }",
        "(switch true (case [a.b()] c()) (case [] d()))",
    );
    check(
        "when (val x = a) { true -> c() }",
        "{ (const x = a) (switch x (case [true] c())) }",
    );
    check("for (a in b) { c(a); break }", "(loop [(let a = -) b] { c(a) leave })");
    check("while (!a.b()) { continue }", "(loop [!a.b()] { leave })");
    check(
        "try { a() } catch (e: E) { b() }",
        "other({ a() } other(e type<E> { b() }))",
    );
    check("x = a and b or c", "(x := ((a && b) || c))");
}

#[test]
fn items() {
    check(
        "package n\nimport a.b.C\nimport a.b.C as D\nimport a.b.*\n",
        "other()\n(import \"a.b\" C>C)\n(import \"a.b\" C>D)\n(import \"a.b\" )",
    );
    check(
        "@Y(a = \"b\") class A(val k: Boolean = true, b: B) : C(b), D<E> {\n val z: Int = 1\n val on: Boolean get() = f.isOn(\"k\")\n companion object { const val K = \"k\" }\n @Test fun `a b`(x: Int = 2) { return }\n}",
        "(class A <new:C(b) D> @Y(@a=\"b\") (field  k:type<Boolean> = true) (field  b:type<B> = -) (field  z:type<Int> = #1) (method on() (return f.isOn(\"k\"))) (class - <>  (field  K:- = \"k\")) (@Test method a b(x=#2::type<Int>) { (return -) }))",
    );
    check(
        "enum class E(val k: String) : F { A(\"a\"), B(k = \"b\"), C; fun z() = 1 }",
        "(enum E (field  k:type<String> = -) (field  A:- = new:(\"a\")) (field  B:- = new:(@k=\"b\")) (field  C:- = -) (method z() (return #1)))",
    );
    check(
        "class A : B, C by c {\n val k = \"k\"\n fun f() { g() }\n}",
        "(class A <B C>  (field  k:- = \"k\") (method f() { g() }))",
    );
    check("object O { const val K = \"k\" }", "(class O <>  (field  K:- = \"k\"))");
    check(
        "interface I { val on: Boolean\n fun f(): Int }",
        "(interface I (field  on:type<Boolean> = -) (method f() -))",
    );
    check("const val K = \"k\"", "(const K = \"k\")");
    check("val x by lazy { a.b(\"k\") }", "(const x = a.b(\"k\"))");
    check("fun A.b(c: D) = e(c)", "(fn b(c::type<D>) (return e(c)))");
    check("val (a, b) = c", "(const [|a b|] = c)");
    check("typealias A = B", "(type A = type<B>)");
    check(
        "@file:Suppress(\"x\")\nval a = 1",
        "other(@Suppress(\"x\"))\n(const a = #1)",
    );
}

#[test]
fn broken_and_deep_text() {
    let broken = facts("a.kt", "class A {\n  fun b() {\n    f.isEnabled(\"k\"\n");
    assert!(matches!(broken.health, ParseHealth::Partial(_)), "{:?}", broken.health);
    for (open, close) in [
        ("(", ")"),
        ("if (a) {", "}"),
        ("!", ""),
        ("a.b(", ")"),
        ("!a.b(", ")"),
        ("a { ", "}"),
        ("A<", ">"),
        ("\"${", "}\""),
    ] {
        let text = format!("val x = {}1{}", open.repeat(3_000), close.repeat(3_000));
        laws(&facts("a.kt", &text));
    }
    for text in [
        "",
        "\u{0}",
        "\"",
        "\"\"\"",
        "class",
        "@A",
        "@A(",
        "a.",
        "object :",
        "when",
        "val é = \"ü$é\"",
        "import",
        "enum class E { A(",
        "for (",
        "!",
        "!a.",
        "a::",
        "val",
        "fun",
        "if",
        "if (a)",
        "if (a) else",
        "`a`",
        "\"$",
    ] {
        laws(&facts("a.kt", text));
    }
}
