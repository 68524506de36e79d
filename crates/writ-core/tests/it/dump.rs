//! Every row of every table as text, to compare a database with itself.

use sqlx::{AnyConnection, AssertSqlSafe};
use writ_core::store::Engine;

use crate::support::Bench;

impl Bench {
    /// Every row of every table, a row a line, bytes in hexadecimal. The migrations' own table is left out.
    pub(crate) async fn dump(&self) -> Vec<String> {
        let connection = &mut self.connect().await;
        let tables = match self.engine {
            Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            Engine::Postgres => "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'",
        };
        let mut tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *connection).await.unwrap();
        tables.retain(|table| table != "_sqlx_migrations");
        tables.sort();
        assert!(tables.len() > 10, "{tables:?}");
        let mut lines = Vec::new();
        for table in tables {
            let rows = self.rows(connection, &table).await;
            lines.extend(rows.into_iter().map(|row| format!("{table} {row}")));
        }
        lines
    }

    async fn rows(&self, connection: &mut AnyConnection, table: &str) -> Vec<String> {
        let row = match self.engine {
            Engine::Sqlite => {
                let columns = format!("SELECT name FROM pragma_table_info('{table}')");
                let columns: Vec<String> =
                    sqlx::query_scalar(AssertSqlSafe(columns)).fetch_all(&mut *connection).await.unwrap();
                let quoted: Vec<_> = columns.iter().map(|column| format!("quote({column})")).collect();
                quoted.join(" || ',' || ")
            }
            Engine::Postgres => "CAST(row_to_json(t) AS TEXT)".to_owned(),
        };
        let rows = format!("SELECT {row} AS line FROM {table} t");
        let mut rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(rows)).fetch_all(&mut *connection).await.unwrap();
        rows.sort();
        rows
    }
}
