"""Adds "Send with Wherry" to the menu of Nautilus; needs python3-nautilus."""

import locale
import subprocess

from gi.repository import GObject, Nautilus

LABELS = {"de": "Mit Wherry senden", "ar": "أرسل باستخدام Wherry"}


class WherryMenu(GObject.GObject, Nautilus.MenuProvider):
    def get_file_items(self, *arguments):
        files = arguments[-1]
        uris = [file.get_uri() for file in files if file.get_uri_scheme() == "file"]
        if not uris or len(uris) < len(files):
            return []
        language = (locale.getlocale()[0] or "en").split("_")[0]
        item = Nautilus.MenuItem(
            name="Wherry::Send",
            label=LABELS.get(language, "Send with Wherry"),
            icon="wherry",
        )
        item.connect("activate", lambda _item: subprocess.Popen(["wherry-app", *uris]))
        return [item]
