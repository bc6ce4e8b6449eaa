//! What commands say: words with colours on a terminal, JSON where it is asked for.

use std::{io::IsTerminal, time::Duration};

use dialoguer::{Input, Select, console::style};
use indicatif::ProgressBar;
use serde::Serialize;

use crate::{
    error::Error,
    question::{Answers, Question},
};

/// Where a command says something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    json: bool,
}

/// What a line is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tone {
    Good,
    Bad,
    Dim,
    Plain,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints the result as JSON, or as the words that a function prints.
    pub(super) fn result(self, result: &impl Serialize, words: impl FnOnce()) {
        if self.json {
            println!("{}", serde_json::to_string_pretty(result).expect("results have text keys and no failing parts"));
        } else {
            words();
        }
    }

    pub(super) fn line(self, tone: Tone, text: &str) {
        if self.json {
            return;
        }
        // Colours are left out by themselves where nobody would see them.
        match tone {
            Tone::Good => println!("{}", style(text).green()),
            Tone::Bad => println!("{}", style(text).red()),
            Tone::Dim => println!("{}", style(text).dim()),
            Tone::Plain => println!("{text}"),
        }
    }

    pub(super) fn error(self, error: &Error) {
        let questions = match error {
            Error::Questions { questions } => Some(questions),
            _ => None,
        };
        if self.json {
            #[derive(Serialize)]
            struct Report<'e> {
                error: String,
                #[serde(skip_serializing_if = "Option::is_none")]
                questions: Option<&'e Vec<Question>>,
            }
            self.result(&Report { error: chain(error), questions }, || {});
            return;
        }
        eprintln!("{} {}", style("error:").red().for_stderr().bold(), chain(error));
        if questions.is_some() {
            eprintln!("answer with --renamed, --new, --backfill, or a file given with --answers");
        }
    }

    /// Shows that something is under way, until the value is dropped.
    pub(super) fn progress(self, text: &'static str) -> Progress {
        if self.json || !std::io::stderr().is_terminal() {
            return Progress(None);
        }
        let bar = ProgressBar::new_spinner().with_message(text);
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress(Some(bar))
    }

    /// Whether there is somebody to ask.
    pub(super) fn can_ask(self) -> bool {
        !self.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    pub(super) fn ask(self, question: &Question, answers: &mut Answers) -> Result<(), Error> {
        let failed = |error: dialoguer::Error| Error::Usage(format!("no answer: {error}"));
        match question {
            Question::Renamed { of, candidates } => {
                let mut items = vec!["it is new".to_owned()];
                items.extend(candidates.iter().map(|name| format!("it was `{name}`")));
                let prompt = question.to_string();
                let at = Select::new().with_prompt(prompt).items(&items).default(0).interact().map_err(failed)?;
                let old = at.checked_sub(1).map(|at| candidates[at].clone());
                answers.renamed.insert(of.clone(), old);
            }
            Question::Backfill { of } => {
                let prompt = format!("{question} (an SQL expression)");
                let value = Input::<String>::new().with_prompt(prompt).interact_text().map_err(failed)?;
                answers.backfill.insert(of.clone(), value);
            }
        }
        Ok(())
    }
}

/// Something is under way until this is dropped.
pub(super) struct Progress(Option<ProgressBar>);

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// An error and its causes.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
