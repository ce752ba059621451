"""Holding a run: a lock of the operating system, which lets go by itself when its process is killed.

The lock is on a file beside the store, one for each run that is being driven. The file means nothing, only
the lock on it does: one that is left over from a killed process is free, and the next holder removes it when
it is done.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

_held: set[int] = set()


@contextmanager
def exclusive(path: str) -> Generator[bool, None, None]:
    """Try to lock the file *path*; the block is told whether it holds it.

    Two threads, or two stores of one process, exclude each other as two processes do.
    """
    descriptor = _acquired(path)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            _release(path, descriptor)


def _acquired(path: str) -> int | None:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        if not _lock(descriptor):
            os.close(descriptor)
            return None
        # The holder before us may have removed the file between our open and our lock: then others
        # lock a new file of this name, and ours keeps nobody out.
        if _is_at(path, descriptor):
            _held.add(descriptor)
            return descriptor
        os.close(descriptor)


def _is_at(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(Path(path).stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _release(path: str, descriptor: int) -> None:
    if descriptor not in _held:
        return  # in a forked child: the lock belongs to the parent
    _held.discard(descriptor)
    # Windows does not remove a file that is open; there it is left, free.
    with suppress(OSError):
        Path(path).unlink()
    os.close(descriptor)


def _forget_in_child() -> None:
    # A forked child shares the lock of its parent: as long as it keeps the descriptor open, the run would
    # stay held although the parent was killed.
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    os.register_at_fork(after_in_child=_forget_in_child)
