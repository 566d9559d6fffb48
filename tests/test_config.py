"""A configuration with faults names all of them, each with its line and key."""

from pathlib import Path

import pytest
import yaml

from sqlalign.config import NightlyConfig, parse_config, read_config
from sqlalign.errors import ConfigError

CONF = Path(__file__).parents[1] / "conf" / "nightly.yaml"
SMALL = "store: {path: s}\nsource: {name: dwh, input: log.parquet}\n"


def faults(text: str, **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parse_config(text, "n.yaml", environment)
    return str(raised.value).splitlines()


def test_the_shipped_file_is_valid_and_has_every_key() -> None:
    config = read_config(CONF, {})
    assert config.store.path == "store"
    assert [filter.excluded_as for filter in config.filters.filters()][-1] == "service_accounts"
    values = yaml.safe_load(CONF.read_text())
    assert values.keys() == NightlyConfig.model_fields.keys()
    for section in ("store", "source", "filters"):
        assert values[section].keys() == type(getattr(config, section)).model_fields.keys()


def test_every_key_of_the_shipped_file_is_commented() -> None:
    lines = CONF.read_text().splitlines()
    keys = [i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith(("#", "-"))]
    alone = [lines[i] for i in keys if not lines[i - 1].lstrip().startswith("#")]
    assert alone == ["  executions_column:"]  # one comment for it and the key above


def test_the_shipped_values_said_to_be_defaults_are() -> None:
    shipped, least = read_config(CONF, {}), parse_config(SMALL)
    own = {"store", "source", "filters", "training_sets"}
    assert shipped.model_dump(exclude=own) == least.model_dump(exclude=own)


def test_five_faults_at_once_each_with_its_line_and_key() -> None:
    text = """\
store:
  path: s
  fromat: delta
source:
  name: dwh
  dialect: snowflak
rules: canonicle
max_n: many
recompute_days: 40
"""
    assert faults(text) == [
        "n.yaml:3: store.fromat: unknown key 'fromat'. Did you mean 'format'? Known here: path, format",
        "n.yaml:4: source.input: the key is missing. Set it",
        *[line for line in faults(text) if line.startswith("n.yaml:6: source.dialect: Unknown dialect 'snowflak'.")],
        "n.yaml:7: rules: input should be 'canonical' or 'written', not 'canonicle'. Did you mean 'canonical'?",
        "n.yaml:8: max_n: input should be a valid integer, unable to parse string as an integer, not 'many'",
        "n.yaml:9: recompute_days: 40 days are more than target_window_days (28). Recompute at most those",
    ]
    assert len(faults(text)) == 6


@pytest.mark.parametrize(
    ("addition", "fault"),
    [
        ("max_n: 3\nrules: written\nmax_n: 4", "n.yaml:5: max_n: the key stands in line 3 already"),
        ("max_n: 0", "n.yaml:3: max_n: input should be greater than or equal to 1, not '0'"),
        ("segments: [rool]", "n.yaml:3: segments[0]: unknown segment 'rool'. Did you mean 'role'? Known are: "),
        ("segments: [role, role]", "n.yaml:3: segments: 'role' is named twice"),
        ("training_sets:\n- ok\n- a/b", "n.yaml:5: training_sets[1]: Profile name 'a/b' is not made of"),
        ("filters:\n  only:\n  - dbd", "n.yaml:5: filters.only[0]: unknown filter 'dbd'. Did you mean 'dbt'?"),
        ("filters: {only: [{name: a, column: usr, matches: [x]}]}", "n.yaml:3: filters.only[0]: Filter 'a': unknown c"),
        (
            "filters:\n  only:\n  - name: a\n    columns: user",
            "n.yaml:6: filters.only[0].columns: unknown key 'columns'",
        ),
        ("delta: 1", "n.yaml:3: delta: input should be less than 1"),
        ("baselines:", "n.yaml:3: baselines: input should be a valid tuple, not empty"),
        ("? [a, b]\n: 1", "n.yaml:3: a key is no plain text"),
        ("store:", "n.yaml:3: store: the key stands in line 1 already"),
        ("max_n: [1", "n.yaml:3: no YAML: expected ',' or ']'"),
        ("rules: &a [*a]", "n.yaml:3: rules[0]: the alias stands within its own anchor"),
        ("day: 2026-13-45", "n.yaml:3: day: '2026-13-45' cannot be read: month must be in 1..12"),
        ("spark_conf: {key: {a: geheim}}", "n.yaml:3: spark_conf.key: input should be a valid string"),
    ],
)
def test_one_fault(addition: str, fault: str) -> None:
    found = faults(SMALL + addition)
    assert any(line.startswith(fault) for line in found), found
    assert "geheim" not in "".join(found)


@pytest.mark.parametrize("text", ["", "# nothing", "- a", "text"])
def test_a_file_without_keys(text: str) -> None:
    assert faults(text) == ["n.yaml:1: the file has no keys. Set at least store and source"]


def test_a_time_zone_and_a_layout_that_are_none() -> None:
    lines = faults("store: {path: s}\nsource:\n  name: d\n  input: i\n  time_zone: Berlin\n  layout: snowflaek")
    assert lines[0].startswith("n.yaml:5: source.time_zone: unknown time zone 'Berlin'")
    assert lines[1].startswith("n.yaml:6: source.layout: Unknown layout 'snowflaek'. Did you mean 'snowflake'?")


def test_environment_variables_and_their_defaults() -> None:
    text = (
        "store: {path: '${A}/${B:-b}$${C}'}\nsource: {name: dwh, input: '${D:-}x', layout: '${D:-}'}\nmax_n: ${N:-7}\n"
    )
    config = parse_config(text, environment={"A": "a", "N": "9"})
    assert (config.store.path, config.source.input, config.source.layout, config.max_n) == ("a/b${C}", "x", None, 9)
    assert parse_config(text, environment={"A": "a"}).max_n == 7
    assert faults("store:\n  path: ${NIX}\n" + SMALL.splitlines()[1]) == [
        "n.yaml:2: store.path: the environment variable 'NIX' is not set. Set it, or write ${NIX:-default}"
    ]
    assert faults(SMALL + "rules: ${9}")[0].startswith("n.yaml:3: rules: '${' is no variable")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'.*nix.yaml' cannot be read: No such file"):
        read_config(tmp_path / "nix.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        read_config(tmp_path / "bytes.yaml")


def test_the_digest_is_of_what_is_in_force_and_holds_no_secret() -> None:
    config = parse_config(SMALL)
    assert config.digest() == parse_config(SMALL + "max_n: 15\n# a comment").digest()
    assert config.digest() != parse_config(SMALL + "max_n: 14").digest()
    secret = "spark_conf: {fs.s3a.secret.key: '${KEY}'}"
    one, two = (parse_config(SMALL + secret, environment={"KEY": key}) for key in ("geheim", "secret"))
    assert one.digest() == two.digest() != config.digest()
    assert "geheim" not in repr(one) + str(one.effective())
    assert one.spark_settings() == {"fs.s3a.secret.key": "geheim"}
