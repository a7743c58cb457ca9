//! The local socket: how other processes of the same user ask the hub.
