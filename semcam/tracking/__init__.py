"""From what was seen in each frame to who is there over time. Numbers only: no pixel, no clock, no chance."""
