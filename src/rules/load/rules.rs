//! Rules of the form to checked ones: the shape, the selectors, and what only their kind has.

use toml::Spanned;

use super::{Checker, Strictness};
use crate::flag::FlagValue;
use crate::rules::form::{
    AmbientForm, FileForm, FrameworkForm, HandleForm, RuleForm, ScopeForm, SelectorForm, SignsForm,
};
use crate::rules::framework::{FrameworkRule, HookKind, Signs};
use crate::rules::rule::{
    AmbientRule, AssumeRule, Covers, DefineRule, ForceRule, GateEffect, GateRule, Handle, Others, Reach, ReadRule,
    Region, Reset, ResultShape, ResultTest, Rule, RuleKind, UnknownKey, WrapRule,
};
use crate::rules::selector::Selector;
use crate::rules::shape::{Globs, Shape};
use crate::rules::transform::Transform;
use crate::rules::{Confidence, RuleFile};

/// The kinds that have a shape, and the fields that only some of them have.
const FIELDS: [(&str, &[&str]); 6] = [
    ("define", &["declared", "ambient", "handle", "expires", "owner", "doc"]),
    (
        "read",
        &[
            "fallback",
            "result",
            "polarity",
            "negate_prefix",
            "async",
            "export",
            "region",
        ],
    ),
    ("wrap", &["name", "fallback", "polarity"]),
    (
        "force",
        &[
            "value",
            "scope",
            "reset",
            "unknown_key",
            "others",
            "covers",
            "target",
            "target_object",
        ],
    ),
    ("gate", &["effect", "polarity"]),
    ("assume", &["value"]),
];

/// The fields of a rule that not every kind has, and whether they are given.
fn given(form: &RuleForm) -> [(&'static str, bool); 22] {
    [
        ("declared", form.declared.is_some()),
        ("ambient", form.ambient.is_some()),
        ("handle", form.handle.is_some()),
        ("expires", form.expires.is_some()),
        ("owner", form.owner.is_some()),
        ("doc", form.doc.is_some()),
        ("fallback", form.fallback.is_some()),
        ("result", form.result.is_some()),
        ("polarity", form.polarity.is_some()),
        ("negate_prefix", form.negate_prefix.is_some()),
        ("async", form.r#async.is_some()),
        ("export", form.export.is_some()),
        ("region", form.region.is_some()),
        ("name", form.name.is_some()),
        ("value", form.value.is_some()),
        ("scope", form.scope.is_some()),
        ("reset", form.reset.is_some()),
        ("unknown_key", form.unknown_key.is_some()),
        ("others", form.others.is_some()),
        ("covers", form.covers.is_some()),
        ("target", form.target.is_some() || form.target_object.is_some()),
        ("effect", form.effect.is_some()),
    ]
}

impl Checker<'_> {
    pub(super) fn rules(&mut self, form: FileForm, confidence: Confidence, file: &mut RuleFile) {
        let kinds = [
            ("define", form.define),
            ("read", form.read),
            ("wrap", form.wrap),
            ("force", form.force),
            ("gate", form.gate),
            ("assume", form.assume),
        ];
        for (kind, rules) in kinds {
            for rule in rules {
                if let Some(rule) = self.rule(kind, rule, confidence, file) {
                    file.rules.push(rule);
                }
            }
        }
        for ambient in form.ambient {
            if let Some(rule) = self.ambient(&ambient, confidence) {
                file.rules.push(rule);
            }
        }
        for framework in form.framework {
            let rule = self.framework(framework, confidence, file);
            file.rules.push(rule);
        }
    }

    fn rule(&mut self, kind: &str, mut form: RuleForm, confidence: Confidence, file: &RuleFile) -> Option<Rule> {
        let (id, line) = self.rule_id(form.id.take(), kind, file);
        self.fields_of_kind(kind, &form, line);
        let shape = self.shape(line, &mut form)?;
        let key = form.key.take().and_then(|key| self.selector(line, key));
        let rule = Rule {
            id,
            kind: self.kind(kind, line, &mut form, &shape)?,
            shape: Some(shape),
            key,
            files: self.path_globs(&form.files),
            confidence: self.confidence(form.confidence.as_ref()).unwrap_or(confidence),
            require_import: form.require_import,
            examples: form.example,
            counter_examples: form.not,
            line,
        };
        if rule.require_import && file.when.is_none() {
            self.fail(line, "`require_import` needs a `[when]` with the imports");
        }
        self.lint(&rule, form.query.as_ref(), file);
        Some(rule)
    }

    /// In a table of the configuration an id is made up where none is given.
    fn rule_id(&mut self, id: Option<Spanned<String>>, kind: &str, file: &RuleFile) -> (String, u32) {
        match (id, self.strictness) {
            (Some(id), _) => {
                self.id(&id, false);
                (id.get_ref().clone(), self.line(id.span().start))
            }
            (None, Strictness::Inline(line)) => (format!("{kind}-{}", file.rules.len() + 1), line),
            (None, Strictness::BuiltIn | Strictness::File) => {
                self.fail(
                    1,
                    format!("the {kind} rule after {} others has no id", file.rules.len()),
                );
                (String::new(), 1)
            }
        }
    }

    fn fields_of_kind(&mut self, kind: &str, form: &RuleForm, line: u32) {
        let own = FIELDS
            .iter()
            .find(|(known, _)| *known == kind)
            .map_or(&[][..], |(_, own)| own);
        for (field, is_given) in given(form) {
            if is_given && !own.contains(&field) {
                self.fail(line, format!("a {kind} rule has no `{field}`"));
            }
        }
    }

    fn optional(&mut self, line: u32, form: Option<SelectorForm>) -> Option<Selector> {
        form.and_then(|form| self.selector(line, form))
    }

    fn kind(&mut self, kind: &str, line: u32, form: &mut RuleForm, shape: &Shape) -> Option<RuleKind> {
        let negative = self.negative(form.polarity.as_ref());
        Some(match kind {
            "define" => RuleKind::Define(Box::new(DefineRule {
                declared: self.optional(line, form.declared.take()),
                ambient: self.optional(line, form.ambient.take()),
                handle: form.handle.take().and_then(|handle| self.handle(line, handle)),
                expires: self.optional(line, form.expires.take()),
                owner: self.optional(line, form.owner.take()),
                doc: form.doc.unwrap_or(false),
            })),
            "read" => RuleKind::Read(self.read(line, form, negative)),
            "wrap" => RuleKind::Wrap(WrapRule {
                negative,
                fallback: self.optional(line, form.fallback.take()),
            }),
            "force" => RuleKind::Force(Box::new(self.force(line, form, shape))),
            "gate" => {
                let effects = [("skip", GateEffect::Skip), ("expected_fail", GateEffect::ExpectedFail)];
                let Some(effect) = &form.effect else {
                    self.fail(line, "a gate rule needs `effect`");
                    return None;
                };
                let effect = self.word(effect, "effect", &effects)?;
                RuleKind::Gate(GateRule { effect, negative })
            }
            _ => RuleKind::Assume(AssumeRule {
                value: self.optional(line, form.value.take()),
            }),
        })
    }

    fn negative(&mut self, polarity: Option<&Spanned<String>>) -> bool {
        polarity
            .and_then(|word| self.word(word, "polarity", &[("+", false), ("-", true)]))
            .unwrap_or(false)
    }

    fn handle(&mut self, line: u32, form: HandleForm) -> Option<Handle> {
        match form {
            HandleForm::Binding => Some(Handle::Binding),
            HandleForm::Word(word) if word == "type" => Some(Handle::Type),
            HandleForm::Word(word) if word == "property" => Some(Handle::Property),
            HandleForm::Word(word) if word == "call" => Some(Handle::Called),
            HandleForm::Word(word) if word == "store" => Some(Handle::Store),
            HandleForm::Word(word) => {
                self.fail(
                    line,
                    format!("unknown handle `{word}`: true, \"type\", \"property\", \"call\" or \"store\""),
                );
                None
            }
        }
    }

    fn read(&mut self, line: u32, form: &mut RuleForm, negative: bool) -> ReadRule {
        let regions = [
            ("condition", Region::Condition),
            ("callback", Region::Callback),
            ("children", Region::Children),
            ("item", Region::Item),
            ("rest", Region::Rest),
        ];
        let result = form.result.take().map(|text| {
            let line = self.line(text.span().start);
            self.result(line, text.get_ref())
        });
        let result = result.unwrap_or_default();
        let region = form
            .region
            .as_ref()
            .and_then(|word| self.word(word, "region", &regions));
        let by_result = match result.test {
            ResultTest::Callback(_) => Region::Callback,
            _ => Region::Condition,
        };
        ReadRule {
            fallback: self.optional(line, form.fallback.take()),
            result,
            negative,
            negate_prefix: form.negate_prefix.take(),
            is_async: form.r#async.unwrap_or(false),
            export: form.export.as_ref().and_then(|word| self.transform(word)) as Option<Transform>,
            region: region.unwrap_or(by_result),
        }
    }

    /// `value`, `.enabled`, `[0].enabled`, `== "on"`, `.treatment == "on"`, `includes`, `callback:-1`
    fn result(&mut self, line: u32, text: &str) -> ResultShape {
        let mut result = ResultShape::default();
        if let Some(number) = text.strip_prefix("callback:") {
            match number.parse() {
                Ok(number) => result.test = ResultTest::Callback(number),
                Err(_) => self.fail(line, format!("`{number}` is no number of an argument")),
            }
        } else if text == "includes" {
            result.test = ResultTest::Includes;
        } else if text != "value" {
            let (path, literal) = text.split_once("==").unwrap_or((text, ""));
            result.path = self.path(line, path.trim());
            let literal = literal.trim();
            if !literal.is_empty() {
                result.test = ResultTest::Equals(literal.trim_matches(['"', '\'']).to_owned());
            }
        }
        result
    }

    fn force(&mut self, line: u32, form: &mut RuleForm, shape: &Shape) -> ForceRule {
        let unknown = [
            ("ignore", UnknownKey::Ignore),
            ("warn", UnknownKey::Warn),
            ("error", UnknownKey::Error),
        ];
        let others = [("keep", Others::Keep), ("off", Others::Off), ("on", Others::On)];
        let covers = [("all", Covers::All), ("some", Covers::Some), ("reset", Covers::Reset)];
        let reset = match form.reset.take().map(|words| words.0) {
            None => Reset::Scope,
            Some(words) if words == ["never"] => Reset::Never,
            Some(words) => Reset::Calls(words),
        };
        let unknown_key = form
            .unknown_key
            .as_ref()
            .and_then(|word| self.word(word, "unknown_key", &unknown));
        let others = form.others.as_ref().and_then(|word| self.word(word, "others", &others));
        let covers = form.covers.as_ref().and_then(|word| self.word(word, "covers", &covers));
        ForceRule {
            value: self.optional(line, form.value.take()),
            target: self.optional(line, form.target.take()),
            target_object: self.optional(line, form.target_object.take()),
            scope: self.reach(line, form.scope.take(), shape),
            reset,
            unknown_key: unknown_key.unwrap_or_default(),
            others: others.unwrap_or_default(),
            covers: covers.unwrap_or_default(),
        }
    }

    fn reach(&mut self, line: u32, scope: Option<ScopeForm>, shape: &Shape) -> Reach {
        match scope {
            Some(ScopeForm::Word(word)) => match word.as_str() {
                "auto" => Reach::Auto,
                "test" => Reach::Test,
                "block" => Reach::Block,
                "suite" => Reach::Suite,
                "file" => Reach::File,
                "project" => Reach::Project,
                _ => {
                    self.fail(
                        line,
                        format!("unknown scope `{word}`: test, block, suite, file, project or auto"),
                    );
                    Reach::Auto
                }
            },
            _ if matches!(shape, Shape::Scope(_)) => Reach::Block,
            _ if matches!(shape, Shape::ModuleMock(_)) => Reach::File,
            _ => Reach::Auto,
        }
    }

    fn ambient(&mut self, form: &AmbientForm, confidence: Confidence) -> Option<Rule> {
        self.id(&form.id, false);
        let line = self.line(form.value.span().start);
        let value = FlagValue::parse(form.value.get_ref());
        if value == FlagValue::Unknown {
            self.fail(
                line,
                "an ambient rule says on or off; nothing may rest on an unknown state, so leave the rule out",
            );
            return None;
        }
        let files = self.path_globs(&form.files);
        Some(Rule {
            id: form.id.get_ref().clone(),
            kind: RuleKind::Ambient(AmbientRule { files, value }),
            shape: None,
            key: None,
            files: Globs::default(),
            confidence,
            require_import: false,
            examples: Vec::new(),
            counter_examples: Vec::new(),
            line,
        })
    }

    fn framework(&mut self, form: FrameworkForm, confidence: Confidence, file: &RuleFile) -> Rule {
        let (id, line) = self.rule_id(form.id, "framework", file);
        let hooks = [
            (HookKind::BeforeAll, form.hook.before_all),
            (HookKind::BeforeEach, form.hook.before_each),
            (HookKind::AfterEach, form.hook.after_each),
            (HookKind::AfterAll, form.hook.after_all),
        ];
        let framework = FrameworkRule {
            test: signs(form.test),
            suite: signs(form.suite),
            hooks: hooks.into_iter().filter(|(_, calls)| !calls.is_empty()).collect(),
            skip: signs(form.skip),
            run: signs(form.run),
            only: signs(form.only),
            todo: signs(form.todo),
            expect_fail: signs(form.expect_fail),
            table: signs(form.table),
            fixture: signs(form.fixture),
            neutral: form.neutral,
            files: self.path_globs(&form.file_glob),
            setup_files: self.path_globs(&form.setup_glob),
        };
        if framework.test == Signs::default() {
            self.fail(line, "a framework needs `test`: what a test looks like");
        }
        if form.example.is_empty() && self.strictness == Strictness::File {
            self.fail(line, "the rule has no example; an example is its test");
        }
        Rule {
            id,
            kind: RuleKind::Framework(Box::new(framework)),
            shape: None,
            key: None,
            files: Globs::default(),
            confidence: self.confidence(form.confidence.as_ref()).unwrap_or(confidence),
            require_import: form.require_import,
            examples: form.example,
            counter_examples: form.not,
            line,
        }
    }
}

fn signs(form: SignsForm) -> Signs {
    Signs {
        calls: form.call,
        modifiers: form.modifier,
        conditions: form.condition,
        attributes: form.attribute,
        attribute_suffix: form.attribute_suffix,
        functions: form.function,
        methods: form.method,
        param: form.param,
        options: form.option,
        inside: form.inside,
        module_cfg: form.module_cfg,
    }
}
