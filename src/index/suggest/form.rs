//! The forms that a suggested rule can have, and what they are called.

/// What a rule would match.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Form {
    /// `name(…, key)`
    Call {
        /// The function.
        name: String,
        /// Which argument is the key.
        arg: usize,
    },
    /// `name({ property: key })`
    Asked {
        /// The function.
        name: String,
        /// The property that holds the key.
        property: String,
    },
    /// `new Name(key, default)`
    New(String),
    /// `object.key`
    Member {
        /// The last word of the object.
        object: String,
    },
    /// `<Name attribute="key">`
    Element {
        /// The component.
        name: String,
        /// The attribute.
        attribute: String,
    },
    /// An enum or a union of texts.
    Type(String),
    /// An object whose entries are named by keys.
    Map(String),
    /// A list of records, each of which tells its key.
    Rows(Rows),
    /// What the map holds that a function of this name looks up by its parameter.
    Home(String),
    /// What sets an entry of that map.
    Setter(String),
}

/// Where the records of a list tell what they are: `config = { flags: [{ id: 'new-tax', initial: false }] }`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Rows {
    /// The binding at the top of the file.
    pub name: String,
    /// The way from it to a record: `[]` or `flags[]`.
    pub path: String,
    /// The field that holds the key.
    pub key: &'static str,
    /// The field that holds the state, where each record has one.
    pub state: Option<&'static str>,
}

impl Form {
    /// What the function, the object, the element or the list is called.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Call { name, .. } | Self::Asked { name, .. } | Self::Element { name, .. } => name,
            Self::Member { object } => object,
            Self::Rows(rows) => &rows.name,
            Self::Type(name) | Self::Map(name) | Self::New(name) | Self::Home(name) | Self::Setter(name) => name,
        }
    }

    /// An id for its rule.
    pub(super) fn id(&self) -> String {
        let words = match self {
            Self::Call { name, arg: 0 } => name.clone(),
            Self::Call { name, arg } => format!("{name}-{arg}"),
            Self::Member { object } => format!("{object}-member"),
            Self::Element { name, .. } => format!("{name}-element"),
            Self::Type(name) => format!("{name}-type"),
            Self::Map(name) => format!("{name}-map"),
            Self::Rows(rows) => format!("{}-rows", rows.name),
            Self::New(name) => format!("{name}-new"),
            Self::Home(name) => format!("{name}-defaults"),
            Self::Setter(name) => format!("{name}-setter"),
            Self::Asked { name, property } => format!("{name}-{property}"),
        };
        let mut id = String::new();
        let mut before = ' ';
        for c in words.chars() {
            if c.is_uppercase() && before.is_lowercase() {
                id.push('-');
            }
            before = c;
            id.extend(if c.is_alphanumeric() {
                c.to_lowercase().collect::<Vec<_>>()
            } else {
                vec!['-']
            });
        }
        id.trim_matches('-').to_owned()
    }
}
