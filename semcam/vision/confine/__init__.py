"""Gives up everything that the vision process does not need: network, files, programs, other processes.

One file per layer; the standard library and ctypes only, so that it can be read in an hour and used before anything
else is imported.
"""
