//! `[[notify]]`: what is read, what is refused, and that no address is told.

use super::{MINIMAL, load_files, told};
use crate::config::{Occurrence, Receiver, Way};

fn receivers(text: &str) -> Vec<Receiver> {
    let loaded = load_files(&[("latchd.toml", MINIMAL), ("links.d/a.toml", text)]);
    loaded.map_err(|errors| errors.to_string()).unwrap().settings.receivers
}

#[test]
fn receivers_are_read_in_the_order_of_the_files() {
    let found = receivers(
        "[[notify]]\nname = \"chat\"\nurl = \"${cred:chat}\"\n\n[[notify]]\nname = \"pager\"\n\
         command = [\"/usr/local/bin/page\", \"--now\"]\non = [\"token\", \"warning\"]\ndigest_at = \"17:30\"\n",
    );
    let names: Vec<_> = found.iter().map(|receiver| receiver.name.as_str()).collect();
    assert_eq!(names, ["chat", "pager"]);
    assert!(matches!(&found[0].way, Way::Webhook(url) if url.shown() == "${cred:chat}"));
    assert_eq!((found[0].on.len(), found[0].digest_at.to_string()), (5, "08:00:00".to_owned()));
    assert!(matches!(&found[1].way, Way::Command(words) if words.len() == 2));
    assert_eq!(found[1].on, [Occurrence::Token, Occurrence::Warning]);
    assert_eq!(found[1].digest_at.to_string(), "17:30:00");
    assert_eq!(receivers("notify = [{ name = \"a\", url = \"http://127.0.0.1:1/x?y=z\" }]\n").len(), 1);
}

#[test]
fn each_mistake_is_told_without_a_word_of_the_address() {
    let cases = [
        ("url = \"https://x.example\"", "1:1: [[notify]] needs `name`"),
        ("name = \"a\"", "1:1: [[notify]] needs `url` or `command`; write url = "),
        (
            "name = \"a\"\nurl = \"https://x.example\"\ncommand = [\"/a\"]",
            "4:1: a receiver has `url` or `command`",
        ),
        ("name = \"a\"\nurl = \"http://x.example/canary\"", "3:7: a receiver's address begins with https://"),
        ("name = \"a\"\nurl = \"https://me:canary@x.example\"", "3:7: an address may not hold a user"),
        ("name = \"a\"\nurl = \"canary\"", "3:7: this is not an address"),
        ("name = \"a\"\nurl = \"${cret:chat}\"", "3:7: this kind of reference is not known"),
        ("name = \"a\"\ncommand = [\"page\"]", "3:11: `command` begins with the absolute path"),
        ("name = \"a\"\ncommand = []", "3:11: `command` begins with the absolute path"),
        ("name = \"a\"\ncommand = \"/a\"", "3:11: `command` is an array of texts"),
        ("name = \"a\"\ncommand = [\"/a\"]\non = []", "4:6: `on` is an array of what to tell"),
        (
            "name = \"a\"\ncommand = [\"/a\"]\non = [\"warnings\"]",
            "4:7: `on` knows no \"warnings\"; did you mean \"warning\"?",
        ),
        ("name = \"a\"\ncommand = [\"/a\"]\ndigest_at = \"8:00\"", "4:13: `digest_at` is a time of day"),
        ("name = \"a\"\ncommand = [\"/a\"]\ndigest_at = \"24:10\"", "4:13: `digest_at` is a time of day"),
        (
            "name = \"a\"\ncomand = [\"/a\"]",
            "3:1: unknown key `comand` in [[notify]]; did you mean `command`?",
        ),
        (
            "name = \"a\"\ncommand = [\"/a\"]\n[[notify]]\nname = \"a\"\ncommand = [\"/b\"]",
            "5:8: two receivers are called \"a\": here and at links.d/a.toml:2",
        ),
    ];
    for (text, expected) in cases {
        let loaded =
            load_files(&[("latchd.toml", MINIMAL), ("links.d/a.toml", &format!("[[notify]]\n{text}\n"))]);
        let shown = loaded.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert!(!shown.contains("canary"), "{shown}");
        let told = told(loaded);
        let found = told.iter().any(|line| line.starts_with(&format!("links.d/a.toml:{expected}")));
        assert!(found, "{text}: {told:?}");
    }
    let told = told(load_files(&[("latchd.toml", &format!("{MINIMAL}[notify]\nname = \"a\"\n"))]));
    assert!(told[0].contains("write it as [[notify]], once for each"), "{told:?}");
}

/// A receiver is part of what a generation is.
#[test]
fn a_receiver_changes_the_generation() {
    let generation = |text: &str| {
        let loaded = load_files(&[("latchd.toml", MINIMAL), ("links.d/a.toml", text)]);
        loaded.map_err(|errors| errors.to_string()).unwrap().generation
    };
    let of = |name: &str| generation(&format!("[[notify]]\nname = \"{name}\"\ncommand = [\"/a\"]\n"));
    assert_ne!(of("a"), of("b"));
    assert_ne!(of("a"), generation(""));
    assert_eq!(of("a"), generation("# x\n[[notify]]\ncommand = [ \"/a\" ]\nname = 'a'\n"));
}
