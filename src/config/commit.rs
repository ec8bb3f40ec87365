//! The commit that the files were read at, where they lie in a git work tree:
//! read from git's own files. Nothing of the repository runs, and no git is
//! needed.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A ref or a head is a line; this much of any of git's files is read.
const READ_MAX: u64 = 16 << 20;
/// From one symbolic ref to the next.
const REFS_MAX: usize = 5;

/// The commit checked out where `main` really lies: links such as git-sync's
/// are followed. `None` where there is no repository, no commit yet, or its
/// refs are kept in a way that is not read here.
pub(super) fn commit_of(main: &Path) -> Option<String> {
    let real = fs::canonicalize(main).ok()?;
    let folder = real.ancestors().skip(1).find_map(git_folder)?;
    let common =
        text(&folder.join("commondir")).map_or_else(|| folder.clone(), |common| folder.join(common.trim()));
    let mut head = text(&folder.join("HEAD"))?;
    for _ in 0..REFS_MAX {
        let line = head.trim();
        let Some(name) = line.strip_prefix("ref:").map(str::trim) else { return commit(line) };
        if !is_ref(name) {
            return None;
        }
        let Some(next) = text(&folder.join(name)).or_else(|| text(&common.join(name))) else {
            return packed(&common, name);
        };
        head = next;
    }
    None
}

/// The git folder of a work tree that begins at `tree`: its own, or the one
/// that a `.git` file of a worktree or submodule names.
fn git_folder(tree: &Path) -> Option<PathBuf> {
    let git = tree.join(".git");
    if git.is_dir() {
        return git.join("HEAD").is_file().then_some(git);
    }
    let named = text(&git)?;
    Some(tree.join(named.trim().strip_prefix("gitdir:")?.trim()))
}

/// A ref among those that git packed into one file.
fn packed(common: &Path, name: &str) -> Option<String> {
    let refs = text(&common.join("packed-refs"))?;
    refs.lines().find_map(|line| {
        let (id, of) = line.split_once(' ')?;
        (of.trim() == name).then(|| commit(id)).flatten()
    })
}

/// Whether it is a name below `refs`, which leads nowhere else.
fn is_ref(name: &str) -> bool {
    name.starts_with("refs/") && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
}

/// A commit's id, SHA-1 or SHA-256.
fn commit(id: &str) -> Option<String> {
    let hex = id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (hex && [40, 64].contains(&id.len())).then(|| id.to_owned())
}

fn text(path: &Path) -> Option<String> {
    if !path.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(READ_MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsx::write_atomic;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";

    /// A name, the files, and the commit.
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<&'a str>);

    /// Every way in which git says what is checked out.
    #[test]
    fn the_commit_is_read_from_gits_own_files() {
        let packed =
            format!("# pack-refs with: peeled\n{ONE} refs/heads/other\n{TWO} refs/heads/main\n^{ONE}\n");
        let cases: &[Case<'_>] = &[
            ("no repository", &[], None),
            (
                "a branch",
                &[(".git/HEAD", "ref: refs/heads/main\n"), (".git/refs/heads/main", ONE)],
                Some(ONE),
            ),
            ("detached", &[(".git/HEAD", TWO)], Some(TWO)),
            ("packed", &[(".git/HEAD", "ref: refs/heads/main\n"), (".git/packed-refs", &packed)], Some(TWO)),
            (
                "loose goes before packed",
                &[
                    (".git/HEAD", "ref: refs/heads/main"),
                    (".git/refs/heads/main", ONE),
                    (".git/packed-refs", &packed),
                ],
                Some(ONE),
            ),
            ("no commit yet", &[(".git/HEAD", "ref: refs/heads/main")], None),
            ("refs in a table", &[(".git/HEAD", "ref: refs/heads/.invalid")], None),
            ("a way out", &[(".git/HEAD", "ref: refs/../../secret"), ("secret", ONE)], None),
            ("no id", &[(".git/HEAD", "main")], None),
            ("a ring", &[(".git/HEAD", "ref: refs/a"), (".git/refs/a", "ref: refs/a")], None),
            (
                "a worktree",
                &[
                    (".git", "gitdir: store/worktrees/w\n"),
                    ("store/worktrees/w/HEAD", "ref: refs/heads/main\n"),
                    ("store/worktrees/w/commondir", "../..\n"),
                    ("store/refs/heads/main", TWO),
                ],
                Some(TWO),
            ),
        ];
        for (name, files, expected) in cases {
            let base = tempfile::tempdir().unwrap();
            for (path, content) in [("books/latchd.toml", "version = 1")].iter().chain(*files) {
                let path = base.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                write_atomic(&path, content.as_bytes(), 0o600).unwrap();
            }
            assert_eq!(commit_of(&base.path().join("books/latchd.toml")).as_deref(), *expected, "{name}");
            let current = base.path().join("current");
            std::os::unix::fs::symlink("books", &current).unwrap();
            let through = commit_of(&current.join("latchd.toml"));
            assert_eq!(through.as_deref(), *expected, "{name}, through a link");
        }
    }
}
