"""`sqlalign align` for spark-submit, with the same options:

spark-submit jobs/align.py --target ours --engine spark --store /mnt/store
"""

import sys

from sqlalign.cli import main

if __name__ == "__main__":
    main(["align", *sys.argv[1:]])
