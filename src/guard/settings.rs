//! The hook files of agents and of git, with our hook in them. Enters: the text of such a file. Leaves: the text with the hook, or without it; every
//! other byte as it was.
//!
//! JSON keeps its comments and its layout. Scripts, and Codex' `config.toml`, get a block between two marks.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstRootNode};
use jsonc_parser::json;

use super::Hook;

/// The first line of a block, and the last.
const MARKS: (&str, &str) = (
    "# >>> flagman guard (written by `flagman guard install`; `flagman guard uninstall` takes it away)",
    "# <<< flagman guard",
);

/// How a program is started that is to read a hook of this kind.
#[must_use]
pub fn command_of(program: &str, hook: Hook) -> String {
    format!("{program} guard --hook {}", hook.word())
}

/// Why a hook file is left alone.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SettingsError {
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    Json(String),
    /// Something stands where hooks stand, and is none.
    #[error("`{0}` is there, and is not what this agent reads hooks from")]
    Shape(&'static str),
    /// A program that is no script of a shell.
    #[error("it is a program of another kind than a shell script: call `{0}` from it")]
    Program(String),
    /// A text to which nothing can be added.
    #[error("a hook cannot be added to it: {0}")]
    Toml(String),
}

/// What the file of an agent's hooks is called, from the root of the work tree; nothing for git's.
#[must_use]
pub fn file_of(hook: Hook) -> Option<&'static str> {
    match hook {
        Hook::Claude => Some(".claude/settings.json"),
        Hook::Codex => Some(".codex/hooks.json"),
        Hook::Gemini => Some(".gemini/settings.json"),
        Hook::Cursor => Some(".cursor/hooks.json"),
        Hook::PrePush | Hook::ReferenceTransaction => None,
    }
}

/// The event before a tool runs, and the tools that write files.
fn event(hook: Hook) -> (&'static str, &'static str) {
    match hook {
        Hook::Claude => ("PreToolUse", "Write|Edit|MultiEdit|NotebookEdit"),
        Hook::Codex => ("PreToolUse", "apply_patch|Write|Edit"),
        Hook::Gemini => ("BeforeTool", "write_file|replace"),
        _ => ("preToolUse", "Write|Edit|StrReplace|Delete"),
    }
}

/// Our entry.
fn entry(hook: Hook, program: &str) -> CstInputValue {
    let command = command_of(program, hook);
    let (_, tools) = event(hook);
    match hook {
        Hook::Cursor => json!({ "command": command, "matcher": tools }),
        Hook::Gemini => {
            json!({ "matcher": tools, "hooks": [{ "name": "flagman guard", "type": "command", "command": command }] })
        }
        _ => json!({ "matcher": tools, "hooks": [{ "type": "command", "command": command }] }),
    }
}

/// The JSON with our hook in it; nothing where it is there already.
///
/// # Errors
/// If it is not JSON, or holds something else where hooks stand.
pub fn with_hook(hook: Hook, text: &str, program: &str) -> Result<Option<String>, SettingsError> {
    let text = if text.trim().is_empty() { "{}\n" } else { text };
    let root = parse(text)?;
    let (name, _) = event(hook);
    let object = root.object_value().ok_or(SettingsError::Shape("the whole"))?;
    if hook == Hook::Cursor && object.get("version").is_none() {
        object.append("version", json!(1u32));
    }
    let hooks = object
        .object_value_or_create("hooks")
        .ok_or(SettingsError::Shape("hooks"))?;
    let entries = hooks.array_value_or_create(name).ok_or(SettingsError::Shape(name))?;
    if entries.elements().iter().any(|entry| has_ours(entry, hook)) {
        return Ok(None);
    }
    entries.append(entry(hook, program));
    Ok(Some(root.to_string()))
}

/// The JSON without the entry of this command that was added last, and without what was made to hold it: all that `before` had stays. Nothing where
/// there is no such entry.
///
/// # Errors
/// If it is not JSON.
pub fn without_hook(hook: Hook, text: &str, (command, before): (&str, &str)) -> Result<Option<String>, SettingsError> {
    let root = parse(text)?;
    let (name, _) = event(hook);
    let object = root.object_value();
    let Some(hooks) = object.as_ref().and_then(|object| object.object_value("hooks")) else {
        return Ok(None);
    };
    let Some(entries) = hooks.array_value(name) else {
        return Ok(None);
    };
    if !take_out(&entries, command) {
        return Ok(None);
    }
    let had = parse(before).ok().and_then(|root| root.object_value());
    let had_hooks = had.as_ref().and_then(|object| object.object_value("hooks"));
    let had_event = had_hooks.as_ref().is_some_and(|hooks| hooks.get(name).is_some());
    if entries.elements().is_empty() && !had_event {
        hooks
            .get(name)
            .into_iter()
            .for_each(jsonc_parser::cst::CstObjectProp::remove);
    }
    if hooks.properties().is_empty() && had_hooks.is_none() {
        let property = object.as_ref().and_then(|object| object.get("hooks"));
        property.into_iter().for_each(jsonc_parser::cst::CstObjectProp::remove);
    }
    // What Cursor asks for was added with the hook.
    if hook == Hook::Cursor && had.is_some_and(|had| had.get("version").is_none()) {
        let property = object.and_then(|object| object.get("version"));
        property.into_iter().for_each(jsonc_parser::cst::CstObjectProp::remove);
    }
    Ok(Some(root.to_string()))
}

/// Takes out the last entry that runs this command, alone or in a group; false if there is none.
fn take_out(entries: &CstArray, command: &str) -> bool {
    let runs = |object: &CstObject| command_in(object).as_deref() == Some(command);
    for entry in entries.elements().into_iter().rev() {
        let Some(object) = entry.as_object() else { continue };
        if runs(&object) {
            entry.remove();
            return true;
        }
        let Some(group) = object.array_value("hooks") else {
            continue;
        };
        let one = group
            .elements()
            .into_iter()
            .rev()
            .find(|one| one.as_object().is_some_and(|one| runs(&one)));
        let Some(one) = one else { continue };
        one.remove();
        if group.elements().is_empty() {
            entry.remove();
        }
        return true;
    }
    false
}

/// Whether JSON has an entry that calls us, whoever wrote it.
#[must_use]
pub fn calls_us(hook: Hook, text: &str) -> bool {
    let entries = || {
        let hooks = parse(text).ok()?.object_value()?.object_value("hooks")?;
        Some(hooks.array_value(event(hook).0)?.elements())
    };
    entries().is_some_and(|entries| entries.iter().any(|entry| has_ours(entry, hook)))
}

/// Whether JSON holds nothing but what its agent asks of an empty file; nothing for what is not JSON.
#[must_use]
pub fn is_bare(text: &str) -> Option<bool> {
    let object = parse(text).ok()?.object_value()?;
    let mut names = object
        .properties()
        .into_iter()
        .filter_map(|property| property.decoded_name());
    Some(!text.contains("//") && !text.contains("/*") && names.all(|name| name == "version"))
}

fn parse(text: &str) -> Result<CstRootNode, SettingsError> {
    CstRootNode::parse(text, &ParseOptions::default()).map_err(|error| SettingsError::Json(error.to_string()))
}

fn has_ours(entry: &CstNode, hook: Hook) -> bool {
    let Some(object) = entry.as_object() else { return false };
    let group = object
        .array_value("hooks")
        .map_or_else(Vec::new, |group| group.elements());
    let within = group
        .iter()
        .filter_map(CstNode::as_object)
        .any(|one| is_ours(&one, hook));
    within || is_ours(&object, hook)
}

/// An entry that calls us, whatever the program is called.
fn is_ours(object: &CstObject, hook: Hook) -> bool {
    command_in(object).is_some_and(|command| command.ends_with(&format!(" guard --hook {}", hook.word())))
}

/// The command of an entry.
fn command_in(object: &CstObject) -> Option<String> {
    let command = object.get("command")?.value()?.as_string_lit()?;
    command.decoded_value().ok()
}

/// Codex' `config.toml` with our hook in it; nothing where it is there already.
///
/// # Errors
/// If it would be no TOML with it.
pub fn with_toml_block(text: &str, program: &str) -> Result<Option<String>, SettingsError> {
    if text.contains(MARKS.0) {
        return Ok(None);
    }
    let (name, tools) = event(Hook::Codex);
    let command = command_of(program, Hook::Codex);
    let block = format!(
        "[[hooks.{name}]]\nmatcher = {tools:?}\n\n[[hooks.{name}.hooks]]\ntype = \"command\"\ncommand = {command:?}\n"
    );
    let whole = appended(text, &block);
    match toml::from_str::<toml::Table>(&whole) {
        Ok(_) => Ok(Some(whole)),
        Err(error) => Err(SettingsError::Toml(error.message().to_owned())),
    }
}

/// Whether a `config.toml` of Codex holds hooks: then they stand there, and not in a file of their own.
#[must_use]
pub fn holds_hooks(text: &str) -> bool {
    toml::from_str::<toml::Table>(text).is_ok_and(|table| table.contains_key("hooks"))
}

/// A text without our block; nothing where it has none.
#[must_use]
pub fn without_block(text: &str) -> Option<String> {
    let start = text.find(MARKS.0)?;
    let end = start + text[start..].find(MARKS.1)? + MARKS.1.len();
    let rest = text[end..].strip_prefix('\n').unwrap_or(&text[end..]);
    Some(format!("{}{rest}", &text[..start]))
}

fn appended(text: &str, block: &str) -> String {
    let line = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{text}{line}{}\n{block}{}\n", MARKS.0, MARKS.1)
}

/// The script of a git hook with ours before all that it does; nothing where it is there already.
///
/// # Errors
/// If it is there and is no script of a shell.
pub fn with_script_block(hook: Hook, text: Option<&str>, program: &str) -> Result<Option<String>, SettingsError> {
    let block = script_block(hook, program);
    let Some(text) = text else {
        return Ok(Some(format!("#!/bin/sh\n{block}")));
    };
    if text.contains(MARKS.0) {
        return Ok(None);
    }
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let shells = ["sh", "bash", "dash", "ksh", "zsh"];
    let shell = |word: &str| shells.contains(&word.rsplit('/').next().unwrap_or(word));
    if !first.starts_with("#!") || !first[2..].split_whitespace().any(shell) {
        return Err(SettingsError::Program(command_of(program, hook)));
    }
    Ok(Some(format!("{first}\n{block}{rest}")))
}

/// Reads what git says, asks, and leaves the same to what follows.
fn script_block(hook: Hook, program: &str) -> String {
    let (first, last) = MARKS;
    let command = command_of(program, hook);
    format!(
        "{first}\n\
         flagman_said=$(cat)\n\
         if command -v {program} >/dev/null 2>&1; then\n\
         \x20   printf '%s\\n' \"$flagman_said\" | {command} -- \"$@\" || exit 1\n\
         else\n\
         \x20   echo 'flagman guard: {program} is not in PATH; nothing was checked' >&2\n\
         fi\n\
         if [ -n \"$flagman_said\" ]; then\n\
         exec <<FLAGMAN_SAID\n\
         $flagman_said\n\
         FLAGMAN_SAID\n\
         else\n\
         \x20   exec </dev/null\n\
         fi\n\
         {last}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGENTS: [Hook; 4] = [Hook::Claude, Hook::Codex, Hook::Gemini, Hook::Cursor];

    #[test]
    fn a_hook_is_added_once_and_taken_away() {
        for hook in AGENTS {
            for text in [
                "",
                "{}",
                "{\n  // mine\n  \"model\": \"x\",\n  \"hooks\": {\n    \"Stop\": [{ \"command\": \"a\" }]\n  }\n}\n",
            ] {
                let made = with_hook(hook, text, "flagman").expect("JSON").expect("a hook");
                assert_eq!(with_hook(hook, &made, "flagman"), Ok(None), "{made}");
                assert!(made.contains(&command_of("flagman", hook)), "{made}");
                assert!(!text.contains("mine") || made.contains("// mine"), "{made}");
                let ours = command_of("flagman", hook);
                let gone = without_hook(hook, &made, (&ours, text)).expect("JSON").expect("a hook");
                assert!(!gone.contains("flagman"), "{gone}");
                assert!(
                    !text.contains("Stop") || gone.contains("\"Stop\": [{ \"command\": \"a\" }]"),
                    "{gone}"
                );
                assert_eq!(without_hook(hook, &gone, (&ours, text)), Ok(None));
            }
        }
    }

    #[test]
    fn what_is_no_settings_file_is_left_alone() {
        for text in ["[1]", "{", "{\"hooks\": 3}", "{\"hooks\": {\"PreToolUse\": {}}}"] {
            assert!(with_hook(Hook::Claude, text, "flagman").is_err(), "{text}");
        }
    }

    #[test]
    fn a_neighbour_in_our_group_stays() {
        let text = "{\"hooks\":{\"PreToolUse\":[{\"matcher\":\"Write\",\"hooks\":[{\"type\":\"command\",\"command\":\"x\"},\
            {\"type\":\"command\",\"command\":\"/opt/flagman guard --hook claude\"}]}]}}";
        let ours = ("/opt/flagman guard --hook claude", "{}");
        let gone = without_hook(Hook::Claude, text, ours).expect("JSON").expect("a hook");
        assert!(gone.contains("\"x\"") && !gone.contains("flagman"), "{gone}");
        let others = ("flagman guard --hook claude", "{}");
        assert_eq!(
            without_hook(Hook::Claude, text, others),
            Ok(None),
            "an entry of somebody else's"
        );
    }

    #[test]
    fn blocks_come_and_go() {
        let toml = "model = \"x\"\n\n[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ncommand = \"a\"\n";
        assert!(holds_hooks(toml) && !holds_hooks("model = 1\n"));
        let made = with_toml_block(toml, "flagman").expect("TOML").expect("a block");
        assert_eq!(without_block(&made).as_deref(), Some(toml));
        assert_eq!(with_toml_block(&made, "flagman"), Ok(None));
        assert!(with_toml_block("hooks = { PreToolUse = [] }\n", "flagman").is_err());
        let script = "#!/usr/bin/env bash\nset -e\nwhile read line; do echo \"$line\"; done\n";
        let made = with_script_block(Hook::PrePush, Some(script), "flagman")
            .expect("a script")
            .expect("a block");
        assert_eq!(without_block(&made).as_deref(), Some(script));
        assert!(with_script_block(Hook::PrePush, Some("#!/usr/bin/env node\n"), "flagman").is_err());
    }
}
