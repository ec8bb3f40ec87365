//! Watching: each kind of change of the files is exactly so many reloads,
//! whatever made it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::house::{House, Running, until};

/// A daemon that looks at these files, and how often they came into force.
struct Watched {
    house: House,
    daemon: Running,
    reloads: usize,
}

/// Links that leave a customer alone; another number is another generation.
fn links(number: u32) -> String {
    customer(10_484, number)
}

fn customer(id: u32, number: u32) -> String {
    format!("[links]\n{id} = {{ skip = \"change {number}\" }}\n")
}

impl Watched {
    /// With `quick`, the files are also looked at every second.
    fn start(quick: bool) -> Self {
        let house = House::sample();
        house.write("links.d/a.toml", links(0));
        let mut command = house.command(&["run"]);
        command.env("RUST_LOG", "latchd=debug");
        if quick {
            command.env("LATCHD_FAILPOINT", "quick-poll");
        }
        let daemon = house.start_command(command);
        until("the first pass is over", || daemon.err().contains("the files are as they were"));
        Self { house, daemon, reloads: 0 }
    }

    fn said(&self, words: &str) -> usize {
        self.daemon.err().matches(words).count()
    }

    /// Makes a change that is so many reloads, none or one, and waits until the
    /// daemon has looked at it.
    fn change(&mut self, what: &str, reloads: usize, change: impl FnOnce(&House)) {
        let words = if reloads == 0 { "the files are as they were" } else { "the files are in force" };
        // A pass that the change before made is over.
        until(&format!("all is quiet before {what}"), || {
            self.said("pass ended") == 1 + self.said("the files are in force")
        });
        let before = self.said(words);
        change(&self.house);
        until(what, || self.said(words) > before);
        self.reloads += reloads;
        assert_eq!(self.said("the files are in force"), self.reloads, "{what}");
    }
}

/// A text in a file by renaming another one over it, as most programs do.
fn renamed(house: &House, name: &str, text: &str) {
    house.write("scratch", text);
    fs::rename(house.path("scratch"), house.path(name)).expect("the folder is the test's own");
}

/// Steps of something that takes its time: less between two of them than the
/// files must rest, and more in all.
fn slowly(steps: u32, mut step: impl FnMut(u32)) {
    let began = Instant::now();
    for at in 0..steps {
        step(at);
        until("the next step is due", || began.elapsed() > (at + 1) * Duration::from_millis(300));
    }
}

#[test]
fn each_kind_of_change_is_exactly_so_many_reloads() {
    let mut all = Watched::start(true);
    by_one_program(&mut all);
    by_editors(&mut all);
    by_links(&mut all);
    of_many_files(&mut all);
    of_folders(&mut all);
    let Watched { daemon, reloads, .. } = all;
    daemon.signal("TERM");
    let ended = daemon.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.err.matches("the files are in force").count(), reloads);
}

fn by_one_program(all: &mut Watched) {
    all.change("a rename over it", 1, |house| renamed(house, "links.d/a.toml", &links(1)));
    all.change("a write in place", 1, |house| house.write("links.d/a.toml", links(2)));
    all.change("a touch", 0, |house| {
        let file = fs::File::options()
            .append(true)
            .open(house.path("links.d/a.toml"))
            .expect("the folder is the test's own");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
            .expect("the folder is the test's own");
    });
    all.change("other rights", 0, |house| {
        fs::set_permissions(house.path("links.d/a.toml"), fs::Permissions::from_mode(0o640))
            .expect("the folder is the test's own");
    });
    all.change("the same text again", 0, |house| renamed(house, "links.d/a.toml", &links(2)));
    all.change("other texts without end for a while", 1, |house| {
        slowly(10, |step| house.write("links.d/a.toml", links(100 + step)));
    });
}

fn by_editors(all: &mut Watched) {
    all.change("an editor that renames the old one away", 1, |house| {
        fs::rename(house.path("links.d/a.toml"), house.path("links.d/a.toml~"))
            .expect("the folder is the test's own");
        house.write("links.d/a.toml", links(5));
        fs::remove_file(house.path("links.d/a.toml~")).expect("the folder is the test's own");
    });
    all.change("an editor with a copy and a journal", 1, |house| {
        house.write("links.d/#a.toml#", links(6));
        fs::copy(house.path("links.d/a.toml"), house.path("links.d/a.toml.bak"))
            .expect("the folder is the test's own");
        house.write("links.d/a.toml", links(6));
        fs::remove_file(house.path("links.d/#a.toml#")).expect("the folder is the test's own");
    });
    all.change("a file that is removed and put back", 0, |house| {
        fs::remove_file(house.path("links.d/a.toml")).expect("the folder is the test's own");
        slowly(2, |_| {});
        house.write("links.d/a.toml", links(6));
    });
}

fn by_links(all: &mut Watched) {
    let swap = |house: &House, link: &str, to: &str| {
        symlink(to, house.path("swap")).expect("the folder is the test's own");
        fs::rename(house.path("swap"), house.path(link)).expect("the folder is the test's own");
    };
    for version in [7, 8] {
        let folder = format!("versions/{version}");
        fs::create_dir_all(all.house.path(&folder)).expect("the folder is the test's own");
        all.house.write(&format!("{folder}/b.toml"), customer(10_485, version));
    }
    all.change("a link to a file", 1, |house| swap(house, "links.d/b.toml", "../versions/7/b.toml"));
    all.change("another link in its place", 1, |house| {
        swap(house, "links.d/b.toml", "../versions/8/b.toml");
    });
    // As a ConfigMap and git-sync do: a link to a link to a folder.
    all.change("a link through a linked folder", 0, |house| {
        swap(house, "versions/..data", "8");
        swap(house, "links.d/b.toml", "../versions/..data/b.toml");
    });
    all.change("the linked folder is another", 1, |house| swap(house, "versions/..data", "7"));
}

fn of_many_files(all: &mut Watched) {
    let many = |house: &House, number: u32| {
        // Each of them parses, and half of them is no generation of anybody's.
        slowly(10, |step| {
            for id in 3 * step..3 * (step + 1) {
                house.write(&format!("links.d/many-{id}.toml"), customer(20_000 + id, number));
            }
        });
    };
    all.change("a checkout of many files", 1, |house| many(house, 9));
    all.change("another one", 1, |house| many(house, 10));
    all.change("a file that goes for good", 1, |house| {
        fs::remove_file(house.path("links.d/many-0.toml")).expect("the folder is the test's own");
    });
    all.change("a file that begins to match", 1, |house| {
        house.write("links.d/late.txt", customer(30_000, 11));
        fs::rename(house.path("links.d/late.txt"), house.path("links.d/late.toml"))
            .expect("the folder is the test's own");
    });
}

fn of_folders(all: &mut Watched) {
    all.change("another folder in its place", 1, |house| {
        fs::create_dir(house.path("links.new")).expect("the folder is the test's own");
        house.write("links.new/a.toml", links(12));
        fs::rename(house.path("links.d"), house.path("links.old")).expect("the folder is the test's own");
        fs::rename(house.path("links.new"), house.path("links.d")).expect("the folder is the test's own");
    });
    all.change("a change in the new folder", 1, |house| house.write("links.d/a.toml", links(13)));
    let refused =
        |house: &House| house.status().is_some_and(|status| !status["generation"]["rejected"].is_null());
    all.house.write("links.d/bad.toml", "[links]\n1 = ");
    until("the files are refused", || refused(&all.house));
    fs::remove_file(all.house.path("links.d/bad.toml")).expect("the folder is the test's own");
    until("going back clears it", || !refused(&all.house));
    // That it is cleared is told as one that came into force.
    all.reloads = all.said("the files are in force");
    all.change("a change after that", 1, |house| house.write("links.d/a.toml", links(14)));
}

/// The guarantee looks every 30 s: what comes much sooner was noticed.
#[test]
fn changes_are_noticed_and_not_found_by_the_poll_alone() {
    let mut all = Watched::start(false);
    let noticed = |all: &mut Watched, what: &str, change: fn(&House)| {
        let began = Instant::now();
        all.change(what, 1, change);
        assert!(began.elapsed() < Duration::from_secs(20), "{what}: {:?}", began.elapsed());
    };
    // As git-sync does it: the link in the middle of the way is another.
    for version in [20, 21, 22] {
        let folder = format!("sync/{version}/links.d");
        fs::create_dir_all(all.house.path(&folder)).expect("the folder is the test's own");
        all.house.write(&format!("{folder}/b.toml"), customer(10_485, version));
    }
    let swap = |house: &House, link: &str, to: &str| {
        symlink(to, house.path("swap")).expect("the folder is the test's own");
        fs::rename(house.path("swap"), house.path(link)).expect("the folder is the test's own");
    };
    swap(&all.house, "sync/current", "20");
    swap(&all.house, "sync/linked.d", "current/links.d");
    noticed(&mut all, "a folder behind links", |house| {
        let more = "include = [\"links.d/*.toml\", \"sync/linked.d/*.toml\"]";
        house.write("latchd.toml", house.settings().replace("include = [\"links.d/*.toml\"]", more));
    });
    for version in ["21", "22"] {
        let began = Instant::now();
        all.change("the link in the middle leads elsewhere", 1, |house| swap(house, "sync/current", version));
        assert!(began.elapsed() < Duration::from_secs(20), "{version}: {:?}", began.elapsed());
    }
    for _ in 0..2 {
        noticed(&mut all, "a rename over it", |house| renamed(house, "links.d/a.toml", &links(1)));
        noticed(&mut all, "a write in place", |house| house.write("links.d/a.toml", links(2)));
        noticed(&mut all, "another folder in its place", |house| {
            let _ = fs::remove_dir_all(house.path("links.old"));
            fs::create_dir(house.path("links.new")).expect("the folder is the test's own");
            house.write("links.new/a.toml", links(3));
            fs::rename(house.path("links.d"), house.path("links.old")).expect("the folder is the test's own");
            fs::rename(house.path("links.new"), house.path("links.d")).expect("the folder is the test's own");
        });
    }
}
