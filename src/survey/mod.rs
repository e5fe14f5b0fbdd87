//! What is asked of the world for a verdict on platforms: what an engine's guest can run, which
//! platforms images offer, how builds come about. Everything that judges is in [`crate::platform`].
