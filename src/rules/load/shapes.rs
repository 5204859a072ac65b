//! Shapes of the form to checked ones. Exactly one shape belongs to a rule.

use toml::Spanned;

use super::Checker;
use crate::rules::form::{
    CallForm, DataForm, LookupForm, MemberForm, ModuleMockForm, ObjectForm, RuleForm, ScopeForm, Words,
};
use crate::rules::selector::Pattern;
use crate::rules::shape::{
    AssignShape, CallShape, ConstShape, DataFormat, DataShape, Globs, JsxShape, LookupShape, MemberKind, MemberShape,
    ModuleMockShape, ObjectShape, Shape, UnionShape, ValueKind,
};

/// Calls within the receivers of calls that make sense.
const DEPTH: usize = 4;

impl Checker<'_> {
    /// Takes the shape out of a rule; globs that the shape carries go to `files`.
    pub(super) fn shape(&mut self, line: u32, form: &mut RuleForm) -> Option<Shape> {
        let errors = self.errors.len();
        let mut shapes = self.plain_shapes(line, form);
        shapes.extend(self.named_shapes(line, form));
        match shapes.len() {
            1 => shapes.pop(),
            0 => {
                if self.errors.len() == errors {
                    self.fail(line, "the rule has no shape: give one of call, new, member, jsx, decorator, object, assign, const, union, impl, macro, cfg, module_mock, scope, comment, data, lookup, query");
                }
                None
            }
            _ => {
                self.fail(line, "the rule has more than one shape: make a rule of each");
                None
            }
        }
    }

    fn plain_shapes(&mut self, line: u32, form: &mut RuleForm) -> Vec<Shape> {
        let call = form.call.take();
        let scope = match form.scope.take() {
            Some(ScopeForm::Shape(call)) => Some(*call),
            word => {
                form.scope = word;
                None
            }
        };
        let all = [
            call.and_then(|call| self.call(line, call, DEPTH)).map(Shape::Call),
            scope.and_then(|call| self.call(line, call, DEPTH)).map(Shape::Scope),
            form.member.take().and_then(|member| self.member(line, member)),
            form.object.take().and_then(|object| self.object(line, object)),
            form.assign.take().and_then(|assign| {
                let left = self.spanned_anchored(&assign.left, "an assignment")?;
                Some(Shape::Assign(AssignShape { left }))
            }),
            form.cfg.take().map(|_| Shape::Cfg),
            form.module_mock.take().and_then(|mock| self.module_mock(line, mock)),
            form.comment.take().and_then(|comment| {
                let at = self.line(comment.r#match.span().start);
                self.pattern(at, comment.r#match.get_ref()).map(Shape::Comment)
            }),
            form.data.take().and_then(|data| self.data(&data)),
            form.lookup.take().and_then(|form| self.lookup(&form)),
            form.query
                .as_ref()
                .map(|query| Shape::Query(query.get_ref().as_str().into())),
        ];
        all.into_iter().flatten().collect()
    }

    fn named_shapes(&mut self, line: u32, form: &mut RuleForm) -> Vec<Shape> {
        let named = |check: &mut Self, name: Option<_>, what: &str| check.names(line, name?, what);
        let new = form.new.take().map(|form| form.name);
        let decorator = form.decorator.take().map(|form| form.name);
        let r#macro = form.r#macro.take().map(|form| form.name);
        let mut all = vec![
            named(self, new, "a construction").map(Shape::New),
            named(self, decorator, "a decorator").map(Shape::Decorator),
            named(self, r#macro, "a macro").map(Shape::Macro),
        ];
        let wrap = named(self, form.name.take(), "a wrapper").map(|names| {
            Shape::Call(CallShape {
                names,
                receiver: None,
                receiver_call: None,
                module: None,
                least_args: 0,
                first: None,
                any: None,
                unless: None,
                decides: false,
            })
        });
        all.push(wrap);
        if let Some(union) = form.union.take() {
            let table = [
                ("texts", MemberKind::Texts),
                ("fields", MemberKind::Fields),
                ("booleans", MemberKind::Booleans),
                ("only-booleans", MemberKind::OnlyBooleans),
                ("constants", MemberKind::Constants),
                ("values", MemberKind::Values),
            ];
            let of = union.of.as_ref().and_then(|word| self.word(word, "of", &table));
            let names = self.names(line, union.r#type, "a union");
            all.push(names.map(|names| Shape::Union(UnionShape { names, of })));
        }
        if let Some(jsx) = form.jsx.take() {
            let names = self.names(line, jsx.name, "an element");
            all.push(names.map(|names| Shape::Jsx(JsxShape { names, attr: jsx.attr })));
        }
        if let Some(binding) = form.r#const.take() {
            form.files.extend(binding.r#in);
            let names = self.names(line, binding.name, "a binding");
            let (object, exported) = (binding.object, binding.exported);
            let values = self.values(binding.values.as_ref());
            all.push(names.map(|names| {
                Shape::Const(ConstShape {
                    names,
                    object,
                    values,
                    exported,
                })
            }));
        }
        if let Some(of) = form.r#impl.take() {
            all.push(Some(Shape::Impl {
                of: of.r#trait,
                constant: of.r#const,
            }));
        }
        all.into_iter().flatten().collect()
    }

    fn spanned_anchored(&mut self, text: &Spanned<String>, what: &str) -> Option<Pattern> {
        let line = self.line(text.span().start);
        self.anchored(line, text.get_ref(), what)
    }

    fn call(&mut self, line: u32, form: CallForm, depth: usize) -> Option<CallShape> {
        let Some(depth) = depth.checked_sub(1) else {
            self.fail(line, "receiver calls are nested too deeply");
            return None;
        };
        let module = self.modules(line, form.module);
        Some(CallShape {
            names: self.names(line, form.name, "a call")?,
            receiver: form
                .receiver
                .and_then(|text| self.spanned_anchored(&text, "a receiver")),
            receiver_call: form
                .receiver_call
                .and_then(|call| self.call(line, *call, depth))
                .map(Box::new),
            module,
            least_args: form.least_args,
            first: form
                .first
                .and_then(|text| self.spanned_anchored(&text, "a first argument")),
            any: form.any.and_then(|text| self.spanned_anchored(&text, "an argument")),
            unless: form.unless.and_then(|text| self.spanned_anchored(&text, "a name")),
            decides: form.decides,
        })
    }

    fn modules(&mut self, line: u32, words: Option<Words>) -> Option<Globs> {
        let globs: Vec<(u32, String)> = words?.0.into_iter().map(|word| (line, word)).collect();
        Some(self.module_globs(&globs))
    }

    fn values(&mut self, word: Option<&Spanned<String>>) -> Option<ValueKind> {
        self.word(
            word?,
            "values",
            &[
                ("boolean", ValueKind::Boolean),
                ("text", ValueKind::Text),
                ("switch", ValueKind::Switch),
            ],
        )
    }

    fn member(&mut self, line: u32, form: MemberForm) -> Option<Shape> {
        let object = form
            .object
            .as_ref()
            .and_then(|text| self.spanned_anchored(text, "an object"));
        let object_type = form.object_type.as_ref().and_then(|text| self.type_pattern(text));
        if form.object.is_none() && form.object_type.is_none() {
            self.fail(
                line,
                "a member needs `object` or `object_type`, else every property is one",
            );
            return None;
        }
        let module = self.modules(line, form.module);
        Some(Shape::Member(MemberShape {
            object,
            object_type,
            module,
        }))
    }

    fn object(&mut self, line: u32, form: ObjectForm) -> Option<Shape> {
        let whole = form.whole.unwrap_or_default();
        let by_place = form.path.is_some() || form.r#type.is_some() || form.in_call.is_some();
        if !by_place && form.has.is_none() && !whole {
            self.fail(
                line,
                "an object needs `path`, `type`, `in_call`, `has` or `whole`, else every literal is one",
            );
            return None;
        }
        let path = form.path.unwrap_or_default();
        Some(Shape::Object(ObjectShape {
            path: path
                .split('.')
                .filter(|key| !key.is_empty())
                .map(str::to_owned)
                .collect(),
            of_type: match &form.r#type {
                Some(text) => Some(self.type_pattern(text)?),
                None => None,
            },
            in_call: match form.in_call {
                Some(names) => Some(self.names(line, names, "a call")?),
                None => None,
            },
            in_const: match form.in_const {
                Some(names) => Some(self.names(line, names, "a binding")?),
                None => None,
            },
            has: match form.has {
                Some(names) => Some(self.names(line, names, "an entry")?),
                None => None,
            },
            whole,
            values: self.values(form.values.as_ref()),
        }))
    }

    /// A plain word stands for itself; anything else is a pattern.
    fn type_pattern(&mut self, text: &Spanned<String>) -> Option<Pattern> {
        let word = text.get_ref();
        if word.chars().all(|c| c.is_alphanumeric() || c == '_') {
            let line = self.line(text.span().start);
            return self.pattern(line, &format!("^{word}$"));
        }
        self.spanned_anchored(text, "a type")
    }

    fn lookup(&mut self, form: &LookupForm) -> Option<Shape> {
        let about = self.pattern(self.line(form.about.span().start), form.about.get_ref())?;
        let mut other = |text: &Option<Spanned<String>>| match text {
            Some(text) => self.pattern(self.line(text.span().start), text.get_ref()).map(Some),
            None => Some(None),
        };
        let (unless, asked) = (other(&form.unless)?, other(&form.asked)?);
        Some(Shape::Lookup(LookupShape { about, unless, asked }))
    }

    fn module_mock(&mut self, line: u32, form: ModuleMockForm) -> Option<Shape> {
        Some(Shape::ModuleMock(ModuleMockShape {
            names: self.names(line, form.name, "a module mock")?,
            receiver: form
                .receiver
                .and_then(|text| self.spanned_anchored(&text, "a receiver")),
            path: form.path.and_then(|text| {
                let line = self.line(text.span().start);
                self.pattern(line, text.get_ref())
            }),
        }))
    }

    fn data(&mut self, form: &DataForm) -> Option<Shape> {
        let table = [
            ("yaml", DataFormat::Yaml),
            ("json", DataFormat::Json),
            ("toml", DataFormat::Toml),
            ("dotenv", DataFormat::Dotenv),
            ("sql", DataFormat::Sql),
            ("xml", DataFormat::Xml),
            ("properties", DataFormat::Properties),
        ];
        let format = self.word(&form.format, "format", &table)?;
        let line = self.line(form.format.span().start);
        if form.files.is_empty() {
            self.fail(line, "a data shape needs `files`");
        }
        if (format == DataFormat::Sql) != form.table.is_some() {
            self.fail(line, "`table` belongs to the format sql, which needs it");
        }
        Some(Shape::Data(DataShape {
            files: self.path_globs(&form.files),
            ignore: self.path_globs(&form.ignore),
            format,
            table: form.table.clone(),
            last_wins: form.last_wins,
        }))
    }
}
