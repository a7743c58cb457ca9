//! What Gmail and Drive share because Google is behind both: the shape of errors, the verdicts of its token
//! endpoint, the client files of its console, and asking who signed in. Nothing here knows either service.

mod client_file;
mod errors;
mod token_errors;
mod userinfo;

pub(crate) use client_file::{project_of, read_client, read_client_file};
pub(crate) use errors::judge;
pub(crate) use token_errors::judge_token_error;
pub(crate) use userinfo::userinfo;
