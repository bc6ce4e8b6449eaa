//! Servers of the test's own, with settings that the common one cannot have.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// A script that runs something for as long as the value lives.
struct Script {
    child: Child,
    /// What it says is there.
    url: String,
}

impl Script {
    /// Runs a command that is made to run another one, which says what is in a variable and ends with its input.
    fn start(command: &mut Command, variable: &str) -> Self {
        let mut child = command
            .args(["sh", "-c", &format!("echo ${variable}; cat")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the script starts");
        let mut url = String::new();
        let output = child.stdout.as_mut().expect("the output is piped");
        BufReader::new(output).read_line(&mut url).expect("the script writes a line");
        Self { child, url: url.trim().to_owned() }
    }

    fn port(&self) -> u16 {
        let port = self.url.rsplit_once(':').and_then(|(_, rest)| rest.split_once('/')).map(|(port, _)| port.parse());
        port.expect("the URL has a port").expect("the port is a number")
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

/// A server of its own.
pub(crate) struct Private {
    script: Script,
    _files: TempDir,
    pub(crate) port: u16,
}

impl Private {
    /// Starts a server with files among its own.
    pub(crate) fn start(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("a file can be written");
        }
        let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/with-postgres"));
        command.env_remove("ORM_TEST_POSTGRES").env("ORM_TEST_POSTGRES_FILES", folder.path());
        let script = Script::start(&mut command, "ORM_TEST_POSTGRES");
        let port = script.port();
        Self { script, _files: folder, port }
    }

    /// A connection of the superuser's, who needs neither password nor encryption.
    pub(crate) async fn admin(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.script.url, NoTls).await.expect("the server answers");
        tokio::spawn(connection);
        client
    }
}

/// PgBouncer in front of the common server, with two connections for each database, which transactions take turns on.
pub(crate) struct Bouncer(Script);

impl Bouncer {
    /// Starts it with further settings.
    pub(crate) fn start(settings: &str) -> Self {
        let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/with-pgbouncer"));
        Self(Script::start(command.env("ORM_TEST_PGBOUNCER_SETTINGS", settings), "ORM_TEST_PGBOUNCER"))
    }

    /// The URL of a database behind it.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.0.url)
    }
}
