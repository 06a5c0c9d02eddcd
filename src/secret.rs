//! `Secret<T>`: a value that is wiped when dropped and can only be read through `expose()`.
//! It must never be cloned, printed, compared or serialized by itself.

use core::fmt;

use zeroize::{Zeroize, Zeroizing};

/// A value that must not leak: wiped on drop, redacted in `Debug`, readable only through [`Secret::expose`].
///
/// Every call of `expose` in this project carries a comment that says why it is needed.
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Takes ownership of `value`; it is wiped when the secret is dropped.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        assert_eq!(format!("{:?}", Secret::new("4242424242424242".to_owned())), "[secret]");
    }
}
