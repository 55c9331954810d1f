"""For whoever builds on semcam's events: in order, each once, with gaps asked for. Text only; needs no model."""

from semcam.client.subscriber import Subscriber, Told
from semcam.contract.event import Event

__all__ = ["Event", "Subscriber", "Told"]
