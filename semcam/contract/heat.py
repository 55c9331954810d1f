"""The one thing a vision process at work is told: whether the board is too hot. By signals, which carry no data."""

import signal

HOT, COOL = signal.SIGUSR1, signal.SIGUSR2
"""To be sent to a process that has said `Ready`; one that is not there yet would end."""
