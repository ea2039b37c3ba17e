//! A spoken code becomes a trusted contact.
