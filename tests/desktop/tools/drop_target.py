#!/usr/bin/python3
"""A small GTK window that files can really be dropped onto.

usage: drop_target.py TITLE X Y
Says "ready" once it is shown, "over" while files hang over it, and the URI of each file that is dropped.
"""
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402


def say(*words):
    print(*words, flush=True)


def main():
    title, x, y = sys.argv[1:]
    window = Gtk.Window(title=title)
    window.set_default_size(120, 80)
    window.move(int(x), int(y))
    window.set_keep_above(True)
    window.add(Gtk.Label(label="drop here"))
    window.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
    window.drag_dest_add_uri_targets()
    window.connect("drag-motion", lambda *_: say("over"))
    window.connect("drag-data-received", lambda _w, _c, _x, _y, got, *_: [say(uri) for uri in got.get_uris()])
    window.connect("destroy", Gtk.main_quit)
    window.show_all()
    GLib.timeout_add(300, lambda: say("ready"))
    Gtk.main()


main()
