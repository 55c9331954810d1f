"""python -m semcam.relay < job.json: started by the courier."""

import sys

from semcam.relay.start import main

sys.exit(main())
