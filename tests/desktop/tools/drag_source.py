#!/usr/bin/python3
"""A small GTK window that files can really be dragged out of.

usage: drag_source.py TITLE X Y FILE...
Says "ready" once it is shown, and what the drag came to.
"""
import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402


def say(*words):
    print(*words, flush=True)


def main():
    title, x, y, *files = sys.argv[1:]
    uris = [pathlib.Path(file).absolute().as_uri() for file in files]
    window = Gtk.Window(title=title)
    window.set_default_size(120, 80)
    window.move(int(x), int(y))
    window.set_keep_above(True)
    handle = Gtk.EventBox()
    handle.add(Gtk.Label(label="drag me"))
    window.add(handle)
    paint = Gtk.CssProvider()
    paint.load_from_data(b"* { background: #C71585; color: #C71585; }")
    handle.get_style_context().add_provider(paint, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
    handle.get_child().get_style_context().add_provider(paint, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
    handle.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
    handle.drag_source_add_uri_targets()
    handle.connect("drag-begin", lambda *_: say("begin"))
    handle.connect("drag-data-get", lambda _w, _c, selection, *_: selection.set_uris(uris))
    handle.connect("drag-failed", lambda *_: say("failed") or False)
    handle.connect("drag-end", lambda *_: say("end"))
    window.connect("destroy", Gtk.main_quit)
    window.show_all()
    GLib.timeout_add(300, lambda: say("ready"))
    Gtk.main()


main()
