//! Long random sessions of writes over everything that moves money. Whatever
//! is written, refused, taken back, deposited or merged, the books add up.

use serde_json::{Value, json};

use super::super::Fault;
use super::{World, invoice, names, posts, sale};

/// Draws that a seed repeats.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn amount(&mut self) -> String {
        format!("{}.{:02}", self.below(120), self.below(100))
    }
}

const KINDS: &[&str] =
    &["Invoice", "CreditMemo", "Payment", "SalesReceipt", "RefundReceipt", "JournalEntry", "Deposit"];
const CUSTOMERS: &[&str] = &["1", "3", "4", "7", "8", "9"];

struct Session<'w> {
    world: &'w World,
    dice: Dice,
}

impl Session<'_> {
    /// Any object of that kind, if there is one.
    fn pick(&mut self, kind: &str) -> Value {
        let mut objects = self.world.company.objects(kind);
        if objects.is_empty() {
            return json!({});
        }
        let at = self.dice.below(objects.len());
        objects.swap_remove(at)
    }

    fn step(&mut self) -> Result<Value, Fault> {
        let books = self.world.company.bookkeeper();
        let kind = self.dice.of(KINDS);
        let object = self.pick(kind);
        let id = object["Id"].as_str().unwrap_or("0");
        match self.dice.below(16) {
            0..=8 => {
                let body = self.body(kind);
                books.create(kind, body)
            }
            9 | 10 => {
                let body = self.body(kind);
                books.edit(kind, id, body)
            }
            11 => books.edit(kind, id, json!({ "CustomerRef": { "value": self.dice.of(CUSTOMERS) } })),
            12 => books.delete(kind, id),
            13 => books.void(kind, id),
            14 => books.deposit(self.pick("Payment")["Id"].as_str().unwrap_or("0")),
            _ => self.upheaval(),
        }
    }

    /// Settings, names and places rather than documents.
    fn upheaval(&mut self) -> Result<Value, Fault> {
        let company = &self.world.company;
        let books = company.bookkeeper();
        match self.dice.below(5) {
            0 | 1 => {
                let switch = self.dice.of(&["AutoApplyCredit", "AutoApplyPayments", "CustomTxnNumbers"]);
                company.set_preference(&format!("SalesFormsPrefs.{switch}"), json!(self.dice.below(2) == 0));
                Ok(Value::Null)
            }
            2 => {
                let parent =
                    json!({ "ParentRef": { "value": self.dice.of(&["7", "9", "22"]) }, "Job": true });
                books.edit("Customer", "8", parent)
            }
            3 => books.edit("Customer", self.dice.of(CUSTOMERS), json!({ "Active": false })),
            _ => {
                let name = format!("Newcomer {}", self.dice.0);
                let made = books.create("Customer", json!({ "DisplayName": name }))?;
                let newcomer = made["Id"].as_str().unwrap();
                books.create("Invoice", invoice(newcomer, &self.dice.amount()))?;
                books.create("CreditMemo", invoice(newcomer, &self.dice.amount()))?;
                books.merge_customer(newcomer, self.dice.of(CUSTOMERS)).map(|()| Value::Null)
            }
        }
    }

    fn body(&mut self, kind: &str) -> Value {
        let (customer, amount) = (self.dice.of(CUSTOMERS), self.dice.amount());
        match kind {
            "Payment" => self.payment(customer, &amount),
            "JournalEntry" => {
                let other = self.dice.of(&["94", "91", "35", "84"]);
                let (debit, credit) = if self.dice.below(3) == 0 { ("84", other) } else { (other, "84") };
                let named = |account: &str| (account == "84").then_some(customer);
                json!({ "Line": [posts("Debit", debit, &amount, named(debit)), posts("Credit", credit, &amount, named(credit))] })
            }
            "Deposit" => {
                let lines: Vec<Value> = ["Payment", "SalesReceipt"]
                    .into_iter()
                    .map(|kind| json!({ "LinkedTxn": [{ "TxnId": self.pick(kind)["Id"], "TxnType": kind }] }))
                    .collect();
                json!({ "DepositToAccountRef": { "value": self.dice.of(&["35", "36"]) },
                        "Line": &lines[self.dice.below(2)..] })
            }
            _ => {
                let mut body = invoice(customer, &amount);
                body["Line"] = json!([sale(&amount), sale(&self.dice.amount())]);
                body["DepositToAccountRef"] = json!({ "value": self.dice.of(&["4", "92"]) });
                if self.dice.below(4) == 0 {
                    body["TxnTaxDetail"] = json!({ "TotalTax": 1.25 });
                }
                body
            }
        }
    }

    /// A payment, often of nothing, over documents of a customer of theirs.
    fn payment(&mut self, customer: &str, amount: &str) -> Value {
        let charge = self.pick("Invoice");
        let customer = charge["CustomerRef"]["value"].as_str().unwrap_or(customer).to_owned();
        let kind = self.dice.of(&["CreditMemo", "CreditMemo", "JournalEntry"]);
        let credits = self.world.company.objects(kind);
        let mut own =
            credits.iter().filter(|credit| credit.to_string().contains(&format!("\"value\":\"{customer}\"")));
        let credit = own.next_back().cloned().unwrap_or_default();
        let charged = names("Invoice", &charge["Id"], amount);
        let credited = names(kind, &credit["Id"], amount);
        let (total, lines) = match self.dice.below(4) {
            0 => (amount, json!([])),
            1 => (amount, json!([charged])),
            _ => ("0", json!([charged, credited])),
        };
        json!({ "CustomerRef": { "value": customer }, "TotalAmt": total, "Line": lines })
    }
}

#[tokio::test(start_paused = true)]
async fn the_books_add_up_whatever_is_written() {
    for seed in 1..=4 {
        let world = World::new().await;
        let mut session = Session { world: &world, dice: Dice(seed) };
        let (mut taken, mut refused) = (0, 0);
        for step in 0..600 {
            match session.step() {
                Ok(_) => taken += 1,
                Err(_) => refused += 1,
            }
            assert_eq!(world.company.audit(), Vec::<String>::new(), "seed {seed}, step {step}");
        }
        assert!(taken > 200 && refused > 50, "seed {seed}: {taken} taken, {refused} refused");
        let joined = |payment: &Value| payment["Line"].as_array().unwrap().len() > 1;
        assert!(world.company.objects("Payment").iter().any(joined), "seed {seed}");
        for kind in KINDS {
            assert!(!world.company.objects(kind).is_empty(), "seed {seed}: {kind}");
        }
    }
}
