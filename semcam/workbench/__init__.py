"""For people who make and prove use cases."""
