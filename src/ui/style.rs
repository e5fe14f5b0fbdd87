//! Colours, as the handful of SGR codes that are used.

/// A colour or weight, as the parameters of an SGR escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style(&'static str);

impl Style {
    /// Something failed.
    pub const ERROR: Self = Self("31");
    /// Something ended well.
    pub const SUCCESS: Self = Self("32");
    /// Something ended, but not as asked.
    pub const WARNING: Self = Self("33");
    /// Something goes on; numbers.
    pub const ACTIVE: Self = Self("34");
    /// Advice.
    pub const HELP: Self = Self("36");
    /// What is less important.
    pub const DIM: Self = Self("2");
    /// What everything else is about.
    pub const STRONG: Self = Self("1");
    /// What Docker Compose prints in bold red.
    pub const ALARM: Self = Self("31;1");

    /// A style by its SGR parameters.
    pub(super) const fn sgr(parameters: &'static str) -> Self {
        Self(parameters)
    }

    /// `text` in this style, or as it is when `colour` is off.
    pub fn paint(self, text: &str, colour: bool) -> String {
        if colour && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", self.0)
        } else {
            text.to_owned()
        }
    }
}
