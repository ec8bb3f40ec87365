//! Kills: whatever the moment, the next run makes the books what they would
//! have been, and nothing stands twice.

use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use tokio::time::Instant;
use uuid::Uuid;

use super::books;
use super::house::{House, until};

/// How often the process is killed where nobody says otherwise with
/// `LATCHD_KILLS`; there are ten documents to a kill.
const KILLS: u32 = 30;
/// Customers, each of whom is linked.
const CUSTOMERS: u32 = 40;
/// Of the documents, so many in a hundred are invoices; the others are payments.
const INVOICES_PERCENT: u32 = 58;

#[test]
fn kills_at_random_moments_leave_the_books_of_an_undisturbed_run() {
    let kills = asked().unwrap_or(KILLS);
    let invoices = kills * 10 * INVOICES_PERCENT / 100;
    let calm = House::generated(CUSTOMERS, invoices);
    calm.link_all();
    let ended = calm.run(&["once"]);
    assert!(matches!(ended.code, Some(0 | 5)), "{ended:?}");
    assert_eq!(books::balanced(&calm.sandbox), CUSTOMERS as usize);

    let house = House::generated(CUSTOMERS, invoices);
    house.link_all();
    // One call after the other, and each takes its time, so that kills fall between
    // sending and answer, some before the call took effect and some after.
    let settings = house.settings();
    let paced = settings.replace("quickbooks_requests_second = 1000", "quickbooks_requests_second = 40");
    assert_ne!(paced, settings);
    house.write("latchd.toml", paced);
    let slow = |what| Rule::next("/v3/company", what).of(Vendor::QuickBooks).method("POST").every();
    house.sandbox.trouble.add(slow(Kind::Delay { ms: 60 }));
    house.sandbox.trouble.add(slow(Kind::DelayAnswer { ms: 30 }));
    let (first, all) = (written(&house), written(&calm));
    let mut random = Random::new();
    let seed = random.seed;
    let (mut struck, mut told) = (0, 0);
    for kill in 0..kills {
        let open = open_writes(&house);
        forget_report(&house);
        let mut process = house.start(&["once"]);
        let before = written(&house);
        // The kills are spread over the whole of it: where more is written than that,
        // this one comes before or while the process writes, else when it has.
        let is_ahead = (before - first) * kills as usize > (all - first) * kill as usize;
        let moment = if is_ahead { random.below(900) } else { random.below(60) };
        if !is_ahead {
            until("something is written", || written(&house) > before || !process.runs());
        }
        let moment = Instant::now() + Duration::from_millis(moment);
        until("the moment has come", || Instant::now() >= moment || !process.runs());
        struck += u32::from(process.kill().code.is_none());
        books::of(&house.sandbox);
        told += u32::from(says_what_was_found(&house, open, seed));
    }
    assert!(struck >= kills / 2, "seed {seed}: the process ended by itself before most kills");
    assert!(told > 0, "seed {seed}: no kill left a write whose outcome a report had to tell");
    house.sandbox.trouble.clear();
    let open = open_writes(&house);
    forget_report(&house);
    let ended = house.run(&["once"]);
    assert_eq!(ended.code, calm.run(&["status"]).code, "seed {seed}: {ended:?}");
    says_what_was_found(&house, open, seed);
    assert_eq!(open_writes(&house), 0, "seed {seed}");
    assert_eq!(books::of(&house.sandbox), books::of(&calm.sandbox), "seed {seed}");
    assert_eq!(books::balanced(&house.sandbox), CUSTOMERS as usize);
    let plan = house.run(&["plan"]);
    assert_eq!(plan.code, Some(0), "seed {seed}: {plan:?}");
    say(&format!("seed {seed}: {struck} of {kills} kills struck, {told} restarts told of open writes"));
}

/// How many objects stand in QuickBooks.
fn written(house: &House) -> usize {
    ["Customer", "Invoice", "Payment"].map(|kind| house.sandbox.quickbooks.objects(kind).len()).iter().sum()
}

/// Writes whose outcome the killed process did not see.
fn open_writes(house: &House) -> usize {
    if !house.path("state/db").exists() {
        return 0;
    }
    let ended = house.run(&["journal", "--format", "json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let journal: serde_json::Value = serde_json::from_str(&ended.out).expect("it is JSON");
    journal["open"].as_array().expect("there is a list").len()
}

/// The next one is the next process's.
fn forget_report(house: &House) {
    let _ = std::fs::remove_file(house.path("reports/status.json"));
}

/// Where the process came to report, it told of the writes that it found open,
/// all of them, and of none where there were none.
fn says_what_was_found(house: &House, open: usize, seed: u64) -> bool {
    let Some(status) = house.status() else { return false };
    let notices = status["notices"].as_array().expect("there is a list");
    let told: Vec<&str> = notices
        .iter()
        .filter(|notice| notice["code"] == "outcomes-found")
        .filter_map(|notice| notice["text"].as_str())
        .collect();
    match (open, told.as_slice()) {
        (0, []) => false,
        (1, [text]) if text.starts_with("1 write was under way when latchd ended: ") => true,
        (more, [text]) if text.starts_with(&format!("{more} writes were under way when latchd ended: ")) => {
            true
        }
        (open, told) => panic!("seed {seed}: {open} writes were open, and the report tells {told:?}"),
    }
}

#[expect(clippy::disallowed_methods, reason = "a person says how often on the command line of the tests")]
fn asked() -> Option<u32> {
    std::env::var("LATCHD_KILLS").ok().map(|kills| kills.parse().expect("LATCHD_KILLS is a number"))
}

#[expect(clippy::print_stderr, reason = "whoever reads the log of the tests wants to know what was played")]
fn say(words: &str) {
    eprintln!("{words}");
}

/// Sebastiano Vigna's splitmix64, seeded anew for every run of the test; the
/// seed is in every failure.
struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    fn new() -> Self {
        let (seed, _) = Uuid::new_v4().as_u64_pair();
        Self { seed, state: seed }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}
