"""Network drives are known by their mount."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventcoder.ledger.sqlite.network import network_type

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
server:/export /mnt nfs4 rw 0 0
/dev/sdb /mnt/local xfs rw 0 0
//office/share /media/team\\040drive cifs rw 0 0
ana@host:/home /media/far fuse.sshfs rw 0 0
broken line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ana/ledger.sqlite", None),
        ("/mnt/project/ledger.sqlite", "nfs4"),
        ("/mnt/local/ledger.sqlite", None),
        ("/mntx/ledger.sqlite", None),
        ("/media/team drive/a/ledger.sqlite", "cifs"),
        ("/media/far/ledger.sqlite", "fuse.sshfs"),
    ],
)
def test_the_deepest_mount_decides(path: str, kind: str | None) -> None:
    assert network_type(Path(path), MOUNTS) == kind
