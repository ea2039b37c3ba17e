//! Puts the rooms together and fulfils the api.
