"""The nightly job's configuration: a YAML file, checked whole; every fault names its file, line and key.

    config = read_config("conf/nightly.yaml")
    config.source.name, config.digest()

The comments of conf/nightly.yaml explain the keys.
"""

from sqlalign.config.model import FiltersSection, NightlyConfig, SourceSection, StoreSection
from sqlalign.config.reading import parse_config, read_config

__all__ = ["FiltersSection", "NightlyConfig", "SourceSection", "StoreSection", "parse_config", "read_config"]
