//! The audit in the database: records are added at the end of this node's chain and read in their order.
//! It must never change or delete one.

use sqlx::sqlite::{SqlitePool, SqliteQueryResult, SqliteRow};
use sqlx::{Row, Sqlite, SqliteConnection, Transaction, query};

use super::sqlite::{Result, signed, unsigned};
use super::tokens::tokens_after;
use super::{Store, StoredToken};
use crate::audit::{Audited, Position, Record};
use crate::random;

const PAGES: &str = "SELECT node, seq, at, actor, action, subject, origin, result, reason, request_id, previous, hash, merchant \
    FROM audit WHERE (node, seq) > (?, ?) ORDER BY node, seq LIMIT ?";
const OWN: &str = "SELECT node, seq, at, actor, action, subject, origin, result, reason, request_id, previous, hash, merchant \
    FROM audit WHERE merchant = ? AND (node, seq) > (?, ?) ORDER BY node, seq LIMIT ?";
const PAGE: u32 = 1000;

impl Store {
    /// The name of this node.
    pub fn node(&self) -> &str {
        &self.chain.node
    }

    /// Puts these on record, all or none.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn append(&self, audited: &[Audited]) -> Result<()> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        for one in audited {
            self.append_within(&mut transaction, one).await?;
        }
        transaction.commit().await
    }

    /// Puts one on record within a transaction that has begun to write.
    pub(super) async fn append_within(
        &self,
        transaction: &mut SqliteConnection,
        audited: &Audited,
    ) -> Result<()> {
        // Read here and not remembered: another process may write to the same chain, and a transaction may fail.
        let last = newest(&mut *transaction, self.node()).await?;
        let record = self.chain.follow(last, audited);
        query(
            "INSERT INTO audit (node, seq, at, actor, action, subject, origin, result, reason, request_id, \
             previous, hash, merchant) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&record.node)
        .bind(signed(record.seq)?)
        .bind(signed(record.at)?)
        .bind(&record.actor)
        .bind(&record.action)
        .bind(&record.subject)
        .bind(&record.origin)
        .bind(&record.result)
        .bind(&record.reason)
        .bind(&record.request_id)
        .bind(&record.previous)
        .bind(&record.hash)
        .bind(&record.merchant)
        .execute(transaction)
        .await
        .map(drop)
    }

    /// Commits what changed a row, on record; what changed none leaves nothing behind. Whether it did.
    pub(super) async fn commit_if_changed(
        &self,
        mut transaction: Transaction<'_, Sqlite>,
        done: &SqliteQueryResult,
        audited: &Audited,
    ) -> Result<bool> {
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.append_within(&mut transaction, audited).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The number and the hash of this node's newest record.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn newest_record(&self) -> Result<Option<(u64, Vec<u8>)>> {
        newest(&mut *self.readers.acquire().await?, self.node()).await
    }

    /// How many records of this node come after `seq`, and when the first of them was written; none if none does.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn records_after(&self, seq: u64) -> Result<Option<(u64, u64)>> {
        // Numbers have no gaps, so that nothing needs to be counted.
        query(
            "SELECT (SELECT max(seq) FROM audit WHERE node = ?1) - seq + 1, at FROM audit \
             WHERE node = ?1 AND seq > ?2 ORDER BY seq LIMIT 1",
        )
        .bind(self.node())
        .bind(signed(seq)?)
        .try_map(|row: SqliteRow| Ok((unsigned(row.try_get(0)?)?, unsigned(row.try_get(1)?)?)))
        .fetch_optional(&self.readers)
        .await
    }

    /// The records of a merchant that follow a place, the oldest first.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn records_of(&self, merchant: &str, after: &Position, most: u32) -> Result<Vec<Record>> {
        query(OWN)
            .bind(merchant)
            .bind(&after.node)
            .bind(signed(after.seq)?)
            .bind(most)
            .try_map(record)
            .fetch_all(&self.readers)
            .await
    }

    /// Gives every record to `take`, chain by chain and in the order of the numbers, as they stand at one moment; then
    /// the rows of that moment's tokens to `take_token`.
    ///
    /// # Errors
    /// What SQLite said, or what `take` said.
    pub async fn read_audit(
        &self,
        mut take: impl FnMut(Record) -> Result<()>,
        mut take_token: impl FnMut(StoredToken),
    ) -> Result<()> {
        // One transaction: the vault may be writing.
        let mut snapshot = self.readers.begin().await?;
        let (mut node, mut seq) = (String::new(), i64::MIN);
        loop {
            let page = query(PAGES)
                .bind(node.clone())
                .bind(seq)
                .bind(PAGE)
                .try_map(record)
                .fetch_all(&mut *snapshot)
                .await?;
            let Some(last) = page.last() else { break };
            (node, seq) = (last.node.clone(), signed(last.seq)?);
            page.into_iter().try_for_each(&mut take)?;
        }
        let mut last = String::new();
        loop {
            let page = tokens_after(&mut snapshot, &last, PAGE).await?;
            let Some(end) = page.last() else { return Ok(()) };
            last.clone_from(&end.id);
            page.into_iter().for_each(&mut take_token);
        }
    }
}

/// The name of this node, if it was started before.
pub(super) async fn node(pool: &SqlitePool) -> Result<Option<String>> {
    query("SELECT id FROM node").try_map(|row: SqliteRow| row.try_get(0)).fetch_optional(pool).await
}

/// The name of this node, made at its first start.
pub(super) async fn name_node(writer: &SqlitePool) -> Result<String> {
    if let Some(name) = node(writer).await? {
        return Ok(name);
    }
    query("INSERT INTO node (id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM node)")
        .bind(random::make_name())
        .execute(writer)
        .await?;
    node(writer).await?.ok_or(sqlx::Error::RowNotFound)
}

async fn newest(connection: &mut SqliteConnection, node: &str) -> Result<Option<(u64, Vec<u8>)>> {
    query("SELECT seq, hash FROM audit WHERE node = ? ORDER BY seq DESC LIMIT 1")
        .bind(node)
        .try_map(|row: SqliteRow| Ok((unsigned(row.try_get(0)?)?, row.try_get(1)?)))
        .fetch_optional(connection)
        .await
}

fn record(row: SqliteRow) -> Result<Record> {
    Ok(Record {
        node: row.try_get(0)?,
        seq: unsigned(row.try_get(1)?)?,
        at: unsigned(row.try_get(2)?)?,
        actor: row.try_get(3)?,
        action: row.try_get(4)?,
        subject: row.try_get(5)?,
        origin: row.try_get(6)?,
        result: row.try_get(7)?,
        reason: row.try_get(8)?,
        request_id: row.try_get(9)?,
        previous: row.try_get(10)?,
        hash: row.try_get(11)?,
        merchant: row.try_get(12)?,
    })
}
