//! A plan as text.

use super::{Plan, Shown};

impl Plan {
    /// One line for each step, in an order in which they may run: step, subject, cause. Ends with a
    /// line feed unless it is empty.
    pub fn describe(&self) -> String {
        let rows: Vec<(String, String, String)> = self
            .steps()
            .into_iter()
            .map(|(_, step)| {
                let action = &step.action;
                let cause = match step.shown {
                    // The cause stands on the line that begins the replacement.
                    Shown::Hidden | Shown::RecreateEnds => "for this replacement".to_owned(),
                    _ => step.cause.to_string(),
                };
                (action.title().to_owned(), action.subject_name(), cause)
            })
            .collect();
        let width = |column: fn(&(String, String, String)) -> &String| {
            rows.iter().map(|row| column(row).chars().count()).max().unwrap_or(0)
        };
        let (titles, subjects) = (width(|row| &row.0), width(|row| &row.1));
        rows.iter()
            .map(|(title, subject, cause)| {
                format!("{title:titles$}  {subject:subjects$}  {cause}").trim_end().to_owned()
                    + "\n"
            })
            .collect()
    }
}
