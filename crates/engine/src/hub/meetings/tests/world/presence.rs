//! Devices that come and go in good order, and whether the others know.

use std::time::Duration;

use super::{Event, World};

impl World {
    /// Lets some time pass in which nothing is done on purpose.
    pub(in super::super) fn rest(&mut self, seconds: u64) {
        let until = self.now + Duration::from_secs(seconds);
        self.put(until, Event::Nothing);
        while self.now < until {
            self.step();
        }
    }

    /// Whether `device` shows `other` as there.
    pub(in super::super) fn shows(&mut self, device: usize, other: usize) -> bool {
        let contact = self.devices[device].contact(other);
        self.process(device).hub.is_person_here(contact)
    }

    /// When `device` heard of `other` last.
    pub(in super::super) fn last_seen(&mut self, device: usize, other: usize) -> Option<String> {
        let contact = self.devices[device].contact(other);
        let hub = &self.process(device).hub;
        let rows = hub.store.devices_of(contact).expect("it is kept");
        hub.presence_of(rows.iter()).last_seen_at
    }

    /// A device's process ends as it does when a person quits.
    pub(in super::super) fn leave(&mut self, device: usize) {
        let now = self.now;
        let process = self.process(device);
        process.hub.say_goodbye();
        let socket = process.socket;
        let effects = process.say(None, now);
        self.device_does(device, effects);
        self.devices[device].process = None;
        if let Some(socket) = socket
            && let Some(wire) = self.wires.get(&socket)
        {
            // What was said before is on its way still.
            self.put(wire.up, Event::ServerLost { socket });
        }
    }

    pub(in super::super) fn come_back(&mut self, device: usize) {
        self.at(0, Event::Started { device });
    }
}
