"""`sqlalign profile` for spark-submit, with the same options:

spark-submit jobs/profile.py catalog:logs.queries --name ours --kind log --dialect snowflake --store /mnt/store
"""

import sys

from sqlalign.cli import main

if __name__ == "__main__":
    main(["profile", *sys.argv[1:]])
