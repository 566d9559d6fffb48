"""The identity of the template rules. A profile made under other rules is not compared."""

TEMPLATE_VERSION = 1
RULES = ("canonical", "written")
