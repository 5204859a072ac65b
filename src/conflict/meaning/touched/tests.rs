//! What changes touch, by their words.

use super::*;

fn touched(path: &str, old: &str, new: &str) -> Touched {
    Touched::of(&RepoPath::new(path).expect("a path"), [Some(old), Some(new)])
}

fn lost(path: &str, old: &str, new: &str, word: &str) -> bool {
    touched(path, old, new).lost.contains(&number(word))
}

#[test]
fn what_stands_in_a_body_is_nobody_elses() {
    for (path, old, new) in [
        (
            "a.ts",
            "export function sum(\n  a: number,\n): number {\n  return a\n}\n",
            "a",
        ),
        (
            "a.rs",
            "impl Cart {\n    fn sum(&self) -> u8\n    where\n        Self: Sized,\n    {\n        a\n    }\n}\n",
            "a",
        ),
        (
            "a.py",
            "class Cart:\n    def sum(\n        self,\n    ):\n        a = 1\n",
            "a",
        ),
        (
            "a.go",
            "func (c *Cart) Sum() int {\n\tif c.x {\n\t\treturn a\n\t}\n}\n",
            "a",
        ),
    ] {
        let at = old.rfind(new).expect("it is there");
        let changed = format!("{}b{}", &old[..at], &old[at + 1..]);
        let touched = touched(path, old, &changed);
        assert!(touched.lost.is_empty() && touched.made.is_empty(), "{path}");
        assert!(touched.said.contains(&number("b")), "{path}");
    }
}

#[test]
fn what_is_declared_may_be_gone() {
    for (path, old, new, word) in [
        (
            "a.ts",
            "export function sum(\n  a: number,\n) {\n}\n",
            "export function sum(\n  a: number,\n  b: number,\n) {\n}\n",
            "sum",
        ),
        (
            "a.ts",
            "export enum Kind {\n  A,\n  B,\n}\n",
            "export enum Kind {\n  A,\n}\n",
            "B",
        ),
        (
            "a.ts",
            "class Cart {\n  private async total(): X {\n  }\n}\n",
            "class Cart {\n}\n",
            "total",
        ),
        ("a.rs", "pub(crate) fn sum() {}\n", "pub(crate) fn total() {}\n", "sum"),
        ("a.rs", "mod a {\n    pub struct Cart;\n}\n", "mod a {\n}\n", "Cart"),
        (
            "a.py",
            "class Cart:\n    def sum(self, a):\n        pass\n",
            "class Cart:\n    def sum(self):\n        pass\n",
            "sum",
        ),
        (
            "a.go",
            "const (\n\tOne = 1\n\tTwo = 2\n)\n",
            "const (\n\tOne = 1\n)\n",
            "Two",
        ),
        (
            "a.go",
            "func (c *Cart) Sum() {\n}\n",
            "func (c *Cart) Total() {\n}\n",
            "Sum",
        ),
    ] {
        assert!(lost(path, old, new, word), "{path}: {old}");
    }
}

#[test]
fn a_flag_is_turned_by_its_value_and_gone_with_its_name() {
    let flags = |old: &str, new: &str| touched("flags.ts", old, new).flags.expect("it may define flags");
    assert!(
        flags(
            "const flags = {\n  tax: false,\n}\n",
            "const flags = {\n  tax: true,\n}\n"
        )
        .turned
    );
    let gone = flags("const flags = {\n  'new-tax': false,\n}\n", "const flags = {\n}\n");
    assert!(gone.faded.contains(&number("new-tax")));
    let other = flags(
        "const flags = {\n  tax: false,\n}\nlet a = 'x'\n",
        "const flags = {\n  tax: false,\n}\nlet a = 'y'\n",
    );
    assert!(!other.turned && !other.faded.contains(&number("tax")));
    assert!(touched("a.ts", "let tax = 1\n", "let tax = 2\n").flags.is_none());
}
