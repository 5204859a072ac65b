//! Data as a tree with places, and dotted paths through it. Enters: what a format's reader made, a path such as `flags.*.enabled`.
//! Leaves: the things on the path. Knows no format and no flag.

use std::borrow::Cow;

use crate::source::Bytes;

/// A piece of data and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Data {
    /// Its bytes; of a text without its quotes, as far as the format's reader can tell.
    pub(super) bytes: Bytes,
    /// What it is.
    pub(super) value: Value,
}

/// What a piece of data is.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Value {
    /// A text, number or truth value, as text.
    Scalar(String),
    /// Nothing.
    Null,
    /// A list.
    List(Vec<Data>),
    /// Names and what they stand for, in the order of the text; XML may have one name several times.
    Map(Vec<(Name, Data)>),
}

/// The name of an entry.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Name {
    /// The name.
    pub(super) text: String,
    /// Where it stands.
    pub(super) bytes: Bytes,
}

impl Data {
    /// The text of a scalar.
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The entry of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(its, _)| its.text == name).map(|(_, data)| data),
            _ => None,
        }
    }

    /// What one segment of a path leads to.
    fn step<'d>(&'d self, segment: &str) -> Vec<(Option<&'d Name>, &'d Self)> {
        match &self.value {
            Value::Map(entries) => {
                let fits = |name: &Name| segment == "*" || name.text == segment;
                entries
                    .iter()
                    .filter(|(name, _)| fits(name))
                    .map(|(name, data)| (Some(name), data))
                    .collect()
            }
            Value::List(list) if segment == "*" => list.iter().map(|data| (None, data)).collect(),
            Value::List(list) => {
                let nth = segment.parse().ok().and_then(|index: usize| list.get(index));
                nth.map(|data| (None, data)).into_iter().collect()
            }
            Value::Scalar(_) | Value::Null => Vec::new(),
        }
    }
}

/// One way along a path: what was passed, from the root on.
pub(super) struct Trail<'d> {
    path: &'d str,
    nodes: Vec<(Option<&'d Name>, &'d Data)>,
}

/// The segment that leads to every scalar below, however deep: its key is all the names on the way, joined by dots.
const LEAVES: &str = "**";

/// The steps from the root to a piece of data.
type Way<'d> = Vec<(Option<&'d Name>, &'d Data)>;

/// Every way on from the end of `way` to a scalar.
fn leaves(way: Way<'_>) -> Vec<Way<'_>> {
    let (mut open, mut found) = (vec![way], Vec::new());
    while let Some(way) = open.pop() {
        let Some((_, data)) = way.last() else { continue };
        match &data.value {
            Value::Map(entries) => open.extend(entries.iter().rev().map(|(name, data)| {
                let mut longer = way.clone();
                longer.push((Some(name), data));
                longer
            })),
            Value::Scalar(_) => found.push(way),
            Value::List(_) | Value::Null => {}
        }
    }
    found
}

/// Every way along `path`.
pub(super) fn follow<'d>(root: &'d Data, path: &'d str) -> Vec<Trail<'d>> {
    let mut trails = vec![vec![(None, root)]];
    for segment in segments(path) {
        let longer = trails.into_iter().flat_map(|trail| {
            let last = trail.last().map_or(root, |(_, data)| *data);
            if segment == LEAVES {
                return leaves(trail);
            }
            last.step(segment)
                .into_iter()
                .map(move |next| {
                    let mut trail = trail.clone();
                    trail.push(next);
                    trail
                })
                .collect()
        });
        trails = longer.collect();
    }
    trails.into_iter().map(|nodes| Trail { path, nodes }).collect()
}

impl<'d> Trail<'d> {
    /// The name of the entry where the path ends in `*` over entries, else the text that stands there.
    pub(super) fn key(&self) -> Option<(Cow<'d, str>, Bytes)> {
        let (name, data) = self.nodes.last()?;
        match (name, segments(self.path).last()) {
            (Some(name), Some("*")) => Some((Cow::Borrowed(&name.text), name.bytes)),
            (Some(name), Some(LEAVES)) => {
                let names = self
                    .nodes
                    .iter()
                    .filter_map(|(name, _)| Some(name.as_ref()?.text.as_str()));
                Some((Cow::Owned(names.collect::<Vec<_>>().join(".")), name.bytes))
            }
            _ => data.scalar().map(|text| (Cow::Borrowed(text), data.bytes)),
        }
    }

    /// What `path` leads to from this way: the segments that both paths begin with mean the same things.
    pub(super) fn near(&self, path: &str) -> Option<&'d Data> {
        if path == self.path {
            return self.nodes.last().map(|(_, data)| *data);
        }
        let shared = segments(path)
            .zip(segments(self.path))
            .take_while(|(a, b)| a == b)
            .count();
        let (_, mut data) = *self.nodes.get(shared)?;
        for segment in segments(path).skip(shared) {
            data = data.step(segment).first()?.1;
        }
        Some(data)
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('.').filter(|segment| !segment.is_empty())
}
