//! Kills: whatever the moment, the next run makes the books what they would
//! have been, and nothing stands twice.

use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use tokio::time::Instant;
use uuid::Uuid;

use super::books;
use super::house::{House, until};

/// How often the process is killed.
const KILLS: usize = 20;

#[test]
fn twenty_kills_at_random_moments_leave_the_books_of_an_undisturbed_run() {
    let calm = House::generated(40, 400);
    calm.link_all();
    let ended = calm.run(&["once"]);
    assert!(matches!(ended.code, Some(0 | 5)), "{ended:?}");
    assert_eq!(books::balanced(&calm.sandbox), 40);

    let house = House::generated(40, 400);
    house.link_all();
    // Calls take their time, so that kills fall between sending and answer,
    // some before the call took effect and some after.
    let slow = |what| Rule::next("/v3/company", what).of(Vendor::QuickBooks).every();
    house.sandbox.trouble.add(slow(Kind::Delay { ms: 25 }));
    house.sandbox.trouble.add(slow(Kind::DelayAnswer { ms: 25 }));
    let mut random = Random::new();
    let mut struck = 0;
    for kill in 0..KILLS {
        let mut process = house.start(&["once"]);
        if kill % 4 == 0 {
            let moment = Instant::now() + Duration::from_millis(random.below(400));
            until("the moment has come", || Instant::now() >= moment || !process.runs());
        } else {
            let calls = house.quickbooks_calls() + 1 + random.below(12);
            let moment = Duration::from_millis(random.below(60));
            until("the call was made", || house.quickbooks_calls() >= calls || !process.runs());
            let moment = Instant::now() + moment;
            until("the moment has come", || Instant::now() >= moment || !process.runs());
        }
        struck += usize::from(process.kill().code.is_none());
        books::of(&house.sandbox);
    }
    assert!(struck >= KILLS / 2, "seed {}: the process ended by itself before most kills", random.seed);
    house.sandbox.trouble.clear();
    let ended = house.run(&["once"]);
    assert_eq!(ended.code, calm.run(&["status"]).code, "seed {}: {ended:?}", random.seed);
    assert_eq!(books::of(&house.sandbox), books::of(&calm.sandbox), "seed {}", random.seed);
    assert_eq!(books::balanced(&house.sandbox), 40);
    let plan = house.run(&["plan"]);
    assert_eq!(plan.code, Some(0), "seed {}: {plan:?}", random.seed);
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
