//! Java as neutral trees, drawn as one line for each statement.

use crate::lang::ParseHealth;
use crate::lang::drawing::{drawn, facts, laws};

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(drawn("A.java", text), expected, "{text}");
    laws(&facts("A.java", text));
}

#[test]
fn calls() {
    check(
        "client.getBooleanValue(\"k\", false);",
        "client.getBooleanValue(\"k\" false)",
    );
    check("isOn(A.B);", "isOn(A.B)");
    check("this.<T>on(x, 1);", "this.on<type<T>>(x #1)");
    check(
        "when(flags.isEnabled(\"k\")).thenReturn(true);",
        "when(flags.isEnabled(\"k\")).thenReturn(true)",
    );
    check("x.map(y -> y.on(\"k\"));", "x.map((fn (y) (return y.on(\"k\"))))");
    check("x.map(Flags::on);", "x.map(Flags.on)");
    check("x = Boolean.TRUE.equals(y);", "(x := (true Equal y))");
    check("x = Objects.equals(y, \"z\");", "(x := (y Equal \"z\"))");
    check("x = PREFIX + \"k\";", "(x := (template PREFIX \"k\"))");
    check("x = new A<B>(\"k\", true);", "(x := new:A(\"k\" true))");
    check(
        "x = new A() { boolean on() { return true; } };",
        "(x := new:A((class - <>  (method on() { (return true) }))))",
    );
    check("x = (boolean) a[\"k\"];", "(x := cast(a[\"k\"]))");
}

#[test]
fn conditions() {
    check("if (!a && b) { c(); } else d();", "(if paren((!a && b)) { c() } d())");
    check(
        "if (a) return; throw new E(\"no\");",
        "(if paren(a) (return -) -)\n(throw new:E(\"no\"))",
    );
    check("x = a ? b : c;", "(x := (a ? b : c))");
    check("x = a instanceof B;", "(x := (a Other type<B>))");
    check(
        "switch (a) { case \"x\": b(); break; default: c(); }",
        "(switch paren(a) (case [\"x\"] b() leave) (case [] c()))",
    );
    check(
        "x = switch (a) { case X, Y -> b; default -> { yield c; } };",
        "(x := (switch paren(a) (case [X Y] b) (case [] { { c leave } })))",
    );
    check("for (A a : b) { c(a); }", "(loop [(let a = -) b] { c(a) })");
    check(
        "for (int i = 0; i < 3; i++) c();",
        "(loop [(let i:type<> = #0) (i Other #3) other(i)] c())",
    );
    check(
        "try (A a = b) { c(); } catch (E e) { d(); }",
        "other((with [(const a:type<A> = b)] { c() }) other(other(type<E> e) { d() }))",
    );
    check("final A a = b, c = d;", "(const a:type<A> = b)\n(const c = d)");
    check("while (a) { continue; }", "(loop [paren(a)] { leave })");
}

#[test]
fn items() {
    check(
        "package n; import a.b.C; import static a.B.c; import a.b.*;",
        "other()\n(import \"a.b\" C>C)\n(import \"a.B\" c>c)\n(import \"a.b\" )",
    );
    check(
        "@RestController @ConditionalOnProperty(name = \"k\", havingValue = {\"a\", \"b\"}) public class A extends B implements C<D> { static final String K = \"k\"; A(B b) { super(b); } @Test void go(int a, String... b) { return; } }",
        "(class A <B C> @RestController @ConditionalOnProperty(@name=\"k\" @havingValue=[\"a\" \"b\"]) (field  K:type<String> = \"k\") (constructor A(b::type<B>) { super(b) }) (@Test method go(a::type<> b) { (return -) }))",
    );
    check(
        "enum E implements F { @EnabledByDefault A, B(\"b\", true); final String k; boolean on() { return m.isActive(this); } }",
        "(enum E (field @EnabledByDefault A:- = -) (field  B:- = new:(\"b\" true)) (field  k:type<String> = -) (method on() { (return m.isActive(this)) }))",
    );
    check("interface I { boolean on(); }", "(interface I (method on() -))");
    check(
        "interface I { String K = \"k\"; }",
        "(class I <>  (field  K:type<String> = \"k\"))",
    );
    check("record R(boolean a) { }", "(class R <>  (field  a:type<> = -))");
    check(
        "class A { @Value(\"${f.x:false}\") private boolean x; static { y(); } }",
        "(class A <>  (field @Value(\"${f.x:false}\") x:type<> = -) { y() })",
    );
}

#[test]
fn broken_and_deep_text() {
    let broken = facts("A.java", "class A {\n  void b() {\n    f.isEnabled(\"k\"\n");
    assert!(matches!(broken.health, ParseHealth::Partial(_)), "{:?}", broken.health);
    for (open, close) in [
        ("(", ")"),
        ("if (a) {", "}"),
        ("!", ""),
        ("a.b(", ")"),
        ("a + (", ")"),
        ("A<", ">"),
    ] {
        let text = format!("{}1{}", open.repeat(3_000), close.repeat(3_000));
        laws(&facts("A.java", &text));
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
        "new A(",
        "switch",
        "é = \"ü\";",
        "import",
        "import a",
        "enum E { A(",
        "for (",
        "try (",
        "::a",
        "a::",
    ] {
        laws(&facts("A.java", text));
    }
}
