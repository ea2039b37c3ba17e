#!/usr/bin/python3
"""What a desktop offers on the session bus: notifications and a tray.

One JSON object a line on standard output says what was asked; a line on standard input presses the button
of a notification (`press ID ACTION`).
"""
import json
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

NOTIFICATIONS = "org.freedesktop.Notifications"
WATCHER = "org.kde.StatusNotifierWatcher"
PROPERTIES = "org.freedesktop.DBus.Properties"


def say(**what):
    print(json.dumps(what), flush=True)


class Notifications(dbus.service.Object):
    shown = 0

    @dbus.service.method(NOTIFICATIONS, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, app, _replaces, _icon, summary, body, actions, _hints, _timeout):
        self.shown += 1
        words = [str(action) for action in actions]
        say(event="notify", id=self.shown, app=str(app), title=str(summary), body=str(body), actions=words)
        return self.shown

    @dbus.service.method(NOTIFICATIONS, out_signature="as")
    def GetCapabilities(self):
        return ["body", "body-markup", "actions"]

    @dbus.service.method(NOTIFICATIONS, out_signature="ssss")
    def GetServerInformation(self):
        return ("test", "test", "1", "1.2")

    @dbus.service.method(NOTIFICATIONS, in_signature="u")
    def CloseNotification(self, number):
        self.NotificationClosed(number, 3)

    @dbus.service.signal(NOTIFICATIONS, signature="us")
    def ActionInvoked(self, number, action):
        pass

    @dbus.service.signal(NOTIFICATIONS, signature="uu")
    def NotificationClosed(self, number, reason):
        pass


class Watcher(dbus.service.Object):
    items = []

    @dbus.service.method(WATCHER, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, service, sender=None):
        path = str(service) if str(service).startswith("/") else "/StatusNotifierItem"
        self.items.append(f"{sender}{path}")
        say(event="tray", sender=str(sender), path=path)
        self.StatusNotifierItemRegistered(f"{sender}{path}")

    @dbus.service.method(WATCHER, in_signature="s")
    def RegisterStatusNotifierHost(self, _service):
        pass

    @dbus.service.signal(WATCHER, signature="s")
    def StatusNotifierItemRegistered(self, service):
        pass

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, _interface, name):
        return self.properties()[name]

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, _interface):
        return self.properties()

    def properties(self):
        return {
            "IsStatusNotifierHostRegistered": dbus.Boolean(True),
            "ProtocolVersion": dbus.Int32(0),
            "RegisteredStatusNotifierItems": dbus.Array(self.items, signature="s"),
        }


def main():
    DBusGMainLoop(set_as_default=True)
    bus = dbus.SessionBus()
    # Kept: a name that is let go is free again.
    names = [dbus.service.BusName(name, bus) for name in (NOTIFICATIONS, WATCHER)]
    notifications = Notifications(bus, "/org/freedesktop/Notifications")
    Watcher(bus, "/StatusNotifierWatcher")

    def read(source, _condition):
        words = source.readline().split()
        if len(words) == 3 and words[0] == "press":
            notifications.ActionInvoked(dbus.UInt32(int(words[1])), words[2])
            notifications.NotificationClosed(dbus.UInt32(int(words[1])), dbus.UInt32(2))
        return bool(words)

    GLib.io_add_watch(sys.stdin, GLib.IO_IN, read)
    say(event="ready", names=len(names))
    GLib.MainLoop().run()


main()
