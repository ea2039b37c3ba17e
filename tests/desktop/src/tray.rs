use crate::desktop::Desktop;
use crate::process::wait_for;

/// A program's icon in the tray, and its menu, as the desktop sees them on the session bus.
#[derive(Debug)]
pub struct TrayIcon<'a> {
    desktop: &'a Desktop,
    owner: String,
    menu: String,
}

impl<'a> TrayIcon<'a> {
    /// The first program's.
    pub fn first(desktop: &'a Desktop) -> Self {
        let (owner, path) = wait_for("a tray icon", || desktop.trays().into_iter().next());
        let menu = wait_for("the tray's menu", || {
            let said = call(
                desktop,
                (&owner, &path),
                "org.freedesktop.DBus.Properties.Get",
                &["org.kde.StatusNotifierItem", "Menu"],
            )?;
            said.split('\'').nth(1).map(str::to_owned)
        });
        Self {
            desktop,
            owner,
            menu,
        }
    }

    /// Chooses an entry of the menu.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn choose(&self, label: &str) {
        let number = wait_for(&format!("{label} in the tray"), || self.entry(label));
        let event = "com.canonical.dbusmenu.Event";
        let arguments = [number.as_str(), "clicked", "<0>", "0"];
        call(self.desktop, (&self.owner, &self.menu), event, &arguments)
            .expect("the menu takes the choice");
    }

    fn entry(&self, label: &str) -> Option<String> {
        let layout = "com.canonical.dbusmenu.GetLayout";
        let said = call(
            self.desktop,
            (&self.owner, &self.menu),
            layout,
            &["--", "0", "-1", "[]"],
        )?;
        let wanted = format!("'label': <'{label}'>");
        let before = said
            .split(&wanted)
            .next()
            .filter(|it| it.len() < said.len())?;
        let (_, last) = before.rsplit_once("<(")?;
        last.split(',').next().map(str::to_owned)
    }
}

fn call(
    desktop: &Desktop,
    (owner, path): (&str, &str),
    method: &str,
    arguments: &[&str],
) -> Option<String> {
    let mut words = vec!["call", "--session", "--dest", owner];
    words.extend(["--object-path", path, "--method", method]);
    words.extend(arguments);
    desktop.run("gdbus", &words)
}
