//! The query language of the API: read, checked against what each entity can
//! be asked, and answered.

mod conditions;
mod lexer;
mod run;
mod statement;

pub(super) use run::answer;

/// What a query asks for, as the service reads it: each property with the values
/// that it is compared with. It judges those who write queries.
///
/// # Errors
///
/// The words in which the service refuses the query.
pub fn read_back(query: &str) -> Result<Vec<(String, Vec<String>)>, String> {
    let statement = statement::parse(query).map_err(|fault| format!("{fault:?}"))?;
    let values = |values: Vec<statement::Literal>| values.into_iter().map(|value| value.text).collect();
    Ok(statement.conditions.into_iter().map(|one| (one.property, values(one.values))).collect())
}
