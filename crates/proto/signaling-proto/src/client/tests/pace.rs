//! A device never does what a server closes sockets for, however the network delivers it.

use std::collections::VecDeque;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::server::{Gate, GateInput, GateOutput, Request, ServerLimits};

/// A device, the gate of a real server, and a network that stalls.
struct Line {
    device: Device,
    gate: Gate,
    to_server: VecDeque<(Instant, ClientToServer)>,
    to_device: VecDeque<(Instant, ServerToClient)>,
    outcomes: usize,
}

impl Line {
    fn new() -> Self {
        let device = Device::new();
        let mut line = Self {
            gate: Gate::new(&ServerLimits::default(), NONCE, device.now),
            device,
            to_server: VecDeque::new(),
            to_device: VecDeque::new(),
            outcomes: 0,
        };
        line.device.feed(ClientInput::SocketOpened);
        line
    }

    /// Lets time pass while the network delivers after `delay`.
    fn run(&mut self, time: Duration, delay: Duration) {
        let end = self.device.now + time;
        while self.device.now < end {
            self.device.wait(Duration::from_millis(20));
            self.exchange(delay);
        }
    }

    fn exchange(&mut self, delay: Duration) {
        let now = self.device.now;
        let sent = self.device.sent().into_iter();
        self.to_server
            .extend(sent.map(|message| (now + delay, message)));
        while let Some((_, message)) = self.to_server.pop_front_if(|(at, _)| *at <= now) {
            self.gate
                .handle_input(GateInput::MessageReceived(message.encode()), now);
        }
        while let Some(output) = self.gate.poll_output() {
            let answer = match output {
                GateOutput::Send(message) => Some(message),
                GateOutput::Pass(request) => answer(&request),
                GateOutput::Close(refusal) => panic!("the server closes the socket: {refusal}"),
            };
            self.to_device
                .extend(answer.map(|answer| (now + delay, answer)));
        }
        while let Some((_, message)) = self.to_device.pop_front_if(|(at, _)| *at <= now) {
            self.device.hear(message);
        }
        let is_outcome = |output: &ClientOutput| {
            matches!(
                output,
                ClientOutput::Event(ClientEvent::PostFinished { .. })
            )
        };
        self.outcomes += self
            .device
            .told()
            .iter()
            .filter(|output| is_outcome(output))
            .count();
    }
}

fn answer(request: &Request) -> Option<ServerToClient> {
    match request {
        Request::Authenticate { .. } => Some(ServerToClient::Welcome(PACE)),
        Request::Subscribe { request, .. } => Some(ServerToClient::Subscribed {
            request: *request,
            outcome: SubscribeOutcome::Done,
        }),
        Request::Post { request, .. } => Some(ServerToClient::Posted {
            request: *request,
            outcome: PostOutcome::Delivered,
        }),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_device_with_much_to_say_is_never_too_fast_for_a_server(
        weather in vec((1u64..4_000, prop_oneof![Just(5u64), Just(200), Just(3_000)]), 1..10),
        posts in 1usize..400,
        bytes in prop_oneof![Just(1_024usize), Just(16_384), Just(65_280)],
    ) {
        let mut line = Line::new();
        let numbers: Vec<u16> = (0..40).collect();
        line.device.feed(ClientInput::SetMailboxes(subscriptions(&numbers)));
        let keys = direction(1);
        for ticket in 0..posts {
            line.device.feed(ClientInput::Post {
                ticket: ticket.try_into().unwrap(),
                mailbox: keys.mailbox(),
                token: keys.post_token,
                envelope: vec![0; bytes],
                lifetime: Duration::from_secs(60 * 60),
            });
        }
        for (time_ms, delay_ms) in weather {
            line.run(Duration::from_millis(time_ms), Duration::from_millis(delay_ms));
        }
        // In the end everything is said: within an hour, whatever the weather was.
        line.run(Duration::from_secs(60), Duration::from_millis(5));
        if bytes == 1_024 {
            prop_assert_eq!(line.outcomes, posts);
        } else {
            prop_assert!(line.outcomes > 0);
        }
    }
}
