//! Others on the same machine: another person's login, and a page open in the person's own browser. Neither gets in,
//! and neither can tell the difference it made, because it made none.

mod other_user;
mod web_page;
