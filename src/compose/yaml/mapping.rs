//! The entries of a mapping, in the order of the file.
//!
//! Most mappings of a Compose file have a handful of keys and some have thousands. So the entries
//! are one list that is searched from the start, and get an index by key when they are many.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::{Entry, Node};

/// Up to this many entries, comparing all keys is faster than hashing one.
const FEW: usize = 16;

/// Entries by key, in the order of the file.
#[derive(Clone, Default)]
pub struct Mapping {
    entries: Vec<(String, Entry)>,
    /// Where the entry of each key is, once there are more than [`FEW`].
    index: Option<Box<Index>>,
}

impl Mapping {
    /// A mapping without entries.
    pub const fn new() -> Self {
        Self { entries: Vec::new(), index: None }
    }

    /// A mapping without entries, with room for some.
    pub fn with_capacity(entries: usize) -> Self {
        Self { entries: Vec::with_capacity(entries), index: None }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry under a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.position(key).map(|position| &self.entries[position].1)
    }

    /// The entry under a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.position(key).map(|position| &mut self.entries[position].1)
    }

    /// Whether there is an entry under a key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_some()
    }

    /// Puts an entry in the place of the one under the same key, which is returned, or at the end.
    pub fn insert(&mut self, key: impl Into<String>, entry: Entry) -> Option<Entry> {
        let key = key.into();
        let Some(position) = self.position(&key) else {
            self.push(key, entry);
            return None;
        };
        Some(std::mem::replace(&mut self.entries[position].1, entry))
    }

    /// The entry under a key; made at the end if there is none.
    pub fn get_or_insert_with(&mut self, key: &str, make: impl FnOnce() -> Entry) -> &mut Entry {
        let position = self.position(key).unwrap_or_else(|| {
            self.push(key.to_owned(), make());
            self.entries.len() - 1
        });
        &mut self.entries[position].1
    }

    /// Takes an entry out; those behind it move up.
    pub fn shift_remove(&mut self, key: &str) -> Option<Entry> {
        let position = self.position(key)?;
        if let Some(index) = &mut self.index {
            index.remove(key, position);
        }
        Some(self.entries.remove(position).1)
    }

    /// Drops the entries for which `keep` says no.
    pub fn retain(&mut self, mut keep: impl FnMut(&String, &mut Entry) -> bool) {
        let before = self.entries.len();
        self.entries.retain_mut(|(key, entry)| keep(key, entry));
        if self.entries.len() != before {
            self.renew_index();
        }
    }

    /// Keys and entries.
    pub fn iter(&self) -> Iter<'_> {
        self.entries.iter().map(|(key, entry)| (key, entry))
    }

    /// Keys and entries, to change the entries.
    pub fn iter_mut(&mut self) -> IterMut<'_> {
        self.entries.iter_mut().map(|(key, entry)| (&*key, entry))
    }

    /// The keys.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &String> + ExactSizeIterator {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The entries.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter().map(|(_, entry)| entry)
    }

    /// The entries, to change them.
    pub fn values_mut(
        &mut self,
    ) -> impl DoubleEndedIterator<Item = &mut Entry> + ExactSizeIterator {
        self.entries.iter_mut().map(|(_, entry)| entry)
    }

    fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.position(&self.entries, key),
            None => self.entries.iter().position(|(other, _)| other == key),
        }
    }

    /// Adds an entry under a key that has none.
    fn push(&mut self, key: String, entry: Entry) {
        // Doubling would leave half of the memory of all small mappings unused.
        if self.entries.len() == self.entries.capacity() {
            self.entries.reserve_exact((self.entries.len() / 2).max(1));
        }
        self.entries.push((key, entry));
        match &mut self.index {
            Some(index) => index.add(&self.entries, self.entries.len() - 1),
            None => self.renew_index(),
        }
    }

    /// Makes the index again, for entries that have moved; or drops it.
    fn renew_index(&mut self) {
        self.index = (self.entries.len() > FEW).then(|| Box::new(Index::of(&self.entries)));
    }
}

/// Positions of entries by their keys, which stand in the list of entries alone.
#[derive(Clone, Default)]
struct Index {
    positions: HashTable<usize>,
    hasher: RandomState,
}

impl Index {
    fn of(entries: &[(String, Entry)]) -> Self {
        let mut index =
            Self { positions: HashTable::with_capacity(entries.len() * 2), ..Self::default() };
        (0..entries.len()).for_each(|position| index.add(entries, position));
        index
    }

    fn position(&self, entries: &[(String, Entry)], key: &str) -> Option<usize> {
        let hash = self.hasher.hash_one(key);
        self.positions.find(hash, |position| entries[*position].0 == key).copied()
    }

    /// Forgets the position of a key; what stands behind it moves up.
    fn remove(&mut self, key: &str, position: usize) {
        let hash = self.hasher.hash_one(key);
        if let Ok(found) = self.positions.find_entry(hash, |other| *other == position) {
            found.remove();
        }
        for other in &mut self.positions {
            *other -= usize::from(*other > position);
        }
    }

    fn add(&mut self, entries: &[(String, Entry)], position: usize) {
        let hash = |position: &usize| self.hasher.hash_one(entries[*position].0.as_str());
        self.positions.insert_unique(hash(&position), position, hash);
    }
}

/// Keys and entries of a [`Mapping`].
type Iter<'a> = std::iter::Map<
    std::slice::Iter<'a, (String, Entry)>,
    fn(&'a (String, Entry)) -> (&'a String, &'a Entry),
>;

/// Keys and entries of a [`Mapping`], to change the entries.
type IterMut<'a> = std::iter::Map<
    std::slice::IterMut<'a, (String, Entry)>,
    fn(&'a mut (String, Entry)) -> (&'a String, &'a mut Entry),
>;

impl<'a> IntoIterator for &'a Mapping {
    type Item = (&'a String, &'a Entry);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Mapping {
    type Item = (&'a String, &'a mut Entry);
    type IntoIter = IterMut<'a>;

    fn into_iter(self) -> IterMut<'a> {
        self.iter_mut()
    }
}

impl IntoIterator for Mapping {
    type Item = (String, Entry);
    type IntoIter = std::vec::IntoIter<(String, Entry)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<K: Into<String>> FromIterator<(K, Entry)> for Mapping {
    fn from_iter<I: IntoIterator<Item = (K, Entry)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        let mut mapping = Self::with_capacity(entries.size_hint().0);
        for (key, entry) in entries {
            mapping.insert(key, entry);
        }
        mapping
    }
}

impl std::ops::Index<&str> for Mapping {
    type Output = Entry;

    fn index(&self, key: &str) -> &Entry {
        self.get(key).expect("whoever indexes knows that the key is there")
    }
}

/// Equal when the same keys have equal entries, in whatever order.
impl PartialEq for Mapping {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().all(|(key, entry)| other.get(key).is_some_and(|other| entry == other))
    }
}

impl std::fmt::Debug for Mapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// Every value of a file is one of these, and a project has hundreds of thousands.
const _: () = assert!(size_of::<Node>() <= 48 && size_of::<(String, Entry)>() <= 88);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::yaml::Value;
    use crate::diagnostic::{FileId, Span};

    fn entry(number: usize) -> Entry {
        let span = Span::new(FileId(0), number, number + 1);
        Entry { key_span: span, node: Node::new(Value::Null, span) }
    }

    fn key(number: usize) -> String {
        format!("key{number}")
    }

    /// The keys that a mapping tells and finds, in its order.
    fn keys(mapping: &Mapping) -> Vec<&str> {
        for (key, entry) in mapping {
            assert_eq!(mapping.get(key), Some(entry), "{key} is found where it stands");
        }
        mapping.keys().map(String::as_str).collect()
    }

    #[test]
    fn keys_are_found_among_few_and_many_in_the_order_of_insertion() {
        for count in [0, 1, FEW, FEW + 1, 10 * FEW] {
            let mapping: Mapping = (0..count).map(|number| (key(number), entry(number))).collect();
            let expected: Vec<String> = (0..count).map(key).collect();
            assert_eq!(keys(&mapping), expected, "{count}");
            assert_eq!(mapping.get("other"), None);
            assert_eq!(mapping.clone(), mapping);
            let backwards: Mapping = mapping.clone().into_iter().rev().collect();
            assert_eq!(backwards, mapping, "order does not matter to equality");
        }
    }

    #[test]
    fn what_is_removed_is_gone_and_the_rest_stays_in_order() {
        for count in [3, FEW + 1, FEW + 2, 4 * FEW] {
            let mut mapping: Mapping =
                (0..count).map(|number| (key(number), entry(number))).collect();
            assert_eq!(mapping.shift_remove("key1"), Some(entry(1)));
            assert_eq!(mapping.shift_remove("key1"), None);
            let expected: Vec<String> = (0..count).filter(|it| *it != 1).map(key).collect();
            assert_eq!(keys(&mapping), expected);
            mapping.retain(|_, entry| entry.key_span.start % 2 == 0);
            let expected: Vec<String> = (0..count).step_by(2).map(key).collect();
            assert_eq!(keys(&mapping), expected);
        }
    }

    #[test]
    fn a_second_insertion_takes_the_place_of_the_first() {
        for count in [2, 2 * FEW] {
            let mut mapping: Mapping =
                (0..count).map(|number| (key(number), entry(number))).collect();
            assert_eq!(mapping.insert("key0", entry(7)), Some(entry(0)));
            assert_eq!(mapping.insert("last", entry(8)), None);
            assert_eq!(mapping.get_or_insert_with("key0", || entry(9)), &mut entry(7));
            assert_eq!(mapping.get_or_insert_with("very last", || entry(9)), &mut entry(9));
            assert_eq!(keys(&mapping).len(), count + 2);
            assert_eq!(keys(&mapping).first(), Some(&"key0"));
            assert_eq!(keys(&mapping).last(), Some(&"very last"));
        }
    }
}
