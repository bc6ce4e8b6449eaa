//! The slots in which a connection keeps its prepared statements: bounded, the least recently used one goes first.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use orm_core::executor::QueryKey;

/// Values kept under the keys of queries. A value that is in use stays in its slot, and is not given out again.
pub(crate) struct Slots<T> {
    by_key: HashMap<QueryKey, usize, BuildHasherDefault<KeyHasher>>,
    slots: Vec<Slot<T>>,
    free: Vec<usize>,
    capacity: usize,
    clock: u64,
}

struct Slot<T> {
    /// `None` in a free slot.
    value: Option<T>,
    /// `None` for a value that is not found again.
    key: Option<QueryKey>,
    in_use: bool,
    last_used: u64,
}

impl<T> Slots<T> {
    /// Slots that keep at most this many values; those in use do not count.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { by_key: HashMap::default(), slots: Vec::new(), free: Vec::new(), capacity, clock: 0 }
    }

    /// Finds a value that is not in use, and marks it.
    #[inline]
    pub(crate) fn take(&mut self, key: QueryKey) -> Option<(usize, &T)> {
        let index = *self.by_key.get(&key)?;
        let slot = &mut self.slots[index];
        if slot.in_use {
            return None;
        }
        slot.in_use = true;
        self.clock += 1;
        slot.last_used = self.clock;
        slot.value.as_ref().map(|value| (index, value))
    }

    /// The value in a slot that is in use.
    #[cfg(feature = "pool")]
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        self.slots.get(index).filter(|slot| slot.in_use)?.value.as_ref()
    }

    /// Removes the value that was not used for the longest time, if there is no room for another one. All may be in
    /// use: then there are more of them than there is room for, until this is called again.
    ///
    /// Looking at every slot is nothing beside preparing the statement room is made for, and it leaves finding a
    /// statement with no more than a number to write.
    pub(crate) fn make_room(&mut self) -> Option<T> {
        if self.by_key.len() < self.capacity {
            return None;
        }
        let idle = self.slots.iter().enumerate().filter(|(_, slot)| slot.key.is_some() && !slot.in_use);
        let (index, _) = idle.min_by_key(|(_, slot)| slot.last_used)?;
        self.clear(index)
    }

    /// Adds a value that is in use. It is found again later unless another one of its key is kept.
    pub(crate) fn insert(&mut self, key: Option<QueryKey>, value: T) -> (usize, &T) {
        let key = key.filter(|key| self.capacity > 0 && !self.by_key.contains_key(key));
        self.clock += 1;
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { value: None, key: None, in_use: false, last_used: 0 });
            self.slots.len() - 1
        });
        if let Some(key) = key {
            self.by_key.insert(key, index);
        }
        let slot = &mut self.slots[index];
        slot.key = key;
        slot.in_use = true;
        slot.last_used = self.clock;
        (index, slot.value.insert(value))
    }

    /// Ends the use of a value, and gives it back if it is not kept.
    #[inline]
    pub(crate) fn release(&mut self, index: usize) -> Option<T> {
        let slot = &mut self.slots[index];
        slot.in_use = false;
        if slot.key.is_some() { None } else { self.clear(index) }
    }

    /// The values that are kept or in use.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(|slot| slot.value.as_ref())
    }

    /// How many values are kept.
    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }

    fn clear(&mut self, index: usize) -> Option<T> {
        let slot = &mut self.slots[index];
        if let Some(key) = slot.key.take() {
            self.by_key.remove(&key);
        }
        self.free.push(index);
        slot.value.take()
    }
}

/// A key is two numbers that are hashes already.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.0 = self.0.rotate_left(32) ^ value;
    }

    /// Not used by keys as they are; here because the trait asks for it.
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
    }
}

#[cfg(test)]
mod tests {
    use orm_core::executor::Shape;

    use super::*;

    fn key(number: u64) -> QueryKey {
        let mut shape = Shape::default();
        shape.add(number);
        QueryKey::of::<u8>(&shape)
    }

    fn put(slots: &mut Slots<u64>, number: u64) {
        while slots.make_room().is_some() {}
        let (index, _) = slots.insert(Some(key(number)), number);
        assert_eq!(slots.release(index), None);
    }

    #[test]
    fn a_value_is_found_again() {
        let mut slots = Slots::new(2);
        put(&mut slots, 1);
        let (index, value) = slots.take(key(1)).expect("the value is kept");
        assert_eq!(*value, 1);
        assert!(slots.take(key(1)).is_none(), "a value in use is not given out again");
        assert_eq!(slots.release(index), None);
        assert!(slots.take(key(1)).is_some());
    }

    #[test]
    fn the_least_recently_used_value_goes_first() {
        let mut slots = Slots::new(2);
        put(&mut slots, 1);
        put(&mut slots, 2);
        let (index, _) = slots.take(key(1)).expect("kept");
        slots.release(index);
        put(&mut slots, 3);
        assert_eq!(slots.len(), 2);
        assert!(slots.take(key(2)).is_none());
        assert!(slots.take(key(1)).is_some());
        assert!(slots.take(key(3)).is_some());
    }

    #[test]
    fn a_second_value_of_a_key_in_use_is_not_kept() {
        let mut slots = Slots::new(2);
        let (first, _) = slots.insert(Some(key(1)), 10);
        let (second, _) = slots.insert(Some(key(1)), 20);
        assert_eq!(slots.release(second), Some(20));
        assert_eq!(slots.release(first), None);
        assert_eq!(slots.iter().copied().collect::<Vec<_>>(), [10]);
    }

    #[test]
    fn values_in_use_are_never_dropped() {
        let mut slots = Slots::new(1);
        let (first, _) = slots.insert(Some(key(1)), 1);
        let (second, _) = slots.insert(Some(key(2)), 2);
        assert_eq!(slots.len(), 2);
        slots.release(first);
        slots.release(second);
        put(&mut slots, 3);
        assert_eq!(slots.len(), 1);
        assert_eq!(slots.iter().copied().collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn a_capacity_of_zero_keeps_nothing() {
        let mut slots = Slots::new(0);
        let (index, _) = slots.insert(Some(key(1)), 1);
        assert_eq!(slots.release(index), Some(1));
        assert_eq!((slots.len(), slots.iter().count()), (0, 0));
    }
}
