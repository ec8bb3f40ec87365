//! Takes a `multipart/form-data` body apart, also one whose lines end in a
//! line feed alone and whose files are Base64: python-quickbooks writes both.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) body: Vec<u8>,
}

/// The parts of `body`; `None` when `content_type` names no boundary or a part
/// is not whole.
pub(super) fn parts(content_type: &str, body: &[u8]) -> Option<Vec<Part>> {
    let boundary = attribute(content_type, "boundary")?;
    let marker = format!("--{boundary}").into_bytes();
    let starts: Vec<usize> = positions(body, &marker).collect();
    let mut parts = Vec::new();
    for pair in starts.windows(2) {
        let section = &body[pair[0] + marker.len()..pair[1]];
        parts.push(part(section)?);
    }
    (starts.len() > 1).then_some(parts)
}

/// Where a line begins with the marker.
fn positions<'a>(body: &'a [u8], marker: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let fits = move |at: &usize| body[*at..].starts_with(marker) && (*at == 0 || body[*at - 1] == b'\n');
    (0..body.len()).filter(fits)
}

fn part(section: &[u8]) -> Option<Part> {
    let section = line_break(section);
    let (head, body) = [b"\r\n\r\n".as_slice(), b"\n\n"].iter().find_map(|blank| {
        let at = section.windows(blank.len()).position(|window| window == *blank)?;
        Some((&section[..at], &section[at + blank.len()..]))
    })?;
    let head = std::str::from_utf8(head).ok()?;
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find_map(|(key, value)| key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned()))
    };
    let disposition = header("Content-Disposition")?;
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    let mut body = body.strip_suffix(b"\r").unwrap_or(body).to_vec();
    if header("Content-Transfer-Encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("base64")) {
        body.retain(|byte| !byte.is_ascii_whitespace());
        body = STANDARD.decode(body).ok()?;
    }
    let name = attribute(&disposition, "name")?;
    Some(Part {
        name,
        file_name: attribute(&disposition, "filename"),
        content_type: header("Content-Type"),
        body,
    })
}

fn line_break(section: &[u8]) -> &[u8] {
    let section = section.strip_prefix(b"\r").unwrap_or(section);
    section.strip_prefix(b"\n").unwrap_or(section)
}

/// The value of `name` in `form-data; name="x"`.
fn attribute(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|field| {
        let (key, value) = field.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_ways_of_ending_lines() {
        let kind = "multipart/form-data; boundary=---x";
        let file = |end: &str, coding: &str, text: &str| {
            let disposition = "Content-Disposition: form-data; name=\"a\"; filename=\"f.txt\"";
            ["-----x", disposition, "Content-Type: text/plain", coding, "", text, "-----x--", ""].join(end)
        };
        let expected = Part {
            name: "a".into(),
            file_name: Some("f.txt".into()),
            content_type: Some("text/plain".into()),
            body: b"one\n--two".to_vec(),
        };
        for (end, coding, text) in [
            ("\r\n", "X-Other: 1", "one\n--two"),
            ("\n", "Content-Transfer-Encoding: base64", "b25lCi0tdHdv"),
        ] {
            let body = file(end, coding, text);
            assert_eq!(parts(kind, body.as_bytes()).unwrap(), std::slice::from_ref(&expected), "{body}");
        }
    }

    #[test]
    fn refuses_what_is_not_whole() {
        let cases = [
            ("multipart/form-data", "--x\n"),
            ("multipart/form-data; boundary=x", "no parts"),
            ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n"),
            ("multipart/form-data; boundary=x", "--x\r\nContent-Type: text/plain\r\n\r\nbody\r\n--x--\r\n"),
        ];
        for (kind, body) in cases {
            assert_eq!(parts(kind, body.as_bytes()), None, "{body}");
        }
    }
}
