//! Finds out what a call wants: which URL, which operation, which entity.

use std::collections::HashMap;

use http::Method;
use serde_json::{Value, json};

use super::books::Books;
use super::entity::{self, Class, Entity, Known, Voiding};
use super::fault::Fault;
use super::json::Object;
use super::{batch, cdc, forms, query, references, report, taxes, upload, write};

/// A call to the Accounting API after the gateway let it in.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) method: &'a Method,
    /// The path below the company, `invoice/130`.
    pub(super) path: &'a str,
    /// The whole path, which a refusal repeats.
    pub(super) full_path: &'a str,
    pub(super) params: &'a HashMap<String, String>,
    pub(super) content_type: &'a str,
    /// The company's address as this caller knows it.
    pub(super) base: &'a str,
    pub(super) body: &'a [u8],
}

/// What a call is answered with.
#[derive(Debug)]
pub(super) enum Content {
    Json(Value),
    Pdf(Vec<u8>),
    Text(String),
}

/// What a call is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Read,
    Write,
    Batch,
}

impl Call<'_> {
    pub(super) fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    pub(super) fn sort(&self) -> Sort {
        match (self.method == Method::POST, self.path) {
            (true, "batch") => Sort::Batch,
            (true, "query") | (false, _) => Sort::Read,
            (true, _) => Sort::Write,
        }
    }

    /// Whether it sends a form by e-mail, of which a day has so many.
    pub(super) fn is_mail(&self) -> bool {
        self.method == Method::POST && self.path.trim_end_matches('/').ends_with("/send")
    }

    /// The id a client gives its write, so that a repetition changes nothing.
    pub(super) fn request_id(&self) -> Option<&str> {
        Some(self.param("requestid")).filter(|id| !id.is_empty() && self.sort() != Sort::Read)
    }
}

/// Carries out a call.
pub(super) fn dispatch(books: &mut Books, call: &Call<'_>) -> Result<Content, Fault> {
    let segments: Vec<&str> = call.path.split('/').filter(|segment| !segment.is_empty()).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", [name, id, "pdf"]) => {
            let (entity, id) = (carried(call, name)?, number(id)?);
            forms::print(books, entity, id).map(Content::Pdf)
        }
        ("GET", ["download", id]) => upload::address(books, id).map(Content::Text),
        ("GET", segments) => get(books, call, segments).map(Content::Json),
        ("POST", segments) => post(books, call, segments).map(Content::Json),
        _ => Err(no_resource(call)),
    }
}

fn get(books: &Books, call: &Call<'_>, segments: &[&str]) -> Result<Value, Fault> {
    match segments {
        ["query"] => query(books, required(call, "query")?),
        ["cdc"] => cdc::answer(books, required(call, "entities")?, required(call, "changedSince")?),
        ["reports", name] => report::answer(books, name, call.params),
        [name] => singleton(books, call, name),
        [name, id] => read(books, call, (name, id)),
        _ => Err(no_resource(call)),
    }
}

fn post(books: &mut Books, call: &Call<'_>, segments: &[&str]) -> Result<Value, Fault> {
    match segments {
        ["query"] => {
            check_type(call, &["application/text", "text/plain"])?;
            query(books, &String::from_utf8_lossy(call.body))
        }
        ["taxservice", "taxcode"] => {
            books.standing.write("TaxService")?;
            taxes::create(books, &json_body(call)?)
        }
        ["batch"] => batch::answer(books, &json_body(call)?, call.request_id()),
        ["upload"] => upload::answer(books, (call.content_type, call.body), call.base),
        [name, id, "send"] => {
            check_type(call, &["application/octet-stream"])?;
            let (entity, id) = (carried(call, name)?, number(id)?);
            books.standing.write(entity.name)?;
            let form = forms::send(books, entity, (id, call.param("sendTo")))?;
            Ok(json!({ entity.name: form }))
        }
        [name] => write(books, call, carried(call, name)?),
        _ => Err(no_resource(call)),
    }
}

fn carried(call: &Call<'_>, name: &str) -> Result<&'static Entity, Fault> {
    match entity::lookup(name) {
        Some(Known::Carried(entity)) => Ok(entity),
        Some(Known::Empty(_)) | None => Err(no_resource(call)),
    }
}

fn query(books: &Books, statement: &str) -> Result<Value, Fault> {
    books.standing.query()?;
    query::answer(books, statement)
}

fn write(books: &mut Books, call: &Call<'_>, entity: &'static Entity) -> Result<Value, Fault> {
    books.standing.write(entity.name)?;
    let body = json_body(call)?;
    let choices = batch::choices(call.param("include"));
    let object = match call.param("operation").to_lowercase().as_str() {
        "" if !choices.void => write::save(books, entity, &body, choices),
        "update" if choices.void => write::void(books, entity, &body, Voiding::Include),
        "update" if body.get("Id").is_none_or(|id| id.is_null() || id == "") => Err(Fault::missing("Id")),
        "update" => write::save(books, entity, &body, choices),
        "delete" => write::delete(books, entity, &body),
        "void" => write::void(books, entity, &body, Voiding::Operation),
        other => Err(Fault::unsupported(other)),
    }?;
    Ok(json!({ entity.name: object }))
}

fn read(books: &Books, call: &Call<'_>, (name, id): (&str, &str)) -> Result<Value, Fault> {
    let known = entity::lookup(name).ok_or_else(|| no_resource(call))?;
    let number = number(id)?;
    let Known::Carried(entity) = known else { return Err(Fault::not_found()) };
    // A company's card is read by the company's own id.
    let number = if entity.class == Class::Singleton { 1 } else { number };
    object(books, entity, number)
}

fn singleton(books: &Books, call: &Call<'_>, name: &str) -> Result<Value, Fault> {
    match entity::lookup(name) {
        Some(Known::Carried(entity)) if entity.class == Class::Singleton => object(books, entity, 1),
        _ => Err(no_resource(call)),
    }
}

fn object(books: &Books, entity: &Entity, id: u64) -> Result<Value, Fault> {
    let kept = books.shelf(entity.name).get(id).ok_or_else(Fault::not_found)?;
    Ok(json!({ entity.name: references::render_alone(books, entity, &kept.object) }))
}

fn number(id: &str) -> Result<u64, Fault> {
    id.parse().map_err(|_| Fault::invalid_id(id))
}

fn required<'a>(call: &'a Call<'_>, name: &str) -> Result<&'a str, Fault> {
    Some(call.param(name)).filter(|value| !value.is_empty()).ok_or_else(|| Fault::missing(name))
}

fn json_body(call: &Call<'_>) -> Result<Object, Fault> {
    check_type(call, &["application/json"])?;
    let unreadable = |_| Fault::property("Unexpected character in the JSON of the request\n");
    serde_json::from_slice(call.body).map_err(unreadable)
}

fn check_type(call: &Call<'_>, accepted: &[&str]) -> Result<(), Fault> {
    let kind = call.content_type.split(';').next().unwrap_or_default().trim();
    if accepted.iter().any(|accepted| accepted.eq_ignore_ascii_case(kind)) {
        return Ok(());
    }
    Err(Fault::unsupported(&format!("Content-Type '{kind}'")))
}

fn no_resource(call: &Call<'_>) -> Fault {
    let path = call.full_path;
    Fault::unsupported(&format!(
        "Could not find resource for relative : {path} of full path: https://sandbox.qbo.intuit.com/qbo{path}"
    ))
}
