"""Reaches one network camera and hands its pictures on, unopened, to the vision process, which has no network.

One process for one connection, started by the courier. It is dialled before anything is read, and from then on the
process has that connection and two pipes, and can open nothing else. It decodes nothing: no OpenCV, no NumPy.
"""
