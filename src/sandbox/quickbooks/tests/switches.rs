//! Conditions under which the service turns calls away: which calls, with
//! which code, in which shape.

use http::StatusCode;
use serde_json::{Value, json};

use super::super::{Fault, Refusal};
use super::{World, fault_in};

/// What the four kinds of call answer: a read, a query, a write of a name, a
/// write of a transaction. `200` where they are let through.
async fn answers(world: &World) -> [(u16, String); 4] {
    let vendor = json!({ "DisplayName": format!("Vendor {}", world.company.calls().writes) });
    let replies = [
        world.get("customer/1").await,
        world.query("select * from Customer").await,
        world.post("vendor", vendor).await,
        world.post("invoice", super::invoice("1", "10")).await,
    ];
    replies.map(|reply| {
        let code = reply.body["fault"]["error"][0]["code"].as_str().unwrap_or(reply.fault().0);
        (reply.status.as_u16(), code.to_owned())
    })
}

#[tokio::test(start_paused = true)]
async fn each_condition_turns_its_calls_away_and_no_others() {
    let world = World::new().await;
    let all = |status: u16, code| [(status, code); 4];
    let ok = (200, "none");
    let writes = |code| [ok, ok, (400, code), (400, code)];
    for refusal in Refusal::ALL {
        let expected = match refusal {
            Refusal::Disconnected => all(403, "3100"),
            Refusal::AdminLost => all(401, "120"),
            Refusal::WrongCluster => all(400, "130"),
            Refusal::LockedOut => all(400, "140"),
            Refusal::Maintenance => all(400, "150"),
            Refusal::Reset => all(400, "10200"),
            Refusal::Unsubscribed => writes("6190"),
            Refusal::NoPermission => writes("5020"),
            Refusal::NotInPlan => writes("5030"),
            Refusal::NamesBusy => [ok, ok, (400, "6000"), ok],
            Refusal::QueriesDown => [ok, (400, "4002"), ok, ok],
        };
        world.company.refuse(refusal, true);
        assert_eq!(world.company.refusals(), [refusal]);
        let got = answers(&world).await;
        assert_eq!(got.each_ref().map(|(status, code)| (*status, code.as_str())), expected, "{refusal:?}");
        world.company.refuse(refusal, false);
        assert_eq!(answers(&world).await.map(|(status, _)| status), [200; 4], "{refusal:?} is over");
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_meets_them_item_by_item() {
    let world = World::new().await;
    for refusal in [Refusal::Unsubscribed, Refusal::QueriesDown] {
        world.company.refuse(refusal, true);
    }
    let items = json!({ "BatchItemRequest": [
        { "bId": "1", "operation": "create", "Vendor": { "DisplayName": "Nobody" } },
        { "bId": "2", "Query": "select * from Item" },
    ] });
    let reply = world.post("batch", items).await;
    let codes: Vec<&str> =
        reply.body["BatchItemResponse"].as_array().unwrap().iter().map(|item| fault_in(item).0).collect();
    assert_eq!((reply.status, codes), (StatusCode::OK, vec!["6190", "4002"]));
}

/// Trouble on the way answers by code, in the shape the code comes in.
#[test]
fn every_code_has_its_answer() {
    let now = "2026-05-05T09:00:00Z".parse().unwrap();
    for code in Fault::codes() {
        let fault = Fault::by_code(code).unwrap();
        let (status, body) = fault.answer(now);
        let gateway = matches!(code, "100" | "110" | "3100" | "3200" | "3202");
        let block = if gateway { &body["fault"]["error"][0] } else { &body["Fault"]["Error"][0] };
        assert_eq!(block["code"], code, "{body}");
        assert_eq!(body["time"].is_number(), gateway, "{body}");
        let expected = match code {
            "100" | "110" | "120" | "3200" | "3202" => 401,
            "3001" => 429,
            "3100" => 403,
            "10000" => 500,
            _ => 400,
        };
        assert_eq!(status.as_u16(), expected, "{code}");
    }
    assert_eq!(Fault::by_code("9999"), None);
    assert_eq!(Fault::by_code("2030").unwrap().answer(now).1.get("time"), None::<&Value>);
}
