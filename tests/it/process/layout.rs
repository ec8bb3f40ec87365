//! `latchd fmt`: what it writes, what it says, how it ends.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Stdio;

use super::house::House;

const LOOSE: &str = "[links]\n10483={skip='test'}\n10482 = { create = true, start = \"now\" }\n";
const CANONICAL: &str = "[links]\n10482 = { create = true, start = \"now\" }\n10483 = { skip = \"test\" }\n";

fn text(house: &House, name: &str) -> String {
    fs::read_to_string(house.path(name)).expect("it is there")
}

#[test]
fn files_are_laid_out_where_they_are() {
    let house = House::sample();
    house.write("links.d/a.toml", LOOSE);
    house.write("kept.toml", CANONICAL.replace("1048", "2048"));
    symlink(house.path("kept.toml"), house.path("links.d/b.toml")).unwrap();
    fs::set_permissions(house.path("links.d/a.toml"), fs::Permissions::from_mode(0o664)).unwrap();
    let settings = text(&house, "latchd.toml");
    let check = house.run(&["fmt", "--check"]);
    assert_eq!((check.code, text(&house, "links.d/a.toml").as_str()), (Some(1), LOOSE));
    assert!(check.out.ends_with("links.d/a.toml\n1 of 3 files would change\n"), "{}", check.out);
    let ended = house.run(&["fmt"]);
    assert_eq!((ended.code, text(&house, "links.d/a.toml").as_str()), (Some(0), CANONICAL), "{ended:?}");
    assert_eq!(fs::metadata(house.path("links.d/a.toml")).unwrap().permissions().mode() & 0o777, 0o664);
    assert!(fs::symlink_metadata(house.path("links.d/b.toml")).unwrap().is_symlink());
    assert_eq!(text(&house, "latchd.toml"), settings);
    assert_eq!(house.run(&["fmt", "--check"]).code, Some(0));
}

#[test]
fn one_mistake_changes_no_file() {
    let house = House::sample();
    house.write("links.d/a.toml", LOOSE);
    house.write("links.d/b.toml", "[links]\n1 = { skp = \"x\" }\n");
    let before = house.disk();
    for args in [&["fmt"][..], &["fmt", "links.d/a.toml", "links.d/b.toml"], &["fmt", "none.toml"]] {
        let ended = house.run(args);
        assert_eq!(ended.code, Some(78), "{args:?}: {ended:?}");
        assert_eq!(house.disk(), before);
    }
    let ended = house.run(&["fmt", "links.d/a.toml", "links.d/b.toml"]);
    assert!(
        ended.err.contains("links.d/b.toml:2:7") && ended.err.contains("did you mean `skip`"),
        "{}",
        ended.err
    );
    assert_eq!(house.run(&["fmt", "-", "links.d/a.toml"]).code, Some(64));
}

#[test]
fn an_editor_pipes_its_text_through() {
    let house = House::sample();
    for (given, args, code, expected) in [
        (LOOSE, &["fmt", "-"][..], 0, CANONICAL),
        (CANONICAL, &["fmt", "--check", "-"], 0, ""),
        (LOOSE, &["fmt", "--check", "-"], 1, ""),
        ("[links", &["fmt", "-"], 78, ""),
    ] {
        let mut command = house.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(given.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!((output.status.code(), said.as_str()), (Some(code), expected), "{args:?}");
    }
}
