//! The form of a rule file, as serde reads it. Enters: TOML. Leaves: plain data in which every word was in the vocabulary, but nothing
//! was checked yet (that is `load`'s part). Unknown fields are errors.

mod alternatives;

use serde::{Deserialize, Serialize};
use toml::Spanned;

/// A rule file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileForm {
    pub(super) schema: Spanned<u32>,
    pub(super) id: Spanned<String>,
    pub(super) languages: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) needles: Vec<String>,
    pub(super) demand: Option<Spanned<String>>,
    pub(super) confidence: Option<Spanned<String>>,
    pub(super) doc: Option<String>,
    pub(super) when: Option<WhenForm>,
    pub(super) flags: Option<FlagsForm>,
    #[serde(default)]
    pub(super) define: Vec<RuleForm>,
    #[serde(default)]
    pub(super) read: Vec<RuleForm>,
    #[serde(default)]
    pub(super) wrap: Vec<RuleForm>,
    #[serde(default)]
    pub(super) force: Vec<RuleForm>,
    #[serde(default)]
    pub(super) ambient: Vec<AmbientForm>,
    #[serde(default)]
    pub(super) gate: Vec<RuleForm>,
    #[serde(default)]
    pub(super) framework: Vec<FrameworkForm>,
    #[serde(default)]
    pub(super) assume: Vec<RuleForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhenForm {
    pub(super) imports: Vec<Spanned<String>>,
    pub(super) reach: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FlagsForm {
    pub(super) missing: Option<String>,
    pub(super) ambient: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) key_transform: Vec<Spanned<String>>,
    pub(super) key_filter: Option<Spanned<String>>,
    pub(super) key_ignore: Option<Spanned<String>>,
    pub(super) key_sure: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) only_defined: bool,
    #[serde(default)]
    pub(super) shows_lists: bool,
}

/// A rule of any kind that has a shape; `load` refuses the fields that its kind has not.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RuleForm {
    pub(super) id: Option<Spanned<String>>,
    // the shape
    pub(super) call: Option<CallForm>,
    pub(super) new: Option<NameForm>,
    pub(super) member: Option<MemberForm>,
    pub(super) jsx: Option<JsxForm>,
    pub(super) decorator: Option<NameForm>,
    pub(super) object: Option<ObjectForm>,
    pub(super) assign: Option<AssignForm>,
    pub(super) r#const: Option<ConstForm>,
    pub(super) union: Option<UnionForm>,
    pub(super) r#impl: Option<ImplForm>,
    pub(super) r#macro: Option<NameForm>,
    pub(super) cfg: Option<Nothing>,
    pub(super) module_mock: Option<ModuleMockForm>,
    pub(super) scope: Option<ScopeForm>,
    pub(super) comment: Option<CommentForm>,
    pub(super) data: Option<DataForm>,
    pub(super) lookup: Option<LookupForm>,
    pub(super) query: Option<Spanned<String>>,
    // `wrap`: the short way to write `call = { name = … }`
    pub(super) name: Option<NamesForm>,
    // selectors
    pub(super) key: Option<SelectorForm>,
    pub(super) value: Option<SelectorForm>,
    pub(super) declared: Option<SelectorForm>,
    pub(super) fallback: Option<SelectorForm>,
    pub(super) ambient: Option<SelectorForm>,
    pub(super) expires: Option<SelectorForm>,
    pub(super) owner: Option<SelectorForm>,
    pub(super) target: Option<SelectorForm>,
    pub(super) target_object: Option<SelectorForm>,
    // define
    pub(super) handle: Option<HandleForm>,
    pub(super) doc: Option<bool>,
    // read
    pub(super) result: Option<Spanned<String>>,
    pub(super) polarity: Option<Spanned<String>>,
    pub(super) negate_prefix: Option<String>,
    pub(super) r#async: Option<bool>,
    pub(super) export: Option<Spanned<String>>,
    pub(super) region: Option<Spanned<String>>,
    // force
    pub(super) reset: Option<Words>,
    pub(super) unknown_key: Option<Spanned<String>>,
    pub(super) others: Option<Spanned<String>>,
    pub(super) covers: Option<Spanned<String>>,
    // gate
    pub(super) effect: Option<Spanned<String>>,
    // every kind
    pub(super) files: Vec<Spanned<String>>,
    pub(super) confidence: Option<Spanned<String>>,
    pub(super) require_import: bool,
    pub(super) example: Vec<String>,
    pub(super) not: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AmbientForm {
    pub(super) id: Spanned<String>,
    #[serde(default)]
    pub(super) files: Vec<Spanned<String>>,
    pub(super) value: Spanned<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FrameworkForm {
    pub(super) id: Option<Spanned<String>>,
    pub(super) test: SignsForm,
    pub(super) suite: SignsForm,
    pub(super) hook: HookForm,
    pub(super) skip: SignsForm,
    pub(super) run: SignsForm,
    pub(super) only: SignsForm,
    pub(super) todo: SignsForm,
    pub(super) expect_fail: SignsForm,
    pub(super) table: SignsForm,
    pub(super) fixture: SignsForm,
    pub(super) neutral: Vec<String>,
    pub(super) file_glob: Vec<Spanned<String>>,
    pub(super) setup_glob: Vec<Spanned<String>>,
    pub(super) confidence: Option<Spanned<String>>,
    pub(super) require_import: bool,
    pub(super) example: Vec<String>,
    pub(super) not: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SignsForm {
    pub(super) call: Vec<String>,
    pub(super) modifier: Vec<String>,
    pub(super) condition: Vec<String>,
    pub(super) attribute: Vec<String>,
    pub(super) attribute_suffix: Option<String>,
    pub(super) function: Vec<String>,
    pub(super) method: Vec<String>,
    pub(super) param: Option<String>,
    pub(super) option: Vec<String>,
    pub(super) inside: Vec<String>,
    pub(super) module_cfg: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct HookForm {
    pub(super) before_all: Vec<String>,
    pub(super) before_each: Vec<String>,
    pub(super) after_each: Vec<String>,
    pub(super) after_all: Vec<String>,
}

/// An empty table (`cfg = {}`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallForm {
    pub(super) name: NamesForm,
    pub(super) receiver: Option<Spanned<String>>,
    pub(super) receiver_call: Option<Box<CallForm>>,
    pub(super) module: Option<Words>,
    #[serde(default)]
    pub(super) least_args: usize,
    pub(super) first: Option<Spanned<String>>,
    pub(super) any: Option<Spanned<String>>,
    pub(super) unless: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) decides: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameForm {
    pub(super) name: NamesForm,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnionForm {
    pub(super) r#type: NamesForm,
    pub(super) of: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberForm {
    pub(super) object: Option<Spanned<String>>,
    pub(super) object_type: Option<Spanned<String>>,
    pub(super) module: Option<Words>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JsxForm {
    pub(super) name: NamesForm,
    pub(super) attr: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectForm {
    pub(super) path: Option<String>,
    pub(super) r#type: Option<Spanned<String>>,
    pub(super) in_call: Option<NamesForm>,
    pub(super) in_const: Option<NamesForm>,
    pub(super) has: Option<NamesForm>,
    pub(super) whole: Option<bool>,
    pub(super) values: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssignForm {
    pub(super) left: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConstForm {
    pub(super) name: NamesForm,
    pub(super) r#in: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) object: bool,
    #[serde(default)]
    pub(super) exported: bool,
    pub(super) values: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImplForm {
    pub(super) r#trait: String,
    pub(super) r#const: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModuleMockForm {
    pub(super) name: NamesForm,
    pub(super) receiver: Option<Spanned<String>>,
    pub(super) path: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommentForm {
    pub(super) r#match: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookupForm {
    pub(super) about: Spanned<String>,
    pub(super) unless: Option<Spanned<String>>,
    pub(super) asked: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DataForm {
    pub(super) files: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) ignore: Vec<Spanned<String>>,
    pub(super) format: Spanned<String>,
    pub(super) table: Option<String>,
    #[serde(default)]
    pub(super) last_wins: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SelectorFields {
    pub(super) arg: Option<i32>,
    pub(super) kw: Option<String>,
    pub(super) attr: Option<String>,
    pub(super) type_arg: Option<usize>,
    pub(super) name: bool,
    pub(super) value: bool,
    pub(super) receiver: Option<ReceiverForm>,
    pub(super) chain: Option<CallArgForm>,
    pub(super) decorator: Option<NamesForm>,
    pub(super) r#const: Option<ConstWord>,
    pub(super) const_value: Option<String>,
    pub(super) r#fn: Option<String>,
    pub(super) at: Option<Words>,
    pub(super) column: Option<String>,
    pub(super) path: Option<Spanned<String>>,
    pub(super) entries: Option<Spanned<String>>,
    pub(super) elements: bool,
    pub(super) call_arg: Option<CallArgForm>,
    pub(super) text: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) on: Vec<String>,
    #[serde(default)]
    pub(super) off: Vec<String>,
    pub(super) r#else: Option<ConstWord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallArgForm {
    pub(super) name: NamesForm,
    pub(super) arg: i32,
}

/// `"*"` or a table.
pub(super) enum SelectorForm {
    Every,
    Fields(Box<SelectorFields>),
}

/// `true` or a selector within the receiver.
pub(super) enum ReceiverForm {
    Itself,
    Within(Box<SelectorFields>),
}

/// `true`, `"type"`, `"property"` or `"call"`.
pub(super) enum HandleForm {
    Binding,
    Word(String),
}

/// How far a force reaches (`"test"`), or a shape that owns a block (`{ name = … }`).
pub(super) enum ScopeForm {
    Word(String),
    Shape(Box<CallForm>),
}

/// A pattern (one string) or words (a list).
pub(super) enum NamesForm {
    Pattern(String),
    Words(Vec<String>),
}

/// One string or several.
pub(super) struct Words(pub(super) Vec<String>);

/// `"on"`, `"off"`, `true`, `false`.
#[derive(Clone, Serialize)]
pub(super) struct ConstWord(pub(super) String);
