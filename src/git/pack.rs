//! One pack of git's, read from its files. Enters: the path of an index, ids, offsets. Leaves: what the pack says at an offset: an object, or how
//! one is made of another. What cannot be read is nothing here: somebody else is asked for it.
//!
//! The formats are those of `gitformat-pack`. A file of somebody's repository may say anything, so nothing is taken on trust: sizes are bounded
//! before memory is, offsets are looked up, and what does not add up is nothing.

use std::fs::File;
use std::path::Path;

use zlib_rs::{Inflate, InflateFlush, Status};

use super::objects::{Id, Kind};

/// So much of a pack is read at once.
const WINDOW: usize = 16 << 10;

/// How an index of the second version begins.
const INDEX: [u8; 8] = [0xff, b't', b'O', b'c', 0, 0, 0, 2];

/// A pack.
#[derive(Debug)]
pub(super) struct Pack {
    index: File,
    data: Window,
    stream: Stream,
    /// How long an id is.
    id_length: usize,
    /// For each first byte of an id, how many ids are not beyond it.
    fanout: Vec<u32>,
    /// The ids of each first byte, once they were needed.
    buckets: Vec<Option<Vec<u8>>>,
}

/// What stands at an offset of a pack.
#[derive(Debug)]
pub(super) enum Entry {
    /// An object.
    Whole(Kind, Vec<u8>),
    /// An object that is too large; its size.
    Large(Kind, u64),
    /// What has to be done to the object at this offset.
    After(u64, Vec<u8>),
    /// What has to be done to the object of this id.
    Of(Id, Vec<u8>),
}

impl Pack {
    /// The pack of an index.
    pub(super) fn open(path: &Path, id_length: usize) -> Option<Self> {
        let index = File::open(path).ok()?;
        let mut head = [0; 8 + 256 * 4];
        read_whole(&index, &mut head, 0)?;
        let (magic, counts) = head.split_at(8);
        if magic != INDEX {
            return None;
        }
        let fanout: Vec<u32> = counts.chunks_exact(4).map(number).collect();
        fanout.is_sorted().then_some(())?;
        Some(Self {
            data: Window::of(File::open(path.with_extension("pack")).ok()?),
            stream: Stream::new(),
            index,
            id_length,
            fanout,
            buckets: vec![None; 256],
        })
    }

    /// Where an object stands; nothing if it does not.
    pub(super) fn find(&mut self, id: &Id) -> Option<u64> {
        let first = id.bytes()[0] as usize;
        let from = first.checked_sub(1).map_or(0, |before| self.fanout[before]);
        let count = (self.fanout[first] - from) as usize;
        let (length, names) = (self.id_length, 8 + 256 * 4);
        if self.buckets[first].is_none() {
            let mut ids = vec![0; count.checked_mul(length)?];
            read_whole(&self.index, &mut ids, names + u64::from(from) * length as u64)?;
            self.buckets[first] = Some(ids);
        }
        let ids = self.buckets[first].as_deref()?;
        let wanted = &id.bytes()[..length];
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = usize::midpoint(low, high);
            match ids[middle * length..(middle + 1) * length].cmp(wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.offset(u64::from(from) + middle as u64),
            }
        }
        None
    }

    /// The offset of the `nth` object: after the ids and their checksums; large ones stand in a table of their own.
    fn offset(&self, nth: u64) -> Option<u64> {
        let all = u64::from(self.fanout[255]);
        let offsets = 8 + 256 * 4 + all * (self.id_length as u64 + 4);
        let mut small = [0; 4];
        read_whole(&self.index, &mut small, offsets + nth * 4)?;
        let small = number(&small);
        if small >> 31 == 0 {
            return Some(u64::from(small));
        }
        let mut large = [0; 8];
        let at = u64::from(small & 0x7fff_ffff);
        read_whole(&self.index, &mut large, offsets + all * 4 + at * 8)?;
        Some(u64::from_be_bytes(large))
    }

    /// What stands at an offset. An object of more than `limit` bytes is not read.
    pub(super) fn entry(&mut self, offset: u64, limit: u64) -> Option<Entry> {
        let (data, stream) = (&mut self.data, &mut self.stream);
        let mut at = offset;
        let first = data.byte(&mut at)?;
        let (mut size, mut shift, mut more) = (u64::from(first & 15), 4, first >> 7 == 1);
        while more {
            let byte = data.byte(&mut at)?;
            size |= u64::from(byte & 127).checked_shl(shift)?;
            (shift, more) = (shift + 7, byte >> 7 == 1);
        }
        let kind = (first >> 4) & 7;
        match kind {
            6 => {
                let base = offset.checked_sub(data.distance(&mut at)?)?;
                Some(Entry::After(base, stream.inflated(data, at, size, limit)?))
            }
            7 => {
                let mut id = [0; 32];
                for byte in &mut id[..self.id_length] {
                    *byte = data.byte(&mut at)?;
                }
                Some(Entry::Of(Id::of(id), stream.inflated(data, at, size, limit)?))
            }
            kind => {
                let kind = Kind::of_pack(kind)?;
                match size > limit {
                    true => Some(Entry::Large(kind, size)),
                    false => Some(Entry::Whole(kind, stream.inflated(data, at, size, limit)?)),
                }
            }
        }
    }
}

/// A file, a piece at a time.
#[derive(Debug)]
struct Window {
    file: File,
    bytes: Vec<u8>,
    /// Where the piece begins.
    from: u64,
}

impl Window {
    fn of(file: File) -> Self {
        Self {
            file,
            bytes: Vec::new(),
            from: 0,
        }
    }

    /// The bytes from here on, as far as they are at hand: one at least.
    fn ahead(&mut self, at: u64) -> Option<&[u8]> {
        let inside = at.checked_sub(self.from).and_then(|from| usize::try_from(from).ok());
        if inside.is_none_or(|from| from >= self.bytes.len()) {
            self.bytes.resize(WINDOW, 0);
            let count = read_at(&self.file, &mut self.bytes, at).ok()?;
            self.bytes.truncate(count);
            self.from = at;
        }
        let from = usize::try_from(at - self.from).ok()?;
        self.bytes.get(from..).filter(|bytes| !bytes.is_empty())
    }

    fn byte(&mut self, at: &mut u64) -> Option<u8> {
        let byte = *self.ahead(*at)?.first()?;
        *at += 1;
        Some(byte)
    }

    /// How far before an object that stands of which it is made.
    fn distance(&mut self, at: &mut u64) -> Option<u64> {
        let mut byte = self.byte(at)?;
        let mut distance = u64::from(byte & 127);
        while byte >> 7 == 1 {
            byte = self.byte(at)?;
            distance = distance.checked_add(1)?.checked_mul(128)? | u64::from(byte & 127);
        }
        Some(distance)
    }
}

/// The stream of a compressed object, used for one after the other.
pub(super) struct Stream(Inflate);

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream")
    }
}

impl Stream {
    pub(super) fn new() -> Self {
        Self(Inflate::new(true, 15))
    }

    /// The `size` bytes that come out of what `ahead` has from a place on; nothing if there are more or fewer.
    fn inflated(&mut self, window: &mut Window, mut at: u64, size: u64, limit: u64) -> Option<Vec<u8>> {
        let size = usize::try_from(size).ok().filter(|size| *size as u64 <= limit)?;
        // One byte more shows that there are more.
        let mut out = vec![0; size + 1];
        self.0.reset(true);
        loop {
            let (read, written) = (self.0.total_in(), self.0.total_out());
            let rest = out.get_mut(usize::try_from(written).ok()?..)?;
            let status = self.0.decompress(window.ahead(at)?, rest, InflateFlush::NoFlush).ok()?;
            at += self.0.total_in() - read;
            match status {
                Status::StreamEnd => break,
                _ if self.0.total_in() > read || self.0.total_out() > written => {}
                _ => return None,
            }
        }
        out.pop();
        (self.0.total_out() == size as u64).then_some(out)
    }

    /// All that comes out of a whole file, up to `limit` bytes; what comes out first is enough where there is more.
    pub(super) fn all(&mut self, bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
        let mut out = vec![0; bytes.len().saturating_mul(4).clamp(256, limit.max(256))];
        self.0.reset(true);
        loop {
            let read = usize::try_from(self.0.total_in()).ok()?;
            let written = usize::try_from(self.0.total_out()).ok()?;
            if written == out.len() {
                if written >= limit {
                    break;
                }
                out.resize((written * 2).min(limit), 0);
            }
            let status = self
                .0
                .decompress(bytes.get(read..)?, &mut out[written..], InflateFlush::NoFlush)
                .ok()?;
            match status {
                Status::StreamEnd => break,
                _ if self.0.total_out() > written as u64 || self.0.total_in() > read as u64 => {}
                _ => return None,
            }
        }
        out.truncate(usize::try_from(self.0.total_out()).ok()?);
        Some(out)
    }
}

/// What becomes of an object by a list of what to copy from it and what to put in; nothing if the list does not fit it.
pub(super) fn changed(base: &[u8], delta: &[u8], limit: u64) -> Option<Vec<u8>> {
    let mut rest = delta;
    let (from, to) = (length(&mut rest)?, length(&mut rest)?);
    if from != base.len() as u64 || to > limit {
        return None;
    }
    let mut out = Vec::with_capacity(usize::try_from(to).ok()?);
    while let Some((code, after)) = rest.split_first() {
        rest = after;
        if code >> 7 == 0 {
            let (bytes, after) = rest.split_at_checked(usize::from(*code))?;
            if bytes.is_empty() {
                return None;
            }
            out.extend_from_slice(bytes);
            rest = after;
            continue;
        }
        let (mut start, mut count) = (0usize, 0usize);
        for bit in 0..7 {
            if code >> bit & 1 == 1 {
                let (byte, after) = rest.split_first()?;
                rest = after;
                match bit {
                    0..4 => start |= usize::from(*byte) << (8 * bit),
                    _ => count |= usize::from(*byte) << (8 * (bit - 4)),
                }
            }
        }
        let count = if count == 0 { 0x1_0000 } else { count };
        out.extend_from_slice(base.get(start..start.checked_add(count)?)?);
        if out.len() as u64 > to {
            return None;
        }
    }
    (out.len() as u64 == to).then_some(out)
}

/// How large what a list of changes makes is.
pub(super) fn becomes(delta: &[u8]) -> Option<u64> {
    let mut rest = delta;
    length(&mut rest)?;
    length(&mut rest)
}

fn length(rest: &mut &[u8]) -> Option<u64> {
    let (mut length, mut shift) = (0u64, 0);
    loop {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        length |= u64::from(byte & 127).checked_shl(shift)?;
        shift += 7;
        if byte >> 7 == 0 {
            return Some(length);
        }
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn read_whole(file: &File, bytes: &mut [u8], at: u64) -> Option<()> {
    let mut done = 0;
    while done < bytes.len() {
        match read_at(file, &mut bytes[done..], at + done as u64).ok()? {
            0 => return None,
            count => done += count,
        }
    }
    Some(())
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, at)
}
