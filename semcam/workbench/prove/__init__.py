"""`semcam prove`: the real path on a marked clip, attacked from inside, watched from outside, searched for the mark."""
