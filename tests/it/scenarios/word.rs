//! A person's word about a write whose outcome is open: taken where QuickBooks
//! shows it, refused where it would make a second document or lose one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use latchd::model::{Key, ObjectId};
use latchd::pass::{Word, WordError, World, take_word};
use latchd::report::{HistoryLine, OpenOutcome};
use latchd::sandbox::staxbill::NewRefund;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::shop::{
    amount, assert_all_synced, assert_no_mark_twice, bill, count_writes, create_all, customer, dec, id_of,
    marked, noon, pass, pay, the,
};
use crate::company::Company;

/// Two customers with a payment each, and one whose write was cut off.
async fn open(kind: Kind) -> (Company, Key) {
    let company = Company::bare(&create_all(2));
    let (ada, bea) = (customer(&company, "Ada"), customer(&company, "Bea"));
    for one in [ada, bea] {
        pay(&company, one, noon("2026-03-04"), "70.00", &[]);
    }
    assert_all_synced(&company.once().await.1);
    let payment = pay(&company, ada, noon("2026-03-05"), "100.00", &[]);
    company.sandbox.trouble.add(Rule::next("/v3/company", kind).of(Vendor::QuickBooks).method("POST"));
    let died = tokio::time::timeout(Duration::from_secs(10), company.once()).await;
    assert!(died.is_err(), "it waits for the write that was cut off");
    company.sandbox.trouble.clear();
    (company, Key::payment(u64::try_from(payment).expect("the test made it so")))
}

/// A process that was just started, and what it tells the history.
fn process(company: &Company) -> (World, Arc<Mutex<Vec<HistoryLine>>>) {
    let told = Arc::<Mutex<Vec<HistoryLine>>>::default();
    let world = company.engine().world(&company.config(), CancellationToken::new());
    let lines = Arc::clone(&told);
    let history =
        Arc::new(move |line: &HistoryLine| lines.lock().expect("the test made it so").push(line.clone()));
    (World { history, ..world }, told)
}

fn word(key: Key, posted: Option<&str>) -> Word {
    let (why, by) = ("seen on the customer's page".to_owned(), "Kim".to_owned());
    Word { key, part: None, posted: posted.map(ObjectId::new), why, by }
}

#[tokio::test(start_paused = true)]
async fn a_write_without_effect_is_dropped_once_nothing_of_it_can_come() {
    let (company, key) = open(Kind::Refuse).await;
    let (world, history) = process(&company);
    let early = take_word(&world, &word(key, None)).await.unwrap_err();
    assert!(matches!(early, WordError::TooEarly(left) if left.as_secs() >= 129), "{early}");
    let refused = take_word(&world, &word(key, Some("99999"))).await.unwrap_err().to_string();
    assert!(refused.contains("QuickBooks has no Payment 99999; nothing was changed"), "{refused}");
    let unknown = take_word(&world, &word(Key::invoice(1), None)).await.unwrap_err().to_string();
    assert!(unknown.contains("no write about invoice/1 is open"), "{unknown}");
    assert_eq!(world.register.intents().unwrap().len(), 1);
    company.wait(Duration::from_secs(131)).await;
    let writes = count_writes(&company);
    let told = take_word(&world, &word(key, None)).await.unwrap();
    assert!(told.contains("decides anew"), "{told}");
    assert_eq!((world.register.intents().unwrap().len(), writes()), (0, 0));
    let lines = history.lock().unwrap().clone();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((line.key, &line.quickbooks_id), (key, &None));
    let resolved = line.resolved.as_ref().unwrap();
    assert_eq!((resolved.posted, resolved.by.as_str()), (false, "Kim"));
    assert!(line.to_line().contains(r#""resolved":{"posted":false,"by":"Kim","why":"seen on"#));
    assert_all_synced(&pass(&company).await);
    assert_eq!((marked(&company, &key.to_string()).len(), writes()), (1, 1));
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_took_effect_is_taken_over_under_its_own_id_alone() {
    let (company, key) = open(Kind::Cut).await;
    let (world, history) = process(&company);
    let id = id_of(&company, &key.to_string());
    let books = company.sandbox.quickbooks.bookkeeper();
    let ada = id_of(&company, "customer/10482");
    let bea = id_of(&company, "customer/10483");
    let by_hand = |customer: &str, amount: u32| {
        let body = json!({ "CustomerRef": { "value": customer }, "TotalAmt": amount });
        books.create("Payment", body).expect("a person may do that")["Id"].as_str().unwrap().to_owned()
    };
    let another = company.sandbox.quickbooks.objects("Payment");
    let another =
        another.iter().find(|one| one["Id"] != id.as_str()).unwrap()["Id"].as_str().unwrap().to_owned();
    let cases = [
        ("another record's", another, "bears the mark of payment/"),
        ("another customer's", by_hand(&bea, 100), "belongs to customer 10482"),
        ("of another amount", by_hand(&ada, 90), "is over 90.00, and the write was over 100.00"),
        ("a person's", by_hand(&ada, 100), "bears neither the mark nor the number"),
    ];
    let writes = count_writes(&company);
    for (name, other, words) in cases {
        let refused = take_word(&world, &word(key, Some(&other))).await.unwrap_err().to_string();
        assert!(refused.contains(words) && refused.contains("nothing was changed"), "{name}: {refused}");
        assert_eq!(world.register.intents().unwrap().len(), 1, "{name}");
    }
    company.wait(Duration::from_secs(131)).await;
    let refused = take_word(&world, &word(key, None)).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("QuickBooks has it: Payment {id}; say --posted {id}")), "{refused}");
    take_word(&world, &word(key, Some(&id))).await.unwrap();
    assert_eq!((world.register.intents().unwrap().len(), writes()), (0, 0));
    let record = world.register.record(key).unwrap().unwrap();
    assert_eq!(record.object.as_ref().map(|object| object.id.as_str()), Some(id.as_str()));
    let lines = history.lock().unwrap().clone();
    assert_eq!((lines.len(), lines[0].quickbooks_id.as_ref().map(ObjectId::as_str)), (1, Some(id.as_str())));
    assert!(lines[0].resolved.as_ref().is_some_and(|resolved| resolved.posted));
    assert_eq!(pass(&company).await.entities[2].synced, 3);
    assert_eq!((marked(&company, &key.to_string()).len(), writes()), (1, 0));
    assert_no_mark_twice(&company);
}

/// An amendment is taken only where the object moved and says what was sent.
#[tokio::test(start_paused = true)]
async fn an_amendment_is_taken_where_it_is_there() {
    for (kind, lands) in [(Kind::Cut, true), (Kind::Refuse, false)] {
        let company = Company::bare(&create_all(1));
        let ada = customer(&company, "Ada");
        let payment = pay(&company, ada, noon("2026-03-04"), "70.00", &[]);
        assert_all_synced(&company.once().await.1);
        let key = Key::payment(u64::try_from(payment).unwrap());
        let id = id_of(&company, &key.to_string());
        company.sandbox.staxbill.refund(NewRefund {
            payment,
            amount: dec("20.00"),
            effective: noon("2026-03-06"),
            reference: None,
            allocations: Vec::new(),
        });
        company.sandbox.trouble.add(Rule::next("/v3/company", kind).of(Vendor::QuickBooks).method("POST"));
        assert!(tokio::time::timeout(Duration::from_secs(10), company.once()).await.is_err());
        company.sandbox.trouble.clear();
        let (world, _) = process(&company);
        let said = take_word(&world, &word(key, Some(&id))).await;
        assert_eq!(said.is_ok(), lands, "{said:?}");
        if !lands {
            assert!(said.unwrap_err().to_string().contains("is as it was before the write"));
            company.wait(Duration::from_secs(131)).await;
            take_word(&world, &word(key, None)).await.unwrap();
        }
        assert_eq!(world.register.intents().unwrap().len(), 0);
        assert_all_synced(&pass(&company).await);
        assert_eq!(amount(&the(&company, &key.to_string()), "TotalAmt"), dec("50"));
        assert_eq!(company.plan().await.0.steps.len(), 0);
    }
}

/// The same total, and a bookkeeper moved its SyncToken: nothing says that the
/// write is in it.
#[tokio::test(start_paused = true)]
async fn an_amendment_that_never_came_is_not_taken_for_somebodys_edit() {
    let company = Company::bare(&create_all(1));
    let ada = customer(&company, "Ada");
    let [one, two] = [1, 2].map(|day| bill(&company, ada, noon(&format!("2026-03-0{day}")), "100.00"));
    let payment = pay(&company, ada, noon("2026-03-04"), "70.00", &[(one, "50.00")]);
    assert_all_synced(&company.once().await.1);
    let key = Key::payment(u64::try_from(payment).unwrap());
    let id = id_of(&company, &key.to_string());
    company.sandbox.staxbill.allocate(payment, two, dec("20.00"));
    company
        .sandbox
        .trouble
        .add(Rule::next("/v3/company", Kind::Refuse).of(Vendor::QuickBooks).method("POST"));
    assert!(tokio::time::timeout(Duration::from_secs(10), company.once()).await.is_err());
    company.sandbox.trouble.clear();
    let note = serde_json::json!({ "TxnDate": "2026-03-04", "DepositToAccountRef": { "value": "35" } });
    company.sandbox.quickbooks.bookkeeper().edit("Payment", &id, note).unwrap();
    let (world, _) = process(&company);
    let said = take_word(&world, &word(key, Some(&id))).await.unwrap_err().to_string();
    assert!(said.contains("does not say what the write was to"), "{said}");
    assert_eq!(world.register.intents().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_journal_tells_how_far_each_write_is() {
    let (company, key) = open(Kind::Refuse).await;
    let at_rest =
        latchd::pass::journal_at_rest(&company.engine().register, "2026-11-22T12:00:00Z".parse().unwrap());
    let at_rest = at_rest.unwrap();
    assert_eq!((at_rest.open[0].outcome, at_rest.open[0].next_look_at), (OpenOutcome::Waiting, None));
    let engine = company.engine();
    let wait = company.config().settings.limits.unknown_wait;
    let journal = || engine.sending().journal(&engine.register, wait).unwrap();
    let row = journal().open.remove(0);
    assert_eq!((row.key, row.outcome), (key.to_string(), OpenOutcome::Waiting));
    assert_eq!(
        (row.operation.as_str(), row.object.as_str(), row.amount.as_str()),
        ("create", "Payment", "100.00")
    );
    let left = row.next_look_at.unwrap().duration_since(latchd::clock::Clock::now(&company.clock));
    assert_eq!(left.as_secs(), 130);
    company.wait(Duration::from_secs(131)).await;
    let row = journal().open.remove(0);
    assert_eq!(row.outcome, OpenOutcome::Unknown);
    assert!(row.next.starts_with("The next pass looks for it"), "{}", row.next);
    assert_all_synced(&company.once().await.1);
    assert_eq!(journal().open, []);
}
