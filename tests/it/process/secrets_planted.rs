//! Secrets, planted: one of its own in every place where one can be, every
//! command at its loudest, and everything that comes out searched for all of them.

use std::collections::HashMap;
use std::fs;
use std::process::Stdio;

use base64::Engine as _;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use uuid::Uuid;

use super::house::{Ended, House, until};
use super::networks::Peer;

/// The length of a token, without what stands before some.
const TOKEN: usize = 32;
const REDIRECT: &str = "https://example.com/back";

/// What is planted where. The sandbox takes its own words alone where it checks
/// them, and those are as hard to guess as any.
struct Plants {
    words: Vec<(&'static str, String)>,
    /// Every token and code that the sandbox gives: they follow from its seed.
    tokens: HashMap<Vec<u8>, String>,
}

impl Plants {
    fn all() -> Self {
        let pair = base64::engine::general_purpose::STANDARD.encode("sandbox-client:sandbox-secret");
        let words = [
            ("the API key of Stax Bill, ${env:}", "MDpzYW5kYm94"),
            ("the client secret, ${file:}", "sandbox-secret"),
            ("client id and secret as they are sent", pair.as_str()),
            ("the refresh token of the files, ${cred:}", "sandbox-refresh-token"),
            ("the key that seals tokens", KEY),
            ("the path of a webhook", "planted-webhook"),
            ("the query of a webhook", "planted-query"),
            ("the password of a proxy", "planted-proxy-word"),
            ("the user of a proxy", "planted-proxy-user"),
            ("a variable of the environment", "planted-bystander"),
            ("a code in a pasted address", "planted-code"),
            ("a state in a pasted address", "planted-state"),
            ("a line with a mistake", "planted-in-a-line"),
            ("a value of the wrong type", "planted-in-a-table"),
            ("a secret in an address", "planted-in-an-address"),
        ];
        let mut words: Vec<_> = words.map(|(place, secret)| (place, secret.to_owned())).into();
        let user = base64::engine::general_purpose::STANDARD.encode("planted-proxy-user:planted-proxy-word");
        words.push(("what a proxy is sent", user));
        let mut tokens = HashMap::new();
        for label in ["access", "refresh", "code"] {
            for number in 1..400 {
                let name = format!("1/{label}/{number}");
                let token = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).simple().to_string();
                tokens.insert(token.into_bytes(), format!("{label} token {number}"));
            }
        }
        Self { words, tokens }
    }

    /// The table: each output, searched for each plant.
    fn are_not_in(&self, outputs: &[(String, String)]) {
        let mut found = Vec::new();
        for (output, text) in outputs {
            let words = self.words.iter().filter_map(|(place, secret)| Some((*place, text.find(secret)?)));
            let tokens = text.as_bytes().windows(TOKEN).enumerate();
            let tokens = tokens
                .filter(|(_, token)| token[0].is_ascii_hexdigit() && token[TOKEN - 1].is_ascii_hexdigit());
            let tokens = tokens.filter_map(|(at, token)| Some((self.tokens.get(token)?.as_str(), at)));
            for (place, at) in words.chain(tokens) {
                let begin = text[..at].rfind('\n').map_or(0, |at| at + 1);
                let line: String =
                    text[begin..].lines().next().unwrap_or_default().chars().take(600).collect();
                found.push(format!("{place} is in {output}: {line}"));
            }
        }
        found.truncate(10);
        assert!(found.is_empty(), "\n{}", found.join("\n"));
    }
}

const KEY: &str = "cGxhbnRlZC1zZWFsLXBsYW50ZWQtc2VhbC1wbGFudGU=";

/// Files with a secret in each place, and the credentials that they name.
fn plant(house: &House, hook: &Peer) {
    house.link_all();
    fs::create_dir_all(house.path("credentials")).expect("the folder is writable");
    house.write("credentials/seed", "sandbox-refresh-token\n");
    house.write("credentials/key", format!("{KEY}\n"));
    house.write("client.secret", "sandbox-secret\n");
    house.write("hook.secret", format!("http://127.0.0.1:{}/planted-webhook?x=planted-query\n", hook.port));
    house.write("away.secret", "https://vendor.invalid/planted-webhook?x=planted-query\n");
    let settings = house.settings();
    let settings = settings
        .replace("\"MDpzYW5kYm94\"", "\"${env:STAXBILL_KEY}\"")
        .replace("\"sandbox-secret\"", "\"${file:client.secret}\"")
        .replace(
            "\"sandbox-refresh-token\"",
            &format!("\"${{cred:seed}}\"\ntoken_key = \"${{cred:key}}\"\nredirect_uri = \"{REDIRECT}\""),
        );
    let told = format!("cat >> {0} && echo >> {0}", house.path("told").display());
    let receivers = format!(
        "\n[[notify]]\nname = \"hook\"\nurl = \"${{file:hook.secret}}\"\n\
         \n[[notify]]\nname = \"away\"\nurl = \"${{file:away.secret}}\"\n\
         \n[[notify]]\nname = \"told\"\ncommand = [\"/bin/sh\", \"-c\", \"{told}\"]\n"
    );
    house.write("latchd.toml", settings + &receivers);
    // Something to tell of: a customer whom no line names.
    let links = fs::read_to_string(house.path("links.d/all.toml")).expect("it was written");
    let all_but_one: Vec<&str> = links.trim_end().rsplitn(2, '\n').skip(1).collect();
    house.write("links.d/all.toml", all_but_one.join("\n"));
}

/// A command of the house with everything at hand that it could blab.
fn loud(house: &House, args: &[&str], json: bool, proxy: &Peer) -> std::process::Command {
    let mut all = args.to_vec();
    if json {
        all.extend(["--log-format", "json"]);
    } else {
        all.push("-vvv");
    }
    let mut command = house.command(&all);
    if json {
        command.env("RUST_LOG", "trace");
    }
    let proxy = format!("http://planted-proxy-user:planted-proxy-word@127.0.0.1:{}", proxy.port);
    command.env("STAXBILL_KEY", "MDpzYW5kYm94").env("CREDENTIALS_DIRECTORY", house.path("credentials"));
    command.env("HTTPS_PROXY", proxy).env("SOME_PASSWORD", "planted-bystander");
    command.env("PATH", "/usr/bin:/bin");
    command
}

fn said(outputs: &mut Vec<(String, String)>, what: &str, ended: Ended) -> Option<i32> {
    assert!(!ended.err.contains("panicked"), "{what}: {}", ended.err);
    outputs.push((format!("stdout of {what}"), ended.out));
    outputs.push((format!("stderr of {what}"), ended.err));
    ended.code
}

/// Everything that was written for others: reports, alerts, the state's texts.
fn written(house: &House, outputs: &mut Vec<(String, String)>) {
    let given = ["credentials", "client.secret", "hook.secret", "away.secret"];
    for (path, bytes) in house.disk() {
        let name = path.strip_prefix(house.path("")).expect("it lies there").display().to_string();
        if !given.iter().any(|given| name.starts_with(given)) {
            outputs.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
}

#[test]
fn no_plant_is_in_any_output_of_any_command() {
    let house = House::generated(2, 4);
    let hook = Peer::answering("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let proxy = Peer::answering("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    plant(&house, &hook);
    let plants = Plants::all();
    let mut outputs = Vec::new();
    let commands: [&[&str]; 10] = [
        &["check"],
        &["auth", "status"],
        &["plan", "--format", "json"],
        &["once"],
        &["status", "--format", "json"],
        &["explain", "customer/20002"],
        &["explain", "invoice/88100"],
        &["suggest"],
        &["auth", "status", "--format", "json"],
        &["fmt", "--check"],
    ];
    for json in [false, true] {
        for args in commands {
            let ended = house.start_command(loud(&house, args, json, &proxy)).end();
            let code = said(&mut outputs, &args.join(" "), ended);
            assert!(code.is_some_and(|code| code != 78), "{args:?} {code:?} {:?}", outputs.last());
        }
        house.sandbox.quickbooks.expire_access_tokens();
    }
    let daemon = house.start_command(loud(&house, &["run"], true, &proxy));
    until("it has made a pass", || {
        house.status().is_some_and(|status| {
            status["last_pass"]["triggers"][0] == "start" && status["last_pass"]["outcome"] == "complete"
        })
    });
    for name in ["cmdline", "status", "limits", "comm", "stat", "wchan"] {
        let text = fs::read(format!("/proc/{}/{name}", daemon.id())).unwrap_or_default();
        outputs.push((format!("/proc/PID/{name}"), String::from_utf8_lossy(&text).into_owned()));
    }
    said(
        &mut outputs,
        "explain beside the daemon",
        house.start_command(loud(&house, &["explain", "customer/20002"], true, &proxy)).end(),
    );
    daemon.signal("TERM");
    assert_eq!(said(&mut outputs, "run", daemon.end()), Some(0));
    written(&house, &mut outputs);
    let all = |name: &str| outputs.iter().any(|(output, text)| output.starts_with(name) && text.len() > 2);
    for name in [
        "state/token.json",
        "reports/status.json",
        "reports/index.html",
        "reports/overview.md",
        "reports/latchd.prom",
        "reports/customers.json",
        "told",
        "/proc/PID/cmdline",
        "stderr of run",
    ] {
        assert!(all(name), "{name} was not searched");
    }
    assert!(outputs.iter().any(|(_, text)| text.contains("hyper")), "the libraries were heard");
    assert!(
        !hook.heard().is_empty() && !proxy.heard().is_empty(),
        "the webhook and the proxy were spoken to"
    );
    plants.are_not_in(&outputs);
}

/// Lines with mistakes in them, which are shown with a caret.
const MISTAKES: [(&str, &str); 9] = [
    ("\"${env:STAXBILL_KEY}\"", "\"${env:planted-in-a-line\"x"),
    ("\"${env:STAXBILL_KEY}\"", "\"planted-in-a-line"),
    ("api_key = \"${env:STAXBILL_KEY}\"", "api_kee = \"planted-in-a-line\""),
    ("api_key = \"${env:STAXBILL_KEY}\"", "api_key = { planted = \"planted-in-a-table\" }"),
    ("client_secret = \"${file:client.secret}\"", "client_secret = [\"planted-in-a-table\"]"),
    ("token_key = \"${cred:key}\"", "token_key = \"planted-in-a-line\""),
    ("url = \"${file:hook.secret}\"", "url = \"http://x:planted-in-an-address@example.com/planted-webhook\""),
    ("base_url = \"http://", "base_url = \"http://user:planted-in-an-address@"),
    ("\"https://example.com/back\"", "\"https://user:planted-in-an-address@example.com/back?planted-query\""),
];

#[test]
fn no_plant_is_said_when_things_go_wrong() {
    let house = House::generated(2, 4);
    let hook = Peer::answering("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let proxy = Peer::answering("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    plant(&house, &hook);
    let plants = Plants::all();
    let settings = fs::read_to_string(house.path("latchd.toml")).expect("it is there");
    let mut outputs = Vec::new();
    let mut run = |what: &str, args: &[&str], json: bool| {
        let ended = house.start_command(loud(&house, args, json, &proxy)).end();
        said(&mut outputs, &format!("{}, {what}", args.join(" ")), ended)
    };
    for (from, to) in MISTAKES {
        assert!(settings.contains(from), "{from}");
        house.write("latchd.toml", settings.replace(from, to));
        for args in [["check"], ["once"], ["run"]] {
            // `check` looks up no secret, nor whether one is any good.
            let offline = to.starts_with("token_key") && args == ["check"];
            let expected = if offline { 0 } else { 78 };
            assert_eq!(run(to, &args, false), Some(expected), "{to} {args:?}");
        }
    }
    house.write("latchd.toml", &settings);
    assert!(run("at first", &["once"], true).is_some());
    // Answers with trouble in them, to requests with secrets in them.
    for (path, vendor, what) in [
        ("/oauth2", Vendor::QuickBooks, Kind::Html { code: 400 }),
        ("/oauth2", Vendor::QuickBooks, Kind::Cut),
        ("/v3", Vendor::QuickBooks, Kind::Status { code: 403, after: false }),
        ("/v3", Vendor::QuickBooks, Kind::Fault { code: 3100 }),
        ("/v1", Vendor::StaxBill, Kind::Status { code: 401, after: false }),
        ("/v1", Vendor::StaxBill, Kind::Cut),
    ] {
        house.sandbox.trouble.clear();
        house.sandbox.quickbooks.expire_access_tokens();
        house.sandbox.trouble.add(Rule::next(path, what).of(vendor).every());
        assert_eq!(run(&format!("{path} {what:?}"), &["once"], true), Some(1), "{path} {what:?}");
    }
    house.sandbox.trouble.clear();
    house.sandbox.quickbooks.kill_refresh_tokens();
    house.sandbox.quickbooks.expire_access_tokens();
    assert_eq!(run("a dead connection", &["once"], true), Some(1));
    // Addresses that nobody should have pasted.
    for address in [
        format!("{REDIRECT}?code=planted-code&state=planted-state&realmId=9130350000000000"),
        format!("{REDIRECT}?error=planted-code&state=planted-state"),
        "https://elsewhere.example/planted-code?code=planted-code\u{1b}[2K".to_owned(),
        "planted-code".to_owned(),
    ] {
        let mut command = loud(&house, &["auth", "login"], true, &proxy);
        command.stdin(Stdio::piped());
        let mut login = house.start_command(command);
        login.type_in(&address);
        let ended = login.end();
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(!ended.err.contains('\u{1b}'), "{ended:?}");
        // The page bears the client's id and this login's state, as it must.
        outputs.push((format!("stderr of auth login, {address}"), ended.err));
    }
    written(&house, &mut outputs);
    outputs.retain(|(name, _)| name != "latchd.toml");
    plants.are_not_in(&outputs);
}
