//! Whether the parts of a project fit together (Compose Specification; the conditions and their
//! words are Docker Compose's).

mod cycle;
