//! The fields of a form by name.
//! It must never know what a field holds.

/// The fields a form can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The card number.
    Number,
    /// Month and year of expiry.
    Expiry,
    /// The month of expiry, apart from the year.
    Month,
    /// The year of expiry, apart from the month.
    Year,
    /// The security code.
    Cvc,
    /// The holder's name.
    Name,
    /// The postal code of the billing address.
    PostalCode,
}

impl Field {
    /// Every field, in the order of a checkout.
    pub const ALL: [Self; 7] =
        [Self::Number, Self::Expiry, Self::Month, Self::Year, Self::Cvc, Self::Name, Self::PostalCode];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Expiry => "expiry",
            Self::Month => "month",
            Self::Year => "year",
            Self::Cvc => "cvc",
            Self::Name => "name",
            Self::PostalCode => "postal_code",
        }
    }

    /// The field with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.as_str() == name)
    }

    /// The field with this name that a context can ask for: the expiry is one, however it is typed.
    pub fn asked(name: &str) -> Option<Self> {
        Self::named(name).filter(|field| !matches!(field, Self::Month | Self::Year))
    }
}
