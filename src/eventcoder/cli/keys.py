"""One key from the terminal without Enter; one line's first character where there is no terminal, so that a sitting can be scripted. Floor 8."""

from __future__ import annotations

import os
import sys

END = ""  # the input is exhausted (end of file, Ctrl-D)
CTRL_C, CTRL_D = "\x03", "\x04"


def read_key() -> str:
    """The next key, as one character; `END` at the end of the input. Raises KeyboardInterrupt for Ctrl-C."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return (line.strip() or "\n")[0] if line else END
    if os.name == "nt":  # pragma: no cover - another platform
        import msvcrt

        key = str(getattr(msvcrt, "getwch")())  # noqa: B009 - the module has it on Windows only, where this runs
    else:
        import termios
        import tty

        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        try:
            tty.setcbreak(descriptor)
            key = os.read(descriptor, 16).decode("utf-8", "replace")
        finally:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        # an arrow or function key arrives as an escape sequence: it stands for nothing here, and must not be read as several letters
        key = "\x1b" if key.startswith("\x1b") else key[:1]
    if key == CTRL_C:
        raise KeyboardInterrupt
    return END if key in (CTRL_D, "") else key


def read_line(prompt: str, *, words: list[str] | None = None, default: str = "") -> str | None:
    """A line typed by the coder, with completion from `words` on a terminal; None when the input is exhausted or Ctrl-C cancels."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return line.rstrip("\n") if line else None
    from prompt_toolkit import prompt as ask
    from prompt_toolkit.completion import FuzzyWordCompleter

    try:
        return ask(prompt, completer=FuzzyWordCompleter(words) if words else None, default=default, complete_while_typing=bool(words))
    except (EOFError, KeyboardInterrupt):
        return None
