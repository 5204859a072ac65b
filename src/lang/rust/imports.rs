//! `use`. Enters: a `use` tree. Leaves: one [`Syntax::Import`] for each leaf, and for `pub use` one [`Syntax::Export`] too.

use syn::{Ident, ItemExternCrate, ItemUse, UseTree, Visibility};

use super::build::{Build, plain};
use crate::lang::tree::{ExportName, ImportName, NodeId, Syntax};

/// A leaf of a `use` tree.
struct Leaf<'a> {
    /// The path before it.
    from: String,
    /// `*` for a glob.
    imported: String,
    local: &'a Ident,
}

impl Build {
    /// The nodes of a `use` item.
    pub(super) fn use_item(&mut self, item: &ItemUse) -> Vec<NodeId> {
        let public = !matches!(item.vis, Visibility::Inherited);
        let mut nodes = Vec::new();
        let mut open = vec![(String::new(), &item.tree, None)];
        while let Some((prefix, tree, owner)) = open.pop() {
            match tree {
                UseTree::Path(path) => {
                    let longer = joined(&prefix, &plain(&path.ident));
                    open.push((longer, &path.tree, Some(&path.ident)));
                }
                UseTree::Group(group) => {
                    open.extend(group.items.iter().rev().map(|tree| (prefix.clone(), tree, owner)));
                }
                UseTree::Name(name) => self.leaf(&leaf(&prefix, &name.ident, &name.ident, owner), public, &mut nodes),
                UseTree::Rename(name) => {
                    self.leaf(&leaf(&prefix, &name.ident, &name.rename, owner), public, &mut nodes);
                }
                UseTree::Glob(glob) => {
                    let bytes = self.at(glob.star_token.span);
                    self.import(prefix, "*", "*", bytes, public, &mut nodes);
                }
            }
        }
        nodes
    }

    /// `extern crate a as b;`
    pub(super) fn extern_crate(&mut self, item: &ItemExternCrate) -> Vec<NodeId> {
        let local = item.rename.as_ref().map_or(&item.ident, |(_, local)| local);
        let mut nodes = Vec::new();
        let public = !matches!(item.vis, Visibility::Inherited);
        self.leaf(&leaf("", &item.ident, local, None), public, &mut nodes);
        nodes
    }

    fn leaf(&mut self, leaf: &Leaf<'_>, public: bool, nodes: &mut Vec<NodeId>) {
        let bytes = self.at(leaf.local.span());
        self.import(
            leaf.from.clone(),
            &leaf.imported,
            &plain(leaf.local),
            bytes,
            public,
            nodes,
        );
    }

    fn import(
        &mut self,
        from: String,
        imported: &str,
        local: &str,
        bytes: crate::source::Bytes,
        public: bool,
        nodes: &mut Vec<NodeId>,
    ) {
        if public {
            let name = ExportName {
                local: imported.into(),
                exported: local.into(),
                bytes,
            };
            let export = Syntax::Export {
                from: Some(from.as_str().into()),
                names: vec![name],
                item: None,
                default: false,
            };
            nodes.push(self.add(bytes, export));
        }
        let name = ImportName {
            imported: imported.into(),
            local: local.into(),
            bytes,
        };
        let import = Syntax::Import {
            from: from.into(),
            names: vec![name],
            type_only: false,
        };
        nodes.push(self.add(bytes, import));
    }
}

/// `use a::{self}` brings in `a`.
fn leaf<'a>(prefix: &str, imported: &'a Ident, local: &'a Ident, owner: Option<&'a Ident>) -> Leaf<'a> {
    match owner {
        Some(owner) if imported == "self" => Leaf {
            from: prefix.rsplit_once("::").map_or("", |(before, _)| before).into(),
            imported: plain(owner),
            local: if local == "self" { owner } else { local },
        },
        _ => Leaf {
            from: prefix.into(),
            imported: plain(imported),
            local,
        },
    }
}

fn joined(prefix: &str, segment: &str) -> String {
    if prefix.is_empty() {
        segment.into()
    } else {
        format!("{prefix}::{segment}")
    }
}
