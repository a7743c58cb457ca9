//! The outer form of every stored record: which kind it is, and in which version it was written.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{error::Unreadable, paper};

#[derive(Serialize)]
struct Sheet<'a, B> {
    record: &'a str,
    version: u32,
    body: B,
}

/// Looked at before the body, which a newer version may have shaped differently.
#[derive(Deserialize)]
struct Cover {
    record: String,
    version: u32,
}

#[derive(Deserialize)]
struct Body<B> {
    body: B,
}

pub(super) fn write(record: &str, version: u32, body: impl Serialize) -> Zeroizing<Vec<u8>> {
    paper::write(&Sheet {
        record,
        version,
        body,
    })
}

pub(super) fn read<B: DeserializeOwned>(
    record: &str,
    version: u32,
    text: &[u8],
) -> Result<B, Unreadable> {
    let cover: Cover = paper::read(text)?;
    if cover.record != record || cover.version != version {
        return Err(Unreadable);
    }
    paper::read::<Body<B>>(text).map(|sheet| sheet.body)
}

/// Makes `$record` storable as `$name`, version `$version`, in the form of its mirror type `$mirror`.
macro_rules! stored_as {
    ($record:ty, $mirror:ident, $name:literal, $version:literal) => {
        impl crate::records::Record for $record {
            fn encode(&self) -> zeroize::Zeroizing<Vec<u8>> {
                struct Written<'a>(&'a $record);
                impl serde::Serialize for Written<'_> {
                    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                        $mirror::serialize(self.0, to)
                    }
                }
                crate::records::sheet::write($name, $version, Written(self))
            }

            fn decode(text: &[u8]) -> Result<Self, crate::error::Unreadable> {
                struct Read($record);
                impl<'de> serde::Deserialize<'de> for Read {
                    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                        $mirror::deserialize(from).map(Read)
                    }
                }
                crate::records::sheet::read::<Read>($name, $version, text).map(|read| read.0)
            }
        }
    };
}

pub(super) use stored_as;
