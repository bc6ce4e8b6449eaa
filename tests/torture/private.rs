//! A server of the test's own, with settings that the common one cannot have.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// A server that `scripts/with-postgres` runs for as long as the value lives.
pub(crate) struct Private {
    script: Child,
    _files: TempDir,
    /// Of the superuser, who connects without password and encryption.
    url: String,
    pub(crate) port: u16,
}

impl Private {
    /// Starts a server with files among its own.
    pub(crate) fn start(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("a file can be written");
        }
        let mut script = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/with-postgres"))
            // Says where the server is, and ends with the end of its input.
            .args(["sh", "-c", "echo $ORM_TEST_POSTGRES; cat"])
            .env_remove("ORM_TEST_POSTGRES")
            .env("ORM_TEST_POSTGRES_FILES", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the script starts");
        let mut url = String::new();
        let output = script.stdout.as_mut().expect("the output is piped");
        BufReader::new(output).read_line(&mut url).expect("the script writes a line");
        let url = url.trim().to_owned();
        let port = url.rsplit_once(':').and_then(|(_, rest)| rest.split_once('/')).map(|(port, _)| port.parse());
        let port = port.expect("the URL has a port").expect("the port is a number");
        Self { script, _files: folder, url, port }
    }

    /// A connection of the superuser's.
    pub(crate) async fn admin(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.expect("the server answers");
        tokio::spawn(connection);
        client
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        drop(self.script.wait());
    }
}
