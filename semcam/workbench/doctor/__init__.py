"""`semcam doctor`: what works on this machine, and the one thing to do where something does not."""
