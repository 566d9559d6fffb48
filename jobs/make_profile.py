"""`sqlalign profile` for spark-submit, with the same options:

    spark-submit jobs/make_profile.py catalog:logs.queries --name ours --kind log --dialect snowflake --store /mnt/store

Not called profile.py: Python puts a script's folder first, and pyspark would import it in the standard library's place.
"""

import sys

from sqlalign.cli import main

if __name__ == "__main__":
    main(["profile", *sys.argv[1:]])
