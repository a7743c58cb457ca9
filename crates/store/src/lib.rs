//! What is remembered besides secrets: SQLite, one module a table.
