from setuptools import find_packages, setup

setup(
    package_dir={"": "lib"},
    packages=find_packages("lib"),
    package_data={
        "sqlalign": ["box/*.parquet", "spark_conf/*", "py.typed"],
        "sqlalign.report": ["*.html", "*.html.j2"],
    },
)
