//! Where secrets rest: the system keychain, or a passphrase file the user chose.
