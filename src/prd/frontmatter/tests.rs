//! Front matter in YAML and TOML: the words and where each stands, and what is broken.

use super::*;

fn flat(value: &Value, text: &str, path: &str, out: &mut Vec<String>) {
    match &value.data {
        Data::Nothing => out.push(format!("{path}=~")),
        Data::Scalar(words) => {
            assert_eq!(&text[value.bytes.range()], words, "the place of {path}");
            out.push(format!("{path}={words}"));
        }
        Data::List(items) => items
            .iter()
            .for_each(|item| flat(item, text, &format!("{path}[]"), out)),
        Data::Map(fields) => {
            for field in fields {
                assert_eq!(&text[field.key_bytes.range()], field.key);
                flat(&field.value, text, &format!("{path}.{}", field.key), out);
            }
        }
    }
}

fn check(text: &str, expected: &[&str], body: &str) {
    let read = read(text);
    assert_eq!(read.problem, None);
    let mut out = Vec::new();
    for field in &read.fields {
        flat(&field.value, text, &field.key, &mut out);
    }
    assert_eq!(out, expected);
    assert_eq!(&text[read.body..], body);
}

#[test]
fn yaml_keeps_words_and_places() {
    check(
        "---\nid: 011-tax\ntitle: \"Tax, säuberlich\"\ndepends_on: [007, '003-snapshot-writer']\nflags:\n  assumes:\n    k: on\nempty:\n---\nBody\n",
        &[
            "id=011-tax",
            "title=Tax, säuberlich",
            "depends_on[]=007",
            "depends_on[]=003-snapshot-writer",
            "flags.assumes.k=on",
            "empty=~",
        ],
        "Body\n",
    );
}

#[test]
fn toml_keeps_words_and_places() {
    check(
        "+++\nid = \"017-audit\"\ndepends_on = [\"011-tax\", 9]\n[flags.assumes]\nk = true\n+++\n# Audit\n",
        &[
            "id=017-audit",
            "depends_on[]=011-tax",
            "depends_on[]=9",
            "flags.assumes.k=true",
        ],
        "# Audit\n",
    );
}

#[test]
fn windows_line_ends_and_a_byte_order_mark() {
    check(
        "\u{feff}---\r\nid: a\r\nbranch: feat/tax\r\n---\r\nBody",
        &["id=a", "branch=feat/tax"],
        "Body",
    );
}

#[test]
fn a_thematic_break_is_no_front_matter() {
    check("---\n\nWords\n", &[], "---\n\nWords\n");
    check("---\n# Tax\n\nWords\n", &[], "---\n# Tax\n\nWords\n");
    check("---\n# Tax\nStatus: draft\n", &[], "---\n# Tax\nStatus: draft\n");
    for template in ["{{< toc >}}", "{% raw %}", "{{ title }}"] {
        let text = format!("---\n{template}\n\nWords\n");
        check(&text, &[], &text);
    }
    check("Words\n---\nid: a\n---\n", &[], "Words\n---\nid: a\n---\n");
}

fn broken(text: &str, words: &str, place: &str) {
    let read = read(text);
    let (sentence, bytes) = read.problem.expect("a problem");
    assert!(sentence.contains(words), "{sentence}");
    assert_eq!(&text[bytes.range()], place);
    assert_eq!(read.fields, []);
}

#[test]
fn what_is_broken_is_said() {
    broken("---\nid: [1\n---\nBody", "not YAML", "id: [1");
    let misplaced = "not YAML: illegal placement of ':' indicator";
    broken("---\ndepends_on: [001\ntitle: x\n---\n", misplaced, "title: x");
    broken("---\nid: a\n\n# No end", "never closed", "---");
    broken("---\n{{{\n# No end", "never closed", "---");
    broken("---\n{ id: a }\n# No end", "never closed", "---");
    broken("---\n# ours\nid: a\n\nNo end", "never closed", "---");
    broken("---\n\"id\": a\n\nNo end", "never closed", "---");
    broken("+++\n[flags]\n", "never closed", "+++");
    broken("---\n- a\n---\n", "not a map", "- a");
    broken("+++\nid = \n+++\n", "not TOML", "id = ");
}

#[test]
fn bombs_are_refused() {
    let deep = format!("---\na: {}{}\n---\n", "[".repeat(5000), "]".repeat(5000));
    assert!(read(&deep).problem.is_some());
    let mut bomb = "---\na: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (from, to) in ["ab", "bc", "cd", "de", "ef"].iter().map(|s| s.split_at(1)) {
        bomb.push_str(&format!(
            "{to}: &{to} [*{from},*{from},*{from},*{from},*{from},*{from},*{from},*{from},*{from}]\n"
        ));
    }
    bomb.push_str("---\n");
    assert!(read(&bomb).problem.is_some());
}
