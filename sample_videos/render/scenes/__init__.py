"""One file per clip: the story, the room and the labels as data."""
