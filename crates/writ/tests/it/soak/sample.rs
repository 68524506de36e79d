//! What the server holds at a moment: memory, descriptors, rows.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use crate::support::command::run;
use crate::support::database::{Postgres, with_sqlite};

/// The tables that could grow, with the most rows that they may have; audit records are kept on purpose.
///
/// Single tokens are revoked about three times a second and forgotten within a minute after their end; keys are rotated
/// every eight seconds and forgotten after about seven minutes; change records are kept for 10,000 writes.
const TABLES: [(&str, u64); 7] = [
    ("audit", u64::MAX),
    ("change", 30_000),
    ("credential", 100),
    ("cutoff", 50),
    // Single tokens stay six minutes longer here.
    ("revocation", 2_500),
    ("revoked_token", 500),
    ("signing_key", 100),
];
/// How much more memory the last third of a run may take than the one before it.
const GROWTH: f64 = 1.15;
/// How many descriptors more; callers come and go.
const DESCRIPTORS: usize = 20;

/// How rows are counted.
pub(super) enum Counter<'p> {
    Sqlite(PathBuf),
    Postgres(&'p Postgres),
}

impl Counter<'_> {
    /// The rows of [`TABLES`], and the size of the database in bytes.
    fn count(&self) -> (Vec<u64>, u64) {
        let counts = TABLES.map(|(table, _)| format!("(SELECT COUNT(*) FROM {table})")).join(", ");
        let numbers = |text: &str| text.trim().split('|').map(|number| number.parse().unwrap()).collect::<Vec<u64>>();
        match self {
            Self::Sqlite(file) => {
                let mut command = with_sqlite("print(*c.execute(sys.argv[2]).fetchone(), sep='|')", file);
                command.arg(format!("SELECT {counts}"));
                let size =
                    |suffix: &str| fs::metadata(format!("{}{suffix}", file.display())).map_or(0, |file| file.len());
                (numbers(&run(command).ok().stdout), size("") + size("-wal"))
            }
            Self::Postgres(postgres) => {
                let size = "pg_database_size(current_database())";
                let mut all = numbers(&postgres.query(&format!("SELECT {counts}, {size}")));
                let size = all.pop().unwrap();
                (all, size)
            }
        }
    }
}

pub(super) struct Sample {
    resident_kilobytes: u32,
    descriptors: usize,
    rows: Vec<u64>,
    database_bytes: u64,
}

impl Sample {
    pub(super) fn take(process: u32, counter: &Counter<'_>) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let (rows, database_bytes) = counter.count();
        Self {
            resident_kilobytes: resident.trim().trim_end_matches(" kB").parse().unwrap(),
            descriptors: fs::read_dir(format!("/proc/{process}/fd")).unwrap().count(),
            rows,
            database_bytes,
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resident_kilobytes, descriptors, rows, database_bytes } = self;
        write!(f, "{:.1} MB, {descriptors} fds, ", f64::from(*resident_kilobytes) / 1024.0)?;
        for ((table, _), count) in TABLES.iter().zip(rows) {
            write!(f, "{table} {count}, ")?;
        }
        write!(f, "database {} kB", database_bytes / 1024)
    }
}

/// Ends the test when the last third of a run holds more than the third before it, or a table too much.
pub(super) fn assert_flat(samples: &[Sample]) {
    let third = samples.len() / 3;
    assert!(third > 0, "too few samples");
    let [before, last] = [&samples[samples.len() - 2 * third..][..third], &samples[samples.len() - third..]];
    let memory = |samples: &[Sample]| {
        let sum: f64 = samples.iter().map(|sample| f64::from(sample.resident_kilobytes)).sum();
        sum / f64::from(u32::try_from(samples.len()).unwrap())
    };
    let (earlier, later) = (memory(before), memory(last));
    println!("memory: {:.1} MB in the second third, {:.1} MB in the last", earlier / 1024.0, later / 1024.0);
    assert!(later <= earlier * GROWTH, "memory grows");
    let descriptors = |samples: &[Sample]| samples.iter().map(|sample| sample.descriptors).max().unwrap();
    assert!(descriptors(last) <= descriptors(before) + DESCRIPTORS, "descriptors grow");
    for (index, (table, limit)) in TABLES.iter().enumerate() {
        let most = samples.iter().map(|sample| sample.rows[index]).max().unwrap();
        assert!(most <= *limit, "{table} has {most} rows; {limit} were to be the most");
    }
}
