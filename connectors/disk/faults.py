"""What the operating system says about a file, as a fault that says what is certain."""

from __future__ import annotations

import errno

import msgspec

from runtime.sdk.faults import ApplicationFault, NotSent

_STATUS = {
    errno.ENOENT: ("not-found", "there is no such file or folder"),
    errno.EEXIST: ("exists", "there is such a file already"),
    errno.ENOTDIR: ("not-a-folder", "a folder on the way is none, or a link, which is not followed"),
    errno.ELOOP: ("link", "it is a link, which is not followed"),
    errno.EISDIR: ("not-a-file", "it is a folder"),
    errno.ENXIO: ("not-a-file", "it is no regular file"),
    errno.ENODEV: ("not-a-file", "it is no regular file"),
    errno.EACCES: ("denied", "the daemon's user may not do this"),
    errno.EPERM: ("denied", "the daemon's user may not do this"),
    errno.EROFS: ("denied", "the file system is read-only"),
    errno.ENOSPC: ("full", "the disk is full"),
    errno.EDQUOT: ("full", "the quota is used up"),
    errno.EFBIG: ("full", "the file system takes no file of this size"),
    errno.ENAMETOOLONG: ("name", "a name is longer than the file system takes"),
    errno.EILSEQ: ("name", "the file system takes no such name"),
    errno.EINVAL: ("name", "the file system takes no such name"),
}


def refused(status: str, message: str, code: str = "disk.refused") -> ApplicationFault:
    """Give the fault for a refusal; nothing has changed. Its body is for a process that continues on errors."""
    return ApplicationFault(
        message, status=status, body=msgspec.json.encode({"status": status, "message": message}), code=code
    )


def of_error(error: OSError, path: str) -> ApplicationFault:
    """Give the fault for an error of the operating system at a path, as it was asked for."""
    status, message = _STATUS.get(error.errno or 0, ("failed", error.strerror or type(error).__name__))
    return refused(status, f"{shown(path)}: {message}")


def unsafe(path: str, reason: str) -> NotSent:
    """Give the fault for a path that is not even looked up."""
    return NotSent("disk.unsafe-path", f"{shown(path)}: {reason}")


def shown(path: str) -> str:
    """Give a path as a message shows it: on one line, cut."""
    return repr(path if len(path) <= 200 else path[:199] + "…")  # noqa: PLR2004 - characters of a line
