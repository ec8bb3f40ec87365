//! Certificate authorities: whom HTTPS trusts, by the usual variables, and that
//! nothing is sent to anyone else.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::house::{Ended, House};

/// A server whose certificate an authority signed that no machine knows.
struct Server {
    port: u16,
    /// The authority, as a file of PEM.
    authority: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are no wrong names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer =
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let params = CertificateParams::new(names).expect("these are names");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate");
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.expect("its versions").with_no_client_auth().with_single_cert(chain, key);
        let config = Arc::new(config.expect("the key fits"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let session = ServerConnection::new(Arc::clone(&config)).expect("the settings are sound");
                let mut stream = StreamOwned::new(session, stream);
                let mut bytes = [0; 4096];
                // Who does not trust us goes away.
                let Ok(length) = stream.read(&mut bytes) else { continue };
                noted
                    .lock()
                    .expect("nobody panics")
                    .push(String::from_utf8_lossy(&bytes[..length]).into_owned());
                let _ = stream.write_all(
                    b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                );
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        Self { port, authority: issuer.pem(), heard }
    }

    fn heard(&self) -> String {
        std::mem::take(&mut *self.heard.lock().expect("nobody panics")).join("\n")
    }
}

#[test]
fn an_authority_of_the_usual_variables_is_trusted_and_no_other() {
    let house = House::generated(2, 3);
    house.link_all();
    let (server, stranger) = (Server::start("ours"), Server::start("other"));
    house.write("ours.pem", &server.authority);
    house.write("other.pem", &stranger.authority);
    house.write("both.pem", format!("{}{}", stranger.authority, server.authority));
    std::fs::create_dir(house.path("ours")).expect("the folder is writable");
    // The form of a name that `openssl rehash` gives.
    house.write("ours/0a1b2c3d.0", &server.authority);
    std::fs::create_dir(house.path("plain")).expect("the folder is writable");
    house.write("plain/0a1b2c3d.0", &stranger.authority);
    let there = format!("base_url = \"http://{}/v1\"", house.staxbill);
    let cases = [
        ("SSL_CERT_FILE", "ours.pem", true),
        ("SSL_CERT_FILE", "both.pem", true),
        ("SSL_CERT_DIR", "ours", true),
        ("SSL_CERT_FILE", "other.pem", false),
        ("SSL_CERT_DIR", "plain", false),
        ("UNUSED", "ours.pem", false),
    ];
    let here = format!("base_url = \"https://localhost:{}/v1\"", server.port);
    assert!(house.settings().contains(&there));
    house.write("latchd.toml", house.settings().replace(&there, &here));
    for (variable, file, trusted) in cases {
        let mut command = house.command(&["once", "-vv"]);
        command.env(variable, house.path(file));
        let ended: Ended = house.start_command(command).end();
        let heard = server.heard();
        assert_eq!(ended.code, Some(1), "{variable} {file} {ended:?}");
        assert!(!ended.err.contains("rustls_platform_verifier"), "told once: {ended:?}");
        let unknown = ended.err.contains("does not know the authority");
        assert_eq!(
            (heard.contains("GET /v1/"), unknown),
            (trusted, !trusted),
            "{variable} {file} {heard} {ended:?}"
        );
        assert_eq!(
            heard.to_lowercase().contains("authorization: basic "),
            trusted,
            "{variable} {file} {heard}"
        );
    }
}
