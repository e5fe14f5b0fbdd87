//! What becomes of something: its sign, its word and its colour.

use crate::stack::preview::Fate;
use crate::ui::style::Style;

pub(super) fn mark(fate: Fate) -> &'static str {
    match fate {
        Fate::Keep => "",
        Fate::Create => "+",
        Fate::Replace => "-/+",
        Fate::Remove => "-",
        Fate::Update | Fate::Start | Fate::Restart | Fate::Stop => "~",
        Fate::Orphan => "!",
    }
}

pub(super) fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Keep => "keep",
        Fate::Create => "create",
        Fate::Replace => "replace",
        Fate::Remove => "remove",
        Fate::Update => "update",
        Fate::Start => "start",
        Fate::Restart => "restart",
        Fate::Stop => "stop",
        Fate::Orphan => "orphan",
    }
}

pub(super) fn style(fate: Fate) -> Style {
    match fate {
        Fate::Keep => Style::DIM,
        Fate::Create | Fate::Start => Style::SUCCESS,
        Fate::Replace | Fate::Restart | Fate::Update | Fate::Orphan => Style::WARNING,
        Fate::Remove | Fate::Stop => Style::ERROR,
    }
}
