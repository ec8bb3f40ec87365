//! People whose records were damaged on purpose (FEBRL): letters lost and
//! changed, fields swapped, streets left out. `tests/tools/people` brings them;
//! without it there is nothing to measure here.

use std::collections::{BTreeMap, BTreeSet};

use latchd::model::{Address, Currency, Customer, CustomerStatus, ObjectId};
use latchd::suggest::{Index, Living, Verdict, suggest};

use super::labelled::nobody_twice;

/// One record.
struct Person {
    number: String,
    first: String,
    last: String,
    address: Address,
}

/// The two sides of a data set: damaged records, and originals.
type Sides = (Vec<Person>, Vec<Person>);

#[derive(Debug, Default)]
struct Figures {
    asked: usize,
    true_pairs: usize,
    first_three: usize,
    unique: usize,
    wrong: Vec<String>,
}

#[test]
fn damaged_records_of_people_are_found_and_hardly_ever_wrongly_unique() {
    let Some(path) = std::env::var_os("LATCHD_PEOPLE") else {
        super::tell("people: not measured; tests/tools/people brings their records");
        return;
    };
    let text = std::fs::read_to_string(path).expect("the records can be read");
    let sets = read(&text);
    assert_eq!(sets.len(), 4, "four data sets");
    let mut all = Figures::default();
    for (name, (damaged, originals)) in &sets {
        measure(&format!("{name}, every person there"), damaged, originals, |_| true, &mut all);
        // Every second one is missing in QuickBooks: whoever is found for them is another.
        let odd = |one: &Person| one.number.parse::<u64>().is_ok_and(|number| number % 2 == 1);
        measure(&format!("{name}, every second one missing"), damaged, originals, odd, &mut all);
    }
    tell("people, all together", &all);
    assert!(all.true_pairs > 10_000, "{}", all.true_pairs);
    assert!(
        all.first_three * 10 >= all.true_pairs * 9,
        "too few of the true pairs are among the first three"
    );
    assert!(all.wrong.len() * 1000 <= all.asked, "wrong as unique:\n{}", all.wrong.join("\n"));
    assert!(all.unique * 5 >= all.true_pairs, "a matcher that never says unique helps nobody");
}

fn measure(
    what: &str,
    damaged: &[Person],
    originals: &[Person],
    is_there: impl Fn(&Person) -> bool,
    all: &mut Figures,
) {
    let there: Vec<&Person> = originals.iter().filter(|one| is_there(one)).collect();
    let ids: BTreeMap<&str, ObjectId> = there
        .iter()
        .zip(1_u32..)
        .map(|(one, id)| (one.number.as_str(), ObjectId::new(id.to_string())))
        .collect();
    let index = Index::new(there.iter().map(|one| living(one, &ids)).collect());
    let customers: Vec<Customer> = damaged.iter().zip(900_001..).map(|(one, id)| customer(one, id)).collect();
    let found = suggest(&index, &customers, &BTreeSet::new());
    nobody_twice(&found);
    let mut figures = Figures::default();
    for (one, suggestion) in damaged.iter().zip(&found) {
        let truth = ids.get(one.number.as_str());
        let mut first = suggestion.candidates.iter().map(|one| &one.id).take(3);
        figures.asked += 1;
        figures.true_pairs += usize::from(truth.is_some());
        figures.first_three += usize::from(truth.is_some_and(|truth| first.any(|id| id == truth)));
        if suggestion.verdict == Verdict::Unique {
            figures.unique += 1;
            let best = &suggestion.candidates[0];
            if Some(&best.id) != truth {
                figures.wrong.push(format!("{what}: {} {} is not {}", one.first, one.last, best.name));
            }
        }
    }
    tell(what, &figures);
    assert!(figures.wrong.len() * 1000 <= figures.asked, "wrong as unique:\n{}", figures.wrong.join("\n"));
    all.asked += figures.asked;
    all.true_pairs += figures.true_pairs;
    all.first_three += figures.first_three;
    all.unique += figures.unique;
    all.wrong.append(&mut figures.wrong);
}

fn tell(what: &str, figures: &Figures) {
    let Figures { asked, true_pairs, first_three, unique, wrong } = figures;
    super::tell(&format!(
        "{what}: {asked} asked about, {unique} unique ({} of them wrong); of {true_pairs} true pairs \
         {first_three} among the first three",
        wrong.len()
    ));
    for one in wrong {
        super::tell(&format!("  {one}"));
    }
}

fn read(text: &str) -> BTreeMap<String, Sides> {
    let mut sets: BTreeMap<String, Sides> = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [set, side, person, first, last, street, city, state, postcode] = cells[..] else {
            panic!("not a record: {line}");
        };
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let address = Address {
            line1: some(street),
            city: some(city),
            state: some(state),
            postal_code: some(postcode),
            ..Address::default()
        };
        let record =
            Person { number: person.to_owned(), first: first.to_owned(), last: last.to_owned(), address };
        let sides = sets.entry(set.to_owned()).or_default();
        if side == "staxbill" { sides.0.push(record) } else { sides.1.push(record) }
    }
    sets
}

fn living(one: &Person, ids: &BTreeMap<&str, ObjectId>) -> Living {
    Living {
        given: Some(one.first.clone()),
        family: Some(one.last.clone()),
        address: Some(one.address.clone()),
        ..Living::new(ids[one.number.as_str()].clone(), format!("{} {}", one.first, one.last))
    }
}

fn customer(one: &Person, id: u64) -> Customer {
    Customer {
        id,
        status: CustomerStatus::Active,
        first_name: Some(one.first.clone()),
        last_name: Some(one.last.clone()),
        company_name: None,
        reference: None,
        email: None,
        phone: None,
        currency: Currency::USD,
        quickbooks_id: None,
        billing_address: Some(one.address.clone()),
        shipping_address: None,
    }
}
