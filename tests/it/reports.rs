//! Awkward documents through every report: nothing that they say escapes from where it is put.

use crate::project::Project;

/// A PRD that assumes a flag which another one ships off, with a title, a name and sentences that every format has to escape.
fn awkward() -> Project {
    let project = Project::of(
        "//- src/flags.ts\nexport const FLAG_DEFAULTS = { fast_path: false };\nexport function isEnabled(key: string): boolean { return FLAG_DEFAULTS[key]; }\n\
         //- src/price.ts\nimport { isEnabled } from './flags';\nexport const price = () => (isEnabled('fast_path') ? 1 : 2);\n\
         //- docs/prds/001-writer.md\n# Writer\n\nThe fast path sits behind the feature flag `fast_path`, default OFF.\n",
    );
    project.write(
        "docs/prds/002-ünlü 100%,::x.md",
        "# <script>alert(1)</script> ]]> | @all ::error:: 100%\n\nÄöü\t日本. This PRD assumes `fast_path` is on, <img src=x onerror=alert(1)> ]]> & \u{202e}so.",
    );
    project
}

fn report(project: &Project, kind: &str) -> String {
    let said = project.flagman(&["gate", "--report", &format!("{kind}=out/report"), "--quiet"]);
    assert_eq!(said.code, 1, "{kind}: {}{}", said.out, said.err);
    let text = project.read("out/report");
    assert!(
        !text.contains('\u{202e}') || kind == "json" || kind == "sarif",
        "{kind} turns the text around: {text}"
    );
    text
}

#[test]
fn html_holds_no_markup_of_a_document() {
    let page = report(&awkward(), "html");
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;"), "{page}");
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
    assert!(
        page.contains("assumes-unset-flag") && page.contains("flags set fast_path on"),
        "{page}"
    );
}

#[test]
fn junit_has_a_case_for_each_prd() {
    let text = report(&awkward(), "junit");
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let cases = &report.test_suites[0].test_cases;
    let failed: Vec<&str> = cases
        .iter()
        .filter(|case| matches!(case.status, quick_junit::TestCaseStatus::NonSuccess { .. }))
        .map(|case| case.name.as_str())
        .collect();
    assert_eq!((cases.len(), failed), (2, vec!["002-ünlü-100-x"]));
}

#[test]
fn sarif_and_json_point_at_the_place() {
    let project = awkward();
    let json: serde_json::Value = serde_json::from_str(&report(&project, "json")).unwrap();
    let place = &json["findings"][0]["places"][0];
    assert_eq!(place["path"], "docs/prds/002-ünlü 100%,::x.md");
    assert_eq!(place["line"], 3);
    let sarif: serde_json::Value = serde_json::from_str(&report(&project, "sarif")).unwrap();
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(
        location["artifactLocation"]["uri"],
        "docs/prds/002-%C3%BCnl%C3%BC%20100%25%2C%3A%3Ax.md"
    );
    assert_eq!(location["region"]["startColumn"], place["column"]);
}

#[test]
fn annotations_and_summaries_obey_nothing() {
    let project = awkward();
    let annotations = report(&project, "github");
    assert!(annotations.lines().all(|line| line.starts_with("::")), "{annotations}");
    assert!(
        annotations.starts_with("::error file=docs/prds/002-ünlü 100%25%2C%3A%3Ax.md,line=3,"),
        "{annotations}"
    );
    let summary = report(&project, "markdown");
    assert!(!summary.contains("<script") && !summary.contains("<img"), "{summary}");
}
