//! Puts a start of the vault on record, with the names of the settings that changed since the last one.
//! It must never keep what would tell a setting's value, not even to somebody who tries every likely one.

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use cardseal::envelope::compact;

use crate::at_rest::{Keys, length_prefixed};
use crate::audit::{Action, Audited};
use crate::config::Setting;
use crate::failure::{Doing, Failure};
use crate::store::Store;

const KEY_LABEL: &[u8] = b"cardseal settings";

/// Puts the start and what changed on record. Of the first start nothing changed.
pub(super) async fn record(store: &Store, kek: &Keys, settings: &[Setting], now: u64) -> Result<(), Failure> {
    let keys = SettingKeys::derive(kek);
    let digests: Vec<_> =
        settings.iter().map(|setting| (setting.name.clone(), keys.sign(&content(setting)))).collect();
    let whole: Vec<&[u8]> = digests.iter().map(|(_, digest)| digest.as_slice()).collect();
    let whole = compact::encode(&keys.sign(&length_prefixed(&whole)));
    let mut audited = vec![Audited::of_vault(now, Action::ConfigLoad, whole)];
    if let Some(last) = store.settings().await.doing("reading the last settings")? {
        let change = |name: &str| Audited::of_vault(now, Action::ConfigChange, name.to_owned());
        audited.extend(changed(&keys, &last, settings).into_iter().map(change));
    }
    store.replace_settings(&digests, &audited).await.doing("writing the audit")
}

/// Those of which the last start had another value, or which only one of the two starts had.
fn changed<'a>(
    keys: &SettingKeys,
    last: &'a [(String, Vec<u8>)],
    settings: &'a [Setting],
) -> BTreeSet<&'a str> {
    let is_as_before = |setting: &Setting| {
        let before = last.iter().find(|(name, _)| *name == setting.name);
        before.is_some_and(|(_, digest)| keys.signed(&content(setting), digest))
    };
    let names: BTreeSet<_> = settings.iter().map(|setting| setting.name.as_str()).collect();
    let gone = last.iter().map(|(name, _)| name.as_str()).filter(|name| !names.contains(name));
    let other = settings.iter().filter(|setting| !is_as_before(setting));
    other.map(|setting| setting.name.as_str()).chain(gone).collect()
}

/// The name is in it, so that no two settings can trade their digests.
fn content(setting: &Setting) -> Vec<u8> {
    length_prefixed(&[setting.name.as_bytes(), setting.value.as_bytes()])
}

/// Each derived from one key-encryption key: the newest signs, all verify.
struct SettingKeys(Vec<hmac::Key>);

impl SettingKeys {
    fn derive(kek: &Keys) -> Self {
        let keys = kek.derive(KEY_LABEL);
        // EXPOSE: HMAC reads the key.
        Self(keys.iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.bytes().expose())).collect())
    }

    fn sign(&self, content: &[u8]) -> Vec<u8> {
        hmac::sign(&self.0[0], content).as_ref().to_vec()
    }

    fn signed(&self, content: &[u8], digest: &[u8]) -> bool {
        self.0.iter().any(|key| hmac::verify(key, content, digest).is_ok())
    }
}
