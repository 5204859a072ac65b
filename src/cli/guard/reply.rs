//! The answer in a hook's own form. Enters: an [`Answer`]. Leaves: what the hook reads, and its exit code.
//!
//! Consent is never given: who may write what without asking is the agent's own affair, so an answer that has nothing against it says nothing.
//! Codex and Gemini CLI can ask nobody from a hook: there a question is told to the agent and the user.

use serde_json::{Value, json};

use super::super::failure::{Failure, exit};
use super::super::output::Output;
use crate::guard::{Answer, Decision, Hook};
use crate::report::visible;

/// Reasons that are told, at most.
const TOLD: usize = 8;

/// Says it, and gives the hook's exit code.
///
/// # Errors
/// If standard output cannot be written.
pub(super) fn to(hook: Hook, answer: &Answer, output: &mut Output) -> Result<u8, Failure> {
    if matches!(hook, Hook::PrePush | Hook::ReferenceTransaction) {
        if answer.decision > Decision::Allow {
            output.error(&format!("{}\n", reason(answer)));
        }
        return Ok(match answer.decision {
            Decision::Deny => exit::BLOCKED,
            _ => exit::CLEAR,
        });
    }
    if let Some(document) = document(hook, answer) {
        output.document(&format!("{document}\n"))?;
    }
    Ok(exit::CLEAR)
}

/// What an agent's hook reads; nothing where nothing is to be said.
fn document(hook: Hook, answer: &Answer) -> Option<Value> {
    let why = reason(answer);
    let decided = |word: &str| {
        json!({"hookSpecificOutput": {
            "hookEventName": "PreToolUse", "permissionDecision": word, "permissionDecisionReason": why,
        }})
    };
    let told = || {
        json!({
            "systemMessage": why,
            "hookSpecificOutput": {"hookEventName": "PreToolUse", "additionalContext": why},
        })
    };
    let cursor = |word: Option<&str>| {
        let mut document = json!({"user_message": why, "agent_message": why});
        if let Some(word) = word {
            document["permission"] = json!(word);
        }
        document
    };
    Some(match (hook, answer.decision) {
        (Hook::Cursor, Decision::Allow) => json!({}),
        (_, Decision::Allow) => return None,
        (Hook::Claude | Hook::Codex, Decision::Deny) => decided("deny"),
        (Hook::Claude, Decision::Ask) => decided("ask"),
        (Hook::Claude | Hook::Codex, _) => told(),
        (Hook::Gemini, Decision::Deny) => json!({"decision": "deny", "reason": why}),
        (Hook::Gemini, _) => json!({"systemMessage": why}),
        (_, Decision::Deny) => cursor(Some("deny")),
        (_, Decision::Ask) => cursor(Some("ask")),
        (_, Decision::Warn) => cursor(None),
    })
}

/// The reasons as text.
fn reason(answer: &Answer) -> String {
    let all: Vec<&str> = answer
        .reasons
        .iter()
        .filter(|reason| reason.level > Decision::Allow)
        .map(|reason| reason.message.as_str())
        .collect();
    let mut lines: Vec<String> = all
        .iter()
        .take(TOLD)
        .map(|message| format!("flagman guard: {message}"))
        .collect();
    if all.len() > TOLD {
        lines.push(format!("flagman guard: and {} more", all.len() - TOLD));
    }
    visible(&lines.join("\n"))
}
