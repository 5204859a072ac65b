//! Suggestions as a rule file. Enters: suggestions. Leaves: TOML that loads as it stands.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Form, Rows, Suggestion};

/// The dialects of JavaScript.
const WEB: [&str; 3] = ["js", "ts", "tsx"];
/// Names up to this many bytes stand within other words everywhere.
const SHORT: usize = 6;

/// The text of a rule file of this id with these suggestions; empty for none.
#[must_use]
pub fn rule_file(id: &str, suggestions: &[Suggestion]) -> String {
    if suggestions.is_empty() {
        return String::new();
    }
    // Where a helper is used in one dialect of a language, its keys may be defined in another.
    let all = suggestions.iter().flat_map(|one| one.languages.iter().copied());
    let mut languages: BTreeSet<&str> = all.collect();
    if suggestions.iter().any(|one| one.languages.is_empty()) || languages.iter().any(|one| WEB.contains(one)) {
        languages.extend(WEB);
    }
    let needles: BTreeSet<String> = suggestions.iter().flat_map(needles).collect();
    let needles: BTreeSet<&str> = needles.iter().map(String::as_str).collect();
    let mut text = format!(
        "# Suggested by `flagman init --suggest`: read it, and take out what is about something else.\n\
         schema = 1\nid = \"{id}\"\nlanguages = {}\nneedles = {}\nconfidence = \"medium\"\n",
        list(&languages),
        list(&needles)
    );
    if suggestions.iter().any(|one| matches!(one.form, Form::Member { .. })) {
        text.push_str("\n[flags]\nkey_ignore = \"^(length|size|count)$\"\n");
    }
    for one in suggestions {
        let _ = write!(text, "\n{}", rule(one));
    }
    text
}

/// Texts without which a file holds nothing of it. The name alone of a helper called `lit` stands in nearly every file.
fn needles(one: &Suggestion) -> Vec<String> {
    match &one.form {
        Form::Call { name, .. } | Form::Asked { name, .. } if name.len() <= SHORT => {
            vec![format!("{name}("), format!("{name}<")]
        }
        Form::Home(name) | Form::Setter(name) if name.len() <= SHORT => ["(", " =", "<", ":"]
            .iter()
            .map(|after| format!("{name}{after}"))
            .collect(),
        Form::Element { name, .. } if name.len() <= SHORT => vec![format!("<{name}")],
        Form::Call { name, .. } | Form::Asked { name, .. } | Form::Element { name, .. } => vec![name.clone()],
        Form::Member { object } => vec![object.trim_end_matches("()").to_owned()],
        Form::Rows(rows) => vec![rows.name.clone()],
        Form::Type(name) | Form::Map(name) | Form::New(name) | Form::Home(name) | Form::Setter(name) => {
            vec![name.clone()]
        }
    }
}

fn rule(one: &Suggestion) -> String {
    match &one.form {
        Form::Call { .. } | Form::Member { .. } | Form::Element { .. } | Form::Asked { .. } => read_rule(one),
        _ => listed_rule(one),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn shown_key(one: &Suggestion) -> &str {
    one.keys.first().map_or("new-checkout", String::as_str)
}

fn is_rust(one: &Suggestion) -> bool {
    is_only(one, "rust")
}

fn is_only(one: &Suggestion, language: &str) -> bool {
    one.languages.len() == 1 && one.languages.contains(language)
}

/// A call as a line of the language, its value bound to a name.
fn bound(one: &Suggestion, call: &str) -> String {
    let text = match () {
        () if is_only(one, "python") || is_only(one, "ruby") => format!("on = {call}"),
        () if is_only(one, "go") => format!("on := {call}"),
        () if is_only(one, "csharp") => format!("var on = {call};"),
        () if is_only(one, "java") => format!("boolean on = {call};"),
        () if is_only(one, "kotlin") => format!("val on = {call}"),
        () => format!("let on = {call};"),
    };
    // The languages whose texts stand in double quotes alone.
    let double = ["go", "csharp", "java", "kotlin"]
        .iter()
        .any(|language| is_only(one, language));
    if double { text.replace('\'', "\"") } else { text }
}

/// The rule of what asks for a flag.
fn read_rule(one: &Suggestion) -> String {
    let (id, key, rust) = (&one.id, shown_key(one), is_rust(one));
    let literal = if rust { format!("\"{key}\"") } else { format!("'{key}'") };
    match &one.form {
        Form::Call { name, arg } => {
            let before = "subject, ".repeat(*arg);
            let receiver = receiver_of(one);
            let (dot, shape) = match one.receivers.first() {
                Some(first) => (
                    format!("{first}{}", if rust { "::" } else { "." }),
                    format!(", receiver = {}", quoted(&receiver)),
                ),
                None => (String::new(), String::new()),
            };
            let example = format!("{} // => {key}", bound(one, &format!("{dot}{name}({before}{literal})")));
            format!(
                "[[read]]\nid = \"{id}\"\ncall = {{ name = [{}]{shape} }}\nkey = {{ arg = {arg} }}\nexample = [{}]\nnot = [{}]\n",
                quoted(name),
                quoted(&example),
                quoted(&bound(one, &format!("{name}()")))
            )
        }
        Form::Member { object } => {
            let pattern = format!("(^|\\.){}$", regex::escape(object));
            let example = match is_only(one, "python") {
                true => format!("if {object}.{key}: run() // => {key}"),
                false => format!("if ({object}.{key}) {{}} // => {key}"),
            };
            format!(
                "[[read]]\nid = \"{id}\"\nmember = {{ object = {} }}\nkey = {{ name = true }}\nexample = [{}]\n",
                quoted(&pattern),
                quoted(&example)
            )
        }
        Form::Element { name, attribute } => {
            let example = format!("const x = <{name} {attribute}=\"{key}\"><New /></{name}> // => {key}");
            format!(
                "[[read]]\nid = \"{id}\"\njsx = {{ name = [{}], attr = {} }}\nkey = {{ attr = {} }}\nregion = \"children\"\nexample = [{}]\n",
                quoted(name),
                quoted(attribute),
                quoted(attribute),
                quoted(&example)
            )
        }
        Form::Asked { name, property } => {
            let example = format!("const on = {name}({{ {property}: 'a-key' }}); // => a-key");
            format!(
                "[[read]]\nid = \"{id}\"\ncall = {{ name = [{}] }}\nkey = {{ arg = 0, path = {} }}\nexample = [{}]\nnot = [{}]\n",
                quoted(name),
                quoted(property),
                quoted(&example),
                quoted(&format!("const on = {name}();"))
            )
        }
        _ => String::new(),
    }
}

/// The rule of what lists flags, or sets one of a list.
fn listed_rule(one: &Suggestion) -> String {
    let (id, key, rust) = (&one.id, shown_key(one), is_rust(one));
    match &one.form {
        Form::Type(name) => {
            let example = match rust {
                true => format!("enum {name} {{ AKey }} // => AKey"),
                false => format!("enum {name} {{ A = 'a-key' }} // => a-key"),
            };
            format!(
                "[[define]]\nid = \"{id}\"\nunion = {{ type = {} }}\nkey = {{ name = true }}\nexample = [{}]\n",
                quoted(&format!("^{name}$")),
                quoted(&example)
            )
        }
        Form::Map(name) => {
            let example = match is_only(one, "python") {
                true => format!("{name} = {{'aKey': False}} // => aKey = False"),
                false => format!("export const {name} = {{ aKey: false }} // => aKey = false"),
            };
            format!(
                "[[define]]\nid = \"{id}\"\nconst = {{ name = {}, object = true }}\nkey = {{ value = true, entries = \"key\" }}\ndeclared = {{ value = true, entries = \"value\", call_arg = {{ name = '(?i)(bool|boolean|flag)$', arg = 1 }} }}\nhandle = \"property\"\nexample = [{}]\n",
                quoted(&format!("^{name}$")),
                quoted(&example)
            )
        }
        Form::Rows(rows) => rows_rule(id, rows, is_only(one, "python")),
        Form::New(name) => {
            let example = format!("export const x = new {name}('a-key', false); // => a-key = false");
            format!(
                "[[define]]\nid = \"{id}\"\nnew = {{ name = [{}] }}\nkey = {{ arg = 0 }}\ndeclared = {{ arg = 1 }}\nhandle = true\nexample = [{}]\n",
                quoted(name),
                quoted(&example)
            )
        }
        Form::Home(name) => {
            let example = looked_up(name, key, rust);
            format!(
                "[[define]]\nid = \"{id}\"\nlookup = {{ about = {} }}\nkey = {{ name = true }}\ndeclared = {{ value = true }}\nhandle = \"property\"\nexample = [{}]\n",
                quoted(&format!("(^| ){}( |$)", regex::escape(name))),
                quoted(&format!("{example} // => {key} = false"))
            )
        }
        Form::Setter(name) => {
            let example = looked_up(name, key, rust);
            let sets = if rust {
                "fn put(own: Own, name: &str, on: bool) { own.insert(name, on); }"
            } else {
                "function put(name, on) { own[name] = on; }"
            };
            format!(
                "[[force]]\nid = \"{id}\"\nlookup = {{ about = {} }}\nkey = {{ name = true }}\nvalue = {{ value = true }}\nexample = [{}]\n",
                quoted(&format!("(^| ){}( |$)", regex::escape(name))),
                quoted(&format!("{example} {sets} // => name = on"))
            )
        }
        _ => String::new(),
    }
}

/// The rule of a list of records.
fn rows_rule(id: &str, rows: &Rows, python: bool) -> String {
    let Rows { name, path, key, state } = rows;
    let quote = |word: &str| if python { format!("'{word}'") } else { word.to_owned() };
    let (no, record) = (if python { "False" } else { "false" }, quote(key));
    let record = match state {
        Some(state) => format!("[{{ {record}: 'a-key', {}: {no} }}]", quote(state)),
        None => format!("[{{ {record}: 'a-key' }}]"),
    };
    let list = match path.strip_suffix("[]").filter(|entry| !entry.is_empty()) {
        Some(entry) => format!("{{ {}: {record} }}", quote(entry)),
        None => record,
    };
    let object = if path == "[]" { "" } else { ", object = true" };
    let binding = if python {
        format!("{name} = {list}")
    } else {
        format!("export const {name} = {list}")
    };
    let (declared, value) = match state {
        Some(state) => (
            format!(
                "declared = {{ value = true, path = {} }}\n",
                quoted(&format!("{path}.{state}"))
            ),
            format!(" = {no}"),
        ),
        None => Default::default(),
    };
    format!(
        "[[define]]\nid = \"{id}\"\nconst = {{ name = {}{object} }}\nkey = {{ value = true, path = {} }}\n{declared}example = [{}]\n",
        quoted(&format!("^{name}$")),
        quoted(&format!("{path}.{key}")),
        quoted(&format!("{binding} // => a-key{value}"))
    )
}

/// A function that looks a key up.
fn looked_up(name: &str, key: &str, rust: bool) -> String {
    match rust {
        true => format!("fn {name}(name: &str) -> bool {{ match name {{ \"{key}\" => false, _ => false }} }}"),
        false => format!("const all = {{ '{key}': false }}; function {name}(name) {{ return all[name]; }}"),
    }
}

/// A pattern for the receivers.
fn receiver_of(one: &Suggestion) -> String {
    let words: Vec<String> = one.receivers.iter().map(|word| regex::escape(word)).collect();
    format!("(^|[.:])({})(\\(\\))?$", words.join("|"))
}

fn list(words: &BTreeSet<&str>) -> String {
    let quoted: Vec<String> = words.iter().map(|word| toml::Value::from(*word).to_string()).collect();
    format!("[{}]", quoted.join(", "))
}
