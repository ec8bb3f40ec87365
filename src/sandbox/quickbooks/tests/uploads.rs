//! Files that hang on other objects.

use std::fmt::Write as _;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::{Reply, World};

/// Uploads files, each with its card.
async fn upload(world: &World, files: &[(Value, &str)]) -> Reply {
    let mut body = String::new();
    for (index, (card, text)) in files.iter().enumerate() {
        let number = index + 1;
        write!(
            body,
            "--b\r\nContent-Disposition: form-data; name=\"file_metadata_{number:02}\"\r\n\
             Content-Type: application/json\r\n\r\n{card}\r\n\
             --b\r\nContent-Disposition: form-data; name=\"file_content_{number:02}\"; filename=\"a.txt\"\r\n\
             Content-Type: text/plain\r\n\r\n{text}\r\n"
        )
        .unwrap();
    }
    body += "--b--\r\n";
    world.call(Method::POST, "upload", ("multipart/form-data; boundary=b", body)).await
}

fn card(kind: &str, id: &Value) -> Value {
    json!({ "AttachableRef": [{ "EntityRef": { "type": kind, "value": id } }], "FileName": "no detail.xml",
            "ContentType": "text/xml" })
}

#[tokio::test(start_paused = true)]
async fn a_file_hangs_on_its_invoice() {
    let world = World::new().await;
    let invoice = world.invoice("1", "10").await;
    let reply = upload(&world, &[(card("invoice", &invoice["Id"]), "<x/>")]).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let made = &reply.body["AttachableResponse"][0]["Attachable"];
    let id = made["Id"].as_str().unwrap();
    assert_eq!(
        (id, &made["Size"], &made["ContentType"]),
        ("5000000000000000001", &json!(4), &json!("text/xml"))
    );
    assert_eq!(made["FileAccessUri"], format!("/v3/company/{}/download/{id}", super::REALM));
    let link =
        json!([{ "EntityRef": { "value": invoice["Id"], "type": "Invoice" }, "IncludeOnSend": false }]);
    assert_eq!(made["AttachableRef"], link);
    assert_eq!(&world.read(&format!("attachable/{id}")).await, made);
    assert_eq!(
        world.query("select * from Attachable where FileName = 'no detail.xml'").await.body["QueryResponse"]
            ["Attachable"][0]["Id"],
        id
    );

    let address = world.get(&format!("download/{id}")).await;
    let uri = String::from_utf8(address.bytes.to_vec()).unwrap();
    assert_eq!(
        (uri.as_str(), &address.headers["content-type"]),
        (made["TempDownloadUri"].as_str().unwrap(), &"text/plain".parse().unwrap())
    );
    let path = uri.strip_prefix("http://127.0.0.1").unwrap();
    let file = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(
        (&file.bytes[..], &file.headers["content-type"]),
        (&b"<x/>"[..], &"text/xml".parse().unwrap())
    );

    // Deleting takes no token (recorded).
    let gone = world.put("attachable?operation=delete", json!({ "Id": id })).await;
    assert_eq!(gone, json!({ "domain": "QBO", "status": "Deleted", "Id": id }));
    assert_eq!(world.get(&format!("attachable/{id}")).await.fault().0, "610");
    assert_eq!(world.get(&format!("download/{id}")).await.fault().0, "610");
    assert_eq!(
        world.send(Request::get(path).body(Body::empty()).unwrap()).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(start_paused = true)]
async fn faults_come_under_200() {
    let world = World::new().await;
    let item = json!("1");
    let files = [
        (card("Estimate", &json!("75")), "x"),
        (card("Item", &item), "x"),
        (card("Dream", &item), "x"),
        (json!([1]), "x"),
        (json!({ "Odd": 1 }), "x"),
    ];
    let reply = upload(&world, &files).await;
    assert_eq!(reply.status, StatusCode::OK);
    let outcomes = reply.body["AttachableResponse"].as_array().unwrap();
    let codes: Vec<&str> = outcomes.iter().map(|outcome| super::fault_in(outcome).0).collect();
    assert_eq!(codes, ["6000", "none", "6050", "6040", "2010"]);
    let recorded = "Business Validation Error: The entity Estimate 75 that you are trying to link does not exist. Estimate 75";
    assert_eq!(super::fault_in(&outcomes[0]).1, recorded);
    assert_eq!(world.company.objects("Attachable").len(), 1);
    for (kind, body) in [("application/json", "{}"), ("multipart/form-data; boundary=b", "nothing")] {
        let reply = world.call(Method::POST, "upload", (kind, body.to_owned())).await;
        assert_eq!(reply.fault().0, "500", "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn notes_need_no_file() {
    let world = World::new().await;
    let note = json!({ "Note": "call back", "AttachableRef": [{ "EntityRef": { "type": "Customer", "value": "1" } }] });
    let made = world.put("attachable", note).await;
    let change = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true, "Note": "called" });
    assert_eq!(world.put("attachable", change).await["Note"], "called");
    let stale = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true, "Note": "again" });
    assert_eq!(world.post("attachable", stale).await.fault().0, "5010");
    assert_eq!(world.post("attachable", json!({})).await.fault().0, "2020");
}
