"""A program at a terminal of its own, as a person uses it: keys, what is shown, the terminal's
mode, and job control as a shell does it."""
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time

# Far more than anything here takes, on the slowest machine.
PATIENCE_SECONDS = 60


class Terminal:
    """Runs a command as the foreground job of a session on a new pseudo-terminal. The session's
    leader is a process of its own, like a shell, so that Ctrl-Z stops the job."""

    def __init__(self, command, columns=80, stdin=None, foreground=True, pass_fds=()):
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.slave = slave
        self.mode_before = termios.tcgetattr(slave)
        self.shown = b""
        report, self.report_end = os.pipe()
        self.leader = os.fork()
        if self.leader == 0:
            self._lead(command, slave, stdin, foreground, pass_fds)
        os.close(self.report_end)
        self.report = report
        self.pid = int(os.read(report, 16))

    def _lead(self, command, slave, stdin, foreground, pass_fds):
        """In the child: becomes the session's leader, starts the job, reports how it ends."""
        try:
            os.close(self.master)
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            job = subprocess.Popen(command, stdin=slave if stdin is None else stdin, stdout=slave,
                                   stderr=slave, process_group=0, pass_fds=pass_fds,
                                   preexec_fn=lambda: self._begin_job(slave, foreground))
            os.write(self.report_end, b"%-16d" % job.pid)
            while True:
                _, status = os.waitpid(job.pid, os.WUNTRACED | os.WCONTINUED)
                if os.WIFSTOPPED(status):
                    os.write(self.report_end, b"stopped ")
                elif os.WIFCONTINUED(status):
                    os.write(self.report_end, b"goes on ")
                else:
                    os.write(self.report_end, b"%-8d" % os.waitstatus_to_exitcode(status))
                    # Keeps the terminal's session until its mode has been looked at.
                    time.sleep(PATIENCE_SECONDS)
        finally:
            os._exit(0)

    @staticmethod
    def _begin_job(slave, foreground):
        if foreground:
            os.tcsetpgrp(slave, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in (self.pid, self.leader):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        os.waitpid(self.leader, 0)
        for descriptor in (self.master, self.slave, self.report):
            os.close(descriptor)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def send(self, number):
        os.kill(self.pid, number)

    def _read(self, seconds):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if ready:
            self.shown += os.read(self.master, 65536)

    def watch(self, seconds):
        """Collects what is shown for this many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._read(0.05)

    def wait_for(self, pattern, after=0):
        """Waits until the output after byte `after` matches; returns the match."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            match = re.search(pattern, self.shown[after:].decode(errors="replace"))
            if match:
                return match
            if time.monotonic() > end:
                rest = self.shown[after:][-600:]
                raise AssertionError(f"{pattern!r} was not shown, but {rest!r}")
            self._read(0.2)

    def wait_for_report(self):
        """'stopped', 'goes on', or the exit code as soon as the job's state changes."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            self._read(0.02)
            ready, _, _ = select.select([self.report], [], [], 0)
            if ready:
                text = os.read(self.report, 8).decode().strip()
                self.watch(0.05)
                return text if text in ("stopped", "goes on") else int(text)
        raise AssertionError("nothing became of the program")

    def exit_code(self):
        while True:
            state = self.wait_for_report()
            if isinstance(state, int):
                return state

    def has_its_mode(self):
        return termios.tcgetattr(self.slave) == self.mode_before

    def hands_over_keys(self):
        flags = termios.tcgetattr(self.slave)[3]
        return not flags & termios.ICANON and not flags & termios.ECHO

    def lines(self):
        """Every line that was on the terminal at some moment, without what erased it."""
        text = self.shown.decode(errors="replace").replace("\x1b[K", "")
        return [line for line in re.split(r"[\r\n]+", text) if line]
