"""The parts of models/build.py: fetch, convert, try, measure, describe."""
