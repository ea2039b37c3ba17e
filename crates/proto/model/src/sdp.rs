//! Session descriptions as text (RFC 8866), read through a strict whitelist and written anew.
