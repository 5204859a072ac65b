//! Imports and exports: which names come in from where, which go out.

use super::kinds::{Field, Kind};
use super::text;
use super::walk::{Frame, Part, Walk, find};
use crate::lang::tree::{ExportName, ImportName, LetKind, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// Builds an import or export; false if it is none.
    pub(super) fn module_item(&mut self, frame: &Frame, own: &[Part]) -> bool {
        match frame.kind {
            Kind::Import => self.import(frame, own),
            Kind::ImportSpecifier => self.import_specifier(frame, own),
            Kind::NamespaceImport => {
                if let Some(part) = own.iter().find(|part| part.kind.is_value()) {
                    self.imported.push((self.import_name("*", part.bytes), false));
                }
            }
            Kind::ImportRequire => self.import_require(own),
            Kind::ImportAlias => self.import_alias(frame, own),
            Kind::Export => self.export(frame, own),
            Kind::ExportSpecifier => self.export_specifier(own),
            Kind::NamespaceExport => {
                if let Some(part) = own.iter().find(|part| part.kind.is_value()) {
                    let exported = self.module_name(part);
                    self.exported.push(ExportName {
                        local: "*".into(),
                        exported,
                        bytes: part.bytes,
                    });
                }
            }
            _ => return false,
        }
        true
    }

    fn import_name(&self, imported: &str, local: Bytes) -> ImportName {
        ImportName {
            imported: imported.into(),
            local: self.slice(local).into(),
            bytes: local,
        }
    }

    /// A name in braces: an identifier or a string.
    fn module_name(&self, part: &Part) -> Box<str> {
        text::string(self.slice(part.bytes))
    }

    fn import(&mut self, frame: &Frame, own: &[Part]) {
        let mut names = std::mem::take(&mut self.imported);
        if let Some(part) = own.iter().find(|part| part.kind == Kind::Identifier) {
            names.insert(0, (self.import_name("default", part.bytes), false));
        }
        let whole_statement = own.iter().any(|part| part.kind == Kind::TypeWord);
        let type_only = whole_statement || (!names.is_empty() && names.iter().all(|(_, type_only)| *type_only));
        let from = find(own, Field::Source).map_or("".into(), |part| self.module_name(part));
        let names = names.into_iter().map(|(name, _)| name).collect();
        self.add(frame, Syntax::Import { from, names, type_only });
    }

    /// `import x = require('m')`: the whole module; its name is handed on to the statement.
    fn import_require(&mut self, own: &[Part]) {
        if let Some(part) = own.iter().find(|part| part.kind == Kind::Identifier) {
            let name = self.import_name("*", part.bytes);
            self.imported.push((name, false));
        }
        self.parts.extend(find(own, Field::Source).copied());
    }

    fn import_specifier(&mut self, frame: &Frame, own: &[Part]) {
        let Some(name) = find(own, Field::Name) else { return };
        let local = find(own, Field::Alias).unwrap_or(name);
        let imported = self.module_name(name);
        let name = self.import_name(&imported, local.bytes);
        let type_only =
            self.slice(frame.bytes).starts_with("type") && own.iter().any(|part| part.kind == Kind::TypeWord);
        self.imported.push((name, type_only));
    }

    /// `import A = B.C` binds a name to a value that is there already.
    fn import_alias(&mut self, frame: &Frame, own: &[Part]) {
        let values = self.values(own);
        let syntax = match values[..] {
            [pattern, value] => Syntax::Let {
                kind: LetKind::Constant,
                pattern,
                ty: None,
                value: Some(value),
            },
            _ => Syntax::Other(values),
        };
        self.add(frame, syntax);
    }

    fn export_specifier(&mut self, own: &[Part]) {
        let Some(name) = find(own, Field::Name) else { return };
        let local = self.module_name(name);
        let exported = find(own, Field::Alias).map_or_else(|| local.clone(), |part| self.module_name(part));
        self.exported.push(ExportName {
            local,
            exported,
            bytes: name.bytes,
        });
    }

    fn export(&mut self, frame: &Frame, own: &[Part]) {
        let mut names = std::mem::take(&mut self.exported);
        let from = find(own, Field::Source).map(|part| self.module_name(part));
        let has = |kind: Kind| own.iter().find(|part| part.kind == kind && part.field != Field::Source);
        if let Some(star) = has(Kind::Star).filter(|_| names.is_empty()) {
            names.push(ExportName {
                local: "*".into(),
                exported: "*".into(),
                bytes: star.bytes,
            });
        }
        // `export = x` gives out x as the whole module, which importers see as its default.
        let default = has(Kind::DefaultWord).is_some() || has(Kind::EqualSign).is_some();
        let items: Vec<Part> = own
            .iter()
            .filter(|part| part.field != Field::Source && part.field != Field::Decorator && part.kind.is_value())
            .copied()
            .collect();
        if items.len() <= 1 {
            let item = self.values(&items).first().copied();
            self.add(
                frame,
                Syntax::Export {
                    from,
                    names,
                    item,
                    default,
                },
            );
            return;
        }
        // `export const a = 1, b = 2`: one node for each.
        for part in &items {
            let item = self.node(part);
            let syntax = Syntax::Export {
                from: None,
                names: Vec::new(),
                item: Some(item),
                default,
            };
            let node = self.tree.add(self.tree.bytes(item), syntax);
            self.push(frame, node);
        }
    }
}
