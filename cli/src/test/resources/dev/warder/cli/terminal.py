"""Sits at a terminal for a test: terminal.py PROMPT TYPED [PROMPT TYPED]... -- COMMAND [ARG]...

Runs the command on a new terminal of 30 rows and 100 columns. Waits for each regular expression in what has come since
the last one, then types; in what is typed, @resize makes the terminal 40 rows high, @stop sends SIGTSTP to the command,
@wait waits for a second first. Prints all that came, then the exit code in a line of its own.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

SECONDS = 20


def size(terminal, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 100, 0, 0))


def read(terminal, until):
    """Reads until the expression matches or the command has ended."""
    seen = b""
    end = time.monotonic() + SECONDS
    while until is None or not re.search(until.encode(), seen):
        if time.monotonic() > end:
            sys.stdout.write(seen.decode(errors="replace"))
            sys.exit("did not come: " + str(until))
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                came = os.read(terminal, 65536)
            except OSError:
                came = b""
            if not came:
                if until is None:
                    break
                sys.stdout.write(seen.decode(errors="replace"))
                sys.exit("ended before it came: " + until)
            seen += came
    sys.stdout.write(seen.decode(errors="replace").replace("\r\n", "\n"))
    sys.stdout.flush()


def main():
    words = sys.argv[1:]
    at = words.index("--")
    child, terminal = pty.fork()
    if child == 0:
        time.sleep(0.1)
        os.execvp(words[at + 1], words[at + 1:])
    size(terminal, 30)
    for prompt, typed in zip(words[:at:2], words[1:at:2]):
        read(terminal, prompt)
        for part in re.split("(@resize|@stop|@wait)", typed):
            if part == "@resize":
                size(terminal, 40)
            elif part == "@stop":
                os.kill(child, signal.SIGTSTP)
            elif part == "@wait":
                time.sleep(1)
            else:
                os.write(terminal, part.encode())
    read(terminal, None)
    print("exit code", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


main()
