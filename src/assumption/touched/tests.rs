//! What may set a flag unseen, and what does not.

use std::sync::Arc;

use super::{place, within};
use crate::assumption::words::split;
use crate::lang::{self, Language};
use crate::source::{Bytes, FileId, RepoPath};

fn check(language: Language, text: &str, flag: &str, expected: Option<&str>) {
    let path = RepoPath::new("src/a.test.ts").expect("a path");
    let facts = lang::read(FileId(0), &path, &Arc::from(text), language, &[]);
    assert!(within(&facts, Bytes::new(0, text.len())).next().is_some(), "{text}");
    let found = place(&facts, Bytes::new(0, text.len()), &[split(flag)]);
    assert_eq!(found.map(|bytes| facts.slice(bytes)), expected, "{text}");
}

#[test]
fn what_is_named_after_a_flag_and_sets_something_may_set_it() {
    let ts = Language::TypeScript;
    check(
        ts,
        "await service.toggleMaintenanceMode({ enabled: true }, USER);",
        "maintenance-mode",
        Some("service.toggleMaintenanceMode({ enabled: true }, USER)"),
    );
    check(
        ts,
        "experiments.secureStorage = false;",
        "secureStorage",
        Some("experiments.secureStorage = false"),
    );
    check(
        ts,
        "start({ secureStorage: value });",
        "secure_storage",
        Some("secureStorage: value"),
    );
    check(
        ts,
        "enableFeature('secure-storage');",
        "secureStorage",
        Some("enableFeature('secure-storage')"),
    );
    check(
        ts,
        "start({ isEnabled: (name) => name === 'secureStorage' });",
        "secureStorage",
        Some("name === 'secureStorage'"),
    );
    check(
        Language::Rust,
        "fn f() { set_secure_storage(true); }",
        "secure-storage",
        Some("set_secure_storage(true)"),
    );
}

#[test]
fn what_reads_or_is_named_otherwise_sets_nothing() {
    let ts = Language::TypeScript;
    check(ts, "expect(isMaintenanceMode()).toBe(true);", "maintenance-mode", None);
    check(
        ts,
        "expect(flags.secureStorage).toBe(true); setStorage(true);",
        "secureStorage",
        None,
    );
    check(ts, "experiments.secureAccountStorage = true;", "secureStorage", None);
    check(ts, "setSearch(true);", "search", None);
}
