//! Each misreading shows in its one point, and without it the point is read as
//! the service means it.

use http::StatusCode;
use serde_json::{Value, json};

use super::super::{Misreading, Options};
use super::{REALM, World, column, fault_in};

async fn world(misreading: Option<Misreading>) -> World {
    World::with(Options { throttled: false, misreading, ..Options::default() }).await
}

/// What a client sees of the five points, in the order of [`Misreading::ALL`].
async fn seen(world: &mut World) -> [Value; 5] {
    let list = world.query("select * from Customer where Id in ('15', '16', '8')").await;
    let ids = json!(column(&list.body["QueryResponse"]["Customer"], "Id"));

    let made = world.invoice("1", "5").await;
    let write =
        |token: &str| json!({ "Id": made["Id"], "SyncToken": token, "sparse": true, "PrivateNote": "x" });
    let late = world.post("invoice", write("7")).await;

    let quoted = world.query("select * from Customer where DisplayName = 'Amy\\'s Bird Sanctuary'").await;

    let gone = world.invoice("1", "6").await;
    let body = json!({ "Id": gone["Id"], "SyncToken": "0" });
    world.put("invoice?operation=delete", body).await;
    let feed = world.get("cdc?entities=Invoice&changedSince=2026-05-05T09:00:00Z").await;
    let feed = feed.body["CDCResponse"][0]["QueryResponse"][0]["Invoice"].as_array().map_or(0, Vec::len);

    world.token.push('x');
    let shut = world.get(&format!("companyinfo/{REALM}")).await;
    assert_eq!(shut.status, StatusCode::UNAUTHORIZED);
    [
        ids,
        json!(fault_in(&late.body).0),
        json!(fault_in(&quoted.body).0),
        json!(shut.body.get("fault").is_some()),
        json!(feed),
    ]
}

#[tokio::test(start_paused = true)]
async fn each_shows_in_its_point_alone() {
    let right = seen(&mut world(None).await).await;
    assert_eq!(right, [json!(["8", "16", "15"]), json!("5010"), json!("none"), json!(true), json!(2)]);
    let wrong = [json!(["8", "15", "16"]), json!("none"), json!("4000"), json!(false), json!(1)];
    for (index, misreading) in Misreading::ALL.into_iter().enumerate() {
        let mut expected = right.clone();
        expected[index] = wrong[index].clone();
        assert_eq!(seen(&mut world(Some(misreading)).await).await, expected, "{misreading:?}");
        assert_eq!(misreading.name().parse(), Ok(misreading));
    }
}

#[test]
fn an_unknown_one_is_answered_with_those_there_are() {
    let words = "sorted".parse::<Misreading>().unwrap_err();
    assert!(Misreading::ALL.iter().all(|misreading| words.contains(misreading.name())), "{words}");
}
