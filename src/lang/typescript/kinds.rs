//! The grammar's node kinds and fields as small enums, looked up by number: one table for each grammar, made once. Knows nothing of
//! the neutral tree.

use std::sync::OnceLock;

use crate::lang::{Language, parse};

/// How the walk treats a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// Leaves nothing, and nothing below it is looked at.
    Drop,
    /// Becomes a part; what is below it is not looked at.
    Leaf,
    /// Its parts become parts of its parent, with its field where they have none.
    Splice,
    /// Its parts become parts of its parent, with its field in place of theirs.
    Rename,
    /// A node is built from its parts.
    Build,
}

macro_rules! kinds {
    ($( $kind:ident $step:ident : $($name:literal)+ ;)*) => {
        /// A node kind of the grammar, or several that are treated alike.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Kind { $($kind,)* Error, Missing, Property }

        const NAMES: &[(&str, Kind)] = &[$($(($name, Kind::$kind),)+)*];

        impl Kind {
            /// How the walk treats it.
            pub(super) fn step(self) -> Step {
                match self {
                    $(Self::$kind => Step::$step,)*
                    Self::Error => Step::Build,
                    Self::Missing | Self::Property => Step::Leaf,
                }
            }
        }
    };
}

kinds! {
    // What leaves nothing.
    Comment Drop: "comment" "html_comment";
    Ignored Drop: "hash_bang_line" "type_parameters" "optional_chain" "jsx_closing_element" "import_attribute" "debugger_statement"
        "extends_type_clause" "call_signature" "construct_signature" "asserts_annotation" "type_predicate_annotation" "type_predicate"
        "asserts" "string_fragment" "escape_sequence";
    // Words.
    Identifier Leaf: "identifier" "shorthand_property_identifier" "shorthand_property_identifier_pattern" "type_identifier" "this"
        "super" "import" "meta_property" "jsx_namespace_name";
    PropertyName Leaf: "property_identifier" "private_property_identifier" "statement_identifier";
    Undefined Leaf: "undefined" "null";
    True Leaf: "true";
    False Leaf: "false";
    Number Leaf: "number";
    String Leaf: "string";
    Regex Leaf: "regex";
    OpaqueType Leaf: "predefined_type" "this_type" "existential_type" "function_type" "constructor_type";
    JsxText Leaf: "jsx_text" "html_character_reference";
    Leave Leaf: "break_statement" "continue_statement";
    Empty Leaf: "empty_statement";
    Modifier Leaf: "accessibility_modifier" "override_modifier" "readonly";
    Token Leaf: "const" "let" "var";
    TypeWord Leaf: "type";
    DefaultWord Leaf: "default";
    Star Leaf: "*";
    EqualSign Leaf: "=";
    Comma Leaf: ",";
    // Brackets around lists.
    Arguments Rename: "arguments";
    TypeArguments Rename: "type_arguments";
    Params Rename: "formal_parameters";
    EnumBody Rename: "enum_body";
    InterfaceBody Rename: "interface_body";
    Implements Rename: "implements_clause";
    SwitchBody Rename: "switch_body";
    ClassBody Splice: "class_body";
    Heritage Splice: "class_heritage";
    Extends Splice: "extends_clause";
    ImportList Splice: "import_clause" "named_imports";
    ExportList Splice: "export_clause";
    JsxOpening Splice: "jsx_opening_element";
    // What stands for the one thing in it.
    Through Rename: "expression_statement" "else_clause" "finally_clause" "ambient_declaration" "class_static_block"
        "type_annotation" "adding_type_annotation" "omitting_type_annotation" "opting_type_annotation" "literal_type" "parenthesized_type"
        "readonly_type" "jsx_expression" "default_type" "constraint";
    // Statements.
    Program Build: "program";
    Block Build: "statement_block";
    Declaration Build: "lexical_declaration" "variable_declaration";
    Declarator Build: "variable_declarator";
    If Build: "if_statement";
    For Build: "for_statement";
    ForIn Build: "for_in_statement";
    While Build: "while_statement" "do_statement";
    Switch Build: "switch_statement";
    Case Build: "switch_case" "switch_default";
    Return Build: "return_statement";
    Throw Build: "throw_statement";
    Labeled Build: "labeled_statement";
    Catch Build: "catch_clause";
    // Items.
    Function Build: "function_declaration" "generator_function_declaration" "function_expression" "generator_function"
        "function_signature";
    Arrow Build: "arrow_function";
    Method Build: "method_definition" "method_signature" "abstract_method_signature";
    Parameter Build: "required_parameter" "optional_parameter";
    Class Build: "class_declaration" "abstract_class_declaration" "class";
    FieldDefinition Build: "public_field_definition" "property_signature";
    Interface Build: "interface_declaration";
    Enum Build: "enum_declaration";
    EnumAssignment Build: "enum_assignment";
    TypeAlias Build: "type_alias_declaration";
    Namespace Build: "internal_module" "module";
    Decorator Build: "decorator";
    // Modules.
    Import Build: "import_statement";
    ImportSpecifier Build: "import_specifier";
    NamespaceImport Build: "namespace_import";
    ImportRequire Build: "import_require_clause";
    ImportAlias Build: "import_alias";
    Export Build: "export_statement";
    ExportSpecifier Build: "export_specifier";
    NamespaceExport Build: "namespace_export";
    // Values.
    Call Build: "call_expression";
    New Build: "new_expression";
    Member Build: "member_expression" "nested_identifier" "nested_type_identifier";
    Subscript Build: "subscript_expression";
    Object Build: "object";
    Pair Build: "pair" "pair_pattern";
    ComputedName Build: "computed_property_name";
    Array Build: "array";
    Spread Build: "spread_element" "rest_pattern";
    ObjectPattern Build: "object_pattern";
    ArrayPattern Build: "array_pattern";
    DefaultPattern Build: "assignment_pattern" "object_assignment_pattern";
    Paren Build: "parenthesized_expression";
    Unary Build: "unary_expression";
    Binary Build: "binary_expression";
    Ternary Build: "ternary_expression";
    Assignment Build: "assignment_expression" "augmented_assignment_expression";
    Await Build: "await_expression";
    Cast Build: "as_expression" "satisfies_expression";
    Assertion Build: "type_assertion";
    NonNull Build: "non_null_expression";
    Instantiation Build: "instantiation_expression";
    Template Build: "template_string";
    Hole Build: "template_substitution";
    // Types.
    Union Build: "union_type";
    Type Build: "generic_type" "intersection_type" "object_type" "array_type" "tuple_type" "conditional_type" "lookup_type" "type_query"
        "index_type_query" "template_literal_type" "template_type" "infer_type" "optional_type" "rest_type" "mapped_type_clause"
        "index_signature" "flow_maybe_type";
    // JSX.
    JsxElement Build: "jsx_element";
    JsxSelfClosing Build: "jsx_self_closing_element";
    JsxAttribute Build: "jsx_attribute";
    // Everything else.
    Unknown Build: "";
}

impl Kind {
    /// True for parts that may stand where a value, a statement or a type is wanted.
    pub(super) fn is_value(self) -> bool {
        use Kind as K;
        !matches!(
            self,
            K::PropertyName
                | K::Modifier
                | K::Token
                | K::TypeWord
                | K::DefaultWord
                | K::Star
                | K::EqualSign
                | K::Comma
                | K::Empty
        )
    }
}

macro_rules! fields {
    ($($field:ident $name:literal)*) => {
        /// A field of the grammar.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Field { None, Other, $($field,)* }

        const FIELDS: &[(&str, Field)] = &[$(($name, Field::$field),)*];
    };
}

fields! {
    Alias "alias" Alternative "alternative" Argument "argument" Arguments "arguments" Attribute "attribute" Body "body"
    Condition "condition" Consequence "consequence" Constructor "constructor" Declaration "declaration" Decorator "decorator"
    Function "function" Increment "increment" Index "index" Initializer "initializer" KindWord "kind" Key "key" Left "left"
    Module "module" Name "name" Object "object" Operator "operator" Parameter "parameter" Parameters "parameters" Pattern "pattern"
    Property "property" ReturnType "return_type" Right "right" Source "source" Type "type" TypeArguments "type_arguments" Value "value"
}

/// Kinds and fields of one grammar by number.
pub(super) struct Tables {
    kinds: Vec<Kind>,
    fields: Vec<Field>,
}

impl Tables {
    /// The tables of the grammar for `language`.
    pub(super) fn of(language: Language) -> &'static Self {
        static TYPESCRIPT: OnceLock<Tables> = OnceLock::new();
        static TSX: OnceLock<Tables> = OnceLock::new();
        let place = if language == Language::TypeScript {
            &TYPESCRIPT
        } else {
            &TSX
        };
        place.get_or_init(|| Self::new(&parse::grammar(language).expect("BUG: every build reads TypeScript")))
    }

    fn new(grammar: &tree_sitter::Language) -> Self {
        let kind = |id: usize| {
            let id = u16::try_from(id).ok()?;
            let name = grammar.node_kind_for_id(id)?;
            let known = NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
            // Most words are also the names of nodes (`class`, `import`); as words they vanish, but for those that decide something.
            use Kind as K;
            let word = matches!(
                known,
                Some(K::Modifier | K::Token | K::TypeWord | K::DefaultWord | K::Star | K::EqualSign | K::Comma)
            );
            Some(match known {
                Some(kind) if grammar.node_kind_is_named(id) || word => kind,
                _ if grammar.node_kind_is_named(id) => Kind::Unknown,
                _ => Kind::Ignored,
            })
        };
        let field = |id: usize| {
            let name = grammar.field_name_for_id(u16::try_from(id).ok()?)?;
            FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
        };
        Self {
            kinds: (0..grammar.node_kind_count())
                .map(|id| kind(id).unwrap_or(Kind::Unknown))
                .collect(),
            fields: (0..=grammar.field_count())
                .map(|id| field(id).unwrap_or(Field::Other))
                .collect(),
        }
    }

    /// The kind with this number; the grammar's number for errors is beyond the table.
    pub(super) fn kind(&self, id: u16) -> Kind {
        self.kinds.get(usize::from(id)).copied().unwrap_or(Kind::Error)
    }

    /// The field with this number.
    pub(super) fn field(&self, id: Option<std::num::NonZeroU16>) -> Field {
        id.map_or(Field::None, |id| {
            self.fields.get(usize::from(id.get())).copied().unwrap_or(Field::Other)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that no grammar has is a spelling mistake in the table, or a grammar that moved on.
    #[test]
    fn every_name_of_the_tables_is_a_name_of_a_grammar() {
        let grammars =
            [Language::TypeScript, Language::Tsx].map(|language| parse::grammar(language).expect("every build has it"));
        let kinds = |name: &str| {
            let has =
                |g: &tree_sitter::Language| g.id_for_node_kind(name, true) != 0 || g.id_for_node_kind(name, false) != 0;
            grammars.iter().any(has)
        };
        for (name, _) in NAMES.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(kinds(name), "no grammar has the node kind {name}");
        }
        for (name, _) in FIELDS {
            let has = |g: &tree_sitter::Language| g.field_id_for_name(name).is_some();
            assert!(grammars.iter().any(has), "no grammar has the field {name}");
        }
    }
}
