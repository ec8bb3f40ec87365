//! Excerpts: some tables of a text that holds others besides, at their places.

use toml::de::DeTable;

use super::pieces::header_path;
use super::statements::statements;

/// `text` with everything blanked out but the top-level tables that `wanted`
/// names, so that what is wrong in those is told with its own line and column.
pub fn only(text: &str, wanted: impl Fn(&str) -> bool) -> String {
    let mut kept = String::with_capacity(text.len());
    let (mut at, mut keeps) = (0, None);
    for statement in statements(text) {
        let own = &text[statement.span.clone()];
        let keep = if statement.header {
            let keep = header_path(own).first().is_some_and(|name| wanted(name));
            keeps = Some(keep);
            keep
        } else {
            keeps.unwrap_or_else(|| first_key(own).is_some_and(|name| wanted(&name)))
        };
        blank(&mut kept, &text[at..statement.span.start]);
        if keep {
            kept.push_str(own);
        } else {
            blank(&mut kept, own);
        }
        at = statement.span.end;
    }
    blank(&mut kept, &text[at..]);
    kept
}

/// The first name in a line such as `links.10482 = { … }`.
fn first_key(line: &str) -> Option<String> {
    let table = DeTable::parse(line).ok()?;
    table.get_ref().keys().next().map(|key| key.get_ref().to_string())
}

fn blank(kept: &mut String, text: &str) {
    kept.extend(text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_stays_where_it_is() {
        let text = "now = 2026-01-01 # é\nlinks.7 = { skip = \"x\" }\n[[invoice]]\nid = 1\n[links] # why\n\
                    10482 = { create = '''\n[no]\n''' }\n[links.5]\nskip = \"y\"\n[expect]\nlinks = 1\n";
        let kept = only(text, |name| name == "links");
        assert_eq!(kept.len(), text.len());
        let lines: Vec<&str> = kept.lines().map(str::trim_end).collect();
        let expected = [
            "",
            "links.7 = { skip = \"x\" }",
            "",
            "",
            "[links] # why",
            "10482 = { create = '''",
            "[no]",
            "''' }",
            "[links.5]",
            "skip = \"y\"",
            "",
            "",
        ];
        assert_eq!(lines, expected);
    }
}
