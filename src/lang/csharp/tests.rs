//! C# as neutral trees, drawn as one line for each statement.

use crate::lang::ParseHealth;
use crate::lang::drawing::{drawn, facts, laws};

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(drawn("a.cs", text), expected, "{text}");
    laws(&facts("a.cs", text));
}

#[test]
fn calls() {
    check("f.IsEnabled(\"k\", user);", "f.IsEnabled(\"k\" user)");
    check("await f.IsEnabledAsync(nameof(A.B));", "await(f.IsEnabledAsync(\"B\"))");
    check("c.GetValue<bool>(\"a:b\");", "c.GetValue<type<>>(\"a:b\")");
    check("f?.IsOn(\"k\");", "f.IsOn(\"k\")");
    check("x = a?.b?.c;", "(x := a.b.c)");
    check("f.G(key: \"k\", d: false);", "f.G(@key=\"k\" @d=false)");
    check(
        "m.Setup(x => x.A(\"k\")).Returns(true);",
        "m.Setup((fn (x) (return x.A(\"k\")))).Returns(true)",
    );
    check("x = a[\"k\"];", "(x := a[\"k\"])");
}

#[test]
fn objects_and_texts() {
    check(
        "var x = new A { B = true, C = \"d\" };",
        "(let x:type<> = {B:true C:\"d\"})",
    );
    check(
        "var x = new Dictionary<string, string> { [\"a:b\"] = \"true\", { \"c\", \"d\" } };",
        "(let x:type<> = {a:b:\"true\" c:\"d\"})",
    );
    check("var x = new A(\"k\", false);", "(let x:type<> = new:A(\"k\" false))");
    check("x = $\"a {b} c\";", "(x := (template \"a \" b \" c\"))");
    check("x = @\"a\"\"b\";", "(x := \"a\\\"b\")");
    check("x = new[] { 1, 2 };", "(x := [#1 #2])");
}

#[test]
fn conditions() {
    check("if (!a && b) { c(); } else d();", "(if (!a && b) { c() } d())");
    check(
        "if (a) return; throw new E(\"no\");",
        "(if a (return -) -)\n(throw new:E(\"no\"))",
    );
    check("x = a ? b : c ?? d;", "(x := (a ? b : (c ?? d)))");
    check("x = a is true;", "(x := (a Equal true))");
    check("x = a is not null;", "(x := (a NotEqual nothing))");
    check(
        "switch (a) { case \"x\": b(); break; default: c(); break; }",
        "(switch a (case [\"x\"] b() leave) (case [] c() leave))",
    );
    check(
        "x = a switch { true => b, _ => c };",
        "(x := (switch a (case [true] b) (case [] c)))",
    );
    check("foreach (var a in b) { c(a); }", "(loop [(let a = -) b] { c(a) })");
    check("using (var a = b) { c(); }", "(with [(let a:type<> = b)] { c() })");
}

#[test]
fn items() {
    check(
        "namespace N { [FeatureGate(\"k\")] public class A : B { public const string K = \"k\"; [Fact(Skip = \"no\")] public async Task Go(int a, bool b = false) { return; } } }",
        "(module N (class A <B> @FeatureGate(\"k\") (field  K:type<> = \"k\") (@Fact(@Skip=\"no\") method Go(a::type<> b=false::type<>) { (return -) })))",
    );
    check("using A.B;", "(import \"A.B\" )");
    check("enum E { A, B = 2 }", "(enum E (field  A:- = -) (field  B:- = #2))");
    check(
        "class A { public bool B { get; set; } = true; }",
        "(class A <>  (field  B:type<> = true))",
    );
    check(
        "class A { public bool B => c.D(\"k\"); }",
        "(class A <>  (method B() (return c.D(\"k\"))))",
    );
    check(
        "class A { bool B { get { return c; } } }",
        "(class A <>  (method B() { (return c) }))",
    );
    check(
        "class A { A(B b) { x = b; } }",
        "(class A <>  (constructor A(b::type<B>) { (x := b) }))",
    );
    check("record R(bool A = true);", "(class R <>  (field  A:type<> = true))");
}

#[test]
fn broken_and_deep_text() {
    let broken = facts("a.cs", "class A {\n  void B() {\n    f.IsEnabled(\"k\"\n");
    assert!(matches!(broken.health, ParseHealth::Partial(_)), "{:?}", broken.health);
    for (open, close) in [("(", ")"), ("if (a) {", "}"), ("!", ""), ("a.b(", ")"), ("a?.b(", ")")] {
        let text = format!("{}1{}", open.repeat(3_000), close.repeat(3_000));
        laws(&facts("a.cs", &text));
    }
    for text in [
        "",
        "\u{0}",
        "$\"{",
        "@\"",
        "class",
        "[A",
        "a?",
        "a?.",
        "new {",
        "switch",
        "é = \"ü\";",
        "?.b",
        "x?[",
        "namespace",
    ] {
        laws(&facts("a.cs", text));
    }
}
