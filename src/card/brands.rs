//! A set of brands.
//! It must never tell them in another order than that of the table.

use super::brand::{BRANDS, Brand};

/// Some of the brands: a bit for each row of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brands(u32);

impl Brands {
    /// Every brand.
    pub const ALL: Self = Self((1 << BRANDS.len()) - 1);

    /// The set of these bits; of others than the table has rows nothing is made.
    pub const fn of_bits(bits: u32) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// A bit for each row of the table, the first row's the lowest; good for one release only, as rows may come between.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// This brand alone.
    pub fn of(brand: &Brand) -> Self {
        let mut only = Self::default();
        only.insert(brand);
        only
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of the others are among them.
    pub const fn is_superset(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Those that are among the others, too.
    #[must_use]
    pub const fn intersection(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Those that are not in it.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(Self::ALL.0 & !self.0)
    }

    /// Adds a brand.
    pub fn insert(&mut self, brand: &Brand) {
        for (place, of) in BRANDS.iter().enumerate() {
            self.0 |= u32::from(of == brand) << place;
        }
    }

    /// The brands, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = &'static Brand> {
        BRANDS.iter().enumerate().filter(move |(place, _)| self.0 >> place & 1 == 1).map(|(_, brand)| brand)
    }
}

impl FromIterator<&'static Brand> for Brands {
    fn from_iter<T: IntoIterator<Item = &'static Brand>>(brands: T) -> Self {
        let mut set = Self::default();
        for brand in brands {
            set.insert(brand);
        }
        set
    }
}
