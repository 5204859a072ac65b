//! `flagman prds set`: the real command on real files. What each shape of front matter becomes is shown in `src/prd/edit/tests.rs`.

use crate::project::Project;

const PRDS: &str = "//- docs/prds/001-checkout.md
# Checkout
Ships behind the feature flag `new_checkout`, default OFF.
//- docs/prds/002-vouchers.md
---
depends_on: [001] # the form
branch: feat/vouchers
---
# Vouchers

It depends on 003-mails.
//- docs/prds/003-mails.md
# Mails
";

const VOUCHERS: &str = "docs/prds/002-vouchers.md";

#[test]
fn what_is_set_is_written_and_nothing_else() {
    let project = Project::of(PRDS);
    let before = project.read(VOUCHERS);
    let set = ["prds", "set", "2", "depends_on+=mails", "flags.assumes.new_checkout=on"];
    let dry: Vec<&str> = set.iter().copied().chain(["--dry-run"]).collect();
    let said = project.flagman(&dry);
    assert_eq!(said.code, 0, "{}", said.err);
    let diff = "--- a/docs/prds/002-vouchers.md
+++ b/docs/prds/002-vouchers.md
@@ -1,6 +1,8 @@
 ---
-depends_on: [001] # the form
-branch: feat/vouchers
+depends_on: [001, 003-mails] # the form
+branch: feat/vouchers
+flags:
+  assumes: { new_checkout: on }
 ---
 # Vouchers
 
";
    assert_eq!(said.out, diff);
    assert_eq!(project.read(VOUCHERS), before, "a dry run writes nothing");
    assert_eq!(project.flagman(&set).code, 0);
    let after = before.replace("[001] #", "[001, 003-mails] #");
    let after = after.replace(
        "vouchers\n---",
        "vouchers\nflags:\n  assumes: { new_checkout: on }\n---",
    );
    assert_eq!(project.read(VOUCHERS), after);
    let again = project.flagman(&set);
    assert_eq!(
        (again.code, again.out.as_str()),
        (0, "docs/prds/002-vouchers.md says so already\n")
    );
    let prds = project.json(&["prds", "2"]);
    assert_eq!(prds["prds"][0]["assumptions"][0]["flag"], "new_checkout");
    let document = project.json(&["prds", "set", "3", "hotfix=true"]);
    assert_eq!(document["schema"], "flagman/prds-set/v1");
    assert_eq!(
        (&document["changed"], &document["written"]),
        (&true.into(), &true.into())
    );
    assert!(
        project
            .read("docs/prds/003-mails.md")
            .starts_with("---\nhotfix: true\n---\n\n# Mails")
    );
}

#[test]
fn what_would_be_wrong_is_refused_and_nothing_is_written() {
    let project = Project::of(PRDS);
    let before = project.read(VOUCHERS);
    let refused = |arguments: &[&str], why: &str| {
        let all: Vec<&str> = ["prds", "set"].into_iter().chain(arguments.iter().copied()).collect();
        let said = project.flagman(&all);
        assert_eq!(said.code, 2, "{arguments:?}: {}{}", said.out, said.err);
        assert!(said.err.contains(why), "{arguments:?}: {}", said.err);
    };
    refused(&["2", "depend_on+=3"], "did you mean `depends_on`?");
    refused(&["002-voucher", "depends_on+=3"], "did you mean 002-vouchers?");
    refused(&["2", "depends_on+=003-mail"], "did you mean 003-mails?");
    refused(&["2", "depends_on+=2"], "cannot wait for itself");
    refused(&["2", "flags.assumes.new_chekout=on"], "did you mean `new_checkout`?");
    refused(&["2", "flags.assume.new_checkout=on"], "did you mean `assumes`?");
    refused(&["2", "depends_on-=3"], "docs/prds/002-vouchers.md:7 says it in words");
    refused(&["2", "id=001-checkout"], "is PRD 001-checkout already");
    refused(&["9", "hotfix=true"], "there is no PRD `9`");
    refused(&["9", "hotfix=true"], "to make one: --new");
    refused(&["2"], "KEY=VALUE");
    assert_eq!(project.read(VOUCHERS), before);
    project.write(VOUCHERS, "---\ndepends_on: { a: b }\n---\n# Vouchers\n");
    refused(
        &["2", "depends_on+=3"],
        "stays as it is: it is written in a way that cannot be edited safely",
    );
    refused(&["2", "depends_on+=3"], "add `003-mails` to `depends_on` by hand");
}

#[test]
fn a_prd_is_made_beside_the_others() {
    let project = Project::of(PRDS);
    let make = [
        "prds",
        "set",
        "--new",
        "004-live",
        "flags.flips.new_checkout=on",
        "depends_on+=1",
    ];
    assert_eq!(project.flagman(&make).code, 0);
    let text = project.read("docs/prds/004-live.md");
    assert_eq!(
        text,
        "---\nflags:\n  flips: { new_checkout: on }\ndepends_on: [001-checkout]\n---\n\n# live\n\nThis PRD turns `new_checkout` on for everybody.\n"
    );
    let again = project.flagman(&make);
    assert_eq!(
        (again.code, again.out.as_str()),
        (0, "docs/prds/004-live.md says so already\n")
    );
    assert_eq!(project.json(&["prds", "4"])["prds"][0]["id"], "004-live");
    // Where each PRD has a folder of its own, so has this one.
    let project = Project::of(
        "//- specs/001-a/spec.md\n# A\n//- specs/002-b/spec.md\n# B\n//- flagman.toml\n[prds]\npaths = [\"specs/*/spec.md\"]\n",
    );
    let said = project.flagman(&["prds", "set", "--new", "003-C", "depends_on+=1"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(project.json(&["prds", "3"])["prds"][0]["path"], "specs/003-C/spec.md");
    let said = project.flagman(&["prds", "set", "--new", "../out", "hotfix=true"]);
    assert_eq!(said.code, 2, "{}", said.err);
}

#[test]
fn a_new_prd_has_a_name_and_a_file_of_its_own() {
    let project = Project::of(PRDS);
    let refused = |id: &str, why: &str, hint: &str| {
        let said = project.flagman(&["prds", "set", "--new", id, "hotfix=true"]);
        assert_eq!(said.code, 2, "{id}: {}{}", said.out, said.err);
        assert!(said.err.contains(why) && said.err.contains(hint), "{id}: {}", said.err);
    };
    refused("2", "PRD 002-vouchers is there already", "leave --new out");
    refused("4", "`4` is a number alone", "flagman prds set --new 004-NAME");
    assert!(!project.root().join("docs/prds/4.md").exists());
    // The file that would be made is another PRD's.
    let other = "---\nid: 007-other\n---\n# Other\n";
    project.write("docs/prds/004-live.md", other);
    refused(
        "004-live",
        "docs/prds/004-live.md is there already, and is PRD 007-other",
        "another name",
    );
    assert_eq!(project.read("docs/prds/004-live.md"), other);
    // Where PRDs have numbers for names, so may a new one.
    let project = Project::of("//- docs/prds/001.md\n# One\n");
    assert_eq!(project.flagman(&["prds", "set", "--new", "002", "hotfix=true"]).code, 0);
}

#[test]
fn a_link_is_not_written_through() {
    let refused = |project: &Project| {
        let said = project.flagman(&["prds", "set", "--new", "004-x", "hotfix=true"]);
        assert_eq!(said.code, 2, "{}{}", said.out, said.err);
        assert!(said.err.contains("docs/prds/004-x.md is a link"), "{}", said.err);
    };
    let project = Project::of(PRDS);
    project.write("elsewhere/004-x.md", "# X\n");
    let link = |to: &str, at: &str| std::os::unix::fs::symlink(to, project.root().join(at)).unwrap();
    link("../../elsewhere/004-x.md", "docs/prds/004-x.md");
    refused(&project);
    // Nor is one that leads to a folder.
    std::fs::remove_dir_all(project.root().join("docs")).unwrap();
    std::fs::create_dir(project.root().join("docs")).unwrap();
    link("../elsewhere", "docs/prds");
    refused(&project);
    // Nor one further up.
    std::fs::remove_dir_all(project.root().join("docs")).unwrap();
    project.write("around/prds/004-x.md", "# X\n");
    link("around", "docs");
    refused(&project);
    assert_eq!(project.read("around/prds/004-x.md"), "# X\n");
    assert_eq!(project.read("elsewhere/004-x.md"), "# X\n");
}

#[test]
fn what_then_waits_for_itself_is_said() {
    let project = Project::of(PRDS);
    let said = project.flagman(&["prds", "set", "3", "depends_on+=1", "--dry-run"]);
    assert!(
        said.code == 0 && !said.out.contains("wait for each other"),
        "{}",
        said.out
    );
    let said = project.flagman(&["prds", "set", "1", "depends_on+=2", "--dry-run"]);
    let note = "note: now they wait for each other: 001-checkout → 002-vouchers → 001-checkout\n";
    assert!(said.code == 0 && said.out.ends_with(note), "{}", said.out);
    let document = project.json(&["prds", "set", "3", "depends_on+=2"]);
    assert_eq!(
        document["cycle"],
        serde_json::json!(["003-mails", "002-vouchers", "003-mails"])
    );
}
