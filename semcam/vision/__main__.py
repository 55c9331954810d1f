"""python -m semcam.vision: the vision process."""

import sys

from semcam.vision.start import main

if __name__ == "__main__":
    sys.exit(main())
