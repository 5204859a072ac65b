//! `flagman schema`, `completions`, `man`: artefacts made from the program itself.

use super::args::Format;
use super::failure::{Failure, exit};
use super::output::Output;
use crate::nearest::did_you_mean;
use crate::report::json::{SCHEMAS, SchemasDocument, schema, text};

pub(super) fn run(format: Format, name: Option<&str>, output: &mut Output) -> Result<u8, Failure> {
    let Some(name) = name else {
        match format {
            Format::Json => {
                let (schema, schemas) = ("flagman/schemas/v1", SCHEMAS);
                output.document(&text(&SchemasDocument { schema, schemas }))?;
            }
            _ => output.answer(&format!("{}\n", SCHEMAS.join("\n")))?,
        }
        return Ok(exit::CLEAR);
    };
    let Some(schema) = schema(name) else {
        let near = did_you_mean(name, SCHEMAS.iter().copied());
        return Err(Failure::usage(format!("there is no schema `{name}`{near}")).hint("flagman schema lists them"));
    };
    output.document(&text(&schema))?;
    Ok(exit::CLEAR)
}

pub(super) fn completions(shell: clap_complete::Shell, output: &mut Output) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "flagman", &mut script);
    output.document(&String::from_utf8_lossy(&script))?;
    Ok(exit::CLEAR)
}

pub(super) fn man(output: &mut Output) -> Result<u8, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(super::command())
        .render(&mut page)
        .map_err(|error| Failure::internal(format!("the manual page could not be made: {error}")))?;
    output.document(&String::from_utf8_lossy(&page))?;
    Ok(exit::CLEAR)
}
