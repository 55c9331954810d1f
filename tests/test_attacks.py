"""Every attack goes through where nothing holds, and none where everything does; so no refusal is hollow."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from semcam.vision.confine.attacks import ATTACKS, QUICK
from semcam.vision.confine.calls import FORBIDDEN
from semcam.vision.confine.confinement import Layer
from tests.conftest import ROOT
from tests.ordinary import again

EVERYTHING = frozenset(Layer)

NOT_EVERYWHERE = {
    "call_by_another_name",  # few kernels have x32 calls
    "cipher_socket",  # a module of the kernel
    "machine_socket",
    "secret_memory",  # switched off before Linux 6.5
    "calls_by_ring",  # some systems switch io_uring off
    "faults_of_pages",
    "performance_counter",
    "create_by_open",  # calls of x86-64 alone
    "create_by_creat",
    "second_process_by_fork",
    "flag_what_is_read",  # some file systems have no flags or attributes
    "mark",
    "mark_what_is_read",
    "create_without_name",
    "file_by_handle",
    "new_namespace",  # some systems keep user namespaces for root
    "trace_the_parent",  # Yama lets only parents trace
    "read_the_parents_memory",
    "write_the_parents_memory",
    "open_the_parents_memory",
    "take_a_descriptor_of_the_parent",
    "posix_message_queue",
    "keyring",
    "key_in_the_kernel",
    "internet_6_stream",
}
"""What a kernel or system may be without."""
ROOTS = {
    "create_at_home",
    "create_here",
    "internet_raw",
    "packet_socket",
    "mount",
    "another_namespace",
    "another_root",
    "program_in_the_kernel",
    "log_of_the_kernel",
    "name_of_the_machine",
    "watch_all_files",
    "regain_capabilities",
}
"""What root alone may do, or who may write to these folders."""

WHILE_LOADING = {
    "read_another_file",
    "one_more_descriptor",
    "code_of_its_own",
    "lock_what_is_read",
    "own_name_as_message",
}
"""What libraries need while they are loaded: to open files and name their threads. None of it writes."""


@dataclass(frozen=True)
class Result:
    """How a process fared that attacked itself."""

    went_through: frozenset[str]
    layers: dict[str, str]


def attack(folder: Path, stage: str, layers: frozenset[Layer] = EVERYTHING) -> Result:
    command = [sys.executable, "-m", "tests.attacked", str(folder), stage, *sorted(layer.value for layer in layers)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    told = json.loads(done.stdout)
    assert set(told["went_through"]) == {each.name for each in ATTACKS}
    return Result(frozenset(name for name, through in told["went_through"].items() if through), told["layers"])


def test_every_attack_goes_through_where_nothing_holds(tmp_path: Path) -> None:
    needed = {each.name for each in ATTACKS} - NOT_EVERYWHERE
    if os.getuid() != 0:
        needed -= ROOTS
    assert attack(tmp_path, "free").went_through >= needed


def test_none_goes_through_where_everything_holds(tmp_path: Path) -> None:
    result = attack(tmp_path, "looking")
    assert result.went_through == frozenset()
    assert result.layers["attacks"] == "holds"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_none_goes_through_without_landlock(tmp_path: Path) -> None:
    """As on the kernels of the Raspberry Pi and the Jetson."""
    result = attack(tmp_path, "looking", EVERYTHING - {Layer.LANDLOCK})
    assert result.went_through == frozenset()
    assert (result.layers["landlock"], result.layers["seccomp"]) == ("absent", "holds")


@pytest.mark.parametrize("without", [frozenset(), frozenset({Layer.LANDLOCK})], ids=["all", "without landlock"])
def test_while_libraries_are_loaded_nothing_gets_out_either(tmp_path: Path, without: frozenset[Layer]) -> None:
    assert attack(tmp_path, "loading", EVERYTHING - without).went_through <= WHILE_LOADING


ALONE = {
    Layer.LIMITS: {"overwrite_in_place", "append", "lift_the_limit_of_files", "memory_file", "internet_stream"},
    Layer.NAMESPACE: {"connect_to_this_machine", "send_to_this_machine"},
    Layer.SECCOMP: {each.name for each in ATTACKS},
    Layer.LANDLOCK: {"create_in_tmp", "overwrite_by_mapping", "run_a_program", "rename", "trace_the_parent"},
}
"""What each layer is good for by itself; what it lets through is the reason for the others."""


@pytest.mark.parametrize("layer", ALONE, ids=lambda layer: layer.value)
def test_each_layer_by_itself_refuses_what_it_is_there_for(tmp_path: Path, layer: Layer) -> None:
    result = attack(tmp_path, "looking", frozenset({layer}))
    if result.layers[layer.value] == "absent":
        pytest.skip(f"this machine has no {layer.value}")
    assert result.layers[layer.value] == "holds"
    assert not result.went_through & ALONE[layer]
    free = attack(tmp_path, "free").went_through
    if layer is not Layer.SECCOMP:
        assert result.went_through & free  # it is not enough


def test_where_nothing_filters_calls_an_attack_goes_through_and_that_is_said(tmp_path: Path) -> None:
    """The report does not trust the layers: it is made by attacking."""
    done = subprocess.run(
        [sys.executable, "-c", QUICKLY, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    layers = json.loads(done.stdout)
    assert layers["seccomp"] == "absent"
    assert layers["attacks"] == "failed"


QUICKLY = """
import sys
from semcam.vision.confine.confinement import Confinement, Layer, Plan
confinement = Confinement(Plan(layers=frozenset(Layer) - {Layer.SECCOMP}))
confinement.before_libraries((), None)
confinement.before_frames(1, lambda: None)
print(confinement.layers.model_dump_json())
"""


def test_what_is_tried_at_every_start_is_quick_and_of_every_family() -> None:
    assert {each.family for each in QUICK} == set(FORBIDDEN)
    assert 8 <= len(QUICK) <= 16


def test_every_attack_has_a_name_of_its_own_and_says_what_it_is() -> None:
    assert len({each.name for each in ATTACKS}) == len({each.what for each in ATTACKS}) == len(ATTACKS)
    assert all(each.what.endswith(".") and "\n" not in each.what for each in ATTACKS)
    assert len(ATTACKS) > 80


@pytest.mark.timeout(900)
def test_all_of_this_holds_for_an_ordinary_user() -> None:
    second = again("tests/test_attacks.py")
    assert second.passed, second.printed
    assert second.left_behind == []
