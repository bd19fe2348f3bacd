"""Is a file on a network drive? SQLite's write-ahead log needs shared memory, which such drives do not have: ledgers there get damaged."""

from __future__ import annotations

from pathlib import Path

MOUNTS = Path("/proc/mounts")
NETWORK_TYPES = frozenset(
    (
        "9p", "afs", "beegfs", "ceph", "cifs", "davfs", "drvfs", "gpfs", "lustre",
        "ncpfs", "nfs", "nfs4", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "glusterfs",
        "fuse.cephfs", "fuse.davfs2", "fuse.gcsfuse", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs", "fuse.sshfs",
    )
)  # fmt: skip


def network_type(path: Path, mounts: str | None = None) -> str | None:
    """The file system type (`nfs4`, `cifs`, ...) if `path` lies on a network drive, else None.

    `mounts` is text in the form of /proc/mounts (default: that file; systems without it are not examined and give None).
    """
    if mounts is None:
        try:
            mounts = MOUNTS.read_text("utf-8", "surrogateescape")
        except OSError:
            return None
    where = path.resolve()
    best: tuple[int, str] = (-1, "")
    for line in mounts.splitlines():
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        point = Path(_unescaped(parts[1]))
        if (where == point or point in where.parents) and len(point.parts) >= best[0]:
            best = (len(point.parts), parts[2])
    return best[1] if best[1] in NETWORK_TYPES else None


def _unescaped(text: str) -> str:
    """Mount points write space, tab, newline and backslash as three octal digits."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
