//! Rows with what was loaded for them as `serde` sees them: the row's own fields, its computed values, its relations.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{
    Arity, RelationDef,
    loaded::{Entry, Loaded},
};

/// Relations, each under its name.
#[diagnostic::on_unimplemented(
    message = "what was loaded cannot be serialized",
    label = "a row among it does not implement `Serialize`",
    note = "derive `serde::Serialize` for the structs of all tables that are loaded"
)]
pub trait SerializeRelations {
    #[doc(hidden)]
    #[allow(clippy::missing_errors_doc, reason = "hidden")]
    fn relations<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

impl SerializeRelations for () {
    fn relations<M: SerializeMap>(&self, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<R: RelationDef, A: Arity, T: Send, Rest: SerializeRelations> SerializeRelations for (Entry<R, A, T>, Rest)
where
    A::Value<T>: Serialize,
{
    fn relations<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        // What was asked for first stands last in the list.
        self.1.relations(map)?;
        map.serialize_entry(R::INFO.name, &self.0.value)
    }
}

/// Computed values, in the order of their names.
pub trait SerializeExtras {
    #[doc(hidden)]
    #[allow(clippy::missing_errors_doc, reason = "hidden")]
    fn extras<M: SerializeMap>(&self, names: &[&'static str], map: &mut M) -> Result<(), M::Error>;
}

impl SerializeExtras for () {
    fn extras<M: SerializeMap>(&self, _names: &[&'static str], _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

macro_rules! extras {
    ($($($name:ident $at:tt)+;)*) => {$(
        impl<$($name: Serialize),+> SerializeExtras for ($($name,)+) {
            fn extras<M: SerializeMap>(&self, names: &[&'static str], map: &mut M) -> Result<(), M::Error> {
                let mut names = names.iter();
                $(if let Some(name) = names.next() {
                    map.serialize_entry(name, &self.$at)?;
                })+
                Ok(())
            }
        }
    )*};
}

extras! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}

/// What stands beside the row's own fields.
struct Beside<'a, T, L, X>(&'a Loaded<T, L, X>);

impl<T, L: SerializeRelations, X: SerializeExtras> Serialize for Beside<'_, T, L, X> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.extras.extras(self.0.names.as_deref().unwrap_or_default(), &mut map)?;
        self.0.relations.relations(&mut map)?;
        map.end()
    }
}

#[derive(Serialize)]
struct Flat<'a, T, B> {
    #[serde(flatten)]
    row: &'a T,
    #[serde(flatten)]
    beside: B,
}

impl<T: Serialize, L: SerializeRelations, X: SerializeExtras> Serialize for Loaded<T, L, X> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Flat { row: &self.row, beside: Beside(self) }.serialize(serializer)
    }
}
