//! A repository of link files, merged by git itself.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::decisions::Files;

/// What git made of two branches.
#[derive(Debug)]
pub(super) enum Merge {
    /// It went through, to these files.
    Accepted(Vec<(PathBuf, String)>),
    /// A person must look at these.
    Conflict(Vec<String>),
}

/// One repository for all trials; each has a root and two branches of its own.
pub(super) struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    /// Takes in the base and both sides of each trial.
    pub(super) fn of<'t>(trials: impl Iterator<Item = [&'t Files; 3]>) -> Self {
        let repository = Self { folder: tempfile::tempdir().expect("a folder") };
        repository.git(&["init", "-q", "-b", "main"]);
        let mut stream = String::new();
        for (number, [base, one, other]) in trials.enumerate() {
            commit(&mut stream, &format!("t{number}-base"), None, base);
            let root = format!("t{number}-base");
            commit(&mut stream, &format!("t{number}-one"), Some(&root), one);
            commit(&mut stream, &format!("t{number}-other"), Some(&root), other);
        }
        let mut import = repository.command(&["fast-import", "--quiet"]);
        let mut import = import.stdin(Stdio::piped()).spawn().expect("there is a git");
        import.stdin.take().expect("a pipe").write_all(stream.as_bytes()).expect("it reads");
        assert!(import.wait().expect("it is our child").success(), "git takes the trials in");
        repository
    }

    /// Merges one side of a trial into the other, as two colleagues do.
    pub(super) fn merge(&self, trial: usize) -> Merge {
        // What an earlier merge left is no part of this one.
        self.git(&["checkout", "-q", "-f", &format!("t{trial}-one")]);
        let other = format!("t{trial}-other");
        let merged = self.run(&["merge", "-q", "--no-edit", &other]);
        if merged.status.success() {
            return Merge::Accepted(self.files());
        }
        let paths = self.git(&["diff", "--name-only", "--diff-filter=U"]);
        let paths: Vec<String> = paths.lines().map(str::to_owned).collect();
        assert!(!paths.is_empty(), "git could not merge: {merged:?}");
        Merge::Conflict(paths)
    }

    /// Every TOML file of the work tree, the operator's first.
    fn files(&self) -> Vec<(PathBuf, String)> {
        let listed = self.git(&["ls-files", "*.toml"]);
        let mut files: Vec<(PathBuf, String)> = listed
            .lines()
            .map(|name| {
                let text = fs::read_to_string(self.folder.path().join(name)).expect("it is checked out");
                (Path::new("/books").join(name), text)
            })
            .collect();
        files.sort_by_key(|(path, _)| !path.ends_with("latchd.toml"));
        files
    }

    fn git(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "git {args:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("there is a git")
    }

    /// git as it comes, whatever the machine's own settings say.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=A", "-c", "user.email=a@localhost", "-c", "gc.auto=0"]);
        command.args(args).current_dir(self.folder.path());
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE").env_remove("GIT_WORK_TREE");
        command
    }
}

/// A commit in the words of `git fast-import`.
fn commit(stream: &mut String, branch: &str, from: Option<&str>, files: &Files) {
    let _ =
        write!(stream, "commit refs/heads/{branch}\ncommitter A <a@localhost> 1767225600 +0000\ndata 0\n");
    if let Some(from) = from {
        let _ = writeln!(stream, "from refs/heads/{from}");
    }
    stream.push_str("deleteall\n");
    for (name, text) in files {
        let _ = write!(stream, "M 100644 inline {name}\ndata {}\n{text}\n", text.len());
    }
}
