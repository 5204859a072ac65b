//! What starts tests, on small projects.

use super::{Harness, sets};
use crate::source::{FileId, fixture};

fn check(files: &str, setup: &[&str], configurations: &[&str], settings: &[&str]) {
    let (sources, view) = fixture(files);
    let found = Harness::of(&sources, &view);
    let texts = |paths: &std::collections::BTreeSet<crate::source::RepoPath>| {
        paths.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(texts(&found.setup), setup, "{files}");
    assert_eq!(texts(&found.configurations), configurations, "{files}");
    assert_eq!(texts(&found.settings), settings, "{files}");
}

#[test]
fn commands_and_manifests_name_what_runs_before() {
    let prep = "//- tools/prep.js\nstart();\n";
    for command in [
        "mocha --require ./tools/prep.js test/*.js",
        "mocha -r tools/prep test/*.js",
        "mocha --file=tools/prep.js",
        "node --import ./tools/prep.js --test",
        "jest --setupFiles ./tools/prep.js",
    ] {
        check(
            &format!("{prep}//- package.json\n{{\"scripts\": {{\"test\": \"{command}\"}}}}\n"),
            &["tools/prep.js"],
            &[],
            &[],
        );
    }
    check(
        &format!(
            "{prep}//- package.json\n{{\"scripts\": {{\"test\": \"npm run unit\", \"unit\": \"mocha -r ./tools/prep.js\", \"build\": \"node -r ./tools/other.js\"}}}}\n//- tools/other.js\n"
        ),
        &["tools/prep.js"],
        &[],
        &[],
    );
    check(
        &format!("{prep}//- package.json\n{{\"ava\": {{\"require\": [\"./tools/prep.js\"]}}}}\n"),
        &["tools/prep.js"],
        &[],
        &[],
    );
    check(
        &format!("{prep}//- Makefile\ntest:\n\tnode -r ./tools/prep.js --test\n"),
        &["tools/prep.js"],
        &[],
        &[],
    );
}

#[test]
fn plain_configurations_name_what_runs_before() {
    let prep = "//- tools/prep.js\nstart();\n";
    for config in [
        ".mocharc.yml\nrequire:\n  - ./tools/prep.js\nspec: test/*.js\n",
        ".mocharc.yml\nrequire: tools/prep.js\n",
        ".mocharc.json\n{\"require\":[\"./tools/prep.js\"]}\n",
        ".mocharc.cjs\nmodule.exports = { file: ['tools/prep.js'] };\n",
        "karma.conf.js\nmodule.exports = (c) => c.set({ files: ['tools/prep.js', 'test/*.js'] });\n",
    ] {
        check(&format!("{prep}//- {config}"), &["tools/prep.js"], &[], &[]);
    }
    check(
        &format!("{prep}//- .mocharc.yml\nspec:\n  - ./tools/prep.js\n"),
        &[],
        &[],
        &[],
    );
}

#[test]
fn a_configuration_may_stand_behind_another() {
    check(
        "//- package.json\n{\"scripts\": {\"test\": \"jest -c config/unit.js\"}}\n//- config/unit.js\nconst base = require('./base');\nmodule.exports = { ...base };\n//- config/base.js\nmodule.exports = {};\n//- config/other.js\n",
        &[],
        &["config/base.js", "config/unit.js"],
        &[],
    );
    check(
        "//- package.json\n{\"scripts\": {\"test\": \"node --env-file=.env.unit --test\"}}\n//- .env.unit\nA=1\n",
        &[],
        &[],
        &[".env.unit"],
    );
}

#[test]
fn a_text_sets_a_variable() {
    let found = |text: &'static str| -> Vec<&str> {
        sets(text, FileId(0), "FEATURE_X")
            .into_iter()
            .map(|(value, _)| value)
            .collect()
    };
    assert_eq!(found("test:\n\tFEATURE_X=true npm test\n"), ["true"]);
    assert_eq!(found("env:\n  FEATURE_X: 'true'\n"), ["true"]);
    assert_eq!(found("export FEATURE_X ?= 1\n"), ["1"]);
    assert_eq!(found("# FEATURE_X=true\necho $FEATURE_X MY_FEATURE_X=1\n"), [""; 0]);
    assert_eq!(found("if [ $FEATURE_X == 1 ]; then\n"), [""; 0]);
}
