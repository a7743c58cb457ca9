//! How our types lie in columns: ids as TEXT, instants as INTEGER milliseconds since 1970 UTC, lists and
//! enums with data as JSON in TEXT. A column is named, or told by its place where many rows are read: SQLite compares
//! names one by one to find it.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use rusqlite::{
    Row, RowIndex,
    types::{FromSqlError, Type},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::StoreError;

/// An instant for a column; finer than a millisecond is cut off.
pub fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A count for a column. SQLite's integers are signed.
pub fn count(n: u64) -> Result<i64, StoreError> {
    i64::try_from(n).map_err(|_| StoreError::Value("a count beyond 63 bits"))
}

pub fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Value("not JSON"))
}

pub fn timestamp(row: &Row<'_>, column: impl RowIndex + Copy) -> rusqlite::Result<Timestamp> {
    instant(row, column, row.get(column)?)
}

pub fn maybe_timestamp(
    row: &Row<'_>,
    column: impl RowIndex + Copy,
) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?
        .map(|ms| instant(row, column, ms))
        .transpose()
}

fn instant(row: &Row<'_>, column: impl RowIndex + Copy, ms: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|_| unreadable(row, column, Type::Integer))
}

pub fn unsigned(row: &Row<'_>, column: impl RowIndex + Copy) -> rusqlite::Result<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| unreadable(row, column, Type::Integer))
}

pub fn parsed<T: FromStr>(row: &Row<'_>, column: impl RowIndex + Copy) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    text.parse()
        .map_err(|_| unreadable(row, column, Type::Text))
}

pub fn maybe_parsed<T: FromStr>(
    row: &Row<'_>,
    column: impl RowIndex + Copy,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    text.map(|text| {
        text.parse()
            .map_err(|_| unreadable(row, column, Type::Text))
    })
    .transpose()
}

pub fn json<T: DeserializeOwned>(
    row: &Row<'_>,
    column: impl RowIndex + Copy,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|_| unreadable(row, column, Type::Text))
}

pub fn maybe_json<T: DeserializeOwned>(
    row: &Row<'_>,
    column: impl RowIndex + Copy,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    text.map(|text| serde_json::from_str(text).map_err(|_| unreadable(row, column, Type::Text)))
        .transpose()
}

/// A value we could not have written. Says the column, never the value.
fn unreadable(row: &Row<'_>, column: impl RowIndex, kind: Type) -> rusqlite::Error {
    let statement = row.as_ref();
    let place = column.idx(statement).unwrap_or_default();
    let name = statement.column_name(place).unwrap_or_default();
    rusqlite::Error::FromSqlConversionFailure(
        place,
        kind,
        Box::new(FromSqlError::Other(Box::new(Unreadable(name.to_owned())))),
    )
}

#[derive(Debug, thiserror::Error)]
struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {} holds something we did not write", self.0)
    }
}

/// Gives a fieldless enum its stable names in a column, so that renaming a variant can't lose rows.
macro_rules! names {
    ($kind:ty { $($variant:ident = $name:literal,)+ }) => {
        impl $kind {
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }

        impl std::str::FromStr for $kind {
            type Err = $crate::StoreError;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    _ => Err($crate::StoreError::Value("an unknown name")),
                }
            }
        }
    };
}
pub(crate) use names;
