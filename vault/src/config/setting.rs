//! The settings that were said, one by one, for what compares or lists them.
//! It must never hold what is only a default: that belongs to the program, not to its configuration.

use serde::Deserialize;
use serde::de::Error as _;
use toml::de::{DeTable, Deserializer, Error};
use toml::{Spanned, Table, Value};

use super::Variable;

/// One setting that the file or the environment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name, with dots between sections.
    pub name: String,
    /// Its value as JSON, so that two values are the same if their texts are.
    pub value: String,
    /// The variable that set it; none if the file did.
    pub variable: Option<String>,
}

/// Every setting of a table, in the order of their names.
pub(super) fn list(table: Spanned<DeTable<'_>>, variables: &[Variable]) -> Result<Vec<Setting>, Error> {
    let table = Table::deserialize(Deserializer::from(table))?;
    let mut settings = Vec::new();
    collect("", table, &mut settings)?;
    for setting in &mut settings {
        let by = variables.iter().find(|variable| variable.sets(&setting.name));
        setting.variable = by.map(|variable| variable.name().to_owned());
    }
    Ok(settings)
}

fn collect(section: &str, table: Table, settings: &mut Vec<Setting>) -> Result<(), Error> {
    for (name, value) in table {
        let name = if section.is_empty() { name } else { format!("{section}.{name}") };
        match value {
            Value::Table(table) => collect(&name, table, settings)?,
            value => {
                let value = serde_json::to_string(&value).map_err(Error::custom)?;
                settings.push(Setting { name, value, variable: None });
            }
        }
    }
    Ok(())
}
