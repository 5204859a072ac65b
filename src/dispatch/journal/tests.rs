//! A journal that is cut, changed, swapped or foreign is a certain prefix or refused, never believed.

use super::*;
use crate::dispatch::event::Outcome;
use crate::dispatch::policy::Policy;
use crate::dispatch::summary::PlanSummary;
use crate::git::{Oid, RefMap};
use proptest::prelude::*;

fn records() -> Vec<Record> {
    let oid = Oid::parse(&"a".repeat(40)).expect("an id");
    let setup = Setup {
        run: "0001".to_owned(),
        plan: PlanSummary::default(),
        policy: Policy::default(),
        checks: vec!["tests\n\"quoted\"".to_owned()],
        release_branch: "release/next".to_owned(),
        tip: oid.clone(),
        landed_before: Vec::new(),
        refs: RefMap::from([("refs/heads/main".to_owned(), oid)]),
        protected: vec!["main".to_owned()],
        confined: false,
        agent: None,
        flag_file: None,
    };
    let opened = Record::Opened {
        schema: SCHEMA.to_owned(),
        setup: Box::new(setup),
    };
    let intent = Record::Intent {
        effect: EffectId(1),
        what: Effect::Handoff,
    };
    let learned = Record::Learned {
        event: Event::Finished {
            effect: EffectId(1),
            outcome: Outcome::Written,
            active_ms: 7,
        },
    };
    vec![opened, intent, learned]
}

fn written(folder: &Path) -> PathBuf {
    let path = folder.join("journal.jsonl");
    let mut journal = Journal::create(&path).expect("a journal");
    for record in records() {
        journal.append("now", &record).expect("written");
    }
    path
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path());
    let loaded = Journal::load(&path).expect("loads");
    assert_eq!(
        (loaded.records, loaded.torn, loaded.last_at.as_str()),
        (records(), 0, "now")
    );
    for line in std::fs::read_to_string(&path).expect("text").lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
        assert!(
            value["crc"].is_string() && value["seq"].is_u64() && value["record"].is_string(),
            "{line}"
        );
    }
}

#[test]
fn a_journal_cut_anywhere_is_a_prefix_and_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path());
    let whole = std::fs::read(&path).expect("bytes");
    for length in 0..whole.len() {
        let loaded = parse(&path, &whole[..length]).expect("a cut is no damage");
        let lines = whole[..length].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(loaded.records, records()[..lines]);
        assert_eq!(loaded.whole + loaded.torn, length);
    }
    std::fs::write(&path, &whole[..whole.len() - 3]).expect("written");
    let (mut journal, loaded) = Journal::go_on(&path).expect("goes on");
    assert!(loaded.torn > 0 && path.with_extension("torn").exists());
    journal.append("later", &records()[2]).expect("written");
    assert_eq!(Journal::load(&path).expect("loads").records, records());
}

#[test]
fn any_changed_byte_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path());
    let whole = std::fs::read(&path).expect("bytes");
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        match parse(&path, &bytes) {
            Ok(loaded) => {
                assert!(loaded.records.len() < 3 && loaded.torn > 0, "byte {at}");
                assert_eq!(loaded.records, records()[..loaded.records.len()]);
            }
            Err(JournalError::Damaged { .. }) => {}
            Err(other) => panic!("byte {at}: {other}"),
        }
    }
}

#[test]
fn lines_that_were_taken_out_or_swapped_are_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path());
    let text = std::fs::read_to_string(&path).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    for order in [&[0, 2][..], &[0, 2, 1], &[1, 2], &[0, 1, 1], &[0, 0]] {
        let text: String = order.iter().map(|at| format!("{}\n", lines[*at])).collect();
        assert!(
            matches!(parse(&path, text.as_bytes()), Err(JournalError::Damaged { .. })),
            "{order:?}"
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_full_disk_nothing_more_is_written() {
    let file = OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    let mut journal = Journal {
        file,
        path: PathBuf::from("/dev/full"),
        seq: 0,
        prev: NO_HASH.to_owned(),
        broken: false,
    };
    let [opened, intent, _] = &records()[..] else {
        panic!("three records")
    };
    assert!(matches!(journal.append("now", opened), Err(JournalError::Disk { .. })));
    assert!(matches!(
        journal.append("now", intent),
        Err(JournalError::Broken { .. })
    ));
}

#[test]
fn another_version_is_refused_by_name() {
    let path = Path::new("journal.jsonl");
    let line = seal(r#"{"seq":1,"prev":"0000000000000000","at":"","record":"opened","schema":"flagman/journal/v9"}"#);
    let error = parse(path, format!("{line}\n").as_bytes()).expect_err("refused");
    assert!(error.to_string().contains("flagman/journal/v9"), "{error}");
    let line = seal(r#"{"seq":1,"prev":"0000000000000000","at":"","record":"dreamt"}"#);
    let answer = parse(path, format!("{line}\n").as_bytes());
    assert!(matches!(answer, Err(JournalError::OtherVersion { .. })));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(Path::new("journal.jsonl"), &bytes);
    }
}
