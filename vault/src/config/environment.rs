//! Variables of the environment that take the place of what the configuration file says.
//! It must never quote a value, nor pass over a variable that looks like a setting and is none.

use std::borrow::Cow;
use std::ffi::OsString;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::text;

const PREFIX: &str = "CARDSEAL_";
const BETWEEN_SECTIONS: &str = "__";

/// A variable that sets a setting: `CARDSEAL_LIMITS__CONTEXT_PER_MINUTE` is `context_per_minute` in `[limits]`.
#[derive(Clone, Debug)]
pub struct Variable {
    name: String,
    /// The names of the sections around the setting, then its own.
    path: Vec<String>,
    value: String,
}

impl Variable {
    /// Those of an environment that begin with `CARDSEAL_`, in the order of their names.
    ///
    /// # Errors
    /// A sentence that names the one that cannot be a setting.
    pub fn all(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Vec<Self>, String> {
        let ours = environment.into_iter().filter_map(|(name, value)| {
            let name = name.to_string_lossy().into_owned();
            name.starts_with(PREFIX).then_some((name, value))
        });
        let mut variables = ours
            .map(|(name, value)| {
                let path: Vec<_> =
                    name[PREFIX.len()..].split(BETWEEN_SECTIONS).map(str::to_ascii_lowercase).collect();
                if name != name.to_ascii_uppercase() || path.iter().any(String::is_empty) {
                    return Err(no_setting(&name));
                }
                match value.into_string() {
                    Ok(value) if !value.is_empty() => Ok(Self { name, path, value }),
                    Ok(_) => Err(format!("{name} in the environment is empty; unset it")),
                    Err(_) => Err(format!("{name} in the environment is not UTF-8")),
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        variables.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(variables)
    }

    /// Its name in the environment.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it sets the setting of this name, which has dots between sections.
    pub(super) fn sets(&self, setting: &str) -> bool {
        self.path.iter().map(String::as_str).eq(setting.split('.'))
    }

    /// As in the file, except that text that is no number and neither `true` nor `false` needs no quotes.
    fn parse(&self) -> DeValue<'_> {
        match DeValue::parse(&self.value).map(Spanned::into_inner) {
            Ok(value @ (DeValue::Integer(_) | DeValue::Boolean(_) | DeValue::String(_))) => value,
            _ => DeValue::String(Cow::Borrowed(&self.value)),
        }
    }
}

/// The table of the file's text with the variables in it.
pub(super) fn merge<'a>(text: &'a str, variables: &'a [Variable]) -> Result<Spanned<DeTable<'a>>, String> {
    let mut table = DeTable::parse(text).map_err(|error| text::fault(text, &error))?;
    for (at, variable) in variables.iter().enumerate() {
        set(table.get_mut(), variable, &variable.path, span(text, at))?;
    }
    Ok(table)
}

/// What is wrong, and whether the file or a variable says it.
pub(super) fn fault(text: &str, variables: &[Variable], error: &Error) -> String {
    let at = error.span().and_then(|place| (0..variables.len()).find(|&at| span(text, at) == place));
    match at.map(|at| &variables[at].name) {
        None => text::fault(text, error),
        Some(name) if error.message().starts_with("unknown field") => no_setting(name),
        Some(name) => format!("{name} in the environment: {}", text::wrong(error)),
    }
}

/// A place behind the end of the text for each variable, so that an error there is known to be of that variable.
fn span(text: &str, at: usize) -> Range<usize> {
    let start = text.len() + 1 + at;
    start..start + 1
}

fn set<'a>(
    table: &mut DeTable<'a>,
    variable: &'a Variable,
    path: &'a [String],
    place: Range<usize>,
) -> Result<(), String> {
    let Some((name, rest)) = path.split_first() else { return Ok(()) };
    let key = || Spanned::new(place.clone(), Cow::Borrowed(name.as_str()));
    if rest.is_empty() {
        if table.get(name.as_str()).is_some_and(|there| there.get_ref().is_table()) {
            return Err(no_setting(&variable.name));
        }
        table.remove(name.as_str());
        table.insert(key(), Spanned::new(place.clone(), variable.parse()));
        return Ok(());
    }
    let section =
        table.entry(key()).or_insert_with(|| Spanned::new(place.clone(), DeValue::Table(DeTable::new())));
    match section.get_mut() {
        DeValue::Table(section) => set(section, variable, rest, place),
        _ => Err(no_setting(&variable.name)),
    }
}

fn no_setting(name: &str) -> String {
    format!("{name} in the environment names no setting; unset it or correct its name")
}
