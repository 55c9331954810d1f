"""What `semcam replay --explain` and `--report` do after the sentences: look again, and say why."""

from pathlib import Path

from rich.progress import Progress

from semcam.cli.bar import counting
from semcam.contract.config import Config
from semcam.workbench.cache import default_folder
from semcam.workbench.judged import Looking, Shown, judge_clips
from semcam.workbench.replay import Playing
from semcam.workbench.report import replay_report, write_report


def look_again(
    clips: tuple[Path, ...],
    playing: Playing,
    config: Config,
    camera: str,
    bar: Progress,
    *,
    explain: bool,
    report: Path | None,
) -> None:
    """Look at the clips as they were played, print the reasons, and write the page.

    Raises:
        ConfigError: the page cannot be written.
    """
    shown = [Shown(clip, playing.hold_last_s) for clip in clips]
    looking = Looking(cache=default_folder(), trail=report is not None, start=playing.start)
    judged = judge_clips(shown, config, camera, looking, counting(bar, "looking again"))
    for each in judged if explain else ():
        bar.console.print(f"{each.clip}: why", *each.reasons, sep="\n  ", soft_wrap=True)
    if report:
        write_report(report, replay_report(shown, judged, config, camera))
