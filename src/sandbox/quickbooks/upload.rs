//! Files that clients upload: kept beside the books, and handed out again
//! under an address that needs no token.

use axum::body::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use super::books::{Books, Token};
use super::entity::Choices;
use super::entity::attachable::ENTITY;
use super::fault::Fault;
use super::json::{Object, text};
use super::multipart::{self, Part};
use super::write;

/// A file as it was uploaded.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// The last part of its address.
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) bytes: Bytes,
}

/// Takes the files of a form in; every one has its own outcome under HTTP 200
/// (recorded), so a refused file does not keep out the next.
///
/// # Errors
///
/// Only for a body that is no such form.
pub(super) fn answer(
    books: &mut Books,
    (content_type, body): (&str, &[u8]),
    base: &str,
) -> Result<Value, Fault> {
    books.standing.write(ENTITY.name)?;
    let parts = multipart::parts(content_type, body)
        .ok_or_else(|| Fault::unsupported(&format!("Content-Type '{content_type}'")))?;
    let (cards, files): (Vec<&Part>, Vec<&Part>) =
        parts.iter().partition(|part| part.name.starts_with("file_metadata"));
    let mut responses = Vec::new();
    for file in files.iter().filter(|part| part.name.starts_with("file_content")) {
        let number = file.name.trim_start_matches("file_content");
        let card = cards.iter().find(|card| card.name.trim_start_matches("file_metadata") == number);
        responses.push(match keep(books, card.copied(), file, base) {
            Ok(kept) => json!({ "Attachable": kept }),
            Err(fault) => json!({ "Fault": fault.json() }),
        });
    }
    if responses.is_empty() {
        return Err(Fault::missing("file_content"));
    }
    Ok(json!({ "AttachableResponse": responses }))
}

fn keep(books: &mut Books, card: Option<&Part>, file: &Part, base: &str) -> Result<Value, Fault> {
    let not_a_card =
        || Fault::known("6040").because("The file metadata submitted must be of Attachable type.");
    let mut body: Object = match card {
        Some(card) => serde_json::from_slice(&card.body).map_err(|_| not_a_card())?,
        None => Object::new(),
    };
    let file_name = file.file_name.clone().unwrap_or_else(|| "attachment".to_owned());
    body.entry("FileName").or_insert(json!(file_name));
    if let Some(kind) = &file.content_type {
        body.entry("ContentType").or_insert(json!(kind));
    }
    body.remove("Id");
    let made = write::save(books, &ENTITY, &body, Choices::default())?;
    let id: u64 = made["Id"].as_str().and_then(|id| id.parse().ok()).ok_or_else(Fault::not_found)?;
    Ok(filed(books, id, file, base).unwrap_or(made))
}

/// Gives an attachable what only a file has.
fn filed(books: &mut Books, id: u64, file: &Part, base: &str) -> Option<Value> {
    let mut object = books.shelf(ENTITY.name).get(id)?.object.clone();
    let key = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("file {id}").as_bytes());
    let safe = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    let plain: String =
        text(&object, "FileName")?.chars().map(|part| if safe(part) { part } else { '_' }).collect();
    let name = format!("{key}{plain}");
    object.insert("FileAccessUri".into(), json!(format!("{}/download/{id}", path_of(base))));
    object.insert("TempDownloadUri".into(), json!(format!("{}/attachments/{name}", host_of(base))));
    object.insert("Size".into(), json!(file.body.len()));
    let content_type = text(&object, "ContentType").unwrap_or("application/octet-stream").to_owned();
    books.files.insert(id, File { name, content_type, bytes: Bytes::copy_from_slice(&file.body) });
    books.put(&ENTITY, id, object, Token::Stay);
    Some(Value::Object(books.shelf(ENTITY.name).get(id)?.object.clone()))
}

/// The address under which a file is handed out for a while; here for ever.
pub(super) fn address(books: &Books, id: &str) -> Result<String, Fault> {
    let object = books.find(ENTITY.name, id).ok_or_else(Fault::not_found)?;
    text(object, "TempDownloadUri").map(str::to_owned).ok_or_else(Fault::not_found)
}

/// `base` is the company's own address, `http://host/v3/company/1`.
fn path_of(base: &str) -> &str {
    base.find("/v3/").map_or(base, |at| &base[at..])
}

fn host_of(base: &str) -> &str {
    base.find("/v3/").map_or(base, |at| &base[..at])
}
