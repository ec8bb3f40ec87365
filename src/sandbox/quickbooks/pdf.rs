//! Lines of text as a PDF: pages of A4 in one font, and nothing more.

use std::fmt::Write as _;

/// Lines of a page.
const PAGE: usize = 50;

/// The objects before the pages: catalogue, list of pages, font.
const FIXED: usize = 3;

/// A document that shows `lines` from the top of its first page on.
pub(super) fn document(lines: &[String]) -> Vec<u8> {
    let pages: Vec<&[String]> = lines.chunks(PAGE).collect();
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", FIXED + 1 + 2 * page)).collect();
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()).into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
    ];
    for (page, lines) in pages.iter().enumerate() {
        let content = FIXED + 2 + 2 * page;
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> \
                 /Contents {content} 0 R >>"
            )
            .into_bytes(),
        );
        objects.push(stream(&text(lines)));
    }
    assembled(&objects)
}

fn text(lines: &[String]) -> Vec<u8> {
    let mut text = b"BT /F1 11 Tf 14 TL 56 786 Td\n".to_vec();
    for line in lines {
        text.push(b'(');
        for character in line.chars() {
            if matches!(character, '(' | ')' | '\\') {
                text.push(b'\\');
            }
            // A font of one byte a character has no others.
            text.push(u8::try_from(u32::from(character)).unwrap_or(b'?'));
        }
        text.extend_from_slice(b") Tj T*\n");
    }
    text.extend_from_slice(b"ET");
    text
}

fn stream(content: &[u8]) -> Vec<u8> {
    let mut stream = format!("<< /Length {} >>\nstream\n", content.len()).into_bytes();
    stream.extend_from_slice(content);
    stream.extend_from_slice(b"\nendstream");
    stream
}

/// Numbers the objects and says where each begins.
fn assembled(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut document = b"%PDF-1.4\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", document.len()).expect("a string takes all that is written");
        document.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
        document.extend_from_slice(object);
        document.extend_from_slice(b"\nendobj\n");
    }
    let start = document.len();
    document.extend_from_slice(table.as_bytes());
    let size = objects.len() + 1;
    let trailer = format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    document.extend_from_slice(trailer.as_bytes());
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_stands_where_the_table_says() {
        for count in [1, 50, 51, 120] {
            let lines: Vec<String> = (0..count).map(|line| format!("line {line} (é) \\")).collect();
            let bytes = document(&lines);
            let find = |needle: &[u8]| bytes.windows(needle.len()).position(|window| window == needle);
            let table = find(b"xref\n").unwrap();
            let rows: Vec<&str> = std::str::from_utf8(&bytes[table..]).unwrap().lines().collect();
            let objects: usize = rows[1].split(' ').nth(1).unwrap().parse().unwrap();
            assert_eq!(objects, 1 + FIXED + 2 * lines.chunks(PAGE).count());
            for number in 1..objects {
                let at: usize = rows[2 + number][..10].parse().unwrap();
                let head = format!("{number} 0 obj\n");
                assert_eq!(&bytes[at..at + head.len()], head.as_bytes());
            }
            assert!(find(format!("startxref\n{table}\n").as_bytes()).is_some());
            assert!(find(b"(line 0 \\(\xe9\\) \\\\) Tj").is_some());
        }
    }
}
