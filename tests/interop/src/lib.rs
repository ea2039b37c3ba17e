//! Ends of a connection that are driven by lines of text: what other stacks talk to, and what links are measured with.

pub mod flow;
