//! Two sessions, the connections between them, and a world that is kind, careless or hostile.

mod closing;
mod hostile;
mod limits;
mod moves;
mod timing;
mod world;
