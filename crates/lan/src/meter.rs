use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream of which only so much is read until its other end is known.
#[derive(Debug)]
pub struct Metered<S> {
    stream: S,
    /// `None` once the other end is known.
    left_bytes: Option<usize>,
}

impl<S> Metered<S> {
    pub(crate) fn new(stream: S, bytes: usize) -> Self {
        Self {
            stream,
            left_bytes: Some(bytes),
        }
    }

    /// From now on everything is read.
    pub(crate) fn lift(&mut self) {
        self.left_bytes = None;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(left) = self.left_bytes else {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        };
        if left == 0 {
            return Poll::Ready(Err(io::Error::from(io::ErrorKind::QuotaExceeded)));
        }
        let mut part = buffer.take(left);
        let polled = Pin::new(&mut self.stream).poll_read(context, &mut part);
        let read = part.filled().len();
        // What was filled through the part is initialised, and belongs to the whole.
        buffer.advance(read);
        self.left_bytes = Some(left - read);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn a_stranger_is_read_up_to_the_limit_and_a_contact_without_one() {
        let text = [7u8; 100];
        let mut metered = Metered::new(&text[..], 60);
        let mut read = [0; 60];
        metered.read_exact(&mut read).await.unwrap();
        assert_eq!(read, text[..60]);
        let refused = metered.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::QuotaExceeded);

        metered.lift();
        let mut rest = Vec::new();
        metered.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, text[60..]);
    }
}
