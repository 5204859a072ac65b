//! Tables of Python tests: `@pytest.mark.parametrize('on, total', [(True, 1), (False, 2)])`, `@parameterized.expand([(True,), (False,)])`.
//! Enters: a function and one of its parameters. Leaves: what the parameter is in each row.

use super::Ground;
use crate::index::code::{At, Part, Trail};
use crate::lang::tree::{NodeId, Syntax};

impl Ground<'_> {
    /// What a parameter is, one for each row of the decorators of its function.
    pub(super) fn parametrized(&self, function: At, index: usize, parts: &[Part]) -> Option<Vec<At>> {
        let Syntax::Function(of) = self.code.syntax(function) else {
            return None;
        };
        let param = self.code.words(function.with(*of.params.get(index)?));
        let mut decorators = of.decorators.clone();
        let class = self.code.class_around(function);
        if let Some(Syntax::Class { decorators: outer, .. }) = class.map(|class| self.code.syntax(class)) {
            decorators.extend(outer);
        }
        decorators.iter().find_map(|decorator| {
            let Syntax::Decorator(inner) = self.code.syntax(function.with(*decorator)) else {
                return None;
            };
            let Syntax::Call { callee, args, .. } = self.code.syntax(function.with(*inner)) else {
                return None;
            };
            let callee = self.code.words(function.with(*callee));
            match callee.rsplit('.').next()? {
                "parametrize" => {
                    let names = self.names(function.with(*args.first()?))?;
                    let column = names.iter().position(|name| name == param)?;
                    let whole = names.len() == 1;
                    self.column(function.with(*args.get(1)?), column, whole, parts)
                }
                "expand" => self.column(function.with(*args.first()?), index, false, parts),
                _ => None,
            }
        })
    }

    /// `'on, total'`, `('on', 'total')`
    fn names(&self, at: At) -> Option<Vec<String>> {
        match self.code.syntax(at) {
            Syntax::Text(text) => Some(text.split(',').map(|name| name.trim().to_owned()).collect()),
            Syntax::Array(list) => {
                let name = |id: &NodeId| match self.code.syntax(at.with(*id)) {
                    Syntax::Text(text) => Some(text.to_string()),
                    _ => None,
                };
                list.iter().map(name).collect()
            }
            _ => None,
        }
    }

    /// One column of a list of rows; `whole` where a row is the value itself.
    fn column(&self, rows: At, column: usize, whole: bool, parts: &[Part]) -> Option<Vec<At>> {
        let rows = self.code.settle(rows, &mut Trail::default());
        let Syntax::Array(list) = self.code.syntax(rows) else {
            return None;
        };
        let cell = |row: &NodeId| {
            let row = rows.with(*row);
            let at = match self.code.syntax(row) {
                // `pytest.param(True, id='on')`
                Syntax::Call { callee, args, .. } if self.code.words(row.with(*callee)).ends_with("param") => {
                    row.with(*args.get(if whole { 0 } else { column })?)
                }
                Syntax::Array(cells) if !whole => row.with(*cells.get(column)?),
                _ if whole || column == 0 => row,
                _ => return None,
            };
            self.follow(at, parts)
        };
        let cells: Vec<At> = list.iter().filter_map(cell).collect();
        (!cells.is_empty()).then_some(cells)
    }
}
