use api::Event;

/// What is said of contacts and devices that change, join, leave, or turn out to exist twice.
pub(super) fn sentence(event: &Event) -> Option<String> {
    if let Event::KeyChanged { name, .. } = event {
        return Some(format!(
            "{name} has other keys than before. Nothing is accepted from {name} unasked until you compare words: wherry contacts verify."
        ));
    }
    if let Event::ContactMuted { name, seconds, .. } = event {
        return Some(format!(
            "{name} is muted for {} minutes: several offers in a row were declined.",
            seconds.div_ceil(60)
        ));
    }
    if let Event::DeviceAdded { contact, name, .. } = event {
        return Some(match contact {
            Some(contact) => format!("{contact} has a further device: {name}."),
            None => format!("{name} is now one of your devices."),
        });
    }
    if let Event::DeviceRevoked { contact, name, .. } = event {
        return Some(match contact {
            Some(contact) => format!("{contact} revoked a device: {name}."),
            None => format!("{name} is no longer one of your devices."),
        });
    }
    if let Event::DeviceReady { name, contacts } = event {
        return Some(match contacts {
            Some(contacts) => format!("Joined {name}: {contacts} contacts came along."),
            None => {
                format!("{name} has your contacts. They meet it as soon as they are online.")
            }
        });
    }
    if let Event::ThisDeviceRevoked { message, .. } = event {
        return Some(message.clone());
    }
    if let Event::ContactCopied { name, .. } = event {
        return Some(format!(
            "{name} speaks from two places: the home of that device was copied or restored. Tell {name}."
        ));
    }
    matches!(event, Event::IdentityCopied { .. }).then(|| {
        "This device's identity was copied: another home uses the same. Stop one of the two, or run wherry id renew in one of them.".into()
    })
}
