//! What may set a flag unseen, and what does not.

use std::sync::Arc;

use super::{Sought, place, within};
use crate::assumption::words::split;
use crate::flag::FlagKey;
use crate::lang::{self, Language};
use crate::source::{Bytes, FileId, RepoPath};

fn check(language: Language, text: &str, flag: &str, expected: Option<&str>) {
    let path = RepoPath::new("src/a.test.ts").expect("a path");
    let facts = lang::read(FileId(0), &path, &Arc::from(text), language, &[]);
    assert!(within(&facts, Bytes::new(0, text.len())).next().is_some(), "{text}");
    let sought = Sought::named(&FlagKey::new(flag), None);
    let found = place(&facts, within(&facts, Bytes::new(0, text.len())), &sought, |_| true);
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

#[test]
fn a_patch_of_a_dotted_name_and_a_mock_of_what_reads_may_set() {
    let readers = ["is_new", "useFlag"].map(str::to_owned).into_iter().collect();
    let names = vec![split("NEW_TOTALS")];
    let sought = Sought { names, readers };
    let check = |language, text: &str, expected: Option<&str>| {
        let path = RepoPath::new("src/a.test.ts").expect("a path");
        let facts = lang::read(FileId(0), &path, &Arc::from(text), language, &[]);
        let found = place(&facts, facts.tree.ids(), &sought, |_| true);
        assert_eq!(found.map(|bytes| facts.slice(bytes)), expected, "{text}");
    };
    let (python, ts) = (Language::Python, Language::TypeScript);
    let patch = "patch('features.NEW_TOTALS', fake)";
    check(python, patch, Some(patch));
    check(python, "patch('features.NEW_TOTALS_LIMIT', 3)", None);
    check(
        python,
        "client.is_new.return_value = True",
        Some("client.is_new.return_value = True"),
    );
    check(python, "client.is_newer.return_value = True", None);
    let mock = "vi.mocked(useFlag).mockReturnValue(true)";
    check(ts, mock, Some(mock));
    check(ts, "expect(useFlag('x')).toBe(true)", None);
}
