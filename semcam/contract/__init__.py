"""What both sides of the wall agree on: configuration, signals, events, errors. Text and numbers only."""
