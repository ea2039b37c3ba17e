#!/usr/bin/python3
"""Finds things in the window as a screen reader does: by what they say.

usage: screen_reader.py where|press WORDS
"""
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402


# A person's card opens a menu, so it counts as a box of choices.
PRESSABLE = (Atspi.Role.PUSH_BUTTON, Atspi.Role.COMBO_BOX)


def pressable(node, words):
    """Everything below `node` that can be pressed and says `words`."""
    if node is None:
        return
    if node.get_role() in PRESSABLE and words in (node.get_name() or ""):
        yield node
    for index in range(node.get_child_count()):
        yield from pressable(node.get_child_at_index(index), words)


def main():
    wish, words = sys.argv[1:]
    found = next(pressable(Atspi.get_desktop(0), words), None)
    if found is None:
        sys.exit(f"nothing says {words}")
    if wish == "where":
        box = found.get_extents(Atspi.CoordType.SCREEN)
        print(box.x + box.width // 2, box.y + box.height // 2)
    else:
        found.do_action(0)


main()
