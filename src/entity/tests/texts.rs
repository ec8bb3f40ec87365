//! Texts that the vendors would refuse or that people would not recognise.

use super::*;

#[test]
fn every_text_that_is_sent_fits() {
    let words = [
        ("a colon", "Acme: East", "Acme: East: March"),
        ("a tab", "Acme\tEast", "Acme East: March"),
        ("quotes", "\"Acme\" 'East'", "\"Acme\" 'East': March"),
        ("an emoji", "Acme 🚀", "Acme rocket: March"),
        ("spaces", "  Acme  ", "Acme: March"),
        ("another script", "Київ", "Kiyiv: March"),
    ];
    for (name, text, expected) in words {
        let charge = Charge { name: text.to_owned(), ..charge("1", "1", "1.00", "0", None) };
        let body = billed(&invoice(vec![charge], Vec::new()), &posting(), &targets()).unwrap().body;
        assert_eq!(body["Line"][0]["Description"], expected, "{name}");
    }
    let long = Charge {
        name: "n".repeat(300),
        description: Some("d".repeat(5_000)),
        ..charge("1", "1", "1.00", "0", None)
    };
    let mut whole = invoice(vec![long], Vec::new());
    let lines = whole.lines.as_mut().unwrap();
    (lines.po_number, lines.notes) = (Some("p".repeat(5_000)), Some("🚀".repeat(5_000)));
    let body = billed(&whole, &posting(), &targets()).unwrap().body;
    let length = |text: &Value| text.as_str().unwrap().chars().count();
    assert_eq!(length(&body["Line"][0]["Description"]), 4_000);
    assert_eq!(length(&body["CustomerMemo"]["value"]), 1_000);
    assert!(length(&body["PrivateNote"]) <= 4_000);
    assert!(body["PrivateNote"].as_str().unwrap().starts_with("[latchd invoice/88123] PO ppp"));
}
