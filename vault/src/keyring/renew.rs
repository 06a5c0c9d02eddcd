//! Making keys and retiring them, on record, so that any number of vaults on one database do each thing once.
//! It must never seal a new key under a key-encryption key that does not open the old one.

use cardseal::secret::Secret;

use super::life::State;
use super::{CaptureKey, Purpose, RsaBits, SigningKey, living, open, place, row};
use crate::at_rest::Keys;
use crate::audit::{Action, Actor, Audited};
use crate::failure::{Doing, Failure};
use crate::store::{SealedKey, Store};

/// The successor of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// Its kid.
    pub kid: String,
    /// When it takes over, in seconds since 1970-01-01 UTC.
    pub takes_over_at: u64,
    /// Whether it was made now; else it waits already.
    pub made: bool,
}

/// Makes the first key of each purpose that has none.
///
/// # Errors
/// When a key could not be made or kept.
pub async fn make_missing(store: &Store, kek: &Keys, bits: RsaBits, now: u64) -> Result<(), Failure> {
    let rows = read(store).await?;
    for purpose in Purpose::ALL {
        if living(&rows, purpose).next().is_none() {
            let audited = Audited::of_vault(now, Action::KeyMake, String::new());
            make(store, kek, purpose, bits, None, now, audited).await?;
        }
    }
    Ok(())
}

/// Makes the successor of the newest key of `purpose`, unless one waits for its time already or another vault makes one
/// at this moment.
///
/// # Errors
/// When there is no key yet, it does not open under the key-encryption key, or the store fails.
pub async fn renew(
    store: &Store,
    kek: &Keys,
    purpose: Purpose,
    bits: RsaBits,
    actor: Actor,
    now: u64,
) -> Result<Renewal, Failure> {
    let rows = read(store).await?;
    if let Some(waiting) = waiting(&rows, purpose, now) {
        return Ok(waiting);
    }
    let newest = living(&rows, purpose).next();
    let (newest, pkcs8) = newest
        .ok_or("the database has no key of this purpose; the vault makes the first one when it starts")
        .doing("renewing a key")?;
    open(kek, purpose, &newest.kid, pkcs8)?;
    let audited = Audited { actor, ..Audited::of_vault(now, Action::KeyMake, String::new()) };
    // Their times put keys in order, whatever the clock of this vault says.
    let made_at = now.max(newest.created_at.saturating_add(1));
    match make(store, kek, purpose, bits, Some(&newest.kid), made_at, audited).await? {
        Some(kid) => Ok(Renewal { kid, takes_over_at: purpose.terms().takes_over_at(made_at), made: true }),
        None => waiting(&read(store).await?, purpose, now)
            .ok_or("another vault renewed it, but the clocks of the two are too far apart")
            .doing("renewing a key"),
    }
}

/// Deletes the private part of each key that nothing alive can name any more, on record. How many.
///
/// # Errors
/// When the store fails.
pub async fn retire(store: &Store, now: u64) -> Result<u64, Failure> {
    let rows = read(store).await?;
    let mut retired = 0;
    for purpose in Purpose::ALL {
        let keys: Vec<_> = living(&rows, purpose).map(|(row, _)| row).collect();
        let made_at: Vec<_> = keys.iter().map(|key| key.created_at).collect();
        for (at, key) in keys.iter().enumerate() {
            if purpose.terms().state(&made_at, at, now) == State::Retired {
                let audited = Audited::of_vault(now, Action::KeyRetire, row(purpose, &key.kid));
                retired += u64::from(store.retire_key(&key.kid, &audited).await.doing("retiring a key")?);
            }
        }
    }
    Ok(retired)
}

/// Seals anew each key that an older key-encryption key seals, on record. How many.
///
/// # Errors
/// When one does not open under any line of the key file, or the store fails.
pub async fn rewrap(store: &Store, kek: &Keys, actor: Actor, now: u64) -> Result<u64, Failure> {
    let rows = read(store).await?;
    let mut wrapped = 0;
    for purpose in Purpose::ALL {
        for (key, sealed) in living(&rows, purpose) {
            let subject = row(purpose, &key.kid);
            if kek.is_newest(&place(&subject), sealed) {
                continue;
            }
            let pkcs8 = open(kek, purpose, &key.kid, sealed)?;
            // EXPOSE: the private key is sealed under the newest key-encryption key.
            let anew = kek.seal(&place(&subject), pkcs8.expose());
            let audited =
                Audited { actor: actor.clone(), ..Audited::of_vault(now, Action::KeyWrap, subject) };
            let kept = store.rewrap_key(&key.kid, sealed, &anew, &audited).await;
            wrapped += u64::from(kept.doing("keeping a key")?);
        }
    }
    Ok(wrapped)
}

/// The newest key, if it is not the first one and its time has not come.
fn waiting(rows: &[SealedKey], purpose: Purpose, now: u64) -> Option<Renewal> {
    let keys: Vec<_> = living(rows, purpose).map(|(row, _)| row).collect();
    let made_at: Vec<_> = keys.iter().map(|key| key.created_at).collect();
    let newest = keys.first()?;
    let waits = purpose.terms().state(&made_at, 0, now) == State::Next;
    waits.then(|| Renewal {
        kid: newest.kid.clone(),
        takes_over_at: purpose.terms().takes_over_at(newest.created_at),
        made: false,
    })
}

/// Makes a key and keeps it if `after` is still the newest of its purpose; its kid if it was kept.
async fn make(
    store: &Store,
    kek: &Keys,
    purpose: Purpose,
    bits: RsaBits,
    after: Option<&str>,
    made_at: u64,
    audited: Audited,
) -> Result<Option<String>, Failure> {
    // On a thread of its own: a capture key takes tenths of a second.
    let made = tokio::task::spawn_blocking(move || make_pair(purpose, bits)).await;
    let (kid, pkcs8) = made.map_err(|error| Failure::of_task("making a key", &error))??;
    let audited = Audited { subject: row(purpose, &kid), ..audited };
    // EXPOSE: the private key is sealed under the key-encryption key before it is stored.
    let sealed = kek.seal(&place(&audited.subject), pkcs8.expose());
    let key = SealedKey {
        kid,
        purpose: purpose.as_str().to_owned(),
        pkcs8: Some(sealed),
        created_at: made_at,
        retired_at: None,
    };
    let kept = store.insert_key(&key, after, &audited).await.doing("keeping a key")?;
    Ok(kept.then_some(key.kid))
}

fn make_pair(purpose: Purpose, bits: RsaBits) -> Result<(String, Secret<Vec<u8>>), Failure> {
    match purpose {
        Purpose::Capture => {
            let pkcs8 = CaptureKey::make(bits)?;
            Ok((CaptureKey::from_pkcs8(&pkcs8)?.jwk().kid.clone(), pkcs8))
        }
        Purpose::Context | Purpose::Access | Purpose::Audit => {
            let pkcs8 = SigningKey::make()?;
            Ok((SigningKey::from_pkcs8(&pkcs8)?.kid().to_owned(), pkcs8))
        }
    }
}

async fn read(store: &Store) -> Result<Vec<SealedKey>, Failure> {
    store.keys().await.doing("reading the keys")
}
