//! The query language of the API: read, checked against what each entity can
//! be asked, and answered.

mod conditions;
mod lexer;
mod run;
mod statement;

pub(super) use run::answer;
