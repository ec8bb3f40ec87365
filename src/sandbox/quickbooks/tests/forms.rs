//! Forms by e-mail and on paper.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use super::super::Options;
use super::{REALM, Reply, World};

async fn send(world: &World, path: &str) -> Reply {
    world.call(Method::POST, path, ("application/octet-stream", String::new())).await
}

async fn pdf(world: &World, path: &str, accept: &str) -> Reply {
    let request = Request::get(format!("/v3/company/{REALM}/{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", world.token))
        .header(header::ACCEPT, accept);
    world.send(request.body(Body::empty()).unwrap()).await
}

fn id(made: &Value) -> &str {
    made["Id"].as_str().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_sent_invoice_says_so() {
    let world = World::new().await;
    let made = world.invoice("1", "10").await;
    let path = format!("invoice/{}/send", id(&made));
    let sent = send(&world, &format!("{path}?sendTo=a%40example.com&minorversion=75")).await;
    let invoice = &sent.body["Invoice"];
    assert_eq!((sent.status, &invoice["EmailStatus"]), (StatusCode::OK, &json!("EmailSent")));
    assert_eq!(invoice["BillEmail"], json!({ "Address": "a@example.com" }));
    let delivery = json!({ "DeliveryType": "Email", "DeliveryTime": "2026-05-05T02:00:00-07:00" });
    assert_eq!((&invoice["DeliveryInfo"], &invoice["SyncToken"]), (&delivery, &json!("1")));
    let again = send(&world, &path).await;
    assert_eq!(again.body["Invoice"]["BillEmail"]["Address"], "a@example.com", "it remembers");
    let note = json!({ "Id": made["Id"], "SyncToken": "2", "sparse": true, "PrivateNote": "x" });
    assert_eq!(world.put("invoice", note).await["DeliveryInfo"], delivery);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent() {
    let world = World::new().await;
    let nowhere = json!({ "PrimaryEmailAddr": { "Address": "" } });
    world.company.bookkeeper().edit("Customer", "22", nowhere).unwrap();
    let (with, without) = (world.invoice("1", "10").await, world.invoice("22", "10").await);
    let cases = [
        (format!("invoice/{}/send", id(&with)), "none"),
        (format!("invoice/{}/send?sendTo=nobody", id(&with)), "2210"),
        (format!("invoice/{}/send", id(&without)), "6420"),
        ("invoice/9999/send?sendTo=a@example.com".to_owned(), "610"),
        ("invoice/1.5/send".to_owned(), "2030"),
        ("customer/1/send?sendTo=a@example.com".to_owned(), "500"),
        ("nonsense/1/send".to_owned(), "500"),
    ];
    // Customer 22 of the demo company has an address; take it away.
    let customer = world.read("customer/22").await;
    world
        .company
        .bookkeeper()
        .edit("Customer", id(&customer), json!({ "PrimaryEmailAddr": { "Address": "" } }))
        .ok();
    for (path, code) in cases {
        let reply = send(&world, &path).await;
        assert_eq!(reply.fault().0, code, "{path}: {}", reply.body);
    }
    let typed = world.post(&format!("invoice/{}/send", id(&with)), json!({})).await;
    assert_eq!(typed.fault().0, "500", "only octet-stream is taken");
    let payment = world.put("payment", json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 5 })).await;
    let reply = send(&world, &format!("payment/{}/send", id(&payment))).await;
    assert_eq!(reply.body["Payment"]["SyncToken"], "0", "a payment keeps no trace: {}", reply.body);
}

#[tokio::test(start_paused = true)]
async fn forty_mails_a_day() {
    let world = World::with(Options::default()).await;
    let second = std::time::Duration::from_secs(1);
    let made = world.invoice("1", "10").await;
    let path = format!("invoice/{}/send?sendTo=a@example.com", id(&made));
    for _ in 0..40 {
        tokio::time::advance(second).await;
        assert_eq!(send(&world, &path).await.status, StatusCode::OK);
    }
    tokio::time::advance(second).await;
    assert_eq!(send(&world, &path).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.get("item/1").await.status, StatusCode::OK, "the rest goes on");
}

#[tokio::test(start_paused = true)]
async fn a_form_on_paper() {
    let world = World::new().await;
    let mut body = super::invoice("1", "12.34");
    body["DocNumber"] = json!("1038 (a)");
    let made = world.put("invoice", body).await;
    let path = format!("invoice/{}/pdf", id(&made));
    let reply = pdf(&world, &path, "application/pdf, application/json").await;
    assert_eq!(
        (reply.status, &reply.headers["content-type"]),
        (StatusCode::OK, &"application/pdf".parse().unwrap())
    );
    let text = String::from_utf8_lossy(&reply.bytes);
    assert!(text.starts_with("%PDF-1.4\n") && text.ends_with("%%EOF\n"));
    for part in ["INVOICE 1038 \\(a\\)", "Total: 12.34", "Customer: Amy's Bird Sanctuary", "Date: 2026-05-05"]
    {
        assert!(text.contains(&format!("({part}) Tj")), "{part}: {text}");
    }
    assert_eq!(pdf(&world, &path, "application/json").await.status, StatusCode::NOT_ACCEPTABLE);
    for (path, code) in [("invoice/9999/pdf", "610"), ("customer/1/pdf", "500"), ("nonsense/1/pdf", "500")] {
        let reply = pdf(&world, path, "application/pdf").await;
        assert_eq!((reply.status, reply.fault().0), (StatusCode::BAD_REQUEST, code), "{path}");
        assert_eq!(reply.headers["content-type"], "application/json");
    }
}
