//! Long random sessions of writes over everything that moves money. Whatever
//! is written, refused, taken back, deposited or merged, the books add up.

use serde_json::{Value, json};

use super::super::Fault;
use super::{Options, World, invoice, names, posts, sale};

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

/// A company to write into.
#[derive(Clone, Copy, Debug)]
struct Place {
    country: &'static str,
    currencies: &'static [&'static str],
    switches: &'static [&'static str],
}

const PLACES: &[Place] = &[
    Place { country: "US", currencies: &[], switches: &[] },
    Place { country: "US", currencies: &["EUR", "JPY"], switches: &[] },
    Place { country: "US", currencies: &[], switches: &["TaxPrefs.PartnerTaxEnabled", AUTO_CREDIT] },
    Place { country: "CA", currencies: &[], switches: &[AUTO_PAYMENTS] },
    Place { country: "GB", currencies: &["EUR", "USD"], switches: &[AUTO_CREDIT, AUTO_PAYMENTS] },
];
const AUTO_CREDIT: &str = "SalesFormsPrefs.AutoApplyCredit";
const AUTO_PAYMENTS: &str = "SalesFormsPrefs.AutoApplyPayments";

struct Session<'w> {
    world: &'w World,
    place: Place,
    dice: Dice,
    /// With their currencies and what receivables and bank each has.
    customers: Vec<Customer>,
}

#[derive(Clone, Debug)]
struct Customer {
    id: String,
    currency: Option<String>,
    receivable: String,
    bank: String,
}

impl Customer {
    fn at_home(id: &str, currency: Option<&str>) -> Self {
        let currency = currency.map(str::to_owned);
        Self { id: id.into(), currency, receivable: "84".into(), bank: "35".into() }
    }
}

impl Place {
    async fn open(self, seed: u64) -> World {
        let world =
            World::with(Options { throttled: false, country: self.country.into(), ..Options::default() })
                .await;
        let several = (!self.currencies.is_empty()).then_some("CurrencyPrefs.MultiCurrencyEnabled");
        for switch in several.iter().chain(self.switches) {
            world.company.set_preference(switch, json!(true));
        }
        world.company.set_preference("SalesFormsPrefs.AllowDeposit", json!(seed == 2));
        world
    }

    fn people(self, world: &World) -> Vec<Customer> {
        let books = world.company.bookkeeper();
        let home = world.company.objects("Preferences")[0]["CurrencyPrefs"]["HomeCurrency"]["value"].clone();
        let home = home.as_str().filter(|_| !self.currencies.is_empty());
        let mut people: Vec<Customer> =
            ["1", "3", "4", "7", "8", "9"].iter().map(|id| Customer::at_home(id, home)).collect();
        for code in self.currencies {
            let currency = json!({ "value": code });
            books.create("CompanyCurrency", json!({ "Code": code })).unwrap();
            let bank = json!({ "Name": code, "AccountType": "Bank", "CurrencyRef": currency });
            let bank = books.create("Account", bank).unwrap()["Id"].as_str().unwrap().to_owned();
            let accounts = world.company.objects("Account");
            let receivable = accounts.iter().find(|one| {
                one["AccountType"] == "Accounts Receivable" && one["CurrencyRef"]["value"] == *code
            });
            let receivable = receivable.unwrap()["Id"].as_str().unwrap().to_owned();
            for number in 0..2 {
                let name = json!({ "DisplayName": format!("{code} {number}"), "CurrencyRef": currency });
                let id = books.create("Customer", name).unwrap()["Id"].as_str().unwrap().to_owned();
                let (receivable, bank) = (receivable.clone(), bank.clone());
                people.push(Customer { id, currency: Some((*code).to_owned()), receivable, bank });
            }
        }
        people
    }
}

impl<'w> Session<'w> {
    fn new(world: &'w World, place: Place, seed: u64) -> Self {
        Self { world, place, dice: Dice(seed), customers: place.people(world) }
    }

    fn customer(&mut self) -> Customer {
        let at = self.dice.below(self.customers.len());
        self.customers[at].clone()
    }

    fn known(&self, id: &str) -> Customer {
        let found = self.customers.iter().find(|customer| customer.id == id).cloned();
        found.unwrap_or_else(|| Customer::at_home(id, self.customers[0].currency.as_deref()))
    }

    /// Says what the company wants to hear about currency and tax.
    fn fit(&mut self, mut body: Value, currency: Option<&str>) -> Value {
        if let Some(currency) = currency {
            body["CurrencyRef"] = json!({ "value": currency });
            if self.dice.below(3) > 0 {
                body["ExchangeRate"] = json!(self.dice.of(&["1.2345", "1.097531", "0.0091", "0.9"]));
            }
        }
        if self.place.country != "US" {
            body["GlobalTaxCalculation"] =
                json!(self.dice.of(&["TaxExcluded", "TaxInclusive", "NotApplicable"]));
        }
        let lines = body["Line"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
        for line in lines.iter_mut().filter(|line| line["DetailType"] == "SalesItemLineDetail") {
            let codes = if self.place.country == "US" { &["TAX", "NON"][..] } else { &["2", "3", "5", "6"] };
            line["SalesItemLineDetail"]["TaxCodeRef"]["value"] = json!(self.dice.of(codes));
        }
        body
    }

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
            11 => books.edit(kind, id, json!({ "CustomerRef": { "value": self.customer().id } })),
            12 => books.delete(kind, id),
            13 => books.void(kind, id),
            14 => books.edit(kind, id, json!({ "ExchangeRate": self.dice.of(&["1.3", "0.0088"]) })),
            _ => self.upheaval(),
        }
    }

    /// Settings, names and places rather than documents.
    fn upheaval(&mut self) -> Result<Value, Fault> {
        let company = &self.world.company;
        let books = company.bookkeeper();
        match self.dice.below(5) {
            0 | 1 => {
                let switch = self.dice.of(&[
                    "AutoApplyCredit",
                    "AutoApplyPayments",
                    "CustomTxnNumbers",
                    "AllowDeposit",
                ]);
                company.set_preference(&format!("SalesFormsPrefs.{switch}"), json!(self.dice.below(2) == 0));
                Ok(Value::Null)
            }
            2 => {
                let parent =
                    json!({ "ParentRef": { "value": self.dice.of(&["7", "9", "22"]) }, "Job": true });
                books.edit("Customer", "8", parent)
            }
            3 => books.edit("Customer", &self.customer().id, json!({ "Active": false })),
            _ => {
                let survivor = self.customer();
                let name = format!("Newcomer {}", self.dice.0);
                let mut card = json!({ "DisplayName": name });
                if let Some(currency) = &survivor.currency {
                    card["CurrencyRef"] = json!({ "value": currency });
                }
                let made = books.create("Customer", card)?;
                let newcomer = made["Id"].as_str().unwrap();
                for kind in ["Invoice", "CreditMemo"] {
                    let body = invoice(newcomer, &self.dice.amount());
                    let body = self.fit(body, survivor.currency.as_deref());
                    books.create(kind, body)?;
                }
                books.merge_customer(newcomer, &survivor.id).map(|()| Value::Null)
            }
        }
    }

    fn body(&mut self, kind: &str) -> Value {
        let (customer, amount) = (self.customer(), self.dice.amount());
        let currency = customer.currency.as_deref();
        match kind {
            "Payment" => self.payment(&customer.id, &amount),
            "JournalEntry" => {
                let receivable = customer.receivable.as_str();
                let other = self.dice.of(&["94", "91", &customer.bank, receivable]).to_owned();
                let (debit, credit) =
                    if self.dice.below(3) == 0 { (receivable, &*other) } else { (&*other, receivable) };
                let named = |account: &str| (account == receivable).then_some(&*customer.id);
                let lines = [
                    posts("Debit", debit, &amount, named(debit)),
                    posts("Credit", credit, &amount, named(credit)),
                ];
                let mut body = self.fit(json!({ "Line": lines }), currency);
                body.as_object_mut().unwrap().remove("GlobalTaxCalculation");
                body
            }
            "Deposit" => self.deposit(&customer, &amount),
            _ => {
                let mut body = invoice(&customer.id, &amount);
                body["Line"] = json!([sale(&amount), sale(&self.dice.amount())]);
                body["DepositToAccountRef"] = json!({ "value": self.dice.of(&["4", "92", &customer.bank]) });
                if kind == "Invoice" && self.dice.below(3) == 0 {
                    body["Deposit"] = json!(self.dice.amount());
                }
                if self.place.country == "US" && self.dice.below(4) == 0 {
                    body["TxnTaxDetail"] = json!({ "TotalTax": 1.25 });
                }
                self.fit(body, currency)
            }
        }
    }

    /// Brings what waits, and some money of its own, in one currency.
    fn deposit(&mut self, customer: &Customer, amount: &str) -> Value {
        let currency = customer.currency.clone().map(|code| json!(code));
        let mut lines = Vec::new();
        for kind in ["Payment", "SalesReceipt"] {
            let waiting = self.world.company.objects(kind).into_iter().filter(|one| {
                let fits = currency.as_ref().is_none_or(|code| one["CurrencyRef"]["value"] == *code);
                fits && one["DepositToAccountRef"]["value"] == "4" && one["LinkedTxn"].is_null()
            });
            let waiting: Vec<Value> = waiting.collect();
            if !waiting.is_empty() {
                let one = &waiting[self.dice.below(waiting.len())];
                lines.push(json!({ "LinkedTxn": [{ "TxnId": one["Id"], "TxnType": kind }] }));
            }
        }
        if self.dice.below(3) == 0 || lines.is_empty() {
            lines.push(json!({ "Amount": amount, "DetailType": "DepositLineDetail",
                "DepositLineDetail": { "AccountRef": { "value": "94" } } }));
        }
        let bank = self.dice.of(&["36", &customer.bank]).to_owned();
        let body = json!({ "DepositToAccountRef": { "value": bank }, "Line": lines });
        let mut body = self.fit(body, customer.currency.as_deref());
        body.as_object_mut().unwrap().remove("GlobalTaxCalculation");
        body
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
        let currency = self.known(&customer).currency;
        let mut body = self.fit(
            json!({ "CustomerRef": { "value": customer }, "TotalAmt": total, "Line": lines }),
            currency.as_deref(),
        );
        body.as_object_mut().unwrap().remove("GlobalTaxCalculation");
        body
    }
}

/// A session of writes that holds the books against themselves after each;
/// tells whether a payment came to join several documents.
async fn write(place: Place, seed: u64) -> bool {
    let world = place.open(seed).await;
    let mut session = Session::new(&world, place, seed);
    let (mut taken, mut refused) = (0, 0);
    for step in 0..400 {
        match session.step() {
            Ok(_) => taken += 1,
            Err(_) => refused += 1,
        }
        assert_eq!(world.company.audit(), Vec::<String>::new(), "{place:?}, seed {seed}, step {step}");
    }
    assert!(taken > 120 && refused > 30, "{place:?}, seed {seed}: {taken} taken, {refused} refused");
    for kind in KINDS {
        assert!(!world.company.objects(kind).is_empty(), "{place:?}, seed {seed}: {kind}");
    }
    let gains = world.company.trial_balance().into_iter().any(|total| total.name == "Exchange Gain or Loss");
    assert_eq!(gains, !place.currencies.is_empty(), "{place:?}, seed {seed}");
    let joined = |payment: &Value| payment["Line"].as_array().unwrap().len() > 1;
    world.company.objects("Payment").iter().any(joined)
}

#[tokio::test(start_paused = true)]
async fn the_books_add_up_whatever_is_written() {
    for place in PLACES {
        let joined = [write(*place, 1).await, write(*place, 2).await];
        assert!(joined.contains(&true), "{place:?}");
    }
}
