//! JUnit, as CI servers read it. Enters: the analysis and the gate's answer. Leaves: XML with one test case for each PRD of the subject:
//! passed, failed (blocked) or in error (it cannot be told), and one for what concerns no PRD in particular.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::visible;
use crate::analysis::Analysis;
use crate::check::{Finding, Level};
use crate::gate::{GateAnswer, Verdict};
use crate::prd::PrdId;

/// The report as text.
#[must_use]
pub fn report(analysis: &Analysis, answer: &GateAnswer) -> String {
    let findings: Vec<&Finding> = answer.findings.iter().map(|at| &analysis.findings[*at]).collect();
    let mut suite = TestSuite::new(answer.phase.map_or("gate".to_owned(), |phase| format!("phase {phase}")));
    for (id, verdict) in &answer.prds {
        let own: Vec<&Finding> = findings
            .iter()
            .copied()
            .filter(|finding| is_about(finding, id))
            .collect();
        suite.add_test_case(case(analysis, &id.0, *verdict, &own));
    }
    let of_nobody: Vec<&Finding> = findings.into_iter().filter(|finding| finding.prd.is_none()).collect();
    if answer.prds.is_empty() || !of_nobody.is_empty() {
        let worst = of_nobody.iter().map(|finding| match finding {
            finding if finding.undecided => Verdict::Unknown,
            finding if finding.level == Level::Error => Verdict::Blocked,
            _ => Verdict::Clear,
        });
        let verdict = worst.max().unwrap_or(answer.verdict);
        suite.add_test_case(case(analysis, "the whole", verdict, &of_nobody));
    }
    let mut report = Report::new("flagman");
    report.add_test_suite(suite);
    report
        .to_string()
        .unwrap_or_else(|error| panic!("BUG: a report of plain strings is no XML: {error}"))
}

fn is_about(finding: &Finding, id: &PrdId) -> bool {
    finding.prd.as_ref() == Some(id) || finding.others.contains(id)
}

fn case(analysis: &Analysis, name: &str, verdict: Verdict, findings: &[&Finding]) -> TestCase {
    let kind = match verdict {
        Verdict::Clear => None,
        Verdict::Blocked => Some(NonSuccessKind::Failure),
        Verdict::Unknown => Some(NonSuccessKind::Error),
    };
    let text: String = findings.iter().map(|finding| described(analysis, finding)).collect();
    let mut case = match kind {
        None => TestCase::new(visible(name), TestCaseStatus::success()),
        Some(kind) => {
            let deciding = findings.iter().find(|finding| match verdict {
                Verdict::Unknown => finding.undecided,
                _ => finding.level == Level::Error,
            });
            let deciding = deciding.or(findings.first());
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(deciding.map_or(String::new(), |finding| visible(&finding.message)));
            status.set_type(deciding.map_or("flagman", |finding| finding.check));
            status.set_description(text.as_str());
            TestCase::new(visible(name), status)
        }
    };
    if verdict == Verdict::Clear && !text.is_empty() {
        case.set_system_out(text);
    }
    case.set_classname("flagman");
    case
}

/// The sentence, the places and the ways out, one a line.
fn described(analysis: &Analysis, finding: &Finding) -> String {
    let mut lines = vec![format!(
        "{}[{}]: {}",
        finding.level.word(),
        finding.check,
        finding.message
    )];
    lines.extend(finding.places.iter().map(|place| {
        let at = analysis.sources.start(place.span);
        let path = analysis.sources.path(place.span.file);
        format!("  {path}:{}:{} {}", at.line, at.column, place.note)
    }));
    lines.extend(
        finding
            .remedies
            .iter()
            .map(|remedy| format!("  help: {}", remedy.line())),
    );
    visible(&(lines.join("\n") + "\n"))
}
