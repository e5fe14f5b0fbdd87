//! A connection over ssh: the user's own `ssh` runs a command on the other machine whose standard
//! input and output are the connection, for an engine `docker system dial-stdio`. There is one child
//! for each connection, as the Docker CLI does it; the child ends with the connection.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use super::error::plain;
use crate::engine::endpoint::SshAddress;

/// How long the child may take to end by itself.
const GRACE: Duration = Duration::from_secs(3);

/// The child's standard input and output as one stream.
pub(super) struct SshStream {
    child: Option<Child>,
    /// Gone once our side is shut down: closing the pipe is the only end-of-file there is.
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    /// What ssh says; read only when the connection ends before its first byte.
    stderr: Option<ChildStderr>,
    /// Whether a byte came.
    answered: bool,
    post_mortem: Option<PostMortem>,
}

type PostMortem = Pin<Box<dyn Future<Output = io::Error> + Send>>;

/// Starts `ssh` towards `address` to run `command` there.
pub(super) fn connect(address: &SshAddress, command: &[String]) -> io::Result<SshStream> {
    // In a process group of its own ssh cannot ask on the terminal: it would be stopped there.
    let askpass = std::env::var_os("SSH_ASKPASS").is_some();
    let mut program = Command::new("ssh");
    program.args(arguments(address, command, askpass));
    if askpass {
        program.env("SSH_ASKPASS_REQUIRE", "force");
    }
    // Ctrl-C goes to the whole foreground group, but a graceful stop still needs its connections.
    #[cfg(unix)]
    program.process_group(0);
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = program.spawn().map_err(|error| {
        io::Error::new(error.kind(), format!("cannot run ssh: {}", plain(&error)))
    })?;
    let stdout = child.stdout.take().ok_or_else(|| io::Error::other("ssh has no output"))?;
    Ok(SshStream {
        stdin: child.stdin.take(),
        stderr: child.stderr.take(),
        stdout,
        child: Some(child),
        answered: false,
        post_mortem: None,
    })
}

/// What brings the engine of the other machine.
pub(super) fn engine_command(address: &SshAddress) -> Vec<String> {
    let socket = address.socket.as_ref().map(|socket| format!("--host=unix://{socket}"));
    let words = ["system", "dial-stdio"].map(str::to_owned);
    std::iter::once("docker".to_owned()).chain(socket).chain(words).collect()
}

/// The arguments of `ssh`. With `askpass` there is a program that asks for passwords.
fn arguments(address: &SshAddress, command: &[String], askpass: bool) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut push = |text: &str| arguments.push(text.to_owned());
    if let Some(user) = &address.user {
        push("-l");
        push(user);
    }
    if let Some(port) = address.port {
        push("-p");
        push(&port.to_string());
    }
    push("-o");
    push("ConnectTimeout=30");
    if !askpass {
        push("-o");
        push("BatchMode=yes");
    }
    push("-T");
    push("--");
    push(&address.host);
    arguments.extend(command.iter().map(|word| shell_word(word)));
    arguments
}

/// A word for the shell on the other machine.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Why ssh ended before it brought a byte.
async fn post_mortem(mut child: Child, mut stderr: ChildStderr) -> io::Error {
    let mut words = Vec::new();
    // What cannot be read is left out: the exit code remains.
    let _ = stderr.read_to_end(&mut words).await;
    let (status, hint) = match child.wait().await {
        // ssh itself failed; other codes are the remote command's.
        Ok(status) if status.code() == Some(255) => (status.to_string(), ""),
        Ok(status) => (status.to_string(), " (the other machine needs Docker 18.09 or later)"),
        Err(error) => (plain(&error), ""),
    };
    let words = String::from_utf8_lossy(&words).trim().replace('\r', "").replace('\n', "; ");
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    io::Error::other(format!("ssh ended before the engine answered ({status}){words}{hint}"))
}

impl AsyncRead for SshStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.post_mortem.is_none() {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut self.stdout).poll_read(context, buffer))?;
            if self.answered || buffer.filled().len() > before {
                self.answered = true;
                return Poll::Ready(Ok(()));
            }
            let (Some(child), Some(stderr)) = (self.child.take(), self.stderr.take()) else {
                return Poll::Ready(Ok(()));
            };
            self.post_mortem = Some(Box::pin(post_mortem(child, stderr)));
        }
        let Some(future) = &mut self.post_mortem else { return Poll::Ready(Ok(())) };
        let error = ready!(future.as_mut().poll(context));
        self.post_mortem = None;
        Poll::Ready(Err(error))
    }
}

impl AsyncWrite for SshStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stdin {
            Some(stdin) => Pin::new(stdin).poll_write(context, bytes),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stdin {
            Some(stdin) => Pin::new(stdin).poll_flush(context),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(stdin) = &mut self.stdin {
            // A pipe whose reader is gone needs no flush.
            let _ = ready!(Pin::new(stdin).poll_flush(context));
        }
        self.stdin = None;
        Poll::Ready(Ok(()))
    }
}

impl Drop for SshStream {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        #[cfg(unix)]
        if let Some(pid) =
            child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()))
        {
            // It may have ended already.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        // Outside the runtime, and after the grace, dropping the child kills it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = tokio::time::timeout(GRACE, child.wait()).await;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_ssh_as_the_cli_does() {
        let address = SshAddress {
            user: Some("me".into()),
            host: "box".into(),
            port: Some(2222),
            socket: Some("/run/my docker.sock".into()),
        };
        assert_eq!(
            arguments(&address, &engine_command(&address), true).join(" "),
            "-l me -p 2222 -o ConnectTimeout=30 -T -- box docker \
             '--host=unix:///run/my docker.sock' system dial-stdio"
        );
        let plain = SshAddress { user: None, host: "box".into(), port: None, socket: None };
        assert_eq!(
            arguments(&plain, &engine_command(&plain), false).join(" "),
            "-o ConnectTimeout=30 -o BatchMode=yes -T -- box docker system dial-stdio"
        );
    }
}
