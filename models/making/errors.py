"""The one error this folder raises on purpose."""


class BuildError(RuntimeError):
    """The models cannot be built or do not agree; the message is one sentence and says what to do."""
