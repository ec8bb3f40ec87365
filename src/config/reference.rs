//! References: secrets by name, looked up only by commands that connect.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;

use super::keys;
use super::source;
use crate::fsx;
use crate::model::Place;

/// A text that may stand for a secret kept elsewhere: `"${cred:NAME}"`,
/// `"${env:NAME}"`, `"${file:PATH}"`, or the secret itself.
///
/// `Debug` never shows the secret itself.
#[derive(Clone)]
pub struct Reference {
    key: &'static str,
    at: Place,
    target: Target,
}

/// By where it leads: a line above that moves it makes it no other.
impl PartialEq for Reference {
    fn eq(&self, other: &Self) -> bool {
        match (&self.target, &other.target) {
            (Target::Literal(one), Target::Literal(two)) => one.expose_secret() == two.expose_secret(),
            (Target::Credential(one), Target::Credential(two))
            | (Target::Environment(one), Target::Environment(two)) => one == two,
            (Target::File(one), Target::File(two)) => one == two,
            (Target::Literal(_) | Target::Credential(_) | Target::Environment(_) | Target::File(_), _) => {
                false
            }
        }
    }
}

#[derive(Clone)]
enum Target {
    Literal(SecretString),
    Credential(String),
    Environment(String),
    File(PathBuf),
}

/// Looks up an environment variable.
pub type Variables = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Where references lead.
pub struct SecretSources {
    /// The folder with systemd's credentials (`$CREDENTIALS_DIRECTORY`).
    pub credentials_dir: Option<PathBuf>,
    /// The environment.
    pub env: Variables,
}

/// Why a secret is not there. It names the key and its place, never a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{at}: `{key}`: {problem}; {remedy}")]
pub struct ResolveError {
    /// The key, such as `staxbill.api_key`.
    pub key: &'static str,
    /// Where it is written.
    pub at: Place,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// A secret is a line, not a file of this size.
const SECRET_BYTES_MAX: u64 = 64 * 1024;
const SCHEMES: [&str; 3] = ["cred", "env", "file"];

impl Reference {
    /// Reads a reference; `base` is the folder of `latchd.toml`, to which a
    /// relative file belongs. The error is a message and a remedy.
    pub(super) fn parse(
        text: &str,
        key: &'static str,
        at: Place,
        base: &Path,
    ) -> Result<Self, (&'static str, String)> {
        let forms = "write \"${cred:NAME}\", \"${env:NAME}\" or \"${file:PATH}\", and nothing beside it";
        let Some(inner) = text.strip_prefix("${") else {
            if text.contains("${") {
                return Err(("a reference must be the whole text", forms.to_owned()));
            }
            return Ok(Self { key, at, target: Target::Literal(text.into()) });
        };
        let whole = inner.strip_suffix('}').filter(|inner| !inner.contains(['{', '}']));
        let Some((scheme, name)) = whole.and_then(|inner| inner.split_once(':')) else {
            return Err(("this is not a reference", forms.to_owned()));
        };
        let named = |more: &[u8]| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
        };
        let target = match scheme {
            "cred" if named(b"._-") && !name.starts_with('.') => Target::Credential(name.to_owned()),
            "env" if named(b"_") => Target::Environment(name.to_owned()),
            "file" if !name.is_empty() => Target::File(base.join(name)),
            _ if SCHEMES.contains(&scheme) => {
                return Err(("this reference has no usable name", forms.to_owned()));
            }
            _ => {
                let near = keys::nearest(scheme, SCHEMES);
                let remedy = near.map_or(forms.to_owned(), |near| format!("did you mean \"${{{near}:…}}\"?"));
                return Err(("this kind of reference is not known", remedy));
            }
        };
        Ok(Self { key, at, target })
    }

    /// The secret itself, for a company that is simulated.
    pub fn literal(key: &'static str, secret: &str) -> Self {
        let at = Place { file: "(simulated)".into(), line: 0 };
        Self { key, at, target: Target::Literal(secret.into()) }
    }

    /// The key that it is the value of, such as `staxbill.api_key`.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// Looks the secret up. One newline at its end is not part of it.
    pub fn resolve(&self, sources: &SecretSources) -> Result<SecretString, ResolveError> {
        let text = match &self.target {
            Target::Literal(secret) => return Ok(secret.clone()),
            Target::Credential(name) => self.credential(name, sources.credentials_dir.as_deref())?,
            Target::Environment(name) => {
                let problem = || format!("the environment variable {name} is not set");
                (sources.env)(name).ok_or_else(|| self.error(problem(), "set it where latchd is started"))?
            }
            Target::File(path) => self.file(path, "create it for the user that runs latchd, mode 0600")?,
        };
        let line =
            text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if line.is_empty() {
            return Err(self.error(format!("{} is empty", self.target), "put the secret there"));
        }
        if line.chars().any(char::is_control) {
            let problem = format!("{} holds a line break or a control character", self.target);
            return Err(self.error(problem, "put the secret there as one line"));
        }
        Ok(SecretString::from(line))
    }

    fn credential(&self, name: &str, folder: Option<&Path>) -> Result<String, ResolveError> {
        let Some(folder) = folder else {
            let remedy =
                format!("start latchd by systemd with LoadCredential={name}:…, or name it as ${{file:PATH}}");
            return Err(
                self.error("there are no credentials ($CREDENTIALS_DIRECTORY is not set)".to_owned(), remedy)
            );
        };
        self.file(&folder.join(name), &format!("add LoadCredential={name}:… to the unit"))
    }

    fn file(&self, path: &Path, remedy: &str) -> Result<String, ResolveError> {
        let bytes = fsx::read_capped(path, SECRET_BYTES_MAX).map_err(|error| {
            let (problem, _) = source::explain(&error);
            self.error(format!("{}: {problem}", path.display()), remedy)
        })?;
        String::from_utf8(bytes).map_err(|_| {
            self.error(format!("{} is not text", path.display()), "put the secret there as text")
        })
    }

    /// What is wrong with the secret, told with its key and place; the texts
    /// must not hold the value.
    pub fn error(&self, problem: String, remedy: impl Into<String>) -> ResolveError {
        ResolveError { key: self.key, at: self.at.clone(), problem, remedy: remedy.into() }
    }

    pub(super) fn is_literal(&self) -> bool {
        matches!(self.target, Target::Literal(_))
    }

    pub(super) fn at(&self) -> &Place {
        &self.at
    }

    #[cfg(test)]
    pub(super) fn shown(&self) -> String {
        self.target.to_string()
    }
}

impl SecretSources {
    /// Those of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "references are the configuration's use of the environment"
    )]
    pub fn of_process() -> Self {
        let credentials_dir = std::env::var("CREDENTIALS_DIRECTORY").ok().map(PathBuf::from);
        Self { credentials_dir, env: Box::new(|name| std::env::var(name).ok()) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(_) => f.write_str("[REDACTED]"),
            Self::Credential(name) => write!(f, "${{cred:{name}}}"),
            Self::Environment(name) => write!(f, "${{env:{name}}}"),
            Self::File(path) => write!(f, "${{file:{}}}", path.display()),
        }
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({} = {} at {})", self.key, self.target, self.at)
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    fn parse(text: &str) -> Result<Reference, (&'static str, String)> {
        let at = Place { file: "latchd.toml".into(), line: 12 };
        Reference::parse(text, "staxbill.api_key", at, Path::new("/etc/latchd"))
    }

    #[test]
    fn reads_references_and_refuses_half_ones() {
        let cases = [
            ("${cred:staxbill-api-key}", Ok("${cred:staxbill-api-key}")),
            ("${env:STAX_KEY}", Ok("${env:STAX_KEY}")),
            ("${file:/run/key}", Ok("${file:/run/key}")),
            ("${file:key}", Ok("${file:/etc/latchd/key}")),
            ("canary", Ok("[REDACTED]")),
            ("x${env:A}", Err("a reference must be the whole text")),
            ("${env:A}x", Err("this is not a reference")),
            ("${env:A}${env:B}", Err("this is not a reference")),
            ("${A}", Err("this is not a reference")),
            ("${env:}", Err("this reference has no usable name")),
            ("${cred:../x}", Err("this reference has no usable name")),
            ("${envv:A}", Err("this kind of reference is not known")),
        ];
        for (text, expected) in cases {
            let found = parse(text).map(|found| found.shown()).map_err(|(message, _)| message);
            assert_eq!(found.as_deref().map_err(|message| *message), expected, "{text}");
        }
    }

    #[test]
    fn resolves_from_every_source_and_never_tells_the_value() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in
            [("good", &b"canary\n"[..]), ("two", b"canary\n\n"), ("none", b"\n"), ("bin", b"\xff")]
        {
            fsx::write_atomic(&folder.path().join(name), bytes, 0o600).unwrap();
        }
        let sources = SecretSources {
            credentials_dir: Some(folder.path().to_owned()),
            env: Box::new(|name| (name == "KEY").then(|| "canary".to_owned())),
        };
        let file = format!("${{file:{}/good}}", folder.path().display());
        let cases = [
            ("canary", Ok(())),
            ("${cred:good}", Ok(())),
            ("${env:KEY}", Ok(())),
            (file.as_str(), Ok(())),
            ("${env:OTHER}", Err("the environment variable OTHER is not set; set it")),
            ("${cred:absent}", Err("this file does not exist; add LoadCredential=absent")),
            ("${cred:two}", Err("${cred:two} holds a line break")),
            ("${cred:none}", Err("${cred:none} is empty")),
            ("${cred:bin}", Err("is not text")),
            ("${file:/}", Err("this is a folder, not a file")),
        ];
        for (text, expected) in cases {
            let reference = parse(text).unwrap();
            assert!(!format!("{reference:?}").contains("canary"), "{text}");
            match (reference.resolve(&sources), expected) {
                (Ok(secret), Ok(())) => assert_eq!(secret.expose_secret(), "canary", "{text}"),
                (Err(error), Err(expected)) => {
                    let told = error.to_string();
                    assert!(told.starts_with("latchd.toml:12: `staxbill.api_key`: "), "{told}");
                    assert!(told.contains(expected) && !told.contains("canary"), "{text}: {told}");
                }
                (found, expected) => panic!("{text}: {found:?} instead of {expected:?}"),
            }
        }
        let nowhere = SecretSources { credentials_dir: None, env: Box::new(|_| None) };
        let error = parse("${cred:good}").unwrap().resolve(&nowhere).unwrap_err();
        assert!(error.to_string().contains("$CREDENTIALS_DIRECTORY is not set"), "{error}");
    }
}
