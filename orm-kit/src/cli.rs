//! The command line, one file for each command.

mod check;
mod export;
mod generate;
mod init;
mod migrate;
mod output;
mod pull;
mod push;
mod rollback;
mod status;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use orm_core::schema::Schema;

use self::output::Output;
use crate::{
    backend::{self, Backend},
    config::{self, Config},
    error::Error,
    prove::Rebuild,
    question::Answers,
    shadow::Place,
};

/// Migrations for `orm`: from the Rust schema to the database.
#[derive(Parser)]
#[command(
    name = "orm",
    bin_name = "cargo orm",
    version,
    about,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Global {
    /// The database: `postgres://user:password@host/database`, or `sqlite:path/of/a/file.db`. Otherwise DATABASE_URL, or `url` in
    /// orm.toml
    #[arg(long, global = true)]
    url: Option<String>,
    /// An empty database in which to try things, where the user may not create databases (PostgreSQL). Otherwise ORM_SHADOW_URL,
    /// or `shadow_url` in orm.toml
    #[arg(long, global = true, value_name = "URL")]
    shadow_url: Option<String>,
    /// The folder of migrations [default: migrations]
    #[arg(long, global = true)]
    migrations: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Generate(generate::Generate),
    Migrate(migrate::Migrate),
    Status(status::Status),
    Rollback(rollback::Rollback),
    Pull(pull::Pull),
    Push(push::Push),
    Check(check::Check),
    Export(export::Export),
}

/// What a command works with.
struct Context {
    schema: Option<Schema>,
    /// The URL that was given as an option.
    given_url: Option<String>,
    url: Option<String>,
    shadow_url: Option<String>,
    migrations: PathBuf,
    rebuild: Rebuild,
    output: Output,
}

impl Context {
    fn url(&self) -> Result<&str, Error> {
        let missing = "no database: say it with --url, DATABASE_URL, or `url` in orm.toml";
        self.url.as_deref().ok_or_else(|| Error::Usage(missing.to_owned()))
    }

    fn place(&self) -> Result<Place<'_>, Error> {
        Ok(match &self.shadow_url {
            Some(url) => Place::In(url),
            None => Place::Beside(self.url()?),
        })
    }

    fn backend(&self) -> Result<&'static dyn Backend, Error> {
        // What only tries things needs no database but the one to try them in.
        self.shadow_url.as_deref().filter(|_| self.url.is_none()).map_or_else(|| self.url(), Ok).and_then(backend::of)
    }

    fn schema(&self) -> Result<&Schema, Error> {
        let missing = "this command needs the schema: run it as `cargo orm`";
        self.schema.as_ref().ok_or_else(|| Error::Usage(missing.to_owned()))
    }

    /// Runs something that may have questions, and asks them if there is somebody to ask.
    fn asking<T>(&self, answers: &mut Answers, mut run: impl FnMut(&Answers) -> Result<T, Error>) -> Result<T, Error> {
        loop {
            match run(answers) {
                Err(Error::Questions { questions }) if self.output.can_ask() => {
                    for question in &questions {
                        self.output.ask(question, answers)?;
                    }
                }
                result => return result,
            }
        }
    }
}

/// What the schema does not say.
#[derive(Args)]
struct AnswerArgs {
    /// A file of answers to questions, as JSON
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// A new column or table and what it was called before: `users.full_name=name`
    #[arg(long, value_name = "NEW=OLD")]
    renamed: Vec<String>,
    /// A column or table that is new, and not another one renamed: `users.full_name`
    #[arg(long, value_name = "NEW")]
    new: Vec<String>,
    /// The SQL expression that rows that exist get in a new column: `users.age=0`
    #[arg(long, value_name = "COLUMN=EXPRESSION")]
    backfill: Vec<String>,
    /// The SQL expression that makes a column's new value of the old one: `users.size=length(size)`
    #[arg(long, value_name = "COLUMN=EXPRESSION")]
    using: Vec<String>,
}

impl AnswerArgs {
    fn read(&self) -> Result<Answers, Error> {
        let mut answers = match &self.answers {
            None => Answers::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(Error::file("reading", path))?;
                serde_json::from_str(&text).map_err(|error| Error::Usage(format!("`{}`: {error}", path.display())))?
            }
        };
        let pair = |text: &String| match text.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
            None => Err(Error::Usage(format!("`{text}` has no `=`"))),
        };
        for (new, old) in self.renamed.iter().map(pair).collect::<Result<Vec<_>, _>>()? {
            answers.renamed.insert(new, Some(old));
        }
        answers.renamed.extend(self.new.iter().map(|name| (name.clone(), None)));
        answers.backfill.extend(self.backfill.iter().map(pair).collect::<Result<Vec<_>, _>>()?);
        answers.using.extend(self.using.iter().map(pair).collect::<Result<Vec<_>, _>>()?);
        Ok(answers)
    }
}

/// Runs the command line with a schema: what `src/bin/orm.rs` of an application calls.
///
/// Exit codes: 0 done or nothing to do, 1 an error, 2 something is pending, 3 the database has drifted, 4 there are open questions,
/// 5 refused.
///
/// ```no_run
/// # use orm::doctest::schema;
/// fn main() -> std::process::ExitCode {
///     orm_kit::main(schema())
/// }
/// ```
pub fn main(schema: Schema) -> ExitCode {
    run(Some(schema))
}

/// Runs the command line for what needs no schema.
pub fn main_without_schema() -> ExitCode {
    run(None)
}

fn run(schema: Option<Schema>) -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and the version are asked for. Clap's own code for the rest is 2, which means here that something is pending.
        Err(error) => {
            let code = u8::from(error.use_stderr());
            // If nobody reads what is said, there is nobody to tell that.
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    let output = Output::new(cli.global.json);
    let result = context(schema, &cli.global, output).and_then(|context| match &cli.command {
        Command::Init(command) => command.run(&context),
        Command::Generate(command) => command.run(&context),
        Command::Migrate(command) => command.run(&context),
        Command::Status(command) => command.run(&context),
        Command::Rollback(command) => command.run(&context),
        Command::Pull(command) => command.run(&context),
        Command::Push(command) => command.run(&context),
        Command::Check(command) => command.run(&context),
        Command::Export(command) => command.run(&context),
    });
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            output.error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn context(schema: Option<Schema>, global: &Global, output: Output) -> Result<Context, Error> {
    let Config { url, shadow_url, migrations, rebuild } = config::read(std::path::Path::new("."))?;
    let variable = |name| std::env::var(name).ok().filter(|url| !url.is_empty());
    Ok(Context {
        schema,
        given_url: global.url.clone(),
        url: global.url.clone().or_else(|| variable("DATABASE_URL")).or(url),
        shadow_url: global.shadow_url.clone().or_else(|| variable("ORM_SHADOW_URL")).or(shadow_url),
        migrations: global.migrations.clone().or(migrations).unwrap_or_else(|| PathBuf::from("migrations")),
        rebuild,
        output,
    })
}
