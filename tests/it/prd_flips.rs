//! A flip that a PRD makes by landing: it opens the gate for the phases behind it, on the condition that it is made, and is asked for
//! again when that PRD has landed.

use serde_json::Value;

use crate::project::Project;

const CODE: &str = "//- package.json
{\"devDependencies\": {\"vitest\": \"3\"}}
//- src/flags.ts
export const FLAG_DEFAULTS = { new_checkout: false };
const overrides: Record<string, boolean> = {};
export function isEnabled(key: string): boolean { return overrides[key] ?? FLAG_DEFAULTS[key]; }
export function setFlagForTests(key: string, value: boolean): void { overrides[key] = value; }
//- src/checkout.ts
import { isEnabled } from './flags';
export function checkout(total: number) {
  if (isEnabled('new_checkout')) { return { total, engine: 'one-page-checkout' }; }
  return { total, engine: 'classic' };
}
//- docs/prds/001-checkout.md
# 001 Checkout
Ships behind the feature flag `new_checkout`, default OFF.
";

/// A PRD: `id after text`.
fn prd(id: &str, after: &str, text: &str) -> String {
    format!("//- docs/prds/{id}.md\n---\ndepends_on: [{after}]\n---\n# {id}\n\n{text}\n")
}

const NEEDS: &str = "This PRD assumes that `new_checkout` is on.";
const TURNS: &str = "This PRD flips `new_checkout` to ON in its last commit.";

/// What the gate says of flags: level and sentence.
fn said(project: &Project) -> Vec<(String, String)> {
    let gate = project.json(&["gate"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = gate["findings"].as_array().unwrap().iter();
    let of_flags = |finding: &&Value| finding["check"] == "assumes-unset-flag" || finding["check"] == "flip-after-use";
    findings
        .filter(of_flags)
        .map(|finding| (text(&finding["level"]), text(&finding["message"])))
        .collect()
}

fn levels(prds: &[String]) -> Vec<String> {
    let project = Project::of(&format!("{CODE}{}", prds.concat()));
    said(&project).into_iter().map(|(level, _)| level).collect()
}

#[test]
fn every_dependent_behind_the_flip_may_go_on_that_condition_and_no_other() {
    let turns = prd("003-live", "001", TURNS);
    assert_eq!(levels(&[turns.clone(), prd("002-a", "003", NEEDS)]), ["note"]);
    assert_eq!(
        levels(&[turns.clone(), prd("002-a", "003", NEEDS), prd("004-b", "003", NEEDS)]),
        ["note", "note"]
    );
    assert_eq!(
        levels(&[turns.clone(), prd("002-a", "003", NEEDS), prd("004-b", "002", NEEDS)]),
        ["note", "note"]
    );
    // Who needs the state waits for who makes it, whether or not it says so.
    assert_eq!(
        levels(&[turns.clone(), prd("002-a", "001", NEEDS), prd("004-b", "003", NEEDS)]),
        ["note", "note"]
    );
    // One that must go before the flip is held, and the others are not held for its sake.
    assert_eq!(
        levels(&[
            prd("003-live", "002", TURNS),
            prd("002-a", "001", NEEDS),
            prd("004-b", "003", NEEDS)
        ]),
        ["error", "note"]
    );
    // Front matter says it too, and so does the document that ships the flag.
    let declared =
        "//- docs/prds/003-live.md\n---\ndepends_on: [001]\nflags:\n  flips: { new_checkout: on }\n---\n# Live\n";
    assert_eq!(levels(&[declared.to_owned(), prd("002-a", "003", NEEDS)]), ["note"]);
    let shipped = "//- docs/prds/001-checkout.md\n# 001 Checkout\nShips behind the feature flag `new_checkout`, default OFF until PRD 3.\n";
    assert_eq!(
        levels(&[
            shipped.to_owned(),
            prd("003-live", "001", "Launch."),
            prd("002-a", "003", NEEDS)
        ]),
        ["note"]
    );
    // Who turns it needs it on the way.
    assert_eq!(levels(&[prd("003-live", "001", &format!("{NEEDS} {TURNS}"))]), [""; 0]);
}

#[test]
fn a_flip_without_a_prd_or_that_is_taken_back_opens_nothing() {
    for hand in [
        "The flag `new_checkout` is turned on in phase 0.",
        "The flag `new_checkout` is turned on on 2026-12-01.",
        "This PRD does not turn `new_checkout` on.",
        "This PRD turns `new_checkout` off.",
    ] {
        let prds = [prd("003-live", "001", hand), prd("002-a", "003", NEEDS)];
        assert_eq!(levels(&prds), ["error"], "{hand}");
    }
    let back = [
        prd("003-live", "001", TURNS),
        prd("004-back", "003", "This PRD turns `new_checkout` off again."),
        prd("005-late", "004", NEEDS),
    ];
    let project = Project::of(&format!("{CODE}{}", back.concat()));
    let words = "PRD 005-late assumes what runs only with `new_checkout` on, and `new_checkout` is off: PRD 003-live turns it on, and PRD \
                 004-back turns it off again before";
    assert_eq!(said(&project), [("error".to_owned(), words.to_owned())]);
}

#[test]
fn the_plan_names_who_makes_the_flip_and_asks_nobody_to_type_it() {
    let prds = [prd("003-live", "001", TURNS), prd("002-a", "003", NEEDS)].concat();
    let project = Project::of(&format!("{CODE}{prds}"));
    let plan = project.flagman(&["plan"]).out;
    let barrier = "── new_checkout on ── unlocks 002-a\n   003-live makes it (docs/prds/003-live.md:6)\n\nphase 2: 1 PRD, by itself: what it changes is not known\n";
    assert!(plan.contains(barrier) && !plan.contains("flags set"), "{plan}");
    assert!(plan.contains("3 PRDs in 3 phases (proven fewest"), "{plan}");
    let plan = project.json(&["plan"]);
    assert_eq!(plan["barriers"][0]["made_by"], "003-live");
    assert_eq!(plan["barriers"][0]["before_phase"], 2);
    assert_eq!(plan["barriers"][0]["because"][0]["line"], 6);
    let flag = project.flagman(&["flags", "new_checkout"]).out;
    assert!(
        flag.contains("002-a         assumes on: PRD 003-live turns it on before"),
        "{flag}"
    );
    let flip = project.flagman(&["flip", "new_checkout=on"]).out;
    assert!(flip.contains("has it on before phase 2, by PRD 003-live"), "{flip}");
    let own = project.flagman(&["prds", "002"]).out;
    assert!(
        own.contains("new_checkout on  PRD 003-live turns it on before"),
        "{own}"
    );
}

#[test]
fn a_branch_that_turns_the_flag_in_code_has_it_for_its_own_tests() {
    let needs = prd("002-a", "003", NEEDS);
    let project = Project::of(&format!(
        "{CODE}//- docs/prds/003-live.md\n---\nbranch: feat/live\ndepends_on: [001]\n---\n# Live\n{needs}"
    ));
    project.git(&["init", "-q", "-b", "release/next"]);
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "base"]);
    project.git(&["checkout", "-q", "-b", "feat/live"]);
    let spec = "import { it, expect } from 'vitest';\nimport { checkout } from './checkout';\nit('is short', () => {\n  expect(checkout(3).engine).toBe('one-page-checkout');\n});\n";
    project.write("src/live.spec.ts", spec);
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "a test"]);
    project.git(&["checkout", "-q", "release/next"]);
    let of = |project: &Project| said(project).into_iter().map(|(level, _)| level).collect::<Vec<_>>();
    assert_eq!(of(&project), ["error", "error"], "nothing turns it");
    project.git(&["checkout", "-q", "feat/live"]);
    let flags = project.read("src/flags.ts");
    project.write(
        "src/flags.ts",
        &flags.replace("new_checkout: false", "new_checkout: true"),
    );
    project.git(&["commit", "-q", "-a", "-m", "live"]);
    project.git(&["checkout", "-q", "release/next"]);
    assert_eq!(of(&project), ["note"], "002 waits for it, 003 has it");
}

/// A repository whose agents do what `agents` says, `id: script` a line; what `flagman run` says, and the project.
fn night(agents: &[(&str, &str)]) -> (Project, String) {
    let settings = "//- flagman.toml\n[project]\nrelease_branch = \"release/next\"\n[tests]\ncommand = \"true\"\n[dispatch]\nagent = \"sh agents/\\\"$FLAGMAN_PRD\\\".sh\"\n";
    let scripts: String = agents
        .iter()
        .map(|(id, script)| format!("//- agents/{id}.sh\nset -e\n{script}\ngit add -A\ngit -c user.name=a -c user.email=a@example.org commit -qm work\n"))
        .collect();
    let prds = [prd("003-live", "001", TURNS), prd("002-a", "003", NEEDS)].concat();
    let project = Project::of(&format!("{CODE}{settings}{scripts}{prds}"));
    project.git(&["init", "-q", "-b", "main"]);
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "base"]);
    project.git(&["branch", "release/next"]);
    let ran = project.flagman(&["run"]);
    (project, format!("{}{}", ran.out, ran.err))
}

#[test]
fn a_night_asks_again_when_who_was_to_turn_the_flag_has_landed() {
    let turn = "sed -i.bak 's/new_checkout: false/new_checkout: true/' src/flags.ts; rm src/flags.ts.bak";
    let (_, ran) = night(&[
        ("001-checkout", "echo 1 > one"),
        ("003-live", turn),
        ("002-a", "echo 2 > two"),
    ]);
    assert!(ran.contains("3 of 3 PRDs landed"), "{ran}");

    let (project, ran) = night(&[
        ("001-checkout", "echo 1 > one"),
        ("003-live", "echo 3 > three"),
        ("002-a", "echo 2 > two"),
    ]);
    assert!(
        ran.contains("Phase 2 is held") && ran.contains("2 of 3 PRDs landed"),
        "{ran}"
    );
    let words = "PRD 002-a assumes what runs only with `new_checkout` on, and `new_checkout` is off, though PRD 003-live, which was to turn it on, has landed";
    let handoff = project.read("handoff.md");
    assert!(handoff.contains(words), "{handoff}");
    assert!(
        !handoff.contains("depends_on"),
        "it waits for that PRD already: {handoff}"
    );
    // By hand it is the same on the release branch, and still open where the PRD has not landed.
    project.git(&["switch", "-q", "release/next"]);
    assert_eq!(project.flagman(&["gate", "--phase", "2"]).code, 1);
    assert_eq!(said(&project), [("error".to_owned(), words.to_owned())]);
    let plan = project.flagman(&["plan"]).out;
    assert!(
        plan.contains("── flip new_checkout on ── unlocks 002-a\n   flagman flags set new_checkout on"),
        "{plan}"
    );
    project.git(&["switch", "-q", "main"]);
    assert_eq!(project.flagman(&["gate", "--phase", "2"]).code, 0);
}

#[test]
fn what_somebody_landed_by_hand_is_told_and_then_counts() {
    let settings = "//- flagman.toml\n[project]\nrelease_branch = \"release/next\"\n[tests]\ncommand = \"true\"\n[dispatch]\nagent = \"sh agent.sh\"\n";
    let agent = "//- agent.sh\nset -e\necho \"$FLAGMAN_PRD\" > \"$FLAGMAN_PRD.txt\"\ngit add -A\ngit diff --cached --quiet || git -c user.name=a -c user.email=a@example.org commit -qm work\n";
    let project = Project::of(&format!(
        "{settings}{agent}//- docs/prds/001-a.md\n# A\n{}",
        prd("002-b", "001", "B.")
    ));
    project.git(&["init", "-q", "-b", "main"]);
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "base"]);
    project.git(&["switch", "-q", "-c", "release/next"]);
    project.write("001-a.txt", "001-a\n");
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "A, by hand"]);
    project.git(&["switch", "-q", "--detach", "main"]);
    let ran = project.flagman(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    let handoff = project.read("handoff.md");
    let first = "1. There was nothing to do for `001-a`: the agents were content and changed nothing. If that work is on the release branch \
                 already, say so; it counts as landed from then on:\n   ```sh\n   flagman resume --landed 001-a\n   ```\n";
    assert!(handoff.contains(first), "{handoff}");
    let first_steps = handoff.split("## Stuck").next().unwrap();
    assert!(
        !first_steps.contains("--retry"),
        "to try again changes nothing: {first_steps}"
    );
    let ran = project.flagman(&["resume", "--landed", "001"]);
    assert!(
        ran.out.contains("Everything landed. 2 of 2 PRDs landed"),
        "{}{}",
        ran.out,
        ran.err
    );
    // A new run has nothing to do, with or without the journal.
    std::fs::remove_dir_all(project.root().join(".flagman")).unwrap();
    let ran = project.flagman(&["run"]);
    assert!(
        ran.out.contains("Everything landed. 2 of 2 PRDs landed"),
        "{}{}",
        ran.out,
        ran.err
    );
    assert_eq!(ran.code, 0);
}

#[test]
fn a_flip_that_is_not_for_everybody_opens_nothing_and_is_told() {
    for (hand, told) in [
        ("This PRD turns `new_checkout` on in staging only.", "in staging"),
        ("This PRD turns `new_checkout` on in its tests.", "in its tests"),
        ("This PRD turns `new_checkout` on for 5 % of users.", "for 5 % of users"),
        (
            "This PRD turns `new_checkout` on for internal users.",
            "for internal users",
        ),
        (
            "This PRD turns `new_checkout` on if support agrees.",
            "if support agrees",
        ),
        (
            "This PRD turns `new_checkout` on once legal has signed.",
            "once legal has signed",
        ),
        (
            "This PRD turns `new_checkout` on and, after the test, off again.",
            "for a while",
        ),
        ("This PRD turns `new_checkout` on for a day.", "for a day"),
    ] {
        let project = Project::of(&format!(
            "{CODE}{}{}",
            prd("003-live", "001", hand),
            prd("002-a", "003", NEEDS)
        ));
        let message = format!(
            "PRD 002-a assumes what runs only with `new_checkout` on, and `new_checkout` is off: PRD 003-live turns it on only {told}"
        );
        assert_eq!(said(&project), [("error".to_owned(), message)], "{hand}");
        let text = project.flagman(&["gate"]).out;
        let place = text.contains("docs/prds/003-live.md:6");
        assert!(place && text.contains(&format!("turns it on only {told}")), "{text}");
        // Beside a whole flip it is nothing.
        let both = [
            prd("003-live", "001", hand),
            prd("004-all", "003", TURNS),
            prd("002-a", "004", NEEDS),
        ];
        assert_eq!(levels(&both), ["note"], "{hand}");
    }
}

#[test]
fn a_flip_for_everybody_that_nobody_makes_tells_more_than_one_for_some() {
    let project = Project::of(&format!(
        "{CODE}{}{}{}",
        prd(
            "003-some",
            "001",
            "This PRD turns `new_checkout` on for internal users."
        ),
        prd("004-all", "001", "We flip `new_checkout` on the week after the launch."),
        prd("002-a", "001", NEEDS)
    ));
    let gate = project.json(&["gate"]);
    let text = gate.to_string();
    assert!(text.contains("PRD 004-all plans it later"), "{text}");
    assert!(!text.contains("only for internal users"), "{text}");
}

#[test]
fn a_flip_of_one_environment_counts_where_that_one_is_asked_about() {
    let prds = [
        prd("003-live", "001", "This PRD turns `new_checkout` on in staging only."),
        prd("002-a", "003", NEEDS),
    ];
    let project = Project::of(&format!("{CODE}{}", prds.concat()));
    assert_eq!(project.flagman(&["gate"]).code, 1);
    assert_eq!(project.flagman(&["gate", "--env", "staging"]).code, 0);
    assert_eq!(project.flagman(&["gate", "--env", "qa"]).code, 1);
}

#[test]
fn what_one_needs_and_another_takes_away_is_a_contradiction() {
    let on = CODE.replace("new_checkout: false", "new_checkout: true");
    let on = on.split("//- docs/prds/001").next().unwrap().to_owned();
    let off = "This PRD turns `new_checkout` off by default because it is slow.";
    let levels = |prds: &[String]| -> Vec<String> {
        let project = Project::of(&format!("{on}{}", prds.concat()));
        let gate = project.json(&["gate"]);
        let findings = gate["findings"].as_array().unwrap().iter();
        let of = findings.filter(|finding| finding["check"] == "flag-contradiction");
        of.map(|finding| finding["level"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(levels(&[prd("001-off", "", off), prd("002-a", "", NEEDS)]), ["error"]);
    assert_eq!(
        levels(&[prd("001-off", "", off), prd("002-a", "001", NEEDS)]),
        ["error"]
    );
    assert_eq!(levels(&[prd("001-off", "002", off), prd("002-a", "", NEEDS)]), ["note"]);
    let circle = [
        prd("001-off", "", off),
        prd("002-a", "003", NEEDS),
        prd("003-b", "002", "Text."),
    ];
    assert_eq!(levels(&circle), ["error"], "who waits in a circle has no phase");
    // Who turns it may need it as it was; somebody else may turn it back.
    assert!(levels(&[prd("001-off", "", &format!("{NEEDS} {off}"))]).is_empty());
    let back = prd("003-back", "001", TURNS);
    assert!(levels(&[prd("001-off", "", off), prd("002-a", "003", NEEDS), back]).is_empty());
    let some = "This PRD turns `new_checkout` off for ten percent of the users.";
    assert!(levels(&[prd("001-off", "", some), prd("002-a", "", NEEDS)]).is_empty());
}

#[test]
fn what_has_landed_had_what_it_needed() {
    let on = CODE.replace("new_checkout: false", "new_checkout: true");
    let on = on.split("//- docs/prds/001").next().unwrap().to_owned();
    let off = prd(
        "002-off",
        "",
        "This PRD turns `new_checkout` off by default because it is slow.",
    );
    let project = Project::of(&format!("{on}{}{off}", prd("001-a", "", NEEDS)));
    project.git(&["init", "--quiet"]);
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "--message", "a\n\nFlagman-PRD: 001-a"]);
    let gate = project.json(&["gate", "--prd", "2"]);
    assert_eq!(project.flagman(&["gate", "--prd", "2"]).code, 0, "{gate}");
    let all = project.json(&["gate"]);
    let findings = all["findings"].as_array().unwrap().iter();
    let of: Vec<_> = findings.filter(|one| one["check"] == "flag-contradiction").collect();
    assert_eq!(of.len(), 1, "{all}");
    assert_eq!(of[0]["level"], "note");
    let message = of[0]["message"].as_str().unwrap();
    assert!(
        message.ends_with("turns it off: from then on it is off for what 001-a made, too"),
        "{message}"
    );
}
