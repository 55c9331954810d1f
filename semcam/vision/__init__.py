"""The only room that touches pixels. Frames come in; signals leave, one line each."""
