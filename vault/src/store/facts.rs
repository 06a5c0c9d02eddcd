//! What is known of the purchases behind capture contexts, until those expire.
//! It must never be joined to what a browser is answered.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, query};

use super::Store;
use super::sqlite::{Result, signed, unsigned};
use crate::clock::SKEW_SECONDS;
use crate::facts::{Amount, Country, Currency, Facts};

impl Store {
    /// Keeps what is known of the purchase behind a context.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn insert_facts(&self, jti: &str, facts: &Facts, expires_at: u64) -> Result<()> {
        query(
            "INSERT INTO context_facts (jti, amount, currency, shipping_country, expires_at) \
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(jti)
        .bind(facts.amount.map(|amount| signed(amount.value)).transpose()?)
        .bind(facts.amount.map(|amount| amount.currency.code()))
        .bind(facts.shipping_country.map(|country| country.to_string()))
        .bind(signed(expires_at)?)
        .execute(&self.writer)
        .await
        .map(drop)
    }

    /// What is known of the purchase behind a context; of most, nothing.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn facts(&self, jti: &str) -> Result<Facts> {
        let known = query("SELECT amount, currency, shipping_country FROM context_facts WHERE jti = ?")
            .bind(jti)
            .try_map(facts)
            .fetch_optional(&self.readers)
            .await?;
        Ok(known.unwrap_or_default())
    }

    /// Forgets the facts of contexts that have expired.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn sweep_facts(&self, now: u64) -> Result<()> {
        query("DELETE FROM context_facts WHERE expires_at < ?")
            .bind(signed(now.saturating_sub(SKEW_SECONDS))?)
            .execute(&self.writer)
            .await
            .map(drop)
    }
}

fn facts(row: SqliteRow) -> Result<Facts> {
    let value: Option<i64> = row.try_get(0)?;
    let currency: Option<String> = row.try_get(1)?;
    let country: Option<String> = row.try_get(2)?;
    let amount = value.zip(currency).map(|(value, code)| {
        let currency = Currency::from_code(&code).ok_or_else(|| sqlx::Error::Decode("no currency".into()))?;
        Ok::<_, sqlx::Error>(Amount { value: unsigned(value)?, currency })
    });
    let country =
        country.map(|code| Country::parse(&code).ok_or_else(|| sqlx::Error::Decode("no country".into())));
    Ok(Facts { amount: amount.transpose()?, shipping_country: country.transpose()? })
}
