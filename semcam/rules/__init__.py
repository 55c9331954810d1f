"""Tracks → signals. One rule, one file; no pixels, no clock, no chance."""
