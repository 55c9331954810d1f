"""Ways out by files: new ones, old ones, and what the system says about them."""

import ctypes
import errno
import os
from contextlib import suppress
from pathlib import Path

from semcam.contract.errors import FaultCode
from semcam.vision.confine.attacks.attack import AT_FDCWD, MESSAGE, NAME, PAGE, Target, attack
from semcam.vision.confine.kernel import call


def _create(folder: str) -> None:
    path = Path(folder, f"{NAME}-{os.getpid()}")
    fd = call("openat", AT_FDCWD, bytes(path), os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    path.unlink()
    os.close(fd)


def _restore(target: Target) -> None:
    with suppress(OSError):  # what was lost is lost
        target.kept.write_bytes(MESSAGE)


def _overwrite(fd: int) -> None:
    """The file as it was, once more: a byte of its own in place of the same byte."""
    try:
        if os.write(fd, MESSAGE[:1]) != 1:
            raise OSError(errno.EIO, "nothing was written")
    finally:
        os.close(fd)


@attack(FaultCode.TRIED_FILE, quick=True)
def create_in_tmp(_: Target) -> None:
    """Create a file in /tmp."""
    _create("/tmp")


@attack(FaultCode.TRIED_FILE, quick=True)
def create_in_shared_memory(_: Target) -> None:
    """Create a file in /dev/shm."""
    _create("/dev/shm")


@attack(FaultCode.TRIED_FILE)
def create_in_var_tmp(_: Target) -> None:
    """Create a file in /var/tmp."""
    _create("/var/tmp")


@attack(FaultCode.TRIED_FILE)
def create_at_home(_: Target) -> None:
    """Create a file in the home folder."""
    _create(os.environ.get("HOME", "/"))


@attack(FaultCode.TRIED_FILE)
def create_here(_: Target) -> None:
    """Create a file in the working folder."""
    _create(".")


@attack(FaultCode.TRIED_FILE)
def create_in_folder(target: Target) -> None:
    """Create a file in a folder of the user's own."""
    _create(str(target.folder))


@attack(FaultCode.TRIED_FILE)
def create_by_openat2(target: Target) -> None:
    """Create a file by the newest call that can."""
    how = (ctypes.c_uint64 * 3)(os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600, 0)
    path = target.folder / NAME
    fd = call("openat2", AT_FDCWD, bytes(path), ctypes.byref(how), ctypes.sizeof(how))
    path.unlink()
    os.close(fd)


@attack(FaultCode.TRIED_FILE)
def create_by_open(target: Target) -> None:
    """Create a file by the oldest."""
    path = target.folder / NAME
    fd = call("open", bytes(path), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    path.unlink()
    os.close(fd)


@attack(FaultCode.TRIED_FILE)
def create_by_creat(target: Target) -> None:
    """Create a file by a call that can do nothing else."""
    path = target.folder / NAME
    fd = call("creat", bytes(path), 0o600)
    path.unlink()
    os.close(fd)


@attack(FaultCode.TRIED_FILE)
def create_without_name(target: Target) -> None:
    """Create a file that has no name."""
    os.close(call("openat", AT_FDCWD, bytes(target.folder), os.O_TMPFILE | os.O_RDWR, 0o600))


@attack(FaultCode.TRIED_FILE)
def overwrite_in_place(target: Target) -> None:
    """Overwrite a file of the user's own, byte for byte."""
    _overwrite(call("openat", AT_FDCWD, bytes(target.kept), os.O_WRONLY, 0))


@attack(FaultCode.TRIED_FILE)
def overwrite_by_mapping(target: Target) -> None:
    """Overwrite a file through memory that is shared with it."""
    fd = call("openat", AT_FDCWD, bytes(target.kept), os.O_RDWR, 0)
    try:
        address = call("mmap", 0, PAGE, 3, 1, fd, 0)  # to read and write, shared
        ctypes.memmove(address, MESSAGE, 1)
        call("munmap", address, PAGE)
    finally:
        os.close(fd)


@attack(FaultCode.TRIED_FILE)
def append(target: Target) -> None:
    """Append to a file."""
    fd = call("openat", AT_FDCWD, bytes(target.kept), os.O_WRONLY | os.O_APPEND, 0)
    _overwrite(fd)
    _restore(target)


@attack(FaultCode.TRIED_FILE)
def truncate_while_opening(target: Target) -> None:
    """Empty a file by opening it, though only to read."""
    os.close(call("openat", AT_FDCWD, bytes(target.kept), os.O_RDONLY | os.O_TRUNC, 0))
    _restore(target)


@attack(FaultCode.TRIED_FILE)
def truncate_by_name(target: Target) -> None:
    """Cut a file."""
    call("truncate", bytes(target.kept), len(MESSAGE))


@attack(FaultCode.TRIED_FILE)
def make_folder(target: Target) -> None:
    """Make a folder."""
    path = target.folder / NAME
    call("mkdirat", AT_FDCWD, bytes(path), 0o700)
    path.rmdir()


@attack(FaultCode.TRIED_FILE)
def make_pipe(target: Target) -> None:
    """Make a named pipe."""
    path = target.folder / NAME
    call("mknodat", AT_FDCWD, bytes(path), 0o010600, 0)
    path.unlink()


@attack(FaultCode.TRIED_FILE)
def rename(target: Target) -> None:
    """Rename a file."""
    path = target.folder / NAME
    call("renameat2", AT_FDCWD, bytes(target.kept), AT_FDCWD, bytes(path), 0)
    path.rename(target.kept)


@attack(FaultCode.TRIED_FILE)
def link(target: Target) -> None:
    """Give a file a second name."""
    path = target.folder / NAME
    call("linkat", AT_FDCWD, bytes(target.kept), AT_FDCWD, bytes(path), 0)
    path.unlink()


@attack(FaultCode.TRIED_FILE)
def link_to_words(target: Target) -> None:
    """Make a symbolic link whose target is the message."""
    path = target.folder / NAME
    call("symlinkat", MESSAGE, AT_FDCWD, bytes(path))
    path.unlink()


@attack(FaultCode.TRIED_FILE)
def remove(target: Target) -> None:
    """Remove a file."""
    call("unlinkat", AT_FDCWD, bytes(target.kept), 0)
    _restore(target)


@attack(FaultCode.TRIED_FILE)
def change_mode(target: Target) -> None:
    """Change a file's mode."""
    call("fchmodat", AT_FDCWD, bytes(target.kept), 0o640)


@attack(FaultCode.TRIED_FILE)
def change_mode_of_what_is_read(target: Target) -> None:
    """Change the mode of a file that is open for reading."""
    call("fchmod", target.reading, 0o604)


@attack(FaultCode.TRIED_FILE)
def change_owner(target: Target) -> None:
    """Change a file's owner."""
    call("fchownat", AT_FDCWD, bytes(target.kept), os.getuid(), os.getgid(), 0)


@attack(FaultCode.TRIED_FILE)
def change_times(target: Target) -> None:
    """Change a file's times."""
    call("utimensat", AT_FDCWD, bytes(target.kept), None, 0)


@attack(FaultCode.TRIED_FILE)
def change_times_of_what_is_read(target: Target) -> None:
    """Change the times of a file that is open for reading."""
    call("utimensat", target.reading, None, None, 0)


@attack(FaultCode.TRIED_FILE)
def mark(target: Target) -> None:
    """Write an extended attribute."""
    call("setxattr", bytes(target.kept), b"user.semcam", MESSAGE, len(MESSAGE), 0)


@attack(FaultCode.TRIED_FILE)
def mark_what_is_read(target: Target) -> None:
    """Write an extended attribute to a file that is open for reading: Landlock does not stand in its way."""
    call("fsetxattr", target.reading, b"user.semcam", MESSAGE, len(MESSAGE), 0)


@attack(FaultCode.TRIED_FILE)
def flag_what_is_read(target: Target) -> None:
    """Set the flags of a file that is open for reading."""
    flags = ctypes.c_long()
    call("ioctl", target.reading, 0x80086601, ctypes.byref(flags))  # FS_IOC_GETFLAGS
    call("ioctl", target.reading, 0x40086602, ctypes.byref(flags))  # FS_IOC_SETFLAGS


@attack(FaultCode.TRIED_FILE)
def lock_what_is_read(target: Target) -> None:
    """Lock a file that is open for reading: others can see it."""
    call("flock", target.reading, 2)


@attack(FaultCode.TRIED_FILE, quick=True)
def memory_file(_: Target) -> None:
    """Create a file in memory."""
    os.close(call("memfd_create", NAME.encode(), 0))


@attack(FaultCode.TRIED_FILE)
def secret_memory(_: Target) -> None:
    """Create memory that even the kernel cannot read."""
    os.close(call("memfd_secret", 0))


@attack(FaultCode.TRIED_FILE)
def file_by_handle(target: Target) -> None:
    """Open a file for writing without saying its name."""
    handle = (ctypes.c_uint32 * 34)(128)
    mount = ctypes.c_int()
    path = bytes(target.kept)
    call("name_to_handle_at", AT_FDCWD, path, ctypes.byref(handle), ctypes.byref(mount), 0)
    os.close(call("open_by_handle_at", AT_FDCWD, ctypes.byref(handle), os.O_WRONLY))


@attack(FaultCode.TRIED_FILE)
def own_memory_as_file(_: Target) -> None:
    """Open this process's memory as a file."""
    os.close(call("openat", AT_FDCWD, b"/proc/self/mem", os.O_RDWR, 0))


@attack(FaultCode.TRIED_FILE)
def own_name_as_message(_: Target) -> None:
    """Change the name of this process, which everybody can read."""
    name = ctypes.create_string_buffer(16)
    call("prctl", 16, ctypes.byref(name), 0, 0, 0)  # PR_GETNAME
    call("prctl", 15, ctypes.byref(name), 0, 0, 0)  # PR_SETNAME


@attack(FaultCode.TRIED_FILE, quick=True)
def read_another_file(_: Target) -> None:
    """Read a file that is none of its business."""
    os.close(call("openat", AT_FDCWD, b"/etc/passwd", os.O_RDONLY, 0))


@attack(FaultCode.TRIED_FILE)
def one_more_descriptor(_: Target) -> None:
    """Have one more descriptor."""
    os.close(call("dup", 2))


@attack(FaultCode.TRIED_FILE)
def lift_the_limit_of_files(_: Target) -> None:
    """Lift the limit on the size of files."""
    _lift(1)  # RLIMIT_FSIZE


@attack(FaultCode.TRIED_FILE)
def lift_the_limit_of_core_files(_: Target) -> None:
    """Lift the limit on core files."""
    _lift(4)  # RLIMIT_CORE


def _lift(resource: int) -> None:
    before = (ctypes.c_uint64 * 2)()
    call("prlimit64", 0, resource, None, ctypes.byref(before))
    wanted = (ctypes.c_uint64 * 2)(max(before[1], 1 << 20), max(before[1], 1 << 20))
    call("prlimit64", 0, resource, ctypes.byref(wanted), None)
    call("prlimit64", 0, resource, ctypes.byref(before), None)
