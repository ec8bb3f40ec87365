//! Watching: what to look at to notice that the files changed, also while
//! they do not parse.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use toml::de::DeTable;

use super::faults::Faults;
use super::files::{SourceFile, absolute_pattern, base_of};
use super::load::read_files;
use super::operate::{REPORTS, STATE};
use super::parse::parse;
use super::source::{Disk, FILE_BYTES_MAX, Source as _};
use super::{generation, source};
use crate::fsx;

/// As many links as the system follows on one way (Linux).
const LINKS_MAX: u32 = 40;

/// A hash of the raw bytes of `latchd.toml` and of everything it includes,
/// also while they do not parse or are not there. It changes with every byte
/// and is not the generation.
pub fn content_hash(path: &Path) -> String {
    let main = fsx::read_capped(path, FILE_BYTES_MAX);
    let paths = included(path, main.as_ref().ok());
    let mut hash = Sha256::new();
    let mut feed = |path: &Path, bytes: std::io::Result<Vec<u8>>| {
        let bytes = bytes.unwrap_or_else(|error| error.kind().to_string().into_bytes());
        for part in [path.as_os_str().as_encoded_bytes(), &bytes] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    };
    feed(path, main);
    for included in &paths {
        feed(included, fsx::read_capped(included, FILE_BYTES_MAX));
    }
    generation::hex(hash)
}

/// When the system last saw one of the files, or a folder of theirs, change:
/// written, moved, removed or given to somebody else. A tool that sets a file's
/// date back does not set this back.
pub fn changed_at(path: &Path) -> Option<Timestamp> {
    let main = fsx::read_capped(path, FILE_BYTES_MAX).ok();
    let files = included(path, main.as_ref()).into_iter().chain([path.to_owned()]);
    let all = files.chain(watched_dirs(path)).filter_map(|path| fs::metadata(path).ok());
    let changed = all.filter_map(|about| {
        let nanosecond = i32::try_from(about.ctime_nsec()).ok()?;
        Timestamp::new(about.ctime(), nanosecond).ok()
    });
    changed.max()
}

/// What the files at `path` include, as far as they can be read.
fn included(path: &Path, main: Option<&Vec<u8>>) -> BTreeSet<PathBuf> {
    let text = main.and_then(|bytes| source::decode(bytes.clone()).ok());
    let mut paths = BTreeSet::new();
    for pattern in include_patterns(text.as_deref().unwrap_or_default()) {
        paths.extend(Disk.matching(&absolute_pattern(base_of(path), &pattern)).unwrap_or_default());
    }
    paths.remove(path);
    paths
}

/// The folders in which a change may change the configuration: of the file
/// itself, of what its `include` patterns match, and of every symbolic link on the
/// way there, also in the middle of it. Each is named by its own path, without
/// links. A folder that is not there yet is stood for by the nearest one that is.
pub fn watched_dirs(path: &Path) -> Vec<PathBuf> {
    let base = base_of(path);
    let bytes = fsx::read_capped(path, FILE_BYTES_MAX).unwrap_or_default();
    let text = source::decode(bytes).unwrap_or_default();
    let mut folders = BTreeSet::from([base.to_owned()]);
    let mut targets = vec![path.to_owned()];
    let mut on_the_way = BTreeSet::new();
    for pattern in include_patterns(&text) {
        let pattern = PathBuf::from(absolute_pattern(base, &pattern));
        // A pattern in the folder's part may match folders to come: the fixed
        // part before it is watched as well as the folders there are.
        let fixed: PathBuf = base.join(plain_part(&pattern, base));
        folders.insert(fixed);
        if let Some(folder) = pattern.parent().and_then(Path::to_str) {
            folders.extend(Disk.matching(folder).unwrap_or_default());
        }
        targets.extend(Disk.matching(&pattern.to_string_lossy()).unwrap_or_default());
    }
    for target in folders.iter().chain(&targets) {
        links_on(target, &mut on_the_way);
    }
    let real = targets.iter().filter_map(|target| target.canonicalize().ok());
    folders.extend(real.filter_map(|target| target.parent().map(Path::to_owned)));
    let folders = folders.into_iter().map(|folder| nearest_folder(&folder));
    let folders = folders.map(|folder| folder.canonicalize().unwrap_or(folder));
    let folders: BTreeSet<PathBuf> = folders.chain(on_the_way).collect();
    folders.into_iter().collect()
}

/// Adds the folder of every symbolic link that is followed on the way to `path`,
/// also of links that lead to nothing.
fn links_on(path: &Path, folders: &mut BTreeSet<PathBuf>) {
    let Ok(path) = std::path::absolute(path) else { return };
    let names = |path: &Path| -> Vec<OsString> {
        path.components().rev().map(|part| part.as_os_str().to_owned()).collect()
    };
    let (mut at, mut rest, mut followed) = (PathBuf::new(), names(&path), 0);
    while let Some(name) = rest.pop() {
        if name == "." {
            continue;
        }
        if name == ".." {
            at.pop();
            continue;
        }
        match fs::read_link(at.join(&name)) {
            Ok(target) if followed < LINKS_MAX => {
                followed += 1;
                folders.insert(at.clone());
                // A target from the root replaces what was gone so far.
                rest.extend(names(&target));
            }
            Ok(_) => return,
            // No link, or not there.
            Err(_) => at.push(name),
        }
    }
}

/// `paths.state` of a `latchd.toml` that may not fully validate: where the
/// last good generation is found. `None` if the file does not tell.
pub fn lenient_state_path(path: &Path) -> Option<PathBuf> {
    lenient_path(path, "state", STATE)
}

/// `paths.reports` likewise: where the daemon that refused the file says so.
pub fn lenient_reports_path(path: &Path) -> Option<PathBuf> {
    lenient_path(path, "reports", REPORTS)
}

fn lenient_path(path: &Path, key: &str, default: &str) -> Option<PathBuf> {
    let faults = Faults::default();
    let files: Vec<SourceFile> = read_files(path, &Disk, &faults);
    parse(&files, &faults, |tree, _| {
        let paths = tree.sections.get("paths");
        let told = paths.and_then(|paths| paths.entries.get(key)).map(|entry| entry.value.as_str());
        match told {
            Some(told) => told.filter(|told| !told.is_empty()).map(|told| base_of(path).join(told)),
            // Absent means the default only where nothing can have been lost.
            None if tree.misses(&["paths", key])
                && tree.misses(&["paths"])
                && tree.top.contains_key("version") =>
            {
                Some(PathBuf::from(default))
            }
            None => None,
        }
    })
}

/// The `include` patterns of a text that may be broken; where they cannot be
/// read, every TOML file in the folder and one below.
fn include_patterns(text: &str) -> Vec<String> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let array = tree.get_ref().get("include").and_then(|value| value.get_ref().as_array());
    let texts = array.into_iter().flat_map(|array| array.iter()).filter_map(|value| value.get_ref().as_str());
    let mut patterns: Vec<String> = texts.map(str::to_owned).collect();
    if !errors.is_empty() || text.trim().is_empty() {
        patterns.extend(["*.toml".to_owned(), "*/*.toml".to_owned()]);
    }
    patterns
}

/// The folder part of a pattern up to its first wildcard.
fn plain_part(pattern: &Path, base: &Path) -> PathBuf {
    let rest = pattern.strip_prefix(base).unwrap_or(pattern);
    let folders = rest.parent().into_iter().flat_map(Path::components);
    let plain =
        |part: &std::path::Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    folders.take_while(plain).collect()
}

fn nearest_folder(folder: &Path) -> PathBuf {
    let found = folder.ancestors().find(|folder| folder.is_dir());
    found.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        fsx::private_dir(path.parent().unwrap()).unwrap();
        fsx::write_atomic(path, text.as_bytes(), 0o600).unwrap();
    }

    #[test]
    fn the_hash_sees_every_byte_of_every_file() {
        let folder = tempfile::tempdir().unwrap();
        let main = folder.path().join("latchd.toml");
        let mut seen = vec![content_hash(&main)];
        let changes = [
            ("latchd.toml", "include = [\"links.d/*.toml\"]"),
            ("links.d/a.toml", ""),
            ("links.d/a.toml", "# a comment"),
            ("links.d/b.toml", ""),
            ("latchd.toml", "include = [\"links.d/*.toml\" # half wri"),
            ("links.d/b.toml", "[links]"),
            ("latchd.toml", "\u{0}"),
            ("links.d/b.toml", "[links] #"),
        ];
        for (name, text) in changes {
            write(&folder.path().join(name), text);
            let now = content_hash(&main);
            assert!(!seen.contains(&now), "{name} = {text:?} was not seen");
            assert_eq!(now, content_hash(&main));
            seen.push(now);
        }
        write(&folder.path().join("links.d/c.txt"), "");
        assert_eq!(content_hash(&main), *seen.last().unwrap());
    }

    #[test]
    fn folders_to_come_are_watched_from_above() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().canonicalize().unwrap().join(name);
        let main = at("etc/latchd.toml");
        write(
            &main,
            "include = [\"links.d/*.toml\", \"to.come/*.toml\", \"team-*/x/*.toml\", \"solo.toml\"]",
        );
        for name in ["etc/links.d/a.toml", "etc/team-a/x/a.toml", "other/real.toml"] {
            write(&at(name), "");
        }
        std::os::unix::fs::symlink(at("other/real.toml"), at("etc/links.d/b.toml")).unwrap();
        let expected = [at("etc"), at("etc/links.d"), at("etc/team-a/x"), at("other")];
        assert_eq!(watched_dirs(&main), expected);
        assert_eq!(watched_dirs(&at("none/latchd.toml")), [folder.path().canonicalize().unwrap()]);
    }

    #[test]
    fn every_link_on_the_way_is_watched_in_its_own_folder() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().canonicalize().unwrap().join(name);
        write(&at("etc/latchd.toml"), "include = [\"links.d/*.toml\", \"gone/*.toml\"]");
        write(&at("sync/trees/1/links.d/a.toml"), "");
        write(&at("files/b.toml"), "");
        fsx::private_dir(&at("srv")).unwrap();
        let links = [
            ("srv/latchd", at("etc")),
            ("etc/links.d", PathBuf::from("../sync/current/links.d")),
            ("sync/current", PathBuf::from("trees/../trees/1")),
            ("sync/trees/1/links.d/b.toml", at("files/b.toml")),
            ("etc/gone", PathBuf::from("../nowhere/gone")),
            ("files/round", PathBuf::from("round")),
        ];
        for (link, target) in links {
            symlink(target, at(link)).unwrap();
        }
        let own = [at("etc"), at("files"), at("srv"), at("sync"), at("sync/trees/1/links.d")];
        // Of what leads to nothing, the nearest folder above.
        let watched = watched_dirs(&at("srv/latchd/latchd.toml"));
        assert!(own.iter().all(|folder| watched.contains(folder)), "{watched:?}");
        assert!(!watched.contains(&at("sync/trees")) && !watched.contains(&at("srv/latchd")), "{watched:?}");
        links_on(&at("files/round/x"), &mut BTreeSet::new());
    }

    #[test]
    fn the_state_is_found_beside_mistakes_but_never_guessed() {
        let cases = [
            ("version = 1\n[paths]\nstate = \"s\"\n[links]\n1 = {", Some("s")),
            ("version = 1\n[paths]\nstate = \"/x/y\"\n[company]\nnme = 3\n", Some("/x/y")),
            ("version = 1\n[company]\nnme = 3\n", Some(STATE)),
            ("[paths]\nstate = \"/var/lib/lat", None),
            ("[paths]\nstate = 3\n", None),
            ("version = 1\n[pat", None),
            ("version = 1\n[paths\nstate = \"x\"\n[a]\n", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            let main = folder.path().join("latchd.toml");
            write(&main, text);
            assert_eq!(lenient_state_path(&main), expected.map(|path| folder.path().join(path)), "{text:?}");
        }
        assert_eq!(lenient_state_path(Path::new("/nowhere/latchd.toml")), None);
    }
}
