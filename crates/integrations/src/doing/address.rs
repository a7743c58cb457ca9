//! Whom a mailbox is for, read by the same parser that the mail is made with: a rule must never see another recipient
//! than the service does.

use lettre::message::Mailbox;

/// The bare address in lower case; `None` where the mail couldn't be made with it either.
#[must_use]
pub fn bare_address(mailbox: &str) -> Option<String> {
    if mailbox.contains(char::is_control) {
        return None;
    }
    let mailbox: Mailbox = mailbox.trim().parse().ok()?;
    Some(mailbox.email.to_string().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_one_the_mail_goes_to() {
        for (text, address) in [
            ("Anna@Example.org", Some("anna@example.org")),
            ("Anna Berg <anna@example.org>", Some("anna@example.org")),
            (
                "\"x <good@ok.example>\" <evil@x.example>",
                Some("evil@x.example"),
            ),
            ("evil@x.example, anna@example.org", None),
            ("anna@example.org\nBcc: evil@x.example", None),
            ("no address", None),
        ] {
            assert_eq!(bare_address(text).as_deref(), address, "{text}");
        }
    }
}
