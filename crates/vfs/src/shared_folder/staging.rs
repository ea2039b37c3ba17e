use std::ffi::OsStr;
use std::fs::File;
use std::io;

use model::Digest;

use super::looking::look_in;
use super::{Found, OpenFile, SharedFolder, is_nothing};
use crate::failpoint::{self, Point};
use crate::platform;

/// A file that is not whole.
#[derive(Debug)]
pub struct StagedFile {
    file: File,
}

impl StagedFile {
    /// Writes all of `data` at `offset`.
    pub fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        failpoint::pass(Point::FolderChunk);
        platform::write_at(&self.file, data, offset)
    }

    /// Reads exactly what is there of `length` bytes at `offset`.
    pub fn read(&self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        platform::read_chunk(&self.file, offset, length)
    }

    /// The same file, for reading by others.
    pub fn reader(&self) -> io::Result<OpenFile> {
        self.file.try_clone().map(OpenFile::new)
    }
}

impl SharedFolder {
    /// Opens what is there of the file `digest`; an empty file is made if there is nothing.
    pub fn stage(&self, digest: &Digest) -> io::Result<StagedFile> {
        let name = digest.to_string();
        let file = match self.staging.create_file(&name, false) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.staging.open_file_writable(&name)?
            }
            made => made?,
        };
        Ok(StagedFile { file })
    }

    /// Whether something is there of the file `digest`.
    pub fn has_staged(&self, digest: &Digest) -> io::Result<bool> {
        match look_in(&self.staging, &digest.to_string()) {
            Err(error) if is_nothing(&error) => Ok(false),
            found => Ok(matches!(found?, Found::File(_))),
        }
    }

    /// Forgets what is there of the file `digest`.
    pub fn unstage(&self, digest: &Digest) -> io::Result<()> {
        match self.staging.remove_file(&digest.to_string()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// The files of which something is there.
    pub fn staged(&self) -> io::Result<Vec<Digest>> {
        let mut staged = Vec::new();
        self.staging.list(&mut |name: &OsStr| {
            staged.extend(name.to_str().and_then(digest_of));
            Ok(())
        })?;
        Ok(staged)
    }

    /// How many bytes may be written to this disk.
    pub fn spare_bytes(&self, reserve: crate::space::Reserve) -> io::Result<u64> {
        Ok(self.top.free_space()?.spare_bytes(reserve))
    }
}

fn digest_of(name: &str) -> Option<Digest> {
    if name.len() != 64 || !name.is_ascii() {
        return None;
    }
    let mut digest = [0; 32];
    for (place, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&name[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(Digest(digest))
}
