"""Copies to drill: honest ones by restic, borg and tar, and archives that mean harm."""
import gzip
import io
import os
import random
import struct
import subprocess
import tarfile

PASSWORD = "correct horse"
CAPABILITY = struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0)  # cap_net_raw=ep, linux/capability.h


def run(*command, **more):
    return subprocess.run([str(one) for one in command], check=True, capture_output=True, **more)


def make_data(folder, files=12):
    """Files whose times lie in the past, of random content, with everything that is no file among them."""
    folder.mkdir(parents=True)
    numbers = random.Random(7)
    for number in range(files):
        (folder / f"file {number}").write_bytes(numbers.randbytes(numbers.randrange(1, 9000)))
    (folder / "sub").mkdir()
    (folder / "sub/with\nnew line <b>&amp;").write_bytes(b"markup")
    (folder / "sub/[a]*?\\").write_bytes(b"patterns")
    (folder / "setuid").write_bytes(b"#!/bin/sh\n")
    (folder / "setuid").chmod(0o6755)
    # Rights, labels and notes that the drill's user may not give a file.
    for name, value in (("user.note", b"x"), ("trusted.note", b"x"), ("security.capability", CAPABILITY)):
        for path in (folder / "file 1", folder / "sub"):
            try:
                os.setxattr(path, name, value)
            except OSError:  # not of this file system, or of a folder
                pass
    os.chown(folder / "file 2", 1234, 1234)
    (folder / "link").symlink_to("file 1")
    (folder / "link out").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    os.mknod(folder / "device", 0o600 | 0o020000, os.makedev(1, 5))
    for path in folder.rglob("*"):
        os.utime(path, (1700000000, 1700000000.5), follow_symlinks=False)


def restic(folder, data):
    environment = {**os.environ, "RESTIC_PASSWORD": PASSWORD, "RESTIC_CACHE_DIR": str(folder) + ".cache"}
    run("restic", "init", "-r", folder, env=environment)
    run("restic", "backup", "-r", folder, data, env=environment)


def borg(folder, data, encryption="repokey"):
    environment = {**os.environ, "BORG_PASSPHRASE": PASSWORD, "BORG_BASE_DIR": str(folder) + ".base"}
    run("borg", "init", "-e", encryption, folder, env=environment)
    run("borg", "create", f"{folder}::first", data, env=environment)


def tar(path, data, *options):
    run("tar", "-C", "/", "-cf", path, *options, str(data).lstrip("/"))


def entry(name, kind=tarfile.REGTYPE, size=0, mode=0o644, **more):
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mode, info.mtime = kind, size, mode, 1700000000
    for key, value in more.items():
        setattr(info, key, value)
    return info


def hostile(path, sentinel, inner="srv/data"):
    """Every trick of an archive that wants to be elsewhere, each around the same harmless content."""
    def add(archive, info, content=b"owned\n"):
        info.size = len(content) if info.isreg() else 0
        archive.addfile(info, io.BytesIO(content) if info.isreg() else None)

    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name in (f"../../../../../../{sentinel}/upwards", f"{sentinel}/absolute", f"{inner}/../../{sentinel}/inside"):
            add(archive, entry(name))
        add(archive, entry(f"{inner}/swap", tarfile.SYMTYPE, linkname=str(sentinel)))
        add(archive, entry(f"{inner}/swap/through"))
        add(archive, entry(f"{inner}/swap", tarfile.DIRTYPE))
        add(archive, entry(f"{inner}/swap/again"))
        add(archive, entry(f"{inner}/hard", tarfile.LNKTYPE, linkname=f"{sentinel}/file"))
        add(archive, entry(f"{inner}/hard"))
        add(archive, entry(f"{inner}/device", tarfile.BLKTYPE, devmajor=254, devminor=0, mode=0o666))
        add(archive, entry(f"{inner}/zeros", tarfile.CHRTYPE, devmajor=1, devminor=5, mode=0o666))
        add(archive, entry(f"{inner}/pipe", tarfile.FIFOTYPE))
        add(archive, entry(f"{inner}/setuid", mode=0o6777, uid=0, gid=0))
        add(archive, entry(f"{inner}/\x1b[2J\n<script>alert(1)</script>"))
        add(archive, entry(f"{inner}/0", tarfile.SYMTYPE, linkname=f"{sentinel}/file"))
        add(archive, entry(f"{inner}/" + "x" * 5000))
        for number in range(5):
            add(archive, entry(f"{inner}/plain {number}"))


def sparse(path, sentinel, folder):
    """One file of a TiB that holds nothing, and a small one."""
    (folder / "huge").touch()
    os.truncate(folder / "huge", 1 << 40)
    (folder / "small").write_bytes(b"small")
    run("tar", "-C", folder, "--sparse", "-cf", path, "huge", "small")
    assert sentinel.exists()


def million_empty(path):
    header = entry("srv/data/empty").tobuf(tarfile.USTAR_FORMAT)
    small = entry("srv/data/small", size=5).tobuf(tarfile.USTAR_FORMAT) + b"small".ljust(512, b"\0")
    with gzip.open(path, "wb", compresslevel=1) as packed:
        for _ in range(1000):
            packed.write(header * 1000)
        packed.write(small + bytes(1024))


def bomb(path, size):
    """A file of zeros, a thousand times as large as its archive."""
    header = entry("srv/data/zeros", size=size).tobuf(tarfile.GNU_FORMAT)
    with open(path, "wb") as out:
        packer = subprocess.Popen(["zstd", "-q", "-1", "-c"], stdin=subprocess.PIPE, stdout=out)
        packer.stdin.write(header)
        chunk = bytes(1 << 20)
        for _ in range(size >> 20):
            packer.stdin.write(chunk)
        packer.stdin.write(bytes(1024))
        packer.stdin.close()
        assert packer.wait() == 0
