"""From pixels to numbers: pose, objects, and whether the view is any good."""
