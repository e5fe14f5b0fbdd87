//! A plan: a graph of steps, each with its cause.

/// What is to be done, and in which order. A value: it can be shown or run.
#[derive(Debug, Clone, Default)]
pub struct Plan {}

/// Something that must be asked before a plan is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The volume that would be removed and made anew.
    pub volume: String,
    /// The question.
    pub text: String,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        todo!()
    }

    /// What the user should be told before.
    pub fn warnings(&self) -> &[String] {
        todo!()
    }

    /// One line for each step, in an order in which they may run: step, subject, cause.
    pub fn describe(&self) -> String {
        todo!()
    }
}
