//! What the classic builder says, line by line, as events.

use std::collections::VecDeque;
use std::io;
use std::time::Instant;

use bytes::BytesMut;
use serde::Deserialize;
use tokio_util::codec::Decoder;

use crate::build::BuiltImage;
use crate::build::error::{BuildError, BuildFailure};
use crate::build::event::{BuildEvent, LogStream, StepId};
use crate::engine::EngineError;
use crate::engine::docker::json_stream::JsonDecoder;

/// Lines of a step's output that are kept for its error.
const KEPT_LINES: usize = 20;

/// One line of the answer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Line {
    stream: String,
    status: String,
    id: String,
    #[serde(rename = "progressDetail")]
    progress: Option<Detail>,
    aux: Option<Aux>,
    error: String,
    #[serde(rename = "errorDetail")]
    error_detail: Option<ErrorDetail>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    current: u64,
    total: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Aux {
    #[serde(rename = "ID")]
    id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorDetail {
    code: u32,
}

/// Reads the answer as it comes.
pub(super) struct Answer<'a> {
    service: &'a str,
    events: &'a (dyn Fn(BuildEvent) + Sync),
    /// Bytes that are no whole value yet.
    rest: BytesMut,
    steps: u32,
    step: Option<Step>,
    image: String,
}

struct Step {
    id: StepId,
    name: String,
    began: Instant,
    cached: bool,
    log: VecDeque<String>,
}

impl<'a> Answer<'a> {
    /// An answer about a service's image.
    pub(super) fn new(service: &'a str, events: &'a (dyn Fn(BuildEvent) + Sync)) -> Self {
        let (rest, image) = (BytesMut::new(), String::new());
        Self { service, events, rest, steps: 0, step: None, image }
    }

    /// Takes a piece of the answer.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        self.rest.extend_from_slice(bytes);
        self.take(JsonDecoder::decode)
    }

    /// The image, when the answer has ended.
    pub(super) fn end(mut self) -> Result<BuiltImage, BuildError> {
        self.take(JsonDecoder::decode_eof)?;
        self.complete();
        if self.image.is_empty() {
            return Err(broken(&"the answer ended without an image"));
        }
        Ok(BuiltImage { config: Some(self.image.clone()), id: self.image })
    }

    /// Takes all values that are there.
    fn take(
        &mut self,
        decode: fn(&mut JsonDecoder<Line>, &mut BytesMut) -> io::Result<Option<Line>>,
    ) -> Result<(), BuildError> {
        let mut decoder = JsonDecoder::default();
        while let Some(line) =
            decode(&mut decoder, &mut self.rest).map_err(|error| broken(&error))?
        {
            self.line(line)?;
        }
        Ok(())
    }

    fn line(&mut self, line: Line) -> Result<(), BuildError> {
        if !line.error.is_empty() {
            return Err(self.fail(line.error, line.error_detail));
        }
        if let Some(aux) = &line.aux
            && !aux.id.is_empty()
        {
            self.image.clone_from(&aux.id);
        }
        if let Some(name) = step_name(&line.stream) {
            self.complete();
            self.begin(name.to_owned());
        } else if !line.stream.trim().is_empty() {
            self.log(line.stream);
        } else if !line.status.is_empty() {
            self.progress(line);
        }
        Ok(())
    }

    fn begin(&mut self, name: String) {
        self.steps += 1;
        let id = StepId(self.steps);
        (self.events)(BuildEvent::Started { step: id, name: name.clone() });
        let (began, log) = (Instant::now(), VecDeque::new());
        self.step = Some(Step { id, name, began, cached: false, log });
    }

    fn complete(&mut self) {
        if let Some(step) = self.step.take() {
            (self.events)(BuildEvent::Completed {
                step: step.id,
                cached: step.cached,
                duration: step.began.elapsed(),
            });
        }
    }

    fn log(&mut self, text: String) {
        let Some(step) = &mut self.step else { return };
        let trimmed = text.trim();
        if trimmed
            .strip_prefix("---> ")
            .or(trimmed.strip_prefix("--> "))
            .is_some_and(|rest| rest.starts_with("Using cache"))
        {
            step.cached = true;
        }
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            step.log.push_back(line.to_owned());
            if step.log.len() > KEPT_LINES {
                step.log.pop_front();
            }
        }
        (self.events)(BuildEvent::Log {
            step: step.id,
            stream: LogStream::Out,
            offset: step.began.elapsed(),
            bytes: text.into_bytes(),
        });
    }

    fn progress(&mut self, line: Line) {
        let Some(step) = &self.step else { return };
        let detail = line.progress.unwrap_or_default();
        let done = matches!(line.status.as_str(), "Pull complete" | "Already exists");
        (self.events)(BuildEvent::Progress {
            step: step.id,
            part: if line.id.is_empty() { line.status.clone() } else { line.id },
            action: line.status,
            current: detail.current,
            total: detail.total,
            done,
        });
    }

    fn fail(&mut self, message: String, detail: Option<ErrorDetail>) -> BuildError {
        let code = detail.map(|detail| detail.code).filter(|&code| code != 0);
        let mut failure = BuildFailure {
            service: self.service.to_owned(),
            message,
            exit_code: code,
            ..BuildFailure::default()
        };
        if let Some(step) = self.step.take() {
            let error = failure.message.clone();
            (self.events)(BuildEvent::Failed { step: step.id, error });
            failure.step = step.name;
            failure.log = step.log.into();
        }
        BuildError::Failed(Box::new(failure))
    }
}

fn broken(reason: &impl ToString) -> BuildError {
    let context = "POST /build".to_owned();
    EngineError::Broken { context, reason: reason.to_string() }.into()
}

/// The name of a step from the line that begins it: `Step 2/3 : RUN make` (Docker),
/// `STEP 2/3: RUN make` (Podman); with its number, as BuildKit writes it.
fn step_name(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("Step ").or_else(|| line.strip_prefix("STEP "))?;
    let (numbers, _) = rest.split_once(':')?;
    let (number, of) = numbers.trim().split_once('/')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(number) && digits(of)).then(|| line.trim_end())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::Answer;
    use crate::build::error::BuildError;
    use crate::build::event::{BuildEvent, StepId};

    fn read(text: &str) -> (Vec<BuildEvent>, Result<String, BuildError>) {
        let events = Mutex::new(Vec::new());
        let report = |event| events.lock().unwrap().push(event);
        let mut answer = Answer::new("web", &report);
        // Pieces need not be lines.
        let result = text
            .as_bytes()
            .chunks(7)
            .try_for_each(|piece| answer.read(piece))
            .and_then(|()| answer.end())
            .map(|image| image.id);
        (events.into_inner().unwrap(), result)
    }

    #[test]
    fn steps_begin_and_end() {
        let (events, result) = read(
            "{\"stream\":\"Step 1/2 : FROM busybox\"}\r\n{\"stream\":\"\\n\"}\n\
             {\"status\":\"Downloading\",\"id\":\"abc\",\"progressDetail\":{\"current\":1,\"total\":2}}\n\
             {\"stream\":\"Step 2/2 : RUN x\"}\n{\"stream\":\" ---> Using cache\\n\"}\n\
             {\"aux\":{\"ID\":\"sha256:1\"}}\n{\"stream\":\"Successfully built 1\\n\"}\n",
        );
        assert_eq!(result.unwrap(), "sha256:1");
        let name = |name: &str| name.to_owned();
        assert_eq!(
            events[0],
            BuildEvent::Started { step: StepId(1), name: name("Step 1/2 : FROM busybox") }
        );
        assert!(events.iter().any(|event| matches!(
            event,
            BuildEvent::Progress { step: StepId(1), current: 1, total: 2, .. }
        )));
        assert!(matches!(
            events.last(),
            Some(BuildEvent::Completed { step: StepId(2), cached: true, .. })
        ));
    }

    #[test]
    fn a_failure_names_its_step_and_keeps_the_output() {
        let (events, result) = read(
            "{\"stream\":\"STEP 1/1: RUN false\"}\n{\"stream\":\"oh no\\n\"}\n\
             {\"errorDetail\":{\"code\":1,\"message\":\"m\"},\"error\":\"returned a non-zero code: 1\"}\n",
        );
        let Err(BuildError::Failed(failure)) = result else { panic!("{result:?}") };
        assert_eq!(failure.message, "returned a non-zero code: 1");
        assert_eq!(failure.step, "STEP 1/1: RUN false");
        assert_eq!(failure.log, ["oh no"]);
        assert_eq!(failure.exit_code, Some(1));
        assert!(matches!(events.last(), Some(BuildEvent::Failed { step: StepId(1), .. })));
    }

    #[test]
    fn an_answer_without_an_image_is_an_error() {
        assert!(read("{\"stream\":\"x\"}\n").1.is_err());
        assert!(read("not json\n").1.is_err());
    }
}
