//! Values that may stand in several forms (`"*"` or a table, one text or a list). Enters: TOML. Leaves: the types of the form; which
//! forms a type accepts stands in one line for each.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{CallForm, ConstWord, HandleForm, NamesForm, ReceiverForm, ScopeForm, SelectorFields, SelectorForm, Words};

/// Reads a value that may stand in several forms: which of them a type accepts is said by the methods that it overrides.
struct Forms<T>(fn(Form) -> Option<T>, &'static str);

/// The forms in which one value may stand.
enum Form {
    Text(String),
    Flag(bool),
    List(Vec<String>),
}

/// Tries to make `T` of a table.
trait FromTable: Sized {
    fn from_table<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let _ = map;
        Err(de::Error::custom("a table does not belong here"))
    }
}

impl<'de, T: FromTable> Visitor<'de> for Forms<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(Form::Text(text.to_owned())).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self.1))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<T, E> {
        (self.0)(Form::Flag(flag)).ok_or_else(|| E::invalid_value(de::Unexpected::Bool(flag), &self.1))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<T, A::Error> {
        let mut words = Vec::new();
        while let Some(word) = list.next_element()? {
            words.push(word);
        }
        (self.0)(Form::List(words)).ok_or_else(|| de::Error::invalid_type(de::Unexpected::Seq, &self.1))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::from_table(map)
    }
}

macro_rules! forms {
    ($type:ty, $expected:literal, $make:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_any(Forms($make, $expected))
            }
        }
    };
}

forms!(
    SelectorForm,
    "\"*\" or a selector such as { arg = 0 }",
    |form| match form {
        Form::Text(text) if text == "*" => Some(Self::Every),
        _ => None,
    }
);
forms!(
    ReceiverForm,
    "true or a selector within the receiver",
    |form| match form {
        Form::Flag(true) => Some(Self::Itself),
        _ => None,
    }
);
forms!(
    HandleForm,
    "true, \"type\", \"property\" or \"call\"",
    |form| match form {
        Form::Flag(true) => Some(Self::Binding),
        Form::Text(text) => Some(Self::Word(text)),
        _ => None,
    }
);
forms!(
    ScopeForm,
    "how far a force reaches, or { name = … }",
    |form| match form {
        Form::Text(text) => Some(Self::Word(text)),
        _ => None,
    }
);
forms!(NamesForm, "a list of names, or one pattern", |form| match form {
    Form::Text(text) => Some(Self::Pattern(text)),
    Form::List(words) => Some(Self::Words(words)),
    Form::Flag(_) => None,
});
forms!(Words, "a text or a list of texts", |form| match form {
    Form::Text(text) => Some(Self(vec![text])),
    Form::List(words) => Some(Self(words)),
    Form::Flag(_) => None,
});
forms!(ConstWord, "\"on\" or \"off\"", |form| match form {
    Form::Text(text) => Some(Self(text)),
    Form::Flag(flag) => Some(Self(flag.to_string())),
    Form::List(_) => None,
});

impl FromTable for SelectorForm {
    fn from_table<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        SelectorFields::deserialize(MapAccessDeserializer::new(map)).map(|fields| Self::Fields(Box::new(fields)))
    }
}

impl FromTable for ReceiverForm {
    fn from_table<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        SelectorFields::deserialize(MapAccessDeserializer::new(map)).map(|fields| Self::Within(Box::new(fields)))
    }
}

impl FromTable for ScopeForm {
    fn from_table<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        CallForm::deserialize(MapAccessDeserializer::new(map)).map(|call| Self::Shape(Box::new(call)))
    }
}

impl FromTable for HandleForm {}
impl FromTable for NamesForm {}
impl FromTable for Words {}
impl FromTable for ConstWord {}
