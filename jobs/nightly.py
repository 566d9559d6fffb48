"""`sqlalign nightly` for spark-submit, with the same options:

spark-submit jobs/nightly.py --config conf/nightly.yaml --day 2025-03-09
"""

import sys

from sqlalign.cli import main

if __name__ == "__main__":
    main(["nightly", *sys.argv[1:]])
