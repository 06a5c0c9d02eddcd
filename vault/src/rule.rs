//! A rule of the operator's own about the cards that a vault takes, beside those of the brands and the context.
//! It must never change a card: it admits or refuses.

use cardseal::card::Card;
use cardseal::error::Code;

/// Decides whether a vault takes a card. It is asked after every other rule has passed.
pub trait CardRule: Send + Sync {
    /// Admits the card or names the code to refuse it with.
    ///
    /// # Errors
    /// The code that the client sees.
    fn admit(&self, card: &Card) -> Result<(), Code>;
}

/// Every card is welcome.
pub struct EveryCard;

impl CardRule for EveryCard {
    fn admit(&self, _card: &Card) -> Result<(), Code> {
        Ok(())
    }
}
