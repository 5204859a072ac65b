//! What the hooks of agents say before a tool writes. Enters: the JSON of a hook. Leaves: an [`Asked`].
//!
//! Four agents, known by their fields: Claude Code (`PreToolUse`), Codex (the same with a `turn_id`, and `apply_patch` for its tool), Gemini CLI
//! (`BeforeTool`) and Cursor (`preToolUse`). Tools of the same purpose have fields of several names; any of them is taken.

use serde_json::{Map, Value};

use super::patch;
use super::proposal::{Edit, Proposal};

/// Who asks, and so how it wants to be answered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Hook {
    /// Claude Code, `PreToolUse`.
    Claude,
    /// Codex, `PreToolUse`.
    Codex,
    /// Gemini CLI, `BeforeTool`.
    Gemini,
    /// Cursor, `preToolUse`.
    Cursor,
    /// Git, before it pushes.
    PrePush,
    /// Git, before refs move in this repository.
    ReferenceTransaction,
}

impl Hook {
    /// All of them with the word that names each on the command line.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("claude", Self::Claude),
        ("codex", Self::Codex),
        ("gemini", Self::Gemini),
        ("cursor", Self::Cursor),
        ("pre-push", Self::PrePush),
        ("reference-transaction", Self::ReferenceTransaction),
    ];

    /// The word that names it.
    #[must_use]
    pub fn word(self) -> &'static str {
        let named = Self::WORDS.iter().find(|(_, hook)| *hook == self);
        named.map_or("", |(word, _)| word)
    }

    /// The hook that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let named = Self::WORDS.iter().find(|(name, _)| *name == word);
        named.map(|(_, hook)| *hook)
    }
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Who asks; `None` for a person.
    pub hook: Option<Hook>,
    /// The folder that relative paths are seen from; `None` for the one in which the program runs.
    pub folder: Option<String>,
    /// What about.
    pub subject: Subject,
}

/// What is asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// Files that are about to be written.
    Files(Vec<Write>),
    /// Refs that are about to move, by full name.
    Refs(Vec<String>),
    /// A tool that writes no file that it names; what it is.
    Nothing(String),
}

/// A file that is about to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Write {
    /// As the hook names it.
    pub path: String,
    /// Another file, of whose text the new one is made (a file that gets another name).
    pub from: Option<String>,
    /// What will be in it.
    pub proposal: Proposal,
}

/// Why a message of a hook cannot be understood.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HookError {
    /// It is not JSON.
    #[error("the hook's message is not JSON: {0}")]
    Json(String),
    /// No hook that is known says such a thing.
    #[error(
        "the message is of no hook that flagman knows (Claude Code, Codex, Gemini CLI, Cursor); `--hook` says which it is"
    )]
    Unknown,
    /// A field is missing or is something else.
    #[error("the hook's message has no `{0}` that can be read")]
    Field(&'static str),
    /// A patch that is none.
    #[error("the patch cannot be read: {0}")]
    Patch(String),
}

/// Fields that name the file.
const PATHS: [&str; 6] = [
    "file_path",
    "path",
    "notebook_path",
    "absolute_path",
    "target_file",
    "filePath",
];
/// Fields with all that will be in it.
const CONTENTS: [&str; 4] = ["content", "contents", "file_text", "fileText"];

/// Reads the message of a hook; `told` is what the command line says of who asks.
///
/// # Errors
/// If it is none, or a field that is needed is missing.
pub fn read_hook(text: &str, told: Option<Hook>) -> Result<Asked, HookError> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        // The line and column are of use; the text of a hostile message is not.
        HookError::Json(format!("line {}, column {}", error.line(), error.column()))
    })?;
    let message = value.as_object().ok_or(HookError::Unknown)?;
    let hook = told.or_else(|| recognised(message)).ok_or(HookError::Unknown)?;
    let tool = text_of(message, &["tool_name"]).ok_or(HookError::Field("tool_name"))?;
    let input = input_of(message);
    Ok(Asked {
        hook: Some(hook),
        folder: folder_of(message),
        subject: subject(tool, input.as_ref())?,
    })
}

/// Whose message it is, by the fields that only this one has.
fn recognised(message: &Map<String, Value>) -> Option<Hook> {
    let event = text_of(message, &["hook_event_name"]).unwrap_or("");
    let cursor = ["cursor_version", "conversation_id", "workspace_roots"];
    match event {
        "BeforeTool" => Some(Hook::Gemini),
        "preToolUse" => Some(Hook::Cursor),
        _ if cursor.iter().any(|field| message.contains_key(*field)) => Some(Hook::Cursor),
        "PreToolUse" if message.contains_key("turn_id") => Some(Hook::Codex),
        "PreToolUse" if text_of(message, &["tool_name"]) == Some("apply_patch") => Some(Hook::Codex),
        "PreToolUse" => Some(Hook::Claude),
        _ => None,
    }
}

fn folder_of(message: &Map<String, Value>) -> Option<String> {
    let roots = message.get("workspace_roots").and_then(Value::as_array);
    let root = || roots?.first()?.as_str();
    text_of(message, &["cwd"])
        .filter(|folder| !folder.is_empty())
        .or_else(root)
        .map(str::to_owned)
}

/// The arguments of the tool; Cursor may give them as a text that holds JSON.
fn input_of(message: &Map<String, Value>) -> Option<Map<String, Value>> {
    match message.get("tool_input")? {
        Value::Object(input) => Some(input.clone()),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Object(input)) => Some(input),
            _ => Some(Map::from_iter([("input".to_owned(), Value::String(text.clone()))])),
        },
        _ => None,
    }
}

fn subject(tool: &str, input: Option<&Map<String, Value>>) -> Result<Subject, HookError> {
    let empty = Map::new();
    let input = input.unwrap_or(&empty);
    if let Some(text) = patch_of(tool, input) {
        return patch::parse(&text).map(Subject::Files).map_err(HookError::Patch);
    }
    let kind = tool.to_ascii_lowercase().replace(['_', '-'], "");
    let writes = ["write", "edit", "replace", "delete", "create", "notebook"];
    if !writes.iter().any(|word| kind.contains(word)) || kind.contains("todo") || kind.starts_with("mcp") {
        return Ok(Subject::Nothing(tool.to_owned()));
    }
    let path = text_of(input, &PATHS).filter(|path| !path.is_empty());
    let path = path.ok_or(HookError::Field("tool_input.file_path"))?;
    let proposal = if kind.contains("delete") {
        Proposal::Deleted
    } else if kind.contains("notebook") {
        Proposal::Unknown("a cell of a notebook is edited".to_owned())
    } else {
        proposal_of(input)
    };
    Ok(Subject::Files(vec![Write {
        path: path.to_owned(),
        from: None,
        proposal,
    }]))
}

/// The patch, where the tool takes one.
fn patch_of(tool: &str, input: &Map<String, Value>) -> Option<String> {
    let fields = ["command", "input", "patch"];
    let whole = fields.iter().find_map(|field| match input.get(*field)? {
        Value::String(text) => Some(text.clone()),
        Value::Array(words) => words.last()?.as_str().map(str::to_owned),
        _ => None,
    });
    match tool {
        "apply_patch" | "ApplyPatch" => Some(whole.unwrap_or_default()),
        _ => None,
    }
}

fn proposal_of(input: &Map<String, Value>) -> Proposal {
    if let Some(content) = text_of(input, &CONTENTS) {
        return Proposal::Content(content.as_bytes().to_vec());
    }
    let edits = match input.get("edits").and_then(Value::as_array) {
        Some(list) => list.iter().map(|one| edit_of(one.as_object()?)).collect(),
        None => edit_of(input).map(|edit| vec![edit]),
    };
    match edits {
        Some(edits) if !edits.is_empty() => Proposal::Edits(edits),
        _ => Proposal::Unknown("the hook does not say what will be written".to_owned()),
    }
}

fn edit_of(input: &Map<String, Value>) -> Option<Edit> {
    let flag = |name: &str| input.get(name).and_then(Value::as_bool).unwrap_or(false);
    let several = input.get("expected_replacements").and_then(Value::as_u64) > Some(1);
    Some(Edit {
        old: text_of(input, &["old_string", "old_str", "oldString"])?.to_owned(),
        new: text_of(input, &["new_string", "new_str", "newString"])?.to_owned(),
        all: flag("replace_all") || flag("replaceAll") || flag("allow_multiple") || several,
    })
}

fn text_of<'a>(map: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| map.get(*name)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value) -> Result<Asked, HookError> {
        read_hook(&value.to_string(), None)
    }

    #[test]
    fn each_hook_is_known_by_its_fields() {
        let claude = json!({"session_id": "s", "cwd": "/w", "hook_event_name": "PreToolUse", "tool_name": "Write",
            "tool_input": {"file_path": "/w/a", "content": "x\n"}, "tool_use_id": "t"});
        let codex = json!({"session_id": "s", "turn_id": "1", "cwd": "/w", "hook_event_name": "PreToolUse", "model": "m",
            "tool_name": "apply_patch", "tool_input": {"command": "*** Begin Patch\n*** Delete File: a\n*** End Patch"}});
        let gemini = json!({"cwd": "/w", "hook_event_name": "BeforeTool", "tool_name": "replace",
            "tool_input": {"file_path": "/w/a", "old_string": "x", "new_string": "y"}});
        let cursor = json!({"conversation_id": "c", "hook_event_name": "preToolUse", "workspace_roots": ["/w"],
            "tool_name": "Write", "tool_input": "{\"path\": \"a\", \"contents\": \"x\\n\"}"});
        for (message, hook, proposal) in [
            (claude, Hook::Claude, Proposal::Content(b"x\n".to_vec())),
            (codex, Hook::Codex, Proposal::Deleted),
            (
                gemini,
                Hook::Gemini,
                Proposal::Edits(vec![Edit {
                    old: "x".to_owned(),
                    new: "y".to_owned(),
                    all: false,
                }]),
            ),
            (cursor, Hook::Cursor, Proposal::Content(b"x\n".to_vec())),
        ] {
            let asked = read(&message).expect("a hook");
            assert_eq!((asked.hook, asked.folder.as_deref()), (Some(hook), Some("/w")));
            let Subject::Files(writes) = asked.subject else {
                panic!("{hook:?} writes a file");
            };
            assert_eq!(writes[0].proposal, proposal, "{hook:?}");
        }
    }

    #[test]
    fn a_tool_that_writes_nothing_is_nothing() {
        let message = json!({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "ls"}});
        assert_eq!(
            read(&message).map(|asked| asked.subject),
            Ok(Subject::Nothing("Bash".to_owned()))
        );
    }

    #[test]
    fn what_is_broken_is_said() {
        assert!(matches!(read_hook("{\"a\"", None), Err(HookError::Json(_))));
        assert_eq!(read_hook("[]", None), Err(HookError::Unknown));
        assert_eq!(read_hook("{}", None), Err(HookError::Unknown));
        assert_eq!(read_hook("{}", Some(Hook::Claude)), Err(HookError::Field("tool_name")));
        let message = json!({"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": {"file_path": 3}});
        assert_eq!(read(&message), Err(HookError::Field("tool_input.file_path")));
        assert!(matches!(read_hook(&"[".repeat(100_000), None), Err(HookError::Json(_))));
    }
}
