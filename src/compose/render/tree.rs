//! The model as data without types, ready to be printed.
//!
//! JSON, YAML and the hashes disagree about what they leave out, how numbers look and in which
//! order the keys of a map come; they agree about everything else. So the model is described once,
//! by its `Serialize` implementations, turned into a [`Tree`] here, and printed from that.

use serde::ser::{self, Serialize};

use crate::compose::yaml::{Node, Value};

/// What a value of the model is when it is written down.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    /// Nothing: `null`, or a field that is not there.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A zero that only YAML writes.
    Zero,
    /// A single-precision number.
    Single(f32),
    /// A double-precision number.
    Double(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// Entries whose keys the user chose; printers sort them.
    Map(Vec<(String, Self)>),
    /// Entries whose keys the format chose, in its order.
    Record(Record),
}

/// The fields of a structure of the format.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Record {
    /// Names and values, in the format's order.
    pub(crate) fields: Vec<(&'static str, Tree)>,
    /// `x-` keys, which some notations leave out.
    pub(crate) extensions: Vec<(String, Tree)>,
    /// Whether it was written at all; a record that always exists is not, when all of it is empty.
    pub(crate) written: bool,
}

impl Tree {
    /// What `value` is when it is written down.
    pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> Self {
        value
            .serialize(Builder)
            .expect("values of the model have text keys, and nothing else fails")
    }

    /// What `value` is as an entry of a map: it exists because someone wrote it.
    pub(crate) fn of_entry<T: Serialize + ?Sized>(value: &T) -> Self {
        written(Self::of(value))
    }

    /// A tree that was not typed.
    pub(crate) fn of_node(node: &Node) -> Self {
        match &node.value {
            Value::Null | Value::Broken => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(number) => Self::Int((*number).into()),
            Value::Float(number) => Self::Double(*number),
            Value::String(text) | Value::Timestamp(text) => Self::Text(text.clone()),
            Value::Sequence(items) => Self::List(items.iter().map(Self::of_node).collect()),
            Value::Mapping(mapping) => {
                let entries = mapping.iter();
                Self::Map(
                    entries.map(|(key, entry)| (key.clone(), Self::of_node(&entry.node))).collect(),
                )
            }
        }
    }

    /// The tree with nothing in place of empty lists, as Go's JSON has them in what was not typed.
    pub(crate) fn without_empty_lists(self) -> Self {
        let entries = |entries: Vec<(String, Self)>| {
            entries.into_iter().map(|(key, value)| (key, value.without_empty_lists())).collect()
        };
        match self {
            Self::List(items) if items.is_empty() => Self::Null,
            Self::List(items) => {
                Self::List(items.into_iter().map(Self::without_empty_lists).collect())
            }
            Self::Map(map) => Self::Map(entries(map)),
            other => other,
        }
    }

    /// Nothing, or a record that always exists and holds only such.
    pub(crate) fn is_unwritten(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Record(record) => {
                !record.written
                    && record.extensions.is_empty()
                    && record.fields.iter().all(|(_, value)| value.is_unwritten())
            }
            _ => false,
        }
    }
}

/// The type of the model whose fields YAML writes also when they are zero.
const WITH_ZEROS: &str = "Ulimit";

/// The name under which the model serialises `x-` keys; no file can contain it.
const EXTENSIONS: &str = "#extensions";

/// A map's key was no text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotText(String);

impl ser::Error for NotText {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

struct Builder;

impl ser::Serializer for Builder {
    type Ok = Tree;
    type Error = NotText;
    type SerializeSeq = ListBuilder;
    type SerializeTuple = ListBuilder;
    type SerializeTupleStruct = ListBuilder;
    type SerializeTupleVariant = ser::Impossible<Tree, NotText>;
    type SerializeMap = MapBuilder;
    type SerializeStruct = RecordBuilder;
    type SerializeStructVariant = RecordBuilder;

    fn serialize_bool(self, value: bool) -> Result<Tree, NotText> {
        Ok(Tree::Bool(value))
    }

    fn serialize_i8(self, value: i8) -> Result<Tree, NotText> {
        Ok(Tree::Int(value.into()))
    }

    fn serialize_i16(self, value: i16) -> Result<Tree, NotText> {
        Ok(Tree::Int(value.into()))
    }

    fn serialize_i32(self, value: i32) -> Result<Tree, NotText> {
        Ok(Tree::Int(value.into()))
    }

    fn serialize_i64(self, value: i64) -> Result<Tree, NotText> {
        Ok(Tree::Int(value.into()))
    }

    fn serialize_u8(self, value: u8) -> Result<Tree, NotText> {
        Ok(Tree::Int(value.into()))
    }

    fn serialize_u16(self, value: u16) -> Result<Tree, NotText> {
        Ok(Tree::Int(value.into()))
    }

    fn serialize_u32(self, value: u32) -> Result<Tree, NotText> {
        Ok(Tree::Int(value.into()))
    }

    fn serialize_u64(self, value: u64) -> Result<Tree, NotText> {
        Ok(Tree::Int(value.into()))
    }

    fn serialize_f32(self, value: f32) -> Result<Tree, NotText> {
        Ok(Tree::Single(value))
    }

    fn serialize_f64(self, value: f64) -> Result<Tree, NotText> {
        Ok(Tree::Double(value))
    }

    fn serialize_char(self, value: char) -> Result<Tree, NotText> {
        Ok(Tree::Text(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Tree, NotText> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Tree, NotText> {
        Ok(Tree::Text(String::from_utf8_lossy(value).into_owned()))
    }

    fn serialize_none(self) -> Result<Tree, NotText> {
        Ok(Tree::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Tree, NotText> {
        Ok(match value.serialize(self)? {
            Tree::Record(record) => Tree::Record(Record { written: true, ..record }),
            tree => tree,
        })
    }

    fn serialize_unit(self) -> Result<Tree, NotText> {
        Ok(Tree::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Tree, NotText> {
        Ok(Tree::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Tree, NotText> {
        Ok(Tree::Text(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Tree, NotText> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<Tree, NotText> {
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<ListBuilder, NotText> {
        Ok(ListBuilder(Vec::with_capacity(length.unwrap_or(0))))
    }

    fn serialize_tuple(self, length: usize) -> Result<ListBuilder, NotText> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<ListBuilder, NotText> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, NotText> {
        Err(ser::Error::custom(variant))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<MapBuilder, NotText> {
        Ok(MapBuilder { entries: Vec::with_capacity(length.unwrap_or(0)), key: None })
    }

    fn serialize_struct(self, name: &'static str, fields: usize) -> Result<RecordBuilder, NotText> {
        let record = Record { fields: Vec::with_capacity(fields), ..Record::default() };
        Ok(RecordBuilder { record, with_zeros: name == WITH_ZEROS })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        fields: usize,
    ) -> Result<RecordBuilder, NotText> {
        self.serialize_struct(name, fields)
    }
}

struct ListBuilder(Vec<Tree>);

impl ser::SerializeSeq for ListBuilder {
    type Ok = Tree;
    type Error = NotText;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotText> {
        self.0.push(written(value.serialize(Builder)?));
        Ok(())
    }

    fn end(self) -> Result<Tree, NotText> {
        Ok(Tree::List(self.0))
    }
}

impl ser::SerializeTuple for ListBuilder {
    type Ok = Tree;
    type Error = NotText;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotText> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Tree, NotText> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for ListBuilder {
    type Ok = Tree;
    type Error = NotText;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotText> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Tree, NotText> {
        ser::SerializeSeq::end(self)
    }
}

struct MapBuilder {
    entries: Vec<(String, Tree)>,
    key: Option<String>,
}

impl ser::SerializeMap for MapBuilder {
    type Ok = Tree;
    type Error = NotText;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NotText> {
        match key.serialize(Builder)? {
            Tree::Text(text) => self.key = Some(text),
            other => return Err(NotText(format!("{other:?}"))),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotText> {
        let key = self.key.take().unwrap_or_default();
        self.entries.push((key, written(value.serialize(Builder)?)));
        Ok(())
    }

    fn end(self) -> Result<Tree, NotText> {
        Ok(Tree::Map(self.entries))
    }
}

struct RecordBuilder {
    record: Record,
    with_zeros: bool,
}

impl ser::SerializeStruct for RecordBuilder {
    type Ok = Tree;
    type Error = NotText;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NotText> {
        match value.serialize(Builder)? {
            Tree::Map(entries) if name == EXTENSIONS => self.record.extensions = entries,
            tree => self.record.fields.push((name, tree)),
        }
        Ok(())
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), NotText> {
        if self.with_zeros {
            self.record.fields.push((name, Tree::Zero));
        }
        Ok(())
    }

    fn end(self) -> Result<Tree, NotText> {
        Ok(Tree::Record(self.record))
    }
}

impl ser::SerializeStructVariant for RecordBuilder {
    type Ok = Tree;
    type Error = NotText;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NotText> {
        ser::SerializeStruct::serialize_field(self, name, value)
    }

    fn end(self) -> Result<Tree, NotText> {
        ser::SerializeStruct::end(self)
    }
}

/// Items of lists and maps exist because someone wrote them.
fn written(tree: Tree) -> Tree {
    match tree {
        Tree::Record(record) => Tree::Record(Record { written: true, ..record }),
        tree => tree,
    }
}
