//! Which events are told: `RUST_LOG` where it says something that can be read,
//! else what `-v` and `-q` ask for.

use tracing_subscriber::EnvFilter;

use super::Loudness;

/// What is told, and what is wrong with `RUST_LOG`.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) filter: EnvFilter,
    pub(super) wrong: Option<String>,
}

/// `given` is `RUST_LOG`; an empty one says nothing.
pub(super) fn chosen(given: Option<&str>, loudness: Loudness) -> Chosen {
    let usual = usual(loudness);
    let given = given.map(str::trim).filter(|given| !given.is_empty());
    match given.map(read) {
        Some(Ok(filter)) => Chosen { filter, wrong: None },
        Some(Err(why)) => {
            let wrong = format!(
                "RUST_LOG is not obeyed, because {why}; what -v and -q ask for is told ({usual}). Write a \
                 level (error, warn, info, debug, trace, off), or levels of modules: \
                 RUST_LOG=warn,latchd=debug"
            );
            Chosen { filter: EnvFilter::new(usual), wrong: Some(wrong) }
        }
        None => Chosen { filter: EnvFilter::new(usual), wrong: None },
    }
}

/// A command tells its result and its failure by itself, a daemon what it does.
/// Libraries are heard with their troubles alone, unless everything is asked for;
/// the one that looks at certificates tells what the failed call tells better.
fn usual(loudness: Loudness) -> &'static str {
    match (loudness.quiet, loudness.verbose, loudness.talkative) {
        (true, _, _) => "error,rustls_platform_verifier=off",
        (false, 0, false) => "off,latchd=error",
        (false, 0, true) => "error,rustls_platform_verifier=off,latchd=info",
        (false, 1, _) => "warn,rustls_platform_verifier=off,latchd=debug",
        (false, 2, _) => "warn,rustls_platform_verifier=off,latchd=trace",
        (false, _, _) => "trace",
    }
}

/// A word without a level would be taken for a module that does not exist, and
/// nothing would be told.
fn read(given: &str) -> Result<EnvFilter, String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    for word in given.split(',').map(str::trim) {
        let bare = !word.is_empty() && word.chars().all(|sign| sign.is_alphanumeric() || sign == '_');
        let level = LEVELS.contains(&word.to_ascii_lowercase().as_str())
            || (word.len() == 1 && "012345".contains(word));
        if bare && !level && word != "latchd" {
            return Err(format!("`{word}` is no level"));
        }
    }
    EnvFilter::builder().parse(given).map_err(|error| super::line::tame(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAEMON: Loudness = Loudness { quiet: false, verbose: 0, talkative: true };

    #[test]
    fn rust_log_comes_first_where_it_can_be_read() {
        let cases: [(Option<&str>, &str, &str); 12] = [
            (None, "latchd=info", ""),
            (Some(""), "latchd=info", ""),
            (Some(" "), "latchd=info", ""),
            (Some("debug"), "debug", ""),
            (Some("WARN"), "warn", ""),
            (Some("off"), "off", ""),
            (Some("latchd"), "latchd=trace", ""),
            (Some("warn,latchd::pass=debug"), "latchd::pass=debug", ""),
            (Some("latchd[record]=trace"), "latchd[record]=trace", ""),
            (Some("dbug"), "latchd=info", "`dbug` is no level"),
            (Some("latchd=verbose"), "latchd=info", "expected one of"),
            (Some("[[[\u{1b}[31m"), "latchd=info", "RUST_LOG"),
        ];
        for (given, filter, wrong) in cases {
            let found = chosen(given, DAEMON);
            assert!(found.filter.to_string().contains(filter), "{given:?}: {}", found.filter);
            assert_eq!(found.wrong.is_none(), wrong.is_empty(), "{given:?}: {:?}", found.wrong);
            let told = found.wrong.unwrap_or_default();
            assert!(told.contains(wrong) && !told.contains(['\n', '\u{1b}']), "{given:?}: {told}");
        }
    }

    #[test]
    fn loudness_is_asked_for() {
        let command = Loudness { talkative: false, ..DAEMON };
        let cases: [(Loudness, &[&str]); 7] = [
            (command, &["latchd=error", "off"]),
            (DAEMON, &["latchd=info", "error", "rustls_platform_verifier=off"]),
            (Loudness { quiet: true, verbose: 3, ..DAEMON }, &["error", "rustls_platform_verifier=off"]),
            (Loudness { verbose: 1, ..command }, &["latchd=debug", "warn", "rustls_platform_verifier=off"]),
            (Loudness { verbose: 2, ..command }, &["latchd=trace", "warn", "rustls_platform_verifier=off"]),
            (Loudness { verbose: 3, ..command }, &["trace"]),
            (Loudness { verbose: 9, ..DAEMON }, &["trace"]),
        ];
        for (loudness, filter) in cases {
            let found = chosen(None, loudness).filter.to_string();
            let mut found: Vec<&str> = found.split(',').collect();
            found.sort_unstable();
            let mut filter = filter.to_vec();
            filter.sort_unstable();
            assert_eq!(found, filter, "{loudness:?}");
        }
    }
}
