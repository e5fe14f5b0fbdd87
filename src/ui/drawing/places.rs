//! Where the boxes of a picture stand. A column holds a level of needs; an arrow to a level farther
//! away passes the columns between in a slot of its own, so that none runs behind a box. Pure.

use std::collections::HashMap;

use super::Picture;

/// Height of a box with few arrows.
const BOX: usize = 58;
/// Height that the word of an arrow takes.
const WORD: usize = 13;
/// Space below a box.
const SPACE: usize = 26;
/// Height of the slot of an arrow that passes.
const SLOT: usize = 18;
/// How often the columns are put in order by their neighbours; more changes next to nothing.
const SWEEPS: usize = 4;

/// Something that stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Item<'a> {
    /// The box of a service.
    Service(&'a str),
    /// The arrow of the need with this number, on its way.
    Pass(usize),
}

/// A place in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Column.
    pub(super) column: usize,
    /// Pixels from the upper edge of the columns to that of the box, or to the arrow.
    pub(super) top: usize,
    /// Height of the box in pixels; an arrow has none.
    pub(super) height: usize,
}

/// The places of everything.
#[derive(Debug)]
pub(super) struct Places<'a> {
    /// What stands in each column, from above.
    pub(super) columns: Vec<Vec<Item<'a>>>,
    /// Boxes.
    pub(super) services: HashMap<&'a str, Place>,
    /// What the arrow of a need passes on its way, from who needs to what is needed.
    pub(super) passed: HashMap<usize, Vec<Place>>,
    /// Height of the highest column.
    pub(super) height: usize,
}

impl<'a> Places<'a> {
    /// Of the services of a picture, which come dependencies first.
    pub(super) fn of(picture: &'a Picture) -> Self {
        let levels = levels(picture);
        let mut columns: Vec<Vec<Item<'a>>> = Vec::new();
        let mut add = |column: usize, item| {
            if columns.len() <= column {
                columns.resize_with(column + 1, Vec::new);
            }
            columns[column].push(item);
        };
        for service in &picture.services {
            add(levels[service.name.as_str()], Item::Service(&service.name));
        }
        for (number, need) in picture.needs.iter().enumerate() {
            let (from, to) = (levels.get(&*need.service), levels.get(&*need.needs));
            if let (Some(from), Some(to)) = (from, to) {
                (to + 1..*from).for_each(|column| add(column, Item::Pass(number)));
            }
        }
        arrange(picture, &levels, &mut columns);
        Self::measured(picture, columns)
    }

    fn measured(picture: &Picture, columns: Vec<Vec<Item<'a>>>) -> Self {
        let height = |item: &Item<'_>| height(picture, item);
        let height_of = |column: &[Item<'_>]| column.iter().map(height).sum::<usize>();
        let tallest = columns.iter().map(|column| height_of(column)).max().unwrap_or(0);
        let mut places = Self {
            columns: Vec::new(),
            services: HashMap::new(),
            passed: HashMap::new(),
            height: tallest,
        };
        // From the right, as arrows go.
        for (column, items) in columns.iter().enumerate().rev() {
            // Shorter columns stand in the middle.
            let mut top = (tallest - height_of(items)) / 2;
            for item in items {
                match item {
                    Item::Service(name) => {
                        let height = height(item) - SPACE;
                        places.services.insert(name, Place { column, top, height });
                    }
                    Item::Pass(number) => {
                        let place = Place { column, top: top + SLOT / 2, height: 0 };
                        places.passed.entry(*number).or_default().push(place);
                    }
                }
                top += height(item);
            }
        }
        places.columns = columns;
        places
    }
}

/// The height of an item with the space below it: arrows leave a box far enough apart for their words.
fn height(picture: &Picture, item: &Item<'_>) -> usize {
    match item {
        Item::Service(name) => BOX.max(WORD * (picture.needs_of(name).count() + 1)) + SPACE,
        Item::Pass(_) => SLOT,
    }
}

/// The column of each service: right of everything that it needs.
fn levels(picture: &Picture) -> HashMap<&str, usize> {
    let mut levels: HashMap<&str, usize> = HashMap::new();
    for service in &picture.services {
        let needed = picture.needs_of(&service.name).filter_map(|need| levels.get(&*need.needs));
        let level = needed.max().map_or(0, |deepest| deepest + 1);
        levels.insert(&service.name, level);
    }
    levels
}

/// Puts each column in the order of the middle of its neighbours, to the right and back, so that
/// arrows cross less.
fn arrange<'a>(picture: &'a Picture, levels: &HashMap<&str, usize>, columns: &mut [Vec<Item<'a>>]) {
    // What is connected to what in the column on the left.
    let mut lines: Vec<(usize, Item<'a>, Item<'a>)> = Vec::new();
    for (number, need) in picture.needs.iter().enumerate() {
        let (from, to) = (levels.get(&*need.service), levels.get(&*need.needs));
        let (Some(&from), Some(&to)) = (from, to) else { continue };
        let item = |column| match column {
            column if column == from => Item::Service(&need.service),
            column if column == to => Item::Service(&need.needs),
            _ => Item::Pass(number),
        };
        lines.extend((to + 1..=from).map(|column| (column, item(column), item(column - 1))));
    }
    for sweep in 0..SWEEPS {
        let to_the_right = sweep % 2 == 0;
        let mut order: Vec<usize> = (0..columns.len()).collect();
        if !to_the_right {
            order.reverse();
        }
        for pair in order.windows(2) {
            let (fixed, column) = (pair[0], pair[1]);
            let rank: HashMap<Item<'_>, usize> =
                columns[fixed].iter().enumerate().map(|(at, item)| (*item, at)).collect();
            let mut neighbours: HashMap<Item<'_>, Vec<usize>> = HashMap::new();
            for (right, from, to) in &lines {
                let (own, other) = match to_the_right {
                    true if *right == column => (from, to),
                    false if *right == fixed => (to, from),
                    _ => continue,
                };
                neighbours.entry(*own).or_default().extend(rank.get(other));
            }
            let scale = columns[fixed].len().max(1);
            let own_scale = columns[column].len().max(1);
            let mut keyed: Vec<(usize, Item<'_>)> = Vec::new();
            for (at, item) in columns[column].iter().enumerate() {
                // In thousandths of the column; what has no neighbour stays about where it is.
                let key = match neighbours.get(item) {
                    Some(ranks) if !ranks.is_empty() => {
                        ranks.iter().sum::<usize>() * 1000 / (ranks.len() * scale)
                    }
                    _ => at * 1000 / own_scale,
                };
                keyed.push((key, *item));
            }
            keyed.sort_by_key(|(key, _)| *key);
            columns[column] = keyed.into_iter().map(|(_, item)| item).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::shop;
    use super::super::{Need, Node};
    use super::*;

    #[test]
    fn what_is_needed_stands_left_of_who_needs_it() {
        let picture = shop();
        let places = Places::of(&picture);
        let column = |name: &str| places.services[name].column;
        assert_eq!((column("db"), column("migrate"), column("web")), (0, 1, 1));
        assert_eq!(column("worker"), 2);
        // The arrow from the worker to the database passes between the boxes of the second column.
        assert_eq!(places.passed.keys().collect::<Vec<_>>(), [&3]);
        let passed = places.passed[&3][0];
        assert_eq!(passed.column, 1);
        for service in ["migrate", "web"] {
            let Place { top, height, .. } = places.services[service];
            assert!(!(top..=top + height).contains(&passed.top), "behind {service}");
        }
    }

    #[test]
    fn a_box_has_room_for_the_words_of_its_arrows() {
        let mut picture = shop();
        for number in 0..20 {
            let name = format!("s{number}");
            picture.services.insert(0, Node { name: name.clone(), ..Node::default() });
            let need = Need { service: "worker".to_owned(), needs: name, ..Need::default() };
            picture.needs.push(need);
        }
        let places = Places::of(&picture);
        let Place { top, height, .. } = places.services["worker"];
        assert!(height >= 20 * WORD, "{height}");
        assert!(top + height <= places.height);
        assert_eq!(places.services["db"].height, BOX);
    }

    #[test]
    fn columns_are_ordered_so_that_arrows_do_not_cross() {
        let names = ["a", "b", "c", "d"];
        let mut services: Vec<Node> = Vec::new();
        for name in names {
            services.push(Node { name: name.to_owned(), ..Node::default() });
        }
        let need = |service: &str, needs: &str| Need {
            service: service.to_owned(),
            needs: needs.to_owned(),
            ..Need::default()
        };
        let needs = vec![need("c", "b"), need("d", "a")];
        let picture = Picture { services, needs, ..Picture::default() };
        let places = Places::of(&picture);
        let top = |name: &str| places.services[name].top;
        assert_eq!((top("a"), top("b")), (top("d"), top("c")));
    }
}
