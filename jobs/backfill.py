"""`sqlalign backfill` for spark-submit, with the same options:

spark-submit jobs/backfill.py --config conf/nightly.yaml --from 2025-03-03 --to 2025-03-09
"""

import sys

from sqlalign.cli import main

if __name__ == "__main__":
    main(["backfill", *sys.argv[1:]])
